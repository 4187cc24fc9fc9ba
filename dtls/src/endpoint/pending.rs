//! One handshake as the endpoint keeps it: the state machine with its records, its timers and what came too early.

use super::event::{Direction, HandshakeId};
use super::secured::{Dropped, Secured};
use crate::alert::AlertDescription;
use crate::config::Config;
use crate::handshake::{
    ClientHandshake, Epoch, Fragment, HandshakeError, Part, Reassembly, Retransmission, ServerHandshake,
};
use crate::identity::PeerIdentity;
use crate::message::HandshakeType;
use crate::record::{ContentType, Header};
use std::sync::Arc;
use std::time::Instant;

/// The state machine, or none yet.
#[derive(Debug)]
pub(super) enum Machine {
    /// The pieces of a ClientHello with a verified cookie come together.
    Opening,
    Server(ServerHandshake),
    Client(ClientHandshake),
}

impl Machine {
    pub(super) const fn is_client(&self) -> bool {
        matches!(self, Machine::Client(_))
    }

    pub(super) const fn is_asking(&self) -> bool {
        match self {
            Machine::Opening => false,
            Machine::Server(server) => server.is_asking(),
            Machine::Client(client) => client.is_asking(),
        }
    }

    fn epoch(&self) -> Option<Epoch> {
        match self {
            Machine::Opening => None,
            Machine::Server(server) => server.epoch(),
            Machine::Client(client) => client.epoch(),
        }
    }

    pub(super) fn claimed(&self) -> Option<PeerIdentity> {
        let claimed = match self {
            Machine::Opening => return None,
            Machine::Server(server) => server.claimed(),
            Machine::Client(client) => client.claimed(),
        };
        (*claimed != PeerIdentity::Anonymous).then(|| claimed.clone())
    }
}

/// A few records that came too early.
#[derive(Debug)]
pub(super) struct Held<T> {
    records: Vec<(T, Vec<u8>)>,
    bytes: usize,
}

impl<T> Default for Held<T> {
    fn default() -> Held<T> {
        Held {
            records: Vec::new(),
            bytes: 0,
        }
    }
}

impl<T> Held<T> {
    const MOST_RECORDS: usize = 8;
    const MOST_BYTES: usize = 16_384;

    /// Keeps a record, unless there are too many: then it is as if it were lost.
    fn push(&mut self, what: T, content: &[u8]) {
        if self.records.len() < Self::MOST_RECORDS && self.bytes + content.len() <= Self::MOST_BYTES {
            self.bytes += content.len();
            self.records.push((what, content.to_vec()));
        }
    }

    pub(super) fn take(&mut self) -> Vec<(T, Vec<u8>)> {
        self.bytes = 0;
        std::mem::take(&mut self.records)
    }
}

#[derive(Debug)]
pub(super) struct Pending<P> {
    pub(super) id: HandshakeId,
    pub(super) peer: P,
    pub(super) config: Arc<Config>,
    pub(super) machine: Machine,
    pub(super) reassembly: Reassembly,
    pub(super) secured: Option<Secured>,
    /// The number of our next record in epoch 0.
    pub(super) sequence: u64,
    /// Records of epoch 1 before there are keys.
    held: Held<Header>,
    /// Application data before the Finished message.
    pub(super) early: Held<()>,
    pub(super) flight: Vec<Part>,
    pub(super) sent: Instant,
    pub(super) retransmission: Option<Retransmission>,
    pub(super) deadline: Instant,
    /// The timer that is set for this handshake.
    pub(super) timer: Option<Instant>,
    /// An alert that nothing authenticates, and when it is believed: if nothing else comes from the peer until then.
    pub(super) noted: Option<(AlertDescription, Instant)>,
    /// Whether a record of epoch 1 could not be opened.
    pub(super) forged: bool,
    /// Whether that was told.
    pub(super) forgery_told: bool,
    /// By which a client's repeated ClientHello is told from a new one.
    pub(super) client_random: [u8; 32],
}

impl<P> Pending<P> {
    pub(super) fn new(
        now: Instant,
        id: HandshakeId,
        peer: P,
        config: Arc<Config>,
        machine: Machine,
        reassembly: Reassembly,
    ) -> Pending<P> {
        Pending {
            id,
            peer,
            deadline: now + config.handshake_timeout,
            config,
            machine,
            reassembly,
            secured: None,
            sequence: 0,
            held: Held::default(),
            early: Held::default(),
            flight: Vec::new(),
            sent: now,
            retransmission: None,
            timer: None,
            noted: None,
            forged: false,
            forgery_told: false,
            client_random: [0; 32],
        }
    }

