//! API tokens: `muster_` and 64 hexadecimal digits, kept as a hash.

use super::secret::Secret;
use super::users::{check_name, checked_note};
use super::{Accounts, AuthError, Ended, Identity, Proof};
use crate::clock;
use crate::store::StoreError;
use rusqlite::{Connection, OptionalExtension, Row, params};
use shared::Timestamp;
use shared::api::{NewToken, Role, TokenCreated, TokenView};

/// Marks the text as a secret of this server, for people and for scanners of leaked secrets.
const PREFIX: &str = "muster_";
/// How many tokens there may be.
const MOST: i64 = 1000;
/// How exactly the last use of a token is kept, in milliseconds: it costs a write.
const TOUCH: i64 = 60_000;
const COLUMNS: &str = "id, name, role, note, created, created_by, expires, used";

impl Accounts {
    /// Makes an API token. Its text is told only this once.
    ///
    /// # Errors
    /// [`AuthError::BadName`], [`AuthError::BadNote`], [`AuthError::Past`], [`AuthError::Full`]
    pub async fn create_token(&self, token: NewToken, by: &str) -> Result<TokenCreated, AuthError> {
        check_name(&token.name)?;
        let note = checked_note(token.note)?;
        let (secret, now) = (Secret::random()?, clock::now());
        if token.expires.is_some_and(|expires| expires <= now) {
            return Err(AuthError::Past);
        }
        let (hash, by) = (secret.hash(), by.to_owned());
        let (name, role, expires) = (token.name, token.role, token.expires);
        let token = self
            .store()
            .write(move |transaction| {
                let count: i64 =
                    transaction.query_row("SELECT count(*) FROM api_token", [], |row| row.get(0))?;
                if count >= MOST {
                    return Ok(Err(AuthError::Full("tokens")));
                }
                let sql = format!(
                    "INSERT INTO api_token (name, role, hash, created, note, created_by, expires)
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) RETURNING {COLUMNS}"
                );
                let expires = expires.map(|expires| expires.0);
                let values = params![name, role.name(), hash, now.0, note, by, expires];
                Ok(Ok(transaction.query_row(&sql, values, view)?))
            })
            .await??;
        Ok(TokenCreated {
            token,
            secret: format!("{PREFIX}{}", secret.text()),
        })
    }

    /// All API tokens, also those that expired.
    ///
    /// # Errors
    /// [`AuthError::Store`]
    pub async fn tokens(&self) -> Result<Vec<TokenView>, AuthError> {
        Ok(self
            .store()
            .read(|connection| {
                let mut statement =
                    connection.prepare_cached(&format!("SELECT {COLUMNS} FROM api_token ORDER BY id"))?;
                let rows = statement.query_map([], view)?;
                Ok(rows.collect::<Result<_, _>>()?)
            })
            .await?)
    }

    /// Makes an API token useless; returns its name.
    ///
    /// # Errors
    /// [`AuthError::UnknownToken`]
    pub async fn revoke_token(&self, id: i64) -> Result<String, AuthError> {
        let name = self
            .store()
            .write(move |transaction| {
                let delete = "DELETE FROM api_token WHERE id = ?1 RETURNING name";
                Ok(transaction
                    .query_row(delete, params![id], |row| row.get(0))
                    .optional()?)
            })
            .await?;
        self.tell(Ended::Token(id));
        name.ok_or(AuthError::UnknownToken(id))
    }

    /// Whose bearer token this is.
    ///
    /// # Errors
    /// [`AuthError::Store`]
    pub async fn by_token(&self, text: &str) -> Result<Option<Identity>, AuthError> {
        let Some(secret) = text.strip_prefix(PREFIX).and_then(Secret::from_text) else {
            return Ok(None);
        };
        let now = clock::now();
        let found = self
            .store()
            .read(move |connection| find(connection, &secret, now))
            .await?;
        let Some(found) = found else { return Ok(None) };
        if found.last_used.is_none_or(|used| now.0 - used.0 > TOUCH) {
            self.store()
                .write(move |transaction| {
                    transaction.execute(
                        "UPDATE api_token SET used = ?2 WHERE id = ?1",
                        params![found.id, now.0],
                    )?;
                    Ok(())
                })
                .await?;
        }
        Ok(Some(Identity {
            name: format!("token:{}", found.name),
            role: found.role,
            proof: Proof::Token { id: found.id },
        }))
    }
}

fn find(connection: &Connection, secret: &Secret, now: Timestamp) -> Result<Option<TokenView>, StoreError> {
    let sql =
        format!("SELECT {COLUMNS} FROM api_token WHERE hash = ?1 AND (expires IS NULL OR expires > ?2)");
    Ok(connection
        .prepare_cached(&sql)?
        .query_row(params![secret.hash(), now.0], view)
        .optional()?)
}

fn view(row: &Row<'_>) -> rusqlite::Result<TokenView> {
    let role: String = row.get(2)?;
    Ok(TokenView {
        id: row.get(0)?,
        name: row.get(1)?,
        // A role that is not known may do the least.
        role: Role::from_name(&role).unwrap_or(Role::Viewer),
        note: row.get(3)?,
        created: Timestamp(row.get(4)?),
        created_by: row.get(5)?,
        expires: row.get::<_, Option<i64>>(6)?.map(Timestamp),
        last_used: row.get::<_, Option<i64>>(7)?.map(Timestamp),
    })
}

pub(super) fn holds(connection: &Connection, id: i64, now: Timestamp) -> Result<bool, StoreError> {
    Ok(connection
        .prepare_cached("SELECT 1 FROM api_token WHERE id = ?1 AND (expires IS NULL OR expires > ?2)")?
        .exists(params![id, now.0])?)
}
