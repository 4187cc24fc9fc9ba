//! The device list: filter, sort, and one page of it.
//!
//! What a query means is `shared::query`'s to say; what it sees of a device is [`super::subject`]'s. A page is taken from the
//! rows without copying them; at 100,000 devices it is a scan of a few milliseconds.

use super::{Device, Rows};
use crate::core::QueryError;
use serde::{Deserialize, Serialize};
use shared::Timestamp;
use shared::api::{DeviceList, DeviceQuery};
use shared::query::Query;
use std::cmp::Ordering;

const DEFAULT_LIMIT: u32 = 50;
const MAX_LIMIT: u32 = 500;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Column {
    Endpoint,
    Label,
    State,
    Model,
    Firmware,
    LastSeen,
    Lifetime,
    NextDue,
}

impl Column {
    fn parse(name: &str) -> Result<Column, QueryError> {
        Ok(match name {
            "endpoint" => Column::Endpoint,
            "label" => Column::Label,
            "state" => Column::State,
            "model" => Column::Model,
            "firmware" => Column::Firmware,
            "last_seen" => Column::LastSeen,
            "lifetime" => Column::Lifetime,
            "next_due" => Column::NextDue,
            _ => return Err(QueryError::UnknownColumn(name.chars().take(40).collect())),
        })
    }

