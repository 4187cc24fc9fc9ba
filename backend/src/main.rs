//! `muster`: one binary, one data directory, nothing else to install.

use clap::Parser;
use std::io::Write;
use std::process::ExitCode;

fn main() -> ExitCode {
    match backend::cli::run(backend::cli::Cli::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Words for a person, not a backtrace. If nobody reads standard error, the exit code still says it.
            let _ = writeln!(std::io::stderr(), "muster: {error:#}");
            ExitCode::FAILURE
        }
    }
}
