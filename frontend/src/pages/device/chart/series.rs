//! The points of the chosen paths: first what the server remembers, then what the feed brings.

use super::super::store::Device;
use super::geometry::{Point, insert};
use crate::dom::prelude::*;
use shared::Path;
use shared::api::SampleList;
use shared::event::{EventKind, Origin};
use shared::sorted::SortedMap;

/// The points of every path that was on the chart since the tab was opened.
#[derive(Debug, Clone, Copy)]
pub(super) struct Series {
    points: StoredValue<SortedMap<Path, Vec<Point>>>,
    changed: Trigger,
}

impl Series {
    /// Loads a path when it is chosen, and follows the feed for all of them.
    pub(super) fn follow(device: Device, chosen: Memo<Vec<Path>>, since: Memo<i64>) -> Series {
        let series = Series {
            points: StoredValue::new(SortedMap::new()),
            changed: Trigger::new(),
        };
        // From when on each path was asked for: a longer past is asked for again.
        let asked = StoredValue::new(SortedMap::<Path, i64>::new());
        Effect::new(move |_| {
            let since = since.get();
            for path in chosen.get() {
                series.points.update_value(|points| {
                    points.get_or_insert_with(path, Vec::new);
                });
                let more = asked.try_update_value(|asked| match asked.get(&path) {
                    Some(known) if *known <= since => false,
                    _ => {
                        asked.insert(path, since);
                        true
                    }
                });
                if more == Some(true) {
                    series.load(device, path, since);
                }
            }
        });
        // Events that are in the memory of the page from before are in the server's samples too.
        let last = StoredValue::new(0u64);
        Effect::new(move |_| {
            let seen = last.get_value();
            let mut any = false;
            device.events().with(|events| {
                for event in events.iter().rev().take_while(|event| event.sequence > seen) {
                    if let EventKind::Values { origin, values } = &event.kind
                        && *origin != Origin::Written
                    {
                        for one in values {
                            any |= series.add(one.path, one.at.0, one.value.as_number());
                        }
                    }
                }
                if let Some(event) = events.back() {
                    last.set_value(event.sequence);
                }
            });
            if any {
                series.changed.notify();
            }
        });
        series
    }

    fn load(self, device: Device, path: Path, since: i64) {
        let asked = format!(
            "/samples?path={}&from={}&limit=4000",
            crate::params::encode(&path.to_string()),
            shared::Timestamp(since)
        );
        device.get::<SampleList>(&asked).then(move |answer| {
            if device.is_gone() || self.changed.is_disposed() {
                return;
            }
            // Without the past the chart begins now.
            for sample in answer.map(|list| list.items).unwrap_or_default() {
                self.add(path, sample.at.0, Some(sample.value));
            }
            self.changed.notify();
        });
    }

    /// Adds a point to a path that was chosen once; whether it did.
    fn add(self, path: Path, at: i64, value: Option<f64>) -> bool {
        let Some(value) = value else { return false };
        let added = self.points.try_update_value(|points| {
            let list = points.get_mut(&path)?;
            insert(list, Point { at: at as f64, value });
            Some(())
        });
        added.flatten().is_some()
    }

    /// Looks at the points of a path, and again when there are more.
    pub(super) fn with<T>(self, path: Path, look: impl FnOnce(&[Point]) -> T) -> T {
        self.changed.track();
        self.points
            .with_value(|points| look(points.get(&path).map_or(&[], Vec::as_slice)))
    }

    /// The time of the oldest point of all.
    pub(super) fn first(self) -> Option<f64> {
        self.changed.track();
        self.points.with_value(|points| {
            points
                .values()
                .filter_map(|list| list.first())
                .map(|point| point.at)
                .reduce(f64::min)
        })
    }
}
