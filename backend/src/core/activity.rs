//! What devices did over time, counted for each interval: an hour finely, a day coarsely.
//!
//! The counters of the core are read now and then, and what they grew by is put into the interval that was half-way between
//! two readings. The coarse intervals are in the store as well, each once it is over, so that a restart leaves no more of a
//! gap than the time that it took. An interval in which nothing was read is absent, not zero.

use super::{Core, Statistics};
use crate::registry;
use crate::store::{Migration, Store, StoreError};
use rusqlite::{Connection, Transaction, params};
use shared::Timestamp;
use shared::api::{ActivityCount, FleetActivity};
use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// `since` is the begin of the interval in milliseconds since 1970; the others count.
pub(crate) const ACTIVITY: Migration = Migration {
    name: "activity of the fleet",
    sql: "
        CREATE TABLE activity (
            since       INTEGER PRIMARY KEY,
            registered  INTEGER NOT NULL,
            updated     INTEGER NOT NULL,
            ended       INTEGER NOT NULL,
            refused     INTEGER NOT NULL,
            received    INTEGER NOT NULL,
            sent        INTEGER NOT NULL
        );
    ",
};

/// How often the counters are to be read: twice in the finest interval.
pub const READ_EVERY: Duration = Duration::from_secs(5);

const HOUR: u32 = 3600;
const DAY: u32 = 24 * HOUR;
/// The length of the intervals, in seconds.
const FINE: u32 = 10;
const COARSE: u32 = 300;

/// The intervals, and what the counters were when they were last read.
#[derive(Debug)]
pub(super) struct Activity(Mutex<State>);

#[derive(Debug)]
struct State {
    read_at: Timestamp,
    /// Since the start of the server; `from` means nothing here.
    total: ActivityCount,
    fine: Ring,
    coarse: Ring,
    /// Up to which coarse interval the store has all.
    stored: Timestamp,
}

/// The intervals of one length, oldest first.
#[derive(Debug)]
struct Ring {
    /// In milliseconds.
    interval: i64,
    most: usize,
    counts: VecDeque<ActivityCount>,
}

impl Ring {
    fn new(interval: u32, span: u32, counts: impl IntoIterator<Item = ActivityCount>) -> Ring {
        Ring {
            interval: i64::from(interval) * 1000,
            // One more for the interval that is not over.
            most: (span / interval) as usize + 1,
            counts: counts.into_iter().collect(),
        }
    }

    fn add(&mut self, at: Timestamp, grown: &ActivityCount) {
        let from = Timestamp(at.0 - at.0.rem_euclid(self.interval));
        // A clock that was set back counts into the newest interval until it has caught up.
        if self.counts.back().is_none_or(|newest| newest.from < from) {
            self.counts.push_back(ActivityCount {
                from,
                ..ActivityCount::default()
            });
            while self.counts.len() > self.most {
                self.counts.pop_front();
            }
        }
        if let Some(newest) = self.counts.back_mut() {
            newest.registered += grown.registered;
            newest.updated += grown.updated;
            newest.ended += grown.ended;
            newest.refused += grown.refused;
            newest.received += grown.received;
            newest.sent += grown.sent;
        }
    }

    fn since(&self, from: Timestamp) -> Vec<ActivityCount> {
        let ends_after = |count: &&ActivityCount| count.from.0 + self.interval > from.0;
        self.counts.iter().filter(ends_after).copied().collect()
    }
}

impl Activity {
    /// With what the store has of the last day.
    ///
    /// # Errors
    /// [`StoreError`] if it cannot be read.
    pub(super) fn restored(store: &Store, now: Timestamp) -> Result<Activity, StoreError> {
        let from = now.plus_seconds(-i64::from(DAY));
        let counts = store.read_now(|connection| read(connection, from))?;
        Ok(Activity::new(counts, now))
    }

    fn new(counts: Vec<ActivityCount>, now: Timestamp) -> Activity {
        Activity(Mutex::new(State {
            read_at: now,
            total: ActivityCount::default(),
            fine: Ring::new(FINE, HOUR, []),
            coarse: Ring::new(COARSE, DAY, counts),
            stored: now,
        }))
    }

