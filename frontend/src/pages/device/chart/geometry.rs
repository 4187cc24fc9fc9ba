//! Where things are on the chart: ranges, ticks, gaps and the nearest point. Numbers in, numbers out; what draws them
//! is [`super::draw`]. Times are milliseconds since 1970, positions CSS pixels.

use crate::words::within;
use shared::float;
use shared::sort::sort_by;
use std::ops::Range;

/// A measured point of a series.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Point {
    pub(crate) at: f64,
    pub(crate) value: f64,
}

/// The most points one series keeps; the oldest go first.
pub(crate) const MAX_POINTS: usize = 20_000;

/// The part of the canvas inside the axes, and the ranges it shows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Plot {
    pub(crate) left: f64,
    pub(crate) top: f64,
    pub(crate) width: f64,
    pub(crate) height: f64,
    pub(crate) from: f64,
    pub(crate) to: f64,
    pub(crate) low: f64,
    pub(crate) high: f64,
}

impl Plot {
    pub(crate) fn x(&self, at: f64) -> f64 {
        self.left + (at - self.from) / (self.to - self.from).max(1.0) * self.width
    }

    pub(crate) fn y(&self, value: f64) -> f64 {
        let span = self.high - self.low;
        let share = if span > 0.0 {
            (value - self.low) / span
        } else {
            0.5
        };
        self.top + (1.0 - share) * self.height
    }

    /// The time under this horizontal position.
    pub(crate) fn time_at(&self, x: f64) -> f64 {
        self.from + (x - self.left) / self.width.max(1.0) * (self.to - self.from)
    }
}

/// Puts a point where its time belongs; a second point of the same time replaces the first. Keeps [`MAX_POINTS`].
pub(crate) fn insert(points: &mut Vec<Point>, point: Point) {
    if !point.value.is_finite() {
        return;
    }
    let place = points.partition_point(|known| known.at < point.at);
    match points.get_mut(place) {
        Some(known) if known.at == point.at => *known = point,
        _ => points.insert(place, point),
    }
    if points.len() > MAX_POINTS {
        points.drain(..points.len() - MAX_POINTS);
    }
}

/// The points within `[from, to]` with one more on each side, so that a line reaches the edges.
pub(crate) fn visible(points: &[Point], from: f64, to: f64) -> &[Point] {
    let first = points.partition_point(|point| point.at < from).saturating_sub(1);
    let last = points.partition_point(|point| point.at <= to);
    &points[first..(last + 1).min(points.len()).max(first)]
}

/// The silence after which a line is broken, in milliseconds. A device that notifies on change is quiet while nothing
/// changes, so only a silence far beyond its usual ones counts: ten times the median distance of its points, three
/// times their 95th percentile, and a minute.
pub(crate) fn gap_after(points: &[Point]) -> f64 {
    let mut steps: Vec<f64> = points.windows(2).map(|pair| pair[1].at - pair[0].at).collect();
    if steps.is_empty() {
        return f64::INFINITY;
    }
    sort_by(&mut steps, f64::total_cmp);
    let at = |percent: usize| steps[(steps.len() - 1) * percent / 100];
    (at(50) * 10.0).max(at(95) * 3.0).max(60_000.0)
}

/// The unbroken stretches of a series.
pub(crate) fn segments(points: &[Point], gap: f64) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut start = 0;
    for next in 1..=points.len() {
        if next == points.len() || points[next].at - points[next - 1].at > gap {
            found.push(start..next);
            start = next;
        }
    }
    found
}

/// Of many points in one pixel column only the first, lowest, highest and last are worth drawing.
pub(crate) fn thinned(points: &[Point], plot: &Plot) -> Vec<Point> {
    if (points.len() as f64) < plot.width * 2.0 {
        return points.to_vec();
    }
    let column = |point: &Point| plot.x(point.at).floor() as i64;
    let mut kept: Vec<Point> = Vec::new();
    for group in points.chunk_by(|one, other| column(one) == column(other)) {
        let by_value = |one: &&Point, other: &&Point| one.value.total_cmp(&other.value);
        let corners = [
            group.first(),
            group.iter().min_by(by_value),
            group.iter().max_by(by_value),
            group.last(),
        ];
        let mut corners: Vec<Point> = corners.into_iter().flatten().copied().collect();
        // The group is in order, so only the lowest and the highest may have to change places.
        if corners.len() == 4 && corners[1].at > corners[2].at {
            corners.swap(1, 2);
        }
        corners.dedup();
        kept.extend(corners);
    }
    kept
}

/// The range of values to show: what is there, with air above and below; one value sits in the middle.
pub(crate) fn value_range<'a>(points: impl Iterator<Item = &'a Point>) -> Option<(f64, f64)> {
    let (low, high) = points.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), point| {
        (low.min(point.value), high.max(point.value))
    });
    if low > high {
        return None;
    }
    let air = match high - low {
        span if span > 0.0 => span * 0.08,
        _ => (low.abs() * 0.05).max(1.0),
    };
    Some((low - air, high + air))
}

