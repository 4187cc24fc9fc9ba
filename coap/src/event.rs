//! What an endpoint tells its application.

use std::sync::Arc;
use std::time::Duration;

use crate::code::Code;
use crate::message::MalformedMessage;
use crate::request::Request;
use crate::response::Response;
use crate::token::Token;

/// A datagram to be sent, or a message to be written to the peer's stream.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Transmit<P> {
    /// To whom.
    pub peer: P,
    /// The bytes, of a stream too one whole message; shared with the endpoint, which may have to send them again.
    pub datagram: Arc<[u8]>,
}

/// A request of ours, from [`Endpoint::request`](crate::Endpoint::request) to its one final event.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct ExchangeId {
    pub(crate) slot: u32,
    pub(crate) serial: u64,
}

/// A request of a peer, to be answered by [`Endpoint::respond`](crate::Endpoint::respond).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct IncomingId {
    pub(crate) slot: u32,
    pub(crate) serial: u64,
}

/// A notification of ours, from [`Endpoint::notify`](crate::Endpoint::notify).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct NotificationId(pub(crate) u64);

/// What happened. An exchange ends with exactly one of `Response`, `Pong` and `Failed`.
#[derive(Clone, PartialEq, Debug)]
pub enum Event<P> {
    /// A peer asks something; its body is whole.
    Request {
        /// To be given to `respond`.
        id: IncomingId,
        /// Who asks.
        peer: P,
        /// The token, which names the observation if the request registers one.
        token: Token,
        /// What is asked.
        request: Request,
        /// Whether it came as CON. On a stream always.
        confirmable: bool,
    },
    /// The answer to a request of ours; its body is whole. Error codes are answers too.
    Response {
        /// The request.
        exchange: ExchangeId,
        /// Who answers.
        peer: P,
        /// The answer.
        response: Response,
        /// From the first transmission of the request to the last block of the answer.
        round_trip: Duration,
        /// How many datagrams had to be sent again.
        retransmissions: u32,
        /// The token of the observation that this answer began.
        observation: Option<Token>,
    },
    /// The answer to a ping of ours.
    Pong {
        /// The ping.
        exchange: ExchangeId,
        /// Who answers.
        peer: P,
        /// From the first transmission to the answer.
        round_trip: Duration,
    },
    /// A request or ping of ours got no answer.
    Failed {
        /// The request.
        exchange: ExchangeId,
        /// Who was asked.
        peer: P,
        /// Why.
        reason: FailureReason,
    },
    /// News of an observation of ours; its body is whole, and it is newer than all before it. RFC 7641 §3.4. On a stream
    /// the order of arrival decides, and the numbers mean nothing. RFC 8323 §7.1.
    Notification {
        /// Who notifies.
        peer: P,
        /// The observation.
        token: Token,
        /// The state.
        response: Response,
        /// The 24-bit sequence number.
        sequence: u32,
        /// Whether it came as CON. On a stream always.
        confirmable: bool,
    },
    /// A notification whose further blocks could not be fetched; the observation goes on.
    NotificationLost {
        /// Who notified.
        peer: P,
        /// The observation.
        token: Token,
        /// Why.
        reason: FailureReason,
    },
    /// The peer ended an observation of ours.
    ObservationEnded {
        /// Who ended it.
        peer: P,
        /// The observation.
        token: Token,
        /// Its last message: an error, or a success without the Observe option. RFC 7641 §4.2.
        response: Response,
    },
    /// A confirmable notification of ours arrived, or was given to a stream.
    NotificationAcknowledged {
        /// The notification.
        id: NotificationId,
        /// Who has it.
        peer: P,
        /// The observation.
        token: Token,
    },
    /// A notification of ours was not wanted or not reachable; the observer is forgotten. RFC 7641 §3.6, §4.5.
    NotificationRejected {
        /// The notification, as far as it is known which.
        id: Option<NotificationId>,
        /// Who rejected it.
        peer: P,
        /// The observation.
        token: Token,
        /// Reset, Timeout, or why it could not be sent.
        reason: FailureReason,
    },
    /// A separate response of ours was not acknowledged.
    ResponseLost {
        /// The request it answered.
        id: IncomingId,
        /// Who asked.
        peer: P,
        /// Reset or Timeout.
        reason: FailureReason,
    },
    /// A message was refused. Nothing else changed.
    Malformed {
        /// Who sent it.
        peer: P,
        /// Why, in words.
        reason: Refusal,
    },
    /// The connection to the peer is to be closed after what waits to be sent to it. Nothing more is taken from it.
    /// What is in flight fails when [`Endpoint::disconnected`](crate::Endpoint::disconnected) is called.
    Closing {
        /// Whose connection.
        peer: P,
        /// Why, in words.
        reason: ClosingReason,
    },
}

