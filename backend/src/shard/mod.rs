//! The sockets: N of them on one port (SO_REUSEPORT), each with a thread, a CoAP endpoint and the registrations whose
//! datagrams and connections the system deals to it.
//!
//! A datagram is handled where it arrives, without lock, channel or task. What other threads have to know is reported
//! in batches. A registration follows its device: when a datagram arrives at another shard, that one claims it
//! ([`adopt`]).

mod admission;
mod adopt;
mod command;
mod connection;
mod deferred;
mod directory;
mod event;
mod exchange;
mod gateway;
mod notification;
mod obey;
mod outbox;
mod pacing;
mod peer;
mod registration;
mod request;
mod run;
mod secured;
mod sessions;
mod state;
mod statistics;
mod task;
mod trace;
mod transport;

pub(crate) use command::{Command, Shards};
pub(crate) use directory::{Directory, Place};
pub(crate) use peer::{Peer, Stream};
pub(crate) use run::{Listeners, start};
pub(crate) use sessions::SavedSession;
pub(crate) use state::Surroundings;
pub(crate) use statistics::{Counters, Statistics as ShardStatistics};
pub(crate) use transport::{Accept, Arrival, ConnectionLimits, NoConnection, Strays, Streams, listen};
