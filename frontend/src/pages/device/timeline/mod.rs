//! The Timeline tab: what happened to the device, on one axis with its signal, battery and round trip ([`plots`]), and as
//! a list, newest first.

mod plots;
pub(super) mod words;

use super::store::Device;
use crate::clock::{exact, local};
use crate::dom::prelude::*;
use crate::routing::Router;
use crate::ui::{Button, Empty, Icon, Tone, shown};
use shared::api::EventList;
use shared::event::{Event, EventKind};
use shared::sorted::SortedMap;
use std::rc::Rc;
use words::{GROUPS, Told, group_of, kinds_of};

/// The most events that the page keeps; what is older is loaded again when it is asked for.
const KEPT: usize = 2000;
/// Values come many a minute and are told by the Objects and Live tabs; here they are shown on request.
const USUAL: &str = "registration,bootstrap,operations,observations,security,reachability,other";

/// How far the page is with the events: they are here, on their way, or cannot be had.
type Reading = Result<(), Option<String>>;

/// The events of the device, by REST and by the feed.
#[derive(Debug, Clone, Copy)]
struct History {
    events: RwSignal<SortedMap<u64, Rc<Event>>>,
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
            reading: RwSignal::new(Err(None)),
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
        let mut fresh = Vec::new();
        device.events().with_untracked(|events| {
            self.events.with_untracked(|known| {
                for event in events {
                    if !known.contains_key(&event.sequence) && self.wants(group_of(&event.kind)) {
                        fresh.push(Rc::clone(event));
                    }
                }
            });
        });
        if !fresh.is_empty() {
            self.add(fresh);
        }
    }

    fn add(self, events: Vec<Rc<Event>>) {
        self.events.update(|known| {
            for event in events {
                known.insert(event.sequence, event);
            }
            while known.len() > KEPT {
                known.pop_first();
            }
        });
    }

    /// Whether events of this group are shown.
    fn wants(self, group: &str) -> bool {
        self.groups
            .with_untracked(|groups| groups.iter().any(|known| known == group))
    }

    fn load(self, device: Device, before: Option<u64>) {
        let kinds = kinds_of(&|group| self.wants(group));
        let mut asked = "/events?limit=100&kinds=".to_owned() + &kinds;
        if let Some(sequence) = before {
            asked += &format!("&before={sequence}");
        }
        self.busy.set(true);
        device.get::<EventList>(&asked).then(move |answer| {
            if self.busy.is_disposed() || kinds_of(&|group| self.wants(group)) != kinds {
                return;
            }
            self.busy.set(false);
            match answer {
                Ok(list) => {
                    self.next.set(list.next);
                    self.add(list.items.into_iter().map(Rc::new).collect());
                    self.reading.set(Ok(()));
                }
                Err(failure) => self.reading.set(Err(Some(failure.to_string()))),
            }
        });
    }
}

#[component]
pub(super) fn Timeline() -> impl IntoView {
    let device = expect_context::<Device>();
    let history = History::follow(device);
    let retry = Callback::new(move |()| history.load(device, None));
    let read = move || {
        history
            .reading
            .get()
            .map(|()| view! { <Events history=history /> })
    };
    view! {
        <plots::Plots />
        <Kinds history=history />
        {shown(8, "The timeline cannot be shown", retry, Box::new(read))}
    }
}

/// Which kinds of events are shown.
#[component]
fn Kinds(history: History) -> impl IntoView {
    let router = expect_context::<Router>();
    let toggle = move |slug: &'static str, on: bool| {
        let mut groups: Vec<&str> = Vec::new();
        for (group, ..) in &GROUPS {
            let shown = if *group == slug { on } else { history.wants(group) };
            if shown {
                groups.push(group);
            }
        }
        let text = if groups.is_empty() {
            "none".into()
        } else {
            groups.join(",")
        };
        router.set_params(&[("kinds", (text != USUAL).then_some(text.as_str()))], false);
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
                children=move |sequence| history.events.with_untracked(|events| events.get(&sequence).map(|event| line(event)))
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
        <li class=["happening tone-", tone.class()].concat() class:refused=refused>
            <time class="mono" datetime=event.at.to_string() data-tip=exact(event.at)>{time}</time>
            <Icon name=icon />
            <div>
                <p class="headline">{headline}</p>
                {more.map(|more| view! { <p class="more">{more}</p> })}
            </div>
        </li>
    }
}
