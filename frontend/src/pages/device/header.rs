//! Who the device is: its name, its state with the evidence, the facts of its identity, and what its client does
//! wrong.

use super::link::LinkButton;
use super::presence::Presence;
use super::store::Device;
use crate::dom::prelude::*;
use crate::routing::Router;
use crate::ui::{Ago, Button, Copy, Icon, StateBadge, Toasts, Tone};
use crate::words::{lifetime, lock, security_word};
use shared::api::{DeviceDetail, DevicePatch, Lint, RegistrationView, Role};
use shared::{DeviceState, Timestamp};

#[component]
pub(super) fn Header() -> impl IntoView {
    let device = expect_context::<Device>();
    let state = Memo::new(move |_| {
        device
            .detail(|detail| detail.row.state)
            .unwrap_or(DeviceState::NeverSeen)
    });
    let clock = device.clock();
    let evidence = move || {
        // A relative day ("tomorrow") changes at midnight; a look at the clock once a minute is enough for that.
        let today = Memo::new(move |_| clock.now().get().seconds() / 60);
        today.track();
        device.detail(|detail| detail.row.contact().evidence(|at| clock.short(at)))
    };
    let is_unlabelled = Memo::new(move |_| {
        device
            .detail(|detail| detail.row.label.is_none())
            .unwrap_or_default()
    });
    view! {
        <header class="device-head">
            <div class="device-name">
                <Name />
                {move || is_unlabelled.get().then(|| copy_endpoint(device))}
                <StateBadge state=state />
                <Lock />
            </div>
            <p class="evidence">{evidence}</p>
            <p class="endpoint" class:unlabelled=is_unlabelled>
                <span class="mono">{device.endpoint()}</span>
                {move || (!is_unlabelled.get()).then(|| copy_endpoint(device))}
                {device
                    .may(Role::Support)
                    .then(|| {
                        let href = format!("/api/v1{}", device.path("/bundle"));
                        view! {
                            <a class="btn s bundle" href=href download="" data-tip="A ZIP file with what the server knows of this device, without secrets, to hand on">
                                <Icon name="download" />
                                "Support bundle"
                            </a>
                        }
                    })}
                <LinkButton />
            </p>
            <Presence />
        </header>
        <Facts />
        <Lints />
    }
}

/// Stands beside the endpoint name, wherever that is.
fn copy_endpoint(device: Device) -> View {
    view! { <Copy text=Signal::derive(move || device.endpoint()) label="Copy the endpoint name" /> }
}

/// Whether the device proves who it is, as a lock that says so.
#[component]
fn Lock() -> impl IntoView {
    let device = expect_context::<Device>();
    let mode = Memo::new(move |_| device.detail(|detail| detail.row.security.clone()).flatten());
    let words = move || {
        mode.with(|mode| match mode.as_deref()? {
            "none" => Some("Not secured: it does not prove who it is".to_owned()),
            mode => Some(format!("Secured: {}", security_word(mode))),
        })
    };
    view! {
        <Show when=move || mode.with(Option::is_some)>
            <span class="lock" class:open=move || mode.with(|mode| mode.as_deref() == Some("none")) data-tip=words tabindex="0">
                <Icon name=Signal::derive(move || mode.with(|mode| lock(mode.as_deref()))) />
                <span class="visually-hidden">{words}</span>
            </span>
        </Show>
    }
}

/// The label, or the endpoint where there is none; changed in place.
#[component]
fn Name() -> impl IntoView {
    let device = expect_context::<Device>();
    let editing = RwSignal::new(false);
    let label = Memo::new(move |_| device.detail(|detail| detail.row.label.clone()).flatten());
    let pencil = NodeRef::<web_sys::HtmlSpanElement>::new();
    if device.may(Role::Operator) {
        expect_context::<Router>().on_asked("label", move || editing.set(true));
    }
    let done = Callback::new(move |()| {
        editing.set(false);
        // The pencil is back after this turn; it had the focus before.
        request_animation_frame(|| crate::keys::focus(".device-name .btn"));
    });
    view! {
        <Show
            when=move || editing.get()
            fallback=move || {
                view! {
                    <h1 class:mono=move || label.with(Option::is_none)>{move || label.get().unwrap_or_else(|| device.endpoint())}</h1>
                    {device
                        .may(Role::Operator)
                        .then(|| {
                            view! {
                                <span node_ref=pencil>
                                    <Button
                                        kind="quiet"
                                        small=true
                                        icon="edit"
                                        label=if label.get_untracked().is_some() { "Change the label" } else { "Give it a label" }
                                        on_press=Callback::new(move |()| editing.set(true))
                                    />
                                </span>
                            }
                        })}
                }
            }
        >
            <LabelForm start=label.get_untracked().unwrap_or_default() done=done />
        </Show>
    }
}

