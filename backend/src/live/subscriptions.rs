//! What one page watches.

use super::bootstrap::Bootstrap;
use super::device::Device;
use super::fleet::Fleet;
use super::list::List;
use super::presence;
use super::provisioning::Provisioning;
use super::source::Source;
use super::trace::Trace;
use crate::core::Batch;
use shared::live::ServerFrame;
use std::collections::BTreeMap;
use std::task::{Context, Poll};
use std::time::Instant;

/// Subscriptions by the number the page gave them.
#[derive(Debug, Default)]
pub(super) struct Subscriptions {
    by_id: BTreeMap<u32, Subscription>,
}

#[derive(Debug)]
pub(super) enum Subscription {
    List(List),
    Device(Device),
    Trace(Trace),
    Fleet(Fleet),
    Bootstrap(Bootstrap),
    Presence(presence::Watch),
    Provisioning(Provisioning),
}

impl Subscriptions {
    /// A second subscription of the same number takes the place of the first.
    pub(super) fn insert(&mut self, id: u32, subscription: Subscription) {
        self.by_id.insert(id, subscription);
    }

    pub(super) fn remove(&mut self, id: u32) {
        self.by_id.remove(&id);
    }

    pub(super) fn has_room(&self, id: u32, most: usize) -> bool {
        self.by_id.len() < most || self.by_id.contains_key(&id)
    }

    pub(super) fn apply(&mut self, batch: &Batch) {
        for event in &batch.events {
            for subscription in self.by_id.values_mut() {
                match subscription {
                    Subscription::List(list) => list.apply(event),
                    Subscription::Device(device) => device.apply(event),
                    Subscription::Fleet(fleet) => fleet.apply(event),
                    Subscription::Trace(_)
                    | Subscription::Bootstrap(_)
                    | Subscription::Presence(_)
                    | Subscription::Provisioning(_) => {}
                }
            }
        }
    }

    /// Bootstrap sessions changed.
    pub(super) fn bootstraps_changed(&mut self) {
        for subscription in self.by_id.values_mut() {
            if let Subscription::Bootstrap(bootstrap) = subscription {
                bootstrap.changed();
            }
        }
    }

    /// The waiting list or an import changed.
    pub(super) fn provisioning_changed(&mut self) {
        for subscription in self.by_id.values_mut() {
            if let Subscription::Provisioning(provisioning) = subscription {
                provisioning.changed();
            }
        }
    }

    /// Events were missed: each subscription makes up for it, or will tell its page.
    pub(super) fn lagged(&mut self, source: &impl Source) {
        for subscription in self.by_id.values_mut() {
            match subscription {
                Subscription::List(list) => list.lagged(),
                Subscription::Device(device) => device.lagged(source),
                Subscription::Fleet(fleet) => fleet.lagged(),
                Subscription::Trace(_)
                | Subscription::Bootstrap(_)
                | Subscription::Presence(_)
                | Subscription::Provisioning(_) => {}
            }
        }
    }

    /// Somebody opened or closed the page of this device; `None` if it is not known which.
    pub(super) fn presence_changed(&mut self, endpoint: Option<&str>) {
        for subscription in self.by_id.values_mut() {
            if let Subscription::Presence(watch) = subscription {
                watch.changed(endpoint);
            }
        }
    }

    /// Ready when datagrams have come for a trace.
    pub(super) fn poll_traces(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let mut came = Poll::Pending;
        for subscription in self.by_id.values_mut() {
            if let Subscription::Trace(trace) = subscription
                && !trace.is_full()
                && trace.poll(context).is_ready()
            {
                came = Poll::Ready(());
            }
        }
        came
    }

