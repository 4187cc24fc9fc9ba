//! The sessions, newest first. What changes while they are looked at, the live feed brings.

use super::state_badge;
use crate::api::Api;
use crate::dom::prelude::*;
use crate::live::{Live, Subscription};
use crate::pages::provisioning::waiting::security;
use crate::params::Params;
use crate::routing::{ProvisioningPart, Route, Router, device_href};
use crate::ui::{Button, Empty, Find, Load, Select, Skeleton, Toasts, Tone, Trouble, ago, load, owned};
use shared::api::SessionList;
use shared::bootstrap::{SessionState, SessionView};
use shared::live::{ServerFrame, Topic};
use shared::sort::sort_by_key;
use std::rc::Rc;

const PAGE: usize = 50;
/// More rows than this are not kept; older ones are read again.
const KEPT: usize = 500;

/// Where a session is opened.
fn href(id: u64) -> String {
    Route::Provisioning {
        part: ProvisioningPart::Sessions,
        item: Some(id.to_string()),
    }
    .href()
}

fn path(endpoint: Option<&str>, state: Option<&str>, before: Option<u64>) -> String {
    let before = before.map(|before| before.to_string());
    let query = Params::default()
        .with("endpoint", endpoint)
        .with("state", state)
        .with("before", before.as_deref())
        .with("limit", Some(&PAGE.to_string()));
    format!("/bootstrap/sessions{}", query.to_query())
}

const fn name(state: SessionState) -> &'static str {
    match state {
        SessionState::Running => "running",
        SessionState::Finished => "finished",
        SessionState::Failed => "failed",
        SessionState::Superseded => "superseded",
    }
}

#[component]
pub(super) fn List() -> impl IntoView {
    let api = expect_context::<Api>();
    let router = expect_context::<Router>();
    let live = expect_context::<Live>();
    let toasts = expect_context::<Toasts>();
    let (endpoint, state) = (router.param("endpoint"), router.param("state"));
    let items = RwSignal::new(Vec::<Rc<SessionView>>::new());
    let more = RwSignal::new(false);
    let first =
        load(move || api.get::<SessionList>(&path(endpoint.get().as_deref(), state.get().as_deref(), None)));
    Effect::new(move |_| {
        if let Load::Ready(list) = first.state.get() {
            more.set(list.items.len() == PAGE);
            items.set(known(list.items));
        }
    });
    let receive = move |frame: ServerFrame| match frame {
        ServerFrame::Bootstrap { sessions, .. } => {
            let fits = |session: &SessionView| {
                endpoint
                    .with_untracked(|wanted| wanted.as_ref().is_none_or(|wanted| *wanted == session.endpoint))
                    && state.with_untracked(|wanted| {
                        wanted.as_ref().is_none_or(|wanted| wanted == name(session.state))
                    })
            };
            items.update(|items| {
                for session in sessions {
                    items.retain(|item| item.id != session.id);
                    if fits(&session) {
                        items.extend(known(vec![session]));
                    }
                }
                sort_by_key(items, |session| std::cmp::Reverse(session.id));
                items.truncate(KEPT);
            });
        }
        ServerFrame::Resync { .. } => first.again(),
        _ => {}
    };
    StoredValue::<Subscription>::new(live.subscribe(Topic::Bootstrap { session: None }, receive));
    let older_busy = RwSignal::new(false);
    let older = Callback::new(move |()| {
        let before = items.with_untracked(|items| items.last().map(|session| session.id));
        let path = path(
            endpoint.get_untracked().as_deref(),
            state.get_untracked().as_deref(),
            before,
        );
        older_busy.set(true);
        let asked = api.get_for_deed::<SessionList>(&path);
        asked.then(move |answer| {
            if older_busy.try_set(false).is_some() {
                return;
            }
            match answer {
                Ok(list) => {
                    more.set(list.items.len() == PAGE);
                    items.update(|items| items.extend(known(list.items)));
                }
                Err(failure) => toasts.say(Tone::Bad, failure.to_string()),
            }
        });
    });
    let chosen = RwSignal::new(state.get_untracked().unwrap_or_default());
    Effect::new(move |_| router.set_params(&[("state", Some(&chosen.get()))], false));
    static STATES: [(&str, &str); 5] = [
        ("", "All"),
        ("running", "Running"),
        ("finished", "Finished"),
        ("failed", "Failed"),
        ("superseded", "Begun anew"),
    ];
    let ids =
        Memo::new(move |_| items.with(|items| items.iter().map(|session| session.id).collect::<Vec<_>>()));
    #[derive(Clone, PartialEq)]
    enum Shown {
        Loading,
        Failed(String),
        Nothing(bool),
        Rows,
    }
    let shown = Memo::new(move |_| {
        let none = ids.with(Vec::is_empty);
        first.state.with(|state| match state {
            Load::Loading => Shown::Loading,
            Load::Failed(failure) => Shown::Failed(failure.to_string()),
            Load::Ready(_) if none => {
                let filtered = endpoint.with(Option::is_some) || chosen.with(|state| !state.is_empty());
                Shown::Nothing(filtered)
            }
            Load::Ready(_) => Shown::Rows,
        })
    });
    let again = Callback::new(move |()| first.again());
    view! {
        <div class="bar list-bar pv-filter">
            <Find label="Sessions of one device" placeholder="Endpoint name, exact" param="endpoint" busy=first.busy />
            <Select id="pv-session-state" label="State" value=chosen options=owned(&STATES) />
        </div>
        <section class="panel scroll" tabindex="0" aria-label="Bootstrap sessions">
            {move || match shown.get() {
                Shown::Loading => view! { <Skeleton lines=6 /> },
                Shown::Failed(words) => view! { <Trouble title="The sessions could not be read" text=words on_retry=again /> },
                Shown::Nothing(true) => view! { <Empty icon="filter" title="No session matches" text="No session of this device is in this state." /> },
                Shown::Nothing(false) => view! {
                    <Empty icon="key" title="No device was bootstrapped yet" text="When a device asks for its bootstrap, its session stands here at once and can be watched step by step." />
                },
                Shown::Rows => view! {
                    <table class="table stacked" aria-label="Bootstrap sessions">
                        <thead>
                            <tr>
                                <th scope="col">"Device"</th>
                                <th scope="col">"State"</th>
                                <th scope="col">"Configuration"</th>
                                <th scope="col">"Proved itself by"</th>
                                <th scope="col">"Began"</th>
                                <th scope="col" class="num">"Took"</th>
                                <th scope="col"><span class="visually-hidden">"Open"</span></th>
                            </tr>
                        </thead>
                        <tbody><For each=move || ids.get() key=|id| *id children=move |id| row(id, items) /></tbody>
                    </table>
                    <Show when=move || more.get()>
                        <p class="more"><Button busy=older_busy on_press=older>"Older sessions"</Button></p>
                    </Show>
                },
            }}
        </section>
    }
}

