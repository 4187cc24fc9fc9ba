//! cargo-fuzz, which builds for libFuzzer and starts it.

use std::path::PathBuf;

use anyhow::Result;

use crate::process::{cargo, run, say, version};
use crate::workspace;

const CARGO_FUZZ: &str = "0.13.2";

/// The program, built from source into the cache of tools where it is not there yet.
pub(crate) fn cargo_fuzz() -> Result<PathBuf> {
    let program = workspace::tools()?.join("bin/cargo-fuzz");
    if version(&program).is_none_or(|found| found != format!("cargo-fuzz {CARGO_FUZZ}")) {
        say(&format!(
            "installing cargo-fuzz {CARGO_FUZZ} from source (about a minute, once)"
        ));
        let mut install = cargo();
        install
            .args(["install", "--debug", "--force", "--locked", "--root"])
            .arg(workspace::tools()?)
            .args(["cargo-fuzz", "--version", CARGO_FUZZ])
            .env("CARGO_PROFILE_DEV_DEBUG", "0")
            .env_remove("CARGO_TARGET_DIR")
            .env_remove("RUSTFLAGS");
        run(&mut install)?;
    }
    Ok(program)
}
