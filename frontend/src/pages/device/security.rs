//! How the device proves who it is: its session, what happened to it, and the end of it.

use super::fold::Fold;
use super::refusal::refusal;
use super::store::Device;
use super::timeline::words::{Told, tell};
use crate::clock::exact;
use crate::dom::prelude::*;
use crate::routing::Router;
use crate::ui::{Ago, Button, Deed, Dialog, Icon, Tone, load, loaded_in};
use crate::words::{lock, security_word};
use shared::api::{EventList, Role, SecurityView};
use shared::event::Event;

/// The kinds of events that say something about it.
const KINDS: &str = "session_started,session_ended,address_changed,refused";

#[component]
pub(super) fn Security() -> impl IntoView {
    let device = expect_context::<Device>();
    let session = session(device);
    let mode = Memo::new(move |_| device.detail(|detail| detail.row.security.clone()).flatten());
    let say = Signal::derive(move || match (session.get(), mode.get()) {
        (Some(session), _) => {
            let kept = if session.connection_id {
                ", keeps its session when its address changes"
            } else {
                ""
            };
            [security_word(&session.mode), " as ", &session.identity, kept].concat()
        }
        (None, Some(mode)) if mode == "none" => "None: what it says of itself is believed".into(),
        (None, Some(mode)) => security_word(&mode).to_owned() + ", no session now",
        (None, None) => "It has not made contact yet".into(),
    });
    let icon = Signal::derive(move || lock(mode.get().as_deref()));
    view! {
        <Fold slug="security" title="Security" icon=icon say=say>
            <Details session=session />
        </Fold>
    }
}

fn session(device: Device) -> Memo<Option<SecurityView>> {
    Memo::new(move |_| {
        device
            .detail(|detail| detail.registration.as_ref()?.session.clone())
            .flatten()
    })
}

#[component]
fn Details(session: Memo<Option<SecurityView>>) -> impl IntoView {
    let device = expect_context::<Device>();
    let facts = move || match session.get() {
        Some(session) => facts(&session),
        None => view! {
            <p class="fold-note">"There is no session: the device speaks without DTLS or TLS, or has not made contact since its session ended. Anybody who reaches the server could say the same."</p>
        },
    };
    view! {
        {facts}
        <History />
        {move || (session.with(Option::is_some) && device.may(Role::Operator)).then(|| view! { <Forget /> })}
    }
}

fn facts(session: &SecurityView) -> View {
    let fact = |name: &'static str, value: View| view! { <div><dt>{name}</dt><dd>{value}</dd></div> };
    let exact = |name: &'static str, value: &str| {
        let value = Text::from(value);
        view! { <div><dt>{name}</dt><dd class="mono" title=value.clone()>{value}</dd></div> }
    };
    let begun = if session.resumed {
        "Resuming an earlier one"
    } else {
        "A full handshake"
    };
    let outlives = match session.connection_id {
        true => "Yes: outlives a new address",
        // The suite of TLS is told with its version.
        false if session.suite.starts_with("TLS 1.") => "None over TLS",
        false => "No: a new address ends it",
    };
    let mode = Text::from(security_word(&session.mode)).into_view();
    view! {
        <dl class="facts wide-facts">
            {fact("Proves who it is by", mode)}
            {exact(identity_word(&session.mode), &session.identity)}
            {exact("Cipher suite", &session.suite)}
            {fact("Session since", view! { <Ago at=Some(session.since) focusable=true /> })}
            {fact("Begun by", begun.into_view())}
            {fact("Connection id", outlives.into_view())}
        </dl>
    }
}

const fn identity_word(mode: &str) -> &'static str {
    match mode.as_bytes() {
        b"psk" => "Identity",
        b"rpk" => "Public key begins",
        _ => "Name in the certificate",
    }
}

/// Sessions, changes of address and refusals, the newest first.
#[component]
fn History() -> impl IntoView {
    let device = expect_context::<Device>();
    // A new event of these kinds changes the detail too.
    let newest = Memo::new(move |_| {
        device.events().with(|events| {
            events
                .iter()
                .rev()
                .find(|event| KINDS.split(',').any(|kind| kind == event.kind.name()))
                .map(|event| event.sequence)
        })
    });
    let loader = load(move || {
        newest.track();
        device.get::<EventList>(&format!("/events?limit=12&kinds={KINDS}"))
    });
    loaded_in(2, loader, "What happened cannot be shown", move |list| {
        if list.items.is_empty() {
            return view! { <p class="fold-note">"No session, change of address or refusal is on record."</p> };
        }
        view! {
            <h3>"Sessions, addresses and refusals"</h3>
            <ol class="queue" aria-label="Sessions, addresses and refusals">{list.items.iter().map(|event| happened(device, event)).collect_view()}</ol>
        }
    })
}

fn happened(device: Device, event: &Event) -> View {
    let Told { headline, more, tone } =
        tell(event, &|path| device.name(path), &|_, value| device.show(value));
    let at = event.at;
    let glyph = if tone == Tone::Plain { "info" } else { tone.icon() };
    view! {
        <li class=["queued tone-", tone.class()].concat()>
            <Icon name=glyph />
            <div>
                <p class="queued-title">{headline}</p>
                {more.map(|more| view! { <p class="quiet">{more}</p> })}
            </div>
            <time class="quiet queued-act" datetime=at.to_string() data-tip=exact(at) tabindex="0">{device.clock().short(at)}</time>
        </li>
    }
}

/// Ends the session, after saying what follows.
#[component]
fn Forget() -> impl IntoView {
    let device = expect_context::<Device>();
    let open = RwSignal::new(false);
    let deed = Deed::new();
    let close = Callback::new(move |()| open.set(false));
    expect_context::<Router>().on_asked("forget-session", move || open.set(true));
    let forget = Callback::new(move |()| {
        let toasts = device.toasts();
        deed.begin(device.api().delete(&device.path("/session")), move |()| {
            open.set(false);
            toasts.say(
                Tone::Good,
                "The session is forgotten. The device makes a new one at its next message.",
            );
        });
    });
    view! {
        <p class="bar fold-foot">
            <Button kind="danger" small=true on_press=Callback::new(move |()| open.set(true))>"Forget this session…"</Button>
            <span class="quiet">"For a device that was reset or whose key was read by somebody else."</span>
        </p>
        <Dialog open=open title="Forget this session?">
            <p>
                "The server throws away the keys of the session. What the device sends under them is not understood any more; \
                 it notices by the missing answer and makes a new handshake, which a sleeping device does when it next wakes. \
                 Its registration and its credential stay."
            </p>
            {refusal(deed.trouble)}
            <footer class="dialog-foot">
                <Button on_press=close>"Cancel"</Button>
                <Button kind="danger" busy=deed.busy on_press=forget>"Forget the session"</Button>
            </footer>
        </Dialog>
    }
}
