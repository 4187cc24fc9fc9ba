//! CoAP over DTLS: the socket, the endpoint with its sessions, and what each session proved.

use crate::credential::Secured;
use crate::shard::peer::Session;
use dtls::{Endpoint, Event, SessionId};
use std::collections::HashMap;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;
use tokio::net::UdpSocket;
use zeroize::Zeroizing;

/// The content type of a record with a connection id. RFC 9146 §4.
const WITH_CONNECTION_ID: u8 = 25;
/// Where in its header the connection id begins: type 1, version 2, epoch 2, number 6.
const CONNECTION_ID: usize = 11;

/// The DTLS side of a shard.
#[derive(Debug)]
pub(in crate::shard) struct Secure {
    socket: UdpSocket,
    pub(in crate::shard) endpoint: Endpoint<SocketAddr>,
    proven: HashMap<SessionId, Arc<Secured>>,
    /// Why we refused a handshake, in words, until it is told to have failed.
    pub(in crate::shard) refused: HashMap<dtls::HandshakeId, String>,
    shard: u16,
}

impl Secure {
    pub(in crate::shard) fn new(socket: UdpSocket, begun: Begun, shard: u16) -> Secure {
        Secure {
            socket,
            endpoint: begun.endpoint,
            proven: begun.proven,
            refused: HashMap::new(),
            shard,
        }
    }

    pub(super) const fn socket(&self) -> &UdpSocket {
        &self.socket
    }

    pub(super) async fn readable(&self) -> io::Result<()> {
        self.socket.readable().await
    }

    /// The next datagram.
    ///
    /// # Errors
    /// [`io::ErrorKind::WouldBlock`] if there is none; or what the system says of an earlier datagram.
    pub(in crate::shard) fn receive(&self, buffer: &mut [u8]) -> io::Result<(usize, SocketAddr)> {
        self.socket.try_recv_from(buffer)
    }

    /// Sends application data.
    ///
    /// # Errors
    /// If the session has ended, or what the system says.
    pub(super) fn send(&mut self, session: SessionId, message: &[u8]) -> io::Result<()> {
        self.endpoint
            .send(session, message)
            .map_err(|error| io::Error::new(io::ErrorKind::NotConnected, error))?;
        self.flush()
    }

    /// Sends what the endpoint has to send.
    ///
    /// # Errors
    /// The last thing that the system said; what was not sent is lost as on the way.
    pub(in crate::shard) fn flush(&mut self) -> io::Result<()> {
        let mut result = Ok(());
        while let Some(transmit) = self.endpoint.poll_transmit() {
            if let Err(error) = self.socket.try_send_to(&transmit.bytes, transmit.peer) {
                result = Err(error);
            }
        }
        result
    }

    pub(in crate::shard) fn poll_event(&mut self) -> Option<Event<SocketAddr>> {
        self.endpoint.poll_event()
    }

    pub(super) fn deadline(&self) -> Option<Instant> {
        self.endpoint.poll_timeout()
    }

    pub(super) fn address(&self, session: Session) -> Option<SocketAddr> {
        (session.shard == self.shard)
            .then(|| self.endpoint.peer(session.id).copied())
            .flatten()
    }

    pub(in crate::shard) fn proven(&self, session: Session) -> Option<&Arc<Secured>> {
        self.proven
            .get(&session.id)
            .filter(|_| session.shard == self.shard)
    }

    pub(in crate::shard) fn began(&mut self, session: SessionId, secured: Arc<Secured>) {
        self.proven.insert(session, secured);
    }

    pub(in crate::shard) fn ended(&mut self, session: SessionId) -> Option<Arc<Secured>> {
        self.proven.remove(&session)
    }

    /// The sessions of an endpoint.
    pub(in crate::shard) fn of_endpoint(&self, endpoint: &str) -> Vec<SessionId> {
        self.proven
            .iter()
            .filter(|(_, secured)| &*secured.endpoint == endpoint)
            .map(|(session, _)| *session)
            .collect()
    }

    pub(in crate::shard) fn export(&self, session: SessionId) -> Option<Zeroizing<Vec<u8>>> {
        self.endpoint.export(session)
    }

    pub(in crate::shard) fn session_count(&self) -> usize {
        self.proven.len()
    }

    /// Whether nothing here belongs to this address: no session without connection ids, and no handshake.
    pub(in crate::shard) fn is_strange(&self, address: &SocketAddr) -> bool {
        !self.endpoint.is_known(address)
    }
}

/// An endpoint with the sessions that were taken up again.
#[derive(Debug)]
pub(crate) struct Begun {
    endpoint: Endpoint<SocketAddr>,
    proven: HashMap<SessionId, Arc<Secured>>,
}

impl Begun {
    pub(crate) fn new(now: Instant, config: dtls::Config) -> Result<Begun, dtls::NoRandomness> {
        Ok(Begun {
            endpoint: Endpoint::new(now, Arc::new(config))?,
            proven: HashMap::new(),
        })
    }

    /// Takes a session up again; the session and what is to be saved of it in place of what was saved before.
    ///
    /// # Errors
    /// [`dtls::ImportError`].
    pub(crate) fn take_up(
        &mut self,
        now: Instant,
        saved: &[u8],
        secured: Arc<Secured>,
    ) -> Result<(SessionId, Zeroizing<Vec<u8>>, Option<SocketAddr>), dtls::ImportError> {
        let session = self.endpoint.import(now, saved)?;
        let address = (!secured.connection_id)
            .then(|| self.endpoint.peer(session).copied())
            .flatten();
        self.proven.insert(session, secured);
        let next = self.endpoint.export(session).unwrap_or_default();
        Ok((session, next, address))
    }
}

/// The first byte of the connection id in a datagram, which is the shard that gave it out.
pub(in crate::shard) fn prefix(datagram: &[u8]) -> Option<u8> {
    (datagram.first() == Some(&WITH_CONNECTION_ID))
        .then(|| datagram.get(CONNECTION_ID).copied())
        .flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shard_of_a_record_is_the_first_byte_of_its_connection_id() {
        let mut record = vec![WITH_CONNECTION_ID, 0xfe, 0xfd, 0, 1, 0, 0, 0, 0, 0, 7, 3, 99, 99];
        assert_eq!(prefix(&record), Some(3));
        record[0] = 23;
        assert_eq!(prefix(&record), None);
        assert_eq!(prefix(&[WITH_CONNECTION_ID, 0xfe]), None);
        assert_eq!(prefix(&[]), None);
    }
}
