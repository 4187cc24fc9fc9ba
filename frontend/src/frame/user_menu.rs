//! The account: theme, help, log out.

use super::theme_choice::ThemeChoice;
use crate::api::Api;
use crate::dom::prelude::*;
use crate::keys::Overlays;
use crate::reactive::spawn_local;
use crate::routing::{Route, Router};
use crate::session::{Session, SessionState};
use crate::ui::{Due, Icon, Menu, Toasts, Tone};
use shared::api::ErrorCode;

#[component]
pub(super) fn UserMenu() -> impl IntoView {
    let session = expect_context::<Session>();
    let overlays = expect_context::<Overlays>();
    let api = expect_context::<Api>();
    let toasts = expect_context::<Toasts>();
    let router = expect_context::<Router>();
    let guest = untrack(|| session.account()).and_then(|view| view.expires);
    let name = move || match session.only_device() {
        Some(_) => "Guest".into(),
        None => session.account().map(|view| view.username).unwrap_or_default(),
    };
    let role = move || session.account().map_or("", |view| view.role.word());
    view! {
        <Menu icon="user" word=Signal::derive(name) label=Signal::derive(move || format!("Account {}", name()))>
            <p class="menu-who">
                <b>{name}</b>
                <span class="muted">{role}</span>
            </p>
            {guest.map(|expires| view! { <p class="menu-who muted">"By a link that ends " <Due at=Some(expires) /></p> })}
            <ThemeChoice name="theme" />
            <button type="button" class="menu-item" on:click=move |_| overlays.help.set(true)>
                <Icon name="question" />
                "Keyboard"
                <kbd>"?"</kbd>
            </button>
            <button type="button" class="menu-item" on:click=move |_| log_out(api, session, toasts, router)>
                <Icon name="exit" />
                {if guest.is_some() { "Leave" } else { "Log out" }}
            </button>
        </Menu>
    }
}

/// Ends the session at the server; the page shows nothing more of it, whatever the server answers, unless the
/// server could not be reached: then the session lives on and the page says so.
pub(crate) fn log_out(api: Api, session: Session, toasts: Toasts, router: Router) {
    let account = untrack(|| session.account()).map(|view| view.username);
    let leave = move || {
        if let Some(account) = &account {
            crate::recent::forget(account);
        }
        router.replace(&Route::Login.href());
        session.set(SessionState::Nobody);
    };
    spawn_local(async move {
        match api.log_out().await {
            Ok(()) => leave(),
            Err(failure) if failure.is(ErrorCode::Unauthorized) => leave(),
            Err(failure) => toasts.say(Tone::Bad, format!("Not logged out. {failure}")),
        }
    });
}