#[component]
fn LabelForm(start: String, done: Callback<()>) -> impl IntoView {
    let device = expect_context::<Device>();
    let toasts = expect_context::<Toasts>();
    let text = RwSignal::new(start);
    let busy = RwSignal::new(false);
    let input = NodeRef::<web_sys::HtmlInputElement>::new();
    Effect::new(move |_| {
        if let Some(input) = input.get() {
            // Focus is refused only for what is not in the page.
            drop(input.focus());
            input.select();
        }
    });
    let save = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        let patch = DevicePatch {
            label: Some(text.get_untracked().trim().to_owned()),
            ..DevicePatch::default()
        };
        let asked = device.api().patch::<DeviceDetail>(&device.path(""), &patch);
        asked.then(move |answer| {
            if device.is_gone() {
                return;
            }
            busy.set(false);
            match answer {
                Ok(detail) => {
                    device.replace_detail(detail);
                    done.run(());
                }
                Err(failure) => toasts.say(Tone::Bad, format!("The label was not saved: {failure}")),
            }
        });
    };
    view! {
        <form class="label-form" on:submit=save>
            <input
                node_ref=input
                class="input"
                aria-label="Label"
                maxlength="120"
                placeholder="A name for people"
                prop:value=move || text.get()
                on:input=move |event| text.set(event_target_value(&event))
                on:keydown=move |event| {
                    if event.key() == "Escape" {
                        done.run(());
                    }
                }
            />
            <Button kind="primary" submit=true busy=busy>"Save"</Button>
            <Button kind="quiet" on_press=done>"Cancel"</Button>
        </form>
    }
}

/// What is shown of a fact that the device has not told.
const UNTOLD: &str = "–";

#[component]
fn Facts() -> impl IntoView {
    let device = expect_context::<Device>();
    let text = move |look: fn(&DeviceDetail) -> Option<String>| {
        Signal::derive(move || device.detail(look).flatten().unwrap_or_else(|| UNTOLD.into()))
    };
    let time = move |look: fn(&RegistrationView) -> Timestamp| {
        Signal::derive(move || {
            device
                .detail(|detail| detail.registration.as_ref().map(look))
                .flatten()
        })
    };
    let ends = move || {
        let at = device.detail(|detail| detail.row.lifetime_ends).flatten()?;
        Some(format!("Ends {}", device.clock().short(at)))
    };
    view! {
        <dl class="panel facts">
            <Fact name="Manufacturer" value=text(|detail| detail.row.manufacturer.clone()) />
            <Fact name="Model" value=text(|detail| detail.row.model.clone()) />
            <Fact name="Serial number" value=text(|detail| detail.serial.clone()) />
            <Fact name="Firmware" value=text(|detail| detail.row.firmware.clone()) />
            <Fact name="LwM2M" value=text(protocol) />
            <Fact name="Security" value=text(|detail| detail.row.security.as_deref().map(|mode| security_word(mode).to_owned())) />
            <Fact name="Address" code=true value=text(|detail| Some(detail.registration.as_ref()?.address.clone())) />
            <div>
                <dt>"Lifetime"</dt>
                <dd data-tip=ends tabindex="0">{text(|detail| detail.row.lifetime.map(lifetime))}</dd>
            </div>
            <div>
                <dt>"Registered"</dt>
                <dd><Ago at=time(|registration| registration.registered_at) focusable=true /></dd>
            </div>
            <div>
                <dt>"Last Update"</dt>
                <dd><Ago at=time(|registration| registration.updated_at) focusable=true /></dd>
            </div>
        </dl>
    }
}

#[component]
fn Fact(name: &'static str, value: Signal<String>, #[prop(optional)] code: bool) -> impl IntoView {
    view! {
        <div>
            <dt>{name}</dt>
            <dd class:mono=code title=move || value.get()>{move || value.get()}</dd>
        </div>
    }
}

/// `"1.1, binding U, queue mode"`.
fn protocol(detail: &DeviceDetail) -> Option<String> {
    let registration = detail.registration.as_ref()?;
    let queue = if registration.queue_mode {
        ", queue mode"
    } else {
        ""
    };
    Some(format!(
        "{}, binding {}{queue}",
        registration.version, registration.binding
    ))
}

/// What the client does that the specification does not allow.
#[component]
fn Lints() -> impl IntoView {
    let device = expect_context::<Device>();
    let lints = Memo::new(move |_| {
        let lints = device.detail(|detail| Some(detail.registration.as_ref()?.lint.clone()));
        lints.flatten().unwrap_or_default()
    });
    let count = move || lints.with(Vec::len);
    view! {
        <Show when=move || { count() > 0 }>
            <details class="panel lints">
                <summary>
                    <Icon name="warning" />
                    <span>"What this client does that the specification does not allow"</span>
                    <span class="count">{count}</span>
                </summary>
                <ul>{move || lints.get().into_iter().map(lint).collect_view()}</ul>
            </details>
        </Show>
    }
}

fn lint(lint: Lint) -> impl IntoView {
    view! {
        <li>
            <p>{lint.message}</p>
            <p class="section"><span class="mono">{lint.rule}</span>" · "{lint.section}</p>
        </li>
    }
}
