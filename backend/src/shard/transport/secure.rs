//! The DTLS socket of a shard: records to and from messages.

use crate::credential::Secured;
use dtls::{Endpoint, HandshakeId, SessionId};
use shared::Timestamp;
use std::collections::{HashMap, HashSet};
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, PoisonError, RwLock};
use tokio::net::UdpSocket;

/// The content type of records with a connection id. RFC 9146 §3.
const TLS12_CID: u8 = 25;
const APPLICATION_DATA: u8 = 23;
/// Where the connection id stands in such a record: behind type, version, epoch and number.
const CID_AT: usize = 11;

/// Sessions without connection id that outlived a restart, by address: which shard has each. The system may deal their
/// records to another one now.
#[derive(Debug, Default)]
pub(crate) struct Strays {
    shards: RwLock<HashMap<SocketAddr, u16>>,
}

impl Strays {
    pub(crate) fn add(&self, address: SocketAddr, shard: u16) {
        let mut shards = self.shards.write().unwrap_or_else(PoisonError::into_inner);
        shards.insert(address, shard);
    }

    /// A new session began there.
    fn remove(&self, address: SocketAddr) {
        if self.get(address).is_some() {
            let mut shards = self.shards.write().unwrap_or_else(PoisonError::into_inner);
            shards.remove(&address);
        }
    }

    fn get(&self, address: SocketAddr) -> Option<u16> {
        let shards = self.shards.read().unwrap_or_else(PoisonError::into_inner);
        shards.get(&address).copied()
    }
}

/// A DTLS socket with its sessions.
#[derive(Debug)]
pub(in crate::shard) struct Secure {
    shard: u16,
    shards: u16,
    socket: UdpSocket,
    pub(in crate::shard) endpoint: Endpoint<SocketAddr>,
    /// What each session proved.
    sessions: HashMap<SessionId, Arc<Secured>>,
    /// Sessions that are to be saved.
    pub(in crate::shard) unsaved: HashSet<SessionId>,
    strays: Arc<Strays>,
    /// Why the handshake that was answered last was rejected: an alert alone says less.
    pub(in crate::shard) rejected: Option<(HandshakeId, String)>,
}

impl Secure {
    pub(in crate::shard) fn new(
        shard: u16,
        shards: u16,
        socket: UdpSocket,
        endpoint: Endpoint<SocketAddr>,
        strays: Arc<Strays>,
    ) -> Secure {
        Secure {
            shard,
            shards,
            socket,
            endpoint,
            sessions: HashMap::new(),
            unsaved: HashSet::new(),
            strays,
            rejected: None,
        }
    }

    pub(in crate::shard) async fn readable(&self) -> io::Result<()> {
        self.socket.readable().await
    }

    pub(in crate::shard) async fn writable(&self) -> io::Result<()> {
        self.socket.writable().await
    }

    /// The next datagram, as it came.
    ///
    /// # Errors
    /// [`io::ErrorKind::WouldBlock`] if there is none; or what the system says of an earlier datagram.
    pub(in crate::shard) fn receive(&self, buffer: &mut [u8]) -> io::Result<(usize, SocketAddr)> {
        self.socket.try_recv_from(buffer)
    }

    /// The other shard that has the session of this datagram, if it is another: the first byte of a connection id
    /// names it.
    pub(in crate::shard) fn elsewhere(&self, address: SocketAddr, datagram: &[u8]) -> Option<u16> {
        let owner = match *datagram.first()? {
            TLS12_CID => u16::from(*datagram.get(CID_AT)?),
            APPLICATION_DATA => self.strays.get(address)?,
            _ => return None,
        };
        (owner != self.shard && owner < self.shards).then_some(owner)
    }

    /// Notes what a new session proved.
    pub(in crate::shard) fn begin(&mut self, session: SessionId, address: SocketAddr, secured: Arc<Secured>) {
        self.strays.remove(address);
        self.sessions.insert(session, secured);
    }

    /// Takes a session up that outlived a restart.
    pub(in crate::shard) fn resume(&mut self, session: SessionId, secured: Arc<Secured>) {
        if !secured.connection_id
            && let Some(address) = self.endpoint.peer(session)
        {
            self.strays.add(*address, self.shard);
        }
        self.sessions.insert(session, secured);
    }

    pub(in crate::shard) fn secured(&self, session: SessionId) -> Option<&Arc<Secured>> {
        self.sessions.get(&session)
    }

    /// All sessions and when they began.
    pub(in crate::shard) fn begun(&self) -> Vec<(SessionId, Timestamp)> {
        let sessions = self.sessions.iter();
        sessions
            .map(|(session, secured)| (*session, secured.since))
            .collect()
    }

    pub(in crate::shard) fn end(&mut self, session: SessionId) -> Option<Arc<Secured>> {
        self.unsaved.remove(&session);
        self.sessions.remove(&session)
    }

    /// Encrypts a message and sends it with whatever else the endpoint has to send.
    ///
    /// # Errors
    /// The session has ended, or what the system says.
    pub(super) fn send(&mut self, session: SessionId, message: &[u8]) -> io::Result<()> {
        self.endpoint.send(session, message).map_err(io::Error::other)?;
        self.transmit()
    }

    /// Sends what the endpoint has to send.
    ///
    /// # Errors
    /// What the system said last; the datagram is lost then.
    pub(in crate::shard) fn transmit(&mut self) -> io::Result<()> {
        let mut result = Ok(());
        while let Some(datagram) = self.endpoint.poll_transmit() {
            if let Err(error) = self.socket.try_send_to(&datagram.bytes, datagram.peer) {
                result = Err(error);
            }
        }
        result
    }
}
