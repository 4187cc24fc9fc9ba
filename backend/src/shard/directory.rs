//! Which shard has which registration. Touched when a registration is made, ends or moves, and for datagrams of peers
//! that the shard at hand does not know; never for the others.

use super::Peer;
use crate::lwm2m::registration::RegistrationId;
use crate::registry::DeviceNumber;
use std::collections::HashMap;
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
}

#[derive(Debug)]
pub(crate) struct Directory {
    inner: RwLock<Inner>,
    max_devices: usize,
}

#[derive(Debug, Default)]
struct Inner {
    numbers: HashMap<Arc<str>, DeviceNumber>,
    places: Vec<Option<Place>>,
    by_peer: HashMap<Peer, DeviceNumber>,
    last: u32,
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
        inner.numbers.insert(endpoint, device);
        inner.set_place(device, place);
    }

    /// Gives a Register its device, location and place; `None` if there are as many devices as may be.
    pub(crate) fn register(&self, endpoint: &str, peer: Peer, shard: u16, random: u32) -> Option<Registered> {
        let mut inner = self.write();
        let (device, endpoint) = match inner.numbers.get_key_value(endpoint) {
            Some((endpoint, device)) => (*device, endpoint.clone()),
            None => {
                if inner.numbers.len() >= self.max_devices || inner.last >= RegistrationId::MAX_DEVICE {
                    return None;
                }
                inner.last += 1;
                let device = DeviceNumber(inner.last);
                let endpoint: Arc<str> = endpoint.into();
                inner.numbers.insert(endpoint.clone(), device);
                (device, endpoint)
            }
        };
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
        })
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
        inner.set_place(device, None);
        inner.numbers.retain(|_, number| *number != device);
        place
    }

    pub(crate) fn place(&self, device: DeviceNumber) -> Option<Place> {
        self.read().place(device)
    }

    pub(crate) fn of_peer(&self, peer: Peer) -> Option<(DeviceNumber, Place)> {
        let inner = self.read();
        let device = *inner.by_peer.get(&peer)?;
        Some((device, inner.place(device)?))
    }

    /// The registration with this id, if it is still valid.
    pub(crate) fn of_id(&self, id: RegistrationId) -> Option<Place> {
        self.read().place(id.device()).filter(|place| place.id == id)
    }

    /// How many registrations there are.
    pub(crate) fn registered(&self) -> usize {
        self.read().places.iter().flatten().count()
    }

    fn read(&self) -> RwLockReadGuard<'_, Inner> {
        self.inner.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Inner> {
        self.inner.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn place(&self, device: DeviceNumber) -> Option<Place> {
        self.places.get(device.index()).copied().flatten()
    }

    fn set_place(&mut self, device: DeviceNumber, place: Option<Place>) {
        let index = device.index();
        if self.places.len() <= index {
            self.places.resize(index + 1, None);
        }
        if let Some(old) = self.places[index]
            && self.by_peer.get(&old.peer) == Some(&device)
        {
            self.by_peer.remove(&old.peer);
        }
        if let Some(place) = place {
            self.by_peer.insert(place.peer, device);
        }
        self.places[index] = place;
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
