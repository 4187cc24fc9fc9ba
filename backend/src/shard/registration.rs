//! The registration interface, step by step. LwM2M Core 1.2 §6.2.

use super::gateway::{Gateway, Kept};
use super::state::{Now, Record, Shard, Todo};
use super::{Command, Peer, directory};
use crate::lwm2m::Refusal;
use crate::lwm2m::gateway::GATEWAY_OBJECT;
use crate::lwm2m::observation::{Subject, Wanted};
use crate::lwm2m::registration::lint::Rule;
use crate::lwm2m::registration::profile::Profile;
use crate::lwm2m::registration::{ObjectLinks, Registration, RegistrationId, Way, parameters};
use crate::registry::{DeviceNumber, What};
use coap::{Code, Request, Response};
use shared::api::Lint;
use shared::event::DeregistrationReason;
use shared::{ContentFormat, Path, Version};
use std::sync::Arc;

/// A request that changed something: what to answer, and which device may be asked now.
pub(super) struct Answer {
    pub(super) response: Response,
    pub(super) device: Option<DeviceNumber>,
}

/// The object list of a request.
struct Listed {
    links: Arc<ObjectLinks>,
    /// What is wrong with how it came.
    lint: Vec<Lint>,
    /// A Profile ID that was not known, and the list it stands for.
    learnt: Option<(String, String)>,
}

const DEVICE_OBJECT: Path = Path::instance(3, 0);

impl Shard {
    /// Register. LwM2M Core 1.2 §6.2.1.
    pub(super) fn register(&mut self, now: Now, peer: Peer, request: &Request) -> Result<Answer, Refusal> {
        let secured = self.secured(peer).cloned();
        let proven = secured.as_ref().map(|secured| &*secured.endpoint);
        let parameters = parameters::register(&request.options, proven)?;
        self.authorise(now, peer, &parameters.endpoint)?;
        let parameters = if peer.is_stream() {
            parameters.over_stream()
        } else {
            parameters
        };
        if self.surroundings.directory.is_barred(&parameters.endpoint) {
            return Err(Refusal::new(
                Code::FORBIDDEN,
                format!("{} was decommissioned", crate::lwm2m::quote(&parameters.endpoint)),
            ));
        }
        let (version, profile) = (parameters.version, parameters.profile.as_deref());
        let Listed { links, lint, learnt } = self.read_links(version, profile, request)?;
        let way = Way {
            transport: peer.transport(),
            secured,
        };
        let random = random()?;
        self.admission
            .admit(now.instant, self.outbox.is_behind(), random)?;
        let place = self
            .surroundings
            .directory
            .register(&parameters.endpoint, peer, self.index, random)
            .ok_or_else(|| Refusal::new(Code::SERVICE_UNAVAILABLE, "as many devices are known as may be"))?;
        if let Some(gateway) = place.left {
            // It was behind a gateway until now, and has come out.
            let device = place.device;
            self.send_to(gateway.shard, Command::Release { device });
        }
        let kept = self.make_way(now, &place, peer);
        let is_gateway = links.has_object(GATEWAY_OBJECT);
        let registration = Arc::new(Registration::new(
            place.id,
            place.endpoint,
            way,
            parameters,
            links,
            lint,
            now.at,
        ));
        let todo = self.todo_for(place.device, &registration);
        if todo.is_some() {
            self.pacing.add(place.device);
        }
        let record = Record {
            lifetime_ends: registration.lifetime_ends(now.at),
            registration: registration.clone(),
            peer,
            last_message: Some(now.instant),
            asleep: false,
            wanted: self.surroundings.book.waits(place.device),
            exchange: kept.exchange,
            todo,
            observations: Vec::new(),
            behind: None,
            gateway: kept.gateway.map(Gateway::anew),
        };
        self.insert(place.device, record);
        self.save_soon(peer, now.instant);
        self.statistics.registers += 1;
        let response = Response::new(Code::CREATED).with_location(&format!("/rd/{}", place.id));
        let what = What::Registered {
            registration,
            address: self.address(peer),
            replaced: place.previous.is_some(),
        };
        self.report(now, place.device, what);
        self.become_gateway_or_not(now, place.device, is_gateway);
        self.learn(now, place.device, learnt);
        Ok(Answer {
            response,
            device: Some(place.device),
        })
    }

