//! What the list of a large fleet costs a browser: the page for release in Chromium, against a server with so many devices.
//!
//! `e2e/bench/` measures, by way of Playwright; here the server gets its devices, and the figures become a table.

use super::fleet::{Fleet, Load};
use super::generator::Generator;
use super::meter::Pinning;
use super::server::{self, Server};
use crate::process::{command, run};
use crate::setup::apt::{self, CHROMIUM};
use crate::{page, setup, workspace};
use anyhow::{Context, Result, bail};
use serde_json::Value;
use std::fmt::Write as _;
use std::path::Path;

/// Measured unless told otherwise.
pub(super) const DEVICES: u32 = 100_000;

/// What it is meant to be, by how a figure's name begins: milliseconds, megabytes for memory.
const AIMS: [(&str, f64); 5] = [
    ("first rows", 300.0),
    ("answer of the server", 150.0),
    ("a frame", 32.0),
    ("memory", 80.0),
    ("a value", 100.0),
];

pub(super) const INTRODUCTION: &str = "\
`cargo xtask bench --only browser --write` makes this part: the page for release in Chromium without a window, 1280 × 800, against a
release server whose registered devices the load generator made. Everything shares one machine. Times are milliseconds, memory
is megabytes of script heap and WASM together.

";

/// What was measured, by name: all samples, in order of size.
#[derive(Debug)]
pub(super) struct Figures(Vec<(String, Vec<f64>)>);

/// With this page, or one that is built now.
pub(super) fn measure(binary: &Path, built: Option<&Path>, devices: u32) -> Result<Figures> {
    apt::install(&[CHROMIUM])?;
    setup::node::browser_tests()?;
    let shown = match built {
        Some(page) => page.to_owned(),
        None => {
            page::release()?;
            workspace::release_page()
        }
    };
    // A browser needs more than the one core that a pinned program gives it.
    let server = Server::start_with_page(binary, Pinning::Free, &shown)?;
    let mut fleet = Fleet::new(devices, 1);
    let mut round = fleet.load(Load::Register, devices, false);
    Generator::new()?.exchange(server.coap, &mut round)?;
    server.process.wait_until_quiet()?;
    let figures = workspace::target().join("bench-browser.json");
    let mut runner = command("npx");
    runner
        .args(["playwright", "test", "--config", "bench.config.ts"])
        .current_dir(workspace::root().join("e2e"))
        .env("MUSTER_BENCH_URL", format!("http://{}", server.http))
        .env("MUSTER_BENCH_COAP", format!("coap://{}", server.coap))
        .env("MUSTER_BENCH_PASSWORD", server::PASSWORD)
        .env("MUSTER_BENCH_OUT", &figures)
        .env(
            "MUSTER_CHROMIUM",
            CHROMIUM.program().with_context(|| CHROMIUM.advice())?,
        );
    if apt::is_root() {
        runner.env("MUSTER_CHROMIUM_NO_SANDBOX", "1");
    }
    run(&mut runner)?;
    let text = std::fs::read_to_string(&figures).context("the browser left no figures")?;
    read(&serde_json::from_str(&text).context("the figures are not JSON")?)
}

fn read(figures: &Value) -> Result<Figures> {
    let figures = figures.as_object().context("the figures are no object")?;
    let mut read = Vec::new();
    for (name, samples) in figures {
        let mut samples: Vec<f64> = samples
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_f64)
            .collect();
        if samples.is_empty() {
            bail!("nothing was measured of this: {name}");
        }
        samples.sort_by(f64::total_cmp);
        read.push((name.clone(), samples));
    }
    Ok(Figures(read))
}

pub(super) fn report(figures: &Figures, devices: u32) -> String {
    let mut text = format!(
        "| with {devices} devices | median | 95th of 100 | most | of | aim |\n|---|--:|--:|--:|--:|--:|\n"
    );
    for (name, samples) in &figures.0 {
        let at = |share: usize| samples[(samples.len() * share / 100).min(samples.len() - 1)];
        let aim = AIMS.iter().find(|(begins, _)| name.starts_with(begins));
        // Writing to a String cannot fail.
        let _ = writeln!(
            text,
            "| {name} | {:.1} | {:.1} | {:.1} | {} | {} |",
            at(50),
            at(95),
            at(100),
            samples.len(),
            aim.map_or_else(|| "–".to_owned(), |(_, aim)| format!("{aim:.0}"))
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn figures_are_told_beside_what_they_are_meant_to_be() {
        let figures = read(&json!({ "first rows after a reload": [5, 1, 3], "other": [2.5] })).unwrap();
        let report = report(&figures, 7);
        assert!(
            report.contains("| first rows after a reload | 3.0 | 5.0 | 5.0 | 3 | 300 |"),
            "{report}"
        );
        assert!(report.contains("| other | 2.5 | 2.5 | 2.5 | 1 | – |"), "{report}");
        assert!(read(&json!({ "x": [] })).is_err());
    }
}
