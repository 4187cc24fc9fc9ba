//! Devices that asked for their bootstrap and that nobody made known: let in or struck off by a person, or by rule.

mod approve;
mod rules;

use super::may_provision;
use crate::api::Api;
use crate::dom::prelude::*;
use crate::params::encode_segment;
use crate::reactive::spawn_local;
use crate::ui::{Ago, Badge, Button, Empty, Load, Skeleton, Toasts, Tone, Trouble, load};
use crate::words::{count, counted};
use approve::Approve;
use rules::Rules;
use shared::api::{WaitingDevice, WaitingList};

#[component]
pub(super) fn Waiting() -> impl IntoView {
    let api = expect_context::<Api>();
    let list = load(move || async move { api.get::<WaitingList>("/bootstrap/waiting").await });
    crate::pages::provisioning::follow(list);
    let approving = RwSignal::new(None::<WaitingDevice>);
    // The name with which a new rule begins.
    let ruling = RwSignal::new(None::<String>);
    let names = Memo::new(move |_| {
        list.state.with(|state| match state {
            Load::Ready(list) => Some(
                list.items
                    .iter()
                    .map(|device| device.endpoint.clone())
                    .collect::<Vec<_>>(),
            ),
            _ => None,
        })
    });
    let total = move || {
        names.with(|names| {
            names
                .as_ref()
                .map(|names| counted(names.len() as u64, "device", "devices"))
        })
    };
    let changed = Callback::new(move |()| list.again());
    let rows = move || {
        view! {
            <table class="table stacked" aria-label="Waiting devices">
                <thead>
                    <tr>
                        <th scope="col">"Endpoint"</th>
                        <th scope="col">"Proved itself by"</th>
                        <th scope="col">"From"</th>
                        <th scope="col" class="num">"Asked"</th>
                        <th scope="col">"Last"</th>
                        <th scope="col"><span class="visually-hidden">"Actions"</span></th>
                    </tr>
                </thead>
                <tbody>
                    <For
                        each=move || names.get().unwrap_or_default()
                        key=|name| name.clone()
                        children=move |name| row(name, list.state, approving, ruling, changed)
                    />
                </tbody>
            </table>
        }
    };
    #[derive(Clone, PartialEq)]
    enum Shown {
        Loading,
        Failed(String),
        Empty,
        Rows,
    }
    let shown = Memo::new(move |_| {
        list.state.with(|state| match state {
            Load::Loading => Shown::Loading,
            Load::Failed(failure) => Shown::Failed(failure.to_string()),
            Load::Ready(list) if list.items.is_empty() => Shown::Empty,
            Load::Ready(_) => Shown::Rows,
        })
    });
    view! {
        <div class="pv-column">
            <section class="panel scroll" tabindex="0" aria-labelledby="pv-waiting">
                <header>
                    <h2 id="pv-waiting">"Waiting to be let in"</h2>
                    <span class="muted" role="status">{total}</span>
                </header>
                {move || match shown.get() {
                    Shown::Loading => view! { <Skeleton lines=4 /> },
                    Shown::Failed(words) => view! { <Trouble title="The list could not be read" text=words on_retry=changed /> },
                    Shown::Empty => view! {
                        <Empty
                            icon="check"
                            title="No device waits"
                            text="A device that asks for its bootstrap and that nobody made known stands here until it is let in. It then gets its configuration when it asks again."
                        />
                    },
                    Shown::Rows => rows(),
                }}
            </section>
            <Rules beginning=ruling changed=changed />
            <Approve device=approving changed=changed />
        </div>
    }
}

fn row(
    name: String,
    state: RwSignal<Load<WaitingList>>,
    approving: RwSignal<Option<WaitingDevice>>,
    ruling: RwSignal<Option<String>>,
    changed: Callback<()>,
) -> View {
    let api = expect_context::<Api>();
    let toasts = expect_context::<Toasts>();
    let wanted = name.clone();
    // What is known of it now; it asks again and again.
    let device = Memo::new(move |before: Option<&Option<WaitingDevice>>| {
        let now = state.with(|state| match state {
            Load::Ready(list) => list
                .items
                .iter()
                .find(|device| device.endpoint == wanted)
                .cloned(),
            _ => None,
        });
        now.or_else(|| before.cloned().flatten())
    });
    let Some(first) = device.get_untracked() else {
        return View::Empty;
    };
    let unsecured = first.security == "none";
    let proof = if unsecured {
        view! { <Badge text="Nothing: it may be anybody" tone=Tone::Warning icon="warning" /> }
    } else {
        let word = security(&first.security);
        view! { <Badge text=word tone=Tone::Good icon="lock" />" "<span class="muted">{first.identity.clone()}</span> }
    };
    let times =
        move || device.with(|device| device.as_ref().map(|device| format!("{}×", count(device.times))));
    let last = Signal::derive(move || device.with(|device| device.as_ref().map(|device| device.last_asked)));
    let let_in = Callback::new(move |()| approving.set(device.get_untracked()));
    let by_rule = {
        let name = name.clone();
        Callback::new(move |()| ruling.set(Some(name.clone())))
    };
    let busy = RwSignal::new(false);
    let strike = {
        let name = name.clone();
        Callback::new(move |()| {
            let name = name.clone();
            busy.set(true);
            spawn_local(async move {
                let answer = api
                    .delete(&format!("/bootstrap/waiting/{}", encode_segment(&name)))
                    .await;
                match answer {
                    Ok(()) => toasts.say(
                        Tone::Good,
                        format!("{name} is struck off. It stands here again if it asks again."),
                    ),
                    Err(failure) => toasts.say(Tone::Bad, failure.to_string()),
                }
                if busy.try_set(false).is_none() {
                    changed.run(());
                }
            });
        })
    };
    let operate = may_provision().then(|| {
        view! {
            <Button small=true kind="primary" label=format!("Let {name} in") on_press=let_in>"Let in"</Button>
            <Button small=true label=format!("Let in by rule, as {name}") on_press=by_rule>"By rule"</Button>
            <Button small=true kind="danger" busy=busy label=format!("Strike {name} off") on_press=strike>"Strike off"</Button>
        }
    });
    view! {
        <tr data-row="">
            <td data-label="Endpoint" class="wrap mono">{name}</td>
            <td data-label="Proved itself by" class="wrap"><span>{proof}</span></td>
            <td data-label="From" class="mono">{first.address}</td>
            <td data-label="Asked" class="num">{times}</td>
            <td data-label="Last"><Ago at=last focusable=true /></td>
            <td class="row-actions">{operate}</td>
        </tr>
    }
}

/// A security mode for people.
pub(super) fn security(mode: &str) -> &'static str {
    match mode {
        "psk" => "Pre-shared key",
        "rpk" => "Raw public key",
        "x509" => "Certificate",
        _ => "No security",
    }
}