    /// Drops the registration that the new one takes the place of. A request that is on its way to the same address
    /// stays on its way.
    fn make_way(&mut self, now: Now, place: &directory::Registered, peer: Peer) -> Kept {
        let Some(previous) = place.previous else {
            return Kept::default();
        };
        if previous.shard != self.index {
            let command = Command::Replaced {
                device: place.device,
                id: previous.id,
            };
            self.send_to(previous.shard, command);
            return Kept::default();
        }
        let Some(mut record) = self.take_out(place.device) else {
            return Kept::default();
        };
        // Whatever kept it busy, it has begun anew.
        self.deferred.remove(place.device);
        let (old, endpoint) = (record.peer, &mut self.endpoint);
        record.each(|record| {
            for (_, token) in &record.observations {
                endpoint.forget_observation(now.instant, old, *token);
            }
        });
        let gateway = record.gateway.take();
        if record.peer == peer {
            let exchange = record.exchange;
            return Kept { exchange, gateway };
        }
        if let Some(exchange) = record.exchange {
            self.endpoint.cancel(now.instant, exchange);
        }
        if record.peer.is_stream() {
            self.leave(record.peer);
        }
        self.end_left(now, place.device, record.peer);
        Kept {
            exchange: None,
            gateway,
        }
    }

    /// What is to be asked after the answer: what was observed before, and the Device object for the list.
    pub(super) fn todo_for(&self, device: DeviceNumber, registration: &Registration) -> Option<Box<Todo>> {
        let mut observe = self.surroundings.wishes.of(device);
        if registration.behind.is_none() && registration.links.has_object(GATEWAY_OBJECT) {
            observe_gateway(&mut observe);
        }
        let reads =
            self.surroundings.read_device_object && registration.links.objects.contains(&DEVICE_OBJECT);
        (reads || !observe.is_empty()).then(|| {
            Box::new(Todo {
                allowed: false,
                observe: observe.into(),
                read: reads.then_some(DEVICE_OBJECT).into_iter().collect(),
            })
        })
    }

    /// Update. LwM2M Core 1.2 §6.2.2.
    pub(super) fn update(
        &mut self,
        now: Now,
        peer: Peer,
        id: &str,
        request: &Request,
    ) -> Result<Answer, Refusal> {
        let (device, registration) = self.find(id)?;
        self.authorise_change(now, peer, &registration)?;
        let changes = parameters::update(&request.options)?;
        let listed = if request.payload.is_empty() && changes.profile.is_none() {
            None
        } else {
            Some(self.read_links(registration.version, changes.profile.as_deref(), request)?)
        };
        let (links, learnt) = match listed {
            Some(listed) => (Some(keep_formats(listed.links, &registration)), listed.learnt),
            None => (None, None),
        };
        let listed_anew = links.is_some();
        let other_way = registration.transport != peer.transport();
        let is_changed = !changes.is_empty() || links.is_some() || other_way;
        let moved = self.follow(now, device, peer);
        let next = if is_changed || moved {
            let mut next = registration.changed(changes, links, peer.transport());
            next.secured = self.secured(peer).cloned();
            Arc::new(next)
        } else {
            registration
        };
        if let Some(record) = self.records.get_mut(&device) {
            record.lifetime_ends = next.lifetime_ends(now.at);
            record.registration = next.clone();
        }
        self.heard(now, device);
        self.statistics.updates += 1;
        let changed = (is_changed || moved).then(|| (next, self.address(peer)));
        self.report(now, device, What::Updated { changed });
        if is_changed || moved {
            self.lead_children(now, device);
        }
        if listed_anew {
            self.follow_gateway_object(now, device);
        }
        self.learn(now, device, learnt);
        Ok(Answer {
            response: Response::new(Code::CHANGED),
            device: Some(device),
        })
    }