    fn key(self, device: &Device) -> Key<'_> {
        match self {
            Column::Endpoint => Key::Text(&device.endpoint),
            Column::Label => device.label().map_or(Key::Missing, Key::Text),
            Column::State => Key::Number(device.state as i64),
            Column::Model => device.model().map_or(Key::Missing, Key::Text),
            Column::Firmware => device.firmware().map_or(Key::Missing, Key::Text),
            Column::LastSeen => device.last_seen.map_or(Key::Missing, |at| Key::Number(at.0)),
            Column::Lifetime => device.registration.as_ref().map_or(Key::Missing, |registration| {
                // A lifetime of 0 is without end, so it is the longest.
                Key::Number(match registration.lifetime {
                    0 => i64::MAX,
                    seconds => i64::from(seconds),
                })
            }),
            Column::NextDue => device.next_due().map_or(Key::Missing, |at| Key::Number(at.0)),
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Key<'a> {
    Number(i64),
    Text(&'a str),
    Missing,
}

/// A key with the endpoint, by which equal keys are ordered: what a cursor holds.
#[derive(Serialize, Deserialize)]
struct Cursor {
    number: Option<i64>,
    text: Option<String>,
    endpoint: String,
}

impl Cursor {
    fn key(&self) -> Key<'_> {
        match (&self.text, self.number) {
            (Some(text), _) => Key::Text(text),
            (None, Some(number)) => Key::Number(number),
            (None, None) => Key::Missing,
        }
    }

    fn encode(key: Key<'_>, endpoint: &str) -> Option<String> {
        let cursor = Cursor {
            number: match key {
                Key::Number(number) => Some(number),
                _ => None,
            },
            text: match key {
                Key::Text(text) => Some(text.to_owned()),
                _ => None,
            },
            endpoint: endpoint.to_owned(),
        };
        let bytes = postcard::to_allocvec(&cursor).ok()?;
        Some(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
    }

    fn decode(text: &str) -> Result<Cursor, QueryError> {
        let digits = text.as_bytes();
        if !digits.len().is_multiple_of(2) || digits.len() > 4096 {
            return Err(QueryError::Cursor);
        }
        let digit = |byte: u8| char::from(byte).to_digit(16);
        let bytes: Option<Vec<u8>> = digits
            .chunks_exact(2)
            .map(|pair| Some((digit(pair[0])? << 4 | digit(pair[1])?) as u8))
            .collect();
        bytes
            .and_then(|bytes| postcard::from_bytes(&bytes).ok())
            .ok_or(QueryError::Cursor)
    }
}

/// An order of devices; what has no key comes last either way.
#[derive(Clone, Copy)]
struct Order {
    column: Column,
    descending: bool,
}

impl Order {
    fn parse(sort: Option<&str>) -> Result<Order, QueryError> {
        let sort = sort.filter(|sort| !sort.is_empty()).unwrap_or("endpoint");
        let (descending, name) = match sort.strip_prefix('-') {
            Some(name) => (true, name),
            None => (false, sort),
        };
        Ok(Order {
            column: Column::parse(name)?,
            descending,
        })
    }

    fn compare(self, a: (Key<'_>, &str), b: (Key<'_>, &str)) -> Ordering {
        let keys = match (a.0, b.0) {
            (Key::Missing, Key::Missing) => Ordering::Equal,
            (Key::Missing, _) => Ordering::Greater,
            (_, Key::Missing) => Ordering::Less,
            (Key::Number(a), Key::Number(b)) => self.directed(a.cmp(&b)),
            (Key::Text(a), Key::Text(b)) => self.directed(a.cmp(b)),
            (Key::Number(_), Key::Text(_)) => Ordering::Less,
            (Key::Text(_), Key::Number(_)) => Ordering::Greater,
        };
        keys.then_with(|| a.1.cmp(b.1))
    }

    const fn directed(self, order: Ordering) -> Ordering {
        if self.descending { order.reverse() } else { order }
    }
}

/// A page of the list.
///
/// # Errors
/// [`QueryError`], in words.
pub(crate) fn page(
    rows: &Rows,
    query: &DeviceQuery,
    sequence: u64,
    now: Timestamp,
) -> Result<DeviceList, QueryError> {
    let order = Order::parse(query.sort.as_deref())?;
    let filter: Query = query.query.as_deref().unwrap_or_default().parse()?;
    let limit = query.limit.unwrap_or(DEFAULT_LIMIT);
    if !(1..=MAX_LIMIT).contains(&limit) {
        return Err(QueryError::Limit(limit));
    }
    let limit = limit as usize;
    let after = query.cursor.as_deref().map(Cursor::decode).transpose()?;
    let mut total = 0;
    let mut found: Vec<(Key<'_>, &Device)> = Vec::new();
    for (_, device) in rows.iter().filter(|&(_, device)| filter.accepts(device, now)) {
        total += 1;
        let key = order.column.key(device);
        let is_after = after.as_ref().is_none_or(|cursor| {
            order.compare((key, &device.endpoint), (cursor.key(), &cursor.endpoint)) == Ordering::Greater
        });
        if is_after {
            found.push((key, device));
        }
    }
    let compare = |a: &(Key<'_>, &Device), b: &(Key<'_>, &Device)| {
        order.compare((a.0, &a.1.endpoint), (b.0, &b.1.endpoint))
    };
    let more = found.len() > limit;
    if more {
        found.select_nth_unstable_by(limit, compare);
        found.truncate(limit);
    }
    found.sort_unstable_by(compare);
    Ok(DeviceList {
        next_cursor: found
            .last()
            .filter(|_| more)
            .and_then(|(key, device)| Cursor::encode(*key, &device.endpoint)),
        items: found.iter().map(|(_, device)| device.row()).collect(),
        total,
        sequence,
    })
}

#[cfg(test)]
mod tests {
    use super::super::{DeviceNumber, Samples};
    use super::*;
    use shared::{DeviceState, Timestamp};

    fn fleet(count: u32) -> Rows {
        let mut rows = Rows::new(Samples::new(0));
        for number in 1..=count {
            let name = format!("device-{number:03}").into();
            let (device, _) = rows.get_or_insert(DeviceNumber(number), &name);
            if number % 2 == 0 {
                device.state = DeviceState::Online;
                device.last_seen = Some(Timestamp(i64::from(number % 10)));
            }
        }
        rows
    }

    fn ask(rows: &Rows, query: &str, sort: &str, limit: u32, cursor: Option<String>) -> DeviceList {
        let query = DeviceQuery {
            query: Some(query.into()),
            sort: Some(sort.into()),
            limit: Some(limit),
            cursor,
        };
        page(rows, &query, 0, Timestamp(0)).unwrap()
    }

    #[test]
    fn pages_follow_each_other_without_gap_or_overlap_in_every_order() {
        let rows = fleet(100);
        for sort in [
            "endpoint",
            "-endpoint",
            "last_seen",
            "-last_seen",
            "state",
            "-state",
            "model",
        ] {
            let mut seen = Vec::new();
            let mut cursor = None;
            loop {
                let list = ask(&rows, "", sort, 7, cursor);
                assert_eq!(list.total, 100);
                seen.extend(list.items.into_iter().map(|row| row.endpoint));
                cursor = list.next_cursor;
                if cursor.is_none() {
                    break;
                }
            }
            assert_eq!(seen.len(), 100, "{sort}");
            let whole: Vec<String> = ask(&rows, "", sort, 500, None)
                .items
                .into_iter()
                .map(|row| row.endpoint)
                .collect();
            assert_eq!(seen, whole, "{sort}");
        }
    }

    #[test]
    fn what_has_no_key_comes_last_in_both_directions() {
        let rows = fleet(10);
        for sort in ["last_seen", "-last_seen"] {
            let list = ask(&rows, "", sort, 10, None);
            assert!(
                list.items[..5].iter().all(|row| row.last_seen.is_some()),
                "{sort}"
            );
        }
    }

    #[test]
    fn words_and_states_filter() {
        let rows = fleet(100);
        for (query, total) in [
            ("", 100),
            ("DEVICE-00", 9),
            ("device 07", 11),
            ("state:online", 50),
            ("state:online 001", 0),
            ("state:online state:never_seen", 100),
            ("nothing", 0),
        ] {
            assert_eq!(ask(&rows, query, "", 10, None).total, total, "{query}");
        }
    }

    #[test]
    fn a_query_that_says_something_wrong_is_told_so() {
        let rows = fleet(1);
        let ask = |query: DeviceQuery| page(&rows, &query, 0, Timestamp(0)).unwrap_err();
        let base = DeviceQuery::default;
        assert_eq!(
            ask(DeviceQuery {
                sort: Some("-x".into()),
                ..base()
            }),
            QueryError::UnknownColumn("x".into())
        );
        assert_eq!(
            ask(DeviceQuery {
                query: Some("state:gone".into()),
                ..base()
            })
            .to_string(),
            "there is no state 'gone'; there are never_seen, bootstrapping, online, asleep, late, offline, signed_off, \
             refused, decommissioned (at character 7)"
        );
        assert_eq!(
            ask(DeviceQuery {
                limit: Some(501),
                ..base()
            }),
            QueryError::Limit(501)
        );
        assert_eq!(
            ask(DeviceQuery {
                limit: Some(0),
                ..base()
            }),
            QueryError::Limit(0)
        );
        for cursor in ["x", "zz", "00", "é"] {
            assert_eq!(
                ask(DeviceQuery {
                    cursor: Some(cursor.into()),
                    ..base()
                }),
                QueryError::Cursor,
                "{cursor}"
            );
        }
    }
}
