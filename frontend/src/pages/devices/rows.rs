//! The rows in sight, each a signal of its own, so that a change of one device touches one row.

use crate::dom::prelude::*;
use shared::api::DeviceRow;
use shared::sorted::SortedMap;

/// The visible rows and their order.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rows {
    order: RwSignal<Vec<String>>,
    by_endpoint: StoredValue<SortedMap<String, ArcRwSignal<DeviceRow>>>,
}

impl Rows {
    pub(super) fn new() -> Rows {
        Rows {
            order: RwSignal::new(Vec::new()),
            by_endpoint: StoredValue::new(SortedMap::new()),
        }
    }

    /// The endpoints in sight, in their order. Changes only when one came, went or moved.
    pub(super) const fn order(self) -> RwSignal<Vec<String>> {
        self.order
    }

    pub(super) fn get(self, endpoint: &str) -> Option<ArcRwSignal<DeviceRow>> {
        self.by_endpoint.with_value(|rows| rows.get(endpoint).cloned())
    }

    /// Shows another page of the list; rows that stay keep their signals.
    pub(super) fn show(self, items: &[DeviceRow]) {
        let order: Vec<String> = items.iter().map(|row| row.endpoint.clone()).collect();
        self.by_endpoint
            .update_value(|rows| rows.retain(|endpoint, _| order.contains(endpoint)));
        for row in items {
            match self.get(&row.endpoint) {
                Some(known) => put(&known, row),
                None => self.by_endpoint.update_value(|rows| {
                    rows.insert(row.endpoint.clone(), ArcRwSignal::new(row.clone()));
                }),
            }
        }
        if self.order.with_untracked(|known| *known != order) {
            self.order.set(order);
        }
    }

    /// Takes rows that the live feed brought; those not in sight are none of this list's business.
    pub(super) fn update(self, rows: &[DeviceRow]) {
        for row in rows {
            if let Some(known) = self.get(&row.endpoint) {
                put(&known, row);
            }
        }
    }
}

fn put(known: &ArcRwSignal<DeviceRow>, row: &DeviceRow) {
    if known.with_untracked(|known| known != row) {
        known.set(row.clone());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use leptos::prelude::Owner;
    use shared::DeviceState;

    fn row(endpoint: &str, state: DeviceState) -> DeviceRow {
        DeviceRow {
            endpoint: endpoint.into(),
            label: None,
            state,
            manufacturer: None,
            model: None,
            firmware: None,
            last_seen: None,
            next_due: None,
            lifetime_ends: None,
            lifetime: None,
            version: None,
            queue_mode: false,
            security: None,
            pending: 0,
            tags: std::collections::BTreeMap::new(),
            parent: None,
        }
    }

    #[test]
    fn a_row_that_stays_keeps_its_signal_and_takes_the_news() {
        let owner = Owner::new();
        owner.with(|| {
            let rows = Rows::new();
            rows.show(&[row("a", DeviceState::Online), row("b", DeviceState::Online)]);
            let kept = rows.get("b").expect("b is in sight");
            rows.show(&[row("b", DeviceState::Late), row("c", DeviceState::Online)]);
            assert_eq!(kept.get_untracked().state, DeviceState::Late);
            assert_eq!(rows.order().get_untracked(), ["b", "c"]);
            assert!(rows.get("a").is_none());
            rows.update(&[row("b", DeviceState::Offline), row("a", DeviceState::Online)]);
            assert_eq!(kept.get_untracked().state, DeviceState::Offline);
            assert!(rows.get("a").is_none());
        });
    }
}
