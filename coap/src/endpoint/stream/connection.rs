//! One connection: its beginning, what time does to it, and its end. RFC 8323 §3.3, §5.

use std::sync::Arc;
use std::time::Instant;

use super::super::{Endpoint, Peer};
use crate::clock::Moment;
use crate::config::StreamConfig;
use crate::event::{ClosingReason, Event, FailureReason};
use crate::stream::StreamMessage;
use crate::stream::framing::Framing;
use crate::stream::signal::{self, Capabilities};
use crate::token::Token;

/// What is kept of a connection.
#[derive(Debug)]
pub(crate) struct Connection {
    pub(super) framing: Framing,
    /// What the peer said in its CSM; `None` until it came.
    pub(super) peer: Option<Capabilities>,
    /// When its first message has to be there.
    csm_until: Moment,
    /// When the peer was last heard of.
    pub(super) heard: Moment,
    /// The token of our unanswered keep-alive Ping, and when it is given up.
    pub(super) pinged: Option<(Token, Moment)>,
    /// The token of a Ping that asks for custody while the application still has requests.
    pub(super) custody: Option<Token>,
    pub(super) state: Standing,
}

/// How far the end of a connection is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Standing {
    Open,
    /// One side said Release: what is in flight ends, nothing new begins.
    Released,
    /// The application was told to close it.
    Closing,
}

impl Connection {
    /// Whether a request of ours may go out.
    pub(crate) fn may_ask(&self) -> bool {
        self.peer.is_some() && self.state == Standing::Open
    }

    /// The bytes of an unfinished message.
    pub(crate) fn held(&self) -> usize {
        self.framing.held()
    }

    /// When something has to be done for it.
    pub(crate) fn due(&self, config: &StreamConfig) -> Moment {
        if self.state == Standing::Closing {
            return Moment::NEVER;
        }
        if self.peer.is_none() {
            return self.csm_until;
        }
        match (self.pinged, config.keep_alive) {
            (Some((_, until)), _) => until,
            (None, Some(silence)) => self.heard.after(silence),
            (None, None) => Moment::NEVER,
        }
    }
}

impl<P: Peer> Endpoint<P> {
    /// A connection to the peer stands; the CSM goes out. From now until [`disconnected`](Self::disconnected) the peer
    /// is spoken to in messages of a stream. Whether there is room for it; if not, close the connection.
    ///
    /// A key that names a connection must not name a peer of datagrams, too.
    pub fn connected(&mut self, now: Instant, peer: P) -> bool {
        self.disconnected(now, peer);
        let now = self.clock.read(now);
        let Some(slot) = self.peers.find_or_insert(peer) else {
            self.statistics.refused_overload += 1;
            return false;
        };
        self.peers[slot].stream = Some(Box::new(Connection {
            framing: Framing::default(),
            peer: None,
            csm_until: now.after(self.config.stream.csm_timeout),
            heard: now,
            pinged: None,
            custody: None,
            state: Standing::Open,
        }));
        let own = self.own_capabilities();
        self.send_message(slot, &own.message());
        self.settle(slot, now);
        true
    }

    /// The connection to the peer is gone, and with it everything that was bound to it: requests fail with
    /// [`FailureReason::Disconnected`], observations of both roles end without a word.
    pub fn disconnected(&mut self, now: Instant, peer: P) {
        self.clock.read(now);
        let Some(slot) = self.peers.find(peer) else { return };
        self.transmits.retain(|transmit| transmit.peer != peer);
        self.parameters.remove(&peer);
        self.drop_peer(slot, FailureReason::Disconnected);
    }

    /// Says Release: the peer is to end what it has begun and to close. [`Event::Closing`] follows when nothing is in
    /// flight; to be quick, close after what is to be sent is sent. RFC 8323 §5.5.
    pub fn release(&mut self, now: Instant, peer: P) {
        let now = self.clock.read(now);
        let Some(slot) = self.peers.find(peer) else { return };
        if self.standing(slot) == Some(Standing::Open) {
            self.send_message(slot, &StreamMessage::new(crate::Code::RELEASE));
            self.begin_release(slot);
            self.settle(slot, now);
        }
    }

