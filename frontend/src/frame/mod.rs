//! What is around every page: the rail, the bar, the help, and the log in over a page whose session ended.

mod bar;
mod help;
mod rail;
mod search;
mod theme_choice;
mod user_menu;

use crate::dom::prelude::*;
use crate::pages::LoginForm;
use crate::routing::Router;
use crate::session::{Session, SessionState};
use crate::ui::Dialog;
use bar::Bar;
use help::Help;
pub(crate) use rail::PLACES;
use rail::Rail;
pub(crate) use theme_choice::ThemeChoice;

#[component]
pub(crate) fn Frame(children: Children) -> impl IntoView {
    announce_pages();
    view! {
        <div class="app">
            <Bar />
            <Rail />
            <main id="main" tabindex="-1">{children()}</main>
        </div>
        <Help />
    }
}

/// After a change of the page the focus goes to the new content, so that the keyboard and a screen reader follow.
fn announce_pages() {
    let route = expect_context::<Router>().route();
    Effect::new(move |before: Option<String>| {
        let page = route.with(|route| match route {
            crate::routing::Route::Device { endpoint, .. } => endpoint.clone(),
            other => other.href(),
        });
        if before.is_some_and(|before| before != page) {
            crate::keys::focus("#main");
        }
        page
    });
}

/// Asks for the password over the page when its session ended, so that nothing typed is lost.
#[component]
pub(crate) fn Reauthenticate() -> impl IntoView {
    let session = expect_context::<Session>();
    let open = RwSignal::new(false);
    let expired = move || matches!(session.state().get(), SessionState::Expired(_));
    Effect::new(move |_| open.set(expired()));
    view! {
        <Dialog open=open title="Your session ended" pinned=true>
            <p>"Log in again to go on. What is on the page stays as it is."</p>
            <LoginForm account=session.account().map(|view| view.username).unwrap_or_default() />
        </Dialog>
    }
}
