//! aiocoap, on which a device of the interop tests stands: in a Python environment of its own in the cache of tools.

use std::process::{Command, Stdio};

use anyhow::Result;

use super::apt;
use crate::process::{command, on_path, run, say};
use crate::workspace;

const AIOCOAP: &str = "0.4.17";

/// Makes sure that aiocoap is in the cache. Without Python or its package index the test that wants it says so.
pub(crate) fn aiocoap() -> Result<()> {
    let environment = workspace::tools()?.join("aiocoap");
    let python = environment.join("bin/python");
    let check = format!("import importlib.metadata as m; assert m.version('aiocoap') == '{AIOCOAP}'");
    let found = Command::new(&python)
        .args(["-c", &check])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    if found.is_ok_and(|status| status.success()) {
        return Ok(());
    }
    apt::install(&[apt::PYTHON])?;
    if !on_path("python3") {
        say("aiocoap is not installed: python3 is missing");
        return Ok(());
    }
    say(&format!(
        "installing aiocoap {AIOCOAP} for a device of the interop tests (pip)"
    ));
    let made = run(command("python3")
        .args(["-m", "venv", "--clear"])
        .arg(&environment))
    .and_then(|()| {
        let package = format!("aiocoap=={AIOCOAP}");
        run(command(&python).args([
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
            &package,
        ]))
    });
    if let Err(error) = made {
        say(&format!("aiocoap is not installed: {error:#}"));
    }
    Ok(())
}
