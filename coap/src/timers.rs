//! When which peer has something due: a heap whose entries may be outdated and are checked when they come up.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::clock::Moment;

/// Wake-up times of peers by their slot. Only pushes: a wake-up that is no longer wanted stays and is found stale.
#[derive(Debug, Default)]
pub(crate) struct Timers {
    heap: BinaryHeap<Reverse<(Moment, u32)>>,
}

impl Timers {
    pub(crate) fn push(&mut self, at: Moment, slot: u32) {
        self.heap.push(Reverse((at, slot)));
    }

    pub(crate) fn next(&self) -> Option<Moment> {
        self.heap.peek().map(|Reverse((at, _))| *at)
    }

    /// The next wake-up that is due, with its time.
    pub(crate) fn pop_due(&mut self, now: Moment) -> Option<(Moment, u32)> {
        let Reverse((at, _)) = self.heap.peek()?;
        if *at > now {
            return None;
        }
        self.heap.pop().map(|Reverse(entry)| entry)
    }
}
