//! API tokens in the database: `muster_` and 64 hexadecimal digits, kept as a hash.

use super::secret::Secret;
use super::{AuthError, Identity, Proof, role_from_name, role_name};
use crate::store::StoreError;
use rusqlite::{Connection, OptionalExtension, params};
use shared::Timestamp;
use shared::api::Role;

/// Marks the text as a secret of this server, for people and for scanners of leaked secrets.
const PREFIX: &str = "muster_";

/// The text of a new token.
pub(super) fn text(secret: &Secret) -> String {
    format!("{PREFIX}{}", secret.text())
}

pub(super) fn secret(text: &str) -> Option<Secret> {
    Secret::from_text(text.strip_prefix(PREFIX)?)
}

pub(super) fn insert(
    connection: &Connection,
    name: &str,
    role: Role,
    secret: &Secret,
    now: Timestamp,
) -> Result<(), StoreError> {
    connection.execute(
        "INSERT INTO api_token (name, role, hash, created) VALUES (?1, ?2, ?3, ?4)",
        params![name, role_name(role), secret.hash(), now.0],
    )?;
    Ok(())
}

pub(super) fn find(connection: &Connection, secret: &Secret) -> Result<Option<Identity>, StoreError> {
    let row = connection
        .prepare_cached("SELECT id, name, role FROM api_token WHERE hash = ?1")?
        .query_row(params![secret.hash()], |row| {
            Ok((
                row.get::<_, i64>(0)?,
                row.get::<_, String>(1)?,
                row.get::<_, String>(2)?,
            ))
        })
        .optional()?;
    Ok(row.and_then(|(id, name, role)| {
        Some(Identity {
            name: format!("token:{name}"),
            role: role_from_name(&role)?,
            proof: Proof::Token { id },
        })
    }))
}

/// A token as it is listed: everything but the secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenView {
    pub id: i64,
    pub name: String,
    pub role: String,
    pub created: Timestamp,
}

pub(super) fn list(connection: &Connection) -> Result<Vec<TokenView>, StoreError> {
    let mut statement =
        connection.prepare_cached("SELECT id, name, role, created FROM api_token ORDER BY id")?;
    let rows = statement.query_map([], |row| {
        Ok(TokenView {
            id: row.get(0)?,
            name: row.get(1)?,
            role: row.get(2)?,
            created: Timestamp(row.get(3)?),
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

pub(super) fn holds(connection: &Connection, id: i64) -> Result<bool, StoreError> {
    Ok(connection
        .prepare_cached("SELECT 1 FROM api_token WHERE id = ?1")?
        .exists(params![id])?)
}

pub(super) fn revoke(connection: &Connection, id: i64) -> Result<Result<(), AuthError>, StoreError> {
    let revoked = connection.execute("DELETE FROM api_token WHERE id = ?1", params![id])?;
    Ok(if revoked == 0 {
        Err(AuthError::UnknownToken(id))
    } else {
        Ok(())
    })
}
