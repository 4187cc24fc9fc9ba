//! What a process used: CPU seconds and resident memory, from /proc; and where it runs.

use crate::process::on_path;
use anyhow::{Context, Result};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Ticks of utime and stime in a second: USER_HZ, which Linux has fixed.
const TICKS_PER_SECOND: f64 = 100.0;

/// A process that is measured. It ends with this.
#[derive(Debug)]
pub(super) struct Measured {
    child: Child,
}

impl Measured {
    pub(super) fn new(child: Child) -> Measured {
        Measured { child }
    }

    pub(super) fn child(&mut self) -> &mut Child {
        &mut self.child
    }

    /// CPU seconds, user and system, of all threads so far.
    pub(super) fn cpu(&self) -> Result<f64> {
        let stat = self.proc("stat")?;
        // The name in brackets may hold anything; utime and stime are the 12th and 13th fields behind it.
        let fields = stat.rsplit_once(')').map_or("", |(_, fields)| fields);
        let ticks = fields
            .split_whitespace()
            .skip(11)
            .take(2)
            .map(str::parse::<u64>)
            .sum::<Result<u64, _>>();
        Ok(ticks.context("/proc/…/stat does not read")? as f64 / TICKS_PER_SECOND)
    }

    /// Resident memory in bytes.
    pub(super) fn resident(&self) -> Result<u64> {
        let status = self.proc("status")?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kilobytes = line.and_then(|line| line.split_whitespace().next());
        let kilobytes: u64 = kilobytes
            .context("no VmRSS in /proc/…/status")?
            .parse()
            .context("VmRSS does not read")?;
        Ok(kilobytes * 1024)
    }

    /// Waits until the process has nothing left to do, so that what it puts off is counted as well.
    pub(super) fn wait_until_quiet(&self) -> Result<()> {
        const LOOK_EVERY: Duration = Duration::from_millis(1_000);
        const AT_MOST: Duration = Duration::from_secs(30);
        let begun = Instant::now();
        let mut before = self.cpu()?;
        let mut quiet_looks = 0;
        while quiet_looks < 4 && begun.elapsed() < AT_MOST {
            std::thread::sleep(LOOK_EVERY);
            let now = self.cpu()?;
            quiet_looks = if now - before < 0.025 { quiet_looks + 1 } else { 0 };
            before = now;
        }
        Ok(())
    }

    fn proc(&self, file: &str) -> Result<String> {
        let path = format!("/proc/{}/{file}", self.child.id());
        std::fs::read_to_string(&path).with_context(|| format!("cannot read {path}"))
    }
}

impl Drop for Measured {
    fn drop(&mut self) {
        // It has ended already if this fails, which is what is wanted.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Whether server and generator have a core each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pinning {
    /// The server on core 0, the generator on core 1.
    Pinned,
    /// There is only one core, or no `taskset`.
    Free,
}

impl Pinning {
    pub(super) fn find() -> Pinning {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        if cores >= 2 && on_path("taskset") {
            Pinning::Pinned
        } else {
            Pinning::Free
        }
    }

    /// A command that runs where servers run.
    pub(super) fn command(self, program: &std::path::Path) -> Command {
        match self {
            Pinning::Pinned => {
                let mut command = Command::new("taskset");
                command.args(["-c", "0"]).arg(program);
                command
            }
            Pinning::Free => Command::new(program),
        }
    }

    /// Has this process, which generates the load, run beside the server.
    pub(super) fn pin_this_process(self) {
        if self == Pinning::Pinned {
            let id = std::process::id().to_string();
            // Without it the figures scatter more; they are CPU seconds all the same.
            let _ = Command::new("taskset")
                .args(["-cp", "1", &id])
                .stdout(Stdio::null())
                .status();
        }
    }
}
