//! The users: who may log in, and with which role.

use super::sessions::{self, SessionKey};
use super::{Accounts, AuthError, Ended, Secret};
use crate::clock;
use crate::store::StoreError;
use rusqlite::{Connection, OptionalExtension, params};
use shared::Timestamp;
use shared::api::{ChangePassword, NewUser, PasswordSet, Role, UserView};
use std::net::IpAddr;

/// How many users there may be.
const MOST: i64 = 1000;
/// A longer password is refused before it is hashed.
pub(super) const MAX_PASSWORD: usize = 1024;

/// What a log-in is held against.
pub(super) struct Known {
    pub(super) id: i64,
    pub(super) role: Role,
    pub(super) hash: String,
}

impl Accounts {
    /// All users, by name.
    ///
    /// # Errors
    /// [`AuthError::Store`]
    pub async fn users(&self) -> Result<Vec<UserView>, AuthError> {
        let (lifetimes, now) = (self.lifetimes(), clock::now());
        Ok(self
            .store()
            .read(move |connection| {
                let mut statement = connection.prepare_cached(
                    "SELECT name, role, created, logged_in,
                        (SELECT count(*) FROM session WHERE user = user.id AND seen >= ?1 AND session.created >= ?2)
                     FROM user ORDER BY name",
                )?;
                let rows = statement.query_map(params![lifetimes.idle_since(now), lifetimes.begun_since(now)], |row| {
                    let role: String = row.get(1)?;
                    Ok(UserView {
                        name: row.get(0)?,
                        // A role that is not known may do the least.
                        role: Role::from_name(&role).unwrap_or(Role::Viewer),
                        created: Timestamp(row.get(2)?),
                        logged_in: row.get::<_, Option<i64>>(3)?.map(Timestamp),
                        sessions: row.get(4)?,
                    })
                })?;
                Ok(rows.collect::<Result<_, _>>()?)
            })
            .await?)
    }

    /// Adds a user, with a made-up password if none is given.
    ///
    /// # Errors
    /// [`AuthError::UserExists`], or the name or password does not do.
    pub async fn add_user(&self, user: NewUser) -> Result<PasswordSet, AuthError> {
        check_name(&user.name)?;
        let (password, generated) = given_or_made_up(user.password)?;
        self.insert_user(&user.name, user.role, password).await?;
        Ok(PasswordSet {
            name: user.name,
            generated,
        })
    }

    pub(super) async fn insert_user(
        &self,
        name: &str,
        role: Role,
        password: String,
    ) -> Result<(), AuthError> {
        let hash = self.hashing().hash(password).await?;
        let (owned, now) = (name.to_owned(), clock::now());
        self.store()
            .write(move |transaction| {
                let count: i64 = transaction.query_row("SELECT count(*) FROM user", [], |row| row.get(0))?;
                if count >= MOST {
                    return Ok(Err(AuthError::Full("users")));
                }
                let added = transaction.execute(
                    "INSERT OR IGNORE INTO user (name, role, password, created) VALUES (?1, ?2, ?3, ?4)",
                    params![owned, role.name(), hash, now.0],
                )?;
                Ok(if added == 0 {
                    Err(AuthError::UserExists(owned))
                } else {
                    Ok(())
                })
            })
            .await?
    }

    /// Gives a user another role. The user's sessions end, so that it counts at once.
    ///
    /// # Errors
    /// [`AuthError::UnknownUser`], [`AuthError::LastAdmin`]
    pub async fn set_role(&self, name: &str, role: Role) -> Result<(), AuthError> {
        let owned = name.to_owned();
        let ended = self
            .store()
            .write(move |transaction| {
                if role != Role::Admin && is_last_admin(transaction, &owned)? {
                    return Ok(Err(AuthError::LastAdmin));
                }
                let update = "UPDATE user SET role = ?2 WHERE name = ?1";
                if transaction.execute(update, params![owned, role.name()])? == 0 {
                    return Ok(Err(AuthError::UnknownUser(owned)));
                }
                Ok(Ok(sessions::end_all(transaction, &owned, None)?))
            })
            .await??;
        self.tell_ended(ended);
        Ok(())
    }

    /// Gives a user another password, made up if none is given, and ends the user's sessions.
    ///
    /// # Errors
    /// [`AuthError::UnknownUser`], or the password does not do.
    pub async fn set_password(&self, name: &str, password: Option<String>) -> Result<PasswordSet, AuthError> {
        let (password, generated) = given_or_made_up(password)?;
        self.replace_password(name, password, None).await?;
        Ok(PasswordSet {
            name: name.to_owned(),
            generated,
        })
    }

