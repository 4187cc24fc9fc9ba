//! The sessions of an endpoint, found by id, by address and by connection id, in as few bytes as possible: the two
//! indexes hold nothing but the numbers of slots.

use super::address::PeerAddress;
use super::event::SessionId;
use super::secured::Secured;
use crate::record::ConnectionId;
use hashbrown::HashTable;
use std::hash::{BuildHasher, RandomState};

/// An established session: all that is kept of it.
#[derive(Debug)]
pub(super) struct Session<P> {
    pub(super) peer: P,
    pub(super) secured: Secured,
    /// Stands for the identity, see [`PeerIdentity::fingerprint`](crate::PeerIdentity).
    pub(super) fingerprint: [u8; 16],
    /// Records that were not authentic.
    pub(super) forgeries: u32,
    /// When an authentic record came last: seconds since the endpoint began.
    pub(super) heard: u32,
}

#[derive(Debug)]
struct Slot<P> {
    generation: u32,
    session: Option<Box<Session<P>>>,
}

#[derive(Debug)]
pub(super) struct Sessions<P> {
    slots: Vec<Slot<P>>,
    free: Vec<u32>,
    by_peer: HashTable<u32>,
    by_connection_id: HashTable<u32>,
    hasher: RandomState,
}

impl<P: PeerAddress> Sessions<P> {
    pub(super) fn new() -> Sessions<P> {
        Sessions {
            slots: Vec::new(),
            free: Vec::new(),
            by_peer: HashTable::new(),
            by_connection_id: HashTable::new(),
            hasher: RandomState::new(),
        }
    }

    pub(super) fn len(&self) -> usize {
        self.slots.len() - self.free.len()
    }

    pub(super) fn get(&self, id: SessionId) -> Option<&Session<P>> {
        let slot = self.slots.get(id.slot as usize)?;
        (slot.generation == id.generation)
            .then_some(slot.session.as_deref())
            .flatten()
    }

    pub(super) fn get_mut(&mut self, id: SessionId) -> Option<&mut Session<P>> {
        let slot = self.slots.get_mut(id.slot as usize)?;
        (slot.generation == id.generation)
            .then_some(slot.session.as_deref_mut())
            .flatten()
    }

    /// The session in a slot, if there are as many slots.
    pub(super) fn in_slot(&self, slot: usize) -> Option<Option<(SessionId, &Session<P>)>> {
        let found = self.slots.get(slot)?;
        let id = SessionId {
            slot: slot as u32,
            generation: found.generation,
        };
        Some(found.session.as_deref().map(|session| (id, session)))
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (SessionId, &Session<P>)> {
        (0..self.slots.len()).filter_map(|slot| self.in_slot(slot).flatten())
    }

    fn id(&self, slot: u32) -> SessionId {
        SessionId {
            slot,
            generation: self.slots[slot as usize].generation,
        }
    }

    /// The session that is to be found at an address.
    pub(super) fn by_peer(&self, peer: &P) -> Option<SessionId> {
        let found = self.by_peer.find(self.hasher.hash_one(peer), |slot| {
            has_peer(&self.slots, *slot, peer)
        })?;
        Some(self.id(*found))
    }

    /// The session that gave out a connection id.
    pub(super) fn by_connection_id(&self, id: ConnectionId) -> Option<SessionId> {
        let is = |slot: &u32| connection_id_of(&self.slots, *slot) == Some(id);
        Some(self.id(*self.by_connection_id.find(self.hasher.hash_one(id), is)?))
    }

    /// Adds a session. It is found by its address unless another one is, see [`Sessions::unlink`].
    pub(super) fn insert(&mut self, session: Session<P>) -> SessionId {
        let local_id = session.secured.local_id;
        let slot = self.free.pop().unwrap_or_else(|| {
            self.slots.push(Slot {
                generation: 0,
                session: None,
            });
            (self.slots.len() - 1) as u32
        });
        self.slots[slot as usize].session = Some(Box::new(session));
        self.link(slot);
        if !local_id.is_empty() {
            let Sessions {
                slots,
                by_connection_id,
                hasher,
                ..
            } = self;
            by_connection_id.insert_unique(hasher.hash_one(local_id), slot, |slot| {
                connection_id_of(slots, *slot).map_or(0, |id| hasher.hash_one(id))
            });
        }
        self.id(slot)
    }

    fn link(&mut self, slot: u32) {
        let Sessions {
            slots,
            by_peer,
            hasher,
            ..
        } = self;
        let Some(session) = &slots[slot as usize].session else {
            return;
        };
        let hash = hasher.hash_one(&session.peer);
        if by_peer
            .find(hash, |other| has_peer(slots, *other, &session.peer))
            .is_none()
        {
            by_peer.insert_unique(hash, slot, |slot| {
                slots[*slot as usize]
                    .session
                    .as_ref()
                    .map_or(0, |session| hasher.hash_one(&session.peer))
            });
        }
    }

    /// From now on the session is found by its id and connection id only; its address may belong to another.
    pub(super) fn unlink(&mut self, id: SessionId) {
        let Some(session) = self.get(id) else { return };
        let hash = self.hasher.hash_one(&session.peer);
        if let Ok(entry) = self.by_peer.find_entry(hash, |slot| *slot == id.slot) {
            entry.remove();
        }
    }

    /// The session's peer moved. An address that leads to a session without a connection id keeps leading there: who
    /// holds one session must not be able to make another unreachable.
    pub(super) fn move_to(&mut self, id: SessionId, peer: P) {
        self.unlink(id);
        if let Some(other) = self.by_peer(&peer)
            && self
                .get(other)
                .is_some_and(|other| !other.secured.local_id.is_empty())
        {
            self.unlink(other);
        }
        if let Some(session) = self.get_mut(id) {
            session.peer = peer;
            self.link(id.slot);
        }
    }

    pub(super) fn remove(&mut self, id: SessionId) -> Option<Box<Session<P>>> {
        self.unlink(id);
        let local_id = self.get(id)?.secured.local_id;
        if let Ok(entry) = self
            .by_connection_id
            .find_entry(self.hasher.hash_one(local_id), |slot| *slot == id.slot)
        {
            entry.remove();
        }
        let slot = &mut self.slots[id.slot as usize];
        slot.generation = slot.generation.wrapping_add(1);
        self.free.push(id.slot);
        slot.session.take()
    }
}

fn has_peer<P: PeerAddress>(slots: &[Slot<P>], slot: u32, peer: &P) -> bool {
    slots[slot as usize]
        .session
        .as_ref()
        .is_some_and(|session| session.peer == *peer)
}

fn connection_id_of<P>(slots: &[Slot<P>], slot: u32) -> Option<ConnectionId> {
    slots[slot as usize]
        .session
        .as_ref()
        .map(|session| session.secured.local_id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::SocketAddr;

    /// With what an allocator adds a session takes 208 bytes and a slot 16: a field more is a decision.
    #[test]
    fn a_session_is_small() {
        assert!(size_of::<Session<SocketAddr>>() <= 200);
        assert_eq!(size_of::<Slot<SocketAddr>>(), 16);
    }
}
