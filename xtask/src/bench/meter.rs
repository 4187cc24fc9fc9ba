//! What a process used: CPU seconds and resident memory, from /proc; and where it runs.

use crate::process::on_path;
use anyhow::{Context, Result};
use std::collections::BTreeMap;
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

    /// Ends the process at once, as a crash would.
    pub(super) fn kill(&mut self) {
        // It has ended already if this fails, which is what is wanted.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// CPU seconds, user and system, of all threads so far.
    pub(super) fn cpu(&self) -> Result<f64> {
        Ok(read_stat(&self.proc("stat")?)?.1)
    }

    /// The same by the name of the thread; threads of the same name count together.
    pub(super) fn cpu_by_thread(&self) -> Result<BTreeMap<String, f64>> {
        let mut threads = BTreeMap::new();
        let folder = format!("/proc/{}/task", self.child.id());
        for entry in std::fs::read_dir(&folder).with_context(|| format!("cannot read {folder}"))? {
            // A thread may end between being listed and being read.
            let Ok(stat) = std::fs::read_to_string(entry?.path().join("stat")) else {
                continue;
            };
            let (name, seconds) = read_stat(&stat)?;
            *threads.entry(name).or_default() += seconds;
        }
        Ok(threads)
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

/// The name and the CPU seconds in the text of a `stat` file.
fn read_stat(stat: &str) -> Result<(String, f64)> {
    // The name in brackets may hold anything; utime and stime are the 12th and 13th fields behind it.
    let (head, fields) = stat.rsplit_once(')').unwrap_or_default();
    let (_, name) = head.split_once('(').unwrap_or_default();
    let ticks = fields
        .split_whitespace()
        .skip(11)
        .take(2)
        .map(str::parse::<u64>)
        .sum::<Result<u64, _>>();
    let ticks = ticks.context("/proc/…/stat does not read")?;
    // shard-0, shard-1, … are one kind.
    let kind = name.trim_end_matches(|last: char| last.is_ascii_digit() || last == '-');
    Ok((kind.to_owned(), ticks as f64 / TICKS_PER_SECOND))
}

impl Drop for Measured {
    fn drop(&mut self) {
        self.kill();
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_brackets_and_blanks_is_no_obstacle() {
        let stat = "7 (a (b) c-0) S 1 7 7 0 -1 4194560 100 0 0 0 250 150 0 0 20 0 9 0 1 2 3";
        assert_eq!(read_stat(stat).unwrap(), ("a (b) c".into(), 4.0));
    }
}
