//! Sessions in the database. All functions take the connection they run on.

use super::secret::{Secret, hex};
use super::{Ended, Identity, Proof, Visitor};
use crate::config;
use crate::store::StoreError;
use rusqlite::{Connection, OptionalExtension, params};
use shared::Timestamp;
use shared::api::{AccountSession, Role};

/// How many sessions one user may have; the one unused for longest makes room.
const PER_USER: u32 = 50;
/// How exactly the last use of a session is kept, in milliseconds: it costs a write.
const TOUCH: i64 = 60_000;

/// What the database knows a session by: the hash of its secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SessionKey(pub(super) [u8; 32]);

impl SessionKey {
    /// What a session is called where it is listed: enough of the hash to tell sessions of one user apart.
    fn id(self) -> String {
        hex(&self.0[..8])
    }
}

/// A session that was just begun.
#[derive(Debug)]
pub struct NewSession {
    /// What goes into the cookie.
    pub secret: Secret,
    pub identity: Identity,
}

/// When a session ends.
#[derive(Debug, Clone, Copy)]
pub(super) struct Lifetimes {
    idle: i64,
    absolute: i64,
}

impl Lifetimes {
    pub(super) fn new(config: &config::Auth) -> Lifetimes {
        Lifetimes {
            idle: i64::from(config.session_idle_minutes) * 60_000,
            absolute: i64::from(config.session_absolute_hours) * 3_600_000,
        }
    }

    /// A session that was used before this has ended.
    pub(super) const fn idle_since(self, now: Timestamp) -> i64 {
        now.0 - self.idle
    }

    /// A session that was begun before this has ended.
    pub(super) const fn begun_since(self, now: Timestamp) -> i64 {
        now.0 - self.absolute
    }
}

pub(super) struct Found {
    pub(super) identity: Identity,
    /// Whether its last use should be written down.
    pub(super) touch: bool,
}

pub(super) fn identity(name: String, role: Role, secret: &Secret) -> Identity {
    Identity {
        name,
        role,
        proof: Proof::Session {
            key: SessionKey(secret.hash()),
            csrf_token: secret.derive("csrf"),
        },
    }
}

pub(super) fn begin(
    connection: &Connection,
    user: i64,
    secret: &Secret,
    visitor: &Visitor,
    lifetimes: Lifetimes,
    now: Timestamp,
) -> Result<(), StoreError> {
    connection.execute(
        "DELETE FROM session WHERE seen < ?1 OR created < ?2",
        params![lifetimes.idle_since(now), lifetimes.begun_since(now)],
    )?;
    connection.execute(
        "DELETE FROM session WHERE user = ?1 AND hash NOT IN
            (SELECT hash FROM session WHERE user = ?1 ORDER BY seen DESC LIMIT ?2)",
        params![user, PER_USER - 1],
    )?;
    connection.execute(
        "INSERT INTO session (hash, user, created, seen, address, agent) VALUES (?1, ?2, ?3, ?3, ?4, ?5)",
        params![
            secret.hash(),
            user,
            now.0,
            visitor.address.to_string(),
            visitor.agent
        ],
    )?;
    connection.execute(
        "UPDATE user SET logged_in = ?2 WHERE id = ?1",
        params![user, now.0],
    )?;
    Ok(())
}

/// The session of this secret if it still holds.
pub(super) fn find(
    connection: &Connection,
    secret: &Secret,
    lifetimes: Lifetimes,
    now: Timestamp,
) -> Result<Option<Found>, StoreError> {
    let row = connection
        .prepare_cached(
            "SELECT user.name, user.role, session.seen FROM session JOIN user ON user.id = session.user
             WHERE session.hash = ?1 AND session.seen >= ?2 AND session.created >= ?3",
        )?
        .query_row(
            params![
                secret.hash(),
                lifetimes.idle_since(now),
                lifetimes.begun_since(now)
            ],
            |row| {
                Ok((
                    row.get::<_, String>(0)?,
                    row.get::<_, String>(1)?,
                    row.get::<_, i64>(2)?,
                ))
            },
        )
        .optional()?;
    Ok(row.and_then(|(name, role, seen)| {
        Some(Found {
            identity: identity(name, Role::from_name(&role)?, secret),
            touch: now.0 - seen > TOUCH,
        })
    }))
}

/// Whether the session still holds.
pub(super) fn holds(
    connection: &Connection,
    key: SessionKey,
    lifetimes: Lifetimes,
    now: Timestamp,
) -> Result<bool, StoreError> {
    Ok(connection
        .prepare_cached("SELECT 1 FROM session WHERE hash = ?1 AND seen >= ?2 AND created >= ?3")?
        .exists(params![
            key.0,
            lifetimes.idle_since(now),
            lifetimes.begun_since(now)
        ])?)
}

pub(super) fn touch(connection: &Connection, key: SessionKey, now: Timestamp) -> Result<(), StoreError> {
    connection.execute(
        "UPDATE session SET seen = ?2 WHERE hash = ?1",
        params![key.0, now.0],
    )?;
    Ok(())
}

pub(super) fn end(connection: &Connection, key: SessionKey) -> Result<(), StoreError> {
    connection.execute("DELETE FROM session WHERE hash = ?1", params![key.0])?;
    Ok(())
}

/// Ends the sessions of a user, all but one that is kept.
pub(super) fn end_all(
    connection: &Connection,
    user: &str,
    keep: Option<SessionKey>,
) -> Result<Vec<Ended>, StoreError> {
    let mut statement = connection.prepare_cached(
        "DELETE FROM session WHERE user = (SELECT id FROM user WHERE name = ?1) AND hash IS NOT ?2 RETURNING hash",
    )?;
    let ended = statement.query_map(params![user, keep.map(|key| key.0)], |row| {
        Ok(Ended::Session(SessionKey(row.get(0)?)))
    })?;
    Ok(ended.collect::<Result<_, _>>()?)
}

/// The sessions of a user that hold, the one used last first.
pub(super) fn list(
    connection: &Connection,
    user: &str,
    own: SessionKey,
    lifetimes: Lifetimes,
    now: Timestamp,
) -> Result<Vec<(SessionKey, AccountSession)>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT hash, session.created, seen, address, agent FROM session JOIN user ON user.id = session.user
         WHERE name = ?1 AND seen >= ?2 AND session.created >= ?3 ORDER BY seen DESC, session.created DESC",
    )?;
    let values = params![user, lifetimes.idle_since(now), lifetimes.begun_since(now)];
    let rows = statement.query_map(values, |row| {
        let key = SessionKey(row.get(0)?);
        let session = AccountSession {
            id: key.id(),
            created: Timestamp(row.get(1)?),
            seen: Timestamp(row.get(2)?),
            address: row.get(3)?,
            agent: row.get(4)?,
            current: key == own,
        };
        Ok((key, session))
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}
