//! `cargo xtask …`: everything a person types to build, run, test and measure Muster.
//!
//! Every command sets up what it needs on a fresh machine and says so; see [`setup`].

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "talking on the terminal is what this program is for"
)]

mod arrange;
mod bench;
mod build;
mod fuzz;
mod import_objects;
mod linked;
mod page;
mod process;
mod run;
mod screenshots;
mod setup;
mod shorten;
mod size;
mod split;
mod test;
mod workspace;

use std::path::Path;
use std::process::ExitCode;

use anyhow::{Result, bail};

const USAGE: &str = "\
cargo xtask run                  build Muster and start the demo on http://127.0.0.1:8080
cargo xtask test                 run every check and test (--only STEP for one; --list names them)
cargo xtask build                release binary with the page embedded: target/release/muster
cargo xtask check-size           build the page for release and hold it to its size budget
cargo xtask bench [--write]      what a device costs the server, and what DTLS costs, in CPU and memory (--help for more)
cargo xtask fuzz [TARGET]        fuzz one parser or all of them, 10 minutes each (--seconds N, --list)
cargo xtask screenshots          take the pictures under docs/screenshots from the real page
cargo xtask import-objects DIR   make shared/data/objects.txt from a folder of DDF files
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match dispatch(&arguments) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn dispatch(arguments: &[String]) -> Result<ExitCode> {
    let Some((command, rest)) = arguments.split_first() else {
        eprint!("{USAGE}");
        return Ok(ExitCode::from(2));
    };
    let rest: Vec<&str> = rest.iter().map(String::as_str).collect();
    match (command.as_str(), rest.as_slice()) {
        ("run", rest) => run::run(rest)?,
        ("build", []) => build::release()?,
        ("test", rest) => return test::run(rest),
        ("bench", rest) => bench::run(rest)?,
        ("fuzz", rest) => fuzz::start(rest)?,
        ("check-size", []) => size::check_size()?,
        ("screenshots", []) => screenshots::take()?,
        ("import-objects", [folder]) => import_objects::run(Path::new(folder))?,
        ("help" | "--help" | "-h", _) => print!("{USAGE}"),
        (other, _) => bail!("`cargo xtask {other}` does not exist, or not with these arguments\n\n{USAGE}"),
    }
    Ok(ExitCode::SUCCESS)
}
