//! The numbers that arrived lately, of all devices in one ring, so that a chart begins with a past.

use super::DeviceNumber;
use shared::{Path, Timestamp};
use std::collections::VecDeque;

#[derive(Debug)]
pub(crate) struct Samples {
    ring: VecDeque<(DeviceNumber, Path, Timestamp, f64)>,
    limit: usize,
}

impl Samples {
    pub(crate) fn new(limit: usize) -> Samples {
        Samples {
            ring: VecDeque::new(),
            limit,
        }
    }

    pub(crate) fn add(&mut self, device: DeviceNumber, path: Path, at: Timestamp, number: f64) {
        if self.limit == 0 {
            return;
        }
        if self.ring.len() >= self.limit {
            self.ring.pop_front();
        }
        self.ring.push_back((device, path, at, number));
    }

    /// By time.
    pub(crate) fn of(&self, device: DeviceNumber, path: Path) -> Vec<(Timestamp, f64)> {
        let mut samples: Vec<(Timestamp, f64)> = self
            .ring
            .iter()
            .filter(|(of, at, ..)| *of == device && *at == path)
            .map(|(.., at, number)| (*at, *number))
            .collect();
        samples.sort_by_key(|(at, _)| *at);
        samples
    }
}
