//! The list as the page holds it: what was read of it, the places on the screen that show it, which row is active, which are
//! selected.

use super::geometry::Shown;
use crate::dom::prelude::*;
use shared::api::{DeviceList, DeviceRow};
use shared::sorted::SortedSet;

/// A place on the screen that shows one row after another while the list is scrolled: making a row anew takes longer than
/// showing another device in it.
#[derive(Debug, Clone)]
pub(super) struct Slot {
    /// The place of its device in the list.
    pub(super) index: ArcRwSignal<usize>,
    /// Nothing while the device was not read yet.
    pub(super) row: ArcRwSignal<Option<DeviceRow>>,
}

/// The part of the list that was read last.
#[derive(Debug, Default)]
struct Read {
    offset: usize,
    rows: Vec<DeviceRow>,
}

/// Found with `expect_context::<Listing>()`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Listing {
    /// How many devices match.
    pub(super) total: RwSignal<usize>,
    /// The rows that are on the screen, or just beside it.
    pub(super) shown: RwSignal<Shown>,
    /// The row that keys act on, by its place in the list.
    pub(super) active: RwSignal<Option<usize>>,
    /// A row that is to be brought into sight as soon as the list is there.
    pub(super) bring: RwSignal<Option<usize>>,
    /// Endpoints.
    pub(super) selected: RwSignal<SortedSet<String>>,
    read: StoredValue<Read>,
    slots: StoredValue<Vec<Slot>>,
    /// The numbers of the slots, in the order of what they show.
    order: RwSignal<Vec<usize>>,
}

impl Listing {
    pub(super) fn new() -> Listing {
        Listing {
            total: RwSignal::new(0),
            shown: RwSignal::new(Shown::default()),
            active: RwSignal::new(None),
            bring: RwSignal::new(None),
            selected: RwSignal::new(SortedSet::new()),
            read: StoredValue::new(Read::default()),
            slots: StoredValue::new(Vec::new()),
            order: RwSignal::new(Vec::new()),
        }
    }

    /// The slots in their order on the screen. Changes only when one came, went or moved.
    pub(super) const fn order(self) -> RwSignal<Vec<usize>> {
        self.order
    }

    pub(super) fn slot(self, number: usize) -> Option<Slot> {
        self.slots.with_value(|slots| slots.get(number).cloned())
    }

    /// Takes a part of the list that was read.
    pub(super) fn take(self, page: &DeviceList) {
        self.read.set_value(Read {
            offset: page.offset as usize,
            rows: page.items.clone(),
        });
        let total = page.total as usize;
        if self.total.get_untracked() != total {
            self.total.set(total);
        }
        self.fill();
    }

    /// Forgets what was read: it was of another list.
    pub(super) fn forget(self) {
        self.active.set(None);
        self.read.set_value(Read::default());
    }

    /// Whether these rows were read.
    pub(super) fn covers(self, first: usize, count: usize) -> bool {
        let total = self.total.get_untracked();
        self.read.with_value(|read| {
            first >= read.offset && (first + count).min(total) <= read.offset + read.rows.len()
        })
    }

    /// Shows other rows of the list.
    pub(super) fn show(self, shown: Shown) {
        if self.shown.get_untracked() == shown {
            return;
        }
        self.shown.set(shown);
        self.fill();
    }

    /// Puts what was read into the slots.
    fn fill(self) {
        let shown = self.shown.get_untracked();
        let count = shown.count.min(self.total.get_untracked());
        self.slots.update_value(|slots| {
            while slots.len() < count {
                slots.push(Slot {
                    index: ArcRwSignal::new(usize::MAX),
                    row: ArcRwSignal::new(None),
                });
            }
            slots.truncate(count);
        });
        let slots = self.slots.get_value();
        let order: Vec<usize> = (shown.first..shown.first + count)
            .map(|index| index % count.max(1))
            .collect();
        self.read.with_value(|read| {
            for (place, number) in order.iter().enumerate() {
                let (index, slot) = (shown.first + place, &slots[*number]);
                let row = index.checked_sub(read.offset).and_then(|at| read.rows.get(at));
                if slot.row.with_untracked(|known| known.as_ref() != row) {
                    slot.row.set(row.cloned());
                }
                if slot.index.with_untracked(|known| *known != index) {
                    slot.index.set(index);
                }
            }
        });
        if self.order.with_untracked(|known| *known != order) {
            self.order.set(order);
        }
    }

