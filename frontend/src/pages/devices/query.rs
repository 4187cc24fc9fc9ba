//! What the address says about the list: its filter, sort and columns. Pure.

use crate::ui::Sort;
use shared::api::{DeviceColumn, DeviceQuery};

/// The sort of a list that nobody sorted.
pub(super) const DEFAULT_SORT: &str = "endpoint";
/// Rows read beyond those on the screen, to each side.
const MARGIN: usize = 60;

/// The columns by which a list can be sorted, with their words; for the choice on a narrow screen.
pub(super) const SORTS: [(&str, &str); 12] = [
    ("endpoint", "Endpoint"),
    ("-endpoint", "Endpoint, from the end"),
    ("-last_seen", "Last seen, newest first"),
    ("last_seen", "Last seen, oldest first"),
    ("next_due", "Next due"),
    ("state", "State"),
    ("label", "Label"),
    ("model", "Model"),
    ("firmware", "Firmware"),
    ("battery", "Battery, lowest first"),
    ("lifetime", "Lifetime, shortest first"),
    ("-lifetime", "Lifetime, longest first"),
];

/// Which list is shown: its query and its sort.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Which {
    pub(super) query: Option<String>,
    pub(super) sort: String,
}

impl Which {
    pub(super) fn new(query: Option<String>, sort: Option<String>) -> Which {
        Which {
            query: query.filter(|query| !query.trim().is_empty()),
            sort: sort.unwrap_or_else(|| DEFAULT_SORT.into()),
        }
    }

    /// What to ask the server for these rows and some around them.
    pub(super) fn part(&self, first: usize, count: usize) -> DeviceQuery {
        DeviceQuery {
            query: self.query.clone(),
            sort: Some(self.sort.clone()),
            limit: Some((count + 2 * MARGIN).min(500) as u32),
            offset: Some(first.saturating_sub(MARGIN) as u64),
            ..DeviceQuery::default()
        }
    }
}

/// The sort of the address.
pub(super) fn sort_of(sort: Option<&str>) -> Sort {
    Sort::parse(sort.unwrap_or(DEFAULT_SORT))
}

/// The columns to show: those of the address, else those that the account chose, else the usual ones. A list without the
/// endpoint says nothing, so that is always there.
pub(super) fn columns_of(address: Option<&str>, chosen: &[DeviceColumn]) -> Vec<DeviceColumn> {
    let named: Vec<DeviceColumn> = address
        .unwrap_or_default()
        .split(',')
        .filter_map(DeviceColumn::parse)
        .collect();
    let mut columns = Vec::new();
    let wanted = [named.as_slice(), chosen, DeviceColumn::DEFAULT.as_slice()];
    for column in wanted
        .into_iter()
        .find(|wanted| !wanted.is_empty())
        .unwrap_or_default()
    {
        if !columns.contains(column) {
            columns.push(*column);
        }
    }
    if !columns.contains(&DeviceColumn::Endpoint) {
        columns.insert(0, DeviceColumn::Endpoint);
    }
    columns
}

/// The state that a query filters by, if it is one.
pub(super) fn state_of(query: &str) -> Option<&str> {
    query
        .split_whitespace()
        .find_map(|word| word.strip_prefix("state:"))
}

/// The query with another state, or without one; the other words stay.
pub(super) fn with_state(query: &str, state: Option<&str>) -> String {
    let mut words: Vec<String> = query
        .split_whitespace()
        .filter(|word| !word.starts_with("state:"))
        .map(str::to_owned)
        .collect();
    if let Some(state) = state {
        words.insert(0, format!("state:{state}"));
    }
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_is_chosen_and_left_without_touching_the_other_words() {
        assert_eq!(
            with_state("harbour  pump", Some("late")),
            "state:late harbour pump"
        );
        assert_eq!(
            with_state("state:late harbour", Some("online")),
            "state:online harbour"
        );
        assert_eq!(with_state("state:late harbour", None), "harbour");
        assert_eq!(state_of("harbour state:late"), Some("late"));
        assert_eq!(state_of("harbour"), None);
    }

    #[test]
    fn a_part_is_read_with_some_rows_around_it() {
        let which = Which::new(Some("  ".into()), None);
        assert_eq!(which.query, None);
        let part = which.part(1000, 30);
        assert_eq!(
            (part.offset, part.limit, part.sort.as_deref()),
            (Some(940), Some(150), Some("endpoint"))
        );
        assert_eq!(which.part(3, 900).offset, Some(0));
        assert_eq!(which.part(3, 900).limit, Some(500));
    }

    #[test]
    fn columns_come_from_the_address_then_the_account_and_always_name_the_device() {
        use DeviceColumn::{Battery, Endpoint, State};
        assert_eq!(columns_of(None, &[]), DeviceColumn::DEFAULT);
        assert_eq!(columns_of(None, &[State, Endpoint]), [State, Endpoint]);
        assert_eq!(
            columns_of(Some("battery,colour,battery"), &[State]),
            [Endpoint, Battery]
        );
    }

    #[test]
    fn the_first_choice_is_the_default() {
        assert_eq!(SORTS[0].0, DEFAULT_SORT);
        for (sort, _) in SORTS {
            let column = sort.trim_start_matches('-');
            assert!(
                DeviceColumn::parse(column).is_some_and(DeviceColumn::is_sortable),
                "{sort}"
            );
        }
    }
}
