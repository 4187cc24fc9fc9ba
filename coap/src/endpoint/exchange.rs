//! What is in flight with one peer.

use std::time::Duration;

use super::retransmission::Retransmission;
use super::stream::Cut;
use crate::block::{Block, BlockSize};
use crate::clock::Moment;
use crate::code::Code;
use crate::event::{IncomingId, NotificationId};
use crate::options::Options;
use crate::parameters::Parameters;
use crate::request::Request;
use crate::response::Response;
use crate::token::Token;

/// Everything in flight with a peer; dropped when nothing is.
#[derive(Debug, Default)]
pub(crate) struct Active {
    /// Our requests: those in flight, then those that wait.
    pub(crate) exchanges: Vec<Exchange>,
    /// Our confirmable responses and notifications.
    pub(crate) unacknowledged: Vec<Unacknowledged>,
    /// The peer's unfinished request bodies.
    pub(crate) reassemblies: Vec<Reassembly>,
    /// Bodies that the peer fetches block by block.
    pub(crate) served: Vec<Served>,
    /// The peer's observations here.
    pub(crate) observers: Vec<Observer>,
}

impl Active {
    pub(crate) fn is_empty(&self) -> bool {
        self.exchanges.is_empty()
            && self.unacknowledged.is_empty()
            && self.reassemblies.is_empty()
            && self.served.is_empty()
            && self.observers.is_empty()
    }
}

/// What an exchange is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Purpose {
    Request,
    Ping,
    /// The end of an observation that the application has forgotten, told to a peer that cannot be reset.
    Deregistration,
    /// The further blocks of a notification.
    Remainder {
        observation: Token,
        sequence: u32,
        confirmable: bool,
    },
}

/// One request of ours, over all its blocks.
#[derive(Debug)]
pub(crate) struct Exchange {
    pub(crate) serial: u64,
    pub(crate) purpose: Purpose,
    pub(crate) request: Request,
    pub(crate) confirmable: bool,
    pub(crate) parameters: Option<Box<Parameters>>,
    pub(crate) deadline: Moment,
    /// When the first message was sent; `None` while it waits in the queue.
    pub(crate) started: Option<Moment>,
    /// How many messages were sent, retransmissions not counted.
    pub(crate) sent: u32,
    /// Whether it was repeated with the value that the peer asked to have echoed. RFC 9175 §2.3.
    pub(crate) echoed: bool,
    pub(crate) retransmissions: u32,
    pub(crate) state: State,
    /// The token of the message in flight.
    pub(crate) token: Token,
    /// The token to use for every message: that of the observation to be cancelled.
    pub(crate) fixed_token: bool,
    pub(crate) upload: Option<Upload>,
    pub(crate) download: Option<Box<Download>>,
    /// The observation that the first response began.
    pub(crate) observation: Option<Token>,
}

/// Where an exchange's current message stands.
#[derive(Debug)]
pub(crate) enum State {
    /// To be sent, when it is its turn and there is a message ID.
    Unsent,
    /// To be sent when there is a message ID.
    AwaitingMessageId(Moment),
    /// Sent as CON.
    Unacknowledged(Retransmission),
    /// Acknowledged, or sent as NON: the response may come until then.
    AwaitingResponse { message_id: u16, until: Moment },
}

/// A request body that goes out in blocks.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Upload {
    pub(crate) offset: usize,
    /// Where the block in flight ends.
    pub(crate) end: usize,
    pub(crate) size: BlockSize,
    pub(crate) restarted: bool,
}

/// A response body that comes in blocks.
#[derive(Debug)]
pub(crate) struct Download {
    /// The first block's response, with the body so far.
    pub(crate) response: Response,
    pub(crate) size: BlockSize,
    pub(crate) restarted: bool,
}

