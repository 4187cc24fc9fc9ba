//! How long something has lasted, in words.

/// In its two largest units: `"12 s"`, `"3 h 12 min"`, `"3 d 4 h"`.
pub fn span(milliseconds: i64) -> String {
    let seconds = milliseconds.max(0) / 1000;
    let (minutes, hours, days) = (seconds / 60, seconds / 3600, seconds / 86_400);
    match (days, hours, minutes) {
        (0, 0, 0) => format!("{seconds} s"),
        (0, 0, _) => format!("{minutes} min"),
        (0, _, _) => two(hours, "h", minutes % 60, "min"),
        (1..=13, _, _) => two(days, "d", hours % 24, "h"),
        _ => format!("{days} d"),
    }
}

fn two(large: i64, large_unit: &str, small: i64, small_unit: &str) -> String {
    if small == 0 {
        format!("{large} {large_unit}")
    } else {
        format!("{large} {large_unit} {small} {small_unit}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_have_at_most_two_units() {
        let check = |seconds: i64, expect: &str| assert_eq!(span(seconds * 1000), expect);
        check(0, "0 s");
        check(59, "59 s");
        check(60, "1 min");
        check(3599, "59 min");
        check(3600, "1 h");
        check(3 * 3600 + 12 * 60 + 59, "3 h 12 min");
        check(76 * 3600, "3 d 4 h");
        check(40 * 86_400 + 3600, "40 d");
        check(-5, "0 s");
    }
}
