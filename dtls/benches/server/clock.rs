//! The CPU time of this thread, which other programs' work hardly changes.

use rustix::time::{ClockId, clock_gettime};
use std::time::Duration;

fn cpu() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}

/// A stopwatch that is stopped while the clients are at work.
#[derive(Default)]
pub(crate) struct Stopwatch {
    total: Duration,
}

impl Stopwatch {
    pub(crate) fn time<T>(&mut self, what: impl FnOnce() -> T) -> T {
        let begun = cpu();
        let result = what();
        self.total += cpu() - begun;
        result
    }

    pub(crate) fn seconds(&self) -> f64 {
        self.total.as_secs_f64()
    }
}
