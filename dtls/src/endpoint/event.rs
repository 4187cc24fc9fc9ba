//! What the endpoint tells its owner.

use crate::alert::AlertDescription;
use crate::handshake::Question;
use crate::identity::PeerIdentity;
use crate::record::ConnectionId;
use crate::resumption::Resumption;
use crate::suite::CipherSuite;

/// A handshake under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct HandshakeId(pub(super) u64);

/// A session. An id is not used again while its endpoint lives, or after four thousand million sessions at the earliest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SessionId {
    pub(super) slot: u32,
    pub(super) generation: u32,
}

/// What happened. See [`Endpoint::poll_event`](super::Endpoint::poll_event).
#[derive(Debug, Clone)]
pub enum Event<P> {
    /// A handshake waits for an answer, see [`Endpoint::answer`](super::Endpoint::answer).
    Question {
        /// To be named in the answer.
        handshake: HandshakeId,
        /// Where the handshake's datagrams come from.
        peer: P,
        /// What is asked.
        question: Question,
    },
    /// A handshake succeeded.
    Connected(Box<Connected<P>>),
    /// Application data, as the peer sent it in one record.
    Data {
        /// Whose.
        session: SessionId,
        /// At most 16384.
        bytes: Vec<u8>,
    },
    /// The peer's records come from a new address, and ours go there now. Only with a connection id.
    AddressChanged {
        /// Which session moved.
        session: SessionId,
        /// Its address so far.
        from: P,
        /// Its address from now on.
        to: P,
    },
    /// A session ended, for a reason in words.
    Closed {
        /// Which; its id is not used again.
        session: SessionId,
        /// Where its records went last.
        peer: P,
        /// Why, for people.
        reason: &'static str,
    },
    /// The peer's end of a handshake could not be opened: the keys of the two sides probably differ. Once for each
    /// handshake, and not the end of it, for anybody can send such a record (RFC 6347 §4.1.2.7): the right one may follow.
    KeysMayDiffer(Box<KeysMayDiffer<P>>),
    /// A handshake ended without a session.
    HandshakeFailed(Box<HandshakeFailed<P>>),
    /// A handshake message went one way or the other. Only if [`Config::trace`](crate::Config::trace) says so.
    Step {
        /// Of the other side.
        peer: P,
        /// Which way the message went.
        direction: Direction,
        /// The message's name in the RFCs, such as `ClientHello`.
        message: &'static str,
    },
}

/// A session began.
#[derive(Debug, Clone)]
pub struct Connected<P> {
    /// By which data are sent from now on.
    pub session: SessionId,
    /// The handshake that led here.
    pub handshake: HandshakeId,
    /// Where its records come from.
    pub peer: P,
    /// What the peer proved to be.
    pub identity: PeerIdentity,
    /// What both sides agreed on.
    pub suite: CipherSuite,
    /// Whether an earlier session went on without a new proof of identity.
    pub resumed: bool,
    /// Whether the keys are bound to the handshake. RFC 7627.
    pub extended_master_secret: bool,
    /// The id in records to us; empty without the extension.
    pub connection_id: ConnectionId,
    /// The name by which the client asked for the server.
    pub server_name: Option<String>,
    /// At a client: what makes the next handshake short. It is as secret as a key.
    pub resumption: Option<Resumption>,
}

/// A record that should have been the end of a handshake could not be opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeysMayDiffer<P> {
    /// The handshake, which goes on.
    pub handshake: HandshakeId,
    /// Where the record came from.
    pub peer: P,
    /// What the peer claimed to be, as far as it got. Not proven.
    pub claimed: Option<PeerIdentity>,
}

/// A handshake failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HandshakeFailed<P> {
    /// The handshake that is over.
    pub handshake: HandshakeId,
    /// Of the other side.
    pub peer: P,
    /// What the peer claimed to be, as far as it got. Not proven.
    pub claimed: Option<PeerIdentity>,
    /// What the peer is told, or told us.
    pub alert: AlertDescription,
    /// Whether the peer gave up, not this side.
    pub by_peer: bool,
    /// Why, for people.
    pub reason: String,
    /// Whether [`Event::KeysMayDiffer`] told before that it would probably come to this.
    pub keys_may_differ: bool,
}

/// Which way a message went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// From us to the peer.
    Sent,
    /// From the peer to us.
    Received,
}

/// A datagram to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transmit<P> {
    /// Where it goes.
    pub peer: P,
    /// At most [`Config::max_datagram`](crate::Config::max_datagram) of them, unless one record of data has more.
    pub bytes: Vec<u8>,
}

/// Why nothing was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// Or there never was one with this id.
    #[error("the session has ended")]
    NoSession,
    /// RFC 5246 §6.2.1
    #[error("a record carries at most 16384 bytes")]
    TooLong,
    /// The system gives no random numbers, or the session has used up its 2^48 record numbers.
    #[error("the record could not be sealed")]
    NotSealed,
}
