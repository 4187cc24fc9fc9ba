//! The steps that cargo runs: format, clippy, and the tests of the crates.

use std::fs;
use std::process::Command;

use anyhow::{Context, Result};

use super::report::{Counts, Outcome};
use crate::process::{cargo, read_along, run};
use crate::setup::apt::{GNUTLS, LIBCOAP, OPENSSL, Tool};
use crate::workspace;

/// The other implementations that the DTLS tests talk to.
pub(super) const SYSTEM_TOOLS: [Tool; 3] = [OPENSSL, GNUTLS, LIBCOAP];

pub(super) fn format() -> Result<Outcome> {
    run(cargo().args(["fmt", "--all", "--check"]))?;
    Ok(Outcome::success())
}

pub(super) fn clippy() -> Result<Outcome> {
    run(cargo().args([
        "clippy",
        "--locked",
        "--workspace",
        "--all-targets",
        "--",
        "--deny",
        "warnings",
    ]))?;
    Ok(Outcome::success())
}

pub(super) fn clippy_page() -> Result<Outcome> {
    let target = ["--target", "wasm32-unknown-unknown"];
    run(cargo()
        .args(["clippy", "--locked", "--package", "frontend", "--bins", "--tests"])
        .args(target)
        .args(["--", "--deny", "warnings"]))?;
    Ok(Outcome::success())
}

/// Every test of every crate, documentation examples included.
pub(super) fn tests() -> Result<Outcome> {
    // Where tests write down that they did nothing for want of a peer; on CI they fail instead.
    let skipped = workspace::target().join("skipped-tests.txt");
    if skipped.exists() {
        fs::remove_file(&skipped).context("cannot remove what the run before skipped")?;
    }
    let mut run = cargo();
    run.args(["test", "--locked", "--workspace", "--no-fail-fast"]);
    run.env("MUSTER_SKIPPED_TESTS", &skipped);
    let reasons = || fs::read_to_string(&skipped).unwrap_or_default();
    counted(&mut run, reasons)
}

/// Runs `cargo test` and counts what its test programs tell. `reasons` has a line for each test that passed without
/// testing anything.
pub(super) fn counted(run: &mut Command, reasons: impl FnOnce() -> String) -> Result<Outcome> {
    let mut tally = Tally::default();
    let succeeded = read_along(run, |line| tally.read(line))?;
    Ok(tally.outcome(succeeded, &reasons()))
}

/// What the tests say of themselves, line by line.
#[derive(Debug, Default)]
struct Tally {
    counts: Counts,
    /// Whether a test binary began and has not told its result.
    running: bool,
    /// Binaries that ended without a result.
    ended: u64,
}

impl Tally {
    fn read(&mut self, line: &str) {
        if line.starts_with("running ") && (line.ends_with(" tests") || line.ends_with(" test")) {
            self.ended += u64::from(self.running);
            self.running = true;
        } else if let Some(found) = test_result(line) {
            self.counts += found;
            self.running = false;
        }
    }

    /// `reasons` has a line for each test that passed without testing anything.
    fn outcome(mut self, succeeded: bool, reasons: &str) -> Outcome {
        let mut notes: Vec<String> = reasons.lines().map(|line| format!("skipped {line}")).collect();
        notes.sort_unstable();
        notes.dedup();
        let skipped = notes.len() as u64;
        self.counts.passed = self.counts.passed.saturating_sub(skipped);
        self.counts.skipped += skipped;
        self.ended += u64::from(self.running);
        if self.ended > 0 {
            self.counts.failed += self.ended;
            notes.push(format!("{} test programs ended without a result", self.ended));
        }
        if !succeeded && self.counts.failed == 0 {
            self.counts.failed = 1;
            notes.push("the tests did not build".to_owned());
        }
        Outcome {
            counts: self.counts,
            notes,
        }
    }
}

/// Reads `test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.00s`.
fn test_result(line: &str) -> Option<Counts> {
    let (_, numbers) = line.strip_prefix("test result: ")?.split_once(". ")?;
    let mut counts = Counts::default();
    for part in numbers.split("; ") {
        match part.split_once(' ')? {
            (count, "passed") => counts.passed = count.parse().ok()?,
            (count, "failed") => counts.failed = count.parse().ok()?,
            (count, "ignored") => counts.skipped = count.parse().ok()?,
            _ => {}
        }
    }
    Some(counts)
}

#[cfg(test)]
mod tests {
    use super::{Counts, Tally, test_result};

    #[test]
    fn the_line_that_ends_a_test_binary_is_counted() {
        let check = |line: &str, expect: Option<(u64, u64, u64)>| {
            let expect = expect.map(|(passed, failed, skipped)| Counts {
                passed,
                failed,
                skipped,
            });
            assert_eq!(test_result(line), expect, "{line}");
        };
        check(
            "test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.52s",
            Some((12, 0, 1)),
        );
        check(
            "test result: FAILED. 3 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 1.20s",
            Some((3, 2, 0)),
        );
        check("test path::tests::reads ... ok", None);
        check("test result: nonsense", None);
    }

    fn tally(lines: &[&str], succeeded: bool, reasons: &str) -> ((u64, u64, u64), Vec<String>) {
        let mut tally = Tally::default();
        lines.iter().for_each(|line| tally.read(line));
        let outcome = tally.outcome(succeeded, reasons);
        let Counts {
            passed,
            failed,
            skipped,
        } = outcome.counts;
        ((passed, failed, skipped), outcome.notes)
    }

    const TWO: &str = "test result: ok. 2 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out";

    #[test]
    fn a_test_program_that_ends_without_a_result_is_a_failure() {
        let told = |count| vec![format!("{count} test programs ended without a result")];
        assert_eq!(
            tally(&["running 9 tests", "running 2 tests", TWO], false, ""),
            ((2, 1, 0), told(1))
        );
        assert_eq!(
            tally(&["running 2 tests", TWO, "running 1 test"], false, ""),
            ((2, 1, 0), told(1))
        );
    }

    #[test]
    fn tests_that_do_not_build_are_a_failure() {
        assert_eq!(
            tally(&[], false, ""),
            ((0, 1, 0), vec!["the tests did not build".to_owned()])
        );
    }

    #[test]
    fn a_test_without_its_peer_is_skipped_and_says_why() {
        let reasons = "gnutls::psk: gnutls-cli is not installed\ngnutls::psk: gnutls-cli is not installed\n";
        assert_eq!(
            tally(&["running 2 tests", TWO], true, reasons),
            (
                (1, 0, 1),
                vec!["skipped gnutls::psk: gnutls-cli is not installed".to_owned()]
            )
        );
    }
}
