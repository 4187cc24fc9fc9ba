//! Which shard has which registration. Touched when a registration is made, ends or moves, and for datagrams of peers
//! that the shard at hand does not know; never for the others.

use super::Peer;
use crate::lwm2m::registration::RegistrationId;
use crate::registry::{DeviceNumber, Numbers};
use std::collections::HashSet;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

/// Where a registration is served.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) shard: u16,
    pub(crate) id: RegistrationId,
    pub(crate) peer: Peer,
}

/// What a Register is given.
#[derive(Debug)]
pub(crate) struct Registered {
    pub(crate) device: DeviceNumber,
    pub(crate) id: RegistrationId,
    pub(crate) endpoint: Arc<str>,
    /// Where the registration was that this one takes the place of.
    pub(crate) previous: Option<Place>,
    /// Where the gateway is served that the device was behind until now.
    pub(crate) left: Option<Place>,
}

#[derive(Debug)]
pub(crate) struct Directory {
    inner: RwLock<Inner>,
    max_devices: usize,
}

#[derive(Debug, Default)]
struct Inner {
    /// By number.
    slots: Vec<Slot>,
    by_endpoint: Numbers,
    by_peer: Numbers,
    registered: usize,
    /// Devices that were decommissioned and may not come back.
    barred: HashSet<Arc<str>>,
    last: u32,
}

/// What is known of one device.
#[derive(Debug, Clone, Default)]
struct Slot {
    endpoint: Option<Arc<str>>,
    place: Option<Place>,
    /// The gateway that it is behind, and whether that one lists it at the moment.
    gateway: Option<(DeviceNumber, bool)>,
}

impl Directory {
    pub(crate) fn new(max_devices: usize, last: u32) -> Directory {
        Directory {
            inner: RwLock::new(Inner {
                last,
                ..Inner::default()
            }),
            max_devices: max_devices.min(RegistrationId::MAX_DEVICE as usize),
        }
    }

    /// Makes a device known that the store gave back.
    pub(crate) fn restore(&self, device: DeviceNumber, endpoint: Arc<str>, place: Option<Place>) {
        let mut inner = self.write();
        inner.name(device, endpoint);
        inner.set_place(device, place);
    }

    /// Makes a device known again that is behind a gateway.
    pub(crate) fn restore_child(
        &self,
        device: DeviceNumber,
        endpoint: Arc<str>,
        gateway: DeviceNumber,
        attached: bool,
    ) {
        let mut inner = self.write();
        inner.name(device, endpoint);
        inner.set_gateway(device, Some((gateway, attached)));
    }

    /// The number of a device that a gateway lists. A name that another device has is not given to it; nor is there a
    /// number when there are as many devices as may be.
    pub(crate) fn attach(&self, gateway: DeviceNumber, endpoint: &str) -> Option<(DeviceNumber, Arc<str>)> {
        let mut inner = self.write();
        let is_ours = |device| inner.gateway(device).is_some_and(|(of, _)| of == gateway);
        if inner.find(endpoint).is_some_and(|(device, _)| !is_ours(device)) {
            return None;
        }
        let (device, endpoint) = inner.number(endpoint, self.max_devices)?;
        inner.set_gateway(device, Some((gateway, true)));
        Some((device, endpoint))
    }

    /// Notes that its gateway does not list the device any more.
    pub(crate) fn detach(&self, device: DeviceNumber) {
        let mut inner = self.write();
        if let Some((gateway, _)) = inner.gateway(device) {
            inner.set_gateway(device, Some((gateway, false)));
        }
    }

    /// The number of a device that is to be known before its first contact, and whether it is new; `None` if there are
    /// as many devices as may be.
    pub(crate) fn provide(&self, endpoint: &str) -> Option<(DeviceNumber, Arc<str>, bool)> {
        let mut inner = self.write();
        let before = inner.last;
        let (device, endpoint) = inner.number(endpoint, self.max_devices)?;
        Some((device, endpoint, inner.last != before))
    }

