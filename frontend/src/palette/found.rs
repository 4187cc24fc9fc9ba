//! Devices: those opened last, and those that the server finds for what is typed.

use super::{Entry, Told};
use crate::api::Api;
use crate::dom::prelude::*;
use crate::frame::Deed;
use crate::recent;
use crate::routing::{device_href, devices_href};
use crate::ui::state_icon;
use crate::words::{around, count};
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
            self.api.devices(&query).then(move |answer| {
                if self.latest.try_get_value() != Some(number) {
                    return;
                }
                let mut found = Found::default();
                match answer {
                    Ok(list) => {
                        found.rows = list.items;
                        found.total = list.total;
                    }
                    Err(failure) => found.trouble = Some(failure.to_string()),
                }
                self.found.set(found);
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
    let mut told = Told::default();
    for device in recent::list(account) {
        let href = device_href(&device.endpoint);
        if !is_here(&href) {
            named(
                &mut told,
                RECENT,
                "devices",
                &device.endpoint,
                &device.label,
                href,
            );
        }
    }
    told.0
}

/// A device under its label, if it has one, with its name beside it.
fn named<'a>(
    told: &'a mut Told,
    group: &'static str,
    icon: &'static str,
    endpoint: &str,
    label: &str,
    href: String,
) -> &'a mut Entry {
    let (title, note) = if label.is_empty() {
        (endpoint, "")
    } else {
        (label, endpoint)
    };
    let entry = told.add(group, icon, title, Deed::Go(href));
    entry.note = note.to_owned();
    entry.is_name = true;
    entry
}

/// The devices, the one of exactly this name first; and the way to all of them.
pub(super) fn devices(found: &Found, typed: &str) -> Vec<Entry> {
    let mut rows: Vec<&DeviceRow> = found.rows.iter().collect();
    sort_by_key(&mut rows, |row| row.endpoint != typed);
    let mut told = Told::default();
    for row in rows {
        let label = row.label.as_deref().unwrap_or_default();
        let href = device_href(&row.endpoint);
        let icon = state_icon(row.state);
        named(&mut told, DEVICES, icon, &row.endpoint, label, href).state = Some(row.state);
    }
    let title = around("All devices that match “", typed, "”");
    let all = told.add(DEVICES, "search", &title, Deed::Go(devices_href(typed)));
    if found.total > 0 {
        all.note = count(found.total);
    }
    told.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed_is_no_query() {
        assert_eq!(as_words("state:late  a\"b"), "\"state:late\" \"ab\"");
    }
}
