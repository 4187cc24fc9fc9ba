//! What is around every page: the rail, the bar, what opens over the page, and the log in when its session ended.

mod actions;
mod bar;
mod overlays;
mod rail;
mod search;
mod theme_choice;
mod user_menu;

use crate::dom::prelude::*;
use crate::pages::LoginForm;
use crate::routing::Router;
use crate::session::{Session, SessionState};
use crate::ui::{Button, Dialog};
pub(crate) use actions::{Action, Actions, Deed};
use bar::Bar;
use overlays::{Help, Palette};
pub(crate) use rail::PLACES;
use rail::Rail;
pub(crate) use theme_choice::ThemeChoice;
pub(crate) use user_menu::log_out;

#[component]
pub(crate) fn Frame(children: Children) -> impl IntoView {
    announce_pages();
    let guest = untrack(|| expect_context::<Session>().only_device()).is_some();
    view! {
        <div class="app" class:guest=guest>
            <Bar />
            {(!guest).then(|| view! { <Rail /> })}
            <main id="main" tabindex="-1">{children()}</main>
        </div>
        <Help />
        <Palette />
    }
}

/// After a change of the page the focus goes to the new content, so that the keyboard and a screen reader follow.
fn announce_pages() {
    let route = expect_context::<Router>().route();
    Effect::new(move |before: Option<String>| {
        let page = route.with(|route| match route {
            crate::routing::Route::Device { endpoint, .. } => endpoint.clone(),
            crate::routing::Route::Settings(_) => "/settings".into(),
            crate::routing::Route::Provisioning { item: None, .. } => "provisioning".into(),
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
    let guest = move || session.only_device().is_some();
    let title = Signal::derive(move || {
        if guest() {
            "This link ended".to_owned()
        } else {
            "Your session ended".into()
        }
    });
    view! {
        <Dialog open=open title=title pinned=true>
            {if untrack(guest) {
                let log_in = Callback::new(move |()| session.set(SessionState::Nobody));
                view! {
                    <p>"It expired or was revoked. What is on the page is what was known then. Ask the one who sent it for a new one."</p>
                    <Button on_press=log_in>"Log in with an account"</Button>
                }
            } else {
                // Once: the form is not to be made anew when the log in succeeds.
                let account = untrack(|| session.account());
                view! {
                    <p>"Log in again to go on. What is on the page stays as it is."</p>
                    <LoginForm account=account.map(|view| view.username).unwrap_or_default() />
                }
            }}
        </Dialog>
    }
}
