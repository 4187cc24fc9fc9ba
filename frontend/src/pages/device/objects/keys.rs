//! The keyboard in the tree: arrows move and open, letters act on the row that has the focus.

use super::super::store::Device;
use super::tree::{Kind, Row};
use super::{Browser, allowed};
use crate::dom::prelude::*;
use crate::keys::{self, Act, Scope};
use shared::Path;
use shared::api::OperationKind;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, KeyboardEvent};

/// Takes a key pressed somewhere in the tree.
pub(super) fn press(device: Device, browser: Browser, event: &KeyboardEvent) {
    let Some(act) = keys::act(Scope::Objects, event) else {
        return;
    };
    let Some(target) = event
        .target()
        .and_then(|target| target.dyn_into::<Element>().ok())
    else {
        return;
    };
    if act == Act::Leave {
        if let Some(path) = browser.selected().get_untracked() {
            browser.select(None);
            focus_row(path);
            event.prevent_default();
        }
        return;
    }
    let Some(path) = target
        .closest("tr[data-path]")
        .ok()
        .flatten()
        .and_then(|row| path_of(&row))
    else {
        return;
    };
    let on_row = target.has_attribute("data-path");
    let Some(row) = row_of(browser, path) else { return };
    let taken = match act {
        Act::Next => step(path, 1),
        Act::Previous => step(path, -1),
        Act::First => end(false),
        Act::Last => end(true),
        Act::Open if on_row => right(browser, &row),
        Act::Close if on_row => left(browser, &row),
        Act::Details if on_row => {
            browser.press(path);
            true
        }
        act => operation(act).is_some_and(|op| carry_out(device, browser, &row, op)),
    };
    if taken {
        event.prevent_default();
    }
}

const fn operation(act: Act) -> Option<OperationKind> {
    Some(match act {
        Act::Read => OperationKind::Read,
        Act::Write => OperationKind::Write,
        Act::Execute => OperationKind::Execute,
        Act::Observe => OperationKind::Observe,
        _ => return None,
    })
}

/// Acts if the row allows it. To observe what is observed ends that.
fn carry_out(device: Device, browser: Browser, row: &Row, op: OperationKind) -> bool {
    let actions = allowed(device, row.actions);
    let observed = untrack(|| device.is_observed(row.path));
    let (can, op) = match op {
        OperationKind::Read => (actions.read, op),
        OperationKind::Write => (actions.write, op),
        OperationKind::Execute => (actions.execute, op),
        _ if observed => (true, OperationKind::CancelObserve),
        _ => (actions.observe, op),
    };
    if can {
        browser.act(device, op, row.path, &row.name);
    }
    can
}

fn right(browser: Browser, row: &Row) -> bool {
    match row.open {
        Some(false) => browser.toggle(row.path, true),
        Some(true) => return step(row.path, 1),
        None => return false,
    }
    true
}

fn left(browser: Browser, row: &Row) -> bool {
    if row.open == Some(true) {
        browser.toggle(row.path, false);
        return true;
    }
    let above = browser.rows().with_untracked(|rows| {
        let at = rows
            .iter()
            .position(|one| one.path == row.path && one.kind == row.kind)?;
        rows.get(..at)?
            .iter()
            .rev()
            .find(|one| one.level < row.level)
            .map(|one| one.path)
    });
    above.is_some_and(focus_row)
}

pub(super) fn row_of(browser: Browser, path: Path) -> Option<Row> {
    let full = |row: &&Row| row.path == path && !matches!(row.kind, Kind::More(_));
    browser
        .rows()
        .with_untracked(|rows| rows.iter().find(full).cloned())
}

fn path_of(row: &Element) -> Option<Path> {
    row.get_attribute("data-path")?.parse().ok()
}

fn all_rows() -> Vec<HtmlElement> {
    let Ok(rows) = document().query_selector_all("tr[data-path]") else {
        return Vec::new();
    };
    (0..rows.length())
        .filter_map(|index| rows.get(index)?.dyn_into().ok())
        .collect()
}

fn step(path: Path, by: isize) -> bool {
    let rows = all_rows();
    let at = rows.iter().position(|row| path_of(row) == Some(path));
    at.and_then(|at| rows.get(at.checked_add_signed(by)?))
        .is_some_and(focus)
}

fn end(last: bool) -> bool {
    let rows = all_rows();
    if last { rows.last() } else { rows.first() }.is_some_and(focus)
}

/// Gives the focus to the row of a path.
pub(super) fn focus_row(path: Path) -> bool {
    all_rows()
        .iter()
        .find(|row| path_of(row) == Some(path))
        .is_some_and(focus)
}

fn focus(row: &HtmlElement) -> bool {
    row.focus().is_ok()
}

/// Brings the selected row into sight.
pub(super) fn scroll_to_selected() {
    if let Some(row) = document()
        .query_selector("tr[data-path][aria-selected=true]")
        .ok()
        .flatten()
    {
        let options = web_sys::ScrollIntoViewOptions::new();
        options.set_block(web_sys::ScrollLogicalPosition::Center);
        row.scroll_into_view_with_scroll_into_view_options(&options);
    }
}
