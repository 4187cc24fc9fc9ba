//! The application: its contexts, and which page is shown.

use crate::api::Api;
use crate::clock::Clock;
use crate::dom::prelude::*;
use crate::frame::{Actions, Frame, Reauthenticate};
use crate::keys;
use crate::live::Live;
use crate::module::Lazy;
use crate::pages::{
    LoginPage, NotFoundPage, audit, credentials, device, devices::DevicesPage, models, overview,
    provisioning, settings,
};
use crate::reactive::spawn_local;
use crate::routing::{Route, Router, SettingsTab, device_href, safe_return};
use crate::session::{Session, SessionState};
use crate::theme::ChosenTheme;
use crate::ui::{Button, Icon, Tip, ToastRegion, Toasts, Trouble};
use shared::api::{ErrorCode, OpenLink};

/// What the session allows to be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Gate {
    Restoring,
    Unknown(String),
    /// A link does not open anything.
    Shut(String),
    Login,
    Open,
}

#[component]
pub(crate) fn App() -> impl IntoView {
    let router = Router::start();
    let session = Session::new();
    let api = Api::new(session);
    provide_context(router);
    provide_context(session);
    provide_context(api);
    provide_context(Clock::start());
    provide_context(Toasts::new());
    provide_context(ChosenTheme::stored());
    provide_context(Actions::new());
    keys::start(router, session);
    if untrack(|| router.route().get()) == Route::Link {
        open_link(api, session, router);
    } else {
        restore(api, session);
    }

    let gate = Memo::new(move |_| match session.state().get() {
        SessionState::Restoring => Gate::Restoring,
        SessionState::Unknown(reason) => Gate::Unknown(reason),
        SessionState::LinkRefused(reason) => Gate::Shut(reason),
        SessionState::Nobody => Gate::Login,
        SessionState::LoggedIn(_) | SessionState::Expired(_) => Gate::Open,
    });
    // Nobody logged in: every address leads to the log in and back.
    Effect::new(move |_| match (gate.get(), router.route().get()) {
        (Gate::Login, Route::Login) => {}
        (Gate::Login, _) => {
            let target = crate::params::Params::default().with("return", Some(&router.here()));
            router.replace(&(Route::Login.href() + &target.to_query()));
        }
        (Gate::Open, route) => match (session.only_device(), route) {
            // Who came by a link is always where it leads.
            (Some(only), Route::Device { endpoint, .. }) if only == endpoint => {}
            (Some(only), _) => router.replace(&device_href(&only)),
            (None, Route::Login | Route::Link) => {
                let wanted = router.param("return").get_untracked();
                router.replace(&safe_return(wanted.as_deref()));
            }
            _ => {}
        },
        _ => {}
    });
    view! {
        {move || match gate.get() {
            Gate::Restoring => View::Empty,
            Gate::Unknown(reason) => {
                let retry = Callback::new(move |()| restore(api, session));
                view! {
                    <main class="alone">
                        <Trouble title="Muster does not answer" text=reason on_retry=retry />
                    </main>
                }
            }
            Gate::Shut(reason) => view! { <LinkRefused reason=reason /> },
            Gate::Login => view! { <LoginPage /> },
            Gate::Open => open_page().into_view(),
        }}
        <ToastRegion />
        <Tip />
    }
}

/// Asks the server who is logged in.
fn restore(api: Api, session: Session) {
    spawn_local(async move {
        let state = match api.who_am_i().await {
            Ok(view) => SessionState::LoggedIn(view),
            Err(failure) if failure.is(ErrorCode::Unauthorized) => SessionState::Nobody,
            Err(failure) => SessionState::Unknown(failure.to_string()),
        };
        session.set(state);
    });
}

