//! The keyboard. [`table`] has every key of the page; this listens for those that act everywhere and in any list.

mod table;

use crate::dom::prelude::*;
use crate::frame::PLACES;
use crate::routing::Router;
use crate::session::Session;
use table::of;
pub(crate) use table::{Act, KEYS, Key, Scope, act, chord_key};
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, KeyboardEvent};

/// How long the second key of a pair is waited for.
const PAIR_MS: f64 = 1200.0;

/// Whether the help is open, and the palette. Found with `expect_context::<Overlays>()`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Overlays {
    pub(crate) help: RwSignal<bool>,
    pub(crate) palette: RwSignal<bool>,
    /// What was typed after the palette opened and before its module was here to take it.
    pub(crate) early: StoredValue<String>,
}

/// A list that knows more rows than there are in the page takes [`Act::Next`], [`Act::Previous`] and [`Act::Select`] itself.
/// Found with `expect_context::<RowKeys>()`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RowKeys(StoredValue<Option<Callback<Act>>>);

impl RowKeys {
    /// Takes the keys until the part of the page that calls this goes.
    pub(crate) fn take(self, act: Callback<Act>) {
        self.0.set_value(Some(act));
        on_cleanup(move || self.0.set_value(None));
    }

    fn act(self, act: Act) {
        match (self.0.get_value(), act) {
            (Some(taken), act) => taken.run(act),
            (None, Act::Next) => step(1),
            (None, Act::Previous) => step(-1),
            (None, _) => {}
        }
    }
}

/// Listens for the keys of the whole page. Called once, by the application.
pub(crate) fn start(router: Router, session: Session) {
    let overlays = Overlays {
        help: RwSignal::new(false),
        palette: RwSignal::new(false),
        early: StoredValue::new(String::new()),
    };
    provide_context(overlays);
    let rows = RowKeys(StoredValue::new(None));
    provide_context(rows);
    // When the first key of a pair was pressed. Not a timer: that of an earlier pair would end a later one.
    let pair_began = StoredValue::new(None::<f64>);
    window_event_listener::<KeyboardEvent>("keydown", move |event| {
        let chord = (event.ctrl_key() != event.meta_key()) && !event.alt_key() && !event.shift_key();
        if chord && of(Scope::Everywhere, true, &event.key()) == Some(Act::Palette) {
            if toggle_palette(overlays, session) {
                event.prevent_default();
            }
            return;
        }
        if is_typing(&event) {
            if overlays.palette.get_untracked() && keep_early(overlays, &event) {
                event.prevent_default();
            }
            return;
        }
        let pair = pair_began
            .get_value()
            .is_some_and(|began| event.time_stamp() - began < PAIR_MS);
        pair_began.set_value(None);
        let everywhere = act(Scope::Everywhere, &event);
        let done = match (pair, everywhere.or_else(|| act(Scope::Rows, &event))) {
            (true, _) if !event.default_prevented() && go(router, session, &event.key()) => true,
            (_, Some(Act::Go)) => {
                pair_began.set_value(Some(event.time_stamp()));
                return;
            }
            (_, Some(Act::Search)) => {
                focus("#search");
                true
            }
            (_, Some(Act::Help)) => {
                overlays.help.set(true);
                true
            }
            (_, Some(act)) => {
                rows.act(act);
                true
            }
            (_, None) => false,
        };
        if done {
            event.prevent_default();
        }
    });
}

/// Opens the palette, or closes it. Over another dialog it does not open: what is typed there would be lost.
fn toggle_palette(overlays: Overlays, session: Session) -> bool {
    let open = overlays.palette.get_untracked();
    let covered = document().query_selector("dialog[open]").ok().flatten().is_some();
    let may = open || (!covered && untrack(|| session.account()).is_some());
    if may {
        overlays.early.set_value(String::new());
        overlays.palette.set(!open);
    }
    may
}

/// Keeps a letter for the palette while the dialog itself has the focus: its field is not here yet.
fn keep_early(overlays: Overlays, event: &KeyboardEvent) -> bool {
    let key = event.key();
    let target = event
        .target()
        .and_then(|target| target.dyn_into::<Element>().ok());
    let is_letter =
        key.chars().nth(1).is_none() && !event.ctrl_key() && !event.meta_key() && !event.alt_key();
    let keeps = is_letter && target.is_some_and(|target| target.tag_name() == "DIALOG");
    if keeps {
        overlays.early.update_value(|early| early.push_str(&key));
    }
    keeps
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
