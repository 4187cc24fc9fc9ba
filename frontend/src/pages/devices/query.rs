//! What the address says about the list: its filter, sort and page. Pure.

use crate::ui::Sort;
use shared::api::DeviceQuery;

/// Rows of a page.
pub(super) const PAGE: u32 = 50;

/// The sort of a list that nobody sorted.
pub(super) const DEFAULT_SORT: &str = "endpoint";

/// The columns by which a list can be sorted, with their words; for the choice on a narrow screen.
pub(super) const SORTS: [(&str, &str); 10] = [
    ("endpoint", "Endpoint"),
    ("-last_seen", "Last seen, newest first"),
    ("last_seen", "Last seen, oldest first"),
    ("next_due", "Next due"),
    ("state", "State"),
    ("label", "Label"),
    ("model", "Model"),
    ("firmware", "Firmware"),
    ("lifetime", "Lifetime, shortest first"),
    ("-lifetime", "Lifetime, longest first"),
];

/// What to ask the server.
pub(super) fn request(query: Option<String>, sort: Option<String>, cursor: Option<String>) -> DeviceQuery {
    DeviceQuery {
        query: query.filter(|query| !query.trim().is_empty()),
        sort: Some(sort.unwrap_or_else(|| DEFAULT_SORT.into())),
        limit: Some(PAGE),
        cursor,
    }
}

/// The sort of the address.
pub(super) fn sort_of(sort: Option<&str>) -> Sort {
    Sort::parse(sort.unwrap_or(DEFAULT_SORT))
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

/// `"51–100 of 2,000"`.
pub(super) fn range_words(page: u32, shown: usize, total: u64) -> String {
    let first = u64::from(page.saturating_sub(1)) * u64::from(PAGE) + 1;
    let last = (first + shown as u64).saturating_sub(1);
    format!(
        "{}–{} of {}",
        crate::words::count(first),
        crate::words::count(last),
        crate::words::count(total)
    )
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
    fn the_range_counts_from_the_page() {
        assert_eq!(range_words(1, 50, 2000), "1–50 of 2,000");
        assert_eq!(range_words(2, 50, 2000), "51–100 of 2,000");
        assert_eq!(range_words(3, 7, 107), "101–107 of 107");
    }

    #[test]
    fn an_empty_filter_is_none() {
        let request = request(Some("  ".into()), None, None);
        assert_eq!((request.query, request.sort.as_deref()), (None, Some("endpoint")));
    }

    #[test]
    fn the_first_choice_is_the_default() {
        assert_eq!(SORTS[0].0, DEFAULT_SORT);
    }
}
