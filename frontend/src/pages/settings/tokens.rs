//! The API tokens, for administrators.

use super::below;
use super::remove::{Removal, Remove};
use super::users::{RoleChoice, role_badge};
use crate::api::Api;
use crate::clock::Clock;
use crate::dom::prelude::*;
use crate::routing::Router;
use crate::ui::{
    Button, Deed, Dialog, Empty, Expiry, Field, Form, Select, Told, ago, ago_or_never, load, loaded_ref,
    open_while, owned,
};
use crate::words::{around, counted};
use shared::api::{NewToken, Role, TokenCreated, TokenList, TokenView};

const DAY: i64 = 86_400;
/// How long a token may hold: a value and its word.
static LIFETIMES: [(&str, &str); 5] = [
    ("7d", "7 days"),
    ("30d", "30 days"),
    ("90d", "90 days"),
    ("1y", "A year"),
    ("never", "Until it is revoked"),
];
/// The same in seconds; the last is without end.
static SECONDS: [i64; 4] = [7 * DAY, 30 * DAY, 90 * DAY, 365 * DAY];

#[component]
pub(super) fn Tokens() -> impl IntoView {
    let api = expect_context::<Api>();
    let tokens = load(move || api.get::<TokenList>("/tokens"));
    let creating = RwSignal::new(None::<()>);
    let removal = RwSignal::new(None::<Removal>);
    let changed = Callback::new(move |()| tokens.again());
    let open = open_while(creating);
    expect_context::<Router>().on_asked("create", move || creating.set(Some(())));
    let total = move || tokens.look(|list| counted(list.items.len() as u64, "token", "tokens"));
    view! {
        <div class="bar list-bar">
            <span class="muted" role="status">{total}</span>
            <div class="end">
                <Button kind="primary" icon="plus" on_press=Callback::new(move |()| creating.set(Some(())))>"Create a token"</Button>
            </div>
        </div>
        <div class="panel scroll" tabindex="0" role="region" aria-label="API tokens">
            {loaded_ref(tokens, "The tokens could not be read", move |list| table(list, removal))}
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
    let revoke = Callback::new(move |()| {
        removal.set(Some(Removal {
            title: around("Revoke the token ", &name, ""),
            text: "Scripts that use it are refused at once. It cannot be brought back.".into(),
            button: "Revoke",
            path: format!("/tokens/{id}"),
            done: around("The token ", &name, " was revoked"),
        }));
    });
    let name = &*token.name;
    let by = token.created_by.as_deref();
    view! {
        <tr data-row="">
            <td data-label="Name" class="wrap"><span><b>{Text::from(name)}</b>{token.note.as_deref().map(below)}</span></td>
            <td data-label="Role">{role_badge(token.role)}</td>
            <td data-label="Last used">{ago_or_never(token.last_used)}</td>
            <td data-label="Expires"><Expiry at=token.expires /></td>
            <td data-label="Made"><span>{ago(token.created)}{by.map(|by| below(&around("by ", by, "")))}</span></td>
            <td class="row-actions">
                <Button small=true kind="danger" icon="trash" label=Text::around("Revoke ", name, "") on_press=revoke />
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
    let deed = Deed::new();
    let made = RwSignal::new(None::<TokenCreated>);
    let send = Callback::new(move |()| {
        let seconds = LIFETIMES
            .iter()
            .position(|(value, _)| lifetime.with_untracked(|chosen| chosen == value))
            .and_then(|place| SECONDS.get(place));
        let token = NewToken {
            name: name.get_untracked().trim().to_owned(),
            role: Role::from_name(&role.get_untracked()).unwrap_or(Role::Viewer),
            note: Some(note.get_untracked()).filter(|text| !text.trim().is_empty()),
            expires: seconds.map(|seconds| clock.exactly().plus_seconds(*seconds)),
        };
        name_error.set(token.name.is_empty().then(|| "Enter a name.".into()));
        if deed.may_begin(!token.name.is_empty()) {
            deed.begin(api.post::<TokenCreated>("/tokens", &token), move |created| {
                changed.run(());
                made.set(Some(created));
            });
        }
    });
    let close = Callback::new(move |()| creating.set(None));
    let form = move || {
        view! {
            <Form deed=deed send=send button="Create" cancel=close>
                <Field id="token-name" label="Name" value=name error=name_error code=true autofocus=true hint="The audit log calls it token:NAME." />
                <RoleChoice role=role />
                <Select id="token-lifetime" label="Holds for" value=lifetime options=owned(&LIFETIMES) />
                <Field id="token-note" label="Note" value=note hint="What it is for. May be left empty." />
            </Form>
        }
    };
    move || match made.get() {
        None => form(),
        Some(created) => {
            let lines = vec![("Name", created.token.name), ("Token", created.secret)];
            view! { <Told text="Copy the token now: only its hash is kept, and nobody can see it again." lines=lines on_done=close /> }
        }
    }
}
