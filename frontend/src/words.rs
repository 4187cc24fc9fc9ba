//! Times, spans and counts in words. Pure: the clock and the time zone come from the caller.

pub(crate) use shared::span::span;

/// The age of something that happened `milliseconds` ago. The first second is `"now"`; so is the future, because two
/// clocks never agree to the millisecond.
pub(crate) fn age(milliseconds: i64) -> String {
    if milliseconds < 1000 {
        "now".into()
    } else {
        span(milliseconds)
    }
}

/// When something is due: `"in 4 min"`, or `"2 h 12 min ago"`.
pub(crate) fn due(milliseconds_from_now: i64) -> String {
    if milliseconds_from_now >= 0 {
        format!("in {}", span(milliseconds_from_now))
    } else {
        format!("{} ago", span(-milliseconds_from_now))
    }
}

/// A lifetime in seconds, exactly, in its largest whole unit: `"90 s"`, `"5 min"`, `"1 d"`. 0 is without end
/// (LwM2M Core 1.2 §6.2.1).
pub(crate) fn lifetime(seconds: u32) -> String {
    match seconds {
        0 => "no end".into(),
        s if s % 86_400 == 0 => format!("{} d", s / 86_400),
        s if s % 3600 == 0 => format!("{} h", s / 3600),
        s if s % 60 == 0 => format!("{} min", s / 60),
        s if s > 3600 => span(i64::from(s) * 1000),
        s => format!("{s} s"),
    }
}

/// What an ARIA attribute says of a flag.
pub(crate) const fn true_or_false(flag: bool) -> &'static str {
    if flag { "true" } else { "false" }
}

/// A count with a comma between thousands: `"41,209"`.
pub(crate) fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A name between words.
#[inline(never)]
pub(crate) fn around(before: &str, name: &str, after: &str) -> String {
    [before, name, after].concat()
}

/// `"1 device"`, `"2,000 devices"`.
pub(crate) fn counted(number: u64, one: &str, many: &str) -> String {
    format!("{} {}", count(number), if number == 1 { one } else { many })
}

/// A security mode as people say it.
pub(crate) fn security_word(mode: &str) -> &str {
    match mode {
        "none" => "None: open to all",
        "psk" => "Pre-shared key",
        "rpk" => "Raw public key",
        "x509" => "Certificate",
        other => other,
    }
}

/// The drawing of a security mode: a closed lock for a device that proves who it is.
pub(crate) fn lock(mode: Option<&str>) -> &'static str {
    match mode {
        Some("none") => "lock-open",
        Some(_) => "lock",
        None => "question",
    }
}

/// A date and time in some zone, as a calendar shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Calendar {
    pub(crate) year: i32,
    /// 1 to 12.
    pub(crate) month: u32,
    pub(crate) day: u32,
    pub(crate) hour: u32,
    pub(crate) minute: u32,
    pub(crate) second: u32,
    /// Days since any fixed day in the same zone: tells today from yesterday.
    pub(crate) day_number: i64,
}

const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

impl Calendar {
    fn month_name(&self) -> &'static str {
        MONTHS
            .get(self.month.wrapping_sub(1) as usize)
            .copied()
            .unwrap_or("?")
    }

    /// As short as it can be said at `now`: `"13:02"`, `"tomorrow 09:50"`, `"23 Nov 13:02"`, `"4 Oct 2025"`.
    pub(crate) fn short(&self, now: &Calendar) -> String {
        let (hour, minute) = (self.hour, self.minute);
        match self.day_number - now.day_number {
            0 => format!("{hour:02}:{minute:02}"),
            1 => format!("tomorrow {hour:02}:{minute:02}"),
            -1 => format!("yesterday {hour:02}:{minute:02}"),
            _ if self.year == now.year => {
                format!("{} {} {hour:02}:{minute:02}", self.day, self.month_name())
            }
            _ => format!("{} {} {}", self.day, self.month_name(), self.year),
        }
    }

    /// To the second: `"2026-11-23 13:02:05"`.
    pub(crate) fn exact(&self) -> String {
        let Calendar {
            year,
            month,
            day,
            hour,
            minute,
            second,
            ..
        } = self;
        format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}")
    }

    /// The time of day to the second: `"13:02:05"`.
    pub(crate) fn time_of_day(&self) -> String {
        format!("{:02}:{:02}:{:02}", self.hour, self.minute, self.second)
    }
}

/// A text in lower case, for finding one in another. In a page the browser does it: the tables of all alphabets are large.
pub(crate) fn lower(text: &str) -> String {
    #[cfg(target_arch = "wasm32")]
    return js_sys::JsString::from(text).to_lower_case().into();
    #[cfg(not(target_arch = "wasm32"))]
    text.to_lowercase()
}

/// The number, or the end of the range that it is beyond.
pub(crate) fn within(number: f64, least: f64, most: f64) -> f64 {
    number.max(least).min(most)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_age_begins_with_now_and_never_runs_backwards() {
        assert_eq!(age(-2500), "now");
        assert_eq!(age(999), "now");
        assert_eq!(age(1000), "1 s");
    }

    #[test]
    fn what_was_due_is_past() {
        assert_eq!(due(58_000), "in 58 s");
        assert_eq!(due(-7_920_000), "2 h 12 min ago");
    }

    #[test]
    fn lifetimes_are_exact() {
        let check = |seconds: u32, expect: &str| assert_eq!(lifetime(seconds), expect);
        check(0, "no end");
        check(30, "30 s");
        check(300, "5 min");
        check(3600, "1 h");
        check(86_400, "1 d");
        check(90, "90 s");
        check(5400, "90 min");
        check(3700, "1 h 1 min");
    }

    #[test]
    fn thousands_are_set_apart() {
        assert_eq!(count(0), "0");
        assert_eq!(count(999), "999");
        assert_eq!(count(1_000_000), "1,000,000");
        assert_eq!(counted(1, "device", "devices"), "1 device");
    }

    #[test]
    fn a_time_is_said_as_short_as_the_day_allows() {
        let now = Calendar {
            year: 2026,
            month: 11,
            day: 23,
            hour: 13,
            minute: 2,
            second: 5,
            day_number: 100,
        };
        let at = |day_number: i64| Calendar { day_number, ..now };
        assert_eq!(at(100).short(&now), "13:02");
        assert_eq!(at(101).short(&now), "tomorrow 13:02");
        assert_eq!(at(99).short(&now), "yesterday 13:02");
        assert_eq!(at(90).short(&now), "23 Nov 13:02");
        assert_eq!(Calendar { year: 2025, ..at(0) }.short(&now), "23 Nov 2025");
        assert_eq!(now.exact(), "2026-11-23 13:02:05");
    }
}
