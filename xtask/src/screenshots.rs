//! `cargo xtask screenshots`: the pictures in the documentation, taken of the real page with simulated devices on it.

use anyhow::Result;

use crate::process::{run, say};
use crate::test::browser;
use crate::workspace;

/// Takes every picture anew.
pub(crate) fn take() -> Result<()> {
    let mut pictures = browser::playwright()?;
    pictures.args(["test", "--config", "screenshots.config.ts"]);
    run(&mut pictures)?;
    say(&format!(
        "done: {}",
        workspace::root().join("docs/screenshots").display()
    ));
    Ok(())
}
