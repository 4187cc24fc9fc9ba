//! Where the lines and ticks of the overview's plots are. Whole numbers in, whole numbers out: a plot is a field of [`WIDE`]
//! by [`HIGH`], which the browser stretches over its place.

use shared::api::ActivityCount;
use std::fmt::Write;

pub(super) const WIDE: i64 = 10_000;
pub(super) const HIGH: i64 = 1_000;

/// The time that is shown, in milliseconds since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) from: i64,
    pub(super) until: i64,
    /// The length of an interval.
    pub(super) interval: i64,
}

impl Span {
    pub(super) fn x(&self, at: i64) -> i64 {
        let length = (self.until - self.from).max(1);
        ((at - self.from) * WIDE / length).clamp(0, WIDE)
    }

    /// The time at a share of the width, from 0 to 1.
    pub(super) fn time_at(&self, share: f64) -> i64 {
        self.from + ((self.until - self.from) as f64 * share) as i64
    }

    /// Round times on the reader's clock, which is `offset` milliseconds ahead of UTC.
    pub(super) fn ticks(&self, offset: i64) -> Vec<i64> {
        const MINUTE: i64 = 60_000;
        const STEPS: [i64; 3] = [2 * MINUTE, 10 * MINUTE, 240 * MINUTE];
        const MOST: i64 = 7;
        let length = self.until - self.from;
        let step = STEPS
            .into_iter()
            .find(|step| length / step < MOST)
            .unwrap_or(length.max(1));
        let first = (self.from + offset).div_euclid(step) + 1;
        let last = (self.until + offset).div_euclid(step);
        (first..=last).map(|tick| tick * step - offset).collect()
    }
}

/// Round numbers from 0 to at least `most`; three or four steps of 1, 2 or 5 times a power of ten.
pub(super) fn amounts(most: u64) -> Vec<u64> {
    let most = most.max(3);
    let mut power = 1u64;
    loop {
        for factor in [1, 2, 5] {
            let step = power.saturating_mul(factor);
            if most.div_ceil(step) <= 4 {
                return (0..=most.div_ceil(step)).map(|at| at * step).collect();
            }
        }
        power = power.saturating_mul(10);
    }
}

pub(super) fn y(amount: u64, top: u64) -> i64 {
    let share = amount as f64 / top.max(1) as f64;
    HIGH - (share * HIGH as f64) as i64
}

/// A line of steps, one for each interval, as an SVG path: broken where the server did not run.
pub(super) fn steps(
    items: &[ActivityCount],
    span: Span,
    top: u64,
    amount: fn(&ActivityCount) -> u64,
) -> String {
    let mut text = String::new();
    let mut before = None;
    for item in items {
        let (begin, end) = (item.from.0, (item.from.0 + span.interval).min(span.until));
        if end <= span.from {
            continue;
        }
        let (left, right, height) = (span.x(begin), span.x(end), y(amount(item), top));
        // Writing to a String cannot fail.
        let _ = match before {
            Some(before) if before == begin => write!(text, "V{height}H{right}"),
            _ => write!(text, "M{left} {height}H{right}"),
        };
        before = Some(begin + span.interval);
    }
    text
}

/// Whether an interval is missing before this one, within the span.
pub(super) fn is_after_gap(items: &[ActivityCount], place: usize, span: Span) -> bool {
    let Some(item) = items.get(place) else {
        return false;
    };
    match place.checked_sub(1).and_then(|before| items.get(before)) {
        Some(before) => before.from.0 + span.interval < item.from.0,
        None => item.from.0 > span.from,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::Timestamp;

    fn count(from: i64, updated: u64) -> ActivityCount {
        ActivityCount {
            from: Timestamp(from),
            updated,
            ..ActivityCount::default()
        }
    }

    const SPAN: Span = Span {
        from: 100_000,
        until: 200_000,
        interval: 10_000,
    };

    #[test]
    fn an_interval_that_was_not_counted_breaks_the_line() {
        let items = [
            count(90_000, 9),
            count(100_000, 1),
            count(110_000, 2),
            count(190_000, 4),
        ];
        let path = steps(&items, SPAN, 4, |item| item.updated);
        assert_eq!(path, "M0 750H1000V500H2000M9000 0H10000");
        let gaps: Vec<bool> = (1..4).map(|place| is_after_gap(&items, place, SPAN)).collect();
        assert_eq!(gaps, [false, false, true]);
        assert!(is_after_gap(&items[2..], 0, SPAN) && !is_after_gap(&items, 0, SPAN));
        assert_eq!(steps(&[], SPAN, 4, |item| item.updated), "");
    }

    #[test]
    fn the_interval_that_is_not_over_ends_now() {
        let span = Span {
            until: 195_000,
            ..SPAN
        };
        assert_eq!(
            steps(&[count(190_000, 1)], span, 1, |item| item.updated),
            "M9473 0H10000"
        );
    }

    #[test]
    fn amounts_are_round_and_hold_the_most() {
        let check = |most: u64, expect: &[u64]| assert_eq!(amounts(most), expect, "{most}");
        check(0, &[0, 1, 2, 3]);
        check(4, &[0, 1, 2, 3, 4]);
        check(5, &[0, 2, 4, 6]);
        check(17, &[0, 5, 10, 15, 20]);
        check(1000, &[0, 500, 1000]);
        for most in [1, 7, 99, 12_345, u64::MAX / 2] {
            let ticks = amounts(most);
            assert!(
                ticks.len() <= 5 && ticks.last() >= Some(&most),
                "{most}: {ticks:?}"
            );
        }
    }

    #[test]
    fn times_are_round_on_the_readers_clock() {
        const MINUTE: i64 = 60_000;
        let hour = Span {
            from: 7 * MINUTE,
            until: 67 * MINUTE,
            interval: 10_000,
        };
        assert_eq!(hour.ticks(0), [10, 20, 30, 40, 50, 60].map(|at| at * MINUTE));
        // 05:45 ahead of UTC.
        assert_eq!(hour.ticks(345 * MINUTE)[0], 15 * MINUTE);
        assert_eq!(hour.time_at(0.5), 37 * MINUTE);
    }
}
