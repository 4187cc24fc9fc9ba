//! A text within a sentence.

/// The text between quotation marks. What would end it early, or break the line, is escaped: `"two\nlines"`.
///
/// Not `{:?}`, which also asks of every letter whether it can be printed, in tables of kilobytes.
pub fn quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for letter in text.chars() {
        match letter {
            '"' | '\\' => quoted.extend(['\\', letter]),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            _ if letter.is_ascii_control() => quoted += &format!("\\u{{{:x}}}", u32::from(letter)),
            _ => quoted.push(letter),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn a_text_stays_on_its_line_and_within_its_marks() {
        for text in [
            "",
            "plain",
            "größer",
            "say \"so\"",
            "a\\b",
            "two\nlines\r\t",
            "\0\x1b[2J\x7f",
        ] {
            // Of these letters Rust's own has the same to say, but for zero.
            assert_eq!(quoted(text), format!("{text:?}").replace("\\0", "\\u{0}"));
        }
    }
}