    /// De-register. LwM2M Core 1.2 §6.2.3.
    pub(super) fn deregister(&mut self, now: Now, peer: Peer, id: &str) -> Result<Answer, Refusal> {
        let (device, registration) = self.find(id)?;
        self.authorise_change(now, peer, &registration)?;
        let gateway = self.drop_record(now, device).and_then(|record| record.gateway);
        self.surroundings.directory.deregister(device, registration.id);
        self.statistics.deregisters += 1;
        let reason = DeregistrationReason::Deregistered;
        self.dismiss(now, gateway, reason);
        self.report(now, device, What::Deregistered { reason });
        Ok(Answer {
            response: Response::new(Code::DELETED),
            device: None,
        })
    }

    /// Ends a registration whose lifetime and grace are over, if they are.
    pub(super) fn expire(&mut self, now: Now, device: DeviceNumber) {
        let Some(record) = self.records.get(&device) else {
            return;
        };
        let grace = i64::try_from(self.surroundings.grace.as_millis()).unwrap_or(i64::MAX);
        if record.lifetime_ends.0.saturating_add(grace) > now.at.0 {
            return;
        }
        let (peer, id) = (record.peer, record.registration.id);
        let gateway = self.drop_record(now, device).and_then(|record| record.gateway);
        self.endpoint.forget_peer(peer);
        self.surroundings.directory.deregister(device, id);
        self.statistics.expired += 1;
        let reason = DeregistrationReason::Expired;
        self.dismiss(now, gateway, reason);
        self.report(now, device, What::Deregistered { reason });
    }

    /// The registration at a location.
    fn find(&self, id: &str) -> Result<(DeviceNumber, Arc<Registration>), Refusal> {
        let found = id.parse::<RegistrationId>().ok().and_then(|id| {
            let record = self.records.get(&id.device())?;
            (record.registration.id == id && record.behind.is_none())
                .then(|| (id.device(), record.registration.clone()))
        });
        found.ok_or_else(|| Refusal::not_found("there is no such registration (any more): register again"))
    }

    /// Notes that the device has another address now. Without security this is taken as it comes (LwM2M Core 1.2
    /// §6.2.2): the location is what identifies the registration.
    fn follow(&mut self, now: Now, device: DeviceNumber, peer: Peer) -> bool {
        if self.records.get(&device).is_none_or(|record| record.peer == peer) {
            return false;
        }
        let Some(mut record) = self.take_out(device) else {
            return false;
        };
        let by_stream = record.peer.is_stream() || peer.is_stream();
        let observations: Vec<coap::Observation> = match by_stream {
            // They went with the connection, and are made again.
            true => Vec::new(),
            false => self.endpoint.observations(record.peer).cloned().collect(),
        };
        if by_stream {
            record.todo = self.observe_again(device, record.todo.take());
            let children = record.gateway.as_mut().map(|gateway| &mut gateway.travelling);
            for (child, record) in children.into_iter().flatten() {
                record.todo = self.observe_again(*child, record.todo.take());
            }
        }
        self.leave(record.peer);
        self.end_left(now, device, record.peer);
        record.peer = peer;
        record.each(|record| {
            record
                .observations
                .retain(|(_, token)| observations.iter().any(|observation| observation.token == *token));
        });
        for observation in observations {
            if let Err(error) = self.endpoint.adopt_observation(now.instant, peer, observation) {
                tracing::warn!(%peer, %error, "an observation could not follow its device");
            }
        }
        let place = directory::Place {
            shard: self.index,
            id: record.registration.id,
            peer,
        };
        self.surroundings.directory.moved(device, place);
        self.insert(device, record);
        self.save_soon(peer, now.instant);
        true
    }

    /// What is to be asked on a new connection: what was observed, and what was to be asked anyway.
    fn observe_again(&mut self, device: DeviceNumber, todo: Option<Box<Todo>>) -> Option<Box<Todo>> {
        let observe = self.surroundings.wishes.of(device);
        if observe.is_empty() {
            return todo;
        }
        let mut todo = todo.unwrap_or_default();
        todo.observe = observe.into();
        if !todo.allowed {
            self.pacing.add(device);
        }
        Some(todo)
    }

