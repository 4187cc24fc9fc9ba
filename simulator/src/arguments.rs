//! The arguments of an Execute. LwM2M Core 1.2 §6.3.5, with its grammar:
//! `arglist = arg *( "," arg )`, `arg = DIGIT [ "='" *CHAR "'" ]`.

use std::collections::BTreeMap;

/// The arguments by their digit; one without `=` has no text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Arguments(BTreeMap<u8, Option<String>>);

/// Why a payload is no list of arguments.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ArgumentError {
    /// An argument does not begin with a digit.
    #[error("an argument begins with one digit (at byte {0})")]
    Digit(usize),
    /// After an argument comes neither a comma nor the end.
    #[error("a comma or the end is due after an argument (at byte {0})")]
    Separator(usize),
    /// A text is not between single quotes.
    #[error("the text of an argument stands between single quotes (at byte {0})")]
    Quote(usize),
    /// A character that the grammar leaves out.
    #[error("a character that is not allowed in the text of an argument (at byte {0})")]
    Character(usize),
    /// A digit is used again. LwM2M Core 1.2.1 §6.3.5.
    #[error("argument {0} is given twice")]
    Twice(u8),
}

impl Arguments {
    /// Reads a payload; an empty one has no arguments.
    ///
    /// # Errors
    /// [`ArgumentError`] says where the grammar is broken.
    pub fn parse(payload: &[u8]) -> Result<Arguments, ArgumentError> {
        let mut arguments = BTreeMap::new();
        let mut at = 0;
        while at < payload.len() || at > 0 {
            let digit = payload.get(at).filter(|byte| byte.is_ascii_digit());
            let digit = digit.ok_or(ArgumentError::Digit(at))? - b'0';
            at += 1;
            let mut text = None;
            if payload.get(at) == Some(&b'=') {
                let (found, end) = quoted(payload, at + 1)?;
                text = Some(found);
                at = end;
            }
            if arguments.insert(digit, text).is_some() {
                return Err(ArgumentError::Twice(digit));
            }
            match payload.get(at) {
                None => break,
                Some(b',') => at += 1,
                Some(_) => return Err(ArgumentError::Separator(at)),
            }
        }
        Ok(Arguments(arguments))
    }

    /// The text of an argument: `None` if it is not there, `Some(None)` if it is there without a text.
    pub fn get(&self, digit: u8) -> Option<Option<&str>> {
        self.0.get(&digit).map(Option::as_deref)
    }

    /// All arguments in the order of their digits.
    pub fn iter(&self) -> impl Iterator<Item = (u8, Option<&str>)> {
        self.0.iter().map(|(digit, text)| (*digit, text.as_deref()))
    }
}

/// The text between the quotes, of which the first is due at `from`, and the place after the last.
fn quoted(payload: &[u8], from: usize) -> Result<(String, usize), ArgumentError> {
    if payload.get(from) != Some(&b'\'') {
        return Err(ArgumentError::Quote(from));
    }
    let mut text = String::new();
    for (at, byte) in payload.iter().enumerate().skip(from + 1) {
        match byte {
            b'\'' => return Ok((text, at + 1)),
            b'!' | 0x23..=0x26 | 0x28..=0x5b | 0x5d..=0x7e => text.push(char::from(*byte)),
            _ => return Err(ArgumentError::Character(at)),
        }
    }
    Err(ArgumentError::Quote(payload.len()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_grammar_of_the_specification() {
        let read = |text: &str| {
            Arguments::parse(text.as_bytes()).map(|it| {
                it.iter()
                    .map(|(digit, text)| (digit, text.map(String::from)))
                    .collect::<Vec<_>>()
            })
        };
        for (text, expect) in [
            ("", Ok(vec![])),
            ("5", Ok(vec![(5, None)])),
            ("2='10.3'", Ok(vec![(2, Some("10.3".into()))])),
            ("7,0='https://a.example/?x=1'", {
                Ok(vec![(0, Some("https://a.example/?x=1".into())), (7, None)])
            }),
            ("0=''", Ok(vec![(0, Some(String::new()))])),
            ("x", Err(ArgumentError::Digit(0))),
            ("10", Err(ArgumentError::Separator(1))),
            ("1,", Err(ArgumentError::Digit(2))),
            (",1", Err(ArgumentError::Digit(0))),
            ("1=a", Err(ArgumentError::Quote(2))),
            ("1='a", Err(ArgumentError::Quote(4))),
            ("1='a b'", Err(ArgumentError::Character(4))),
            ("1='a\"'", Err(ArgumentError::Character(4))),
            ("1,1", Err(ArgumentError::Twice(1))),
        ] {
            assert_eq!(read(text), expect, "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_payload_panics(payload in proptest::collection::vec(any::<u8>(), 0..40)) {
            let _ = Arguments::parse(&payload);
        }
    }
}
