//! Trunk, wasm-bindgen and wasm-split, which turn the frontend crate into a page. Built from source into the cache of tools, so that
//! Trunk itself has nothing to download.

use std::fs;
use std::process::Command;

use anyhow::{Context, Result};

use crate::process::{cargo, run, say, version};
use crate::workspace;

const TRUNK: &str = "0.21.14";
const WASM_SPLIT: &str = "0.2.4";
/// What the installed wasm-split is written down in: it does not tell its version.
const WASM_SPLIT_MARK: &str = "wasm-split-version";

/// Makes sure that the tools which build the page are in the cache.
pub(crate) fn page_tools() -> Result<()> {
    let bin = workspace::tools()?.join("bin");
    if version(bin.join("trunk")).is_none_or(|found| found != format!("trunk {TRUNK}")) {
        say(&format!(
            "installing trunk {TRUNK} from source (about 2 minutes, once)"
        ));
        let features = ["--no-default-features", "--features", "rustls"];
        run(install("trunk", TRUNK)?.arg("--locked").args(features))?;
    }

    // Trunk takes exactly the version of the wasm-bindgen crate, so the lock file is what decides.
    let wanted = locked_version("wasm-bindgen")?;
    if version(bin.join("wasm-bindgen")).is_none_or(|found| found != format!("wasm-bindgen {wanted}")) {
        say(&format!(
            "installing wasm-bindgen-cli {wanted} from source (about a minute, once)"
        ));
        run(&mut install("wasm-bindgen-cli", &wanted)?)?;
    }
    Ok(())
}

/// Makes sure that the tool which cuts the release page into modules is in the cache.
pub(crate) fn wasm_split() -> Result<()> {
    let tools = workspace::tools()?;
    let mark = tools.join(WASM_SPLIT_MARK);
    let installed = fs::read_to_string(&mark).is_ok_and(|found| found.trim() == WASM_SPLIT);
    if installed && tools.join("bin/wasm-split-cli").exists() {
        return Ok(());
    }
    say(&format!(
        "installing wasm-split {WASM_SPLIT} from source (about a minute, once)"
    ));
    let features = ["--locked", "--features", "build-binary"];
    run(install("wasm_split_cli_support", WASM_SPLIT)?.args(features))?;
    fs::write(&mark, WASM_SPLIT).with_context(|| format!("cannot write {}", mark.display()))
}

/// A quick, unoptimised `cargo install` into the cache.
fn install(package: &str, version: &str) -> Result<Command> {
    let mut command = cargo();
    command
        .args(["install", "--debug", "--force", "--root"])
        .arg(workspace::tools()?);
    command.args([package, "--version", version]);
    command.env("CARGO_PROFILE_DEV_DEBUG", "0");
    // A target directory or compiler flags meant for Muster are not meant for its tools.
    command.env_remove("CARGO_TARGET_DIR").env_remove("RUSTFLAGS");
    Ok(command)
}

/// The version of a package in the workspace's lock file.
fn locked_version(package: &str) -> Result<String> {
    let lock = fs::read_to_string(workspace::root().join("Cargo.lock")).context("cannot read Cargo.lock")?;
    let name = format!("name = \"{package}\"");
    lock.lines()
        .skip_while(|line| *line != name)
        .nth(1)
        .and_then(|line| line.strip_prefix("version = \"")?.strip_suffix('"'))
        .map(str::to_owned)
        .with_context(|| format!("{package} is not in Cargo.lock"))
}
