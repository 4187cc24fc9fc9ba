//! Every key of the page in one table: what acts on a key and what the help says of it both come from here.

use crate::dom::prelude::window;
use web_sys::KeyboardEvent;

/// Where a key acts. The help has a group for each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scope {
    Everywhere,
    /// Any list of rows.
    Rows,
    /// The list of devices, while it has the focus.
    Devices,
    /// The objects of a device, while a row has the focus.
    Objects,
    /// A plot that has the focus.
    Plot,
    /// The messages of a device, while one has the focus.
    Messages,
    /// A list of tabs that has the focus.
    Tabs,
    /// The open palette.
    Palette,
}

impl Scope {
    pub(crate) const ALL: [Scope; 8] = [
        Scope::Everywhere,
        Scope::Rows,
        Scope::Devices,
        Scope::Objects,
        Scope::Plot,
        Scope::Messages,
        Scope::Tabs,
        Scope::Palette,
    ];

    /// The words of its group in the help.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Scope::Everywhere => "Everywhere",
            Scope::Rows => "In any list",
            Scope::Devices => "In the list of devices",
            Scope::Objects => "In the objects of a device",
            Scope::Plot => "In a plot",
            Scope::Messages => "In the messages of a device",
            Scope::Tabs => "In tabs",
            Scope::Palette => "In the palette",
        }
    }
}

/// What a key does; where, its [`Scope`] says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Act {
    Palette,
    Search,
    /// Waits for the key of a place.
    Go,
    Help,
    Next,
    Previous,
    First,
    Last,
    PageNext,
    PagePrevious,
    Select,
    Open,
    Close,
    Details,
    Leave,
    Read,
    Write,
    Execute,
    Observe,
    ZoomIn,
    ZoomOut,
    ZoomAll,
    /// What the browser does by itself: the table has it for the help.
    ByBrowser,
}

/// A line of the table.
#[derive(Debug)]
pub(crate) struct Key {
    pub(crate) scope: Scope,
    /// As the browser names them; any of them acts.
    keys: &'static [&'static str],
    /// With Ctrl, or Cmd on a Mac.
    pub(crate) chord: bool,
    /// As the help writes them, a space between two.
    pub(crate) shown: &'static str,
    pub(crate) what: &'static str,
    pub(crate) act: Act,
}

const fn key(
    scope: Scope,
    keys: &'static [&'static str],
    shown: &'static str,
    what: &'static str,
    act: Act,
) -> Key {
    Key {
        scope,
        keys,
        chord: false,
        shown,
        what,
        act,
    }
}

/// Every key of the page. The letters behind `g` are those of [`crate::frame::PLACES`].
pub(crate) static KEYS: [Key; 50] = {
    use Act as Do;
    use Scope::{Devices, Everywhere, Messages, Objects, Palette, Plot, Rows, Tabs};
    [
        Key {
            chord: true,
            ..key(
                Everywhere,
                &["k"],
                "k",
                "Go to any device, page or action",
                Do::Palette,
            )
        },
        key(Everywhere, &["/"], "/", "Search devices", Do::Search),
        key(Everywhere, &["g"], "g", "Go to a page, with its letter", Do::Go),
        key(Everywhere, &["?"], "?", "This help", Do::Help),
        key(
            Everywhere,
            &["Escape"],
            "Esc",
            "Close what is open; leave the search",
            Do::ByBrowser,
        ),
        key(Rows, &["j"], "j", "Next row", Do::Next),
        key(Rows, &["k"], "k", "Previous row", Do::Previous),
        key(Rows, &["Enter"], "Enter", "Open the row", Do::ByBrowser),
        key(Rows, &["x"], "x", "Select the row", Do::Select),
        key(
            Devices,
            &["ArrowDown"],
            "↓",
            "Next row; with Shift, select as well",
            Do::Next,
        ),
        key(
            Devices,
            &["ArrowUp"],
            "↑",
            "Previous row; with Shift, select as well",
            Do::Previous,
        ),
        key(Devices, &["PageDown"], "PgDn", "A screen on", Do::PageNext),
        key(Devices, &["PageUp"], "PgUp", "A screen back", Do::PagePrevious),
        key(Devices, &["Home"], "Home", "First row", Do::First),
        key(Devices, &["End"], "End", "Last row", Do::Last),
        key(Devices, &[" ", "X"], "Space", "Select the row", Do::Select),
        key(Devices, &["Escape"], "Esc", "Select nothing", Do::Leave),
        key(Objects, &["ArrowDown"], "↓", "Next row", Do::Next),
        key(Objects, &["ArrowUp"], "↑", "Previous row", Do::Previous),
        key(
            Objects,
            &["ArrowRight"],
            "→",
            "Open the row, or go into it",
            Do::Open,
        ),
        key(
            Objects,
            &["ArrowLeft"],
            "←",
            "Close the row, or go out of it",
            Do::Close,
        ),
        key(Objects, &["Home"], "Home", "First row", Do::First),
        key(Objects, &["End"], "End", "Last row", Do::Last),
        key(Objects, &["r"], "r", "Read", Do::Read),
        key(Objects, &["w"], "w", "Write", Do::Write),
        key(Objects, &["e"], "e", "Execute", Do::Execute),
        key(Objects, &["o"], "o", "Observe, or end it", Do::Observe),
        key(Objects, &["Enter"], "Enter", "Details of the row", Do::Details),
        key(Objects, &["Escape"], "Esc", "Close the details", Do::Leave),
        key(Plot, &["ArrowRight"], "→", "Next point", Do::Next),
        key(Plot, &["ArrowLeft"], "←", "Point before", Do::Previous),
        key(Plot, &["Home"], "Home", "Begin of the time shown", Do::First),
        key(Plot, &["End"], "End", "End of the time shown", Do::Last),
        key(Plot, &["+", "="], "+", "Closer, in the Live tab", Do::ZoomIn),
        key(Plot, &["-"], "-", "Farther, in the Live tab", Do::ZoomOut),
        key(Plot, &["0"], "0", "All of it, in the Live tab", Do::ZoomAll),
        key(Plot, &["Escape"], "Esc", "No point", Do::Leave),
        key(Messages, &["ArrowDown"], "↓", "Next message", Do::Next),
        key(Messages, &["ArrowUp"], "↑", "Message before", Do::Previous),
        key(Messages, &["Enter"], "Enter", "Its details", Do::ByBrowser),
        key(Messages, &["Escape"], "Esc", "Close the details", Do::Leave),
        key(Tabs, &["ArrowRight"], "→", "Next tab", Do::Next),
        key(Tabs, &["ArrowLeft"], "←", "Tab before", Do::Previous),
        key(Tabs, &["Home"], "Home", "First tab", Do::First),
        key(Tabs, &["End"], "End", "Last tab", Do::Last),
        key(Tabs, &["Enter"], "Enter", "Open the tab", Do::ByBrowser),
        key(Palette, &["ArrowDown"], "↓", "Next", Do::Next),
        key(Palette, &["ArrowUp"], "↑", "Previous", Do::Previous),
        key(Palette, &["Enter"], "Enter", "Go, or do it", Do::Open),
        key(Palette, &["Escape"], "Esc", "Close", Do::ByBrowser),
    ]
};

