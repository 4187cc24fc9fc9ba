//! The Timeline tab: what happened to the device, on one axis with its signal, battery and round trip ([`plots`]), and as
//! a list, newest first.

mod plots;
pub(super) mod words;

use super::store::Device;
use crate::clock::{exact, local};
use crate::dom::prelude::*;
use crate::routing::Router;
use crate::ui::{Button, Empty, Icon, Skeleton, Tone, Trouble};
use shared::api::EventList;
use shared::event::{Event, EventKind};
use shared::sorted::SortedMap;
use words::{GROUPS, Told, group_of};

/// The most events that the page keeps; what is older is loaded again when it is asked for.
const KEPT: usize = 2000;
/// Values come many a minute and are told by the Objects and Live tabs; here they are shown on request.
const USUAL: &str = "registration,bootstrap,operations,observations,security,reachability,other";

#[derive(Debug, Clone, PartialEq, Eq)]
enum Reading {
    Loading,
    Ready,
    Failed(String),
}

/// The events of the device, by REST and by the feed.
#[derive(Debug, Clone, Copy)]
struct History {
    events: RwSignal<SortedMap<u64, Event>>,
    reading: RwSignal<Reading>,
    /// The sequence number before which more is to be had.
    next: RwSignal<Option<u64>>,
    busy: RwSignal<bool>,
    /// The groups that are shown.
    groups: Memo<Vec<String>>,
}

impl History {
    fn follow(device: Device) -> History {
        let wanted = expect_context::<Router>().param("kinds");
        let groups = Memo::new(move |_| {
            let text = wanted.get().unwrap_or_else(|| USUAL.into());
            text.split(',').map(str::to_owned).collect::<Vec<_>>()
        });
        let history = History {
            events: RwSignal::new(SortedMap::new()),
            reading: RwSignal::new(Reading::Loading),
            next: RwSignal::new(None),
            busy: RwSignal::new(false),
            groups,
        };
        // Another choice of kinds is another question to the server.
        Effect::new(move |_| {
            groups.track();
            history.events.update(SortedMap::clear);
            history.add_from_feed(device);
            history.load(device, None);
        });
        Effect::new(move |_| {
            device.events().track();
            history.add_from_feed(device);
        });
        history
    }

    fn add_from_feed(self, device: Device) {
        let fresh: Vec<Event> = device.events().with_untracked(|events| {
            self.events.with_untracked(|known| {
                events
                    .iter()
                    .filter(|event| !known.contains_key(&event.sequence) && self.wants(&event.kind))
                    .cloned()
                    .collect()
            })
        });
        if !fresh.is_empty() {
            self.add(fresh);
        }
    }

    fn add(self, events: Vec<Event>) {
        self.events.update(|known| {
            known.extend(events.into_iter().map(|event| (event.sequence, event)));
            while known.len() > KEPT {
                known.pop_first();
            }
        });
    }

    fn wants(self, kind: &EventKind) -> bool {
        self.groups
            .with_untracked(|groups| groups.iter().any(|group| group == group_of(kind)))
    }

    fn load(self, device: Device, before: Option<u64>) {
        let kinds: Vec<&str> = GROUPS
            .iter()
            .filter(|(slug, ..)| {
                self.groups
                    .with_untracked(|groups| groups.iter().any(|group| group == slug))
            })
            .flat_map(|(.., names)| names.iter().copied())
            .collect();
        let asked_for = self.groups.get_untracked();
        let before = before
            .map(|sequence| format!("&before={sequence}"))
            .unwrap_or_default();
        let asked = format!("/events?limit=100&kinds={}{before}", kinds.join(","));
        self.busy.set(true);
        crate::reactive::spawn_local(async move {
            let answer = device.get::<EventList>(&asked).await;
            if self.busy.is_disposed() || self.groups.get_untracked() != asked_for {
                return;
            }
            self.busy.set(false);
            match answer {
                Ok(list) => {
                    self.next.set(list.next);
                    self.add(list.items);
                    self.reading.set(Reading::Ready);
                }
                Err(failure) => self.reading.set(Reading::Failed(failure.to_string())),
            }
        });
    }
}

#[component]
pub(super) fn Timeline() -> impl IntoView {
    let device = expect_context::<Device>();
    let history = History::follow(device);
    view! {
        <plots::Plots />
        <Kinds history=history />
        {move || match history.reading.get() {
            Reading::Loading => view! { <Skeleton lines=8 /> },
            Reading::Failed(words) => {
                let retry = Callback::new(move |()| history.load(device, None));
                view! { <Trouble title="The timeline cannot be shown" text=words on_retry=retry /> }
            }
            Reading::Ready => view! { <Events history=history /> },
        }}
    }
}