    /// Gives a Register its device, location and place; `None` if there are as many devices as may be.
    pub(crate) fn register(&self, endpoint: &str, peer: Peer, shard: u16, random: u32) -> Option<Registered> {
        let mut inner = self.write();
        let (device, endpoint) = inner.number(endpoint, self.max_devices)?;
        let left = inner
            .gateway(device)
            .and_then(|(gateway, _)| inner.place(gateway));
        inner.set_gateway(device, None);
        let previous = inner.place(device);
        // The device number is in the id, so only a repeated random part could name an older registration.
        let mut id = RegistrationId::new(device, random);
        if previous.is_some_and(|previous| previous.id == id) {
            id = RegistrationId::new(device, random.wrapping_add(1));
        }
        inner.set_place(device, Some(Place { shard, id, peer }));
        Some(Registered {
            device,
            id,
            endpoint,
            previous,
            left,
        })
    }

    /// Has the device refused when it comes, or lets it come again.
    pub(crate) fn bar(&self, endpoint: &str, barred: bool) {
        let mut inner = self.write();
        if barred {
            inner.barred.insert(endpoint.into());
        } else {
            inner.barred.remove(endpoint);
        }
    }

    pub(crate) fn is_barred(&self, endpoint: &str) -> bool {
        self.read().barred.contains(endpoint)
    }

    /// Notes that a registration is served by another shard, or from another address.
    pub(crate) fn moved(&self, device: DeviceNumber, place: Place) {
        self.write().set_place(device, Some(place));
    }

    /// Ends a registration, if it is still this one.
    pub(crate) fn deregister(&self, device: DeviceNumber, id: RegistrationId) {
        let mut inner = self.write();
        if inner.place(device).is_some_and(|place| place.id == id) {
            inner.set_place(device, None);
        }
    }

    /// Forgets a device.
    pub(crate) fn forget(&self, device: DeviceNumber) -> Option<Place> {
        let mut inner = self.write();
        let place = inner.place(device);
        inner.set_gateway(device, None);
        inner.set_place(device, None);
        inner.forget_name(device);
        place
    }

    /// The number of a device that is known.
    pub(crate) fn number(&self, endpoint: &str) -> Option<DeviceNumber> {
        self.read().find(endpoint).map(|(device, _)| device)
    }

    pub(crate) fn place(&self, device: DeviceNumber) -> Option<Place> {
        self.read().place(device)
    }

    pub(crate) fn of_peer(&self, peer: Peer) -> Option<(DeviceNumber, Place)> {
        let inner = self.read();
        let device = inner.at(peer)?;
        Some((device, inner.place(device)?))
    }

    /// The registration with this id, if it is still valid.
    pub(crate) fn of_id(&self, id: RegistrationId) -> Option<Place> {
        self.read().place(id.device()).filter(|place| place.id == id)
    }

    /// How many registrations there are.
    pub(crate) fn registered(&self) -> usize {
        self.read().registered
    }

