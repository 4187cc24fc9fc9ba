//! The tests of the page's components, which need a browser and no server.

use anyhow::{Context, Result};

use super::report::{Counts, Outcome};
use super::rust::counted;
use crate::process::cargo;
use crate::setup;
use crate::setup::apt::{CHROMEDRIVER, CHROMIUM, Tool};

/// What these tests use and the system's package manager brings.
pub(super) const SYSTEM_TOOLS: [Tool; 2] = [CHROMIUM, CHROMEDRIVER];

/// Runs them all in one page. wasm-bindgen's runner, which cargo is told of in `.cargo/config.toml`, drives the browser as
/// `frontend/webdriver.json` says.
pub(super) fn tests() -> Result<Outcome> {
    setup::apt::install(&SYSTEM_TOOLS)?;
    if let Some(tool) = SYSTEM_TOOLS.iter().find(|tool| tool.program().is_none()) {
        return Ok(missing(tool.advice()));
    }
    setup::trunk::page_tools()?;
    let driver = CHROMEDRIVER.program().context("ChromeDriver is gone")?;
    let path = setup::path_with_tools()?;
    let mut run = cargo();
    run.args(["test", "--locked", "--package", "frontend"]);
    run.args(["--target", "wasm32-unknown-unknown"]);
    run.env("PATH", path).env("CHROMEDRIVER", driver);
    counted(&mut run, String::new)
}

/// Without a browser nothing can be said; on CI that is a failure.
fn missing(why: String) -> Outcome {
    if std::env::var_os("CI").is_some() {
        return Outcome::failure(why);
    }
    Outcome {
        counts: Counts {
            skipped: 1,
            ..Counts::default()
        },
        notes: vec![why],
    }
}
