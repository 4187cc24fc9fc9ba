//! An index from some key of devices to their numbers that does not hold the key: 9 bytes a device.
//!
//! The key stands with the device already, where the caller compares it.

use super::DeviceNumber;
use hashbrown::HashTable;
use std::hash::{BuildHasher, Hash, RandomState};

#[derive(Debug, Default)]
pub(crate) struct Numbers {
    /// With the hash of each key, so that the table grows without looking at the keys.
    table: HashTable<(u32, DeviceNumber)>,
    hasher: RandomState,
}

impl Numbers {
    /// The device with this key; `is_it` says whether a device has it.
    pub(crate) fn find<K: Hash + ?Sized>(
        &self,
        key: &K,
        is_it: impl Fn(DeviceNumber) -> bool,
    ) -> Option<DeviceNumber> {
        let hash = self.hash(key);
        let found = self
            .table
            .find(spread(hash), |(other, number)| *other == hash && is_it(*number));
        found.map(|(_, number)| *number)
    }

    /// Adds a device under a key that it is not under yet.
    pub(crate) fn insert<K: Hash + ?Sized>(&mut self, key: &K, number: DeviceNumber) {
        let hash = self.hash(key);
        self.table
            .insert_unique(spread(hash), (hash, number), |(hash, _)| spread(*hash));
    }

    /// Takes a device away from under a key; whether it was there.
    pub(crate) fn remove<K: Hash + ?Sized>(&mut self, key: &K, number: DeviceNumber) -> bool {
        let hash = self.hash(key);
        let found = self
            .table
            .find_entry(spread(hash), |entry| *entry == (hash, number));
        found.map(|entry| entry.remove()).is_ok()
    }

    pub(crate) fn len(&self) -> usize {
        self.table.len()
    }

    fn hash<K: Hash + ?Sized>(&self, key: &K) -> u32 {
        self.hasher.hash_one(key) as u32
    }
}

/// The table wants 64 bits and looks at both ends of them.
const fn spread(hash: u32) -> u64 {
    (hash as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn devices_are_found_by_keys_that_are_held_elsewhere() {
        let keys: Vec<String> = (0..10_000).map(|number| format!("device-{number}")).collect();
        let mut numbers = Numbers::default();
        for (number, key) in keys.iter().enumerate() {
            numbers.insert(key, DeviceNumber(number as u32));
        }
        let find = |numbers: &Numbers, key: &str| numbers.find(key, |number| keys[number.index()] == key);
        for (number, key) in keys.iter().enumerate() {
            assert_eq!(find(&numbers, key), Some(DeviceNumber(number as u32)));
        }
        assert_eq!(find(&numbers, "device-10000"), None);
        assert!(numbers.remove("device-7", DeviceNumber(7)));
        assert!(!numbers.remove("device-7", DeviceNumber(7)));
        assert_eq!((find(&numbers, "device-7"), numbers.len()), (None, 9_999));
    }
}