/// Why a connection is to be closed. All but `Aborted` and `Released` were said to the peer in an Abort.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ClosingReason {
    /// The peer sent an Abort, with this text. RFC 8323 §5.6.
    #[error("the peer aborted the connection: {0:?}")]
    Aborted(String),
    /// One side sent a Release, and everything that was begun has ended. RFC 8323 §5.5.
    #[error("the connection was released")]
    Released,
    /// The first message was no CSM. RFC 8323 §5.3.
    #[error("the first message must be a CSM (7.01), this one is {0}")]
    CsmNotFirst(Code),
    /// No CSM came in time.
    #[error("no CSM (7.01) came in time")]
    CsmMissing,
    /// A CSM has an option that is critical and unknown, or not well formed. RFC 8323 §5.2.
    #[error("option {0} of the CSM is not understood or not well formed")]
    BadCsmOption(u16),
    /// Another signalling message has a critical option that is unknown. RFC 8323 §5.2.
    #[error("critical option {number} of {code} is not understood")]
    SignalOption {
        /// The signalling code.
        code: Code,
        /// The option's number.
        number: u16,
    },
    /// A signalling message with a code that does not exist.
    #[error("the signalling code {0} is unknown")]
    UnknownSignal(Code),
    /// What came is no message, or a larger one than is taken.
    #[error(transparent)]
    Malformed(#[from] MalformedMessage),
    /// No Pong followed our Ping.
    #[error("no Pong came in time")]
    Silent,
    /// More messages came at once than can be held.
    #[error("a limit of the endpoint is reached")]
    Overload,
}

/// Why a request of ours got no answer.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum FailureReason {
    /// All retransmissions went unanswered, or the response did not follow its acknowledgement.
    #[error("the peer did not answer")]
    Timeout,
    /// The peer answered with RST.
    #[error("the peer reset the exchange")]
    Reset,
    /// `cancel` was called.
    #[error("cancelled")]
    Cancelled,
    /// The request's own deadline passed.
    #[error("the deadline passed")]
    DeadlineExceeded,
    /// All 65,536 message IDs went to the peer within EXCHANGE_LIFETIME. RFC 7252 §4.4.
    #[error("all message IDs to the peer are in use")]
    MessageIdsExhausted,
    /// The connection ended, or was released before the request went out.
    #[error("the connection was closed")]
    Disconnected,
    /// `forget_peer` was called.
    #[error("the peer was forgotten")]
    PeerForgotten,
    /// The response's body is larger than allowed, or memory for bodies is used up.
    #[error("the response's body is too large")]
    BodyTooLarge,
    /// The request's body has more blocks than a number can count.
    #[error("the request's body is too large for blocks of the size the peer accepts")]
    TooManyBlocks,
    /// The response's body changed while it was fetched, more than once.
    #[error("the response's body changed while it was fetched")]
    BodyChanged,
    /// The peer broke the rules of block-wise transfer. RFC 7959.
    #[error("the peer's blocks do not fit together: {0}")]
    Blocks(&'static str),
    /// The response carries a critical option that is not understood. RFC 7252 §5.4.1.
    #[error("the response carries critical option {0}, which is not understood")]
    CriticalOption(u16),
    /// As many observers of the peer are kept as may.
    #[error("too many observers of the peer are kept")]
    TooManyObservers,
    /// A newer notification took the place of this one.
    #[error("a newer notification took its place")]
    Superseded,
}

/// Why a datagram was refused.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Refusal {
    /// It is not a CoAP message.
    #[error(transparent)]
    Message(#[from] MalformedMessage),
    /// A request with a critical option that is not understood or not well formed; answered 4.02 if it was CON.
    #[error("critical option {0} is not understood or not well formed")]
    CriticalOption(u16),
    /// A request to a proxy, which this is not; answered 5.05.
    #[error("a proxy is asked for, and this is none")]
    Proxy,
    /// A block of a request that does not continue what came before; answered 4.08.
    #[error("a block does not continue what came before")]
    BlockOutOfOrder,
    /// A block of the reserved size 7; answered 4.00. RFC 7959 §2.2.
    #[error("a block has the reserved size 7")]
    BlockSize,
    /// A block of a request whose payload is not of its size; answered 4.00.
    #[error("a block is not as long as it says")]
    BlockLength,
    /// A request whose body is larger than allowed; answered 4.13.
    #[error("the request's body is larger than {0} bytes")]
    BodyTooLarge(usize),
    /// A request refused with 5.03 because a limit is reached.
    #[error("a limit of the endpoint is reached")]
    Overload,
    /// A response that answers nothing; reset if it was CON or a notification.
    #[error("a response with token {0}, which answers nothing")]
    UnknownToken(Token),
}

/// Why a request was not taken.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum RequestError {
    /// As many requests wait for the peer as may.
    #[error("{0} requests wait for the peer already")]
    QueueFull(usize),
    /// As many peers have state as may.
    #[error("{0} peers have state already")]
    TooManyPeers(usize),
    /// The code is not a method.
    #[error("the code is not a method")]
    NotARequest,
    /// All message IDs are in use for longer than the request's deadline.
    #[error("all message IDs to the peer are in use for another {0:?}")]
    MessageIdsExhausted(Duration),
    /// As many observations of the peer are kept as may.
    #[error("{0} observations of the peer exist already")]
    TooManyObservations(usize),
    /// There is no observation with the token.
    #[error("there is no such observation")]
    UnknownObservation,
}
