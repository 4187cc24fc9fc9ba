//! The parts of the Rust toolchain: the target of the page, rustfmt and clippy.

use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::process::{cargo, on_path, output, run, say, version};

const WASM: &str = "wasm32-unknown-unknown";

/// Makes sure that the page can be compiled.
pub(crate) fn wasm_target() -> Result<()> {
    let sysroot =
        output(Command::new("rustc").args(["--print", "sysroot"])).context("Rust is not installed")?;
    let library = format!("{}/lib/rustlib/{WASM}", sysroot.trim());
    if std::path::Path::new(&library).is_dir() {
        return Ok(());
    }
    if !on_path("rustup") {
        bail!(
            "the Rust target {WASM} is missing and there is no rustup to add it; install it the way Rust was installed"
        );
    }
    say(&format!("installing the Rust target {WASM} (rustup)"));
    run(Command::new("rustup").args(["target", "add", WASM]))
}

/// Makes sure that `cargo fmt` and `cargo clippy` work.
pub(crate) fn components() -> Result<()> {
    for (subcommand, component) in [("fmt", "rustfmt"), ("clippy", "clippy")] {
        let there = cargo()
            .args([subcommand, "--version"])
            .output()
            .is_ok_and(|output| output.status.success());
        if !there {
            say(&format!("installing {component} (rustup)"));
            run(Command::new("rustup").args(["component", "add", component]))?;
        }
    }
    if version("rustc").is_none() {
        bail!("Rust is not installed");
    }
    Ok(())
}
