//! Devices in the order of their endpoint names.
//!
//! In pieces of bounded size: a device comes and goes without moving all others, and its place in the order is found by
//! counting pieces. The names themselves stay with the devices; whoever asks compares them.

use super::DeviceNumber;

/// Of this size a piece is split.
const MOST: usize = 512;

/// No piece is empty, and none follows one with later names.
#[derive(Debug, Default)]
pub(super) struct Names {
    pieces: Vec<Vec<DeviceNumber>>,
}

impl Names {
    /// All devices in order.
    pub(super) fn iter(&self) -> impl Iterator<Item = DeviceNumber> {
        self.pieces.iter().flatten().copied()
    }

    /// How many devices come first of those for which `before` holds, which are the first of all.
    pub(super) fn count(&self, before: impl Fn(DeviceNumber) -> bool) -> usize {
        let (piece, within) = self.find(before);
        let whole: usize = self.pieces[..piece].iter().map(Vec::len).sum();
        whole + within
    }

    /// Takes a device in behind those for which `before` holds.
    pub(super) fn insert(&mut self, number: DeviceNumber, before: impl Fn(DeviceNumber) -> bool) {
        let (piece, within) = self.find(before);
        match self.pieces.get_mut(piece) {
            Some(found) => {
                found.insert(within, number);
                if found.len() > MOST {
                    let rest = found.split_off(MOST / 2);
                    self.pieces.insert(piece + 1, rest);
                }
            }
            // Names often come in their order: then pieces are filled, not split.
            None => match self.pieces.last_mut() {
                Some(last) if last.len() < MOST => last.push(number),
                _ => self.pieces.push(vec![number]),
            },
        }
    }

    /// Forgets the device that stands behind those for which `before` holds.
    pub(super) fn remove(&mut self, number: DeviceNumber, before: impl Fn(DeviceNumber) -> bool) {
        let (piece, within) = self.find(before);
        let Some(found) = self.pieces.get_mut(piece) else {
            return;
        };
        if found.get(within) == Some(&number) {
            found.remove(within);
            if found.is_empty() {
                self.pieces.remove(piece);
            }
        }
    }

    /// The piece, and the place in it, of the first device for which `before` does not hold.
    fn find(&self, before: impl Fn(DeviceNumber) -> bool) -> (usize, usize) {
        let is_before = |piece: &Vec<DeviceNumber>| piece.last().is_some_and(|last| before(*last));
        // Without looking further when it comes behind all.
        let piece = match self.pieces.last() {
            Some(last) if !is_before(last) => self.pieces.partition_point(is_before),
            _ => self.pieces.len(),
        };
        let within = self
            .pieces
            .get(piece)
            .map_or(0, |piece| piece.partition_point(|number| before(*number)));
        (piece, within)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn it_is_a_set_in_order() {
        let mut seed = 1u32;
        let mut random = |below: u32| {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (seed >> 8) % below
        };
        let (mut names, mut expected) = (Names::default(), BTreeSet::new());
        for step in 0..40_000 {
            // It grows, and then shrinks until it is nearly empty.
            let comes = random(10) < if step < 20_000 { 8 } else { 1 };
            let number = random(3_000);
            let before = |other: DeviceNumber| other.0 < number;
            if comes && expected.insert(number) {
                names.insert(DeviceNumber(number), before);
            } else if !comes {
                expected.remove(&number);
                names.remove(DeviceNumber(number), before);
            }
            assert_eq!(names.count(before), expected.range(..number).count());
        }
        let found: Vec<u32> = names.iter().map(|number| number.0).collect();
        assert_eq!(found, Vec::from_iter(expected));
        assert!(names.pieces.iter().all(|piece| (1..=MOST).contains(&piece.len())));
    }

    #[test]
    fn names_that_come_in_order_fill_the_pieces() {
        let mut names = Names::default();
        for number in 0..2_000 {
            names.insert(DeviceNumber(number), |other| other.0 < number);
        }
        assert_eq!(names.pieces.len(), 2_000usize.div_ceil(MOST));
    }
}
