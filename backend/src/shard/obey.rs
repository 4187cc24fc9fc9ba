//! What others tell a shard, and what it tells other shards.

use super::state::{Job, Now, Record, Shard};
use super::{Command, Peer, Place};
use crate::lwm2m::operation::encode::{self, Attempt};
use crate::registry::{DeviceNumber, RestoredRegistration};
use coap::Observation;
use shared::api::Transport;
use shared::event::DeregistrationReason;
use tokio::sync::mpsc;

/// How many commands are taken in one turn.
const COMMANDS: usize = 256;

impl Shard {
    /// Takes commands, as many as a turn has; whether there may be more, or `None` to stop.
    pub(super) fn obey(&mut self, now: Now) -> Option<bool> {
        for _ in 0..COMMANDS {
            match self.commands.try_recv() {
                Ok(Command::Stop) | Err(mpsc::error::TryRecvError::Disconnected) => return None,
                Ok(command) => self.execute(now, command),
                Err(mpsc::error::TryRecvError::Empty) => return Some(false),
            }
            self.settle(now);
        }
        Some(true)
    }

    pub(super) fn execute(&mut self, now: Now, command: Command) {
        match command {
            Command::Wake { device } => {
                if let Some(record) = self.records.get_mut(&device) {
                    record.wanted = true;
                }
                self.pump(now, device);
                self.fail_out_of_reach(now, device, None);
            }
            Command::Tune { device } => {
                let peer = self.records.get(&device).map(|record| record.peer);
                if let Some(peer) = peer {
                    self.tune(device, peer);
                }
            }
            Command::Cancel { device, operation } => self.cancel(now, device, operation),
            Command::Expire { device } => self.expire(now, device),
            Command::Forget { device } => self.forget(now, device),
            Command::Release { device } => {
                if self
                    .records
                    .get(&device)
                    .is_some_and(|record| record.behind.is_some())
                {
                    self.drop_record(now, device);
                }
            }
            Command::Replaced { device, id } => {
                let replaced = self.records.get(&device);
                if let Some(record) = replaced.filter(|record| record.registration.id == id) {
                    let left = record.peer;
                    self.forget(now, device);
                    self.end_left(now, device, left);
                }
            }
            Command::Claim {
                device,
                peer,
                datagram,
                by,
            } => {
                if let Some(datagram) = self.claimed(now, device, peer, datagram, by) {
                    self.handle(now, peer, &datagram);
                }
            }
            Command::Adopt(moving) => {
                let (peer, datagram) = self.adopt(now, *moving);
                self.handle(now, peer, &datagram);
            }
            Command::Take { device, by } => self.give(now, device, by),
            Command::Given { device, record } => self.given(now, device, record.map(|handed| handed.record)),
            Command::Deliver { peer, datagram } => self.handle(now, peer, &datagram),
            Command::Record {
                address,
                mut datagram,
            } => self.take_record(now, address, &mut datagram),
            Command::EndIdentity(identity) => self.end_identity(now, &identity),
            Command::EndSession { device, reason } => self.end_session(now, device, reason),
            Command::Trace { addresses, reply } => {
                // Whoever asked may have gone.
                let _ = reply.send(self.recorded(&addresses));
            }
            Command::Watch(watcher) => self.watch(watcher),
            Command::Stop => self.commands.close(),
        }
    }

    fn forget(&mut self, now: Now, device: DeviceNumber) {
        let Some(record) = self.drop_record(now, device) else {
            return;
        };
        if record.behind.is_none() {
            self.leave(record.peer);
        }
        self.dismiss(now, record.gateway, DeregistrationReason::Replaced);
    }

    fn cancel(&mut self, now: Now, device: DeviceNumber, operation: u64) {
        let lead = self.lead(device);
        let under_way = self.records.get(&lead).and_then(|record| record.exchange);
        let is_it = under_way.and_then(|exchange| self.exchanges.get(&exchange)).is_some_and(|exchange| {
            matches!(&exchange.job, Job::Operation { entry, .. } if entry.operation.id == operation)
        });
        if let Some(exchange) = under_way.filter(|_| is_it) {
            self.endpoint.cancel(now.instant, exchange);
        }
    }

    /// The device's turn has come for what the server asks of its own accord.
    pub(super) fn allow(&mut self, now: Now, device: DeviceNumber) {
        if let Some(todo) = self
            .records
            .get_mut(&device)
            .and_then(|record| record.todo.as_mut())
        {
            todo.allowed = true;
        }
        self.pump(now, device);
    }

    /// Tries again to hand over what other shards had no room for.
    pub(super) fn send_held(&mut self) {
        for (shard, command) in std::mem::take(&mut self.held) {
            self.send_to(shard, command);
        }
    }

    /// Hands a command that must not be lost to another shard. There is one a registration at most.
    pub(super) fn send_to(&mut self, shard: u16, command: Command) {
        if let Err(command) = self.surroundings.shards.try_give(shard, command) {
            self.held.push((shard, command));
        }
    }

    /// Takes up a registration that the store gave back.
    pub(super) fn restore(&mut self, now: Now, restored: RestoredRegistration) {
        let RestoredRegistration {
            device,
            registration,
            address,
            lifetime_ends,
            observations,
            session,
        } = restored;
        let is_child = registration.behind.is_some();
        let gateway = self.restore_child(device, &registration);
        if is_child && gateway.is_none() {
            tracing::warn!(
                endpoint = &*registration.endpoint,
                "a device is not taken up again, for its gateway is not"
            );
            return;
        }
        let session = session.and_then(|saved| self.import(now.instant, device, *saved));
        let peer = match (session, &registration.secured) {
            _ if let Some(peer) = gateway => peer,
            (Some(peer), _) => peer,
            (None, None) => Peer::restored(registration.transport, address),
            (None, Some(_)) if registration.transport == Transport::Dtls => Peer::Away(device),
            (None, Some(_)) => Peer::restored(registration.transport, address),
        };
        if !is_child && matches!(peer, Peer::Dtls { .. } | Peer::Away(_)) {
            let place = Place {
                shard: self.index,
                id: registration.id,
                peer,
            };
            self.surroundings.directory.moved(device, place);
        }
        let mut kept = Vec::new();
        let manner = self.surroundings.manners.of(device);
        // What was observed over a connection went with it, and is observed again when the device comes back.
        let observations = observations.into_iter().filter(|_| !peer.is_stream());
        for (wanted, token, request) in observations {
            // One that was kept by an older server lacks the request: without its options, it is asked as it would be now.
            let rebuilt = || {
                encode::task(
                    &wanted.task(),
                    wanted.format,
                    &registration,
                    &manner,
                    &self.models,
                    Attempt::default(),
                )
            };
            let Some(request) = request.or_else(|| Some(rebuilt().ok()??.request)) else {
                continue;
            };
            let observation = Observation { token, request };
            match self.endpoint.adopt_observation(now.instant, peer, observation) {
                Ok(()) => kept.push((wanted.subject, token)),
                Err(error) => tracing::warn!(%peer, %error, "an observation could not be taken up again"),
            }
        }
        if is_child {
            if let Some(mut record) = self.take_out(device) {
                record.observations = kept;
                self.insert(device, record);
            }
            return;
        }
        let record = Record {
            registration,
            peer,
            lifetime_ends,
            last_message: None,
            asleep: true,
            wanted: self.surroundings.book.waits(device),
            exchange: None,
            todo: None,
            observations: kept,
            behind: None,
            gateway: None,
        };
        let awake = record.wanted && !record.registration.queue_mode;
        self.insert(device, record);
        if awake {
            self.pump(now, device);
        }
    }
}
