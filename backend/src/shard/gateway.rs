//! Devices behind a gateway: each is a registration of its own here, which lives by its gateway's and is reached over the
//! gateway's way. LwM2M Gateway 1.1 §6.
//!
//! What is asked of the gateway and of those behind it goes out one at a time, because they are one CoAP peer.

use super::Peer;
use super::state::{Now, Record, Shard};
use crate::lwm2m::gateway::{GatewayObject, Listed};
use crate::lwm2m::observation::Subject;
use crate::lwm2m::operation::Task;
use crate::lwm2m::registration::{Behind, ObjectLinks, Registration, RegistrationId};
use crate::registry::{DeviceNumber, What};
use coap::ExchangeId;
use shared::event::{DeregistrationReason, TimedValue};
use shared::{Path, Timestamp};
use std::collections::BTreeSet;
use std::ops::Bound;
use std::sync::Arc;

/// What a gateway has that others have not.
#[derive(Debug, Default)]
pub(super) struct Gateway {
    object: GatewayObject,
    children: BTreeSet<DeviceNumber>,
    /// The records of its children while its own is taken out.
    pub(super) travelling: Vec<(DeviceNumber, Record)>,
    /// Its children were told since it registered.
    confirmed: bool,
    /// Whose request went out last.
    last: Option<DeviceNumber>,
}

/// What stays of a gateway, or of any device, when it registers anew.
#[derive(Debug, Default)]
pub(super) struct Kept {
    pub(super) exchange: Option<ExchangeId>,
    pub(super) gateway: Option<Box<Gateway>>,
}

impl Gateway {
    pub(super) fn children(&self) -> Vec<DeviceNumber> {
        self.children.iter().copied().collect()
    }

    /// A gateway whose devices the store gave back.
    fn restored() -> Gateway {
        Gateway {
            confirmed: true,
            ..Gateway::default()
        }
    }

    /// The same gateway under a new registration, which begins without observations and with everything to be told anew.
    pub(super) fn anew(mut self: Box<Gateway>) -> Box<Gateway> {
        self.object = GatewayObject::default();
        self.confirmed = false;
        for (_, child) in &mut self.travelling {
            child.observations.clear();
            child.todo = None;
        }
        self
    }
}

impl Record {
    /// Does something to this record and to those of the devices behind it, while it is taken out.
    pub(super) fn each(&mut self, mut act: impl FnMut(&mut Record)) {
        if let Some(gateway) = &mut self.gateway {
            for (_, child) in &mut gateway.travelling {
                act(child);
            }
        }
        act(self);
    }

    /// Whether it, or a device behind it, has something to be asked.
    fn is_wanted(&self) -> bool {
        self.wanted || self.todo.as_ref().is_some_and(|todo| todo.allowed)
    }
}

/// The paths whose values an answer about this has all of.
pub(super) fn whole(subject: &Subject) -> Vec<Path> {
    match subject {
        Subject::One(path) => vec![*path],
        Subject::Several(paths) => paths.to_vec(),
    }
}

/// The paths whose values the answer to a task has all of.
pub(super) fn whole_of(task: &Task) -> Option<Vec<Path>> {
    match task {
        Task::Read { path } => Some(vec![*path]),
        Task::Observe { subject, .. } => Some(whole(subject)),
        Task::ReadComposite { paths } => Some(paths.clone()),
        _ => None,
    }
}

impl Shard {
    /// The device that messages to this one go to: its gateway, or else itself.
    pub(super) fn lead(&self, device: DeviceNumber) -> DeviceNumber {
        let record = self.records.get(&device);
        record.and_then(|record| record.behind).unwrap_or(device)
    }

    /// A gateway and the devices behind it, with their registrations; `None` of a device that is no gateway.
    pub(super) fn family(&self, device: DeviceNumber) -> Option<Vec<(DeviceNumber, Arc<Registration>)>> {
        let gateway = self.records.get(&device)?.gateway.as_ref()?;
        let family = std::iter::once(&device).chain(&gateway.children);
        let registered = family.filter_map(|device| {
            let record = self.records.get(device)?;
            Some((*device, record.registration.clone()))
        });
        Some(registered.collect())
    }