    /// When this handshake needs attention next.
    pub(super) fn next_timer(&self) -> Instant {
        let others = [
            self.retransmission.map(|retransmission| retransmission.at),
            self.noted.map(|(_, at)| at),
        ];
        others.into_iter().flatten().fold(self.deadline, Instant::min)
    }

    /// Takes the keys of epoch 1 as soon as there are any, and looks at the records that waited for them.
    pub(super) fn secure(&mut self) -> Result<(), AlertDescription> {
        if self.secured.is_none()
            && let Some(epoch) = self.machine.epoch()
        {
            self.secured = Some(Secured::new(epoch, self.machine.is_client()));
            for (header, mut content) in self.held.take() {
                self.protected(&header, &mut content)?;
            }
        }
        Ok(())
    }

    /// Takes a record of epoch 1. An authentic alert that ends the handshake is the error.
    pub(super) fn protected(&mut self, header: &Header, content: &mut [u8]) -> Result<(), AlertDescription> {
        let Some(secured) = &mut self.secured else {
            self.held.push(*header, content);
            return Ok(());
        };
        let opened = match secured.open(header, content) {
            Ok(opened) => opened,
            Err(Dropped::Stale) => return Ok(()),
            Err(Dropped::Forged) => {
                self.forged = true;
                return Ok(());
            }
        };
        match opened.content_type {
            ContentType::Handshake => {
                let mut rest = opened.content;
                while let Ok((fragment, after)) = Fragment::read(rest) {
                    rest = after;
                    // Finished is the one message that is protected in a handshake.
                    if fragment.kind == HandshakeType::Finished {
                        self.reassembly.insert(&fragment);
                    }
                }
            }
            ContentType::ApplicationData => self.early.push((), opened.content),
            ContentType::Alert => {
                if let Some((true, alert)) = read_alert(opened.content) {
                    return Err(alert);
                }
            }
            ContentType::ChangeCipherSpec | ContentType::ConnectionId => {}
        }
        Ok(())
    }

    /// Notes an alert that anyone can have sent.
    pub(super) fn note(&mut self, now: Instant, content: &[u8]) {
        if let Some((true, alert)) = read_alert(content)
            && self.noted.is_none()
        {
            self.noted = Some((alert, now + self.config.retransmit_after));
        }
    }

    /// What to say when time is up.
    pub(super) fn timed_out(&self) -> HandshakeError {
        let (alert, reason) = match &self.machine {
            _ if self.forged => (
                AlertDescription::DecryptError,
                "the peer's records could not be opened: the keys of the two sides probably differ",
            ),
            machine if machine.is_asking() => (
                AlertDescription::InternalError,
                "the question about the peer was not answered in time",
            ),
            Machine::Client(_) if self.secured.is_some() => (
                AlertDescription::DecryptError,
                "the server did not answer the end of the handshake: the keys of the two sides may differ",
            ),
            Machine::Client(_) => (AlertDescription::UserCanceled, "the server did not answer"),
            Machine::Server(_) | Machine::Opening => (
                AlertDescription::UserCanceled,
                "the client did not go on with the handshake",
            ),
        };
        HandshakeError::new(alert, reason)
    }
}

/// Whether an alert ends what it concerns, and what it says. One of an unknown kind ends it if it is fatal.
pub(super) fn read_alert(content: &[u8]) -> Option<(bool, AlertDescription)> {
    let [level, description] = content else {
        return None;
    };
    let alert = AlertDescription::from_byte(*description);
    let ends = *level == 2 || alert == Some(AlertDescription::CloseNotify);
    Some((ends, alert.unwrap_or(AlertDescription::HandshakeFailure)))
}

/// What a part of a flight is called in a trace.
pub(super) const fn part_name(part: &Part) -> (Direction, &'static str) {
    match part {
        Part::ChangeCipherSpec => (Direction::Sent, "ChangeCipherSpec"),
        Part::Message { message, .. } => (Direction::Sent, message.kind.name()),
    }
}
