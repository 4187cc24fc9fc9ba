//! The tables, as a list of steps. A step that was released is never changed; new ones are appended.

use super::StoreError;
use rusqlite::Connection;

/// One step: a name for people, and what to run.
#[derive(Debug, Clone, Copy)]
pub struct Migration {
    pub name: &'static str,
    pub sql: &'static str,
}

/// All steps in order. `user_version` of the file counts those that were done.
const MIGRATIONS: &[Migration] = &[
    super::tables::CORE,
    crate::auth::ACCOUNTS,
    super::tables::OBSERVATION_REQUESTS,
    super::tables::COMPACT,
    super::tables::PROFILES,
    super::tables::AWAKE_WINDOW,
    crate::credential::CREDENTIALS,
    super::tables::MODELS,
    crate::bootstrap::BOOTSTRAP,
    super::tables::GATEWAYS,
    crate::path_sets::PATH_SETS,
    crate::registry::HISTORY,
    crate::credential::BOOTSTRAP_CREDENTIALS,
    super::tables::TRANSMISSION,
    crate::auth::LINKS,
    crate::saved_views::SAVED_VIEWS,
    crate::core::ACTIVITY,
];

/// Does the steps that the file has not seen.
pub(super) fn apply(connection: &mut Connection) -> Result<(), StoreError> {
    let transaction = connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    let done: i64 = transaction.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let done = usize::try_from(done).unwrap_or(usize::MAX);
    if done > MIGRATIONS.len() {
        return Err(StoreError::Newer {
            found: done,
            known: MIGRATIONS.len(),
        });
    }
    for migration in &MIGRATIONS[done..] {
        tracing::info!(name = migration.name, "bringing the database up to date");
        transaction.execute_batch(migration.sql)?;
        if migration.name == super::tables::COMPACT.name {
            super::moved::registrations(&transaction)?;
        }
    }
    transaction.pragma_update(None, "user_version", MIGRATIONS.len() as i64)?;
    transaction.commit()?;
    Ok(())
}