    /// Takes rows that the live feed brought; those that were not read are none of this list's business.
    pub(super) fn update(self, rows: &[DeviceRow]) {
        self.read.update_value(|read| {
            for row in rows {
                if let Some(known) = read.rows.iter_mut().find(|known| known.endpoint == row.endpoint) {
                    known.clone_from(row);
                }
            }
        });
        self.fill();
    }

    /// The endpoints on the screen.
    pub(super) fn endpoints(self) -> Vec<String> {
        let Shown { first, count, .. } = self.shown.get_untracked();
        self.endpoints_of(first, first + count)
    }

    /// The endpoints of these rows, as far as they were read.
    pub(super) fn endpoints_of(self, from: usize, until: usize) -> Vec<String> {
        self.read.with_value(|read| {
            let rows = read.rows.iter().enumerate();
            rows.filter(|(at, _)| (from..until).contains(&(read.offset + at)))
                .map(|(_, row)| row.endpoint.clone())
                .collect()
        })
    }

    pub(super) fn endpoint_at(self, index: usize) -> Option<String> {
        self.endpoints_of(index, index + 1).pop()
    }

    /// The place of a device in the list, if it was read.
    pub(super) fn place_of(self, endpoint: &str) -> Option<usize> {
        self.read.with_value(|read| {
            let at = read.rows.iter().position(|row| row.endpoint == endpoint)?;
            Some(read.offset + at)
        })
    }

    /// Selects a device, or no longer.
    pub(super) fn toggle(self, endpoint: &str) {
        self.selected.update(|selected| {
            if !selected.remove(endpoint) {
                selected.insert(endpoint.to_owned());
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reactive::Owner;
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
            tags: shared::sorted::SortedMap::new(),
            parent: None,
            battery: None,
            signal: None,
        }
    }

    fn page(offset: u64, total: u64, names: &[&str]) -> DeviceList {
        DeviceList {
            items: names.iter().map(|name| row(name, DeviceState::Online)).collect(),
            next_cursor: None,
            total,
            offset,
            sequence: 0,
        }
    }

    fn seen(listing: Listing) -> Vec<(usize, Option<String>)> {
        let slots = listing.order().get_untracked().into_iter();
        slots
            .filter_map(|number| listing.slot(number))
            .map(|slot| {
                let endpoint = slot.row.get_untracked().map(|row| row.endpoint);
                (slot.index.get_untracked(), endpoint)
            })
            .collect()
    }

    fn shown(first: usize, count: usize) -> Shown {
        Shown {
            first,
            count,
            top: 0.0,
        }
    }

    #[test]
    fn a_step_down_shows_one_other_device_in_one_slot() {
        Owner::new().with(|| {
            let listing = Listing::new();
            listing.take(&page(0, 9, &["a", "b", "c", "d", "e"]));
            listing.show(shown(0, 3));
            let name = |name: &str| Some(name.to_owned());
            assert_eq!(seen(listing), [(0, name("a")), (1, name("b")), (2, name("c"))]);
            assert_eq!(listing.order().get_untracked(), [0, 1, 2]);
            listing.show(shown(1, 3));
            assert_eq!(listing.order().get_untracked(), [1, 2, 0]);
            assert_eq!(seen(listing), [(1, name("b")), (2, name("c")), (3, name("d"))]);
            assert!(listing.covers(2, 3) && !listing.covers(3, 3));
            listing.show(shown(4, 3));
            assert_eq!(seen(listing), [(4, name("e")), (5, None), (6, None)]);
            assert_eq!(
                (listing.endpoint_at(4), listing.place_of("d")),
                (name("e"), Some(3))
            );
        });
    }

    #[test]
    fn news_reach_the_row_and_survive_scrolling() {
        Owner::new().with(|| {
            let listing = Listing::new();
            listing.take(&page(0, 2, &["a", "b"]));
            listing.show(shown(0, 2));
            let slot = listing.slot(1).expect("a slot for b");
            listing.update(&[row("b", DeviceState::Late), row("x", DeviceState::Late)]);
            let state = |slot: &Slot| slot.row.get_untracked().map(|row| row.state);
            assert_eq!(state(&slot), Some(DeviceState::Late));
            listing.show(shown(1, 1));
            assert_eq!(
                state(&listing.slot(0).expect("the only slot")),
                Some(DeviceState::Late)
            );
        });
    }
}
