//! The ways by which datagrams and connections come and go. What is on top of them knows peers only.

mod connection;
mod limits;
mod secure;
mod socket;
mod streams;
mod tcp;

pub(super) use connection::Arrival;
pub(crate) use limits::ConnectionLimits;
pub(crate) use secure::Begun;
pub(super) use secure::{Secure, prefix};
pub(super) use socket::bind;
pub(super) use streams::Streams;
pub(super) use tcp::{Accept, listen};
pub(crate) use tokio_rustls::TlsAcceptor;

use super::Peer;
use crate::credential::Secured;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;
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

    /// Waits until the sockets can be written to, which the runtime learns only then.
    pub(super) async fn prepare(&self) {
        for socket in self.udp.iter().chain(self.secure.as_ref().map(Secure::socket)) {
            if let Err(error) = socket.writable().await {
                tracing::error!(%error, "a shard's socket is not writable");
            }
        }
    }

    /// Waits until there may be something to receive.
    pub(super) async fn readable(&self) -> io::Result<()> {
        let plain = async {
            match &self.udp {
                Some(socket) => socket.readable().await,
                None => std::future::pending().await,
            }
        };
        let secure = async {
            match &self.secure {
                Some(secure) => secure.readable().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            ready = plain => ready,
            ready = secure => ready,
        }
    }

    /// When the security layer has something to do.
    pub(super) fn deadline(&self) -> Option<Instant> {
        self.secure.as_ref().and_then(Secure::deadline)
    }

    /// The next datagram without security.
    ///
    /// # Errors
    /// [`io::ErrorKind::WouldBlock`] if there is none; or what the system says of an earlier datagram.
    pub(super) fn receive(&self, buffer: &mut [u8]) -> io::Result<(usize, SocketAddr)> {
        match &self.udp {
            Some(socket) => socket.try_recv_from(buffer),
            None => Err(io::ErrorKind::WouldBlock.into()),
        }
    }

    /// The next datagram for the security layer.
    ///
    /// # Errors
    /// As [`Transports::receive`].
    pub(super) fn receive_secured(&self, buffer: &mut [u8]) -> io::Result<(usize, SocketAddr)> {
        match &self.secure {
            Some(secure) => secure.receive(buffer),
            None => Err(io::ErrorKind::WouldBlock.into()),
        }
    }

    /// Sends a datagram to a peer.
    ///
    /// # Errors
    /// What the system says; the message is lost then.
    pub(super) fn send(&mut self, peer: Peer, message: &[u8]) -> io::Result<()> {
        match (peer, &self.udp, &mut self.secure) {
            (Peer::Udp(address), Some(socket), _) => socket.try_send_to(message, address).map(drop),
            (Peer::Dtls(session), _, Some(secure)) => secure.send(session.id, message),
            _ => Err(io::ErrorKind::NotConnected.into()),
        }
    }

    /// The address that a peer has at the moment.
    pub(super) fn address(&self, peer: Peer) -> Option<SocketAddr> {
        match peer {
            Peer::Udp(address) => Some(address),
            Peer::Dtls(session) => self.secure.as_ref()?.address(session),
            Peer::Stream(stream) => Some(stream.address),
            Peer::Away(_) => None,
        }
    }

    /// What a session proved.
    pub(super) fn proven(&self, peer: Peer) -> Option<&Arc<Secured>> {
        match peer {
            Peer::Dtls(session) => self.secure.as_ref()?.proven(session),
            Peer::Udp(_) | Peer::Away(_) | Peer::Stream(_) => None,
        }
    }
}
