//! Who sends and gets messages, and by which way.

use std::fmt;
use std::net::SocketAddr;

/// The other side of CoAP exchanges: what an answer is matched by and what a registration is bound to.
///
/// Without security that is an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Peer {
    /// CoAP over UDP without security.
    Udp(SocketAddr),
}

/// For the log.
impl fmt::Display for Peer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Peer::Udp(address) => address.fmt(f),
        }
    }
}
