//! `muster user` and `muster token`. They work on the database, with the server running or not.

use super::{Common, block_on, output};
use crate::auth::{Accounts, Secret, role_from_name};
use crate::store::Store;
use clap::{Args, Subcommand};
use shared::api::Role;
use std::io::{BufRead, IsTerminal};

#[derive(Debug, Subcommand)]
pub(super) enum UserCommand {
    /// Add a user. The password is the first line of standard input; at a terminal one is made up and printed.
    Add(AddUser),
    /// Give a user another password, which ends the user's sessions. The password comes as for `add`.
    Passwd(SetPassword),
}

#[derive(Debug, Args)]
pub(super) struct AddUser {
    #[command(flatten)]
    common: Common,
    #[arg(long)]
    name: String,
    /// viewer, support, operator or admin.
    #[arg(long, value_parser = parse_role)]
    role: Role,
}

#[derive(Debug, Args)]
pub(super) struct SetPassword {
    #[command(flatten)]
    common: Common,
    #[arg(long)]
    name: String,
}

#[derive(Debug, Subcommand)]
pub(super) enum TokenCommand {
    /// Make an API token and print it, alone on its line. It is told only this once.
    Create(CreateToken),
    /// List the tokens: number, name, role, day of making.
    List(ListTokens),
    /// Make a token useless.
    Revoke(RevokeToken),
}

#[derive(Debug, Args)]
pub(super) struct CreateToken {
    #[command(flatten)]
    common: Common,
    /// What the token is for; the audit log shows it.
    #[arg(long)]
    name: String,
    /// viewer, support, operator or admin.
    #[arg(long, value_parser = parse_role)]
    role: Role,
}

#[derive(Debug, Args)]
pub(super) struct ListTokens {
    #[command(flatten)]
    common: Common,
}

#[derive(Debug, Args)]
pub(super) struct RevokeToken {
    #[command(flatten)]
    common: Common,
    /// The number that `list` shows.
    #[arg(long)]
    id: i64,
}

impl UserCommand {
    pub(super) fn run(self) -> anyhow::Result<()> {
        match self {
            UserCommand::Add(command) => {
                let password = Password::take()?;
                with_accounts(&command.common, async |accounts| {
                    accounts
                        .add_user(&command.name, command.role, password.text.clone())
                        .await?;
                    password.tell()
                })
            }
            UserCommand::Passwd(command) => {
                let password = Password::take()?;
                with_accounts(&command.common, async |accounts| {
                    accounts
                        .set_password(&command.name, password.text.clone())
                        .await?;
                    password.tell()
                })
            }
        }
    }
}

impl TokenCommand {
    pub(super) fn run(self) -> anyhow::Result<()> {
        match self {
            TokenCommand::Create(command) => with_accounts(&command.common, async |accounts| {
                let token = accounts.create_token(&command.name, command.role).await?;
                Ok(output::line(&token)?)
            }),
            TokenCommand::List(command) => with_accounts(&command.common, async |accounts| {
                for token in accounts.tokens().await? {
                    let created = token.created.to_string();
                    let day = created.get(..10).unwrap_or(&created);
                    output::line(&format!("{}\t{}\t{}\t{day}", token.id, token.name, token.role))?;
                }
                Ok(())
            }),
            TokenCommand::Revoke(command) => with_accounts(&command.common, async |accounts| {
                Ok(accounts.revoke_token(command.id).await?)
            }),
        }
    }
}

fn with_accounts(
    common: &Common,
    work: impl AsyncFnOnce(&Accounts) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let config = common.load(Vec::new())?;
    block_on(async {
        let store = Store::open(&config.data_dir)?;
        let accounts = Accounts::new(store.clone(), &config.auth);
        let done = work(&accounts).await;
        store.close().await?;
        done
    })
}

/// A password from standard input, or one made up when a person sits there: what is typed would be seen.
struct Password {
    text: String,
    made_up: bool,
}

impl Password {
    fn take() -> anyhow::Result<Password> {
        if std::io::stdin().is_terminal() {
            return Ok(Password {
                text: Secret::readable_password()?,
                made_up: true,
            });
        }
        let mut text = String::new();
        std::io::stdin().lock().read_line(&mut text)?;
        Ok(Password {
            text: text.trim_end_matches(['\r', '\n']).into(),
            made_up: false,
        })
    }

    fn tell(&self) -> anyhow::Result<()> {
        if self.made_up {
            output::line(&self.text)?;
        }
        Ok(())
    }
}

fn parse_role(text: &str) -> Result<Role, String> {
    role_from_name(text).ok_or_else(|| "a role is viewer, support, operator or admin".into())
}