/// Which kinds of events are shown.
#[component]
fn Kinds(history: History) -> impl IntoView {
    let router = expect_context::<Router>();
    let toggle = move |slug: &'static str, on: bool| {
        let mut groups = history.groups.get_untracked();
        groups.retain(|group| group != slug);
        if on {
            groups.push(slug.into());
        }
        let text: Vec<&str> = GROUPS
            .iter()
            .map(|(slug, ..)| *slug)
            .filter(|slug| groups.iter().any(|group| group == slug))
            .collect();
        let text = if text.is_empty() {
            "none".into()
        } else {
            text.join(",")
        };
        router.set_params(
            &[(
                "kinds",
                Some(&text).filter(|text| *text != USUAL).map(String::as_str),
            )],
            false,
        );
    };
    let choices = GROUPS.iter().map(|(slug, word, _)| {
        let on = move || history.groups.with(|groups| groups.iter().any(|group| group == slug));
        view! {
            <label class="chip" class:on=on>
                <input type="checkbox" prop:checked=on on:change=move |event| toggle(slug, event_target_checked(&event)) />
                {*word}
            </label>
        }
    });
    view! {
        <fieldset class="chips">
            <legend class="visually-hidden">"Kinds of events"</legend>
            {choices.collect_view()}
        </fieldset>
    }
}

#[component]
fn Events(history: History) -> impl IntoView {
    let device = expect_context::<Device>();
    let days = Memo::new(move |_| {
        history.events.with(|events| {
            let mut days: Vec<(i64, Vec<u64>)> = Vec::new();
            for event in events.values().rev() {
                let day = local(event.at).day_number;
                match days.last_mut() {
                    Some((known, list)) if *known == day => list.push(event.sequence),
                    _ => days.push((day, vec![event.sequence])),
                }
            }
            days
        })
    });
    let empty = Memo::new(move |_| days.with(Vec::is_empty));
    let older = Callback::new(move |()| history.load(device, history.next.get_untracked()));
    view! {
        <Show
            when=move || !empty.get()
            fallback=|| {
                view! { <Empty title="Nothing of that kind" text="No such event is known of this device. Choose more kinds above." icon="clock" /> }
            }
        >
            <div class="panel timeline">
                <For
                    each=move || days.get().into_iter().map(|(day, _)| day)
                    key=|day| *day
                    children=move |day| {
                        let list = Memo::new(move |_| {
                            days.with(|days| days.iter().find(|(known, _)| *known == day).map(|(_, list)| list.clone()).unwrap_or_default())
                        });
                        view! { <Day history=history list=list /> }
                    }
                />
            </div>
        </Show>
        <p class="bar older">
            {move || match history.next.get() {
                Some(_) => view! { <Button busy=history.busy on_press=older>"Load older"</Button> },
                None => view! { <span class="muted">"That is all that is kept."</span> },
            }}
        </p>
    }
}

#[component]
fn Day(history: History, list: Memo<Vec<u64>>) -> impl IntoView {
    let first = list.get_untracked().first().copied();
    let date = first.and_then(|sequence| {
        history
            .events
            .with_untracked(|events| Some(local(events.get(&sequence)?.at).exact().get(..10)?.to_owned()))
    });
    view! {
        <h2 class="day">{date}</h2>
        <ol>
            <For
                each=move || list.get()
                key=|sequence| *sequence
                children=move |sequence| history.events.with_untracked(|events| events.get(&sequence).map(line))
            />
        </ol>
    }
}

fn line(event: &Event) -> View {
    let device = expect_context::<Device>();
    let Told { headline, more, tone } =
        words::tell(event, &|path| device.name(path), &|_, value| device.show(value));
    let icon = match (tone, &event.kind) {
        (Tone::Bad, _) => "cross",
        (Tone::Warning, _) => "warning",
        (_, EventKind::Operation { .. }) => "play",
        (_, EventKind::Values { .. }) => "chart",
        (_, EventKind::ObservationStarted { .. } | EventKind::ObservationEnded { .. }) => "eye",
        (_, EventKind::Asleep) => "sleep",
        (_, EventKind::Registered { .. } | EventKind::Awake) => "check",
        _ => "info",
    };
    let refused = matches!(event.kind, EventKind::Refused { .. });
    let time = local(event.at).time_of_day();
    view! {
        <li class=format!("happening tone-{}", tone.class()) class:refused=refused>
            <time class="mono" datetime=event.at.to_string() data-tip=exact(event.at)>{time}</time>
            <Icon name=icon />
            <div>
                <p class="headline">{headline}</p>
                {more.map(|more| view! { <p class="more">{more}</p> })}
            </div>
        </li>
    }
}
