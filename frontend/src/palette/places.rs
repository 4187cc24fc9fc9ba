//! What the palette knows without asking anybody: the pages, by the table of places and routes, and what can be done.

use super::{Entry, Told};
use crate::api::Api;
use crate::dom::prelude::*;
use crate::frame::{Actions, Deed, PLACES, log_out};
use crate::keys::Overlays;
use crate::routing::{DeviceTab, ProvisioningPart, Route, Router, SettingsTab, device_href, devices_href};
use crate::session::Session;
use crate::theme::{ChosenTheme, Theme};
use crate::ui::{Toasts, state_icon};
use crate::words::around;
use shared::DeviceState;
use shared::api::Role;

pub(super) const HERE: &str = "On this page";
pub(super) const PAGES: &str = "Pages";
pub(super) const ACTIONS: &str = "Actions";

/// An action that is a page, or a dialog of one: icon, title, other words, address, who may.
type Standing = (&'static str, &'static str, &'static str, &'static str, Role);

static STANDING: [Standing; 8] = [
    (
        "provision",
        "Provision a device",
        "new add create credential key",
        "/provisioning/devices",
        Role::Operator,
    ),
    (
        "upload",
        "Import devices from CSV",
        "provision many file",
        "/provisioning/import",
        Role::Operator,
    ),
    (
        "upload",
        "Upload an object definition",
        "ddf xml model",
        "/models?do=upload",
        Role::Operator,
    ),
    (
        "plus",
        "New bootstrap configuration",
        "create add provisioning",
        "/provisioning/configurations/+",
        Role::Operator,
    ),
    (
        "play",
        "Connect a device",
        "command line simulate leshan anjay client onboarding",
        "/provisioning/connect",
        Role::Viewer,
    ),
    (
        "user",
        "Add a user",
        "new create account role",
        "/settings/users?do=add",
        Role::Admin,
    ),
    (
        "key",
        "Create an API token",
        "new add bearer script",
        "/settings/tokens?do=create",
        Role::Admin,
    ),
    (
        "lock",
        "Change your password",
        "account",
        "/settings/account",
        Role::Viewer,
    ),
];

/// Everything, in the order in which it is told when nothing is typed.
pub(super) fn all() -> Vec<Entry> {
    let session = expect_context::<Session>();
    let guest = untrack(|| session.only_device()).is_some();
    let mut told = Told::default();
    here(&mut told, guest);
    if !guest {
        pages(&mut told, session);
    }
    actions(&mut told, session, guest);
    told.0
}

/// What the page offers, and for a device its tabs.
fn here(told: &mut Told, guest: bool) {
    for action in expect_context::<Actions>().now() {
        told.add(HERE, action.icon, &action.title, action.deed).words = action.words;
    }
    if let Route::Device { endpoint, tab: open } = expect_context::<Router>().route().get_untracked() {
        for tab in DeviceTab::ALL {
            if tab != open && (!guest || tab.is_shown_by_link()) {
                let href = around(&device_href(&endpoint), "/", tab.slug());
                told.add(HERE, "chevron-right", tab.word(), Deed::Go(href)).words = "tab";
            }
        }
    }
}

fn pages(told: &mut Told, session: Session) {
    for place in PLACES.iter().filter(|place| untrack(|| place.is_open(session))) {
        let deed = Deed::Go(place.route.href());
        told.add(PAGES, place.icon, place.word, deed).note = around("g ", place.key, "");
    }
    for part in ProvisioningPart::ALL {
        below(
            told,
            "provision",
            "Provisioning",
            part.word(),
            part.route().href(),
        );
    }
    for tab in SettingsTab::ALL {
        if untrack(|| session.may(tab.least())) {
            let href = Route::Settings(tab).href();
            below(told, "settings", "Settings", tab.word(), href);
        }
    }
    for state in DeviceState::ALL {
        let href = devices_href(&around("state:", state.name(), ""));
        below(told, state_icon(state), "Devices", state.word(), href).words = "state filter";
    }
}

/// A part of a page.
fn below<'a>(told: &'a mut Told, icon: &'static str, above: &str, word: &str, href: String) -> &'a mut Entry {
    let entry = told.add(PAGES, icon, &around(above, " › ", word), Deed::Go(href));
    entry.quiet = true;
    entry
}

/// What can be done from everywhere.
fn actions(told: &mut Told, session: Session, guest: bool) {
    for (icon, title, words, href, role) in &STANDING {
        if !guest && untrack(|| session.may(*role)) {
            let deed = Deed::Go((*href).to_owned());
            told.add(ACTIONS, icon, title, deed).words = words;
        }
    }
    let chosen = expect_context::<ChosenTheme>();
    let now = untrack(|| chosen.get());
    for theme in Theme::ALL.into_iter().filter(|theme| *theme != now) {
        let icon = if theme == Theme::Dark { "moon" } else { "sun" };
        let deed = Deed::run(move || chosen.choose(theme));
        let entry = told.add(ACTIONS, icon, &around("Theme: ", theme.word(), ""), deed);
        entry.words = "colours appearance mode";
        entry.quiet = theme == Theme::System;
    }
    let overlays = expect_context::<Overlays>();
    let help = Deed::run(move || overlays.help.set(true));
    let entry = told.add(ACTIONS, "question", "Keyboard", help);
    entry.words = "help shortcuts";
    entry.note = "?".into();
    let api = expect_context::<Api>();
    let toasts = expect_context::<Toasts>();
    let router = expect_context::<Router>();
    let leave = Deed::run(move || log_out(api, session, toasts, router));
    let word = if guest { "Leave" } else { "Log out" };
    told.add(ACTIONS, "exit", word, leave).words = "sign exit leave";
}
