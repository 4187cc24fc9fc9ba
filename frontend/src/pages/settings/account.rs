//! One's own account: the password, the sessions, how the page looks.

use crate::api::Api;
use crate::api::Method;
use crate::dom::prelude::*;
use crate::frame::ThemeChoice;
use crate::reactive::spawn_local;
use crate::session::Session;
use crate::ui::{Button, Deed, Field, Form, Loader, Toasts, Tone, ago, badge, load, loaded_ref};
use crate::words::around;
use shared::api::{AccountSession, AccountSessionList, ChangePassword};

#[component]
pub(super) fn Account() -> impl IntoView {
    let api = expect_context::<Api>();
    let account = expect_context::<Session>().account();
    let sessions = load(move || api.get::<AccountSessionList>("/sessions"));
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
                {loaded_ref(sessions, "Your sessions could not be read", move |list| table(list, sessions))}
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
    let send = Callback::new(move |()| {
        let change = ChangePassword {
            old: old.get_untracked(),
            new: new.get_untracked(),
        };
        let short = change.new.len() < 8;
        let differs = change.new != again.get_untracked();
        new_error.set(short.then(|| "At least 8 characters.".into()));
        again_error.set((!short && differs).then(|| "This is not the same.".into()));
        if deed.may_begin(!short && !differs) {
            let answer = api.tell(Method::POST, "/session/password", &change);
            deed.begin(answer, move |()| {
                for field in [old, new, again] {
                    field.set(String::new());
                }
                changed.run(());
                toasts.say(Tone::Good, "Your password was changed; all other sessions ended");
            });
        }
    });
    view! {
        <Form class="form pad" deed=deed send=send button="Change the password">
            <Field id="old-password" label="Old password" kind="password" value=old autocomplete="current-password" />
            <Field id="new-password" label="New password" kind="password" value=new error=new_error autocomplete="new-password" hint="At least 8 characters. All your other sessions end." />
            <Field id="new-again" label="New password, once more" kind="password" value=again error=again_error autocomplete="new-password" />
        </Form>
    }
}

fn table(list: &AccountSessionList, sessions: Loader<AccountSessionList>) -> View {
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
                <tbody>{list.items.iter().map(|session| row(session, sessions)).collect_view()}</tbody>
            </table>
        </div>
    }
}

fn row(session: &AccountSession, sessions: Loader<AccountSessionList>) -> View {
    let agent = session.agent.as_deref().unwrap_or("Unknown");
    let end = if session.current {
        badge("This one", Tone::Good, "check")
    } else {
        let api = expect_context::<Api>();
        let toasts = expect_context::<Toasts>();
        let busy = RwSignal::new(false);
        let path = around("/sessions/", &session.id, "");
        let end = Callback::new(move |()| {
            busy.set(true);
            let answer = api.delete(&path);
            spawn_local(async move {
                let answer = answer.await;
                busy.try_set(false);
                match answer {
                    Ok(()) => toasts.say(Tone::Good, "The session ended"),
                    Err(failure) => toasts.say(Tone::Bad, failure.to_string()),
                }
                sessions.again();
            });
        });
        let label = Text::around("End the session of ", agent, "");
        view! { <Button small=true icon="exit" busy=busy label=label on_press=end>"End"</Button> }
    };
    view! {
        <tr data-row="">
            <td data-label="Browser">{Text::from(agent)}</td>
            <td data-label="Address" class="mono">{Text::from(session.address.as_deref().unwrap_or("–"))}</td>
            <td data-label="Last used">{ago(session.seen)}</td>
            <td data-label="Since">{ago(session.created)}</td>
            <td class="row-actions">{end}</td>
        </tr>
    }
}