/// Exchanges the secret of a link for a session that sees its device. The secret leaves the address at once, so that it
/// stays in no history.
fn open_link(api: Api, session: Session, router: Router) {
    let hash = window().location().hash().unwrap_or_default();
    let secret = hash.trim_start_matches('#').to_owned();
    router.replace(&Route::Link.href());
    spawn_local(async move {
        match api.open_link(&OpenLink { secret }).await {
            Ok(view) => {
                if let Some(device) = &view.device {
                    router.replace(&device_href(device));
                }
                session.set(SessionState::LoggedIn(view));
            }
            Err(failure) => session.set(SessionState::LinkRefused(failure.to_string())),
        }
    });
}

/// Says why a link opens nothing.
#[component]
fn LinkRefused(reason: String) -> impl IntoView {
    set_title("Link");
    let session = expect_context::<Session>();
    let log_in = Callback::new(move |()| session.set(SessionState::Nobody));
    // The server's words begin small, because elsewhere they stand within a sentence.
    let mut letters = reason.chars();
    let reason: String = letters
        .next()
        .into_iter()
        .map(|letter| letter.to_ascii_uppercase())
        .chain(letters)
        .chain(['.'])
        .collect();
    view! {
        <main class="alone">
            <div class="empty" role="alert">
                <Icon name="link" />
                <h1>"This link opens nothing"</h1>
                <p>{reason}</p>
                <Button on_press=log_in>"Log in with an account"</Button>
            </div>
        </main>
    }
}

/// The frame with the page of the address in it, and the live feed that lives as long.
fn open_page() -> impl IntoView {
    provide_context(Live::start(expect_context(), expect_context()));
    view! {
        <Frame>
            <CurrentPage />
        </Frame>
        <Reauthenticate />
    }
}

/// Which page is mounted. A tab of a device or of Provisioning is not part of it: changing the tab keeps the page.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Mounted {
    Devices,
    Device(String),
    Provisioning,
    /// A page of a module, told apart by its address.
    Of(Route),
    Nothing,
}

#[component]
fn CurrentPage() -> impl IntoView {
    let route = expect_context::<Router>().route();
    let only = untrack(|| expect_context::<Session>().only_device());
    let mounted = Memo::new(move |_| match route.get() {
        Route::Device { endpoint, .. } if only.as_ref().is_none_or(|only| *only == endpoint) => {
            Mounted::Device(endpoint)
        }
        // Who came by a link is about to be where it leads.
        _ if only.is_some() => Mounted::Nothing,
        Route::Devices => Mounted::Devices,
        Route::Login | Route::Link => Mounted::Nothing,
        // Changing the tab keeps the page.
        Route::Settings(_) => Mounted::Of(Route::Settings(SettingsTab::default())),
        Route::Provisioning { .. } => Mounted::Provisioning,
        other => Mounted::Of(other),
    });
    move || match mounted.get() {
        Mounted::Devices => view! { <DevicesPage /> },
        Mounted::Device(_) => view! { <Lazy load=device::device /> },
        Mounted::Provisioning => view! { <Lazy load=provisioning::provisioning /> },
        Mounted::Of(Route::Overview) => view! { <Lazy load=overview::overview /> },
        Mounted::Of(Route::Credentials) => view! { <Lazy load=credentials::credentials /> },
        Mounted::Of(Route::Models) => view! { <Lazy load=models::models /> },
        Mounted::Of(Route::Model(_)) => view! { <Lazy load=models::model /> },
        Mounted::Of(Route::Audit) => view! { <Lazy load=audit::audit /> },
        Mounted::Of(Route::Settings(_)) => view! { <Lazy load=settings::settings /> },
        #[cfg(debug_assertions)]
        Mounted::Of(Route::Gallery) => view! { <Lazy load=crate::pages::gallery::gallery /> },
        Mounted::Of(_) => view! { <NotFoundPage /> },
        Mounted::Nothing => View::Empty,
    }
}

/// Sets the title of the window: `"Devices · Muster"`. Called by each page.
pub(crate) fn set_title(page: &str) {
    document().set_title(&format!("{page} · Muster"));
}
