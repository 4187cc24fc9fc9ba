//! Counting what passed, failed and was skipped, and the closing lines of the run.

use std::ops::AddAssign;
use std::process::ExitCode;
use std::time::Duration;

/// How many checks of each end.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Counts {
    pub(super) passed: u64,
    pub(super) failed: u64,
    pub(super) skipped: u64,
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }
}

/// What came of one step: its counts, and what a person should know about it.
#[derive(Debug, Default)]
pub(super) struct Outcome {
    pub(super) counts: Counts,
    pub(super) notes: Vec<String>,
}

impl Outcome {
    pub(super) fn success() -> Self {
        Self {
            counts: Counts {
                passed: 1,
                ..Counts::default()
            },
            notes: Vec::new(),
        }
    }

    pub(super) fn failure(why: String) -> Self {
        Self {
            counts: Counts {
                failed: 1,
                ..Counts::default()
            },
            notes: vec![why],
        }
    }
}

/// All steps so far.
#[derive(Debug, Default)]
pub(super) struct Report {
    steps: Vec<(&'static str, Outcome, Duration)>,
}

impl Report {
    pub(super) fn add(&mut self, name: &'static str, outcome: Outcome, took: Duration) {
        for note in &outcome.notes {
            eprintln!("  {name}: {note}");
        }
        self.steps.push((name, outcome, took));
    }

    /// Prints a line for every step and the sum as the last line. A run in which anything failed, or in which nothing was
    /// checked, fails.
    pub(super) fn print(&self) -> ExitCode {
        let mut sum = Counts::default();
        println!();
        for (name, outcome, took) in &self.steps {
            let Counts {
                passed,
                failed,
                skipped,
            } = outcome.counts;
            println!(
                "{name:<14} {passed:>5} passed {failed:>4} failed {skipped:>4} skipped {:>7.1} s",
                took.as_secs_f32()
            );
            for note in &outcome.notes {
                println!("{:<14} {note}", "");
            }
            sum += outcome.counts;
        }
        println!(
            "\n{} passed, {} failed, {} skipped",
            sum.passed, sum.failed, sum.skipped
        );
        if sum.failed == 0 && sum.passed > 0 {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        }
    }
}
