//! The command line: what `muster` is asked to do.

mod accounts;
mod configuration;
mod database;
mod healthcheck;
mod lock;
mod objects;
mod output;
mod serve;
mod simulate;

use crate::config::{self, Config, Source};
use clap::{Args, Parser, Subcommand};
use std::path::PathBuf;

/// LwM2M device management from the browser.
#[derive(Debug, Parser)]
#[command(name = "muster", version, about)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the server.
    Serve(serve::Serve),
    /// Run simulated devices against a server.
    Simulate(Box<simulate::Simulate>),
    /// Print or check the configuration.
    #[command(subcommand)]
    Config(configuration::ConfigCommand),
    /// Manage accounts, with the server running or not.
    #[command(subcommand)]
    User(accounts::UserCommand),
    /// Manage API tokens, with the server running or not.
    #[command(subcommand)]
    Token(accounts::TokenCommand),
    /// Manage object definitions, with the server running or not.
    #[command(subcommand)]
    Objects(objects::ObjectsCommand),
    /// Back up or restore the database.
    #[command(subcommand)]
    Db(database::DbCommand),
    /// Ask a running server whether it is ready; ends with 1 if it is not.
    Healthcheck(healthcheck::Healthcheck),
}

/// Does what the command line says.
///
/// # Errors
/// What went wrong, in words for the person at the terminal.
pub fn run(cli: Cli) -> anyhow::Result<()> {
    match cli.command {
        Command::Serve(command) => command.run(),
        Command::Simulate(command) => command.run(),
        Command::Config(command) => command.run(),
        Command::User(command) => command.run(),
        Command::Token(command) => command.run(),
        Command::Objects(command) => command.run(),
        Command::Db(command) => command.run(),
        Command::Healthcheck(command) => command.run(),
    }
}

/// Where the configuration comes from, and the data directory, which nearly every command needs.
#[derive(Debug, Clone, Args)]
struct Common {
    /// The configuration file; `muster config print` writes one.
    #[arg(long, value_name = "FILE", env = "MUSTER_CONFIG")]
    config: Option<PathBuf>,
    /// Where the database is kept.
    #[arg(long, value_name = "DIR")]
    data_dir: Option<PathBuf>,
}

impl Common {
    /// The configuration with these flags and further ones.
    fn load(&self, further: Vec<(&'static str, String)>) -> anyhow::Result<Config> {
        let mut source = Source::from_process();
        source.file.clone_from(&self.config);
        if let Some(directory) = &self.data_dir {
            let text = directory
                .to_str()
                .ok_or_else(|| anyhow::anyhow!("--data-dir: not UTF-8"))?;
            source.flags.push(("data_dir", text.into()));
        }
        source.flags.extend(further);
        config::load(&source).map_err(|problems| {
            let lines: Vec<String> = problems.iter().map(|problem| format!("  {problem}")).collect();
            anyhow::anyhow!("the configuration cannot be used:\n{}", lines.join("\n"))
        })
    }
}

/// A runtime for commands that do one thing.
fn block_on<T>(future: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?
        .block_on(future)
}