    /// What there is to send. The subscription of a device that cannot go on says so with its last frame.
    pub(super) fn flush(&mut self, source: &impl Source, now: Instant) -> Vec<ServerFrame> {
        let mut frames = Vec::new();
        for (id, subscription) in &mut self.by_id {
            match subscription {
                Subscription::List(list) => frames.extend(list.flush(*id, source, now)),
                Subscription::Device(device) => frames.extend(device.flush(*id, source)),
                Subscription::Trace(trace) => frames.extend(trace.flush(*id, source.sequence())),
                Subscription::Fleet(fleet) => frames.extend(fleet.flush(*id, source, now)),
                Subscription::Bootstrap(bootstrap) => frames.extend(bootstrap.flush(*id, source)),
                Subscription::Presence(watch) => frames.extend(watch.flush(*id)),
                Subscription::Provisioning(provisioning) => frames.extend(provisioning.flush(*id, now)),
            }
        }
        self.by_id.retain(|_, subscription| match subscription {
            Subscription::Device(device) => !device.is_broken(),
            Subscription::List(_)
            | Subscription::Trace(_)
            | Subscription::Fleet(_)
            | Subscription::Bootstrap(_)
            | Subscription::Presence(_)
            | Subscription::Provisioning(_) => true,
        });
        frames
    }

