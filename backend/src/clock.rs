//! The wall clock, read in one place.

use shared::Timestamp;
use std::time::{SystemTime, UNIX_EPOCH};

/// Now, to the millisecond.
pub fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}
