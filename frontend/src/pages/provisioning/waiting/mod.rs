//! Devices that asked for their bootstrap and that nobody made known: let in or struck off by a person, or by rule.

mod approve;
mod rules;

use super::may_provision;
use crate::api::Api;
use crate::dom::prelude::*;
use crate::params::path_of;
use crate::ui::{Ago, Button, Empty, Load, Skeleton, Toasts, Tone, Trouble, badge, load};
use crate::words::{around, count, counted};
use approve::Approve;
use rules::Rules;
use shared::api::{WaitingDevice, WaitingList};
use std::rc::Rc;

#[component]
pub(super) fn Waiting() -> impl IntoView {
    let api = expect_context::<Api>();
    let list = load(move || api.get::<WaitingList>("/bootstrap/waiting"));
    crate::pages::provisioning::follow(list);
    let approving = RwSignal::new(None::<WaitingDevice>);
    // The name with which a new rule begins.
    let ruling = RwSignal::new(None::<String>);
    let names = Memo::new(move |_| {
        list.look(|list| {
            let names = list.items.iter().map(|device| device.endpoint.clone());
            names.collect::<Vec<_>>()
        })
    });
    let total = move || {
        let count = names.with(|names| names.as_ref().map(Vec::len));
        count.map(|count| counted(count as u64, "device", "devices"))
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
    // What is known of it now; it asks again and again.
    let wanted = name.clone();
    let device = Memo::new(move |before: Option<&Option<Rc<WaitingDevice>>>| {
        let now = state.with(|state| match state {
            Load::Ready(list) => list
                .items
                .iter()
                .find(|device| device.endpoint == wanted)
                .map(|device| Rc::new(device.clone())),
            _ => None,
        });
        now.or_else(|| before.cloned().flatten())
    });
    let Some(first) = device.get_untracked() else {
        return View::Empty;
    };
    let proof = if first.security == "none" {
        badge("Nothing: it may be anybody", Tone::Warning, "warning")
    } else {
        let word = security(&first.security);
        let identity = first.identity.as_deref().map(Text::from);
        view! { {badge(word, Tone::Good, "lock")}" "<span class="muted">{identity}</span> }
    };
    let times = move || device.get().map(|device| count(device.times) + "×");
    let last = Signal::derive(move || device.get().map(|device| device.last_asked));
    let let_in = Callback::new(move |()| {
        let device = device.get_untracked();
        approving.set(device.map(|device| WaitingDevice::clone(&device)));
    });
    let name = StoredValue::new(name);
    let by_rule = Callback::new(move |()| ruling.set(Some(name.get_value())));
    let busy = RwSignal::new(false);
    let strike = Callback::new(move |()| {
        busy.set(true);
        let name = name.get_value();
        let path = path_of("/bootstrap/waiting/", &name, "");
        api.delete(&path).then(move |answer| {
            match answer {
                Ok(()) => toasts.say(
                    Tone::Good,
                    around(
                        "",
                        &name,
                        " is struck off. It stands here again if it asks again.",
                    ),
                ),
                Err(failure) => toasts.say(Tone::Bad, failure.to_string()),
            }
            if busy.try_set(false).is_none() {
                changed.run(());
            }
        });
    });
    let name = &*first.endpoint;
    let operate = may_provision().then(|| {
        view! {
            <Button small=true kind="primary" label=Text::around("Let ", name, " in") on_press=let_in>"Let in"</Button>
            <Button small=true label=Text::around("Let in by rule, as ", name, "") on_press=by_rule>"By rule"</Button>
            <Button small=true kind="danger" busy=busy label=Text::around("Strike ", name, " off") on_press=strike>"Strike off"</Button>
        }
    });
    view! {
        <tr data-row="">
            <td data-label="Endpoint" class="wrap mono">{Text::from(name)}</td>
            <td data-label="Proved itself by" class="wrap"><span>{proof}</span></td>
            <td data-label="From" class="mono">{Text::from(&*first.address)}</td>
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
