//! The primitives of the page, on native elements. Their looks are in `style/primitives.css`.
//!
//! - [`Icon`]: a drawing of `public/icons.svg` by name. Decoration; the word stands beside it.
//! - [`Button`]: kinds `""`, `"primary"`, `"quiet"`, `"danger"`, with `small`; `busy` shows progress and holds further presses;
//!   `label` names one that shows only an icon.
//! - [`Field`]: a text input with label, hint and error in place. [`Select`]: a list of choices. [`Form rows`](field):
//!   wrap anything else in `<div class="field">`.
//! - [`segments`]: a choice of one among a few, all in sight.
//! - [`Lines`]: names with values, a line each, read with [`pairs`].
//! - [`Form`]: what is sent to the server, with its buttons and what was refused of it.
//! - [`Dialog`]: a modal `<dialog>`; traps focus, closes on Escape, returns focus. Its content lives while it is open.
//! - [`Menu`]: drops down from its button; a press on a `class="menu-item"` closes it.
//! - [`Tabs`]: links with roving focus (arrow keys, Home, End).
//! - [`SortHead`] for sortable columns; `<table class="table">`, `class="num"` for numbers, `data-row` on what `j` and `k` step
//!   through (Enter opens its link or presses it).
//! - A table that may be wider than its place stands in `<div class="scroll" tabindex="0" role="region" aria-label="…">`: it
//!   scrolls sideways by itself, and by the keyboard too.
//! - [`StateBadge`]: a device's state as glyph and word; [`Badge`]: any other word with a tone.
//! - [`Tip`]: `data-tip="text"` on any element shows the text on hover and on focus, `data-tip-focus` on focus alone.
//! - [`Ago`], [`Due`]: a time as a ticking age, the exact time on hover and focus. [`Expiry`]: when something ceases to hold.
//! - [`Told`]: a secret that is shown this once.
//! - [`Toasts`]: `expect_context::<Toasts>().say(Tone::Good, "…")`.
//! - [`Skeleton`], [`Empty`], [`Trouble`] (a failure with a retry), [`Copy`] (a copy button), [`Code`]
//!   (a command line to copy); `class="mono"` for paths, endpoints and hex.
//! - [`save_text`], [`save_bytes`]: what is saved as a file.
//! - [`Find`]: a box that narrows a list, its text in the address.
//! - [`Deed`]: what a person began and the server is asked to do, with its progress and its trouble; [`notice`] tells a trouble.
//! - [`loaded`]: shows a [`Loader`]'s content, or its loading, or its trouble with another try.
//! - [`load`]: what is read from the server, with the old shown until the new is here.

mod badge;
#[cfg(all(test, target_arch = "wasm32"))]
mod browser_tests;
mod button;
mod code;
mod deed;
mod dialog;
mod field;
mod find;
mod form;
mod icon;
mod lines;
mod load;
mod loaded;
mod menu;
mod notices;
mod save;
mod segments;
mod table;
mod tabs;
mod time;
mod tip;
mod toast;
mod told;
mod turning;

pub(crate) use badge::{Badge, StateBadge, badge, state_icon};
pub(crate) use button::Button;
pub(crate) use code::{Code, Copy, copy_text};
pub(crate) use deed::{Deed, alert, notice};
pub(crate) use dialog::{Choice, Dialog, open_while};
pub(crate) use field::{Field, Select, owned};
pub(crate) use find::Find;
pub(crate) use form::Form;
pub(crate) use icon::Icon;
pub(crate) use lines::{Lines, lines, pairs};
pub(crate) use load::{Load, Loader, load};
pub(crate) use loaded::{loaded, loaded_in, loaded_ref, shown};
pub(crate) use menu::Menu;
pub(crate) use notices::{Empty, Skeleton, Trouble};
pub(crate) use save::{save_bytes, save_from, save_text};
pub(crate) use segments::segments;
pub(crate) use table::{Sort, SortHead};
pub(crate) use tabs::{TabItem, Tabs};
pub(crate) use time::{Ago, Due, Expiry, ago, ago_or_never};
pub(crate) use tip::Tip;
pub(crate) use toast::{ToastRegion, Toasts};
pub(crate) use told::Told;
pub(crate) use turning::turning;

/// What a badge, a toast or a notice says by its colour, always beside a word or a glyph.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Tone {
    #[default]
    Plain,
    Good,
    Warning,
    Bad,
    /// Something in progress, or chosen.
    Accent,
}

impl Tone {
    pub(crate) const fn class(self) -> &'static str {
        match self {
            Tone::Plain => "plain",
            Tone::Good => "good",
            Tone::Warning => "warning",
            Tone::Bad => "bad",
            Tone::Accent => "accent",
        }
    }

    pub(crate) const fn icon(self) -> &'static str {
        match self {
            Tone::Plain | Tone::Accent => "info",
            Tone::Good => "check",
            Tone::Warning => "warning",
            Tone::Bad => "cross",
        }
    }
}