    /// Who is to be asked next of a device and those behind it, in turn.
    pub(super) fn next_in_turn(&mut self, lead: DeviceNumber) -> Option<DeviceNumber> {
        let record = self.records.get(&lead)?;
        let Some(gateway) = &record.gateway else {
            return record.is_wanted().then_some(lead);
        };
        let last = gateway.last.unwrap_or(lead);
        let behind = gateway.children.range((Bound::Excluded(last), Bound::Unbounded));
        let before = gateway.children.range(..=last);
        let next = behind
            .chain(std::iter::once(&lead))
            .chain(before)
            .copied()
            .find(|device| self.records.get(device).is_some_and(Record::is_wanted));
        if let Some(gateway) = self
            .records
            .get_mut(&lead)
            .and_then(|record| record.gateway.as_mut())
        {
            gateway.last = next;
        }
        next
    }

    /// Learns from values of a gateway which devices are behind it. `whole` are the paths that these are all values of.
    pub(super) fn learn_children(
        &mut self,
        now: Now,
        device: DeviceNumber,
        whole: &[Path],
        values: &[TimedValue],
    ) {
        let Some(gateway) = self
            .records
            .get_mut(&device)
            .and_then(|record| record.gateway.as_mut())
        else {
            return;
        };
        if !gateway.object.take(whole, values) {
            return;
        }
        let again = !std::mem::replace(&mut gateway.confirmed, true);
        let is_whole = gateway.object.is_whole();
        let (listed, wrong) = gateway.object.devices();
        let known = gateway.children.clone();
        let Some((registration, peer)) = self
            .records
            .get(&device)
            .map(|record| (record.registration.clone(), record.peer))
        else {
            return;
        };
        for reason in wrong {
            self.report_refused(now, Some(device), peer, "gateway", None, reason);
        }
        let mut there = BTreeSet::new();
        for listed in listed {
            match self.take_child(now, (device, &registration, peer), &listed, again) {
                Ok(child) => {
                    there.insert(child);
                }
                Err(reason) => self.report_refused(now, Some(device), peer, "gateway", None, reason),
            }
        }
        if is_whole {
            for child in known.difference(&there) {
                self.drop_record(now, *child);
                self.sign_off(now, *child, DeregistrationReason::Deregistered);
            }
        }
        self.pump(now, device);
    }

    /// Takes up a device that a gateway lists, unless it is known as it is.
    ///
    /// # Errors
    /// A sentence that says why it cannot be shown.
    fn take_child(
        &mut self,
        now: Now,
        (gateway, lead, peer): (DeviceNumber, &Arc<Registration>, Peer),
        listed: &Listed,
        again: bool,
    ) -> Result<DeviceNumber, String> {
        let name = format!("{}:{}", lead.endpoint, listed.device_id);
        let payload = listed.objects.as_bytes();
        let formats = &lead.links.formats;
        let links = ObjectLinks::behind_gateway(lead.version, payload, formats, &listed.prefix)
            .map_err(|refusal| format!("{name} is left out: {}", refusal.reason))?;
        let (child, endpoint) = self
            .surroundings
            .directory
            .attach(gateway, &name)
            .ok_or_else(|| {
                format!(
                    "{name} is left out: another device has this name, or as many devices are known as may be"
                )
            })?;
        let known = self.records.get(&child).map(|record| &record.registration);
        if !again
            && known
                .is_some_and(|known| known.links.root == links.root && known.links.payload == links.payload)
        {
            return Ok(child);
        }
        let random = super::registration::random().map_err(|refusal| refusal.reason)?;
        let behind = Arc::new(Behind {
            gateway,
            endpoint: lead.endpoint.clone(),
            device_id: listed.device_id.as_str().into(),
            prefix: listed.prefix.as_str().into(),
        });
        let id = RegistrationId::new(child, random);
        let registration = Arc::new(lead.of_child(id, endpoint, behind, Arc::new(links), now.at));
        let replaced = self.drop_record(now, child).is_some();
        let todo = self.todo_for(child, &registration);
        if todo.is_some() {
            self.pacing.add(child);
        }
        let wanted = self.surroundings.book.waits(child);
        self.insert_child(child, gateway, registration.clone(), peer, todo, wanted);
        let what = What::Registered {
            registration,
            address: self.address(peer),
            replaced,
        };
        self.report(now, child, what);
        Ok(child)
    }

