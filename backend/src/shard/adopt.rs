//! A registration follows its device from shard to shard.
//!
//! The system deals datagrams to the sockets by the sender's address, so a device whose address changed, or whose
//! registration was restored to any shard after a restart, may arrive where nobody knows it. That shard asks the owner
//! for it ([`Command::Claim`]). If no exchange is on its way the owner gives the registration away with its
//! observations ([`Command::Adopt`]); else it handles the datagram itself and answers from its own socket, which has
//! the same port.

use super::Command;
use super::directory::Place;
use super::state::{Now, Record, Shard};
use crate::lwm2m::registration::RegistrationId;
use crate::registry::DeviceNumber;
use coap::{Code, Kind, Message, Observation};
use std::net::SocketAddr;

/// A registration on its way to another shard.
#[derive(Debug)]
pub(crate) struct Moving {
    pub(super) device: DeviceNumber,
    pub(super) record: Record,
    pub(super) observations: Vec<Observation>,
    /// The datagram it was claimed for, and where that came from.
    pub(super) peer: SocketAddr,
    pub(super) datagram: Box<[u8]>,
}

impl Shard {
    /// Whether another shard has the device that sent this; the datagram is with that one then.
    pub(super) fn belongs_elsewhere(&mut self, peer: SocketAddr, datagram: &[u8]) -> bool {
        if self.by_peer.contains_key(&peer) {
            return false;
        }
        let owner = self
            .surroundings
            .directory
            .of_peer(peer)
            .or_else(|| {
                let id = location(datagram)?;
                Some((id.device(), self.surroundings.directory.of_id(id)?))
            })
            .filter(|(_, place)| place.shard != self.index);
        let Some((device, place)) = owner else {
            return false;
        };
        let command = Command::Claim {
            device,
            peer,
            datagram: datagram.into(),
            by: self.index,
        };
        if !self.surroundings.shards.try_send(place.shard, command) {
            // The device sends it again.
            self.statistics.commands_refused += 1;
        }
        true
    }

    /// Another shard asks for a device. Returns the datagram if it is to be handled here.
    pub(super) fn claimed(
        &mut self,
        now: Now,
        device: DeviceNumber,
        peer: SocketAddr,
        datagram: Box<[u8]>,
        by: u16,
    ) -> Option<Box<[u8]>> {
        let Some(record) = self.records.get(&device) else {
            self.pass_on(device, peer, datagram);
            return None;
        };
        let shards = self.surroundings.shards.clone();
        let movable = record.exchange.is_none() && self.endpoint.is_idle(record.peer);
        let Some(permit) = movable.then(|| shards.try_reserve(by)).flatten() else {
            return Some(datagram);
        };
        let observations: Vec<Observation> = self.endpoint.observations(record.peer).cloned().collect();
        let record = self.take_out(device)?;
        self.endpoint.forget_peer(record.peer);
        self.endpoint.handle_timeout(now.instant);
        let place = Place {
            shard: by,
            id: record.registration.id,
            peer: record.peer,
        };
        self.surroundings.directory.moved(device, place);
        permit.send(Command::Adopt(Box::new(Moving {
            device,
            record,
            observations,
            peer,
            datagram,
        })));
        None
    }

    /// The device has gone to another shard meanwhile: the datagram follows it.
    fn pass_on(&mut self, device: DeviceNumber, peer: SocketAddr, datagram: Box<[u8]>) {
        let place = self.surroundings.directory.place(device);
        let to = place.map_or(self.index, |place| place.shard);
        if !self
            .surroundings
            .shards
            .try_send(to, Command::Deliver { peer, datagram })
        {
            self.statistics.commands_refused += 1;
        }
    }

    /// Takes a device over. Returns the datagram it was claimed for, which is to be handled now.
    pub(super) fn adopt(&mut self, now: Now, moving: Moving) -> (SocketAddr, Box<[u8]>) {
        self.statistics.adopted += 1;
        let Moving {
            device,
            mut record,
            observations,
            peer,
            datagram,
        } = moving;
        let mut kept = Vec::new();
        for observation in observations {
            let token = observation.token;
            match self
                .endpoint
                .adopt_observation(now.instant, record.peer, observation)
            {
                Ok(()) => kept.push(token),
                Err(error) => {
                    tracing::warn!(peer = %record.peer, %error, "an observation could not follow its device");
                }
            }
        }
        record.observations.retain(|(_, token)| kept.contains(token));
        if record.todo.is_some() {
            self.pacing.add(device);
        }
        self.insert(device, record);
        (peer, datagram)
    }
}

/// The registration a request names: POST or DELETE of `/rd/{id}`.
fn location(datagram: &[u8]) -> Option<RegistrationId> {
    // Confirmable or not, a POST (0.02) or DELETE (0.04): told from two bytes before the rest is looked at.
    let (first, code) = (datagram.first()?, datagram.get(1)?);
    if first & 0b1110_0000 != 0b0100_0000 || ![Code::POST.0, Code::DELETE.0].contains(code) {
        return None;
    }
    let message = Message::parse(datagram).ok()?;
    if !matches!(message.kind, Kind::Confirmable | Kind::NonConfirmable) {
        return None;
    }
    let mut segments = message.options.path_segments();
    match (segments.next(), segments.next(), segments.next()) {
        (Some("rd"), Some(id), None) => id.parse().ok(),
        _ => None,
    }
}
