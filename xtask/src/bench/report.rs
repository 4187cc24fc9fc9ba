//! The result as a table for people.

use super::lifecycle::{Idle, Listing};
use super::measure::{Memory, Row};
use super::meter::Pinning;
use std::fmt::Write as _;

/// All that was measured.
#[derive(Debug)]
pub(super) struct Result {
    pub(super) rows: Vec<Row>,
    pub(super) memory: Vec<Memory>,
    pub(super) lists: Vec<Listing>,
    pub(super) idle: Idle,
}

/// One line while the measurement runs.
pub(super) fn line(row: &Row) -> String {
    format!(
        "  {:<13} {:>7} exchanges: server {:.2} s, echo {:.2} s of CPU for 100,000; ratio {:.1} ({})",
        row.load.name(),
        row.exchanges,
        row.server,
        row.echo,
        row.server / row.echo,
        threads(row)
    )
}

/// The kinds of threads that count, the dearest first.
fn threads(row: &Row) -> String {
    let mut threads: Vec<_> = row.threads.iter().filter(|(_, cpu)| **cpu >= 0.02).collect();
    threads.sort_by(|one, other| other.1.total_cmp(one.1));
    let words = threads.iter().map(|(name, cpu)| format!("{name} {cpu:.2}"));
    words.collect::<Vec<_>>().join(", ")
}

/// The whole result as Markdown.
pub(super) fn report(result: &Result, pinning: Pinning) -> String {
    let mut text = String::from(
        "| devices | exchange | server, CPU s for 100,000 | echo, CPU s for 100,000 | ratio | of which by thread | a second | sent again |\n\
         |--:|---|--:|--:|--:|---|--:|--:|\n",
    );
    for row in &result.rows {
        // Writing to a String cannot fail.
        let _ = writeln!(
            text,
            "| {} | {} | {:.2} | {:.2} | {:.1} | {} | {:.0} | {} |",
            row.devices,
            row.load.name(),
            row.server,
            row.echo,
            row.server / row.echo,
            threads(row),
            row.rate,
            row.repeated
        );
    }
    text.push_str(
        "\n| devices | resident before, MB | registered, MB | bytes a device | after notifications, MB | ready again after kill -9, s |\n\
         |--:|--:|--:|--:|--:|--:|\n",
    );
    for memory in &result.memory {
        let _ = writeln!(
            text,
            "| {} | {:.1} | {:.1} | {} | {:.1} | {:.2} |",
            memory.devices,
            megabytes(memory.before),
            megabytes(memory.registered),
            // One page more or less says nothing about one device.
            if memory.devices >= 1_000 {
                memory.each().to_string()
            } else {
                "–".into()
            },
            megabytes(memory.notified),
            memory.restart.as_secs_f64()
        );
    }
    text.push_str("\n| devices | one page of the list over HTTP | ms |\n|--:|---|--:|\n");
    for list in &result.lists {
        let milliseconds = list.took.as_secs_f64() * 1e3;
        let _ = writeln!(text, "| {} | {} | {milliseconds:.1} |", list.devices, list.what);
    }
    let _ = writeln!(
        text,
        "\nAn empty server is ready {:.2} s after its start; with {} devices that do nothing it holds {:.1} MB.",
        result.idle.start.as_secs_f64(),
        result.idle.devices,
        megabytes(result.idle.resident)
    );
    let _ = write!(text, "\n{}", place(pinning));
    text
}

/// Where it was measured.
pub(super) fn place(pinning: Pinning) -> String {
    let place = match pinning {
        Pinning::Pinned => "the servers on core 0, the generator on core 1",
        Pinning::Free => "not pinned to cores",
    };
    format!("Measured on {}; {place}.\n", machine())
}

fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}

/// The machine, as far as it matters.
pub(super) fn machine() -> String {
    let about = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let mut models = about
        .lines()
        .filter_map(|line| line.strip_prefix("model name")?.split_once(':'))
        .map(|(_, model)| model.trim());
    let model = models.next().unwrap_or("an unknown processor");
    format!("{} × {model}", models.count() + 1)
}

pub(super) const INTRODUCTION: &str = "\
`cargo xtask bench --only server --write` makes this part: a release server with a fresh data directory and one shard, a plain UDP echo,
and a load generator on the loopback interface. The generator has one socket and gives each device an address of its own
(127.1.0.1 and on); 64 exchanges are under way at once. What counts is the CPU time (user and system, all threads) that the
server process used for 100,000 exchanges, with what it puts off (the store) included, beside what the echo used for
datagrams of the same size in the same run. Exchanges a second say more about the machine's other work than about the server.

- *Register* has 250 bytes with 17 links, and after the first round it replaces the registration before it.
- *Update* changes nothing. *notification* is a confirmable one with a new number, which is stored and shown.
- One device sends 20,000 of each, because it has 65,536 message IDs in 247 s.
- All devices are registered; at most 10,000 of them, evenly spread, are observed and notify.

";
