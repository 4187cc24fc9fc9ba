//! One session, step by step, while it runs and afterwards.

use super::state_badge;
use crate::api::Api;
use crate::app::set_title;
use crate::clock::{Clock, exact};
use crate::dom::prelude::*;
use crate::live::{Live, Subscription};
use crate::pages::provisioning::spaced;
use crate::pages::provisioning::waiting::security;
use crate::routing::{DeviceTab, ProvisioningPart, device_href};
use crate::ui::{Empty, Icon, Load, ago, load, loaded_ref};
use crate::words::{around, count, span};
use shared::ContentFormat;
use shared::bootstrap::{SessionState, SessionView, StepKind, StepView};
use shared::live::{ServerFrame, Topic};

#[component]
pub(super) fn Unknown() -> impl IntoView {
    view! {
        <Empty icon="question" title="No such session" text="Sessions have numbers. It may be older than what is kept.">
            <a class="btn" href=ProvisioningPart::Sessions.route().href()>"All sessions"</a>
        </Empty>
    }
}

#[component]
pub(super) fn One(id: u64) -> impl IntoView {
    set_title(&format!("Session {id} · Provisioning"));
    let api = expect_context::<Api>();
    let live = expect_context::<Live>();
    let session = load(move || api.get::<SessionView>(&format!("/bootstrap/sessions/{id}")));
    let receive = move |frame: ServerFrame| match frame {
        ServerFrame::Bootstrap { sessions, .. } => {
            if let Some(now) = sessions.into_iter().rfind(|now| now.id == id) {
                session.state.set(Load::Ready(now));
            }
        }
        ServerFrame::Resync { .. } => session.again(),
        _ => {}
    };
    StoredValue::<Subscription>::new(live.subscribe(Topic::Bootstrap { session: Some(id) }, receive));
    let crumb = format!("Session {id}");
    view! {
        <nav class="crumb" aria-label="You are here">
            <a href=ProvisioningPart::Sessions.route().href()>"Sessions"</a>
            <span aria-hidden="true">" › "</span>
            <span>{crumb}</span>
        </nav>
        {loaded_ref(session, "This session cannot be shown", whole)}
    }
}

fn whole(session: &SessionView) -> View {
    let clock = expect_context::<Clock>();
    let endpoint = &*session.endpoint;
    let timeline = around(&device_href(endpoint), "/", DeviceTab::Timeline.slug());
    let ended = match session.state {
        SessionState::Failed => session.reason.as_deref().map(|reason| {
            view! { <p class="notice tone-bad" role="alert"><Icon name="cross" /><span>"It failed: "{Text::from(reason)}" The device asks again by itself."</span></p> }
        }),
        SessionState::Superseded => Some(view! {
            <p class="notice"><Icon name="info" />"The device, or a person, began another session before this one ended."</p>
        }),
        _ => None,
    };
    let took = super::took(session);
    let awaits = session.awaits.as_ref().map(|awaited| {
        let at = awaited.at;
        let since = move || span(clock.since(at).max(0));
        view! {
            <li class="pv-awaits">
                <p class="bar"><b class="mono">{Text::from(&*awaited.message)}</b><span class="muted">"sent "{since}" ago, not answered yet"</span></p>
                <progress class="progress" aria-label="Waiting for the answer"></progress>
            </li>
        }
    });
    let fact = |word: &'static str, content: View| view! { <div><dt>{word}</dt><dd>{content}</dd></div> };
    let began = if session.by_server {
        "The server"
    } else {
        "The device"
    };
    let started = session.started_at;
    view! {
        <section class="panel" aria-label="The session">
            <header>
                <h2><a class="mono link" href=device_href(endpoint)>{Text::from(endpoint)}</a></h2>
                <span role="status">{state_badge(session.state)}</span>
                <a class="link pv-end" href=timeline>"The device's timeline"</a>
            </header>
            <dl class="facts">
                {fact("Configuration", session.configuration.as_deref().map(Text::from).into_view())}
                {fact("Proved itself by", security(&session.security).into_view())}
                {fact("From", view! { <span class="mono">{Text::from(&*session.address)}</span> })}
                {fact("Begun by", began.into_view())}
                {fact("Began", ago(started))}
                {fact("Took", took.into_view())}
            </dl>
            <div class="pv-body">
                {ended}
                <ol class="pv-steps" aria-label="Steps">
                    {session.steps.iter().map(|step| self::step(step, started)).collect_view()}
                    {awaits}
                </ol>
            </div>
        </section>
    }
}

fn step(step: &StepView, started: shared::Timestamp) -> View {
    let after = span_exact(step.at.since(started).max(0));
    let at = exact(step.at);
    if step.message.is_empty() {
        let icon = if step.kind == StepKind::End {
            "exit"
        } else {
            "info"
        };
        return view! {
            <li class="pv-note"><p class="bar"><time class="pv-after mono" data-tip=at tabindex="0">{after}</time><Icon name=icon /><span>{Text::from(&*step.words)}</span></p></li>
        };
    }
    let code = step.code.as_deref().map(|code| {
        let good = code.starts_with('2');
        let class = if good { "mono ok" } else { "mono bad" };
        view! { <span class=class>{Text::from(code)}</span> }
    });
    let took = step.took.map(|took| match took {
        0 => "under 1 ms".to_owned(),
        took => format!("{} ms", count(took.into())),
    });
    let bytes = |word: &'static str, size: u32, format: Option<ContentFormat>, hex: &str| {
        (size > 0).then(|| {
            let format = format.and_then(|format| format.name()).unwrap_or("payload");
            let cut = (hex.len() / 2 < size as usize).then_some(" …");
            view! {
                <details class="pv-more">
                    <summary>{word}": "{count(size.into())}" bytes, "{format}</summary>
                    <code class="pv-hex" tabindex="0">{spaced(hex)}{cut}</code>
                </details>
            }
        })
    };
    view! {
        <li>
            <p class="bar">
                <time class="pv-after mono" data-tip=at tabindex="0">{after}</time>
                <b class="mono wrap">{Text::from(&*step.message)}</b>
                {code}
                <span class="muted">{Text::from(&*step.words)}</span>
                <span class="muted pv-end">{took}</span>
            </p>
            {bytes("Sent", step.size, step.format, &step.payload)}
            {bytes("Answered", step.answer_size, step.answer_format, &step.answer)}
        </li>
    }
}

/// Milliseconds since the beginning: `"+0.142 s"`.
fn span_exact(milliseconds: i64) -> String {
    format!("+{}.{:03} s", milliseconds / 1000, milliseconds % 1000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_is_told_to_the_millisecond() {
        assert_eq!(span_exact(0), "+0.000 s");
        assert_eq!(span_exact(12_042), "+12.042 s");
    }
}