    fn read(&self) -> RwLockReadGuard<'_, Inner> {
        self.inner.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Inner> {
        self.inner.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    /// The number of an endpoint, which is given one if it has none; `None` if there are as many as may be.
    fn number(&mut self, endpoint: &str, max_devices: usize) -> Option<(DeviceNumber, Arc<str>)> {
        if let Some(known) = self.find(endpoint) {
            return Some(known);
        }
        if self.by_endpoint.len() >= max_devices || self.last >= RegistrationId::MAX_DEVICE {
            return None;
        }
        self.last += 1;
        let device = DeviceNumber(self.last);
        let endpoint: Arc<str> = endpoint.into();
        self.name(device, endpoint.clone());
        Some((device, endpoint))
    }

    /// Where the device is served; one behind a gateway is where its gateway is.
    fn place(&self, device: DeviceNumber) -> Option<Place> {
        let slot = self.slots.get(device.index())?;
        match slot.gateway {
            Some((gateway, true)) => self.slots.get(gateway.index())?.place,
            _ => slot.place,
        }
    }

    fn gateway(&self, device: DeviceNumber) -> Option<(DeviceNumber, bool)> {
        self.slots.get(device.index())?.gateway
    }

    fn set_gateway(&mut self, device: DeviceNumber, gateway: Option<(DeviceNumber, bool)>) {
        let is_attached =
            |gateway: Option<(DeviceNumber, bool)>| gateway.is_some_and(|(_, attached)| attached);
        let slot = self.slot(device);
        let before = std::mem::replace(&mut slot.gateway, gateway);
        self.registered -= usize::from(is_attached(before));
        self.registered += usize::from(is_attached(gateway));
    }

    fn find(&self, endpoint: &str) -> Option<(DeviceNumber, Arc<str>)> {
        let name = |device: DeviceNumber| self.slots.get(device.index())?.endpoint.as_ref();
        let has_it = |device| name(device).is_some_and(|name| **name == *endpoint);
        let device = self.by_endpoint.find(endpoint, has_it)?;
        Some((device, name(device)?.clone()))
    }

    /// The device that is registered at this peer.
    fn at(&self, peer: Peer) -> Option<DeviceNumber> {
        let is_there = |device| self.place(device).is_some_and(|place| place.peer == peer);
        self.by_peer.find(&peer, is_there)
    }

    fn slot(&mut self, device: DeviceNumber) -> &mut Slot {
        let index = device.index();
        if self.slots.len() <= index {
            self.slots.resize_with(index + 1, Slot::default);
        }
        &mut self.slots[index]
    }

    fn name(&mut self, device: DeviceNumber, endpoint: Arc<str>) {
        if self.slot(device).endpoint.is_none() {
            self.by_endpoint.insert(&*endpoint, device);
            self.slot(device).endpoint = Some(endpoint);
        }
    }

    fn forget_name(&mut self, device: DeviceNumber) {
        if let Some(endpoint) = self.slot(device).endpoint.take() {
            self.by_endpoint.remove(&*endpoint, device);
        }
    }

    fn set_place(&mut self, device: DeviceNumber, place: Option<Place>) {
        if let Some(old) = self.place(device) {
            self.by_peer.remove(&old.peer, device);
            self.registered -= 1;
        }
        if let Some(place) = place {
            // Who registers last from an address is the one that is found by it.
            if let Some(other) = self.at(place.peer) {
                self.by_peer.remove(&place.peer, other);
            }
            self.by_peer.insert(&place.peer, device);
            self.registered += 1;
        }
        self.slot(device).place = place;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn peer(port: u16) -> Peer {
        Peer::Udp(([192, 0, 2, 1], port).into())
    }

    #[test]
    fn a_new_register_takes_the_place_of_the_old_one() {
        let directory = Directory::new(10, 0);
        let first = directory.register("a", peer(1), 0, 7).unwrap();
        assert_eq!(first.previous, None);
        let second = directory.register("a", peer(2), 1, 7).unwrap();
        assert_eq!(second.device, first.device);
        assert_ne!(second.id, first.id);
        assert_eq!(second.previous.map(|place| place.shard), Some(0));
        assert_eq!(directory.of_id(first.id), None);
        assert_eq!(directory.of_peer(peer(1)), None);
        assert_eq!(
            directory.of_peer(peer(2)).map(|(device, _)| device),
            Some(first.device)
        );
        directory.deregister(first.device, first.id);
        assert!(directory.of_id(second.id).is_some());
        directory.deregister(second.device, second.id);
        assert_eq!(directory.of_id(second.id), None);
    }

    #[test]
    fn there_are_no_more_devices_than_may_be() {
        let directory = Directory::new(1, 0);
        assert!(directory.register("a", peer(1), 0, 1).is_some());
        assert!(directory.register("b", peer(2), 0, 1).is_none());
        assert!(directory.register("a", peer(2), 0, 1).is_some());
    }
}
