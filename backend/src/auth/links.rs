//! Links that show one device to whoever has them, without an account, until they expire.
//!
//! The secret of a link stands in the fragment of its address, which browsers do not send; the page exchanges it for a
//! session that is held to the device by [`super::scope`].

use super::secret::Secret;
use super::sessions::SessionKey;
use super::users::checked_note;
use super::{Accounts, AuthError, Ended, Identity, NewSession, Proof};
use crate::clock;
use crate::store::StoreError;
use rusqlite::{Connection, OptionalExtension, Row, params};
use shared::Timestamp;
use shared::api::{LinkCreated, LinkView, NewLink, Role};

/// How many links there may be.
const MOST: i64 = 2000;
/// How many sessions one link may have; the oldest makes room.
const SESSIONS: u32 = 50;
const HOUR: i64 = 3_600_000;
/// For how long an expired link is remembered, to say that it expired.
const REMEMBERED: i64 = 30 * 24 * HOUR;
const COLUMNS: &str = "id, endpoint, note, created, created_by, expires, opened";

impl Accounts {
    /// Makes a link to a device. Its secret is told only this once.
    ///
    /// # Errors
    /// [`AuthError::BadLifetime`], [`AuthError::BadNote`], [`AuthError::Full`]
    pub async fn create_link(
        &self,
        endpoint: &str,
        link: NewLink,
        by: &str,
    ) -> Result<LinkCreated, AuthError> {
        if !(1..=168).contains(&link.hours) {
            return Err(AuthError::BadLifetime);
        }
        let note = checked_note(link.note)?;
        let secret = Secret::random()?;
        let (hash, now) = (secret.hash(), clock::now());
        let expires = Timestamp(now.0 + i64::from(link.hours) * HOUR);
        let (endpoint, by) = (endpoint.to_owned(), by.to_owned());
        let link = self
            .store()
            .write(move |transaction| {
                transaction.execute(
                    "DELETE FROM device_link WHERE expires < ?1",
                    params![now.0 - REMEMBERED],
                )?;
                let count: i64 =
                    transaction.query_row("SELECT count(*) FROM device_link", [], |row| row.get(0))?;
                if count >= MOST {
                    return Ok(Err(AuthError::Full("links")));
                }
                let sql = format!(
                    "INSERT INTO device_link (hash, endpoint, note, created, created_by, expires)
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6) RETURNING {COLUMNS}"
                );
                let values = params![hash, endpoint, note, now.0, by, expires.0];
                Ok(Ok(transaction.query_row(&sql, values, view)?))
            })
            .await??;
        Ok(LinkCreated {
            link,
            secret: secret.text(),
        })
    }

    /// The links to this device, or all of them; the newest first, those that expired lately among them.
    ///
    /// # Errors
    /// [`AuthError::Store`]
    pub async fn links(&self, endpoint: Option<String>) -> Result<Vec<LinkView>, AuthError> {
        Ok(self
            .store()
            .read(move |connection| {
                let mut statement = connection.prepare_cached(&format!(
                    "SELECT {COLUMNS} FROM device_link WHERE ?1 IS NULL OR endpoint = ?1 ORDER BY id DESC"
                ))?;
                let rows = statement.query_map(params![endpoint], view)?;
                Ok(rows.collect::<Result<_, _>>()?)
            })
            .await?)
    }

    /// Makes a link useless and ends its sessions; returns it as it was.
    ///
    /// # Errors
    /// [`AuthError::UnknownLink`]
    pub async fn revoke_link(&self, id: i64) -> Result<LinkView, AuthError> {
        let link = self
            .store()
            .write(move |transaction| {
                let sql = format!("DELETE FROM device_link WHERE id = ?1 RETURNING {COLUMNS}");
                Ok(transaction.query_row(&sql, params![id], view).optional()?)
            })
            .await?;
        self.tell(Ended::Link(id));
        link.ok_or(AuthError::UnknownLink(id))
    }

    /// Makes all links to a device useless, because it is not there any more.
    ///
    /// # Errors
    /// [`AuthError::Store`]
    pub async fn forget_links(&self, endpoint: &str) -> Result<(), AuthError> {
        let endpoint = endpoint.to_owned();
        let ended = self
            .store()
            .write(move |transaction| remove_of(transaction, "endpoint", &endpoint))
            .await?;
        ended.into_iter().for_each(|one| self.tell(one));
        Ok(())
    }

    /// The link of this secret.
    ///
    /// # Errors
    /// [`AuthError::NoSuchLink`] for one that was revoked or never was, [`AuthError::LinkExpired`]
    pub async fn link(&self, secret: &str) -> Result<LinkView, AuthError> {
        let hash = Secret::from_text(secret).ok_or(AuthError::NoSuchLink)?.hash();
        let link = self
            .store()
            .read(move |connection| {
                let sql = format!("SELECT {COLUMNS} FROM device_link WHERE hash = ?1");
                Ok(connection
                    .prepare_cached(&sql)?
                    .query_row(params![hash], view)
                    .optional()?)
            })
            .await?;
        let link = link.ok_or(AuthError::NoSuchLink)?;
        if link.expires <= clock::now() {
            return Err(AuthError::LinkExpired(link.expires));
        }
        Ok(link)
    }

    /// Begins a session that sees the device of the link and nothing else.
    ///
    /// # Errors
    /// As [`Accounts::link`].
    pub async fn open_link(&self, secret: &str) -> Result<NewSession, AuthError> {
        let link = self.link(secret).await?;
        let secret = Secret::random()?;
        let (hash, id, now) = (secret.hash(), link.id, clock::now());
        self.store()
            .write(move |transaction| {
                transaction.execute(
                    "UPDATE device_link SET opened = ?2 WHERE id = ?1",
                    params![id, now.0],
                )?;
                transaction.execute(
                    "DELETE FROM link_session WHERE link = ?1 AND hash NOT IN
                        (SELECT hash FROM link_session WHERE link = ?1 ORDER BY created DESC LIMIT ?2)",
                    params![id, SESSIONS - 1],
                )?;
                transaction.execute(
                    "INSERT INTO link_session (hash, link, created) VALUES (?1, ?2, ?3)",
                    params![hash, id, now.0],
                )?;
                Ok(())
            })
            .await?;
        let identity = identity(id, link.endpoint, link.expires, &secret);
        Ok(NewSession { secret, identity })
    }
}