/// The sessions as they are kept here: what happened in each is told where it is shown alone.
fn known(sessions: Vec<SessionView>) -> Vec<Rc<SessionView>> {
    let known = |mut session: SessionView| {
        session.steps = Vec::new();
        Rc::new(session)
    };
    sessions.into_iter().map(known).collect()
}

fn row(id: u64, items: RwSignal<Vec<Rc<SessionView>>>) -> View {
    // As it is now; a session that is gone from the list stays what it was until its row is gone.
    let session = Memo::new(move |before: Option<&Option<Rc<SessionView>>>| {
        let now = items.with(|items| items.iter().find(|session| session.id == id).cloned());
        now.or_else(|| before.cloned().flatten())
    });
    let Some(first) = session.get_untracked() else {
        return View::Empty;
    };
    let endpoint = &*first.endpoint;
    let state = move || {
        session.get().map(|session| {
            let reason = session.reason.as_deref();
            let reason = reason.map(|reason| view! { <span class="muted block">{Text::from(reason)}</span> });
            view! { {state_badge(session.state)}{reason} }
        })
    };
    let configuration = move || Some(Text::from(session.get()?.configuration.as_deref()?));
    let took = move || super::took(&*session.get()?);
    let label = format!("Steps of session {id} of {endpoint}");
    view! {
        <tr data-row="">
            <td data-label="Device" class="wrap"><a class="mono link" href=device_href(endpoint)>{Text::from(endpoint)}</a></td>
            <td data-label="State" class="wrap"><div>{state}</div></td>
            <td data-label="Configuration" class="mono wrap">{configuration}</td>
            <td data-label="Proved itself by">{security(&first.security)}</td>
            <td data-label="Began">{ago(first.started_at)}</td>
            <td data-label="Took" class="num">{took}</td>
            <td class="row-actions"><a class="btn s" href=href(id) aria-label=label>"Steps"</a></td>
        </tr>
    }
}
