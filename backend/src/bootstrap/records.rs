//! What is kept of bootstrap in the store, and how it is read at the start.

use crate::store::{Store, StoreError};
use rusqlite::{Connection, params};
use serde::de::DeserializeOwned;
use shared::Timestamp;
use shared::api::{ApprovalRules, ConfigurationBody, WaitingDevice};
use shared::bootstrap::{SessionState, SessionView};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// How many sessions are kept.
const SESSIONS: i64 = 20_000;
/// How many of them are kept in memory.
const RECENT: i64 = 2_000;

/// A configuration as it is kept.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Stored {
    pub(super) body: ConfigurationBody,
    pub(super) updated: Timestamp,
    pub(super) who: String,
}

/// A session with the number of its last change: later changes have greater ones.
#[derive(Debug)]
pub(super) struct Recent {
    pub(super) view: SessionView,
    pub(super) change: u64,
}

/// Everything that is kept.
#[derive(Debug, Default)]
pub(super) struct Records {
    pub(super) configurations: BTreeMap<String, Arc<Stored>>,
    pub(super) choices: HashMap<String, Arc<str>>,
    pub(super) rules: ApprovalRules,
    pub(super) waiting: BTreeMap<String, WaitingDevice>,
    /// Devices that left and still have an account, by its short server ids.
    pub(super) retiring: HashMap<String, Vec<u16>>,
    /// Those of late, oldest first.
    pub(super) sessions: BTreeMap<u64, Recent>,
    pub(super) last_session: u64,
}

impl Records {
    pub(super) fn read(connection: &Connection) -> Result<Records, StoreError> {
        let mut records = Records::default();
        let mut statement =
            connection.prepare("SELECT name, body, updated, who FROM bootstrap_configuration")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let stored = Stored {
                body: from_json(&row.get::<_, Vec<u8>>(1)?)?,
                updated: Timestamp(row.get(2)?),
                who: row.get(3)?,
            };
            records.configurations.insert(row.get(0)?, Arc::new(stored));
        }
        let mut names: HashMap<String, Arc<str>> = HashMap::new();
        let mut statement = connection.prepare("SELECT endpoint, configuration FROM bootstrap_choice")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let name: String = row.get(1)?;
            let name = names.entry(name.clone()).or_insert_with(|| name.into()).clone();
            records.choices.insert(row.get(0)?, name);
        }
        let mut statement = connection.prepare("SELECT body FROM bootstrap_rules")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            records.rules = from_json(row.get::<_, String>(0)?.as_bytes())?;
        }
        let mut statement = connection.prepare("SELECT endpoint, body FROM bootstrap_waiting")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let waiting = from_json(row.get::<_, String>(1)?.as_bytes())?;
            records.waiting.insert(row.get(0)?, waiting);
        }
        let mut statement =
            connection.prepare("SELECT endpoint, wipe FROM decommissioned WHERE wipe IS NOT NULL")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let ids: String = row.get(1)?;
            let ids = ids.split(',').filter_map(|id| id.parse().ok()).collect();
            records.retiring.insert(row.get(0)?, ids);
        }
        let mut statement =
            connection.prepare("SELECT id, body FROM bootstrap_session ORDER BY id DESC LIMIT ?1")?;
        let mut rows = statement.query([RECENT])?;
        while let Some(row) = rows.next()? {
            let id = row.get::<_, i64>(0)? as u64;
            let view: SessionView = from_json(row.get::<_, String>(1)?.as_bytes())?;
            records.last_session = records.last_session.max(id);
            records.sessions.insert(id, Recent { view, change: 0 });
        }
        Ok(records)
    }
}

/// Writes single records.
#[derive(Debug, Clone)]
pub(super) struct Keeper {
    store: Store,
}

impl Keeper {
    pub(super) const fn new(store: Store) -> Keeper {
        Keeper { store }
    }

    pub(super) async fn configuration(&self, name: &str, stored: &Stored) -> Result<(), StoreError> {
        let (name, body) = (name.to_owned(), json(&stored.body)?);
        let (updated, who) = (stored.updated.0, stored.who.clone());
        self.store
            .write(move |transaction| {
                transaction.execute(
                    "INSERT OR REPLACE INTO bootstrap_configuration (name, body, updated, who) VALUES (?1, ?2, ?3, ?4)",
                    params![name, body.into_bytes(), updated, who],
                )?;
                Ok(())
            })
            .await
    }

    pub(super) async fn configuration_gone(&self, name: &str) -> Result<(), StoreError> {
        let name = name.to_owned();
        self.store
            .write(move |transaction| {
                transaction.execute("DELETE FROM bootstrap_configuration WHERE name = ?1", [&name])?;
                transaction.execute("DELETE FROM bootstrap_choice WHERE configuration = ?1", [&name])?;
                Ok(())
            })
            .await
    }

