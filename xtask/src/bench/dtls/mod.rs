//! What the server's side of DTLS costs: CPU time of handshakes and records, and heap, beside OpenSSL's in the same run.
//!
//! The measuring is done by two programs that print the same lines, `dtls/benches/server` and, where there is a C compiler
//! with OpenSSL's headers, `dtls/benches/openssl/server.c`. They run in turn, several times; the medians count.

mod aims;
mod figures;
mod report;

use super::meter::Pinning;
use crate::process::{cargo, command, output, say};
use crate::setup::apt;
use crate::workspace;
use anyhow::{Context, Result, bail};
use figures::Figures;
pub(super) use report::INTRODUCTION;
use std::path::{Path, PathBuf};

/// How often each program measures what scatters. Heap does not.
const ROUNDS: usize = 5;

/// All that was measured.
#[derive(Debug)]
pub(super) struct Measured {
    ours: Figures,
    openssl: std::result::Result<OpenSsl, String>,
}

#[derive(Debug)]
struct OpenSsl {
    version: String,
    figures: Figures,
}

pub(super) fn measure(pinning: Pinning) -> Result<Measured> {
    let ours = build()?;
    let theirs = openssl()?;
    let mut measured = Measured {
        ours: Figures::default(),
        openssl: match &theirs {
            Ok(program) => Ok(OpenSsl {
                version: output(command(program).arg("version"))?.trim().to_owned(),
                figures: Figures::default(),
            }),
            Err(why) => Err(why.clone()),
        },
    };
    let both = |what: &[&str], measured: &mut Measured| -> Result<()> {
        measured.ours.read(&output(pinning.command(&ours).args(what))?)?;
        if let (Ok(program), Ok(openssl)) = (&theirs, &mut measured.openssl) {
            openssl
                .figures
                .read(&output(pinning.command(program).args(what))?)?;
        }
        Ok(())
    };
    for round in 1..=ROUNDS {
        say(&format!("DTLS handshakes and records, {round} of {ROUNDS}"));
        both(&["handshakes", "records"], &mut measured)?;
    }
    say("what 100,000 DTLS sessions take, twice with a key and twice with a certificate");
    both(&["memory"], &mut measured)?;
    Ok(measured)
}

/// The result as Markdown.
pub(super) fn report(measured: &Measured) -> Result<String> {
    report::report(measured)
}

/// Fails with all aims that are missed.
pub(super) fn check(measured: &Measured) -> Result<()> {
    let mut missed = Vec::new();
    for aim in aims::AIMS {
        let is = measured.ours.median(aim.figure)?;
        if !aim.is_met(is) {
            missed.push(format!("{}: {is:.1}, {}", aim.figure, aim.words()));
        }
    }
    if !missed.is_empty() {
        bail!("aims of DTLS that are missed:\n  {}", missed.join("\n  "));
    }
    Ok(())
}

/// Builds the crate's own benchmark and gives its program.
fn build() -> Result<PathBuf> {
    say("building the benchmark of DTLS for release");
    let messages = output(cargo().args([
        "bench",
        "--locked",
        "--package",
        "muster-dtls",
        "--bench",
        "server",
        "--no-run",
        "--message-format",
        "json",
    ]))?;
    let program = messages.lines().find_map(|line| {
        let message: serde_json::Value = serde_json::from_str(line).ok()?;
        let is_bench = message["target"]["kind"][0] == "bench";
        is_bench
            .then(|| message["executable"].as_str().map(PathBuf::from))
            .flatten()
    });
    program.context("cargo does not say where the benchmark is")
}

/// The program that measures OpenSSL, or why there is none.
fn openssl() -> Result<std::result::Result<PathBuf, String>> {
    say("building the benchmark of OpenSSL");
    let program = workspace::target().join("dtls-openssl");
    let source = Path::new("dtls").join("benches").join("openssl").join("server.c");
    let compile = || {
        let mut compiler = command("cc");
        compiler.args(["-O2", "-Wall", "-o"]).arg(&program).arg(&source);
        compiler
            .args(["-lssl", "-lcrypto"])
            .status()
            .is_ok_and(|status| status.success())
    };
    Ok(
        if compile() || (apt::install_packages(&["gcc", "libc6-dev", "libssl-dev"])? && compile()) {
            Ok(program)
        } else {
            Err("its headers or a C compiler are not installed here".into())
        },
    )
}
