//! The log in: the page, and the form that also stands over a page whose session ended.

use crate::api::{Api, Failure};
use crate::app::set_title;
use crate::dom::prelude::*;
use crate::session::{Session, SessionState};
use crate::ui::{Button, Field, Icon, notice};
use shared::api::{ErrorCode, LogIn};

#[component]
pub(crate) fn LoginPage() -> impl IntoView {
    set_title("Log in");
    view! {
        <main class="login">
            <div class="login-card">
                <div class="login-brand">
                    <Icon name="logo" />
                    <span>"Muster"</span>
                </div>
                <h1 class="visually-hidden">"Log in"</h1>
                <LoginForm />
            </div>
            <p class="login-note">
                "First start? The server printed the password of " <b>"admin"</b>
                " once, on its first start. A lost one is replaced with " <code>"muster user passwd admin"</code> "."
            </p>
        </main>
    }
}

/// Asks for name and password and opens the session. `account` fixes the name.
#[component]
pub(crate) fn LoginForm(#[prop(optional, into)] account: String) -> impl IntoView {
    let api = expect_context::<Api>();
    let session = expect_context::<Session>();
    let fixed = !account.is_empty();
    let username = RwSignal::new(account.clone());
    let password = RwSignal::new(String::new());
    let busy = RwSignal::new(false);
    let name_error = RwSignal::new(None::<String>);
    let password_error = RwSignal::new(None::<String>);
    let trouble = RwSignal::new(None::<String>);

    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        let request = LogIn {
            username: username.get_untracked().trim().to_owned(),
            password: password.get_untracked(),
        };
        name_error.set(request.username.is_empty().then(|| "Enter your name.".into()));
        password_error.set(request.password.is_empty().then(|| "Enter your password.".into()));
        trouble.set(None);
        if busy.get_untracked() || request.username.is_empty() || request.password.is_empty() {
            return;
        }
        busy.set(true);
        api.log_in(&request).then(move |answer| {
            busy.try_set(false);
            match answer {
                Ok(view) => session.set(SessionState::LoggedIn(view)),
                Err(failure) if failure.is(ErrorCode::Unauthorized) => {
                    password_error.set(Some("Name and password do not match.".into()));
                    crate::keys::focus("#password");
                }
                Err(failure) => trouble.set(Some(in_words(&failure))),
            }
        });
    };
    view! {
        <form class="form" on:submit=submit novalidate=true>
            {notice(trouble)}
            {if fixed {
                view! { <p class="muted">"As " <b>{account}</b></p> }
            } else {
                view! {
                    <Field id="username" label="Name" value=username error=name_error autocomplete="username" autofocus=true />
                }
            }}
            <Field
                id="password"
                label="Password"
                kind="password"
                value=password
                error=password_error
                autocomplete="current-password"
                autofocus=fixed
            />
            <Button kind="primary" submit=true busy=busy>"Log in"</Button>
        </form>
    }
}

fn in_words(failure: &Failure) -> String {
    if failure.is(ErrorCode::TooMany) {
        format!("Too many attempts. {failure}")
    } else {
        failure.to_string()
    }
}
