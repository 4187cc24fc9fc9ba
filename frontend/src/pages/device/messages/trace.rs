//! The datagrams of the device: those the server remembers, then those that pass.

use super::super::store::Device;
use super::ladder::{self, Ladder, Rung};
use crate::dom::prelude::*;
use crate::routing::Router;
use shared::api::{TraceList, TraceRecord};
use shared::live::{ServerFrame, Topic};
use std::rc::Rc;

/// The newest messages that the page keeps.
const KEPT: usize = 1500;
/// How many of them are drawn: what is older is found with the filter.
const DRAWN: usize = 400;

/// A datagram with what the ladder says of it.
#[derive(Debug)]
pub(super) struct Message {
    pub(super) record: Rc<TraceRecord>,
    pub(super) rung: Rung,
}

/// A message and whether it continues the exchange of the one above, and goes on below.
#[derive(Debug, Clone)]
pub(super) struct Shown {
    pub(super) message: Rc<Message>,
    pub(super) joins_above: bool,
    pub(super) joins_below: bool,
}

/// A message does not change once it is there.
impl PartialEq for Shown {
    fn eq(&self, other: &Shown) -> bool {
        Rc::ptr_eq(&self.message, &other.message)
            && (self.joins_above, self.joins_below) == (other.joins_above, other.joins_below)
    }
}

/// How far the page is with what the server remembers: it is here, on its way, or cannot be had.
type Reading = Result<(), Option<String>>;

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
    pub(super) selected: RwSignal<Option<Rc<Message>>>,
    kept: StoredValue<Kept>,
    changed: Trigger,
}

impl Trace {
    pub(super) fn follow(device: Device) -> Trace {
        let router = expect_context::<Router>();
        let kind = router.param("kind");
        let kind = Memo::new(move |_| kind.get().unwrap_or_default());
        let filter = router.param("filter");
        let filter = Memo::new(move |_| crate::words::lower(filter.get().unwrap_or_default().trim()));
        let kept = StoredValue::new(Kept::default());
        let changed = Trigger::new();
        let shown = Memo::new(move |_| {
            changed.track();
            let (filter, kind) = (filter.get(), kind.get());
            kept.with_value(|kept| kept.shown(&filter, &kind))
        });
        let trace = Trace {
            reading: RwSignal::new(Err(None)),
            shown,
            filter,
            kind,
            following: RwSignal::new(true),
            paused: RwSignal::new(false),
            held: RwSignal::new(0),
            selected: RwSignal::new(None),
            kept,
            changed,
        };
        // The server begins with a resync, so that what it remembers is read once nothing is missed any more.
        let topic = Topic::Trace {
            endpoint: device.endpoint(),
        };
        let receive = move |frame| trace.receive(device, frame);
        // Kept as long as the tab.
        StoredValue::new(device.feed().subscribe(topic, receive));
        trace
    }

    fn receive(self, device: Device, frame: ServerFrame) {
        if self.reading.is_disposed() {
            return;
        }
        match frame {
            ServerFrame::Trace { records, .. } => {
                let count = self.kept.try_update_value(|kept| kept.receive(records));
                self.tell(count);
            }
            ServerFrame::Refused { message, .. } => self.reading.set(Err(Some(message))),
            ServerFrame::Resync { .. } => self.load(device),
            _ => {}
        }
    }

    /// Asks for what the server remembers. What comes meanwhile stays.
    pub(super) fn load(self, device: Device) {
        self.kept.update_value(|kept| kept.meanwhile = Some(Vec::new()));
        device
            .get::<TraceList>("/trace?limit=400")
            .then(move |answer| match answer {
                _ if self.reading.is_disposed() => {}
                Ok(list) => {
                    let count = self.kept.try_update_value(|kept| kept.begin(list.items));
                    self.tell(count);
                    self.reading.set(Ok(()));
                }
                Err(failure) => {
                    self.kept.update_value(|kept| kept.meanwhile = None);
                    self.reading.set(Err(Some(failure.to_string())));
                }
            });
    }

    fn tell(self, count: Option<usize>) {
        let count = count.unwrap_or(0);
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

/// What the page has of the trace.
#[derive(Default)]
struct Kept {
    messages: Vec<Rc<Message>>,
    ladder: Ladder,
    /// What came while the server was asked for what it remembers.
    meanwhile: Option<Vec<Rc<TraceRecord>>>,
}

impl Kept {
    /// Begins anew with what the server remembers, then what came meanwhile. Returns how many there are.
    fn begin(&mut self, records: Vec<TraceRecord>) -> usize {
        let came = self.meanwhile.take().unwrap_or_default();
        self.messages.clear();
        self.ladder = Ladder::default();
        self.add(records.into_iter().map(Rc::new).collect());
        self.add(came);
        self.messages.len()
    }

    /// What the feed brings. Returns how many are new.
    fn receive(&mut self, records: Vec<TraceRecord>) -> usize {
        let records: Vec<Rc<TraceRecord>> = records.into_iter().map(Rc::new).collect();
        if let Some(meanwhile) = &mut self.meanwhile {
            meanwhile.extend_from_slice(&records);
        }
        self.add(records)
    }

    #[inline(never)]
    fn add(&mut self, records: Vec<Rc<TraceRecord>>) -> usize {
        let mut count = 0;
        for record in records {
            // What was read once may come on the feed again. Ids of different shards are not in order.
            if self.messages.iter().any(|known| known.record.id == record.id) {
                continue;
            }
            let rung = self.ladder.next(&record);
            self.messages.push(Rc::new(Message { record, rung }));
            count += 1;
        }
        let surplus = self.messages.len().saturating_sub(KEPT);
        self.messages.drain(..surplus);
        count
    }

    /// The newest that fit, with which neighbours belong to one exchange.
    fn shown(&self, filter: &str, kind: &str) -> Vec<Shown> {
        let mut shown: Vec<Shown> = Vec::new();
        for message in self.messages.iter().rev() {
            if shown.len() == DRAWN {
                break;
            }
            if !ladder::is_of(&message.record, kind)
                || !ladder::matches(&message.record, &message.rung, filter)
            {
                continue;
            }
            let below = shown.last_mut();
            let joins_below = below.is_some_and(|below| {
                below.joins_above = below.message.rung.exchange == message.rung.exchange;
                below.joins_above
            });
            shown.push(Shown {
                message: Rc::clone(message),
                joins_above: false,
                joins_below,
            });
        }
        shown.reverse();
        shown
    }
}
