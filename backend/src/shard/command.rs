//! What a shard is told by others.

use super::Peer;
use super::adopt::{Handed, Moving};
use crate::lwm2m::registration::RegistrationId;
use crate::registry::DeviceNumber;
use crate::trace::{Raw, Watcher};
use coap::Token;
use shared::Path;
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::sync::{mpsc, oneshot};

/// How many commands may wait for a shard.
pub(super) const QUEUE: usize = 8192;

#[derive(Debug)]
pub(crate) enum Command {
    /// Something waits for the device.
    Wake {
        device: DeviceNumber,
    },
    /// Somebody set how the device is talked to.
    Tune {
        device: DeviceNumber,
    },
    /// Gives an operation up that is on its way.
    Cancel {
        device: DeviceNumber,
        operation: u64,
    },
    /// The lifetime is over, as far as the registry knows.
    Expire {
        device: DeviceNumber,
    },
    /// Drops the registration without a word.
    Forget {
        device: DeviceNumber,
    },
    /// A device that was behind a gateway here registers itself now.
    Release {
        device: DeviceNumber,
    },
    /// Another shard registered the device anew; drops the registration that was here, if it still is.
    Replaced {
        device: DeviceNumber,
        id: RegistrationId,
    },
    /// A datagram of a device that this shard has came to another one, which asks for the device.
    Claim {
        device: DeviceNumber,
        peer: Peer,
        datagram: Box<[u8]>,
        by: u16,
    },
    /// A device that was claimed, with the datagram it was claimed for.
    Adopt(Box<Moving>),
    /// A device that this shard has speaks with another one over a new connection: hand it over, whatever goes on here.
    Take {
        device: DeviceNumber,
        by: u16,
    },
    /// The answer to that; `None` if nobody has the device.
    Given {
        device: DeviceNumber,
        record: Option<Box<Handed>>,
    },
    /// A datagram to be handled as if it had come here.
    Deliver {
        peer: Peer,
        datagram: Box<[u8]>,
    },
    /// A DTLS datagram that came to another shard's socket and belongs to a session of this one.
    Record {
        address: SocketAddr,
        datagram: Box<[u8]>,
    },
    /// Ends the sessions of an identity: its credential was withdrawn.
    EndIdentity(dtls::PeerIdentity),
    /// Ends the session of a device.
    EndSession {
        reason: &'static str,
        device: DeviceNumber,
    },
    /// Asks for the last datagrams of these addresses, and for what the tokens of the device stand for.
    Trace {
        addresses: Vec<SocketAddr>,
        reply: oneshot::Sender<Recorded>,
    },
    Watch(Watcher),
    /// Ends the shard once it has reported what it has to.
    Stop,
}

/// What a shard knows of a device's datagrams: themselves, and what the tokens of its observations stand for.
#[derive(Debug)]
pub(crate) struct Recorded {
    pub(crate) raw: Vec<Raw>,
    pub(crate) tokens: Vec<(Token, Path)>,
}

/// The ways to all shards.
#[derive(Debug, Clone)]
pub(crate) struct Shards {
    queues: Arc<[mpsc::Sender<Command>]>,
}

impl Shards {
    pub(crate) fn new(count: usize) -> (Shards, Vec<mpsc::Receiver<Command>>) {
        let (queues, receivers): (Vec<_>, Vec<_>) = (0..count).map(|_| mpsc::channel(QUEUE)).unzip();
        let shards = Shards {
            queues: queues.into(),
        };
        (shards, receivers)
    }

    pub(crate) fn count(&self) -> usize {
        self.queues.len()
    }

    /// Waits for room in the shard's queue. False if the shard has ended.
    pub(crate) async fn send(&self, shard: u16, command: Command) -> bool {
        match self.queues.get(usize::from(shard)) {
            Some(queue) => queue.send(command).await.is_ok(),
            None => false,
        }
    }

    /// Does not wait: false if the queue is full.
    pub(crate) fn try_send(&self, shard: u16, command: Command) -> bool {
        self.queues
            .get(usize::from(shard))
            .is_some_and(|queue| queue.try_send(command).is_ok())
    }

    /// As [`Shards::try_send`], and gives the command back if the queue is full. A shard that has ended takes all.
    pub(crate) fn try_give(&self, shard: u16, command: Command) -> Result<(), Command> {
        match self
            .queues
            .get(usize::from(shard))
            .map(|queue| queue.try_send(command))
        {
            Some(Err(mpsc::error::TrySendError::Full(command))) => Err(command),
            _ => Ok(()),
        }
    }

    /// A place in the shard's queue, for a command that must not be lost.
    pub(crate) fn try_reserve(&self, shard: u16) -> Option<mpsc::Permit<'_, Command>> {
        self.queues.get(usize::from(shard))?.try_reserve().ok()
    }
}
