//! The tests in a real browser, against the real server and devices that others wrote.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result};
use serde_json::Value;

use super::report::{Counts, Outcome};
use crate::process::{command, run, say};
use crate::setup::apt::{self, CHROMIUM, JAVA, LIBCOAP, MAVEN, Tool};
use crate::{build, page, setup, workspace};

/// What the browser tests use and the system's package manager brings.
pub(super) const SYSTEM_TOOLS: [Tool; 4] = [CHROMIUM, LIBCOAP, JAVA, MAVEN];

/// Runs the whole suite. Where a peer cannot be had, its tests are skipped with the reason; on CI that is a failure.
pub(super) fn tests() -> Result<Outcome> {
    let mut runner = playwright()?;
    let report = workspace::target().join("e2e-report.json");
    if report.exists() {
        fs::remove_file(&report).context("cannot remove the report of the run before")?;
    }
    runner.arg("test").env("MUSTER_E2E_REPORT", &report);
    let succeeded = runner.status().context("cannot start Playwright")?.success();

    let text = fs::read_to_string(&report)
        .context("Playwright left no report; it did not get as far as the tests")?;
    let mut outcome = read_report(&serde_json::from_str(&text).context("Playwright's report is not JSON")?);
    if !succeeded && outcome.counts.failed == 0 {
        outcome.counts.failed = 1;
        outcome
            .notes
            .push("Playwright failed outside of a test".to_owned());
    }
    Ok(outcome)
}

/// Playwright, with everything its tests need built and named in its environment.
pub(crate) fn playwright() -> Result<Command> {
    apt::install(&SYSTEM_TOOLS)?;
    setup::node::browser_tests()?;
    page::release()?;
    let server = build::development()?;
    let e2e = workspace::root().join("e2e");
    run(command("npx").args(["tsc", "--noEmit"]).current_dir(&e2e))?;

    let mut runner = command("npx");
    runner.arg("playwright").current_dir(e2e);
    runner.env("MUSTER_BIN", server);
    runner.env(
        "MUSTER_CHROMIUM",
        CHROMIUM.program().with_context(|| CHROMIUM.advice())?,
    );
    if apt::is_root() {
        runner.env("MUSTER_CHROMIUM_NO_SANDBOX", "1");
    }
    for (variable, found) in [
        ("MUSTER_LESHAN_CLIENT", leshan_client()?),
        ("MUSTER_COAP_CLIENT", coap_client()),
    ] {
        match found {
            Ok(program) => runner.env(variable, program),
            Err(why) => runner.env(format!("{variable}_MISSING"), why),
        };
    }
    Ok(runner)
}

/// The device on the Leshan client library as a runnable jar; or why there is none.
fn leshan_client() -> Result<Result<PathBuf, String>> {
    for tool in [JAVA, MAVEN] {
        if tool.program().is_none() {
            return Ok(Err(tool.advice()));
        }
    }
    let folder = workspace::root().join("e2e/leshan-client");
    say("building the Leshan client");
    run(command("mvn")
        .args(["--batch-mode", "--quiet", "package"])
        .current_dir(&folder))?;
    Ok(Ok(folder.join("target/leshan-client.jar")))
}

fn coap_client() -> Result<PathBuf, String> {
    LIBCOAP
        .program()
        .map(PathBuf::from)
        .ok_or_else(|| LIBCOAP.advice())
}

/// Counts Playwright's JSON report. There are no retries, so nothing can be flaky; were it so, it would be a failure.
fn read_report(report: &Value) -> Outcome {
    let count = |name: &str| report["stats"][name].as_u64().unwrap_or(0);
    let counts = Counts {
        passed: count("expected"),
        failed: count("unexpected") + count("flaky"),
        skipped: count("skipped"),
    };
    let errors = report["errors"].as_array().into_iter().flatten();
    let notes = errors
        .filter_map(|error| error["message"].as_str())
        .map(str::to_owned)
        .collect();
    Outcome { counts, notes }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Counts, read_report};

    #[test]
    fn a_report_is_counted_and_its_errors_are_told() {
        let outcome = read_report(&json!({
            "stats": {"expected": 7, "unexpected": 1, "flaky": 1, "skipped": 2},
            "errors": [{"message": "no tests found"}],
        }));
        assert_eq!(
            outcome.counts,
            Counts {
                passed: 7,
                failed: 2,
                skipped: 2
            }
        );
        assert_eq!(outcome.notes, ["no tests found"]);
    }
}