    /// Takes a reading of the counters.
    fn read(&self, now: Timestamp, total: ActivityCount) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let before = &state.total;
        let grown = ActivityCount {
            from: Timestamp::default(),
            registered: total.registered.saturating_sub(before.registered),
            updated: total.updated.saturating_sub(before.updated),
            ended: total.ended.saturating_sub(before.ended),
            refused: total.refused.saturating_sub(before.refused),
            received: total.received.saturating_sub(before.received),
            sent: total.sent.saturating_sub(before.sent),
        };
        let between = Timestamp(state.read_at.0.midpoint(now.0));
        state.fine.add(between, &grown);
        state.coarse.add(between, &grown);
        (state.read_at, state.total) = (now, total);
    }

    fn told(&self, now: Timestamp, span: u32) -> FleetActivity {
        let state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (interval, ring) = if span <= HOUR {
            (FINE, &state.fine)
        } else {
            (COARSE, &state.coarse)
        };
        FleetActivity {
            interval,
            at: now,
            items: ring.since(now.plus_seconds(-i64::from(span))),
        }
    }

    /// The coarse intervals that the store has not; those that are over, or all of them.
    fn unstored(&self, all: bool) -> Vec<ActivityCount> {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut counts = state.coarse.since(state.stored);
        let open = if all { None } else { counts.pop() };
        if let Some(next) = open {
            state.stored = next.from;
        }
        counts
    }
}

impl Core {
    /// What devices did in the last `span` seconds, a day at most.
    pub fn activity(&self, span: u32) -> FleetActivity {
        let now = self.read_activity();
        self.inner.activity.told(now, span.min(DAY))
    }

    /// Reads the counters, and gives the store the intervals that are over. To be called every [`READ_EVERY`].
    ///
    /// # Errors
    /// [`StoreError`] if the store takes nothing.
    pub async fn keep_activity(&self) -> Result<(), StoreError> {
        self.read_activity();
        self.store_activity(false).await
    }

    /// Gives the store the intervals that it has not; with `all` also the one that is not over.
    pub(super) async fn store_activity(&self, all: bool) -> Result<(), StoreError> {
        let counts = self.inner.activity.unstored(all);
        if counts.is_empty() {
            return Ok(());
        }
        let oldest = registry::now().plus_seconds(-i64::from(DAY));
        let posted = self
            .inner
            .store
            .post(move |transaction| write(transaction, &counts, oldest));
        posted.await
    }

    pub(super) fn read_activity(&self) -> Timestamp {
        let now = registry::now();
        self.inner.activity.read(now, total(&self.statistics()));
        now
    }
}

fn total(statistics: &Statistics) -> ActivityCount {
    ActivityCount {
        from: Timestamp::default(),
        registered: statistics.registers,
        updated: statistics.updates,
        ended: statistics.deregisters + statistics.expired,
        refused: statistics.refused,
        received: statistics.coap.datagrams_received,
        sent: statistics.coap.datagrams_sent,
    }
}

