//! The peers that have state, found by their key in constant time.

use std::hash::{BuildHasher, Hash, Hasher};
use std::ops::{Index, IndexMut};

use hashbrown::HashTable;
use siphasher::sip::SipHasher13;

use super::duplicates::{Duplicates, Remembered};
use super::exchange::Active;
use super::message_ids::MessageIds;
use super::observer::Tracked;
use super::stream::Connection;
use crate::clock::Moment;

/// Everything kept of one peer. What an idle peer does not need stands behind pointers.
#[derive(Debug)]
pub(crate) struct PeerState<P> {
    pub(crate) key: P,
    /// The earliest wake-up that is in the heap for this peer.
    pub(crate) armed: Moment,
    pub(crate) duplicates: Duplicates,
    pub(crate) message_ids: MessageIds,
    /// What is in flight.
    pub(crate) active: Option<Box<Active>>,
    /// The connection, if the peer is spoken to on a stream.
    pub(crate) stream: Option<Box<Connection>>,
    /// Our observations at the peer.
    pub(crate) observations: Vec<Tracked>,
    /// How many of its requests the application has not answered.
    pub(crate) unanswered: u32,
    /// Tells this peer from those that used the slot before.
    pub(crate) generation: u32,
}

/// A keyed hash that a peer cannot predict, so that it cannot choose colliding keys.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Keyed(u64, u64);

impl Keyed {
    pub(crate) fn new(first: u64, second: u64) -> Keyed {
        Keyed(first, second)
    }

    pub(crate) fn hasher(self) -> SipHasher13 {
        SipHasher13::new_with_keys(self.0, self.1)
    }

    fn of(self, key: &impl Hash) -> u32 {
        let mut hasher = self.hasher();
        key.hash(&mut hasher);
        hasher.finish() as u32
    }

    /// Of a datagram, short: tells a retransmission from another message with its ID.
    pub(crate) fn fingerprint(self, datagram: &[u8]) -> u32 {
        let mut hasher = self.hasher();
        hasher.write(datagram);
        hasher.finish() as u32
    }
}

impl BuildHasher for Keyed {
    type Hasher = SipHasher13;

    fn build_hasher(&self) -> SipHasher13 {
        self.hasher()
    }
}

/// A slab of peers and an index of 8 bytes for each into it.
#[derive(Debug)]
pub(crate) struct Peers<P> {
    slots: Vec<Option<PeerState<P>>>,
    free: Vec<u32>,
    /// The hash of each key and its slot, so that the table grows without looking at the slots.
    index: HashTable<(u32, u32)>,
    keyed: Keyed,
    limit: usize,
    generation: u32,
    /// Where forgetting goes on when too much is remembered.
    hand: usize,
}

impl<P: Copy + Eq + Hash> Peers<P> {
    pub(crate) fn new(keyed: Keyed, limit: usize) -> Peers<P> {
        let limit = limit.clamp(1, u32::MAX as usize / 2);
        Peers {
            slots: Vec::new(),
            free: Vec::new(),
            index: HashTable::new(),
            keyed,
            limit,
            generation: 0,
            hand: 0,
        }
    }

    pub(crate) fn find(&self, key: P) -> Option<u32> {
        let hash = self.keyed.of(&key);
        self.find_hashed(hash, key)
    }

    fn find_hashed(&self, hash: u32, key: P) -> Option<u32> {
        let is_it =
            |entry: &(u32, u32)| entry.0 == hash && self.get(entry.1).is_some_and(|state| state.key == key);
        self.index.find(spread(hash), is_it).map(|entry| entry.1)
    }

    /// The peer's slot, made if there is room.
    pub(crate) fn find_or_insert(&mut self, key: P) -> Option<u32> {
        let hash = self.keyed.of(&key);
        if let Some(slot) = self.find_hashed(hash, key) {
            return Some(slot);
        }
        if self.index.len() >= self.limit {
            return None;
        }
        self.generation = self.generation.wrapping_add(1);
        let state = PeerState {
            key,
            armed: Moment::NEVER,
            duplicates: Duplicates::default(),
            message_ids: MessageIds::default(),
            active: None,
            stream: None,
            observations: Vec::new(),
            unanswered: 0,
            generation: self.generation,
        };
        let slot = match self.free.pop() {
            Some(slot) => {
                self.slots[slot as usize] = Some(state);
                slot
            }
            None => {
                if self.slots.len() == self.slots.capacity() {
                    // By an eighth and not by doubling: of many peers, half a slot each would lie idle.
                    self.slots.reserve_exact(64.max(self.slots.len() / 8));
                }
                self.slots.push(Some(state));
                self.slots.len() as u32 - 1
            }
        };
        self.index
            .insert_unique(spread(hash), (hash, slot), |entry| spread(entry.0));
        Some(slot)
    }

    pub(crate) fn remove(&mut self, slot: u32) -> Option<PeerState<P>> {
        let state = self.slots.get_mut(slot as usize)?.take()?;
        let hash = self.keyed.of(&state.key);
        if let Ok(entry) = self.index.find_entry(spread(hash), |entry| entry.1 == slot) {
            entry.remove();
        }
        self.free.push(slot);
        Some(state)
    }

    pub(crate) fn get(&self, slot: u32) -> Option<&PeerState<P>> {
        self.slots.get(slot as usize)?.as_ref()
    }

    pub(crate) fn get_mut(&mut self, slot: u32) -> Option<&mut PeerState<P>> {
        self.slots.get_mut(slot as usize)?.as_mut()
    }

    pub(crate) fn len(&self) -> usize {
        self.index.len()
    }

    /// Forgets the answered messages of the next peers in turn until that much is forgotten.
    pub(crate) fn forget_answered(&mut self, wanted: Remembered) -> Remembered {
        let mut forgotten = Remembered::default();
        for _ in 0..self.slots.len() {
            if forgotten.messages >= wanted.messages && forgotten.bytes >= wanted.bytes {
                break;
            }
            self.hand = (self.hand + 1) % self.slots.len();
            if let Some(state) = &mut self.slots[self.hand] {
                let before = state.duplicates.remembered();
                state.duplicates.forget_answered();
                let after = state.duplicates.remembered();
                forgotten.messages += before.messages - after.messages;
                forgotten.bytes += before.bytes - after.bytes;
            }
        }
        forgotten
    }
}

/// The table wants 64 bits and looks at both ends of them.
fn spread(hash: u32) -> u64 {
    u64::from(hash).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

impl<P> Index<u32> for Peers<P> {
    type Output = PeerState<P>;

    fn index(&self, slot: u32) -> &PeerState<P> {
        self.slots[slot as usize].as_ref().expect("a slot in use")
    }
}

impl<P> IndexMut<u32> for Peers<P> {
    fn index_mut(&mut self, slot: u32) -> &mut PeerState<P> {
        self.slots[slot as usize].as_mut().expect("a slot in use")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A server has one of these for each of its devices.
    #[test]
    fn an_idle_peer_is_small() {
        assert!(size_of::<Option<PeerState<[u8; 32]>>>() <= 168);
    }
}
