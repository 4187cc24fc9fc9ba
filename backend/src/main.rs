//! `muster`: one binary, one data directory, nothing else to install.

use clap::Parser;

fn main() -> anyhow::Result<()> {
    backend::cli::run(backend::cli::Cli::parse())
}
