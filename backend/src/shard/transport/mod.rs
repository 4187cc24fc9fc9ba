//! The ways by which messages and connections come and go. What is on top of them knows peers only.

mod connection;
mod limits;
mod secure;
mod socket;
mod streams;
mod tcp;

pub(crate) use connection::{Arrival, NoConnection};
pub(crate) use limits::ConnectionLimits;
pub(super) use secure::Secure;
pub(crate) use secure::Strays;
pub(super) use socket::bind;
pub(crate) use streams::Streams;
pub(crate) use tcp::{Accept, listen};

use super::Peer;
use std::io;
use std::net::SocketAddr;
use tokio::net::UdpSocket;

/// The sockets of a shard for datagrams.
#[derive(Debug)]
pub(super) struct Transports {
    udp: Option<UdpSocket>,
    pub(super) secure: Option<Secure>,
}

impl Transports {
    pub(super) const fn new(udp: Option<UdpSocket>, secure: Option<Secure>) -> Transports {
        Transports { udp, secure }
    }

    /// Waits until the sockets are known to take datagrams; what was sent before could be lost.
    pub(super) async fn writable(&self) -> io::Result<()> {
        if let Some(udp) = &self.udp {
            udp.writable().await?;
        }
        match &self.secure {
            Some(secure) => secure.writable().await,
            None => Ok(()),
        }
    }

    /// Waits until there may be something to receive.
    pub(super) async fn readable(&self) -> io::Result<()> {
        let udp = async {
            match &self.udp {
                Some(udp) => udp.readable().await,
                None => std::future::pending().await,
            }
        };
        match &self.secure {
            None => udp.await,
            Some(secure) => tokio::select! {
                ready = udp => ready,
                ready = secure.readable() => ready,
            },
        }
    }

    /// The next datagram without security.
    ///
    /// # Errors
    /// [`io::ErrorKind::WouldBlock`] if there is none; or what the system says of an earlier datagram.
    pub(super) fn receive(&self, buffer: &mut [u8]) -> io::Result<(usize, SocketAddr)> {
        match &self.udp {
            Some(udp) => udp.try_recv_from(buffer),
            None => Err(io::ErrorKind::WouldBlock.into()),
        }
    }

    /// Sends a datagram to a peer.
    ///
    /// # Errors
    /// What the system says, or that there is no such session; the message is lost then.
    pub(super) fn send(&mut self, peer: Peer, message: &[u8]) -> io::Result<()> {
        match (peer, &mut self.secure) {
            (Peer::Udp(address), _) => {
                let udp = self.udp.as_ref().ok_or(io::ErrorKind::NotConnected)?;
                udp.try_send_to(message, address).map(drop)
            }
            (Peer::Dtls { session, .. }, Some(secure)) => secure.send(session, message),
            (Peer::Dtls { .. } | Peer::Away(_), _) => Err(io::ErrorKind::NotConnected.into()),
            (Peer::Stream(_), _) => Err(io::ErrorKind::Unsupported.into()),
        }
    }

    /// The address that a peer has at the moment.
    pub(super) fn address(&self, peer: Peer) -> Option<SocketAddr> {
        match peer {
            Peer::Udp(address) => Some(address),
            Peer::Stream(stream) => Some(stream.address),
            Peer::Dtls { session, .. } => self.secure.as_ref()?.endpoint.peer(session).copied(),
            Peer::Away(_) => None,
        }
    }
}
