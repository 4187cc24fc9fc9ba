//! `muster user` and `muster token`. They work on the database, with the server running or not.

use super::{Common, block_on, output};
use crate::auth::Accounts;
use crate::store::Store;
use clap::{Args, Subcommand};
use shared::api::{NewToken, NewUser, PasswordSet, Role};
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
                let password = given_password()?;
                with_accounts(&command.common, async |accounts| {
                    let user = NewUser {
                        name: command.name,
                        role: command.role,
                        password,
                    };
                    tell(&accounts.add_user(user).await?)
                })
            }
            UserCommand::Passwd(command) => {
                let password = given_password()?;
                with_accounts(&command.common, async |accounts| {
                    tell(&accounts.set_password(&command.name, password).await?)
                })
            }
        }
    }
}

impl TokenCommand {
    pub(super) fn run(self) -> anyhow::Result<()> {
        match self {
            TokenCommand::Create(command) => with_accounts(&command.common, async |accounts| {
                let token = NewToken {
                    name: command.name,
                    role: command.role,
                    note: None,
                    expires: None,
                };
                let made = accounts.create_token(token, "the command line").await?;
                Ok(output::line(&made.secret)?)
            }),
            TokenCommand::List(command) => with_accounts(&command.common, async |accounts| {
                for token in accounts.tokens().await? {
                    let created = token.created.to_string();
                    let day = created.get(..10).unwrap_or(&created);
                    let role = token.role.name();
                    output::line(&format!("{}\t{}\t{role}\t{day}", token.id, token.name))?;
                }
                Ok(())
            }),
            TokenCommand::Revoke(command) => with_accounts(&command.common, async |accounts| {
                accounts.revoke_token(command.id).await?;
                Ok(())
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

/// A password from standard input; none when a person sits there, for what is typed would be seen.
fn given_password() -> anyhow::Result<Option<String>> {
    if std::io::stdin().is_terminal() {
        return Ok(None);
    }
    let mut text = String::new();
    std::io::stdin().lock().read_line(&mut text)?;
    Ok(Some(text.trim_end_matches(['\r', '\n']).into()))
}

/// Prints a password that was made up.
fn tell(set: &PasswordSet) -> anyhow::Result<()> {
    if let Some(password) = &set.generated {
        output::line(password)?;
    }
    Ok(())
}

fn parse_role(text: &str) -> Result<Role, String> {
    Role::from_name(text).ok_or_else(|| "a role is viewer, support, operator or admin".into())
}
