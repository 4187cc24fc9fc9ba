//! Floating-point numbers as decimal text, and back.
//!
//! In a page the browser does it: it has all the tables for that, and a page would have to load them once more (13 kB).
//! Both sides write the shortest text that reads back as the same number, without an exponent, as `Display` does.

#[cfg(not(target_arch = "wasm32"))]
use native as decimal;

/// The number that a decimal text stands for, exponent and all; also `inf` and `NaN`, as `f64::from_str` has them.
pub fn parse(text: &str) -> Option<f64> {
    decimal::parse(text)
}

/// The shortest text that reads back as this number, without an exponent.
pub fn text(number: f64) -> String {
    decimal::text(number)
}

/// With so many digits after the point.
pub fn fixed(number: f64, digits: usize) -> String {
    decimal::fixed(number, digits)
}

/// As a mantissa with so many digits after the point, and an exponent: `"1.50e9"`.
pub fn exponential(number: f64, digits: usize) -> String {
    decimal::exponential(number, digits)
}

/// The logarithm to the base of ten.
pub fn log10(number: f64) -> f64 {
    decimal::log10(number)
}

/// The number whose text is the shortest that reads back as this one of four bytes.
pub fn shortest_of_single(short: f32) -> f64 {
    decimal::shortest_of_single(short)
}

#[cfg(not(target_arch = "wasm32"))]
mod native {
    pub(super) fn parse(text: &str) -> Option<f64> {
        text.parse().ok()
    }

    pub(super) fn text(number: f64) -> String {
        number.to_string()
    }

    pub(super) fn fixed(number: f64, digits: usize) -> String {
        format!("{number:.digits$}")
    }

    pub(super) fn exponential(number: f64, digits: usize) -> String {
        format!("{number:.digits$e}")
    }

    pub(super) fn log10(number: f64) -> f64 {
        number.log10()
    }

    pub(super) fn shortest_of_single(short: f32) -> f64 {
        short.to_string().parse().unwrap_or(f64::from(short))
    }
}

#[cfg(target_arch = "wasm32")]
mod decimal {
    use super::{is_decimal, without_exponent};
    use js_sys::Number;

    pub(super) fn parse(text: &str) -> Option<f64> {
        match text {
            "NaN" => Some(f64::NAN),
            "inf" => Some(f64::INFINITY),
            "-inf" => Some(f64::NEG_INFINITY),
            text if is_decimal(text) => Some(js_sys::parse_float(text)),
            _ => None,
        }
    }

    pub(super) fn text(number: f64) -> String {
        if number.is_infinite() {
            return if number > 0.0 { "inf" } else { "-inf" }.to_owned();
        }
        let text = String::from(number_of(number).to_string_with_radix(10).unwrap_or_default());
        // The browser writes no sign before a zero.
        let sign = if number == 0.0 && number.is_sign_negative() {
            "-"
        } else {
            ""
        };
        format!("{sign}{}", without_exponent(&text))
    }

    pub(super) fn fixed(number: f64, digits: usize) -> String {
        let digits = u8::try_from(digits).unwrap_or(u8::MAX).min(100);
        let text = number_of(number).to_fixed(digits).map(String::from);
        without_exponent(&text.unwrap_or_default())
    }

    pub(super) fn exponential(number: f64, digits: usize) -> String {
        let digits = u8::try_from(digits).unwrap_or(u8::MAX).min(100);
        let text = number_of(number).to_exponential(digits).map(String::from);
        text.unwrap_or_default().replace('+', "")
    }

    pub(super) fn log10(number: f64) -> f64 {
        js_sys::Math::log10(number)
    }

    pub(super) fn shortest_of_single(short: f32) -> f64 {
        let exact = f64::from(short);
        // Nine digits always tell singles apart.
        (1..=9)
            .filter_map(|digits| parse(&String::from(number_of(exact).to_precision(digits).ok()?)))
            .find(|number| *number as f32 == short)
            .unwrap_or(exact)
    }

    fn number_of(number: f64) -> Number {
        Number::from(number)
    }
}

/// Whether a text is a decimal number: digits with a point among them or beside them, a sign before, an exponent after.
#[cfg(any(test, target_arch = "wasm32"))]
fn is_decimal(text: &str) -> bool {
    let unsigned = |text: &str| text.strip_prefix(['+', '-']).unwrap_or(text).to_owned();
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let text = unsigned(text);
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((&text, "0"));
    let (whole, rest) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let exponent = unsigned(exponent);
    digits(whole)
        && digits(rest)
        && digits(&exponent)
        && !(whole.is_empty() && rest.is_empty())
        && !exponent.is_empty()
}

/// `"1.5e+21"` as `"1500000000000000000000"`, `"1e-7"` as `"0.0000001"`; others as they are.
#[cfg(any(test, target_arch = "wasm32"))]
fn without_exponent(text: &str) -> String {
    let Some((mantissa, exponent)) = text.split_once('e') else {
        return text.to_owned();
    };
    let exponent: i32 = exponent.trim_start_matches('+').parse().unwrap_or(0);
    let (sign, mantissa) = match mantissa.strip_prefix('-') {
        Some(mantissa) => ("-", mantissa),
        None => ("", mantissa),
    };
    let (whole, rest) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let places = usize::try_from(exponent.unsigned_abs()).unwrap_or(0);
    let zeros = |count: usize| "0".repeat(count);
    if exponent < 0 {
        format!(
            "{sign}0.{}{whole}{rest}",
            zeros(places.saturating_sub(whole.len()))
        )
    } else {
        format!("{sign}{whole}{rest}{}", zeros(places.saturating_sub(rest.len())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn an_exponent_is_written_out() {
        for (number, expect) in [
            ("1.5e+21", 1.5e21),
            ("1e-7", 1e-7),
            ("-2.5e-9", -2.5e-9),
            ("12.5", 12.5),
        ] {
            assert_eq!(without_exponent(number), expect.to_string());
        }
    }

    proptest! {
        /// What the page passes to the browser is what `f64::from_str` takes, but for the names of what is no number.
        #[test]
        fn only_numbers_are_decimal(text in "[0-9+.eE-]{0,7}") {
            prop_assert_eq!(is_decimal(&text), text.parse::<f64>().is_ok(), "{}", text);
        }

        #[test]
        fn every_number_reads_back(number in any::<f64>()) {
            prop_assume!(!number.is_nan());
            prop_assert_eq!(parse(&text(number)), Some(number));
        }
    }
}