    /// After an Update with an object list: the devices behind a gateway may be others now.
    fn follow_gateway_object(&mut self, now: Now, device: DeviceNumber) {
        let Some(record) = self.records.get(&device) else {
            return;
        };
        let is_gateway = record.registration.links.has_object(GATEWAY_OBJECT);
        let is_new = self.become_gateway_or_not(now, device, is_gateway);
        let Some(record) = self.records.get_mut(&device).filter(|_| is_gateway) else {
            return;
        };
        let observed = record
            .observations
            .iter()
            .any(|(subject, _)| *subject == Subject::One(GATEWAY_OBJECT));
        if observed {
            return;
        }
        let todo = record.todo.get_or_insert_default();
        if is_new {
            let mut observe: Vec<Wanted> = todo.observe.drain(..).collect();
            observe_gateway(&mut observe);
            todo.observe = observe.into();
        } else if !todo.read.contains(&GATEWAY_OBJECT) {
            todo.read.push_back(GATEWAY_OBJECT);
        }
        if !todo.allowed {
            self.pacing.add(device);
        }
    }

    /// Forgets a peer that a device has left; a connection is closed.
    pub(super) fn leave(&mut self, peer: Peer) {
        self.endpoint.forget_peer(peer);
        if let Peer::Stream(stream) = peer {
            self.streams.close(stream);
        }
    }

    /// Whether a peer may renew or end a registration: one that was made by a proven identity only by the same one.
    fn authorise_change(&self, now: Now, peer: Peer, registration: &Registration) -> Result<(), Refusal> {
        if registration.secured.is_some() && self.secured(peer).is_none() {
            return Err(Refusal::bad_request(
                "this registration was made over coaps and is not changed without security",
            ));
        }
        self.authorise(now, peer, &registration.endpoint)
    }

    /// Keeps what a Profile ID was seen to stand for.
    fn learn(&mut self, now: Now, device: DeviceNumber, learnt: Option<(String, String)>) {
        let Some((id, links)) = learnt else { return };
        let profile = Profile { links, learnt: true };
        if self.surroundings.profiles.set(&id, profile.clone()) {
            self.report(now, device, What::ProfileLearnt { id, profile });
        }
    }

    /// The object list of a request, with what its Profile IDs stand for.
    fn read_links(
        &mut self,
        version: Version,
        profile: Option<&str>,
        request: &Request,
    ) -> Result<Listed, Refusal> {
        let mut lint = Vec::new();
        match request.content_format().map(ContentFormat) {
            Some(ContentFormat::LINK) => {}
            None if request.payload.is_empty() => {}
            None => lint.push(Rule::NoContentFormat.broken(
                "The object list came without a Content-Format; it is read as application/link-format (40).",
            )),
            Some(other) => {
                return Err(Refusal::new(
                    Code::UNSUPPORTED_CONTENT_FORMAT,
                    format!("an object list is in application/link-format (40), not in {other}"),
                ));
            }
        }
        let Some(profile) = profile else {
            let links = self.links.get(version, &request.payload)?;
            return Ok(Listed {
                links,
                lint,
                learnt: None,
            });
        };
        let resolved = self.surroundings.profiles.resolve(profile, &request.payload)?;
        Ok(Listed {
            links: self.links.get(version, &resolved.payload)?,
            lint,
            learnt: resolved.learnt,
        })
    }
}

/// Adds the object that lists the devices behind a gateway to what is to be observed, before all else.
fn observe_gateway(observe: &mut Vec<Wanted>) {
    let subject = Subject::One(GATEWAY_OBJECT);
    if observe.iter().all(|wanted| wanted.subject != subject) {
        let wanted = Wanted {
            subject,
            format: None,
            attributes: Box::default(),
        };
        observe.insert(0, wanted);
    }
}

/// A list that names no formats leaves those known from before in force.
fn keep_formats(links: Arc<ObjectLinks>, registration: &Registration) -> Arc<ObjectLinks> {
    if !links.formats.is_empty() || registration.links.formats.is_empty() {
        return links;
    }
    Arc::new(links.with_formats(registration.links.formats.clone()))
}

/// Half of a location, which nobody must guess.
pub(super) fn random() -> Result<u32, Refusal> {
    let mut bytes = [0; 4];
    getrandom::fill(&mut bytes)
        .map_err(|_| Refusal::new(Code::INTERNAL_SERVER_ERROR, "the server has no randomness"))?;
    Ok(u32::from_ne_bytes(bytes))
}
