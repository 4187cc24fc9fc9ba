//! The keyboard: `/` search, `g` and a letter to a page, `j` and `k` through rows, Enter opens, `?` help.

use crate::dom::prelude::*;
use crate::frame::PLACES;
use crate::routing::Router;
use crate::session::Session;
use gloo_timers::callback::Timeout;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, KeyboardEvent};

/// What the help shows: keys and what they do.
pub(crate) const KEYS: [(&str, &str); 9] = [
    ("/", "Search devices"),
    ("g d", "Go to the devices; g and o, k, m, a, s to the other pages"),
    ("j  k", "Next and previous row"),
    ("Enter", "Open the row"),
    ("x", "Select the row; with Shift and an arrow, a range"),
    (
        "Home End",
        "First and last row of the devices; Page Up and Down by a screen",
    ),
    ("← →", "Between tabs"),
    ("Esc", "Close what is open; leave the search"),
    ("?", "This help"),
];

/// How long the second key of a pair is waited for.
const PAIR_MS: u32 = 1200;

/// Whether the help is open. Found with `expect_context::<HelpOpen>()`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct HelpOpen(pub(crate) RwSignal<bool>);

/// What `j`, `k` and `x` do with the rows of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RowKey {
    Next,
    Previous,
    Select,
}

/// A list that knows more rows than there are in the page takes these keys itself. Found with
/// `expect_context::<RowKeys>()`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RowKeys(StoredValue<Option<Callback<RowKey>>>);

impl RowKeys {
    /// Takes the keys until the part of the page that calls this goes.
    pub(crate) fn take(self, act: Callback<RowKey>) {
        self.0.set_value(Some(act));
        on_cleanup(move || self.0.set_value(None));
    }

    fn act(self, key: RowKey) {
        match (self.0.get_value(), key) {
            (Some(act), key) => act.run(key),
            (None, RowKey::Next) => step(1),
            (None, RowKey::Previous) => step(-1),
            (None, RowKey::Select) => {}
        }
    }
}

/// Listens for the keys of the whole page. Called once, by the application.
pub(crate) fn start(router: Router, session: Session) {
    let help = RwSignal::new(false);
    provide_context(HelpOpen(help));
    let rows = RowKeys(StoredValue::new(None));
    provide_context(rows);
    let after_g = StoredValue::new(false);
    window_event_listener(leptos::ev::keydown, move |event| {
        if event.ctrl_key() || event.meta_key() || event.alt_key() || event.default_prevented() {
            return;
        }
        if is_typing(&event) {
            return;
        }
        let pair = after_g.get_value();
        after_g.set_value(false);
        match (pair, event.key().as_str()) {
            (true, key) if go(router, session, key) => {}
            (_, "g") => {
                after_g.set_value(true);
                Timeout::new(PAIR_MS, move || after_g.set_value(false)).forget();
                return;
            }
            (_, "/") => focus("#search"),
            (_, "j") => rows.act(RowKey::Next),
            (_, "k") => rows.act(RowKey::Previous),
            (_, "x") => rows.act(RowKey::Select),
            (_, "?") => help.set(true),
            _ => return,
        }
        event.prevent_default();
    });
}

/// Goes to the place of the navigation with this key.
fn go(router: Router, session: Session, key: &str) -> bool {
    let place = PLACES
        .iter()
        .find(|place| place.key == key && untrack(|| place.is_open(session)));
    if let Some(place) = place {
        router.go(&place.route.href());
    }
    place.is_some()
}

/// Whether the key goes into a field, or to a dialog that covers the page.
fn is_typing(event: &KeyboardEvent) -> bool {
    let Some(element) = event
        .target()
        .and_then(|target| target.dyn_into::<Element>().ok())
    else {
        return false;
    };
    matches!(element.tag_name().as_str(), "INPUT" | "TEXTAREA" | "SELECT")
        || element.closest("dialog").ok().flatten().is_some()
}

/// Gives the focus to the element of a selector, if it is there.
pub(crate) fn focus(selector: &str) {
    let element = document().query_selector(selector).ok().flatten();
    if let Some(element) = element.and_then(|element| element.dyn_into::<HtmlElement>().ok()) {
        // Focus is refused only for what is not in the page.
        drop(element.focus());
    }
}

/// Moves the focus to another row: every row is an element with `data-row`, and takes the focus itself or holds
/// what does.
fn step(by: i32) {
    let Ok(rows) = document().query_selector_all("[data-row]") else {
        return;
    };
    let here = document().active_element();
    let at = (0..rows.length()).find(|index| {
        rows.get(*index)
            .is_some_and(|row| row.contains(here.as_ref().map(AsRef::as_ref)))
    });
    let next = match at {
        Some(at) => (at as i32 + by).clamp(0, rows.length() as i32 - 1),
        None => 0,
    };
    let Some(row) = rows
        .get(next as u32)
        .and_then(|row| row.dyn_into::<Element>().ok())
    else {
        return;
    };
    let holder = if row.has_attribute("tabindex") {
        Some(row)
    } else {
        row.query_selector("a, button, [tabindex]").ok().flatten()
    };
    if let Some(element) = holder.and_then(|element| element.dyn_into::<HtmlElement>().ok()) {
        // Focus is refused only for what is not in the page.
        drop(element.focus());
    }
}
