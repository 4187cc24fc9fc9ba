//! By which column a list of devices is in order, and what that column holds.

use super::Device;
use crate::core::QueryError;
use shared::api::DeviceColumn;
use std::cmp::Ordering;
use std::ops::Range;

/// What a device has in the column of an order.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Key<'a> {
    Number(i64),
    Text(&'a str),
    Missing,
}

fn text(text: Option<&str>) -> Key<'_> {
    text.map_or(Key::Missing, Key::Text)
}

fn number(number: Option<impl Into<i64>>) -> Key<'static> {
    number.map_or(Key::Missing, |number| Key::Number(number.into()))
}

/// An order of devices; what has no key comes last either way.
#[derive(Clone, Copy)]
pub(super) struct Order {
    column: DeviceColumn,
    descending: bool,
}

impl Order {
    pub(super) fn parse(sort: Option<&str>) -> Result<Order, QueryError> {
        let sort = sort.filter(|sort| !sort.is_empty()).unwrap_or("endpoint");
        let (descending, name) = match sort.strip_prefix('-') {
            Some(name) => (true, name),
            None => (false, sort),
        };
        let column = DeviceColumn::parse(name).filter(|column| column.is_sortable());
        Ok(Order {
            column: column.ok_or_else(|| QueryError::UnknownColumn(name.chars().take(40).collect()))?,
            descending,
        })
    }

    pub(super) fn key(self, device: &Device) -> Key<'_> {
        let registration = device.registration.as_deref();
        match self.column {
            DeviceColumn::Label => text(device.label()),
            DeviceColumn::State => Key::Number(device.state as i64),
            DeviceColumn::Manufacturer => text(device.manufacturer()),
            DeviceColumn::Model => text(device.model()),
            DeviceColumn::Firmware => text(device.firmware()),
            DeviceColumn::LastSeen => number(device.last_seen.map(|at| at.0)),
            DeviceColumn::NextDue => number(device.next_due().map(|at| at.0)),
            // A lifetime of 0 is without end, so it is the longest.
            DeviceColumn::Lifetime => number(registration.map(|registration| match registration.lifetime {
                0 => i64::MAX,
                seconds => i64::from(seconds),
            })),
            DeviceColumn::Signal => number(device.signal()),
            DeviceColumn::Battery => number(device.battery()),
            DeviceColumn::Pending => Key::Number(device.pending.into()),
            DeviceColumn::Version => text(registration.map(|registration| registration.version.as_str())),
            DeviceColumn::QueueMode => Key::Number(device.queue_mode().into()),
            DeviceColumn::Security => text(registration.map(|registration| registration.security())),
            DeviceColumn::Parent => text(device.behind().map(|behind| &*behind.endpoint)),
            // The order of names is known without looking at them.
            DeviceColumn::Endpoint | DeviceColumn::Tags => Key::Missing,
        }
    }

    /// How two devices follow each other, each by its key and its place in the order of names, by which equal keys are
    /// ordered.
    pub(super) fn compare(self, a: (Key<'_>, usize), b: (Key<'_>, usize)) -> Ordering {
        if self.column == DeviceColumn::Endpoint {
            return self.directed(a.1.cmp(&b.1));
        }
        self.compare_keys(a.0, b.0).then(a.1.cmp(&b.1))
    }

    /// Whether a device stands up to where a page ended: at this key and these places in the order of names, one after the
    /// other while the device is still there.
    pub(super) fn is_up_to(self, device: (Key<'_>, usize), key: Key<'_>, places: &Range<usize>) -> bool {
        if self.column == DeviceColumn::Endpoint {
            return if self.descending {
                device.1 >= places.start
            } else {
                device.1 < places.end
            };
        }
        match self.compare_keys(device.0, key) {
            Ordering::Less => true,
            Ordering::Equal => device.1 < places.end,
            Ordering::Greater => false,
        }
    }

    fn compare_keys(self, a: Key<'_>, b: Key<'_>) -> Ordering {
        match (a, b) {
            (Key::Missing, Key::Missing) => Ordering::Equal,
            (Key::Missing, _) => Ordering::Greater,
            (_, Key::Missing) => Ordering::Less,
            (Key::Number(a), Key::Number(b)) => self.directed(a.cmp(&b)),
            (Key::Text(a), Key::Text(b)) => self.directed(a.cmp(b)),
            (Key::Number(_), Key::Text(_)) => Ordering::Less,
            (Key::Text(_), Key::Number(_)) => Ordering::Greater,
        }
    }

    const fn directed(self, order: Ordering) -> Ordering {
        if self.descending { order.reverse() } else { order }
    }
}
