//! Which rows of a long list are in sight, and where they stand. Pure.
//!
//! The list is as tall as all its rows, so that the browser's scroll bar tells the truth, and only what is in sight is there.
//! A browser holds no page of any height: beyond [`TALLEST`] the list is as tall as that, and a step of the scroll bar moves
//! it by more.

/// Pixels of the tallest list. Positions beyond 2^24 are not exact to the pixel in a browser.
const TALLEST: f64 = 12_000_000.0;
/// Rows above and below what is in sight, so that there is something at the first step.
const BEYOND: usize = 5;

/// A list in a window.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Geometry {
    /// How many rows there are.
    pub(super) total: usize,
    /// The height of a row, in pixels.
    pub(super) row: f64,
    /// How many pixels of the list are above the window's upper edge; less than nothing while it begins below.
    pub(super) scrolled: f64,
    /// The height of the window.
    pub(super) height: f64,
}

/// The rows that are there.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Shown {
    pub(super) first: usize,
    pub(super) count: usize,
    /// How far below the upper edge of the list the first of them stands, in pixels.
    pub(super) top: f64,
}

impl Geometry {
    fn whole(&self) -> f64 {
        self.total as f64 * self.row
    }

    /// The height of the list.
    pub(super) fn tall(&self) -> f64 {
        self.whole().min(TALLEST)
    }

    /// How many of the pixels of all rows pass for one of the scroll bar.
    fn scale(&self) -> f64 {
        let (whole, tall) = (self.whole(), self.tall());
        if whole <= tall {
            return 1.0;
        }
        (whole - self.height) / (tall - self.height).max(1.0)
    }

    pub(super) fn shown(&self) -> Shown {
        if self.total == 0 || self.row < 1.0 {
            return Shown::default();
        }
        let scrolled = self.scrolled.max(0.0);
        let above = scrolled * self.scale();
        let most = (self.height / self.row) as usize + 2 + 2 * BEYOND;
        let count = most.min(self.total);
        let first = ((above / self.row) as usize)
            .saturating_sub(BEYOND)
            .min(self.total - count);
        Shown {
            first,
            count,
            top: scrolled - above + first as f64 * self.row,
        }
    }

    /// How many rows are moved by with a page up or down.
    pub(super) fn page(&self, covered: f64) -> usize {
        (((self.height - covered) / self.row) as usize)
            .saturating_sub(1)
            .max(1)
    }

    /// What [`Geometry::scrolled`] has to be for a row to be in sight between what covers the window's upper and lower
    /// edge; as it is if the row is there.
    pub(super) fn bringing(&self, index: usize, above: f64, below: f64) -> f64 {
        let scale = self.scale();
        let row_top = index as f64 * self.row;
        let seen = self.scrolled * scale;
        let wanted = if row_top < seen + above {
            row_top - above
        } else if row_top + self.row > seen + self.height - below {
            row_top + self.row + below - self.height
        } else {
            return self.scrolled;
        };
        wanted / scale
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(total: usize, scrolled: f64) -> Geometry {
        Geometry {
            total,
            row: 36.0,
            scrolled,
            height: 720.0,
        }
    }

    #[test]
    fn what_is_in_sight_is_there_and_little_else() {
        for (scrolled, first) in [(-200.0, 0), (0.0, 0), (359.0, 4), (36_000.0, 995), (1e9, 99_968)] {
            let shown = list(100_000, scrolled).shown();
            assert_eq!((shown.first, shown.count), (first, 32), "{scrolled}");
            assert_eq!(shown.top, first as f64 * 36.0);
        }
        assert_eq!(list(3, 0.0).shown().count, 3);
        assert_eq!(list(0, 0.0).shown(), Shown::default());
    }

    #[test]
    fn a_list_that_is_too_tall_is_scrolled_from_its_first_to_its_last_row() {
        let million = list(1_000_000, 0.0);
        assert_eq!(million.tall(), TALLEST);
        assert_eq!(million.shown().first, 0);
        let end = list(1_000_000, TALLEST - 720.0).shown();
        assert_eq!(end.first + end.count, 1_000_000);
        // The last row ends where the list does.
        assert!((end.top + end.count as f64 * 36.0 - TALLEST).abs() < 1.0);
    }

    #[test]
    fn a_row_is_brought_into_sight_by_as_little_as_it_takes() {
        let list = list(1000, 3600.0);
        assert_eq!(list.bringing(110, 80.0, 0.0), 3600.0);
        assert_eq!(list.bringing(99, 80.0, 0.0), 99.0 * 36.0 - 80.0);
        assert_eq!(list.bringing(130, 80.0, 10.0), 131.0 * 36.0 + 10.0 - 720.0);
        assert_eq!(list.page(80.0), 16);
    }
}
