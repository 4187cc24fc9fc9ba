//! `cargo xtask build`: the release binary with the page embedded. Also the builds of the server for other commands.

use std::env::consts::EXE_SUFFIX;
use std::path::PathBuf;

use anyhow::Result;

use crate::process::{cargo, run, say};
use crate::{page, workspace};

/// Builds the page and the release server around it: the server's build script takes the page from `dist/`.
pub(crate) fn release() -> Result<()> {
    page::release()?;
    say("building the server for release");
    run(cargo().args(["build", "--locked", "--release", "--package", "muster"]))?;
    say(&format!("done: {}", server("release").display()));
    Ok(())
}

/// Builds the server quickly. It holds the page that is in `dist/`, if there is one.
pub(crate) fn development() -> Result<PathBuf> {
    say("building the server");
    run(cargo().args(["build", "--locked", "--package", "muster"]))?;
    Ok(server("debug"))
}

fn server(profile: &str) -> PathBuf {
    workspace::target()
        .join(profile)
        .join(format!("muster{EXE_SUFFIX}"))
}
