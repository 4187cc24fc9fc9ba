//! The natural order of texts: `2.9` before `2.10`, `X2` before `X10`.

use std::cmp::Ordering;

/// Compares texts with their runs of digits as numbers, letters without their case (ASCII). A text comes before one that
/// goes on after it.
pub(super) fn compare(a: &str, b: &str) -> Ordering {
    let (mut a, mut b) = (a.as_bytes(), b.as_bytes());
    loop {
        match (a, b) {
            ([], []) => return Ordering::Equal,
            ([], _) => return Ordering::Less,
            (_, []) => return Ordering::Greater,
            ([x, ..], [y, ..]) if x.is_ascii_digit() && y.is_ascii_digit() => {
                let (first, rest_a) = number(a);
                let (second, rest_b) = number(b);
                let order = first.len().cmp(&second.len()).then_with(|| first.cmp(second));
                if order.is_ne() {
                    return order;
                }
                (a, b) = (rest_a, rest_b);
            }
            ([x, rest_a @ ..], [y, rest_b @ ..]) => {
                let order = x.to_ascii_lowercase().cmp(&y.to_ascii_lowercase());
                if order.is_ne() {
                    return order;
                }
                (a, b) = (rest_a, rest_b);
            }
        }
    }
}

/// The digits that a text starts with, without leading zeros, and what follows.
fn number(text: &[u8]) -> (&[u8], &[u8]) {
    let end = text
        .iter()
        .position(|byte| !byte.is_ascii_digit())
        .unwrap_or(text.len());
    let (digits, rest) = text.split_at(end);
    let zeros = digits.iter().take_while(|digit| **digit == b'0').count();
    (&digits[zeros..], rest)
}

#[cfg(test)]
mod tests {
    use super::compare;
    use std::cmp::Ordering;

    #[test]
    fn numbers_in_texts_compare_as_numbers() {
        for (a, b, expect) in [
            ("2.9", "2.10", Ordering::Less),
            ("2.1", "2.1.1", Ordering::Less),
            ("v2.01", "V2.1", Ordering::Equal),
            ("10", "9", Ordering::Greater),
            ("0.8.12", "0.8.3", Ordering::Greater),
            ("1.0-rc1", "1.0-rc2", Ordering::Less),
            ("", "0", Ordering::Less),
            ("a", "1", Ordering::Greater),
            (
                "99999999999999999999999",
                "100000000000000000000000",
                Ordering::Less,
            ),
        ] {
            assert_eq!(compare(a, b), expect, "{a} {b}");
            assert_eq!(compare(b, a), expect.reverse(), "{b} {a}");
        }
    }
}
