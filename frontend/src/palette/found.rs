//! Devices: those opened last, and those that the server finds for what is typed.

use super::Entry;
use crate::api::Api;
use crate::dom::prelude::*;
use crate::frame::Deed;
use crate::params::Params;
use crate::reactive::spawn_local;
use crate::recent;
use crate::routing::{Route, device_href};
use crate::ui::state_icon;
use gloo_timers::callback::Timeout;
use shared::api::{DeviceQuery, DeviceRow};
use shared::sort::sort_by_key;

pub(super) const RECENT: &str = "Opened last";
pub(super) const DEVICES: &str = "Devices";

const DEBOUNCE_MS: u32 = 120;
/// So many are told; the rest is in the list.
const MOST: u32 = 8;

/// What the server found.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Found {
    pub(super) rows: Vec<DeviceRow>,
    pub(super) total: u64,
    /// An answer is awaited; until it is here the one before is shown.
    pub(super) pending: bool,
    /// Why nothing could be found.
    pub(super) trouble: Option<String>,
}

/// Asks the server a moment after the last key. An answer to what is not typed any more is dropped.
#[derive(Debug, Clone, Copy)]
pub(super) struct Search {
    pub(super) found: RwSignal<Found>,
    api: Api,
    latest: StoredValue<u32>,
    resting: StoredValue<Option<Timeout>>,
}

impl Search {
    pub(super) fn new() -> Search {
        Search {
            found: RwSignal::new(Found::default()),
            api: expect_context(),
            latest: StoredValue::new(0),
            resting: StoredValue::new(None),
        }
    }

    /// What is typed is this now.
    pub(super) fn ask(self, typed: &str) {
        let number = self.latest.get_value().wrapping_add(1);
        self.latest.set_value(number);
        if typed.is_empty() {
            self.resting.set_value(None);
            self.found.set(Found::default());
            return;
        }
        self.found.update(|found| found.pending = true);
        let query = DeviceQuery {
            query: Some(as_words(typed)),
            limit: Some(MOST),
            // A device of exactly this name is among them, however many others contain it.
            around: Some(typed.to_owned()),
            ..DeviceQuery::default()
        };
        let rested = move || {
            let query = query.clone();
            spawn_local(async move {
                let answer = self.api.devices(&query).await;
                if self.latest.try_get_value() != Some(number) {
                    return;
                }
                self.found.set(match answer {
                    Ok(list) => Found {
                        rows: list.items,
                        total: list.total,
                        ..Found::default()
                    },
                    Err(failure) => Found {
                        trouble: Some(failure.to_string()),
                        ..Found::default()
                    },
                });
            });
        };
        self.resting.set_value(Some(Timeout::new(DEBOUNCE_MS, rested)));
    }
}

/// What is typed as words of the query language, whatever it means there.
fn as_words(typed: &str) -> String {
    let quoted = |word: &str| format!("\"{}\"", word.replace(['"', '\\'], ""));
    typed.split_whitespace().map(quoted).collect::<Vec<_>>().join(" ")
}

/// The devices that were opened last, but for the one of this address.
pub(super) fn recent(account: &str, here: &str) -> Vec<Entry> {
    let is_here = |href: &str| {
        here.strip_prefix(href)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?']))
    };
    let entry = |device: recent::Recent| {
        let href = device_href(&device.endpoint);
        (!is_here(&href)).then(|| named(RECENT, "devices", device.endpoint, device.label, href))
    };
    recent::list(account).into_iter().filter_map(entry).collect()
}

/// A device under its label, if it has one, with its name beside it.
fn named(group: &'static str, icon: &'static str, endpoint: String, label: String, href: String) -> Entry {
    let (title, note) = if label.is_empty() {
        (endpoint, String::new())
    } else {
        (label, endpoint)
    };
    Entry {
        note,
        is_name: true,
        ..Entry::new(group, icon, title, Deed::Go(href))
    }
}

/// The devices, the one of exactly this name first; and the way to all of them.
pub(super) fn devices(found: &Found, typed: &str) -> Vec<Entry> {
    let mut rows: Vec<&DeviceRow> = found.rows.iter().collect();
    sort_by_key(&mut rows, |row| row.endpoint != typed);
    let entry = |row: &DeviceRow| {
        let label = row.label.clone().unwrap_or_default();
        let href = device_href(&row.endpoint);
        let state = row.state;
        Entry {
            state: Some(state),
            ..named(DEVICES, state_icon(state), row.endpoint.clone(), label, href)
        }
    };
    let mut entries: Vec<Entry> = rows.into_iter().map(entry).collect();
    let query = Params::default().with("query", Some(typed));
    entries.push(Entry {
        note: match found.total {
            0 => String::new(),
            total => crate::words::count(total),
        },
        ..Entry::new(
            DEVICES,
            "search",
            format!("All devices that match “{typed}”"),
            Deed::Go(Route::Devices.href() + &query.to_query()),
        )
    });
    entries
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed_is_no_query() {
        assert_eq!(as_words("state:late  a\"b"), "\"state:late\" \"ab\"");
    }
}