/// What a key does here, if anything: nothing with Ctrl, Alt or Cmd, or when something else took it.
pub(crate) fn act(scope: Scope, event: &KeyboardEvent) -> Option<Act> {
    if event.ctrl_key() || event.meta_key() || event.alt_key() || event.default_prevented() {
        return None;
    }
    of(scope, false, &event.key())
}

pub(super) fn of(scope: Scope, chord: bool, pressed: &str) -> Option<Act> {
    let found = KEYS
        .iter()
        .find(|key| key.scope == scope && key.chord == chord && key.keys.contains(&pressed));
    found.map(|key| key.act).filter(|act| *act != Act::ByBrowser)
}

/// The key that the help writes for what is done with Ctrl, or on a Mac with Cmd.
pub(crate) fn chord_key() -> &'static str {
    let navigator = window().navigator();
    if navigator
        .platform()
        .is_ok_and(|platform| platform.starts_with("Mac"))
    {
        "⌘"
    } else {
        "Ctrl"
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::PLACES;

    #[test]
    fn no_key_does_two_things_in_one_place() {
        for (at, one) in KEYS.iter().enumerate() {
            for other in &KEYS[at + 1..] {
                let both = one.keys.iter().find(|key| other.keys.contains(key));
                let same = one.scope == other.scope && one.chord == other.chord;
                assert!(!same || both.is_none(), "{both:?} in {:?}", one.scope);
            }
        }
    }

    #[test]
    fn a_letter_of_the_objects_means_nothing_to_the_whole_page() {
        for key in KEYS.iter().filter(|key| key.scope == Scope::Objects) {
            for pressed in key.keys {
                assert_eq!(of(Scope::Everywhere, false, pressed), None, "{pressed}");
                assert_eq!(of(Scope::Rows, false, pressed), None, "{pressed}");
            }
        }
    }

    #[test]
    fn each_place_has_a_letter_of_its_own() {
        for (at, one) in PLACES.iter().enumerate() {
            assert!(
                PLACES[at + 1..].iter().all(|other| other.key != one.key),
                "{}",
                one.word
            );
        }
    }

    #[test]
    fn every_group_of_the_help_has_keys_and_every_key_words() {
        for scope in Scope::ALL {
            assert!(KEYS.iter().any(|key| key.scope == scope), "{scope:?}");
        }
        for key in &KEYS {
            assert!(!key.shown.is_empty() && !key.what.is_empty() && !key.keys.is_empty());
        }
    }

    #[test]
    fn what_the_browser_does_is_left_to_it() {
        assert_eq!(of(Scope::Rows, false, "Enter"), None);
        assert_eq!(of(Scope::Objects, false, "Enter"), Some(Act::Details));
        assert_eq!(of(Scope::Everywhere, true, "k"), Some(Act::Palette));
        assert_eq!(of(Scope::Everywhere, false, "k"), None);
    }
}