fn write(
    transaction: &Transaction<'_>,
    counts: &[ActivityCount],
    oldest: Timestamp,
) -> Result<(), StoreError> {
    let mut statement = transaction.prepare_cached(
        "INSERT OR REPLACE INTO activity (since, registered, updated, ended, refused, received, sent)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )?;
    for count in counts {
        let numbers = [
            count.registered,
            count.updated,
            count.ended,
            count.refused,
            count.received,
            count.sent,
        ];
        let [registered, updated, ended, refused, received, sent] =
            numbers.map(|number| i64::try_from(number).unwrap_or(i64::MAX));
        statement.execute(params![
            count.from.0,
            registered,
            updated,
            ended,
            refused,
            received,
            sent
        ])?;
    }
    transaction.execute("DELETE FROM activity WHERE since < ?1", [oldest.0])?;
    Ok(())
}

fn read(connection: &Connection, from: Timestamp) -> Result<Vec<ActivityCount>, StoreError> {
    let mut statement = connection.prepare(
        "SELECT since, registered, updated, ended, refused, received, sent FROM activity WHERE since >= ?1 ORDER BY since",
    )?;
    let rows = statement.query_map([from.0], |row| {
        let number = |column: usize| -> rusqlite::Result<u64> {
            Ok(u64::try_from(row.get::<_, i64>(column)?).unwrap_or(0))
        };
        Ok(ActivityCount {
            from: Timestamp(row.get(0)?),
            registered: number(1)?,
            updated: number(2)?,
            ended: number(3)?,
            refused: number(4)?,
            received: number(5)?,
            sent: number(6)?,
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_seconds(1_800_000_000 + seconds)
    }

    fn updates(updated: u64) -> ActivityCount {
        ActivityCount {
            updated,
            ..ActivityCount::default()
        }
    }

    fn told(activity: &Activity, now: i64, span: u32) -> Vec<(i64, u64)> {
        let told = activity.told(at(now), span);
        let pair = |count: &ActivityCount| (count.from.since(at(0)) / 1000, count.updated);
        told.items.iter().map(pair).collect()
    }

    #[test]
    fn what_counters_grew_by_is_put_between_two_readings() {
        let activity = Activity::new(Vec::new(), at(0));
        for (second, total) in [(5, 3), (11, 5), (16, 6), (21, 6)] {
            activity.read(at(second), updates(total));
        }
        // 2 of those in the second reading were in the first ten seconds, as far as anybody knows.
        assert_eq!(told(&activity, 21, 60), [(0, 5), (10, 1)]);
        assert_eq!(told(&activity, 21, 86_400), [(0, 6)]);
    }

    #[test]
    fn an_interval_without_a_reading_is_a_gap() {
        let activity = Activity::new(Vec::new(), at(0));
        activity.read(at(4), updates(1));
        activity.read(at(44), updates(9));
        activity.read(at(48), updates(9));
        assert_eq!(told(&activity, 48, 60), [(0, 1), (20, 8), (40, 0)]);
    }

    #[test]
    fn old_intervals_go_and_a_clock_set_back_loses_nothing() {
        let activity = Activity::new(Vec::new(), at(0));
        for second in 0..5000 {
            activity.read(at(second), updates(second as u64));
        }
        let fine = told(&activity, 4999, 3600);
        assert_eq!((fine.len(), fine[0].0), (361, 1390));
        assert_eq!(told(&activity, 4999, 60).len(), 7);
        activity.read(at(1000), updates(6000));
        assert_eq!(told(&activity, 4999, 60).last(), Some(&(4990, 9 + 1001)));
    }

    #[test]
    fn what_is_over_goes_to_the_store_once_and_comes_back() {
        let mut connection = Connection::open_in_memory().unwrap();
        connection.execute_batch(ACTIVITY.sql).unwrap();
        let activity = Activity::new(Vec::new(), at(0));
        for second in (0..700).step_by(5) {
            activity.read(at(second), updates(second as u64));
        }
        let over = activity.unstored(false);
        assert_eq!(
            over.iter().map(|count| count.updated).collect::<Vec<_>>(),
            [300, 300]
        );
        assert!(activity.unstored(false).is_empty());
        let all = activity.unstored(true);
        assert_eq!(all.len(), 1);

        let transaction = connection.transaction().unwrap();
        write(&transaction, &over, at(-100)).unwrap();
        write(&transaction, &all, at(-100)).unwrap();
        let kept = read(&transaction, at(-1000)).unwrap();
        let restarted = Activity::new(kept, at(800));
        restarted.read(at(810), updates(4));
        assert_eq!(told(&restarted, 810, 86_400), [(0, 300), (300, 300), (600, 99)]);
        write(&transaction, &[], at(500)).unwrap();
        assert_eq!(read(&transaction, at(0)).unwrap().len(), 1);
    }
}
