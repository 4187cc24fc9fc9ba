//! What the page watches, and from where each watch resumes. Pure: frames in, frames out.

use shared::live::{ClientFrame, ServerFrame, Topic};
use shared::sorted::SortedMap;

/// The running subscriptions by the number that the page gave them.
#[derive(Debug, Default)]
pub(crate) struct Subscriptions {
    topics: SortedMap<u32, Topic>,
    last_id: u32,
}

impl Subscriptions {
    /// Remembers a topic and gives it a number that was never used before.
    pub(crate) fn add(&mut self, topic: Topic) -> u32 {
        self.last_id += 1;
        self.topics.insert(self.last_id, topic);
        self.last_id
    }

    pub(crate) fn remove(&mut self, id: u32) {
        self.topics.remove(&id);
    }

    /// The frame that asks for a subscription, if it is still wanted.
    pub(crate) fn request(&self, id: u32) -> Option<ClientFrame> {
        let topic = self.topics.get(&id)?.clone();
        Some(ClientFrame::Subscribe { id, topic })
    }

    /// Everything to ask for on a new connection.
    pub(crate) fn requests(&self) -> Vec<ClientFrame> {
        self.topics.keys().filter_map(|id| self.request(*id)).collect()
    }

    /// The subscriptions that missed something while there was no connection: all but those that the server replays.
    pub(crate) fn without_replay(&self) -> Vec<u32> {
        let replayed = |topic: &Topic| matches!(topic, Topic::Device { .. });
        self.topics
            .iter()
            .filter(|(_, topic)| !replayed(topic))
            .map(|(id, _)| *id)
            .collect()
    }

    /// Notes how far a frame brings its subscription, so that it resumes from there. False for a frame that nobody
    /// waits for, and for events that were delivered before.
    pub(crate) fn advance(&mut self, frame: &mut ServerFrame) -> bool {
        let Some(topic) = frame_id(frame).and_then(|id| self.topics.get_mut(&id)) else {
            return false;
        };
        if let (ServerFrame::Events { events, .. }, Topic::Device { since, .. }) = (frame, topic) {
            events.retain(|event| event.sequence > *since);
            match events.last() {
                Some(last) => *since = last.sequence,
                None => return false,
            }
        }
        true
    }
}

/// Which subscription a frame answers.
pub(crate) const fn frame_id(frame: &ServerFrame) -> Option<u32> {
    match frame {
        ServerFrame::Rows { id, .. }
        | ServerFrame::ListChanged { id, .. }
        | ServerFrame::Events { id, .. }
        | ServerFrame::Trace { id, .. }
        | ServerFrame::Fleet { id, .. }
        | ServerFrame::Bootstrap { id, .. }
        | ServerFrame::Resync { id, .. }
        | ServerFrame::Refused { id, .. }
        | ServerFrame::Presence { id, .. }
        | ServerFrame::ProvisioningChanged { id } => Some(*id),
        ServerFrame::Hello { .. } | ServerFrame::Heartbeat { .. } => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::Timestamp;
    use shared::event::{Event, EventKind};

    fn events(id: u32, sequences: &[u64]) -> ServerFrame {
        let event = |sequence: &u64| Event {
            sequence: *sequence,
            at: Timestamp(0),
            endpoint: "a".into(),
            kind: EventKind::Late,
        };
        ServerFrame::Events {
            id,
            events: sequences.iter().map(event).collect(),
        }
    }

    #[test]
    fn a_device_resumes_after_the_last_event_and_sees_none_twice() {
        let mut subscriptions = Subscriptions::default();
        let id = subscriptions.add(Topic::Device {
            endpoint: "a".into(),
            since: 5,
        });
        let mut frame = events(id, &[5, 6, 9]);
        assert!(subscriptions.advance(&mut frame));
        assert_eq!(frame, events(id, &[6, 9]));
        assert!(!subscriptions.advance(&mut events(id, &[9])));
        let resumed = Topic::Device {
            endpoint: "a".into(),
            since: 9,
        };
        assert_eq!(
            subscriptions.requests(),
            [ClientFrame::Subscribe { id, topic: resumed }]
        );
        assert!(subscriptions.without_replay().is_empty());
    }

    #[test]
    fn frames_of_an_ended_subscription_go_nowhere() {
        let mut subscriptions = Subscriptions::default();
        let id = subscriptions.add(Topic::Fleet);
        assert_eq!(subscriptions.without_replay(), [id]);
        subscriptions.remove(id);
        assert!(!subscriptions.advance(&mut ServerFrame::ListChanged { id, sequence: 1 }));
        assert_ne!(subscriptions.add(Topic::Fleet), id);
    }
}
