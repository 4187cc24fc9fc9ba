//! One's own account: the password, the sessions, how the page looks.

use crate::api::Api;
use crate::api::Method;
use crate::dom::prelude::*;
use crate::frame::ThemeChoice;
use crate::session::Session;
use crate::ui::{Ago, Badge, Button, Deed, Field, Loader, Toasts, Tone, load, loaded};
use shared::api::{AccountSession, AccountSessionList, ChangePassword};

#[component]
pub(super) fn Account() -> impl IntoView {
    let api = expect_context::<Api>();
    let account = expect_context::<Session>().account();
    let sessions = load(move || async move { api.get::<AccountSessionList>("/sessions").await });
    let who = account.map(|account| {
        view! {
            <dl class="facts">
                <div><dt>"Name"</dt><dd>{account.username}</dd></div>
                <div><dt>"Role"</dt><dd>{account.role.word()}</dd></div>
            </dl>
            <p class="hint">{account.role.meaning()}</p>
        }
    });
    view! {
        <div class="cards">
            <section class="panel" aria-labelledby="s-who">
                <header><h2 id="s-who">"Account"</h2></header>
                {who}
            </section>
            <section class="panel" aria-labelledby="s-look">
                <header><h2 id="s-look">"Appearance"</h2></header>
                <div class="pad"><ThemeChoice name="settings-theme" /></div>
                <p class="hint">"Kept in this browser."</p>
            </section>
            <section class="panel" aria-labelledby="s-password">
                <header><h2 id="s-password">"Password"</h2></header>
                <Password changed=Callback::new(move |()| sessions.again()) />
            </section>
            <section class="panel wide" aria-labelledby="s-sessions">
                <header><h2 id="s-sessions">"Sessions"</h2></header>
                {loaded(sessions, "Your sessions could not be read", move |list| table(list, sessions))}
                <p class="hint">"Where you are logged in. A session that you do not know: end it, and change the password."</p>
            </section>
        </div>
    }
}

#[component]
fn Password(changed: Callback<()>) -> impl IntoView {
    let api = expect_context::<Api>();
    let toasts = expect_context::<Toasts>();
    let text = || RwSignal::new(String::new());
    let (old, new, again) = (text(), text(), text());
    let error = || RwSignal::new(None::<String>);
    let (new_error, again_error) = (error(), error());
    let deed = Deed::new();
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        let change = ChangePassword {
            old: old.get_untracked(),
            new: new.get_untracked(),
        };
        let short = change.new.len() < 8;
        let differs = change.new != again.get_untracked();
        new_error.set(short.then(|| "At least 8 characters.".into()));
        again_error.set((!short && differs).then(|| "This is not the same.".into()));
        if short || differs || deed.busy.get_untracked() {
            return;
        }
        let asked = api.tell(Method::POST, "/session/password", &change);
        deed.begin(asked, move |()| {
            for field in [old, new, again] {
                field.try_set(String::new());
            }
            changed.run(());
            toasts.say(Tone::Good, "Your password was changed; all other sessions ended");
        });
    };
    view! {
        <form class="form pad" on:submit=submit novalidate=true>
            {deed.notice()}
            <Field id="old-password" label="Old password" kind="password" value=old autocomplete="current-password" />
            <Field id="new-password" label="New password" kind="password" value=new error=new_error autocomplete="new-password" hint="At least 8 characters. All your other sessions end." />
            <Field id="new-again" label="New password, once more" kind="password" value=again error=again_error autocomplete="new-password" />
            <div class="actions"><Button kind="primary" submit=true busy=deed.busy>"Change the password"</Button></div>
        </form>
    }
}

fn table(list: AccountSessionList, sessions: Loader<AccountSessionList>) -> View {
    view! {
        <div class="scroll" tabindex="0" role="region" aria-label="All sessions">
            <table class="table stacked" aria-label="Sessions">
                <thead>
                    <tr>
                        <th scope="col">"Browser"</th>
                        <th scope="col">"Address"</th>
                        <th scope="col">"Last used"</th>
                        <th scope="col">"Since"</th>
                        <th scope="col"><span class="visually-hidden">"Actions"</span></th>
                    </tr>
                </thead>
                <tbody>{list.items.into_iter().map(|session| row(session, sessions)).collect_view()}</tbody>
            </table>
        </div>
    }
}

fn row(session: AccountSession, sessions: Loader<AccountSessionList>) -> View {
    let api = expect_context::<Api>();
    let toasts = expect_context::<Toasts>();
    let deed = Deed::new();
    let path = format!("/sessions/{}", session.id);
    let end = Callback::new(move |()| {
        let asked = api.delete(&path);
        deed.begin_or_say(toasts, asked, move |()| {
            toasts.say(Tone::Good, "The session ended");
            sessions.again();
        });
    });
    let agent = session.agent.unwrap_or_else(|| "Unknown".into());
    let label = format!("End the session of {agent}");
    view! {
        <tr data-row="">
            <td data-label="Browser">{agent}</td>
            <td data-label="Address" class="mono">{session.address.unwrap_or_else(|| "–".into())}</td>
            <td data-label="Last used"><Ago at=Some(session.seen) focusable=true /></td>
            <td data-label="Since"><Ago at=Some(session.created) focusable=true /></td>
            <td class="row-actions">
                {if session.current {
                    view! { <Badge text="This one" tone=Tone::Good icon="check" /> }
                } else {
                    view! { <Button small=true icon="exit" busy=deed.busy label=label on_press=end>"End"</Button> }
                }}
            </td>
        </tr>
    }
}
