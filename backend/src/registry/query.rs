//! The device list: filter, sort, and one page of it.
//!
//! What a query means is `shared::query`'s to say; what it sees of a device is [`super::subject`]'s. A page is taken from the
//! rows without copying them, beginning with the order of names, which is kept: what is left to do is to look at every device
//! once for a filter or another order, a few milliseconds for 100,000.

use super::cursor::Cursor;
use super::order::{Key, Order};
use super::{Device, DeviceNumber, Rows};
use crate::core::QueryError;
use shared::Timestamp;
use shared::api::{DeviceList, DeviceQuery};
use shared::query::Query;

const DEFAULT_LIMIT: u32 = 50;
const MAX_LIMIT: u32 = 500;

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
    let mut found = matches(rows, order, &filter, now);
    let total = found.len();
    // How many come before somebody, or are it.
    let up_to = |key: Key<'_>, endpoint: &str| {
        let before = rows.names_before(endpoint);
        let places = before..before + usize::from(rows.find(endpoint).is_some());
        let is_up_to = |found: &&Match<'_>| order.is_up_to(found.place(), key, &places);
        found.iter().filter(is_up_to).count()
    };
    let around = query.around.as_deref().and_then(|endpoint| rows.find(endpoint));
    let around = around.filter(|(_, device)| filter.accepts(*device, now));
    let start = match (&after, around, query.offset) {
        (Some(cursor), ..) => up_to(cursor.key(), &cursor.endpoint),
        (None, Some((_, device)), _) => {
            let place = up_to(order.key(device), &device.endpoint).saturating_sub(1);
            place.saturating_sub(limit / 2)
        }
        (None, None, offset) => usize::try_from(offset.unwrap_or(0)).unwrap_or(usize::MAX),
    };
    let start = start.min(total);
    let compare = |a: &Match<'_>, b: &Match<'_>| order.compare(a.place(), b.place());
    let mut shown = &mut found[..];
    if (1..total).contains(&start) {
        shown.select_nth_unstable_by(start, compare);
    }
    shown = &mut shown[start..];
    let more = shown.len() > limit;
    if more {
        shown.select_nth_unstable_by(limit, compare);
        shown = &mut shown[..limit];
    }
    shown.sort_unstable_by(compare);
    Ok(DeviceList {
        next_cursor: shown
            .last()
            .filter(|_| more)
            .and_then(|last| Cursor::encode(last.key, &last.device.endpoint)),
        items: shown.iter().map(|found| found.device.row()).collect(),
        total: total as u64,
        offset: start as u64,
        sequence,
    })
}

/// All devices that match, in order.
///
/// # Errors
/// [`QueryError`], in words.
pub(crate) fn in_order(
    rows: &Rows,
    query: &str,
    sort: Option<&str>,
    now: Timestamp,
) -> Result<Vec<DeviceNumber>, QueryError> {
    let order = Order::parse(sort)?;
    let filter: Query = query.parse()?;
    let mut found = matches(rows, order, &filter, now);
    found.sort_unstable_by(|a, b| order.compare(a.place(), b.place()));
    Ok(found.into_iter().map(|found| found.number).collect())
}

/// A device that is in the list.
struct Match<'a> {
    key: Key<'a>,
    /// Its place among all in the order of names.
    name: usize,
    number: DeviceNumber,
    device: &'a Device,
}

impl<'a> Match<'a> {
    fn place(&self) -> (Key<'a>, usize) {
        (self.key, self.name)
    }
}

/// All devices that match, in the order of names.
fn matches<'a>(rows: &'a Rows, order: Order, filter: &Query, now: Timestamp) -> Vec<Match<'a>> {
    rows.by_name()
        .enumerate()
        .filter(|(_, (_, device))| filter.is_empty() || filter.accepts(*device, now))
        .map(|(name, (number, device))| Match {
            key: order.key(device),
            name,
            number,
            device,
        })
        .collect()
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
            ..DeviceQuery::default()
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
                assert_eq!((list.total, list.offset), (100, seen.len() as u64));
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
            let numbers = in_order(&rows, "", Some(sort), Timestamp(0)).unwrap();
            let all: Vec<&str> = numbers
                .iter()
                .map(|number| &*rows.get(*number).unwrap().endpoint)
                .collect();
            assert_eq!(all, whole, "{sort}");
        }
    }

    #[test]
    fn a_page_follows_one_whose_last_device_is_gone() {
        for (sort, last) in [("endpoint", 7), ("-endpoint", 94), ("state", 13), ("-state", 14)] {
            let mut rows = fleet(100);
            let first = ask(&rows, "", sort, 7, None);
            let gone = format!("device-{last:03}");
            assert_eq!(first.items[6].endpoint, gone, "{sort}");
            let expected = ask(&rows, "", sort, 7, first.next_cursor.clone());
            rows.remove(DeviceNumber(last));
            let second = ask(&rows, "", sort, 7, first.next_cursor);
            assert_eq!((second.offset, &second.items), (6, &expected.items), "{sort}");
        }
    }

    #[test]
    fn a_page_begins_at_any_place_or_around_a_device() {
        let rows = fleet(100);
        let base = || DeviceQuery {
            query: Some("state:online".into()),
            sort: Some("-endpoint".into()),
            limit: Some(6),
            ..DeviceQuery::default()
        };
        let names = |query: &DeviceQuery| {
            let list = page(&rows, query, 0, Timestamp(0)).unwrap();
            let names: Vec<String> = list.items.into_iter().map(|row| row.endpoint).collect();
            (list.offset, names)
        };
        let place = |offset: u64| {
            names(&DeviceQuery {
                offset: Some(offset),
                ..base()
            })
        };
        let all: Vec<String> = (0..50)
            .map(|row| format!("device-{:03}", 100 - 2 * row))
            .collect();
        assert_eq!(place(0), (0, all[..6].to_vec()));
        assert_eq!(place(21), (21, all[21..27].to_vec()));
        assert_eq!(place(47), (47, all[47..].to_vec()));
        assert_eq!(place(50), (50, Vec::new()));
        assert_eq!(place(u64::MAX), (50, Vec::new()), "beyond the end is the end");

        let around = |endpoint: &str| {
            names(&DeviceQuery {
                around: Some(endpoint.into()),
                ..base()
            })
        };
        assert_eq!(around("device-040"), (27, all[27..33].to_vec()));
        assert_eq!(around("device-100"), (0, all[..6].to_vec()));
        assert_eq!(around("device-002"), (46, all[46..].to_vec()));
        assert_eq!(around("device-041"), place(0), "it is not among them");
        assert_eq!(around("nobody"), place(0));
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
