//! Fields of CSV (RFC 4180) as the interface writes them.

use std::borrow::Cow;

/// A field, in quotes where it must be.
pub(super) fn quoted(text: &str) -> Cow<'_, str> {
    if text.contains(['"', ',', '\n', '\r']) || text.starts_with(' ') || text.ends_with(' ') {
        Cow::Owned(format!("\"{}\"", text.replace('"', "\"\"")))
    } else {
        Cow::Borrowed(text)
    }
}

/// A field that others wrote, for a person's spreadsheet: what the program would take for a formula gets an apostrophe before
/// it, by which it stays a text.
pub(super) fn for_spreadsheet(text: &str) -> Cow<'_, str> {
    let is_formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']) && text.parse::<f64>().is_err();
    if is_formula {
        Cow::Owned(quoted(&format!("'{text}")).into_owned())
    } else {
        quoted(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_read_as_it_was_written() {
        for (text, written) in [
            ("plain", "plain"),
            ("a,b", "\"a,b\""),
            ("say \"x\"", "\"say \"\"x\"\"\""),
            (" edge", "\" edge\""),
            ("two\nlines", "\"two\nlines\""),
        ] {
            assert_eq!(quoted(text), written);
        }
    }

    #[test]
    fn what_a_device_says_is_no_formula() {
        for (text, written) in [
            ("=1+1", "'=1+1"),
            ("@SUM(A1,A2)", "\"'@SUM(A1,A2)\""),
            ("-93", "-93"),
            ("urn:dev:1", "urn:dev:1"),
        ] {
            assert_eq!(for_spreadsheet(text), written);
        }
    }
}
