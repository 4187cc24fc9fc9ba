//! The API tokens, for administrators.

use super::open_while_chosen;
use super::remove::{Removal, Remove};
use super::users::{RoleChoice, role_badge};
use crate::api::Api;
use crate::clock::Clock;
use crate::dom::prelude::*;
use crate::reactive::spawn_local;
use crate::routing::Router;
use crate::ui::{Ago, Button, Dialog, Empty, Expiry, Field, Icon, Load, Select, Told, load, loaded};
use crate::words::counted;
use shared::api::{NewToken, Role, TokenCreated, TokenList, TokenView};

const DAY: i64 = 86_400;
/// How long a token may hold: a value, a word, seconds.
const LIFETIMES: [(&str, &str, Option<i64>); 5] = [
    ("7d", "7 days", Some(7 * DAY)),
    ("30d", "30 days", Some(30 * DAY)),
    ("90d", "90 days", Some(90 * DAY)),
    ("1y", "A year", Some(365 * DAY)),
    ("never", "Until it is revoked", None),
];

#[component]
pub(super) fn Tokens() -> impl IntoView {
    let api = expect_context::<Api>();
    let tokens = load(move || async move { api.get::<TokenList>("/tokens").await });
    let creating = RwSignal::new(None::<()>);
    let removal = RwSignal::new(None::<Removal>);
    let changed = Callback::new(move |()| tokens.again());
    let open = open_while_chosen(creating);
    expect_context::<Router>().on_asked("create", move || creating.set(Some(())));
    let total = move || {
        tokens.state.with(|state| match state {
            Load::Ready(list) => counted(list.items.len() as u64, "token", "tokens"),
            _ => String::new(),
        })
    };
    view! {
        <div class="bar list-bar">
            <span class="muted" role="status">{total}</span>
            <div class="end">
                <Button kind="primary" icon="plus" on_press=Callback::new(move |()| creating.set(Some(())))>"Create a token"</Button>
            </div>
        </div>
        <div class="panel scroll" tabindex="0" role="region" aria-label="API tokens">
            {loaded(tokens, "The tokens could not be read", move |list| table(&list, removal))}
        </div>
        <Dialog open=open title="Create a token">
            <Create creating=creating changed=changed />
        </Dialog>
        <Remove chosen=removal changed=changed />
    }
}

fn table(list: &TokenList, removal: RwSignal<Option<Removal>>) -> View {
    if list.items.is_empty() {
        return view! {
            <Empty
                icon="key"
                title="No tokens yet"
                text="A script shows a token in the place of a log-in: as “Authorization: Bearer” with every request."
            />
        };
    }
    view! {
        <table class="table stacked" aria-label="API tokens">
            <thead>
                <tr>
                    <th scope="col">"Name"</th>
                    <th scope="col">"Role"</th>
                    <th scope="col">"Last used"</th>
                    <th scope="col">"Expires"</th>
                    <th scope="col">"Made"</th>
                    <th scope="col"><span class="visually-hidden">"Actions"</span></th>
                </tr>
            </thead>
            <tbody>{list.items.iter().map(|token| row(token, removal)).collect_view()}</tbody>
        </table>
    }
}

fn row(token: &TokenView, removal: RwSignal<Option<Removal>>) -> View {
    let (id, name) = (token.id, token.name.clone());
    let revoked = name.clone();
    let revoke = Callback::new(move |()| {
        removal.set(Some(Removal {
            title: format!("Revoke the token {revoked}"),
            text: "Scripts that use it are refused at once. It cannot be brought back.".into(),
            button: "Revoke",
            path: format!("/tokens/{id}"),
            done: format!("The token {revoked} was revoked"),
        }));
    });
    let note = token.note.clone();
    let never = token.last_used.is_none();
    let by = token.created_by.clone().map(|by| format!("by {by}"));
    view! {
        <tr data-row="">
            <td data-label="Name" class="wrap">
                <span><b>{name.clone()}</b>{note.map(|note| view! { <span class="block muted">{note}</span> })}</span>
            </td>
            <td data-label="Role">{role_badge(token.role)}</td>
            <td data-label="Last used">
                {if never { view! { <span class="muted">"Never"</span> } } else { view! { <Ago at=token.last_used focusable=true /> } }}
            </td>
            <td data-label="Expires"><Expiry at=token.expires /></td>
            <td data-label="Made"><span><Ago at=Some(token.created) focusable=true />{by.map(|by| view! { <span class="block muted">{by}</span> })}</span></td>
            <td class="row-actions">
                <Button small=true kind="danger" icon="trash" label=format!("Revoke {name}") on_press=revoke />
            </td>
        </tr>
    }
}

#[component]
fn Create(creating: RwSignal<Option<()>>, changed: Callback<()>) -> impl IntoView {
    let api = expect_context::<Api>();
    let clock = expect_context::<Clock>();
    let name = RwSignal::new(String::new());
    let note = RwSignal::new(String::new());
    let role = RwSignal::new(Role::Viewer.name().to_owned());
    let lifetime = RwSignal::new("90d".to_owned());
    let name_error = RwSignal::new(None::<String>);
    let trouble = RwSignal::new(None::<String>);
    let busy = RwSignal::new(false);
    let made = RwSignal::new(None::<TokenCreated>);
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        let seconds = LIFETIMES
            .iter()
            .find(|(value, ..)| lifetime.with_untracked(|chosen| chosen == value))
            .and_then(|(.., seconds)| *seconds);
        let token = NewToken {
            name: name.get_untracked().trim().to_owned(),
            role: Role::from_name(&role.get_untracked()).unwrap_or(Role::Viewer),
            note: Some(note.get_untracked()).filter(|text| !text.trim().is_empty()),
            expires: seconds.map(|seconds| clock.exactly().plus_seconds(seconds)),
        };
        name_error.set(token.name.is_empty().then(|| "Enter a name.".into()));
        trouble.set(None);
        if token.name.is_empty() || busy.get_untracked() {
            return;
        }
        busy.set(true);
        spawn_local(async move {
            let answer = api.post::<TokenCreated>("/tokens", &token).await;
            busy.try_set(false);
            match answer {
                Ok(created) => {
                    changed.run(());
                    made.try_set(Some(created));
                }
                Err(failure) => trouble.set(Some(failure.to_string())),
            }
        });
    };
    let lifetimes: Vec<(String, String)> = LIFETIMES
        .iter()
        .map(|(value, word, _)| ((*value).into(), (*word).into()))
        .collect();
    let form = move || {
        view! {
            <form class="form" on:submit=submit novalidate=true>
                {move || trouble.get().map(|text| view! { <p class="notice tone-bad" role="alert"><Icon name="warning" />{text}</p> })}
                <Field id="token-name" label="Name" value=name error=name_error code=true autofocus=true hint="The audit log calls it token:NAME." />
                <RoleChoice role=role />
                <Select id="token-lifetime" label="Holds for" value=lifetime options=lifetimes.clone() />
                <Field id="token-note" label="Note" value=note hint="What it is for. May be left empty." />
                <div class="actions">
                    <Button on_press=Callback::new(move |()| creating.set(None))>"Cancel"</Button>
                    <Button kind="primary" submit=true busy=busy>"Create"</Button>
                </div>
            </form>
        }
    };
    move || match made.get() {
        None => form(),
        Some(created) => {
            let lines = vec![("Name", created.token.name), ("Token", created.secret)];
            let done = Callback::new(move |()| creating.set(None));
            view! { <Told text="Copy the token now: only its hash is kept, and nobody can see it again." lines=lines on_done=done /> }
        }
    }
}
