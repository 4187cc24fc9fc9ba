//! The numbers that devices told, in the store, so that a chart has a past.
//!
//! What came since the last flush is one blob of one row: appended, never changed, and dropped from the front when it is
//! old. A row for each number would cost an index entry for each too.

use super::DeviceNumber;
use crate::store::{Migration, StoreError};
use rusqlite::{Connection, Transaction, params};
use serde::{Deserialize, Serialize};
use shared::{Path, Timestamp};

/// `devices` are the sorted numbers that a row is about, 4 bytes each; `samples` postcard.
pub(crate) const HISTORY: Migration = Migration {
    name: "history of numbers",
    sql: "
        CREATE TABLE history (
            id           INTEGER PRIMARY KEY,
            earliest     INTEGER NOT NULL,
            latest       INTEGER NOT NULL,
            count        INTEGER NOT NULL,
            devices      BLOB NOT NULL,
            samples      BLOB NOT NULL
        );
    ",
};

/// How many numbers are kept at most, over all devices.
const KEPT: i64 = 20_000_000;
/// How many go into one row.
const LARGEST: usize = 4096;

/// One number of one device.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(crate) struct Point {
    pub(crate) device: u32,
    pub(crate) path: Path,
    pub(crate) at: i64,
    pub(crate) value: f64,
}

/// Keeps numbers.
pub(crate) fn write(transaction: &Transaction<'_>, points: &[Point]) -> Result<(), StoreError> {
    for points in points.chunks(LARGEST) {
        let mut devices: Vec<u32> = points.iter().map(|point| point.device).collect();
        devices.sort_unstable();
        devices.dedup();
        let devices: Vec<u8> = devices.into_iter().flat_map(u32::to_be_bytes).collect();
        let samples =
            postcard::to_allocvec(points).map_err(|error| StoreError::Corrupt(error.to_string()))?;
        let times = points.iter().map(|point| point.at);
        transaction
            .prepare_cached(
                "INSERT INTO history (earliest, latest, count, devices, samples) VALUES (?1, ?2, ?3, ?4, ?5)",
            )?
            .execute(params![
                times.clone().min(),
                times.max(),
                points.len() as i64,
                devices,
                samples
            ])?;
    }
    Ok(())
}

/// The numbers of a path from `from` until before `until`, by time; of more than `most` the newest.
pub(crate) fn read(
    connection: &Connection,
    device: DeviceNumber,
    path: Path,
    (from, until): (Timestamp, Timestamp),
    most: usize,
) -> Result<Vec<(Timestamp, f64)>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT devices, samples FROM history WHERE latest >= ?1 AND earliest < ?2 ORDER BY id DESC",
    )?;
    let mut rows = statement.query(params![from.0, until.0])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        if !is_about(row.get_ref(0)?.as_blob().unwrap_or_default(), device) {
            continue;
        }
        let samples = row.get_ref(1)?.as_blob().unwrap_or_default();
        let points: Vec<Point> =
            postcard::from_bytes(samples).map_err(|error| StoreError::Corrupt(error.to_string()))?;
        let wanted = points.iter().filter(|point| {
            point.device == device.0 && point.path == path && (from.0..until.0).contains(&point.at)
        });
        found.extend(wanted.map(|point| (Timestamp(point.at), point.value)));
        if found.len() >= most {
            break;
        }
    }
    found.sort_by_key(|(at, _)| *at);
    let surplus = found.len().saturating_sub(most);
    found.drain(..surplus);
    Ok(found)
}

fn is_about(devices: &[u8], device: DeviceNumber) -> bool {
    let (numbers, _) = devices.as_chunks::<4>();
    numbers.binary_search(&device.0.to_be_bytes()).is_ok()
}

/// Forgets what is older than `from`, and the oldest of too many.
pub(crate) fn prune(transaction: &Transaction<'_>, from: Timestamp) -> Result<(), StoreError> {
    transaction
        .prepare_cached("DELETE FROM history WHERE latest < ?1")?
        .execute([from.0])?;
    transaction
        .prepare_cached(
            "DELETE FROM history WHERE id <= (SELECT id FROM (SELECT id, sum(count) OVER (ORDER BY id DESC) AS newer FROM \
             history) WHERE newer > ?1 ORDER BY id DESC LIMIT 1)",
        )?
        .execute([KEPT])?;
    Ok(())
}

/// Forgets the numbers of a device that is removed. Its number is never given again, so what stays in rows about others is
/// found by nobody; rows about it alone go.
pub(crate) fn remove(transaction: &Transaction<'_>, device: DeviceNumber) -> Result<(), StoreError> {
    transaction
        .prepare_cached("DELETE FROM history WHERE devices = ?1")?
        .execute([device.0.to_be_bytes().as_slice()])?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEMPERATURE: Path = Path::resource(3303, 0, 5700);

    fn points(device: u32, times: std::ops::Range<i64>) -> Vec<Point> {
        times
            .map(|at| Point {
                device,
                path: TEMPERATURE,
                at: at * 1000,
                value: at as f64,
            })
            .collect()
    }

    fn seconds(found: &[(Timestamp, f64)]) -> Vec<i64> {
        found.iter().map(|(at, _)| at.seconds()).collect()
    }

    #[test]
    fn a_range_of_one_device_is_read_back_by_time() {
        let mut connection = Connection::open_in_memory().unwrap();
        connection.execute_batch(HISTORY.sql).unwrap();
        let transaction = connection.transaction().unwrap();
        write(&transaction, &[points(7, 0..10), points(9, 0..10)].concat()).unwrap();
        write(&transaction, &points(7, 10..20)).unwrap();
        let look = |device, from, until, most| {
            let range = (Timestamp::from_seconds(from), Timestamp::from_seconds(until));
            seconds(&read(&transaction, DeviceNumber(device), TEMPERATURE, range, most).unwrap())
        };
        assert_eq!(look(7, 8, 12, 100), [8, 9, 10, 11]);
        assert_eq!(look(9, 8, 12, 100), [8, 9]);
        assert_eq!(look(7, 0, 100, 3), [17, 18, 19]);
        assert!(look(8, 0, 100, 100).is_empty());
        prune(&transaction, Timestamp::from_seconds(15)).unwrap();
        assert_eq!(look(7, 0, 100, 100), (10..20).collect::<Vec<_>>());
        remove(&transaction, DeviceNumber(7)).unwrap();
        assert!(look(7, 0, 100, 100).is_empty());
    }
}
