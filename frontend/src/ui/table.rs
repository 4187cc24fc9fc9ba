//! Sortable column heads.

use super::Icon;
use crate::dom::prelude::*;

/// By which column a list is sorted: `"last_seen"`, or `"-last_seen"` for descending.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Sort {
    pub(crate) column: String,
    pub(crate) descending: bool,
}

impl Sort {
    pub(crate) fn parse(text: &str) -> Sort {
        let (descending, column) = match text.strip_prefix('-') {
            Some(column) => (true, column),
            None => (false, text),
        };
        Sort {
            column: column.into(),
            descending,
        }
    }

    /// The sort after a press on the head of `column`: that column, and the other way round if it was that already.
    /// `descending_first` is for times and amounts, where the large end is asked for.
    pub(crate) fn pressed(&self, column: &str, descending_first: bool) -> Sort {
        let again = self.column == column;
        Sort {
            column: column.into(),
            descending: if again { !self.descending } else { descending_first },
        }
    }
}

impl std::fmt::Display for Sort {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}{}", if self.descending { "-" } else { "" }, self.column)
    }
}

/// The head of a sortable column, in a row of a grid.
#[component]
pub(crate) fn SortHead(
    label: &'static str,
    column: &'static str,
    #[prop(into)] sort: Signal<Sort>,
    on_sort: Callback<Sort>,
    /// Aligns to the right.
    #[prop(optional)]
    num: bool,
    /// Begins with the large end.
    #[prop(optional)]
    large_first: bool,
) -> impl IntoView {
    let direction = move || sort.with(|sort| (sort.column == column).then_some(sort.descending));
    let aria = move || match direction() {
        Some(true) => "descending",
        Some(false) => "ascending",
        None => "none",
    };
    view! {
        <div role="columnheader" class="cell" class:num=num aria-sort=aria>
            <button
                type="button"
                class="sort"
                on:click=move |_| on_sort.run(sort.with_untracked(|sort| sort.pressed(column, large_first)))
            >
                {label}
                <Icon name=Signal::derive(move || {
                    if direction() == Some(true) { "arrow-down" } else { "arrow-up" }
                }) />
            </button>
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sort_reads_back() {
        for text in ["endpoint", "-last_seen"] {
            assert_eq!(Sort::parse(text).to_string(), text);
        }
    }

    #[test]
    fn a_second_press_turns_the_order_round() {
        let sort = Sort::parse("endpoint").pressed("last_seen", true);
        assert_eq!(sort.to_string(), "-last_seen");
        assert_eq!(sort.pressed("last_seen", true).to_string(), "last_seen");
        assert_eq!(sort.pressed("model", false).to_string(), "model");
    }
}