/// A confirmable response or notification of ours.
#[derive(Debug)]
pub(crate) struct Unacknowledged {
    pub(crate) retransmission: Retransmission,
    pub(crate) content: Content,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Content {
    Response(IncomingId),
    Notification { id: NotificationId, token: Token },
}

/// A request body of the peer, as far as it came.
#[derive(Debug)]
pub(crate) struct Reassembly {
    /// Of the request without what differs from block to block.
    pub(crate) identity: u64,
    pub(crate) body: Vec<u8>,
    pub(crate) expires: Moment,
}

/// A response body of ours that the peer fetches.
#[derive(Debug)]
pub(crate) struct Served {
    pub(crate) identity: u64,
    pub(crate) response: Response,
    pub(crate) expires: Moment,
}

/// An observation of the peer here.
#[derive(Debug)]
pub(crate) struct Observer {
    pub(crate) token: Token,
    /// Of the request that registered it, and the block it asked for; `None` if it was made by `notify` alone.
    pub(crate) registered: Option<(u64, Option<Block>)>,
    /// The message IDs of the last notifications, to know what a reset is about.
    pub(crate) recent: [Option<(u16, NotificationId)>; 4],
    /// The latest state, to be sent when the confirmable notification in flight is acknowledged.
    pub(crate) next: Option<(NotificationId, Response)>,
}

impl Exchange {
    pub(crate) fn message_id(&self) -> Option<u16> {
        match &self.state {
            State::Unsent | State::AwaitingMessageId(_) => None,
            State::Unacknowledged(retransmission) => Some(retransmission.message_id),
            State::AwaitingResponse { message_id, .. } => Some(*message_id),
        }
    }

    /// The code of its messages: a ping is an Empty message, and on a stream one of signalling.
    pub(crate) fn code(&self, stream: bool) -> Code {
        if stream && self.purpose == Purpose::Ping {
            Code::PING
        } else {
            self.request.code
        }
    }

    /// When something has to be done for it.
    pub(crate) fn due(&self) -> Moment {
        let state = match &self.state {
            State::Unsent => Moment::NEVER,
            State::AwaitingMessageId(until) => *until,
            State::Unacknowledged(retransmission) => retransmission.due,
            State::AwaitingResponse { until, .. } => *until,
        };
        state.min(self.deadline)
    }

    /// The bytes of a response that is being put together.
    pub(crate) fn held(&self) -> usize {
        self.download
            .as_ref()
            .map_or(0, |download| download.response.payload.len())
    }

    /// The options and payload of the next message. `None` if a block number does not fit.
    pub(crate) fn next_message(&mut self, cut: &Cut) -> Option<(Options, &[u8])> {
        use crate::options::number::{BLOCK1, BLOCK2, OBSERVE, SIZE1};
        let mut options = self.request.options.clone();
        let body = &self.request.payload;
        if let Some(download) = &self.download {
            let held = download.response.payload.len();
            let block = Block::at(held, false, download.size)?;
            options.remove(OBSERVE);
            options.set_uint(BLOCK2, block.encode());
            // FETCH is what its body says, so a follow-up repeats it where that fits in one message. RFC 8132 §2.
            let repeats = self.request.code == Code::FETCH && body.len() <= cut.whole;
            return Some((options, if repeats { body } else { &[] }));
        }
        if cut.size < BlockSize::MAX && matches!(self.request.code, Code::GET | Code::FETCH) {
            options.set_uint(
                BLOCK2,
                Block {
                    number: 0,
                    more: false,
                    size: cut.size,
                }
                .encode(),
            );
        }
        let Some(upload) = &mut self.upload else {
            return Some((options, body));
        };
        let end = body.len().min(upload.offset + cut.length(upload.size));
        upload.end = end;
        let block = Block::at(upload.offset, end < body.len(), upload.size)?;
        options.set_uint(BLOCK1, block.encode());
        if upload.offset == 0 {
            options.set_uint(SIZE1, u32::try_from(body.len()).unwrap_or(u32::MAX));
        }
        Some((options, &body[upload.offset..end]))
    }

    pub(crate) fn round_trip(&self, now: Moment) -> Duration {
        self.started.map_or(Duration::ZERO, |started| now.since(started))
    }
}
