//! The handshake: a state machine for each role, and what both share. RFC 5246 §7.3, RFC 6347 §4.2.
//!
//! A handshake takes whole messages in order and answers with a [`Step`]. It knows nothing of records, time and
//! addresses; the endpoint does.

mod client;
mod flight;
mod fragment;
mod server;
#[cfg(test)]
mod tests;

pub(crate) use client::ClientHandshake;
pub(crate) use flight::{Part, Retransmission};
use fragment::header;
pub(crate) use fragment::{Fragment, HEADER, Message, Reassembly};
pub(crate) use server::{Accepted, ServerHandshake};

use crate::alert::AlertDescription;
use crate::crypto::keys::KeyPair;
use crate::crypto::prf::MasterSecret;
use crate::crypto::protect::Scheme;
use crate::identity::PeerIdentity;
use crate::message::{DecodeError, HandshakeType};
use crate::record::ConnectionId;
use crate::suite::CipherSuite;
use aws_lc_rs::digest::{SHA256, digest};
use zeroize::Zeroizing;

/// What the application is asked during a handshake.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Question {
    /// Which key belongs to this identity? Answer with [`Answer::Psk`], or [`Answer::Reject`].
    Psk {
        /// As the client sent it, at most 1024 bytes. Not proven.
        identity: Vec<u8>,
    },
    /// Is the holder of this credential let in? A key's possession is proven already for a client; a certificate chain
    /// must still be validated, see [`crate::verify_chain`]. Answer with [`Answer::Accept`] or [`Answer::Reject`].
    Trust {
        /// Never [`PeerIdentity::Psk`].
        identity: PeerIdentity,
    },
    /// The peer wants to resume a session of this identity: is it still welcome?
    Resume {
        /// As it was proven when the session began; of a certificate chain only the first.
        identity: PeerIdentity,
    },
}

/// What the application answers.
#[derive(Clone, PartialEq, Eq)]
pub enum Answer {
    /// The key of the identity asked for.
    Psk(Zeroizing<Vec<u8>>),
    /// The peer is let in.
    Accept,
    /// The handshake ends with this alert. For a resumption the full handshake follows instead.
    Reject(AlertDescription),
}

impl std::fmt::Debug for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Answer::Psk(_) => f.write_str("Psk(…)"),
            Answer::Accept => f.write_str("Accept"),
            Answer::Reject(alert) => write!(f, "Reject({alert:?})"),
        }
    }
}

/// Why a handshake ended without a session.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub(crate) struct HandshakeError {
    /// What the peer is told.
    pub(crate) alert: AlertDescription,
    /// What our people are told.
    pub(crate) reason: String,
}

impl HandshakeError {
    pub(crate) fn new(alert: AlertDescription, reason: impl Into<String>) -> HandshakeError {
        HandshakeError {
            alert,
            reason: reason.into(),
        }
    }

    fn unexpected(kind: HandshakeType, wanted: &str) -> HandshakeError {
        let reason = format!("{} came where {wanted} was expected", kind.name());
        HandshakeError::new(AlertDescription::UnexpectedMessage, reason)
    }
}

impl From<DecodeError> for HandshakeError {
    fn from(error: DecodeError) -> HandshakeError {
        HandshakeError::new(AlertDescription::DecodeError, error.to_string())
    }
}

impl From<crate::crypto::p256::CryptoError> for HandshakeError {
    fn from(error: crate::crypto::p256::CryptoError) -> HandshakeError {
        HandshakeError::new(AlertDescription::InternalError, error.to_string())
    }
}

/// What a handshake wants after it took a message or an answer.
#[derive(Debug)]
pub(crate) enum Step {
    /// The next message.
    Wait,
    /// This flight sent, and repeated until the peer answers.
    Send(Vec<Part>),
    /// The application's answer.
    Ask(Question),
    /// Nothing more: the session stands. The flight, if any, is sent now, and again when the peer repeats its own.
    Finish(Vec<Part>, Box<Established>),
}

/// What a finished handshake leaves behind.
#[derive(Debug, Clone)]
pub(crate) struct Established {
    pub(crate) suite: CipherSuite,
    pub(crate) identity: PeerIdentity,
    pub(crate) master: MasterSecret,
    pub(crate) extended_master_secret: bool,
    pub(crate) resumed: bool,
    pub(crate) session_id: Vec<u8>,
    /// A ticket that the client received.
    pub(crate) ticket: Vec<u8>,
    pub(crate) server_name: Option<String>,
}

/// What protects epoch 1, once both sides can compute it.
#[derive(Debug, Clone)]
pub(crate) struct Epoch {
    pub(crate) scheme: Scheme,
    pub(crate) keys: KeyPair,
    /// In records to us.
    pub(crate) local_id: ConnectionId,
    /// In records to the peer.
    pub(crate) remote_id: ConnectionId,
}

/// A handshake with a pre-shared key is seldom longer than this.
const USUAL_HANDSHAKE: usize = 512;

/// The handshake messages so far, as they enter hashes and signatures: each as if it had been sent in one piece.
/// RFC 6347 §4.2.6.
#[derive(Debug, Default, Clone)]
pub(crate) struct Transcript(Vec<u8>);

impl Transcript {
    pub(crate) fn add(&mut self, message: &Message) {
        self.write(message.kind, message.message_seq, |out| {
            out.extend_from_slice(&message.body);
        });
    }

    /// Makes a message where it stands in the transcript; its body may be copied from there.
    fn write(&mut self, kind: HandshakeType, message_seq: u16, fill: impl FnOnce(&mut Vec<u8>)) -> &[u8] {
        if self.0.is_empty() {
            self.0.reserve(USUAL_HANDSHAKE);
        }
        let body = self.0.len() + HEADER;
        self.0.resize(body, 0);
        fill(&mut self.0);
        let length = self.0.len() - body;
        self.0[body - HEADER..body].copy_from_slice(&header(kind, length, message_seq, 0, length));
        &self.0[body..]
    }

    pub(crate) fn hash(&self) -> [u8; 32] {
        let mut out = [0; 32];
        out.copy_from_slice(digest(&SHA256, &self.0).as_ref());
        out
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.0
    }
}

/// Our messages: each gets the next message_seq and enters the transcript as it is made.
#[derive(Debug)]
struct Writer {
    next_seq: u16,
}

impl Writer {
    fn message(
        &mut self,
        transcript: &mut Transcript,
        kind: HandshakeType,
        protected: bool,
        fill: impl FnOnce(&mut Vec<u8>),
    ) -> Part {
        let message_seq = self.next_seq;
        self.next_seq = self.next_seq.wrapping_add(1);
        let message = Message {
            kind,
            message_seq,
            body: transcript.write(kind, message_seq, fill).to_vec(),
        };
        Part::Message { message, protected }
    }
}

/// Whether a Finished message carries what it must. RFC 5246 §7.4.9.
fn check_finished(expected: [u8; 12], body: &[u8]) -> Result<(), HandshakeError> {
    if bool::from(subtle::ConstantTimeEq::ct_eq(&expected[..], body)) {
        Ok(())
    } else {
        let reason = "the Finished message does not verify: the keys of the two sides differ";
        Err(HandshakeError::new(AlertDescription::DecryptError, reason))
    }
}
