//! Who sends and gets messages, and by which way.

use crate::registry::DeviceNumber;
use dtls::SessionId;
use shared::api::Transport;
use std::fmt;
use std::net::SocketAddr;

/// The other side of CoAP exchanges: what an answer is matched by and what a registration is bound to.
///
/// Without security that is an address, over a stream it is the connection. A DTLS session is the same peer wherever its
/// records come from, so that a device behind a NAT stays itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Peer {
    /// CoAP over UDP without security.
    Udp(SocketAddr),
    /// CoAP over TCP or TLS.
    Stream(Stream),
    /// CoAP over a DTLS session, which belongs to one shard.
    Dtls { shard: u16, session: SessionId },
    /// A device whose session did not outlive a restart: nothing can be sent to it until it comes back.
    Away(DeviceNumber),
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
    /// A peer of a registration that the store gave back.
    pub(crate) fn restored(transport: Transport, address: SocketAddr) -> Peer {
        let stream = |tls| Stream {
            address,
            number: 0,
            tls,
        };
        match transport {
            Transport::Udp | Transport::Dtls => Peer::Udp(address),
            Transport::Tcp => Peer::Stream(stream(false)),
            Transport::Tls => Peer::Stream(stream(true)),
        }
    }

    pub(crate) const fn transport(self) -> Transport {
        match self {
            Peer::Udp(_) => Transport::Udp,
            Peer::Stream(Stream { tls: false, .. }) => Transport::Tcp,
            Peer::Stream(Stream { tls: true, .. }) => Transport::Tls,
            Peer::Dtls { .. } | Peer::Away(_) => Transport::Dtls,
        }
    }

    pub(crate) const fn is_stream(self) -> bool {
        matches!(self, Peer::Stream(_))
    }

    /// What the other side can be asked over only as long as it lasts, and begins itself; nothing for an address, which is
    /// always there.
    pub(crate) const fn needs(self) -> Option<&'static str> {
        match self {
            Peer::Udp(_) => None,
            Peer::Stream(_) => Some("connection"),
            Peer::Dtls { .. } | Peer::Away(_) => Some("session"),
        }
    }

    /// Whether the other side has to have proven who it is.
    pub(crate) const fn is_secured(self) -> bool {
        matches!(self, Peer::Dtls { .. } | Peer::Away(_))
    }
}

/// For the log.
impl fmt::Display for Peer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Peer::Udp(address) => address.fmt(f),
            Peer::Stream(stream) => write!(f, "{} connection {}", stream.address, stream.number),
            Peer::Dtls { shard, session } => write!(f, "DTLS session {shard}/{session:?}"),
            Peer::Away(device) => write!(f, "device {} without a session", device.0),
        }
    }
}
