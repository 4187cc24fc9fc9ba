//! Reading JSON. What is wrong is told with its line and column.

use super::{Json, Object};
use crate::float;

/// How deep arrays and objects may lie in each other, so that no text exhausts the stack.
const DEEPEST: usize = 127;

/// What is wrong with a text that is no JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{reason} at line {line} column {column}")]
pub struct Mistake {
    /// The byte of the text, counted from 0.
    pub offset: usize,
    /// Counted from 1.
    pub line: usize,
    /// In bytes; the first of a line is 1.
    pub column: usize,
    pub reason: &'static str,
}

/// Reads a whole text, which is UTF-8.
///
/// # Errors
/// The first [`Mistake`].
pub fn parse(text: &[u8]) -> Result<Json, Mistake> {
    let mut reader = Reader {
        text,
        at: 0,
        depth: 0,
    };
    let value = reader.value()?;
    match reader.next_visible() {
        None => Ok(value),
        Some(_) => Err(reader.wrong_here("trailing characters")),
    }
}

const ENDS_IN_VALUE: &str = "EOF while parsing a value";
const ENDS_IN_TEXT: &str = "EOF while parsing a string";
const ENDS_IN_ARRAY: &str = "EOF while parsing a list";
const ENDS_IN_OBJECT: &str = "EOF while parsing an object";
const NO_NUMBER: &str = "invalid number";
const NO_ESCAPE: &str = "invalid escape";
const HALF_CHARACTER: &str = "lone leading surrogate in hex escape";
const TRAILING_COMMA: &str = "trailing comma";
const NO_NAME: &str = "key must be a string";

struct Reader<'a> {
    text: &'a [u8],
    at: usize,
    depth: usize,
}

