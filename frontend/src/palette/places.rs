//! What the palette knows without asking anybody: the pages, by the table of places and routes, and what can be done.

use super::Entry;
use crate::api::Api;
use crate::dom::prelude::*;
use crate::frame::{Actions, Deed, PLACES, log_out};
use crate::keys::Overlays;
use crate::params::Params;
use crate::routing::{DeviceTab, ProvisioningPart, Route, Router, SettingsTab};
use crate::session::Session;
use crate::theme::{ChosenTheme, Theme};
use crate::ui::{Toasts, state_icon};
use shared::DeviceState;
use shared::api::Role;

pub(super) const HERE: &str = "On this page";
pub(super) const PAGES: &str = "Pages";
pub(super) const ACTIONS: &str = "Actions";

/// An action that is a page, or a dialog of one: icon, title, other words, address, who may.
type Standing = (&'static str, &'static str, &'static str, &'static str, Role);

const STANDING: [Standing; 8] = [
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
    let mut entries = here(session);
    if untrack(|| session.only_device()).is_none() {
        entries.extend(pages(session));
    }
    entries.extend(actions(session));
    entries
}

/// What the page offers, and for a device its tabs.
fn here(session: Session) -> Vec<Entry> {
    let offered = expect_context::<Actions>().now().into_iter().map(|action| Entry {
        words: action.words,
        ..Entry::new(HERE, action.icon, action.title, action.deed)
    });
    let mut entries: Vec<Entry> = offered.collect();
    if let Route::Device { endpoint, tab: open } = expect_context::<Router>().route().get_untracked() {
        let guest = untrack(|| session.only_device()).is_some();
        let tabs = DeviceTab::ALL
            .into_iter()
            .filter(|tab| *tab != open && (!guest || tab.is_shown_by_link()));
        entries.extend(tabs.map(|tab| {
            let route = Route::Device {
                endpoint: endpoint.clone(),
                tab,
            };
            Entry {
                words: "tab",
                ..Entry::new(HERE, "chevron-right", tab.word(), Deed::Go(route.href()))
            }
        }));
    }
    entries
}

fn pages(session: Session) -> Vec<Entry> {
    let mut entries: Vec<Entry> = PLACES
        .iter()
        .filter(|place| untrack(|| place.is_open(session)))
        .map(|place| Entry {
            note: format!("g {}", place.key),
            ..Entry::new(PAGES, place.icon, place.word, Deed::Go(place.route.href()))
        })
        .collect();
    let below = |icon: &'static str, above: &str, word: &str, href: String| Entry {
        quiet: true,
        ..Entry::new(PAGES, icon, format!("{above} › {word}"), Deed::Go(href))
    };
    entries.extend(
        ProvisioningPart::ALL
            .into_iter()
            .map(|part| below("provision", "Provisioning", part.word(), part.route().href())),
    );
    entries.extend(
        SettingsTab::ALL
            .into_iter()
            .filter(|tab| untrack(|| session.may(tab.least())))
            .map(|tab| below("settings", "Settings", tab.word(), Route::Settings(tab).href())),
    );
    entries.extend(DeviceState::ALL.into_iter().map(|state| {
        let query = Params::default().with("query", Some(&format!("state:{}", state.name())));
        let href = Route::Devices.href() + &query.to_query();
        Entry {
            words: "state filter",
            ..below(state_icon(state), "Devices", state.word(), href)
        }
    }));
    entries
}

/// What can be done from everywhere.
fn actions(session: Session) -> Vec<Entry> {
    let guest = untrack(|| session.only_device()).is_some();
    let mut entries: Vec<Entry> = STANDING
        .into_iter()
        .filter(|(.., role)| !guest && untrack(|| session.may(*role)))
        .map(|(icon, title, words, href, _)| Entry {
            words,
            ..Entry::new(ACTIONS, icon, title, Deed::Go(href.to_owned()))
        })
        .collect();
    let chosen = expect_context::<ChosenTheme>();
    let now = untrack(|| chosen.get());
    entries.extend(Theme::ALL.into_iter().filter(|theme| *theme != now).map(|theme| {
        let icon = match theme {
            Theme::Dark => "moon",
            Theme::Light | Theme::System => "sun",
        };
        Entry {
            words: "colours appearance mode",
            quiet: theme == Theme::System,
            ..Entry::new(
                ACTIONS,
                icon,
                format!("Theme: {}", theme.word()),
                Deed::run(move || chosen.choose(theme)),
            )
        }
    }));
    let overlays = expect_context::<Overlays>();
    entries.push(Entry {
        words: "help shortcuts",
        note: "?".into(),
        ..Entry::new(
            ACTIONS,
            "question",
            "Keyboard",
            Deed::run(move || overlays.help.set(true)),
        )
    });
    let (api, toasts, router) = (
        expect_context::<Api>(),
        expect_context::<Toasts>(),
        expect_context::<Router>(),
    );
    let leave = if guest { "Leave" } else { "Log out" };
    entries.push(Entry {
        words: "sign exit leave",
        ..Entry::new(
            ACTIONS,
            "exit",
            leave,
            Deed::run(move || log_out(api, session, toasts, router)),
        )
    });
    entries
}
