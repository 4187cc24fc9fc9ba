//! Connections: what they mean for the devices at their other end. LwM2M Transport 1.2 §6.4.
//!
//! A registration outlives its connection. The device says by an Update on its next one where it is now; until then it
//! cannot be asked, and its observations, which went with the connection, are made again after that.

use super::Peer;
use super::peer::Stream;
use super::state::{Now, Shard};
use super::transport::{Arrival, NoConnection};
use crate::credential::Secured;
use crate::registry::{Report, What};
use crate::tls::{Proven, Refused};
use crate::trace::{KEPT, Step};
use coap::ClosingReason;
use dtls::{PeerIdentity, Untrusted};
use shared::api::{Direction, Transport};
use std::net::SocketAddr;
use std::sync::Arc;

/// How many arrivals are taken before datagrams, commands and timers get their turn.
const BATCH: usize = 128;

impl Shard {
    /// Takes what happened to connections, as much as a turn has; whether there may be more.
    pub(super) fn receive_streams(&mut self, now: Now) -> bool {
        for _ in 0..BATCH {
            let Some(arrival) = self.streams.try_next() else {
                return false;
            };
            self.arrived(now, arrival);
        }
        true
    }

    pub(super) fn arrived(&mut self, now: Now, arrival: Arrival) {
        match arrival {
            Arrival::Opened {
                stream,
                outgoing,
                proven,
            } => {
                let proven = proven
                    .map(|proven| self.take_proof(now, stream, proven))
                    .transpose();
                // Without the way out its task ends.
                if let Ok(proven) = proven
                    && self.endpoint.connected(now.instant, Peer::Stream(stream))
                {
                    self.streams.opened(stream, outgoing, proven.flatten());
                }
            }
            Arrival::Bytes { stream, bytes } => self.take_bytes(now, stream, &bytes),
            Arrival::Closed { stream, reason } => self.closed(now, stream, reason.as_deref()),
            Arrival::Refused(refused) => self.refused_connection(now, refused),
        }
        self.settle(now);
    }

    /// What a TLS handshake proved; nothing if the device showed nothing. Fails for who is not let in any more.
    fn take_proof(
        &mut self,
        now: Now,
        stream: Stream,
        proven: Proven,
    ) -> Result<Option<(PeerIdentity, Arc<Secured>)>, ()> {
        self.statistics.tls_handshakes += 1;
        let (identity, address) = (proven.identity, stream.address);
        if identity == PeerIdentity::Anonymous {
            return Ok(None);
        }
        match self.secured_by(now, &identity, proven.suite, false, proven.resumed) {
            Ok(secured) => {
                self.session_began(now, &secured, (Transport::Tls, address));
                Ok(Some((identity, secured)))
            }
            Err(Untrusted { words, .. }) => {
                let refused = Refused {
                    claimed: Some(identity),
                    reason: words,
                };
                self.refused_connection(now, NoConnection::Handshake { address, refused });
                Err(())
            }
        }
    }

    fn take_bytes(&mut self, now: Now, stream: Stream, bytes: &[u8]) {
        let peer = Peer::Stream(stream);
        let mut seen: Vec<Vec<u8>> = Vec::new();
        self.endpoint
            .handle_stream_seen(now.instant, peer, bytes, |message| {
                seen.push(message[..message.len().min(KEPT)].to_vec());
            });
        for message in seen {
            self.trace(now, peer, Direction::Up, &message);
        }
    }

    /// The endpoint has nothing more to do with a connection: it is closed when its last message is written.
    pub(super) fn closing(&mut self, now: Now, peer: Peer, reason: &ClosingReason) {
        if *reason != ClosingReason::Released {
            self.report_refused(now, None, peer, "connection", None, reason.to_string());
        }
        if let Peer::Stream(stream) = peer {
            self.ending.push(stream);
        }
    }

    /// Closes the connections whose last message is written.
    pub(super) fn end_connections(&mut self) {
        for stream in std::mem::take(&mut self.ending) {
            self.streams.close(stream);
        }
    }

    /// A connection is gone. Its device cannot be reached until it comes back.
    fn closed(&mut self, now: Now, stream: Stream, reason: Option<&str>) {
        let peer = Peer::Stream(stream);
        let (secured, why) = self.streams.gone(stream);
        self.endpoint.disconnected(now.instant, peer);
        let device = self.by_peer.get(&peer).copied();
        if let Some(record) = device.and_then(|device| self.records.get_mut(&device)) {
            record.asleep = true;
            let children = record.gateway.as_ref().map(|gateway| gateway.children());
            let family = device.into_iter().chain(children.unwrap_or_default());
            for device in family {
                let record = self.records.get_mut(&device);
                let observations = record.map(|record| std::mem::take(&mut record.observations));
                for (_, token) in observations.unwrap_or_default() {
                    self.tokens.remove(&(peer, token));
                }
            }
        }
        tracing::debug!(%peer, ?reason, "a connection ended");
        let why = why.or(reason);
        if let Some(device) = device {
            self.fail_out_of_reach(now, device, why);
            self.report(now, device, What::Unanswered);
        }
        let owner = secured.and_then(|secured| self.surroundings.directory.number(&secured.endpoint));
        if let Some(device) = owner {
            let reason = why.unwrap_or("the connection ended").to_owned();
            self.report(now, device, What::SessionEnded { reason });
        }
    }

    /// Closes a connection whose device is not to be served over it any more. What still comes from it is not heard.
    pub(super) fn end_connection(&mut self, now: Now, stream: Stream, reason: &'static str) {
        self.streams.close_for(stream, reason);
        self.endpoint.disconnected(now.instant, Peer::Stream(stream));
    }

    fn refused_connection(&mut self, now: Now, refused: NoConnection) {
        let (address, reason) = match refused {
            NoConnection::Limit { address, reason } => (address, reason),
            NoConnection::Handshake { address, refused } => {
                return self.refused_tls(now, address, &refused);
            }
        };
        self.statistics.refused += 1;
        let what = What::Refused {
            address,
            what: "connection".into(),
            code: None,
            reason,
        };
        let report = Report {
            at: now.at,
            device: None,
            what,
        };
        self.outbox.add(now.instant, report);
    }

    fn refused_tls(&mut self, now: Now, address: SocketAddr, refused: &Refused) {
        self.statistics.tls_handshakes_failed += 1;
        let claimed = refused.claimed.as_ref();
        let whose = self.whose(claimed);
        let reason = format!("the TLS handshake{whose} failed: {}", refused.reason);
        let device = self.claimed_by(now, claimed);
        let way = (Transport::Tls, address);
        self.trace_step_over(now, device, way, Direction::Up, Step::Failure(&reason));
        self.refused_handshake(now, device, address, reason);
    }

    /// Whether messages can go to a peer at all.
    pub(super) fn is_reachable(&self, peer: Peer) -> bool {
        match peer {
            Peer::Stream(stream) => self.streams.is_open(stream),
            Peer::Dtls { .. } => self.secured(peer).is_some(),
            Peer::Away(_) => false,
            Peer::Udp(_) => true,
        }
    }

    /// Takes leave of everybody: each is told to end what it began and to close. RFC 8323 §5.5.
    pub(super) fn release_all(&mut self, now: Now) {
        for stream in self.streams.all() {
            self.endpoint.release(now.instant, Peer::Stream(stream));
        }
        self.settle(now);
    }
}