    /// Changes one's own password; the session that asks for it goes on, all others end. Wrong guesses at the old one
    /// count as failed log-ins do.
    ///
    /// # Errors
    /// [`AuthError::WrongOldPassword`], [`AuthError::Throttled`], or the new one does not do.
    pub async fn change_password(
        &self,
        name: &str,
        change: ChangePassword,
        keep: SessionKey,
        address: IpAddr,
    ) -> Result<(), AuthError> {
        check_password(&change.new)?;
        self.check_throttle(name, address)?;
        let hash = self.known(name).await?.map(|known| known.hash);
        let fits = change.old.len() <= MAX_PASSWORD && self.hashing().verify(change.old, hash).await?;
        if !fits {
            self.note_attempt(name, address, false);
            return Err(AuthError::WrongOldPassword);
        }
        self.note_attempt(name, address, true);
        self.replace_password(name, change.new, Some(keep)).await
    }

    async fn replace_password(
        &self,
        name: &str,
        password: String,
        keep: Option<SessionKey>,
    ) -> Result<(), AuthError> {
        check_password(&password)?;
        let hash = self.hashing().hash(password).await?;
        let owned = name.to_owned();
        let ended = self
            .store()
            .write(move |transaction| {
                let update = "UPDATE user SET password = ?2 WHERE name = ?1";
                if transaction.execute(update, params![owned, hash])? == 0 {
                    return Ok(Err(AuthError::UnknownUser(owned)));
                }
                Ok(Ok(sessions::end_all(transaction, &owned, keep)?))
            })
            .await??;
        self.tell_ended(ended);
        Ok(())
    }

    /// Removes a user, the user's sessions, and the links that the user gave out.
    ///
    /// # Errors
    /// [`AuthError::UnknownUser`], [`AuthError::LastAdmin`]
    pub async fn remove_user(&self, name: &str) -> Result<(), AuthError> {
        let owned = name.to_owned();
        let ended = self
            .store()
            .write(move |transaction| {
                if is_last_admin(transaction, &owned)? {
                    return Ok(Err(AuthError::LastAdmin));
                }
                let mut ended = sessions::end_all(transaction, &owned, None)?;
                ended.extend(super::links::remove_of(transaction, "created_by", &owned)?);
                let removed = transaction.execute("DELETE FROM user WHERE name = ?1", params![owned])?;
                Ok(if removed == 0 {
                    Err(AuthError::UnknownUser(owned))
                } else {
                    Ok(ended)
                })
            })
            .await??;
        self.tell_ended(ended);
        Ok(())
    }

    /// What is known of the user of this name.
    pub(super) async fn known(&self, name: &str) -> Result<Option<Known>, AuthError> {
        let wanted = name.to_owned();
        let found = self
            .store()
            .read(move |connection| {
                Ok(connection
                    .prepare_cached("SELECT id, role, password FROM user WHERE name = ?1")?
                    .query_row(params![wanted], |row| {
                        Ok((
                            row.get::<_, i64>(0)?,
                            row.get::<_, String>(1)?,
                            row.get::<_, String>(2)?,
                        ))
                    })
                    .optional()?)
            })
            .await?;
        Ok(found.and_then(|(id, role, hash)| {
            Some(Known {
                id,
                role: Role::from_name(&role)?,
                hash,
            })
        }))
    }

    fn tell_ended(&self, ended: Vec<Ended>) {
        for one in ended {
            self.tell(one);
        }
    }
}

fn is_last_admin(connection: &Connection, name: &str) -> Result<bool, StoreError> {
    Ok(connection
        .query_row(
            "SELECT role = 'admin' AND (SELECT count(*) FROM user WHERE role = 'admin') = 1 FROM user WHERE name = ?1",
            params![name],
            |row| row.get(0),
        )
        .optional()?
        .unwrap_or(false))
}

fn given_or_made_up(password: Option<String>) -> Result<(String, Option<String>), AuthError> {
    match password {
        Some(password) => {
            check_password(&password)?;
            Ok((password, None))
        }
        None => {
            let password = Secret::readable_password()?;
            Ok((password.clone(), Some(password)))
        }
    }
}

pub(super) fn check_name(name: &str) -> Result<(), AuthError> {
    let fits = (1..=64).contains(&name.chars().count())
        && name.trim() == name
        && !name.chars().any(char::is_control);
    if fits { Ok(()) } else { Err(AuthError::BadName) }
}

fn check_password(password: &str) -> Result<(), AuthError> {
    let fits = (8..=MAX_PASSWORD).contains(&password.len());
    if fits { Ok(()) } else { Err(AuthError::BadPassword) }
}

/// A note as it is kept: nothing for an empty one.
pub(super) fn checked_note(note: Option<String>) -> Result<Option<String>, AuthError> {
    let note = note
        .map(|note| note.trim().to_owned())
        .filter(|note| !note.is_empty());
    let fits = note
        .as_ref()
        .is_none_or(|note| note.chars().count() <= 200 && !note.chars().any(char::is_control));
    if fits { Ok(note) } else { Err(AuthError::BadNote) }
}