impl Reader<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn next(&mut self) -> Option<u8> {
        let byte = self.peek()?;
        self.at += 1;
        Some(byte)
    }

    /// What comes after spaces and ends of lines. It is not taken.
    fn next_visible(&mut self) -> Option<u8> {
        while let Some(b' ' | b'\n' | b'\t' | b'\r') = self.peek() {
            self.at += 1;
        }
        self.peek()
    }

    /// A mistake in the byte that was taken last.
    fn wrong(&self, reason: &'static str) -> Mistake {
        self.wrong_at(self.at, reason)
    }

    /// A mistake in the byte that comes next.
    fn wrong_here(&self, reason: &'static str) -> Mistake {
        self.wrong_at(self.text.len().min(self.at + 1), reason)
    }

    /// A mistake in the last of so many bytes.
    fn wrong_at(&self, count: usize, reason: &'static str) -> Mistake {
        let before = self.text.get(..count).unwrap_or(self.text);
        let ends = || before.iter().enumerate().filter(|(_, byte)| **byte == b'\n');
        let begin = ends().next_back().map_or(0, |(place, _)| place + 1);
        let column = before.len() - begin;
        Mistake {
            offset: begin + column.saturating_sub(1),
            line: 1 + ends().count(),
            column,
            reason,
        }
    }

    fn value(&mut self) -> Result<Json, Mistake> {
        match self.next_visible() {
            Some(b'n') => self.word(b"null", Json::Null),
            Some(b't') => self.word(b"true", Json::Bool(true)),
            Some(b'f') => self.word(b"false", Json::Bool(false)),
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(b'"') => Ok(Json::String(self.string()?)),
            Some(bracket @ (b'[' | b'{')) => {
                if self.depth == DEEPEST {
                    return Err(self.wrong_here("recursion limit exceeded"));
                }
                self.depth += 1;
                self.at += 1;
                let value = if bracket == b'[' {
                    Json::Array(self.array()?)
                } else {
                    Json::Object(self.object()?)
                };
                self.depth -= 1;
                Ok(value)
            }
            Some(_) => Err(self.wrong_here("expected value")),
            None => Err(self.wrong_here(ENDS_IN_VALUE)),
        }
    }

    fn word(&mut self, word: &[u8], value: Json) -> Result<Json, Mistake> {
        for wanted in word {
            match self.next() {
                Some(byte) if byte == *wanted => {}
                Some(_) => return Err(self.wrong("expected ident")),
                None => return Err(self.wrong(ENDS_IN_VALUE)),
            }
        }
        Ok(value)
    }

    /// What follows `[`.
    fn array(&mut self) -> Result<Vec<Json>, Mistake> {
        let mut items = Vec::new();
        loop {
            match self.next_visible() {
                Some(b']') => break,
                Some(_) if items.is_empty() => {}
                Some(b',') => {
                    self.at += 1;
                    if self.next_visible() == Some(b']') {
                        return Err(self.wrong_here(TRAILING_COMMA));
                    }
                }
                Some(_) => return Err(self.wrong_here("expected `,` or `]`")),
                None => return Err(self.wrong_here(ENDS_IN_ARRAY)),
            }
            items.push(self.value()?);
        }
        self.at += 1;
        Ok(items)
    }

    /// What follows `{`. Of a name that is there twice, the last counts.
    fn object(&mut self) -> Result<Object, Mistake> {
        let mut entries = Vec::new();
        loop {
            match self.next_visible() {
                Some(b'}') => break,
                Some(_) if entries.is_empty() => {}
                Some(b',') => {
                    self.at += 1;
                    match self.next_visible() {
                        Some(b'}') => return Err(self.wrong_here(TRAILING_COMMA)),
                        Some(_) => {}
                        None => return Err(self.wrong_here(ENDS_IN_VALUE)),
                    }
                }
                Some(_) => return Err(self.wrong_here("expected `,` or `}`")),
                None => return Err(self.wrong_here(ENDS_IN_OBJECT)),
            }
            if self.peek() != Some(b'"') {
                return Err(self.wrong_here(NO_NAME));
            }
            let name = self.string()?;
            match self.next_visible() {
                Some(b':') => self.at += 1,
                Some(_) => return Err(self.wrong_here("expected `:`")),
                None => return Err(self.wrong_here(ENDS_IN_OBJECT)),
            }
            entries.push((name, self.value()?));
        }
        self.at += 1;
        Ok(Object::of_entries(entries))
    }

    fn number(&mut self) -> Result<Json, Mistake> {
        let start = self.at;
        let negative = self.peek() == Some(b'-');
        self.at += usize::from(negative);
        match self.next() {
            Some(b'0') => {
                if let Some(b'0'..=b'9') = self.peek() {
                    return Err(self.wrong_here(NO_NUMBER));
                }
            }
            Some(b'1'..=b'9') => self.digits(),
            Some(_) => return Err(self.wrong(NO_NUMBER)),
            None => return Err(self.wrong(ENDS_IN_VALUE)),
        }
        let mut whole = true;
        if self.peek() == Some(b'.') {
            whole = false;
            self.at += 1;
            match self.peek() {
                Some(b'0'..=b'9') => self.digits(),
                Some(_) => return Err(self.wrong_here(NO_NUMBER)),
                None => return Err(self.wrong_here(ENDS_IN_VALUE)),
            }
        }
        if let Some(b'e' | b'E') = self.peek() {
            whole = false;
            self.at += 1;
            if let Some(b'+' | b'-') = self.peek() {
                self.at += 1;
            }
            match self.next() {
                Some(b'0'..=b'9') => self.digits(),
                Some(_) => return Err(self.wrong(NO_NUMBER)),
                None => return Err(self.wrong(ENDS_IN_VALUE)),
            }
        }
        let text = self.text.get(start..self.at).unwrap_or_default();
        let text = std::str::from_utf8(text).unwrap_or_default();
        // A zero with a sign is a float, which keeps it.
        if whole && text != "-0" {
            if let Ok(number) = text.parse() {
                return Ok(Json::Integer(number));
            }
            if let Ok(number) = text.parse() {
                return Ok(Json::Unsigned(number));
            }
        }
        match float::parse(text) {
            Some(number) if number.is_finite() => Ok(Json::Float(number)),
            _ => Err(self.wrong("number out of range")),
        }
    }

    fn digits(&mut self) {
        while let Some(b'0'..=b'9') = self.peek() {
            self.at += 1;
        }
    }

    /// A text from its first quotation mark to its last.
    fn string(&mut self) -> Result<String, Mistake> {
        self.at += 1;
        let mut text = Vec::new();
        loop {
            match self.next() {
                Some(b'"') => break,
                Some(b'\\') => self.escape(&mut text)?,
                Some(..0x20) => {
                    let reason = "control character (\\u0000-\\u001F) found while parsing a string";
                    return Err(self.wrong(reason));
                }
                Some(byte) => text.push(byte),
                None => return Err(self.wrong(ENDS_IN_TEXT)),
            }
        }
        String::from_utf8(text).map_err(|error| {
            let unread = error.as_bytes().len() - error.utf8_error().valid_up_to();
            self.wrong_at(self.at.saturating_sub(unread), "invalid unicode code point")
        })
    }

    /// What follows a backslash.
    fn escape(&mut self, text: &mut Vec<u8>) -> Result<(), Mistake> {
        text.push(match self.next() {
            Some(byte @ (b'"' | b'\\' | b'/')) => byte,
            Some(b'b') => 8,
            Some(b'f') => 12,
            Some(b'n') => b'\n',
            Some(b'r') => b'\r',
            Some(b't') => b'\t',
            Some(b'u') => {
                let character = self.unicode()?;
                text.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
                return Ok(());
            }
            Some(_) => return Err(self.wrong(NO_ESCAPE)),
            None => return Err(self.wrong(ENDS_IN_TEXT)),
        });
        Ok(())
    }

    /// What follows `\u`: one unit of UTF-16, or two with `\u` between them.
    fn unicode(&mut self) -> Result<char, Mistake> {
        let first = self.hex()?;
        if !(0xd800..0xdc00).contains(&first) {
            return char::from_u32(first).ok_or_else(|| self.wrong(HALF_CHARACTER));
        }
        for wanted in [b'\\', b'u'] {
            match self.next() {
                Some(byte) if byte == wanted => {}
                Some(_) => return Err(self.wrong("unexpected end of hex escape")),
                None => return Err(self.wrong(ENDS_IN_TEXT)),
            }
        }
        let second = self.hex()?;
        if !(0xdc00..0xe000).contains(&second) {
            return Err(self.wrong(HALF_CHARACTER));
        }
        let code = 0x1_0000 + ((first - 0xd800) << 10 | (second - 0xdc00));
        char::from_u32(code).ok_or_else(|| self.wrong(HALF_CHARACTER))
    }

    /// Four hexadecimal digits.
    fn hex(&mut self) -> Result<u32, Mistake> {
        let Some(digits) = self.text.get(self.at..self.at + 4) else {
            self.at = self.text.len();
            return Err(self.wrong(ENDS_IN_TEXT));
        };
        self.at += 4;
        let number = digits.iter().try_fold(0, |number, digit| {
            let digit = char::from(*digit).to_digit(16)?;
            Some(number << 4 | digit)
        });
        number.ok_or_else(|| self.wrong(NO_ESCAPE))
    }
}
