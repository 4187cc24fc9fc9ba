//! Who sends and gets messages, and by which way.

use shared::api::Transport;
use std::fmt;
use std::net::SocketAddr;

/// The other side of CoAP exchanges: what an answer is matched by and what a registration is bound to.
///
/// Without security that is an address, over a stream it is the connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Peer {
    /// CoAP over UDP without security.
    Udp(SocketAddr),
    /// CoAP over TCP or TLS.
    Stream(Stream),
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
        }
    }

    pub(crate) const fn is_stream(self) -> bool {
        matches!(self, Peer::Stream(_))
    }
}

/// For the log.
impl fmt::Display for Peer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Peer::Udp(address) => address.fmt(f),
            Peer::Stream(stream) => write!(f, "{} connection {}", stream.address, stream.number),
        }
    }
}