    fn insert_child(
        &mut self,
        child: DeviceNumber,
        gateway: DeviceNumber,
        registration: Arc<Registration>,
        peer: Peer,
        todo: Option<Box<super::state::Todo>>,
        wanted: bool,
    ) {
        if let Some(gateway) = self.records.get_mut(&gateway) {
            gateway.gateway.get_or_insert_default().children.insert(child);
        }
        let record = Record {
            registration,
            peer,
            // It ends with its gateway's.
            lifetime_ends: Timestamp(i64::MAX),
            last_message: None,
            asleep: false,
            wanted,
            exchange: None,
            todo,
            observations: Vec::new(),
            behind: Some(gateway),
            gateway: None,
        };
        self.insert(child, record);
    }

    /// Takes up a device behind a gateway that the store gave back; whether its gateway is here. Its observations are
    /// still to be taken up.
    pub(super) fn restore_child(
        &mut self,
        child: DeviceNumber,
        registration: &Arc<Registration>,
    ) -> Option<Peer> {
        let gateway = registration.behind.as_ref()?.gateway;
        let record = self.records.get_mut(&gateway)?;
        let peer = record.peer;
        record
            .gateway
            .get_or_insert_with(|| Box::new(Gateway::restored()));
        let wanted = self.surroundings.book.waits(child);
        self.insert_child(child, gateway, registration.clone(), peer, None, wanted);
        Some(peer)
    }

    /// Has the devices behind a gateway follow what its Update changed.
    pub(super) fn lead_children(&mut self, now: Now, device: DeviceNumber) {
        let Some(record) = self.records.get(&device) else {
            return;
        };
        let Some(gateway) = &record.gateway else { return };
        let (lead, address) = (record.registration.clone(), self.address(record.peer));
        for child in gateway.children.clone() {
            let Some(record) = self.records.get_mut(&child) else {
                continue;
            };
            let next = Arc::new(record.registration.following(&lead));
            record.registration = next.clone();
            let changed = Some((next, address));
            self.report(now, child, What::Updated { changed });
        }
    }

    /// Takes a child out of the family of its gateway, and gives up what is asked of it.
    pub(super) fn leave_gateway(&mut self, now: Now, gateway: DeviceNumber, child: DeviceNumber) {
        let Some(record) = self.records.get_mut(&gateway) else {
            return;
        };
        if let Some(gateway) = &mut record.gateway {
            gateway.children.remove(&child);
        }
        let about_it = record
            .exchange
            .filter(|exchange| self.exchanges.get(exchange).is_some_and(|it| it.device == child));
        if let Some(exchange) = about_it {
            self.endpoint.cancel(now.instant, exchange);
        }
    }

    /// Tells that the devices behind a gateway went with it.
    pub(super) fn dismiss(&mut self, now: Now, gateway: Option<Box<Gateway>>, reason: DeregistrationReason) {
        for (child, _) in gateway.map(|gateway| gateway.travelling).unwrap_or_default() {
            self.sign_off(now, child, reason);
        }
    }

    fn sign_off(&mut self, now: Now, child: DeviceNumber, reason: DeregistrationReason) {
        self.surroundings.directory.detach(child);
        self.report(now, child, What::Deregistered { reason });
    }

    /// Ends what a gateway had when its list has no object for it any more, and begins it when there is one.
    pub(super) fn become_gateway_or_not(&mut self, now: Now, device: DeviceNumber, is_gateway: bool) -> bool {
        let Some(record) = self.records.get_mut(&device) else {
            return false;
        };
        if is_gateway {
            let is_new = record.gateway.is_none();
            record.gateway.get_or_insert_default();
            return is_new;
        }
        for child in record
            .gateway
            .take()
            .map(|gateway| gateway.children)
            .unwrap_or_default()
        {
            self.drop_record(now, child);
            self.sign_off(now, child, DeregistrationReason::Deregistered);
        }
        false
    }
}
