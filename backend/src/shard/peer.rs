//! Who sends and gets messages, and by which way.

use crate::registry::DeviceNumber;
use shared::api::Transport;
use std::fmt;
use std::net::SocketAddr;

/// The other side of CoAP exchanges: what an answer is matched by and what a registration is bound to.
///
/// Without security that is an address, over DTLS the session, whatever address that has, over a stream the connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Peer {
    /// CoAP over UDP without security.
    Udp(SocketAddr),
    /// CoAP over DTLS.
    Dtls(Session),
    /// A device whose DTLS session ended: nothing can be sent to it until it has a new one.
    Away(DeviceNumber),
    /// CoAP over TCP or TLS.
    Stream(Stream),
}

/// A DTLS session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Session {
    /// The shard that has it; sessions do not move.
    pub(crate) shard: u16,
    pub(crate) id: dtls::SessionId,
}

/// One connection, which its address alone does not tell from the one before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Stream {
    pub(crate) address: SocketAddr,
    /// Counted by the shard that accepted it, from 1; 0 stands for one from before the server was restarted.
    pub(crate) number: u32,
    pub(crate) tls: bool,
}

impl Peer {
    /// A peer of a registration that the store gave back. One of a session is without it until that is taken up again.
    pub(crate) fn restored(device: DeviceNumber, transport: Transport, address: SocketAddr) -> Peer {
        let stream = |tls| Stream {
            address,
            number: 0,
            tls,
        };
        match transport {
            Transport::Udp => Peer::Udp(address),
            Transport::Dtls => Peer::Away(device),
            Transport::Tcp => Peer::Stream(stream(false)),
            Transport::Tls => Peer::Stream(stream(true)),
        }
    }

    pub(crate) const fn transport(self) -> Transport {
        match self {
            Peer::Udp(_) => Transport::Udp,
            Peer::Dtls(_) | Peer::Away(_) => Transport::Dtls,
            Peer::Stream(Stream { tls: false, .. }) => Transport::Tcp,
            Peer::Stream(Stream { tls: true, .. }) => Transport::Tls,
        }
    }

    pub(crate) const fn is_stream(self) -> bool {
        matches!(self, Peer::Stream(_))
    }

    /// Whether it is a DTLS session, or was.
    pub(crate) const fn is_session(self) -> bool {
        matches!(self, Peer::Dtls(_) | Peer::Away(_))
    }
}

/// For the log.
impl fmt::Display for Peer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Peer::Udp(address) => address.fmt(f),
            Peer::Dtls(session) => write!(f, "session {:?} of shard {}", session.id, session.shard),
            Peer::Away(device) => write!(f, "device {} without its session", device.0),
            Peer::Stream(stream) => write!(f, "{} connection {}", stream.address, stream.number),
        }
    }
}
