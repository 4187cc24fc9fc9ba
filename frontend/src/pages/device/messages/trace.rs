//! The datagrams of the device: those the server remembers, then those that pass.

use super::super::store::Device;
use super::ladder::{self, Ladder, Rung};
use crate::dom::prelude::*;
use crate::live::Subscription;
use crate::routing::Router;
use shared::api::{TraceList, TraceRecord};
use shared::live::{ServerFrame, Topic};
use std::collections::VecDeque;
use std::sync::Arc;

/// The newest messages that the page keeps.
const KEPT: usize = 1500;
/// How many of them are drawn: what is older is found with the filter.
const DRAWN: usize = 400;

/// A datagram with what the ladder says of it.
#[derive(Debug, PartialEq)]
pub(super) struct Message {
    pub(super) record: TraceRecord,
    pub(super) rung: Rung,
}

/// A message and whether it continues the exchange of the one above, and goes on below.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Shown {
    pub(super) message: Arc<Message>,
    pub(super) joins_above: bool,
    pub(super) joins_below: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Reading {
    Loading,
    Ready,
    Failed(String),
}

/// Found with `expect_context::<Trace>()` by the parts of the tab.
#[derive(Clone, Copy)]
pub(super) struct Trace {
    pub(super) reading: RwSignal<Reading>,
    pub(super) shown: Memo<Vec<Shown>>,
    /// Lower case; empty shows everything.
    pub(super) filter: Memo<String>,
    /// One of the kinds of the toolbar; empty shows all.
    pub(super) kind: Memo<String>,
    pub(super) following: RwSignal<bool>,
    pub(super) paused: RwSignal<bool>,
    /// How many came while paused.
    pub(super) held: RwSignal<usize>,
    pub(super) selected: RwSignal<Option<Arc<Message>>>,
    messages: StoredValue<VecDeque<Arc<Message>>>,
    ladder: StoredValue<Ladder>,
    /// What came while the server was asked for what it remembers.
    meanwhile: StoredValue<Option<Vec<TraceRecord>>>,
    changed: Trigger,
    subscription: StoredValue<Option<Subscription>>,
}

impl Trace {
    pub(super) fn follow(device: Device) -> Trace {
        let router = expect_context::<Router>();
        let kind = router.param("kind");
        let kind = Memo::new(move |_| kind.get().unwrap_or_default());
        let filter = router.param("filter");
        let filter = Memo::new(move |_| crate::words::lower(filter.get().unwrap_or_default().trim()));
        let messages: StoredValue<VecDeque<Arc<Message>>> = StoredValue::new(VecDeque::new());
        let changed = Trigger::new();
        let shown = Memo::new(move |_| {
            changed.track();
            let (filter, kind) = (filter.get(), kind.get());
            messages.with_value(|messages| {
                let fits = |message: &&Arc<Message>| {
                    ladder::is_of(&message.record, &kind)
                        && ladder::matches(&message.record, &message.rung, &filter)
                };
                let mut newest: Vec<&Arc<Message>> = messages.iter().rev().filter(fits).take(DRAWN).collect();
                newest.reverse();
                joined(&newest)
            })
        });
        let trace = Trace {
            reading: RwSignal::new(Reading::Loading),
            shown,
            filter,
            kind,
            following: RwSignal::new(true),
            paused: RwSignal::new(false),
            held: RwSignal::new(0),
            selected: RwSignal::new(None),
            messages,
            ladder: StoredValue::new(Ladder::default()),
            meanwhile: StoredValue::new(None),
            changed,
            subscription: StoredValue::new(None),
        };
        trace.subscribe(device);
        trace
    }

    /// Asks for what the server remembers. What comes meanwhile stays.
    pub(super) fn load(self, device: Device) {
        self.meanwhile.set_value(Some(Vec::new()));
        crate::reactive::spawn_local(async move {
            let answer = device.get::<TraceList>("/trace?limit=400").await;
            if self.reading.is_disposed() {
                return;
            }
            let mut came = None;
            self.meanwhile.update_value(|meanwhile| came = meanwhile.take());
            match answer {
                Ok(list) => {
                    self.messages.update_value(VecDeque::clear);
                    self.ladder.set_value(Ladder::default());
                    self.add(list.items);
                    self.add(came.unwrap_or_default());
                    self.reading.set(Reading::Ready);
                }
                Err(failure) => self.reading.set(Reading::Failed(failure.to_string())),
            }
        });
    }

    /// Follows what comes. The server begins with a resync, so that what it remembers is read once nothing is missed any more.
    fn subscribe(self, device: Device) {
        let topic = Topic::Trace {
            endpoint: device.endpoint(),
        };
        let receive = move |frame| match frame {
            _ if self.reading.is_disposed() => {}
            ServerFrame::Trace { records, .. } => {
                self.meanwhile.update_value(|meanwhile| {
                    if let Some(meanwhile) = meanwhile {
                        meanwhile.extend(records.iter().cloned());
                    }
                });
                self.add(records);
            }
            ServerFrame::Refused { message, .. } => self.reading.set(Reading::Failed(message)),
            ServerFrame::Resync { .. } => self.load(device),
            _ => {}
        };
        self.subscription
            .set_value(Some(device.feed().subscribe(topic, receive)));
    }

    fn add(self, records: Vec<TraceRecord>) {
        let mut count = 0;
        self.messages.update_value(|messages| {
            self.ladder.update_value(|ladder| {
                for record in records {
                    // What was read once may come on the feed again. Ids of different shards are not in order.
                    if messages.iter().rev().any(|known| known.record.id == record.id) {
                        continue;
                    }
                    let rung = ladder.next(&record);
                    messages.push_back(Arc::new(Message { record, rung }));
                    count += 1;
                }
            });
            let surplus = messages.len().saturating_sub(KEPT);
            messages.drain(..surplus);
        });
        if self.paused.get_untracked() {
            self.held.update(|held| *held += count);
        } else if count > 0 {
            self.changed.notify();
        }
    }

    pub(super) fn pause(self, paused: bool) {
        self.paused.set(paused);
        if !paused {
            self.held.set(0);
            self.changed.notify();
        }
    }
}

/// Notes which neighbours belong to one exchange.
fn joined(messages: &[&Arc<Message>]) -> Vec<Shown> {
    let exchange = |index: Option<usize>| Some(messages.get(index?)?.rung.exchange);
    messages
        .iter()
        .enumerate()
        .map(|(index, message)| Shown {
            message: Arc::clone(message),
            joins_above: exchange(index.checked_sub(1)) == Some(message.rung.exchange),
            joins_below: exchange(Some(index + 1)) == Some(message.rung.exchange),
        })
        .collect()
}
