//! The bar at the top: brand, search, the live feed's state, the account.

use super::search::Search;
use super::user_menu::UserMenu;
use crate::clock::Clock;
use crate::dom::prelude::*;
use crate::keys::{Overlays, chord_key};
use crate::live::{FeedState, Live};
use crate::routing::Route;
use crate::session::Session;
use crate::ui::Icon;

#[component]
pub(super) fn Bar() -> impl IntoView {
    view! {
        <header class="top">
            <a class="skip" href="#main" on:click=move |event| {
                event.prevent_default();
                crate::keys::focus("#main");
            }>"Skip to the content"</a>
            <a class="brand" href=Route::Devices.href()>
                <Icon name="logo" />
                <span>"Muster"</span>
            </a>
            {untrack(|| expect_context::<Session>().only_device()).is_none().then(|| view! { <Search /> })}
            <div class="end">
                <PaletteButton />
                <Feed />
                <UserMenu />
            </div>
        </header>
    }
}

/// Opens the palette, and says by which key it opens too.
#[component]
fn PaletteButton() -> impl IntoView {
    let open = expect_context::<Overlays>().palette;
    view! {
        <button
            type="button"
            class="btn quiet palette-button"
            aria-haspopup="dialog"
            aria-keyshortcuts="Control+K Meta+K"
            on:click=move |_| open.set(true)
        >
            <Icon name="command" />
            <span class="visually-hidden">"Go to, or do "</span>
            <span class="keys-of"><kbd>{chord_key()}</kbd>" "<kbd>"K"</kbd></span>
        </button>
    }
}

/// The live feed's state, in words.
#[component]
fn Feed() -> impl IntoView {
    let clock = expect_context::<Clock>();
    let state = expect_context::<Live>().state();
    let word = move || match state.get() {
        FeedState::Connecting => "Connecting".into(),
        FeedState::CatchingUp => "Catching up".into(),
        FeedState::Live => "Live".into(),
        FeedState::Reconnecting { at_ms } => {
            clock.now().track();
            let left = (at_ms - crate::clock::browser_now().0 + 999) / 1000;
            if left > 0 {
                format!("Reconnecting in {left} s")
            } else {
                "Reconnecting".into()
            }
        }
        FeedState::Paused => "Paused".into(),
        FeedState::Incompatible => "Reload needed".into(),
    };
    let tip = move || match state.get() {
        FeedState::Live => "Changes appear as they happen.",
        FeedState::Connecting | FeedState::CatchingUp => "What changed is on its way.",
        FeedState::Reconnecting { .. } => "The connection to the server was lost. What is shown may be old.",
        FeedState::Paused => "Nobody looked at this page. It goes on by itself.",
        FeedState::Incompatible => "The server has another version than this page. Reload the page.",
    };
    let class = move || match state.get() {
        FeedState::Live => "feed good",
        FeedState::Connecting | FeedState::CatchingUp | FeedState::Paused => "feed plain",
        FeedState::Reconnecting { .. } | FeedState::Incompatible => "feed warning",
    };
    // Said aloud only when the kind of state changes, not every second.
    let spoken = Memo::new(move |_| match state.get() {
        FeedState::Live => "Live",
        FeedState::Reconnecting { .. } => "Connection lost, reconnecting",
        FeedState::Incompatible => "Reload needed",
        FeedState::Connecting | FeedState::CatchingUp | FeedState::Paused => "",
    });
    view! {
        <span class=class data-tip=tip tabindex="0">
            <i></i>
            <span>{word}</span>
        </span>
        <span class="visually-hidden" role="status">{move || spoken.get()}</span>
    }
}
