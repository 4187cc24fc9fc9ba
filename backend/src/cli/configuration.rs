//! `muster config`: print the commented template, check a configuration.

use super::{Common, output};
use clap::{Args, Subcommand};

#[derive(Debug, Subcommand)]
pub(super) enum ConfigCommand {
    /// Print a commented configuration file with the defaults.
    Print,
    /// Check a configuration file, the environment and flags; ends with 1 if the server could not use them.
    Check(Check),
}

#[derive(Debug, Args)]
pub(super) struct Check {
    #[command(flatten)]
    common: Common,
}

impl ConfigCommand {
    pub(super) fn run(self) -> anyhow::Result<()> {
        match self {
            ConfigCommand::Print => output::line(crate::config::template()?.trim_end())?,
            ConfigCommand::Check(check) => {
                check.common.load(Vec::new())?;
                output::line("The configuration can be used.")?;
            }
        }
        Ok(())
    }
}