/// Round values between `low` and `high`, at most `most` of them: steps of 1, 2 or 5 times a power of ten.
pub(crate) fn value_ticks(low: f64, high: f64, most: usize) -> Vec<f64> {
    let span = high - low;
    if !span.is_finite() || span <= 0.0 || most == 0 {
        return Vec::new();
    }
    let rough = span / most as f64;
    let power = 10f64.powf(float::log10(rough).floor());
    let step = [1.0, 2.0, 5.0, 10.0]
        .into_iter()
        .map(|factor| factor * power)
        .find(|step| *step >= rough)
        .unwrap_or(power * 10.0);
    // Counting in whole steps keeps the error of adding up out of the labels; 0.3 is not quite three times 0.1.
    let first = (low / step - 1e-9).ceil() as i64;
    let last = (high / step + 1e-9).floor() as i64;
    (first..=last).take(most + 1).map(|at| at as f64 * step).collect()
}

/// A tick's label, with as many digits as tell it from its neighbours.
pub(crate) fn value_label(value: f64, ticks: &[f64]) -> String {
    let step = ticks
        .windows(2)
        .map(|pair| pair[1] - pair[0])
        .next()
        .unwrap_or(1.0);
    let digits = within(-float::log10(step).floor(), 0.0, 9.0) as usize;
    let clean = if value == 0.0 { 0.0 } else { value };
    if clean.abs() >= 1e9 {
        float::exponential(clean, 2)
    } else {
        float::fixed(clean, digits)
    }
}

const SECOND: f64 = 1_000.0;
const MINUTE: f64 = 60.0 * SECOND;
const HOUR: f64 = 60.0 * MINUTE;
const DAY: f64 = 24.0 * HOUR;

/// Round times between `from` and `to`, at most `most`, on the reader's clock: `offset` is how far that clock is
/// ahead of UTC, in milliseconds. Also says whether seconds or days are worth writing.
pub(crate) fn time_ticks(from: f64, to: f64, most: usize, offset: f64) -> (Vec<f64>, TimeDetail) {
    const STEPS: [f64; 17] = [
        SECOND,
        2.0 * SECOND,
        5.0 * SECOND,
        10.0 * SECOND,
        15.0 * SECOND,
        30.0 * SECOND,
        MINUTE,
        2.0 * MINUTE,
        5.0 * MINUTE,
        10.0 * MINUTE,
        15.0 * MINUTE,
        30.0 * MINUTE,
        HOUR,
        3.0 * HOUR,
        6.0 * HOUR,
        12.0 * HOUR,
        DAY,
    ];
    let span = to - from;
    if !span.is_finite() || span <= 0.0 || most == 0 {
        return (Vec::new(), TimeDetail::Minutes);
    }
    let rough = span / most as f64;
    let step = STEPS
        .into_iter()
        .find(|step| *step >= rough)
        .unwrap_or_else(|| (rough / DAY).ceil() * DAY);
    let first = ((from + offset) / step).ceil() as i64;
    let last = ((to + offset) / step).floor() as i64;
    let ticks = (first..=last)
        .take(most + 1)
        .map(|at| at as f64 * step - offset)
        .collect();
    let detail = match step {
        step if step < MINUTE => TimeDetail::Seconds,
        step if step < DAY => TimeDetail::Minutes,
        _ => TimeDetail::Days,
    };
    (ticks, detail)
}

/// How exactly a time is written below the axis.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TimeDetail {
    Seconds,
    Minutes,
    Days,
}