fn identity(id: i64, endpoint: String, expires: Timestamp, secret: &Secret) -> Identity {
    Identity {
        name: format!("link:{id}"),
        role: Role::Viewer,
        proof: Proof::Link {
            id,
            key: SessionKey(secret.hash()),
            csrf_token: secret.derive("csrf"),
            device: endpoint,
            expires,
        },
    }
}

/// Whose session of a link this is, if the link still holds.
pub(super) fn find(
    connection: &Connection,
    secret: &Secret,
    now: Timestamp,
) -> Result<Option<Identity>, StoreError> {
    Ok(connection
        .prepare_cached(
            "SELECT device_link.id, endpoint, expires FROM link_session
             JOIN device_link ON device_link.id = link_session.link
             WHERE link_session.hash = ?1 AND expires > ?2",
        )?
        .query_row(params![secret.hash(), now.0], |row| {
            Ok(identity(row.get(0)?, row.get(1)?, Timestamp(row.get(2)?), secret))
        })
        .optional()?)
}

pub(super) fn holds(connection: &Connection, key: SessionKey, now: Timestamp) -> Result<bool, StoreError> {
    Ok(connection
        .prepare_cached(
            "SELECT 1 FROM link_session JOIN device_link ON device_link.id = link_session.link
             WHERE link_session.hash = ?1 AND expires > ?2",
        )?
        .exists(params![key.0, now.0])?)
}

pub(super) fn end(connection: &Connection, key: SessionKey) -> Result<(), StoreError> {
    connection.execute("DELETE FROM link_session WHERE hash = ?1", params![key.0])?;
    Ok(())
}

/// Removes the links whose `column` has this value.
pub(super) fn remove_of(
    connection: &Connection,
    column: &'static str,
    value: &str,
) -> Result<Vec<Ended>, StoreError> {
    let mut statement = connection.prepare(&format!(
        "DELETE FROM device_link WHERE {column} = ?1 RETURNING id"
    ))?;
    let ended = statement.query_map(params![value], |row| Ok(Ended::Link(row.get(0)?)))?;
    Ok(ended.collect::<Result<_, _>>()?)
}

fn view(row: &Row<'_>) -> rusqlite::Result<LinkView> {
    Ok(LinkView {
        id: row.get(0)?,
        endpoint: row.get(1)?,
        note: row.get(2)?,
        created: Timestamp(row.get(3)?),
        created_by: row.get(4)?,
        expires: Timestamp(row.get(5)?),
        opened: row.get::<_, Option<i64>>(6)?.map(Timestamp),
    })
}
