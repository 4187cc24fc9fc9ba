//! What comes from npm: wasm-opt for the release page, Playwright and axe for the browser tests.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{fs, time::SystemTime};

use anyhow::{Context, Result, bail};

use crate::process::{command, run, say, version};
use crate::workspace;

const OLDEST_NODE: u32 = 20;

/// Where `wasm-opt` is once [`wasm_opt`] has run.
pub(crate) fn wasm_opt_bin() -> PathBuf {
    workspace::root().join("xtask/wasm-opt/node_modules/.bin")
}

/// Makes sure that `wasm-opt` is there (npm `binaryen`; what distributions ship is too old for today's LLVM).
pub(crate) fn wasm_opt() -> Result<()> {
    packages(
        &workspace::root().join("xtask/wasm-opt"),
        "wasm-opt (npm binaryen, about 100 MB)",
    )
}

/// Makes sure that the browser tests have their packages.
pub(crate) fn browser_tests() -> Result<()> {
    packages(
        &workspace::root().join("e2e"),
        "the packages of the browser tests (npm)",
    )
}

/// `npm ci` in a folder, unless what is installed is as new as the lock file.
fn packages(folder: &Path, what: &str) -> Result<()> {
    let installed = modified(&folder.join("node_modules/.package-lock.json"));
    let locked = modified(&folder.join("package-lock.json"));
    if installed.is_some() && installed >= locked {
        return Ok(());
    }
    node()?;
    say(&format!("installing {what}"));
    let mut npm = command("npm");
    npm.args(["ci", "--no-audit", "--no-fund", "--loglevel=error"])
        .current_dir(folder);
    // The browser is the system's Chromium; Playwright has none to download.
    npm.env("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1");
    run(&mut npm)
}

fn modified(file: &Path) -> Option<SystemTime> {
    fs::metadata(file).and_then(|metadata| metadata.modified()).ok()
}

/// Checks that Node is there and new enough.
fn node() -> Result<()> {
    let found =
        version("node").context("Node is not installed; Muster's build needs Node 20 or newer with npm")?;
    let major = found
        .trim_start_matches('v')
        .split('.')
        .next()
        .and_then(|major| major.parse::<u32>().ok());
    if major.is_none_or(|major| major < OLDEST_NODE) {
        bail!("Node {found} is too old; Muster's build needs Node {OLDEST_NODE} or newer");
    }
    let npm = Command::new("npm")
        .arg("--version")
        .output()
        .is_ok_and(|output| output.status.success());
    if !npm {
        bail!("npm is not installed; it comes with Node");
    }
    Ok(())
}
