//! Sorting with one piece of machine code for all types, in the place of the three sorts that `slice::sort` brings for
//! each: code is what a page has to load. For what a page shows and a device sends, not for a fleet.
//!
//! All of these are stable: what is equal keeps its order.

use std::cmp::Ordering;

/// Sorts by the order of the type.
pub fn sort<T: Ord>(items: &mut [T]) {
    sort_by(items, T::cmp);
}

/// Sorts by a key of each.
pub fn sort_by_key<T, K: Ord>(items: &mut [T], key: impl Fn(&T) -> K) {
    sort_by(items, |one, other| key(one).cmp(&key(other)));
}

/// Sorts by a comparison of two.
pub fn sort_by<T>(items: &mut [T], compare: impl Fn(&T, &T) -> Ordering) {
    let swaps = swaps(items.len(), &|one, other| compare(&items[one], &items[other]));
    for (place, from) in swaps.into_iter().enumerate() {
        items.swap(place, from);
    }
}

/// Sorts, and keeps of what is equal the first.
pub fn sort_dedup<T: Ord>(items: &mut Vec<T>) {
    sort(items);
    items.dedup();
}

/// What each place is to be swapped with, one place after the other, so that all is in order; nothing if it is.
fn swaps(count: usize, compare: &dyn Fn(usize, usize) -> Ordering) -> Vec<usize> {
    if (1..count).all(|place| compare(place - 1, place).is_le()) {
        return Vec::new();
    }
    let order = order(count, compare);
    // Where what stood at a place is now, and what stands at a place now.
    let mut place_of: Vec<usize> = (0..count).collect();
    let mut standing = place_of.clone();
    order
        .into_iter()
        .enumerate()
        .map(|(place, wanted)| {
            let from = place_of[wanted];
            let moved = standing[place];
            place_of[moved] = from;
            standing[from] = moved;
            from
        })
        .collect()
}

/// The places in the order of what stands there: a merge sort.
fn order(count: usize, compare: &dyn Fn(usize, usize) -> Ordering) -> Vec<usize> {
    let mut order: Vec<usize> = (0..count).collect();
    let mut merged = Vec::with_capacity(count);
    let mut run = 1;
    while run < count {
        merged.clear();
        for pair in order.chunks(2 * run) {
            let (mut left, mut right) = pair.split_at(run.min(pair.len()));
            while let (Some((one, after_one)), Some((other, after_other))) =
                (left.split_first(), right.split_first())
            {
                if compare(*one, *other).is_le() {
                    merged.push(*one);
                    left = after_one;
                } else {
                    merged.push(*other);
                    right = after_other;
                }
            }
            merged.extend_from_slice(left);
            merged.extend_from_slice(right);
        }
        std::mem::swap(&mut order, &mut merged);
        run *= 2;
    }
    order
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// The second of each pair tells whether what is equal kept its order.
        #[test]
        fn it_does_what_std_does(keys in proptest::collection::vec(0u8..30, 0..80)) {
            let items: Vec<(u8, String)> = keys.into_iter().zip((0..).map(|place: i32| place.to_string())).collect();
            let (mut ours, mut theirs) = (items.clone(), items);
            sort_by_key(&mut ours, |item| item.0);
            theirs.sort_by_key(|item| item.0);
            prop_assert_eq!(&ours, &theirs);
            sort(&mut ours);
            theirs.sort();
            prop_assert_eq!(ours, theirs);
        }

        #[test]
        fn what_is_equal_is_kept_once(mut items in proptest::collection::vec(0u8..30, 0..80)) {
            let tree: Vec<u8> = items.iter().copied().collect::<std::collections::BTreeSet<_>>().into_iter().collect();
            sort_dedup(&mut items);
            prop_assert_eq!(items, tree);
        }
    }
}