    pub(super) async fn choice(&self, endpoint: &str, configuration: Option<&str>) -> Result<(), StoreError> {
        let (endpoint, configuration) = (endpoint.to_owned(), configuration.map(str::to_owned));
        self.store
            .write(move |transaction| {
                match configuration {
                    Some(name) => transaction.execute(
                        "INSERT OR REPLACE INTO bootstrap_choice (endpoint, configuration) VALUES (?1, ?2)",
                        [endpoint, name],
                    )?,
                    None => {
                        transaction.execute("DELETE FROM bootstrap_choice WHERE endpoint = ?1", [endpoint])?
                    }
                };
                Ok(())
            })
            .await
    }

    pub(super) async fn choices(&self, choices: Vec<(String, String)>) -> Result<(), StoreError> {
        self.store
            .write(move |transaction| {
                let mut statement = transaction.prepare_cached(
                    "INSERT OR REPLACE INTO bootstrap_choice (endpoint, configuration) VALUES (?1, ?2)",
                )?;
                for (endpoint, name) in choices {
                    statement.execute([endpoint, name])?;
                }
                Ok(())
            })
            .await
    }

    /// The account of a device that left is no longer to be deleted.
    pub(super) async fn retired(&self, endpoint: &str) -> Result<(), StoreError> {
        let endpoint = endpoint.to_owned();
        self.store
            .write(move |transaction| {
                transaction.execute(
                    "UPDATE decommissioned SET wipe = NULL WHERE endpoint = ?1",
                    [endpoint],
                )?;
                Ok(())
            })
            .await
    }

    pub(super) async fn rules(&self, rules: &ApprovalRules) -> Result<(), StoreError> {
        let body = json(rules)?;
        self.store
            .write(move |transaction| {
                transaction.execute(
                    "INSERT OR REPLACE INTO bootstrap_rules (id, body) VALUES (0, ?1)",
                    [body],
                )?;
                Ok(())
            })
            .await
    }

    pub(super) async fn waiting(&self, waiting: &WaitingDevice) -> Result<(), StoreError> {
        let (endpoint, body) = (waiting.endpoint.clone(), json(waiting)?);
        self.store
            .post(move |transaction| {
                transaction.execute(
                    "INSERT OR REPLACE INTO bootstrap_waiting (endpoint, body) VALUES (?1, ?2)",
                    [endpoint, body],
                )?;
                Ok(())
            })
            .await
    }

    pub(super) async fn waiting_gone(&self, endpoint: &str) -> Result<(), StoreError> {
        let endpoint = endpoint.to_owned();
        self.store
            .write(move |transaction| {
                transaction.execute("DELETE FROM bootstrap_waiting WHERE endpoint = ?1", [endpoint])?;
                Ok(())
            })
            .await
    }

    pub(super) async fn session(&self, view: &SessionView) -> Result<(), StoreError> {
        let (id, endpoint, body) = (view.id as i64, view.endpoint.clone(), json(view)?);
        let state = state_name(view.state);
        self.store
            .post(move |transaction| {
                transaction.execute(
                    "INSERT OR REPLACE INTO bootstrap_session (id, endpoint, state, body) VALUES (?1, ?2, ?3, ?4)",
                    params![id, endpoint, state, body],
                )?;
                transaction
                    .prepare_cached("DELETE FROM bootstrap_session WHERE id <= ?1")?
                    .execute([id - SESSIONS])?;
                Ok(())
            })
            .await
    }

    /// A page of the sessions, newest first.
    pub(super) async fn sessions(
        &self,
        endpoint: Option<String>,
        state: Option<SessionState>,
        before: Option<u64>,
        limit: u32,
    ) -> Result<Vec<SessionView>, StoreError> {
        self.store
            .read(move |connection| {
                let mut statement = connection.prepare_cached(
                    "SELECT body FROM bootstrap_session WHERE (?1 IS NULL OR endpoint = ?1)
                     AND (?2 IS NULL OR state = ?2) AND (?3 IS NULL OR id < ?3) ORDER BY id DESC LIMIT ?4",
                )?;
                let before = before.map(|id| i64::try_from(id).unwrap_or(i64::MAX));
                let mut rows = statement.query(params![endpoint, state.map(state_name), before, limit])?;
                let mut found = Vec::new();
                while let Some(row) = rows.next()? {
                    found.push(from_json(row.get::<_, String>(0)?.as_bytes())?);
                }
                Ok(found)
            })
            .await
    }
}

const fn state_name(state: SessionState) -> &'static str {
    match state {
        SessionState::Running => "running",
        SessionState::Finished => "finished",
        SessionState::Failed => "failed",
        SessionState::Superseded => "superseded",
    }
}

fn json<T: serde::Serialize>(value: &T) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|error| StoreError::Corrupt(error.to_string()))
}

fn from_json<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, StoreError> {
    serde_json::from_slice(bytes).map_err(|error| StoreError::Corrupt(error.to_string()))
}