/// The point nearest in time.
pub(crate) fn nearest(points: &[Point], at: f64) -> Option<Point> {
    let place = points.partition_point(|point| point.at < at);
    let before = place.checked_sub(1).and_then(|index| points.get(index));
    match (before, points.get(place)) {
        (Some(before), Some(after)) if at - before.at <= after.at - at => Some(*before),
        (_, Some(after)) => Some(*after),
        (before, None) => before.copied(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn series(points: &[(f64, f64)]) -> Vec<Point> {
        points
            .iter()
            .map(|(at, value)| Point {
                at: *at,
                value: *value,
            })
            .collect()
    }

    const PLOT: Plot = Plot {
        left: 40.0,
        top: 10.0,
        width: 100.0,
        height: 50.0,
        from: 0.0,
        to: 1000.0,
        low: 0.0,
        high: 10.0,
    };

    #[test]
    fn corners_of_the_plot() {
        assert_eq!((PLOT.x(0.0), PLOT.y(0.0)), (40.0, 60.0));
        assert_eq!((PLOT.x(1000.0), PLOT.y(10.0)), (140.0, 10.0));
        assert_eq!(PLOT.time_at(90.0), 500.0);
        let flat = Plot {
            low: 3.0,
            high: 3.0,
            ..PLOT
        };
        assert_eq!(flat.y(3.0), 35.0);
    }

    #[test]
    fn points_are_kept_in_order_once_and_within_the_bound() {
        let mut points = Vec::new();
        for (at, value) in [(2.0, 1.0), (1.0, 2.0), (2.0, 3.0), (3.0, f64::NAN)] {
            insert(&mut points, Point { at, value });
        }
        assert_eq!(points, series(&[(1.0, 2.0), (2.0, 3.0)]));
        for at in 0..MAX_POINTS {
            insert(
                &mut points,
                Point {
                    at: at as f64 + 10.0,
                    value: 0.0,
                },
            );
        }
        assert_eq!(points.len(), MAX_POINTS);
        assert_eq!(points[0].at, 10.0);
    }

    #[test]
    fn a_window_keeps_one_neighbour_on_each_side() {
        let points = series(&[(0.0, 0.0), (10.0, 0.0), (20.0, 0.0), (30.0, 0.0)]);
        assert_eq!(visible(&points, 12.0, 18.0), &points[1..3]);
        assert_eq!(visible(&points, 10.0, 20.0), &points[0..4]);
        assert_eq!(visible(&points, 50.0, 60.0), &points[3..4]);
        assert!(visible(&[], 0.0, 1.0).is_empty());
    }

    #[test]
    fn a_long_silence_breaks_the_line() {
        let mut times: Vec<(f64, f64)> = (0..30).map(|at| (f64::from(at) * 2e3, 1.0)).collect();
        times.extend([(200e3, 1.0), (202e3, 1.0)]);
        let points = series(&times);
        assert_eq!(gap_after(&points), 60e3);
        assert_eq!(segments(&points, gap_after(&points)), vec![0..30, 30..32]);
        assert_eq!(segments(&points[..1], 1.0), vec![0..1]);
        assert!(segments(&[], 1.0).is_empty());
    }

    #[test]
    fn the_quiet_of_a_device_that_notifies_on_change_is_no_gap() {
        let times: Vec<(f64, f64)> = (0..40)
            .map(|at| (f64::from(at / 8) * 30e3 + f64::from(at) * 1e3, 1.0))
            .collect();
        let points = series(&times);
        assert_eq!(segments(&points, gap_after(&points)), vec![0..40]);
    }

    #[test]
    fn thinning_keeps_the_extremes() {
        let points: Vec<Point> = (0..10_000)
            .map(|index| Point {
                at: f64::from(index) / 10.0,
                value: if index == 5_003 { 9.0 } else { 1.0 },
            })
            .collect();
        let thin = thinned(&points, &PLOT);
        assert!(thin.len() < 500, "{}", thin.len());
        assert!(thin.iter().any(|point| point.value == 9.0));
        assert_eq!(thin.first(), points.first());
        assert_eq!(thin.last(), points.last());
    }

    #[test]
    fn ranges_have_air() {
        assert_eq!(value_range([].iter()), None);
        assert_eq!(value_range(series(&[(0.0, 20.0)]).iter()), Some((19.0, 21.0)));
        let (low, high) = value_range(series(&[(0.0, 0.0), (1.0, 100.0)]).iter()).unwrap();
        assert_eq!((low, high), (-8.0, 108.0));
    }

    #[test]
    fn value_ticks_are_round() {
        for (low, high, most, expect) in [
            (0.0, 10.0, 5, vec![0.0, 2.0, 4.0, 6.0, 8.0, 10.0]),
            (19.0, 21.0, 4, vec![19.0, 19.5, 20.0, 20.5, 21.0]),
            (-3.0, 3.0, 3, vec![-2.0, 0.0, 2.0]),
            (5.0, 5.0, 4, vec![]),
        ] {
            assert_eq!(value_ticks(low, high, most), expect, "{low}..{high}");
        }
        let fine = value_ticks(0.0, 0.3, 3);
        let labels: Vec<String> = fine.iter().map(|tick| value_label(*tick, &fine)).collect();
        assert_eq!(labels, ["0.0", "0.1", "0.2", "0.3"]);
        assert_eq!(value_label(-0.0, &[-1.0, -0.0]), "0");
    }

    #[test]
    fn time_ticks_are_round_on_the_readers_clock() {
        let (ticks, detail) = time_ticks(0.0, 60e3, 6, 0.0);
        assert_eq!(ticks, (0..=6).map(|at| f64::from(at) * 10e3).collect::<Vec<_>>());
        assert_eq!(detail, TimeDetail::Seconds);
        // 05:30 ahead of UTC: the full hour is at half past in UTC.
        let (ticks, detail) = time_ticks(0.0, 4.0 * HOUR, 5, 5.5 * HOUR);
        assert_eq!(ticks[0], 0.5 * HOUR);
        assert_eq!(detail, TimeDetail::Minutes);
        assert!(time_ticks(5.0, 5.0, 4, 0.0).0.is_empty());
        assert_eq!(time_ticks(0.0, 30.0 * DAY, 6, 0.0).1, TimeDetail::Days);
    }

    #[test]
    fn the_nearest_point() {
        let points = series(&[(0.0, 1.0), (10.0, 2.0)]);
        for (at, expect) in [(-5.0, 1.0), (4.0, 1.0), (6.0, 2.0), (50.0, 2.0)] {
            assert_eq!(nearest(&points, at).map(|point| point.value), Some(expect));
        }
        assert_eq!(nearest(&[], 1.0), None);
    }
}
