//! A registration follows its device from shard to shard.
//!
//! The system deals datagrams to the sockets by the sender's address, so a device whose address changed, or whose
//! registration was restored to any shard after a restart, may arrive where nobody knows it. That shard asks the owner
//! for it ([`Command::Claim`]). If no exchange is on its way the owner gives the registration away with its
//! observations ([`Command::Adopt`]); else it handles the datagram itself and answers from its own socket, which has
//! the same port.
//!
//! Over a connection the other way round: the connection stays where it is, and the device comes to it whatever goes on
//! at its old place ([`Command::Take`], [`Command::Given`]). The request waits so long.

use super::directory::Place;
use super::state::{Now, Record, Shard};
use super::{Command, Peer};
use crate::lwm2m::registration::RegistrationId;
use crate::registry::DeviceNumber;
use coap::{Code, IncomingId, Observation, Request, Response};

/// A registration on its way to another shard.
#[derive(Debug)]
pub(crate) struct Moving {
    pub(super) device: DeviceNumber,
    pub(super) record: Record,
    pub(super) observations: Vec<Observation>,
    /// The datagram it was claimed for, and where that came from.
    pub(super) peer: Peer,
    pub(super) datagram: Box<[u8]>,
}

/// A registration that is handed over to the shard with its device's connection.
#[derive(Debug)]
pub(crate) struct Handed {
    pub(super) record: Record,
}

/// A request that waits for its device to be handed over.
#[derive(Debug)]
pub(super) struct Claim {
    device: DeviceNumber,
    id: IncomingId,
    peer: Peer,
    request: Request,
}

/// How many requests wait for devices to be handed over.
const CLAIMS: usize = 4096;

