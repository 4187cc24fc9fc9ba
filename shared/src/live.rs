//! The live feed: what travels over `/ws` between the server and a page.
//!
//! Frames are postcard, or JSON with `?codec=json`. The first frame each way is a Hello; a page whose build differs
//! from the server's reloads itself. The page subscribes to topics and resumes each from a sequence number. A page
//! that cannot keep up loses frames, never delays a device: it is told to [`ServerFrame::Resync`] and reads the state
//! by REST. Variants are only ever appended.

use crate::Timestamp;
use crate::api::{DeviceRow, FleetSummary, TraceRecord};
use crate::bootstrap::SessionView;
use crate::compact::Compact;
use crate::event::Event;
use serde::{Deserialize, Serialize};

/// Raised when a frame changes its meaning.
pub const PROTOCOL: u16 = 1;

/// What a page sends.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Compact)]
pub enum ClientFrame {
    Hello {
        protocol: u16,
        build: String,
    },
    /// `id` is chosen by the page and names the subscription in every frame that answers it.
    Subscribe {
        id: u32,
        topic: Topic,
    },
    Unsubscribe {
        id: u32,
    },
}

/// What a page can watch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Compact)]
pub enum Topic {
    /// The visible rows of a device list. Brings [`ServerFrame::Rows`] for these endpoints and
    /// [`ServerFrame::ListChanged`] when devices came, went or changed state.
    Devices { endpoints: Vec<String> },
    /// Everything that happens to one device after `since`.
    Device { endpoint: String, since: u64 },
    /// The datagrams of one device from now on. A resync comes first: what is read by REST then ends where this begins.
    Trace { endpoint: String },
    /// The fleet in numbers.
    Fleet,
    /// Bootstrap sessions. With a session: that one whole, at once and whenever it changes. Without: each one that
    /// changes from now on, with its last step only.
    Bootstrap { session: Option<u64> },
    /// Who else has the page of a device open. Whoever asks is told to the others.
    Presence { endpoint: String },
    /// The devices that wait to be let in, and the imports. Brings [`ServerFrame::ProvisioningChanged`].
    Provisioning,
}

/// What the server sends.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Compact)]
pub enum ServerFrame {
    Hello {
        protocol: u16,
        build: String,
        sequence: u64,
        now: Timestamp,
    },
    Rows {
        id: u32,
        rows: Vec<DeviceRow>,
        sequence: u64,
    },
    /// Rows may have to be inserted, removed or sorted anew: read the page of the list again.
    ListChanged {
        id: u32,
        sequence: u64,
    },
    Events {
        id: u32,
        events: Vec<Event>,
    },
    Trace {
        id: u32,
        records: Vec<TraceRecord>,
    },
    Fleet {
        id: u32,
        summary: FleetSummary,
    },
    /// Frames of this subscription were lost, or the sequence number is too old: read the state by REST, then
    /// subscribe again from what it says.
    Resync {
        id: u32,
        sequence: u64,
    },
    /// The subscription cannot be served.
    Refused {
        id: u32,
        message: String,
    },
    /// Sent every 10 s, so that both sides notice a dead connection and the page knows the server's clock.
    Heartbeat {
        sequence: u64,
        now: Timestamp,
    },
    /// Bootstrap sessions as they are now, oldest first.
    Bootstrap {
        id: u32,
        sessions: Vec<SessionView>,
    },
    /// The names of others who have the page of the device open, at most 20; nobody before the first.
    Presence {
        id: u32,
        names: Vec<String>,
    },
    /// A device came to the waiting list, asked again or left it, or an import went on: read it by REST.
    ProvisioningChanged {
        id: u32,
    },
}

/// Why bytes are not a frame.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a frame of the live feed: {0}")]
pub struct FrameError(String);

/// A frame as postcard.
pub fn encode<T: Serialize>(frame: &T) -> Result<Vec<u8>, FrameError> {
    postcard::to_allocvec(frame).map_err(|error| FrameError(error.to_string()))
}

/// The frame in these bytes of postcard.
pub fn decode<'a, T: Deserialize<'a>>(bytes: &'a [u8]) -> Result<T, FrameError> {
    postcard::from_bytes(bytes).map_err(|error| FrameError(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_keep_their_bytes() {
        let hello = ClientFrame::Hello {
            protocol: 1,
            build: "x".into(),
        };
        assert_eq!(encode(&hello), Ok(vec![0, 1, 1, b'x']));
        let device = ClientFrame::Subscribe {
            id: 7,
            topic: Topic::Device {
                endpoint: "ab".into(),
                since: 300,
            },
        };
        assert_eq!(encode(&device), Ok(vec![1, 7, 1, 2, b'a', b'b', 0xac, 0x02]));
        assert_eq!(
            decode::<ClientFrame>(&[1, 7, 1, 2, b'a', b'b', 0xac, 0x02]),
            Ok(device)
        );
    }
}
