//! `cargo xtask bench`: what a Register, an Update and a notification cost the whole server, beside a plain UDP echo.
//!
//! Rates depend on what else the machine does; the server's CPU seconds hardly do, and their ratio to those of an echo of
//! the same datagrams in the same run even less. So CPU is what is measured, and the ratio is what is judged.
//! Everything stays on the loopback interface. What DTLS costs is a part of its own, see [`dtls`].

mod browser;
mod budget;
mod datagrams;
mod dtls;
mod echo;
mod fleet;
mod generator;
mod lifecycle;
mod measure;
mod meter;
mod page;
mod report;
mod rest;
mod server;

use crate::process::{self, cargo, say};
use anyhow::{Context, Result, bail};
use std::path::PathBuf;

const USAGE: &str = "\
cargo xtask bench                CPU and memory a device costs the server, beside a UDP echo; and what DTLS costs, beside OpenSSL
    --only server|dtls|browser   one of the two, or what the list of 100,000 devices costs a browser
    --server FILE                measure this binary instead of building one
    --page DIR                   and, in the browser, this built page
    --devices 1,4000,100000      how many devices, one measurement each
    --write                      put the result into docs/BENCHMARKS.md
    --check                      fail if something costs far more than it should
";

const DEVICES: [u32; 3] = [1, 4_000, 100_000];

/// What can be measured by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Server,
    Dtls,
    /// Only when asked for: it takes Chromium.
    Browser,
}

struct Options {
    only: Option<Part>,
    server: Option<PathBuf>,
    page: Option<PathBuf>,
    devices: Vec<u32>,
    write: bool,
    check: bool,
}

/// Runs the measurement, or with `echo` as the first argument the echo that it compares with.
pub(crate) fn run(arguments: &[&str]) -> Result<()> {
    if let ["echo"] = arguments {
        return echo::serve();
    }
    let options = parse(arguments)?;
    if cfg!(debug_assertions) {
        // A generator that was built to be quick to build would be slower than the server.
        let mut again = cargo();
        again.args(["run", "--quiet", "--release", "--package", "xtask", "--", "bench"]);
        return process::run(again.args(arguments));
    }
    if options.only == Some(Part::Browser) {
        return measure_browser(&options);
    }
    let pinning = meter::Pinning::find();
    pinning.pin_this_process();
    if options.only != Some(Part::Dtls) {
        measure_server(&options, pinning)?;
    }
    if options.only != Some(Part::Server) {
        measure_dtls(&options, pinning)?;
    }
    Ok(())
}

fn measure_dtls(options: &Options, pinning: meter::Pinning) -> Result<()> {
    let measured = dtls::measure(pinning)?;
    let report = format!(
        "{}\nMeasured on {}, on one core, with other work beside.\n",
        dtls::report(&measured)?,
        report::machine()
    );
    println!("\n{report}");
    if options.write {
        page::write("DTLS", &format!("{}{report}", dtls::INTRODUCTION))?;
    }
    if options.check {
        dtls::check(&measured)?;
    }
    Ok(())
}

fn measure_browser(options: &Options) -> Result<()> {
    let binary = match &options.server {
        Some(binary) => binary.clone(),
        None => server::build()?,
    };
    let figures = browser::measure(&binary, options.page.as_deref(), browser::DEVICES)?;
    let report = browser::report(&figures, browser::DEVICES);
    println!("\n{report}");
    if options.write {
        page::write("The browser", &format!("{}{report}", browser::INTRODUCTION))?;
    }
    Ok(())
}

fn measure_server(options: &Options, pinning: meter::Pinning) -> Result<()> {
    let binary = match &options.server {
        Some(binary) => binary.clone(),
        None => server::build()?,
    };
    let mut rows = Vec::new();
    let mut memory = Vec::new();
    let mut lists = Vec::new();
    say("an idle server");
    let idle = lifecycle::idle(&binary, pinning)?;
    for devices in &options.devices {
        say(&format!("{devices} devices"));
        let measured = measure::measure(&binary, *devices, &pinning)
            .with_context(|| format!("the measurement with {devices} devices"))?;
        for row in &measured.rows {
            println!("{}", report::line(row));
        }
        rows.extend(measured.rows);
        memory.push(measured.memory);
        // What a scan of few devices takes says nothing.
        lists.extend(measured.lists.into_iter().filter(|list| list.devices >= 1_000));
    }
    let result = report::Result {
        rows,
        memory,
        lists,
        idle,
    };
    let report = report::report(&result, pinning);
    println!("\n{report}");
    if options.write {
        page::write("The server", &format!("{}{report}", report::INTRODUCTION))?;
    }
    if options.check {
        budget::check(&result)?;
    }
    Ok(())
}

fn parse(arguments: &[&str]) -> Result<Options> {
    let mut options = Options {
        only: None,
        server: None,
        page: None,
        devices: DEVICES.to_vec(),
        write: false,
        check: false,
    };
    let mut arguments = arguments.iter();
    while let Some(argument) = arguments.next() {
        let mut value = || {
            arguments
                .next()
                .with_context(|| format!("{argument} needs a value"))
        };
        match *argument {
            "--only" => {
                options.only = Some(match value()? {
                    &"server" => Part::Server,
                    &"dtls" => Part::Dtls,
                    &"browser" => Part::Browser,
                    other => bail!("`{other}` is no part of the benchmark\n\n{USAGE}"),
                });
            }
            "--server" => options.server = Some(PathBuf::from(value()?)),
            "--page" => options.page = Some(PathBuf::from(value()?)),
            "--devices" => options.devices = counts(value()?)?,
            "--write" => options.write = true,
            "--check" => options.check = true,
            "--help" => bail!("{USAGE}"),
            other => bail!("`{other}` is not known\n\n{USAGE}"),
        }
    }
    Ok(options)
}

fn counts(text: &str) -> Result<Vec<u32>> {
    let counts = text.split(',').map(|count| {
        let count: u32 = count
            .parse()
            .with_context(|| format!("'{count}' is no number of devices"))?;
        if !(1..=fleet::MOST_DEVICES).contains(&count) {
            bail!("between 1 and {} devices can be measured", fleet::MOST_DEVICES);
        }
        Ok(count)
    });
    counts.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_for_is_understood() {
        let options = parse(&["--devices", "1,20", "--server", "x", "--write"]).unwrap();
        assert_eq!((options.devices, options.write), (vec![1, 20], true));
        assert_eq!(parse(&[]).unwrap().only, None);
        assert_eq!(parse(&["--only", "dtls"]).unwrap().only, Some(Part::Dtls));
        for wrong in [
            &["--devices"][..],
            &["--only", "x"],
            &["--devices", "0"],
            &["--devices", "x"],
            &["-x"],
        ] {
            assert!(parse(wrong).is_err(), "{wrong:?}");
        }
    }
}