impl Shard {
    /// Whether another shard has the device that sent this; the datagram is with that one then.
    pub(super) fn belongs_elsewhere(&mut self, peer: Peer, datagram: &[u8]) -> bool {
        let Some((device, place)) = self
            .owner(peer, datagram)
            .filter(|(device, place)| place.shard != self.index && self.may_claim(peer, *device, place))
        else {
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

    /// Whether a peer may take a registration from another shard: one that a proven identity made, only the same one.
    fn may_claim(&self, peer: Peer, device: DeviceNumber, place: &Place) -> bool {
        match self.secured(peer) {
            Some(secured) => self.surroundings.directory.number(&secured.endpoint) == Some(device),
            None => !place.peer.is_secured(),
        }
    }

    /// Who has the device, if it is not known here: by the location the datagram names, else by its sender.
    fn owner(&self, peer: Peer, datagram: &[u8]) -> Option<(DeviceNumber, Place)> {
        if let Some(id) = location(datagram) {
            let device = id.device();
            if self.records.contains_key(&device) {
                return None;
            }
            if let Some(place) = self.surroundings.directory.of_id(id) {
                return Some((device, place));
            }
        }
        if self.by_peer.contains_key(&peer) {
            return None;
        }
        self.surroundings.directory.of_peer(peer)
    }

    /// Another shard asks for a device. Returns the datagram if it is to be handled here.
    pub(super) fn claimed(
        &mut self,
        now: Now,
        device: DeviceNumber,
        peer: Peer,
        datagram: Box<[u8]>,
        by: u16,
    ) -> Option<Box<[u8]>> {
        let Some(record) = self.records.get(&device) else {
            self.pass_on(device, peer, datagram);
            return None;
        };
        let shards = self.surroundings.shards.clone();
        // A device with a new session is not behind the old one any more, whatever is on its way there.
        if peer.is_secured()
            && let Some(exchange) = record.exchange
        {
            self.endpoint.cancel(now.instant, exchange);
        }
        let record = self.records.get(&device)?;
        let movable = peer.is_secured() || (record.exchange.is_none() && self.endpoint.is_idle(record.peer));
        let Some(permit) = movable.then(|| shards.try_reserve(by)).flatten() else {
            // A session's answer can only come from its own shard: the device asks again.
            return (!peer.is_secured()).then_some(datagram);
        };
        let observations: Vec<Observation> = self.endpoint.observations(record.peer).cloned().collect();
        let record = self.take_out(device)?;
        self.endpoint.forget_peer(record.peer);
        if peer != record.peer {
            self.end_left(now, device, record.peer);
        }
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
    fn pass_on(&mut self, device: DeviceNumber, peer: Peer, datagram: Box<[u8]>) {
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
    pub(super) fn adopt(&mut self, now: Now, moving: Moving) -> (Peer, Box<[u8]>) {
        self.statistics.adopted += 1;
        let Moving {
            device,
            mut record,
            observations,
            peer,
            datagram,
        } = moving;
        let is_current = self
            .surroundings
            .directory
            .of_id(record.registration.id)
            .is_some_and(|place| place.shard == self.index);
        if !is_current {
            // It registered anew while this was on its way.
            return (peer, datagram);
        }
        record.exchange = None;
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
        record.each(|record| record.observations.retain(|(_, token)| kept.contains(token)));
        if record.todo.is_some() {
            self.pacing.add(device);
        }
        self.insert(device, record);
        (peer, datagram)
    }

    /// Has a request over a connection wait if another shard has its device; otherwise the request comes back.
    ///
    /// A connection cannot move, so the device has to.
    pub(super) fn claim_for(
        &mut self,
        now: Now,
        id: IncomingId,
        peer: Peer,
        request: Request,
    ) -> Option<Request> {
        let Some((device, place)) = self.named_elsewhere(peer, &request) else {
            return Some(request);
        };
        let command = Command::Take {
            device,
            by: self.index,
        };
        if self.claims.len() >= CLAIMS || !self.surroundings.shards.try_send(place.shard, command) {
            self.statistics.commands_refused += 1;
            let response = Response::new(Code::SERVICE_UNAVAILABLE).with_max_age(1);
            self.endpoint.respond(now.instant, id, response);
            return None;
        }
        self.claims.push(Claim {
            device,
            id,
            peer,
            request,
        });
        None
    }

    fn named_elsewhere(&self, peer: Peer, request: &Request) -> Option<(DeviceNumber, Place)> {
        let mut segments = request.path_segments();
        let id = match (peer, segments.next(), segments.next()) {
            (Peer::Stream(_), Some("rd"), Some(id)) => id.parse::<RegistrationId>().ok()?,
            _ => return None,
        };
        let place = self.surroundings.directory.of_id(id)?;
        (place.shard != self.index).then_some((id.device(), place))
    }

    /// Hands a device over to the shard with its new connection. What is on its way over the old one is given up.
    pub(super) fn give(&mut self, now: Now, device: DeviceNumber, by: u16) {
        let Some(mut record) = self.take_out(device) else {
            let place = self.surroundings.directory.place(device);
            let command = match place.filter(|place| place.shard != self.index) {
                Some(_) => Command::Take { device, by },
                None => Command::Given { device, record: None },
            };
            return self.send_to(place.map_or(by, |place| place.shard), command);
        };
        self.leave(record.peer);
        self.settle(now);
        record.each(|record| {
            record.observations.clear();
            record.wanted = true;
        });
        record.exchange = None;
        let place = Place {
            shard: by,
            id: record.registration.id,
            peer: record.peer,
        };
        self.surroundings.directory.moved(device, place);
        let record = Some(Box::new(Handed { record }));
        self.send_to(by, Command::Given { device, record });
    }

    /// A device was handed over, or is nowhere: the requests that waited for it are answered now.
    pub(super) fn given(&mut self, now: Now, device: DeviceNumber, record: Option<Record>) {
        let current = record.filter(|record| {
            let place = self.surroundings.directory.of_id(record.registration.id);
            place.is_some_and(|place| place.shard == self.index)
        });
        if let Some(record) = current {
            self.statistics.adopted += 1;
            if record.todo.is_some() {
                self.pacing.add(device);
            }
            self.insert(device, record);
        }
        let claims = std::mem::take(&mut self.claims);
        let (ready, waiting): (Vec<_>, Vec<_>) = claims.into_iter().partition(|claim| claim.device == device);
        self.claims = waiting;
        for claim in ready {
            self.serve(now, claim.id, claim.peer, &claim.request);
        }
    }
}

/// The registration that a POST or DELETE of `/rd/{id}` names, told from a look at the bytes: every Update passes
/// here. A datagram that only looks like one is handled as what it is wherever it ends up.
fn location(datagram: &[u8]) -> Option<RegistrationId> {
    // A Uri-Path "rd" is followed by the header of the next one: delta 0, length 12, and the 12 bytes of the id.
    const MARK: &[u8] = b"rd\x0c";
    const WITHIN: usize = 96;
    let (first, code) = (datagram.first()?, datagram.get(1)?);
    let is_request = first & 0b1110_0000 == 0b0100_0000;
    if !is_request || ![Code::POST.0, Code::DELETE.0].contains(code) {
        return None;
    }
    let head = &datagram[..datagram.len().min(WITHIN)];
    let at = head.windows(MARK.len()).position(|window| window == MARK)? + MARK.len();
    std::str::from_utf8(head.get(at..at + 12)?).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use coap::Request;

    #[test]
    fn the_location_is_found_in_updates_and_nowhere_else() {
        let id = RegistrationId::new(DeviceNumber(77), 12345);
        let encoded = |request: Request, host: bool| {
            let mut options = request.options;
            if host {
                options.add(3, b"lwm2m.example.com");
            }
            coap::Message {
                kind: coap::Kind::Confirmable,
                code: request.code,
                message_id: 1,
                token: coap::Token::new(b"12345678").unwrap(),
                options,
                payload: b"</3/0>".to_vec(),
            }
            .encode()
        };
        let target = format!("/rd/{id}");
        for (request, expect) in [
            (Request::post(&target).with_query("lt=20"), Some(id)),
            (Request::delete(&target), Some(id)),
            (Request::get(&target), None),
            (Request::post("/rd").with_query("ep=a"), None),
            (Request::post("/dp"), None),
        ] {
            assert_eq!(location(&encoded(request.clone(), false)), expect);
            assert_eq!(location(&encoded(request, true)), expect);
        }
        assert_eq!(location(b""), None);
        assert_eq!(location(b"\x40\x02\x00\x01\xb2rd\x0caaaa"), None);
    }
}
