//! Devices that left for good: what is kept of them, and that they are refused when they come back.

use crate::store::{Store, StoreError};

/// The endpoints that may not come back.
pub(crate) fn barred(store: &Store) -> Result<Vec<String>, StoreError> {
    store.read_now(|connection| {
        let mut statement = connection.prepare("SELECT endpoint FROM decommissioned")?;
        let rows = statement.query_map([], |row| row.get(0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    })
}
