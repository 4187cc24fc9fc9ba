//! Sessions that can be resumed: what a server keeps or seals into tickets, and what a client keeps. RFC 5246 §7.3,
//! RFC 5077.

use crate::crypto::prf::MasterSecret;
use crate::handshake::Established;
use crate::identity::PeerIdentity;
use crate::message::{DecodeError, Reader};
use crate::suite::CipherSuite;
use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::digest::{SHA256, digest};
use std::collections::{HashMap, VecDeque};
use zeroize::Zeroizing;

/// What a server must know to resume a session.
#[derive(Debug, Clone)]
pub(crate) struct ResumableSession {
    pub(crate) suite: CipherSuite,
    pub(crate) identity: PeerIdentity,
    pub(crate) master: MasterSecret,
    pub(crate) extended_master_secret: bool,
    /// Milliseconds on the endpoint's clock.
    pub(crate) expires: u64,
}

/// What a client keeps to resume a session. It holds the master secret and is as secret as a key.
#[derive(Debug, Clone)]
pub struct Resumption {
    pub(crate) session_id: Vec<u8>,
    pub(crate) ticket: Vec<u8>,
    pub(crate) suite: CipherSuite,
    pub(crate) identity: PeerIdentity,
    pub(crate) master: MasterSecret,
    pub(crate) extended_master_secret: bool,
}

impl Resumption {
    /// What a client keeps of a handshake; `None` if the server gave it nothing to show the next time.
    pub(crate) fn of(established: &Established) -> Option<Resumption> {
        let mut session_id = established.session_id.clone();
        if session_id.is_empty() && !established.ticket.is_empty() {
            // By the echo of this id the server will show that it took the ticket. RFC 5077 §3.4.
            session_id = digest(&SHA256, &established.ticket).as_ref().to_vec();
        }
        (!session_id.is_empty()).then(|| Resumption {
            session_id,
            ticket: established.ticket.clone(),
            suite: established.suite,
            identity: established.identity.clone(),
            master: established.master.clone(),
            extended_master_secret: established.extended_master_secret,
        })
    }
}

impl ResumableSession {
    pub(crate) fn encode(&self) -> Zeroizing<Vec<u8>> {
        let mut out = Zeroizing::new(Vec::with_capacity(128));
        out.extend_from_slice(&self.suite.number().to_be_bytes());
        out.push(u8::from(self.extended_master_secret));
        out.extend_from_slice(&self.expires.to_be_bytes());
        out.extend_from_slice(self.master.0.as_ref());
        self.identity.encode(&mut out);
        out
    }

    pub(crate) fn decode(bytes: &[u8]) -> Result<ResumableSession, DecodeError> {
        let mut reader = Reader::new(bytes);
        let suite = CipherSuite::from_number(reader.u16()?).ok_or(DecodeError("the suite is not known"))?;
        let extended_master_secret = reader.u8()? != 0;
        let expires = u64::from_be_bytes(reader.array()?);
        let master = MasterSecret(Zeroizing::new(reader.array()?));
        let identity = PeerIdentity::decode(&mut reader)?;
        reader.end()?;
        Ok(ResumableSession {
            suite,
            identity,
            master,
            extended_master_secret,
            expires,
        })
    }
}

/// Sessions by id, the oldest forgotten first.
#[derive(Debug, Default)]
pub(crate) struct SessionCache {
    sessions: HashMap<[u8; 32], ResumableSession>,
    order: VecDeque<[u8; 32]>,
}

/// How many sessions are kept for clients that take no tickets.
const MAX_CACHED: usize = 4096;

impl SessionCache {
    pub(crate) fn insert(&mut self, id: [u8; 32], session: ResumableSession) {
        if self.order.len() == MAX_CACHED
            && let Some(oldest) = self.order.pop_front()
        {
            self.sessions.remove(&oldest);
        }
        self.order.push_back(id);
        self.sessions.insert(id, session);
    }

    pub(crate) fn get(&self, id: &[u8], now: u64) -> Option<ResumableSession> {
        let id = <[u8; 32]>::try_from(id).ok()?;
        self.sessions
            .get(&id)
            .filter(|session| session.expires > now)
            .cloned()
    }

    /// Forgets what belongs to identities that `keep` refuses.
    pub(crate) fn retain(&mut self, keep: impl Fn(&PeerIdentity) -> bool) {
        self.sessions.retain(|_, session| keep(&session.identity));
        self.order.retain(|id| self.sessions.contains_key(id));
    }
}

/// Seals sessions into tickets that only this server opens.
pub(crate) struct TicketKey(LessSafeKey);

impl std::fmt::Debug for TicketKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TicketKey(…)")
    }
}

impl TicketKey {
    pub(crate) fn new(bytes: &[u8; 32]) -> Option<TicketKey> {
        UnboundKey::new(&AES_256_GCM, bytes)
            .ok()
            .map(|key| TicketKey(LessSafeKey::new(key)))
    }

    /// The ticket; empty, which clients ignore, should sealing fail.
    pub(crate) fn seal(&self, nonce: [u8; NONCE_LEN], session: &ResumableSession) -> Vec<u8> {
        let mut sealed = session.encode().to_vec();
        let aad = Aad::from(b"muster-dtls ticket 1");
        match self
            .0
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), aad, &mut sealed)
        {
            Ok(()) => [&nonce[..], &sealed].concat(),
            Err(_) => Vec::new(),
        }
    }

    pub(crate) fn open(&self, ticket: &[u8], now: u64) -> Option<ResumableSession> {
        let (nonce, sealed) = ticket.split_first_chunk::<NONCE_LEN>()?;
        let mut sealed = Zeroizing::new(sealed.to_vec());
        let aad = Aad::from(b"muster-dtls ticket 1");
        let plain = self
            .0
            .open_in_place(Nonce::assume_unique_for_key(*nonce), aad, &mut sealed)
            .ok()?;
        ResumableSession::decode(plain)
            .ok()
            .filter(|session| session.expires > now)
    }
}
