//! The replay window. RFC 6347 §4.1.2.6.

/// Which sequence numbers of an epoch were seen: the newest and the 63 before it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct ReplayWindow {
    /// One past the newest number seen; 0 while none was.
    next: u64,
    /// Bit n: number `next - 1 - n` was seen.
    seen: u64,
}

impl ReplayWindow {
    pub(crate) const fn from_parts(next: u64, seen: u64) -> ReplayWindow {
        ReplayWindow { next, seen }
    }

    pub(crate) const fn parts(self) -> (u64, u64) {
        (self.next, self.seen)
    }

    /// Whether a record with this number may be looked at: not seen yet and not too old to know.
    pub(crate) const fn accepts(&self, number: u64) -> bool {
        if number >= self.next {
            return true;
        }
        let age = self.next - 1 - number;
        age < 64 && self.seen & (1 << age) == 0
    }

    /// Remembers a number whose record proved to be authentic; whether it is the newest so far.
    pub(crate) const fn remember(&mut self, number: u64) -> bool {
        if number >= self.next {
            let shift = number + 1 - self.next;
            self.seen = if shift < 64 { self.seen << shift } else { 0 } | 1;
            self.next = number + 1;
            return true;
        }
        let age = self.next - 1 - number;
        if age < 64 {
            self.seen |= 1 << age;
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::HashSet;

    #[test]
    fn a_number_passes_once() {
        let mut window = ReplayWindow::default();
        assert!(window.accepts(0));
        assert!(window.remember(0));
        assert!(!window.accepts(0));
        assert!(window.remember(5));
        assert!(window.accepts(4));
        assert!(!window.remember(4));
        assert!(!window.accepts(4));
        assert!(window.remember(100));
        assert!(!window.accepts(5));
        assert!(!window.accepts(36));
        assert!(window.accepts(37));
    }

    proptest! {
        #[test]
        fn never_twice_and_never_lost_within_the_window(numbers in proptest::collection::vec(0u64..300, 1..200)) {
            let (mut window, mut seen, mut newest) = (ReplayWindow::default(), HashSet::new(), 0);
            for number in numbers {
                let fresh = !seen.contains(&number) && number + 64 > newest;
                prop_assert_eq!(window.accepts(number), fresh);
                if window.accepts(number) {
                    window.remember(number);
                    seen.insert(number);
                    newest = newest.max(number);
                }
            }
        }
    }
}