    /// When there is something to flush.
    pub(super) fn due(&self, now: Instant) -> Option<Instant> {
        let due = |subscription: &Subscription| match subscription {
            Subscription::List(list) => list.due(now),
            Subscription::Device(device) => device.is_due().then_some(now),
            Subscription::Trace(trace) => trace.is_due().then_some(now),
            Subscription::Fleet(fleet) => fleet.due(now),
            Subscription::Bootstrap(bootstrap) => bootstrap.is_due().then_some(now),
            Subscription::Presence(watch) => watch.is_due().then_some(now),
            Subscription::Provisioning(provisioning) => provisioning.due(now),
        };
        self.by_id.values().filter_map(due).min()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::Told;
    use shared::Timestamp;
    use shared::api::{DeviceRow, FleetSummary};
    use shared::bootstrap::{SessionState, SessionView};
    use shared::event::{Event, EventKind};
    use std::cell::RefCell;
    use std::sync::Arc;
    use std::time::Duration;

    /// A core that remembers the events after `oldest`.
    #[derive(Default)]
    struct Memory {
        oldest: u64,
        events: RefCell<Vec<Arc<Told>>>,
        /// Bootstrap sessions with the number of their last change.
        sessions: RefCell<Vec<(SessionView, u64)>>,
    }

    impl Memory {
        fn happen(&self, sequence: u64, endpoint: &str, kind: EventKind) -> Batch {
            let event = Arc::new(Told::new(Event {
                sequence,
                at: Timestamp(0),
                endpoint: endpoint.into(),
                kind,
            }));
            self.events.borrow_mut().push(event.clone());
            Batch { events: vec![event] }
        }
    }

    impl Source for Memory {
        fn rows(&self, endpoints: &[String]) -> Vec<DeviceRow> {
            endpoints.iter().map(|endpoint| row(endpoint)).collect()
        }

        fn recent_events(&self, endpoint: &str, since: u64) -> Option<Vec<Arc<Told>>> {
            let events = self.events.borrow();
            let found = events
                .iter()
                .filter(|event| *event.endpoint == *endpoint && event.sequence > since);
            (since >= self.oldest).then(|| found.cloned().collect())
        }

        fn fleet(&self) -> FleetSummary {
            FleetSummary::default()
        }

        fn sequence(&self) -> u64 {
            self.events.borrow().last().map_or(0, |event| event.sequence)
        }

        fn bootstrap(&self, session: u64) -> Option<(SessionView, u64)> {
            let sessions = self.sessions.borrow();
            sessions.iter().find(|(view, _)| view.id == session).cloned()
        }

        fn changed_bootstraps(&self, after: u64, most: usize) -> (Vec<SessionView>, u64) {
            let sessions = self.sessions.borrow();
            let changed = sessions.iter().filter(|(_, change)| *change > after);
            let last = changed.clone().map(|(_, change)| *change).max();
            let views = changed.take(most).map(|(view, _)| view.clone());
            (views.collect(), last.unwrap_or(after))
        }
    }

    fn row(endpoint: &str) -> DeviceRow {
        DeviceRow {
            endpoint: endpoint.into(),
            label: None,
            state: shared::DeviceState::Online,
            manufacturer: None,
            model: None,
            firmware: None,
            last_seen: None,
            next_due: None,
            lifetime_ends: None,
            lifetime: None,
            version: None,
            queue_mode: false,
            security: None,
            pending: 0,
            tags: shared::sorted::SortedMap::new(),
            parent: None,
            battery: None,
            signal: None,
        }
    }

    fn refused() -> EventKind {
        EventKind::Refused {
            what: String::new(),
            code: None,
            reason: String::new(),
        }
    }

    /// The sequence numbers of all events in the frames.
    fn sequences(frames: &[ServerFrame]) -> Vec<u64> {
        let events = frames.iter().filter_map(|frame| match frame {
            ServerFrame::Events { events, .. } => Some(events),
            _ => None,
        });
        events.flatten().map(|event| event.sequence).collect()
    }

    fn watching(device: &str, since: u64, core: &Memory) -> Subscriptions {
        let mut subscriptions = Subscriptions::default();
        subscriptions.insert(1, Subscription::Device(Device::new(device.into(), since, core)));
        subscriptions
    }

    #[test]
    fn a_device_is_resumed_without_a_gap_and_without_a_repetition() {
        let core = Memory::default();
        core.happen(1, "a", refused());
        core.happen(2, "a", refused());
        core.happen(3, "b", refused());
        let raced = core.happen(4, "a", refused());
        let mut subscriptions = watching("a", 1, &core);
        // Was in the channel before the replay was read.
        subscriptions.apply(&raced);
        subscriptions.apply(&core.happen(5, "b", refused()));
        subscriptions.apply(&core.happen(6, "a", refused()));
        assert_eq!(sequences(&subscriptions.flush(&core, Instant::now())), [2, 4, 6]);
        assert_eq!(subscriptions.due(Instant::now()), None);
    }

    #[test]
    fn a_lag_is_made_up_for_from_memory() {
        let core = Memory::default();
        let mut subscriptions = watching("a", 0, &core);
        subscriptions.apply(&core.happen(1, "a", refused()));
        core.happen(2, "a", refused());
        subscriptions.lagged(&core);
        subscriptions.apply(&core.happen(3, "a", refused()));
        assert_eq!(sequences(&subscriptions.flush(&core, Instant::now())), [1, 2, 3]);
    }

    #[test]
    fn a_lag_that_memory_does_not_cover_ends_in_a_resync() {
        let mut core = Memory::default();
        let mut subscriptions = watching("a", 0, &core);
        subscriptions.apply(&core.happen(1, "a", refused()));
        core.happen(9, "a", refused());
        core.oldest = 5;
        subscriptions.lagged(&core);
        let frames = subscriptions.flush(&core, Instant::now());
        assert_eq!(frames, [ServerFrame::Resync { id: 1, sequence: 9 }]);
        subscriptions.apply(&core.happen(10, "a", refused()));
        assert!(
            subscriptions.flush(&core, Instant::now()).is_empty(),
            "the subscription is over"
        );
    }

    #[test]
    fn a_start_that_is_too_old_ends_in_a_resync() {
        let core = Memory {
            oldest: 5,
            ..Memory::default()
        };
        let frames = watching("a", 4, &core).flush(&core, Instant::now());
        assert_eq!(frames, [ServerFrame::Resync { id: 1, sequence: 0 }]);
    }

    #[test]
    fn a_flood_is_not_hoarded() {
        let core = Memory::default();
        let mut subscriptions = watching("a", 0, &core);
        for sequence in 1..=3000 {
            subscriptions.apply(&core.happen(sequence, "a", refused()));
        }
        let frames = subscriptions.flush(&core, Instant::now());
        assert_eq!(
            frames,
            [ServerFrame::Resync {
                id: 1,
                sequence: 3000
            }]
        );
    }

    #[test]
    fn rows_are_merged_and_the_list_is_told_twice_a_second() {
        let core = Memory::default();
        let mut subscriptions = Subscriptions::default();
        let window = vec!["a".into(), "b".into()];
        subscriptions.insert(1, Subscription::List(List::new(window)));
        let start = Instant::now();
        let rows = |frames: &[ServerFrame]| match frames.first() {
            Some(ServerFrame::Rows { rows, .. }) => {
                rows.iter().map(|row| row.endpoint.clone()).collect::<Vec<_>>()
            }
            _ => Vec::new(),
        };
        let told = |frames: &[ServerFrame]| {
            frames
                .iter()
                .any(|frame| matches!(frame, ServerFrame::ListChanged { .. }))
        };
        let frames = subscriptions.flush(&core, start);
        assert_eq!(
            (rows(&frames), told(&frames)),
            (vec!["a".into(), "b".into()], true),
            "a device may have come before the subscription did"
        );
        let start = start + Duration::from_millis(500);

        for sequence in 1..=50 {
            subscriptions.apply(&core.happen(sequence, "b", EventKind::Awake));
        }
        let frames = subscriptions.flush(&core, start);
        assert_eq!((rows(&frames), told(&frames)), (vec!["b".into()], true));

        subscriptions.apply(&core.happen(51, "elsewhere", EventKind::Late));
        let frames = subscriptions.flush(&core, start + Duration::from_millis(100));
        assert!(frames.is_empty(), "{frames:?}");
        assert_eq!(subscriptions.due(start), Some(start + Duration::from_millis(500)));
        assert!(told(
            &subscriptions.flush(&core, start + Duration::from_millis(500))
        ));
    }

    #[test]
    fn one_bootstrap_is_told_at_once_and_when_it_changes_and_all_when_they_change() {
        let core = Memory::default();
        let view = |id| SessionView {
            id,
            endpoint: format!("device-{id}"),
            address: String::new(),
            security: "none".into(),
            configuration: None,
            by_server: false,
            state: SessionState::Running,
            reason: None,
            started_at: Timestamp(0),
            ended_at: None,
            awaits: None,
            steps: Vec::new(),
        };
        core.sessions.borrow_mut().extend([(view(1), 1), (view(2), 2)]);
        let mut subscriptions = Subscriptions::default();
        subscriptions.insert(1, Subscription::Bootstrap(Bootstrap::new(Some(1), 2)));
        subscriptions.insert(2, Subscription::Bootstrap(Bootstrap::new(None, 2)));
        let told = |subscriptions: &mut Subscriptions| -> Vec<(u32, Vec<u64>)> {
            let frames = subscriptions.flush(&core, Instant::now());
            let told = frames.into_iter().map(|frame| match frame {
                ServerFrame::Bootstrap { id, sessions } => {
                    (id, sessions.iter().map(|view| view.id).collect())
                }
                other => panic!("{other:?}"),
            });
            told.collect()
        };
        assert_eq!(told(&mut subscriptions), [(1, vec![1])]);
        assert_eq!(subscriptions.due(Instant::now()), None);
        core.sessions.borrow_mut()[1].1 = 3;
        subscriptions.bootstraps_changed();
        assert_eq!(told(&mut subscriptions), [(2, vec![2])]);
        core.sessions.borrow_mut()[0].1 = 4;
        subscriptions.bootstraps_changed();
        assert_eq!(told(&mut subscriptions), [(1, vec![1]), (2, vec![1])]);
        subscriptions.bootstraps_changed();
        assert_eq!(told(&mut subscriptions), []);
    }

    #[test]
    fn a_subscription_of_the_same_number_takes_the_place_of_the_first() {
        let core = Memory::default();
        let mut subscriptions = watching("a", 0, &core);
        assert!(!subscriptions.has_room(2, 1) && subscriptions.has_room(1, 1));
        subscriptions.insert(1, Subscription::Fleet(Fleet::new()));
        let frames = subscriptions.flush(&core, Instant::now());
        assert!(matches!(frames.as_slice(), [ServerFrame::Fleet { id: 1, .. }]));
    }
}