    /// Whether the peer is connected by a stream.
    pub fn is_connected(&self, peer: P) -> bool {
        let slot = self.peers.find(peer);
        slot.is_some_and(|slot| self.is_stream(slot))
    }

    pub(in crate::endpoint) fn is_stream(&self, slot: u32) -> bool {
        self.peers[slot].stream.is_some()
    }

    pub(super) fn standing(&self, slot: u32) -> Option<Standing> {
        self.peers[slot].stream.as_deref().map(|stream| stream.state)
    }

    pub(super) fn stream_mut(&mut self, slot: u32) -> Option<&mut Connection> {
        self.peers.get_mut(slot)?.stream.as_deref_mut()
    }

    /// What this end says of itself.
    pub(super) fn own_capabilities(&self) -> Capabilities {
        Capabilities {
            max_message_size: self.config.stream.max_message_size,
            block_wise: true,
        }
    }

    pub(super) fn send_message(&mut self, slot: u32, message: &StreamMessage) {
        let peer = self.peers[slot].key;
        self.send(peer, Arc::from(message.encode()));
    }

    /// Requests that wait are given back; those in flight go on.
    pub(super) fn begin_release(&mut self, slot: u32) {
        if let Some(stream) = self.stream_mut(slot) {
            stream.state = Standing::Released;
        }
        while let Some(serial) = self
            .exchanges(slot)
            .iter()
            .find(|it| it.started.is_none())
            .map(|it| it.serial)
        {
            self.fail(slot, serial, FailureReason::Disconnected);
        }
    }

    /// Says Abort and has the connection closed. RFC 8323 §5.6.
    pub(super) fn abort(&mut self, slot: u32, reason: ClosingReason) {
        let bad_option = match reason {
            ClosingReason::BadCsmOption(number) => Some(number),
            _ => None,
        };
        self.send_message(slot, &signal::abort(&reason.to_string(), bad_option));
        self.close(slot, reason);
    }

    /// Has the connection closed: nothing more is taken from it.
    pub(super) fn close(&mut self, slot: u32, reason: ClosingReason) {
        let peer = self.peers[slot].key;
        if let Some(stream) = self.stream_mut(slot) {
            stream.state = Standing::Closing;
            let unfinished = std::mem::take(&mut stream.framing).held();
            self.partial -= unfinished;
            self.events.push_back(Event::Closing { peer, reason });
        }
    }

    /// What time does to a connection.
    pub(in crate::endpoint) fn run_stream(&mut self, slot: u32, now: Moment) {
        let Some(stream) = self.peers[slot].stream.as_deref() else {
            return;
        };
        if stream.due(&self.config.stream) > now {
            return;
        }
        if stream.peer.is_none() {
            return self.abort(slot, ClosingReason::CsmMissing);
        }
        if stream.pinged.is_some() {
            return self.abort(slot, ClosingReason::Silent);
        }
        let token = self.random.token();
        let until = now.after(self.config.stream.pong_timeout);
        self.send_message(slot, &signal::ping_or_pong(crate::Code::PING, token, false));
        if let Some(stream) = self.stream_mut(slot) {
            stream.pinged = Some((token, until));
        }
    }

    /// What became possible for a connection after something ended.
    pub(in crate::endpoint) fn settle_stream(&mut self, slot: u32) {
        let state = &mut self.peers[slot];
        let unanswered = state.unanswered;
        let Some(stream) = state.stream.as_deref_mut() else {
            return;
        };
        if unanswered > 0 {
            return;
        }
        let custody = stream.custody.take();
        let ended = stream.state == Standing::Released && self.exchanges(slot).is_empty();
        if let Some(token) = custody {
            self.send_message(slot, &signal::ping_or_pong(crate::Code::PONG, token, true));
        }
        if ended {
            self.close(slot, ClosingReason::Released);
        }
    }
}
