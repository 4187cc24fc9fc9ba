//! Building the page with Trunk, which finds all its tools in place and downloads nothing.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::Result;

use crate::process::{command, run, say};
use crate::{setup, split, workspace};

/// What the compiler is told for the page's release, and what it gives (brotli): structs are moved by one instruction each, and
/// not a word at a time, 15 kB; what is computed on some ways to a place is not put on the others, 1.5 kB; only what gets
/// smaller by it is put in the place of its call, 1 kB; what is written in a loop, and ends of functions, stay where they are,
/// 0.5 kB. All are a little slower.
const SMALL: &str = "-Cllvm-args=-max-store-memcpy=1 -Cllvm-args=-max-store-memmove=1 -Cllvm-args=-enable-pre=false \
    -Cllvm-args=-inline-threshold=0 -Cllvm-args=-disable-licm-promotion -Cllvm-args=-disable-tail-duplicate";

/// Whether this run has built the page for release, so that no later step does it again.
static RELEASE_IS_FRESH: AtomicBool = AtomicBool::new(false);

/// Builds the page for release, optimised for size and cut into modules, into `dist/`; once a run.
pub(crate) fn release() -> Result<()> {
    if RELEASE_IS_FRESH.load(Ordering::Relaxed) {
        return Ok(());
    }
    setup::rust::wasm_target()?;
    setup::trunk::page_tools()?;
    setup::trunk::wasm_split()?;
    setup::node::wasm_opt()?;
    say("building the page for release");
    let dist = workspace::release_page();
    run(trunk(&dist)?
        .arg("--release")
        .env("MUSTER_SPLIT_PAGE", "1")
        .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS", SMALL))?;
    split::split(&dist)?;
    RELEASE_IS_FRESH.store(true, Ordering::Relaxed);
    Ok(())
}

/// Builds the page quickly, for a developer's own browser.
pub(crate) fn development() -> Result<()> {
    setup::rust::wasm_target()?;
    setup::trunk::page_tools()?;
    say("building the page");
    run(&mut trunk(&workspace::development_page())?)
}

/// The release page as the linker left it, before it is cut and made small.
pub(crate) fn linked() -> PathBuf {
    workspace::target().join("wasm32-unknown-unknown/wasm-release/frontend.wasm")
}

fn trunk(dist: &Path) -> Result<Command> {
    let mut trunk = command(workspace::tools()?.join("bin/trunk"));
    trunk.args(["build", "--locked", "--dist"]).arg(dist);
    trunk.env("PATH", setup::path_with_tools()?);
    trunk.env("TRUNK_SKIP_VERSION_CHECK", "true");
    // Trunk reads this as a flag of its own and wants `true` or `false` in it.
    trunk.env_remove("NO_COLOR");
    Ok(trunk)
}
