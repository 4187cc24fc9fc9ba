//! What a shard has to report, until the registry takes it.
//!
//! Reports go over in batches. When the registry cannot keep up they are held and merged: of several keep-alives, and
//! of several values of one path, the newest stands for all. Beyond a hard limit values are given up, and counted.

use crate::registry::{DeviceNumber, Input, Report, What};
use shared::Path;
use shared::event::Origin;
use std::collections::HashSet;
use std::time::{Duration, Instant};
use tokio::sync::mpsc::error::TrySendError;

/// A batch goes at this size,
const BATCH: usize = 256;
/// or when its oldest report is this old.
const DELAY: Duration = Duration::from_millis(10);
/// From here on reports are merged.
const MERGE: usize = 8192;
/// From here on devices that register are told to come later.
const BEHIND: usize = 4 * MERGE;
/// The most that is held.
const LIMIT: usize = 65_536;

#[derive(Debug)]
pub(super) struct Outbox {
    input: Input,
    held: Vec<Report>,
    oldest: Option<Instant>,
    urgent: bool,
    merge_at: usize,
    pub(super) merged: u64,
    pub(super) lost: u64,
}

impl Outbox {
    pub(super) fn new(input: Input) -> Outbox {
        Outbox {
            input,
            held: Vec::with_capacity(BATCH),
            oldest: None,
            urgent: false,
            merge_at: MERGE,
            merged: 0,
            lost: 0,
        }
    }

    pub(super) fn add(&mut self, now: Instant, report: Report) {
        self.urgent |= report.is_urgent();
        self.oldest.get_or_insert(now);
        self.held.push(report);
        if self.held.len() >= self.merge_at {
            self.merge();
        }
    }

    /// Whether the registry is so far behind that nothing should be added that can wait.
    pub(super) fn is_behind(&self) -> bool {
        self.held.len() >= BEHIND
    }

    /// When [`Outbox::flush`] has something to do.
    pub(super) fn deadline(&self) -> Option<Instant> {
        self.oldest.map(|oldest| oldest + DELAY)
    }

    /// Hands over what is due.
    pub(super) fn flush(&mut self, now: Instant) {
        let due = self.urgent || self.held.len() >= BATCH || self.deadline().is_some_and(|due| due <= now);
        if !due || self.held.is_empty() {
            return;
        }
        let batch = std::mem::replace(&mut self.held, Vec::with_capacity(BATCH));
        match self.input.try_send(batch) {
            Ok(()) => {
                self.oldest = None;
                self.urgent = false;
                self.merge_at = MERGE;
            }
            Err(TrySendError::Full(batch) | TrySendError::Closed(batch)) => {
                self.held = batch;
                // Tried again after the same delay.
                self.oldest = Some(now);
                self.urgent = false;
            }
        }
    }

    /// Hands over everything, waiting for room.
    pub(super) async fn finish(&mut self) {
        // A registry that has ended takes nothing more; the server is stopping then.
        let _ = self.input.send(std::mem::take(&mut self.held)).await;
    }

    fn merge(&mut self) {
        let before = self.held.len();
        let mut alive: HashSet<DeviceNumber> = HashSet::new();
        let mut valued: HashSet<(DeviceNumber, Path, Origin)> = HashSet::new();
        let mut kept: Vec<Report> = Vec::with_capacity(before);
        for mut report in std::mem::take(&mut self.held).into_iter().rev() {
            let stays = match (report.device, &mut report.what) {
                (Some(device), What::Seen | What::Updated { changed: None }) => alive.insert(device),
                (Some(device), What::Values { origin, values, .. }) => {
                    values.reverse();
                    values.retain(|value| valued.insert((device, value.path, *origin)));
                    values.reverse();
                    !values.is_empty()
                }
                _ => true,
            };
            if stays {
                kept.push(report);
            }
        }
        kept.reverse();
        self.merged += (before - kept.len()) as u64;
        if kept.len() > LIMIT {
            let whole = kept.len();
            kept.retain(|report| {
                !matches!(
                    report.what,
                    What::Seen | What::Updated { changed: None } | What::Values { .. } | What::Refused { .. }
                )
            });
            self.lost += (whole - kept.len()) as u64;
        }
        self.merge_at = (kept.len() * 2).clamp(MERGE, 2 * LIMIT);
        self.held = kept;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::event::TimedValue;
    use shared::{Timestamp, Value};

    #[test]
    fn while_the_registry_is_busy_the_newest_value_stands_for_all() {
        let (input, mut reports) = tokio::sync::mpsc::channel(1);
        let mut outbox = Outbox::new(input);
        let now = Instant::now();
        for number in 0..100_000i64 {
            let values = vec![TimedValue {
                path: Path::resource(3, 0, 9),
                value: Value::Integer(number),
                at: Timestamp(number),
            }];
            let what = What::Values {
                origin: Origin::Notify,
                values,
                observation: None,
            };
            outbox.add(
                now,
                Report {
                    at: Timestamp(number),
                    device: Some(DeviceNumber(1)),
                    what,
                },
            );
            outbox.flush(now);
        }
        assert!(outbox.merged > 80_000);
        assert!(outbox.held.len() < MERGE);
        assert_eq!(outbox.lost, 0);
        assert_eq!(reports.try_recv().map(|batch| batch.len()).unwrap(), BATCH);
        outbox.flush(now + DELAY);
        let last = reports.try_recv().unwrap().pop().unwrap();
        assert_eq!(last.at, Timestamp(99_999));
    }
}
