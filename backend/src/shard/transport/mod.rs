//! The ways by which datagrams come and go. What is on top of them knows peers only.

mod socket;

pub(super) use socket::bind;

use super::Peer;
use std::io;
use std::net::SocketAddr;
use tokio::net::UdpSocket;

/// The sockets of a shard.
#[derive(Debug)]
pub(super) struct Transports {
    udp: UdpSocket,
}

impl Transports {
    pub(super) const fn new(udp: UdpSocket) -> Transports {
        Transports { udp }
    }

    /// Waits until there may be something to receive.
    pub(super) async fn readable(&self) -> io::Result<()> {
        self.udp.readable().await
    }

    /// The next datagram without security.
    ///
    /// # Errors
    /// [`io::ErrorKind::WouldBlock`] if there is none; or what the system says of an earlier datagram.
    pub(super) fn receive(&self, buffer: &mut [u8]) -> io::Result<(usize, SocketAddr)> {
        self.udp.try_recv_from(buffer)
    }

    /// Sends a message to a peer.
    ///
    /// # Errors
    /// What the system says; the message is lost then.
    pub(super) fn send(&mut self, peer: Peer, message: &[u8]) -> io::Result<()> {
        match peer {
            Peer::Udp(address) => self.udp.try_send_to(message, address).map(drop),
        }
    }

    /// The address that a peer has at the moment.
    pub(super) fn address(&self, peer: Peer) -> Option<SocketAddr> {
        match peer {
            Peer::Udp(address) => Some(address),
        }
    }
}
