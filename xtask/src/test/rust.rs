//! The steps that cargo runs: format, clippy, and the tests of the crates.

use anyhow::Result;

use super::report::{Counts, Outcome};
use crate::process::{cargo, read_along, run};
use crate::setup::apt::{GNUTLS, LIBCOAP, OPENSSL, Tool};

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
        .args(["clippy", "--locked", "--package", "frontend"])
        .args(target)
        .args(["--", "--deny", "warnings"]))?;
    Ok(Outcome::success())
}

/// Every test of every crate, documentation examples included.
pub(super) fn tests() -> Result<Outcome> {
    let mut counts = Counts::default();
    let succeeded = read_along(
        cargo().args(["test", "--locked", "--workspace", "--no-fail-fast"]),
        |line| {
            if let Some(found) = test_result(line) {
                counts += found;
            }
        },
    )?;
    let mut outcome = Outcome {
        counts,
        notes: Vec::new(),
    };
    if !succeeded && counts.failed == 0 {
        outcome.counts.failed = 1;
        outcome
            .notes
            .push("the tests did not build, or one of them ended its process".to_owned());
    }
    Ok(outcome)
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
    use super::{Counts, test_result};

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
}
