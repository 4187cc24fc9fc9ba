//! A query's text with positions in characters, and its pieces.

use super::SyntaxError;
use crate::text::has;
use std::ops::Range;

/// Reads a query from left to right.
pub(super) struct Scanner<'a> {
    rest: std::str::Chars<'a>,
    /// Characters read so far.
    pub(super) at: usize,
}

/// A value as it was written.
pub(super) struct Written {
    pub(super) text: String,
    pub(super) at: Range<usize>,
    pub(super) quoted: bool,
}

impl<'a> Scanner<'a> {
    pub(super) fn new(text: &'a str) -> Scanner<'a> {
        Scanner {
            rest: text.chars(),
            at: 0,
        }
    }

    pub(super) fn peek(&self) -> Option<char> {
        self.rest.clone().next()
    }

    pub(super) fn next(&mut self) -> Option<char> {
        let next = self.rest.next()?;
        self.at += 1;
        Some(next)
    }

    pub(super) fn take(&mut self, wanted: char) -> bool {
        let is_there = self.peek() == Some(wanted);
        if is_there {
            self.next();
        }
        is_there
    }

    pub(super) fn skip_spaces(&mut self) {
        self.take_while(char::is_whitespace);
    }

    /// The characters up to the first that is not wanted.
    pub(super) fn take_while(&mut self, wanted: impl Fn(char) -> bool) -> &'a str {
        let text = self.rest.as_str();
        let end = text.find(|character| !wanted(character)).unwrap_or(text.len());
        let taken = &text[..end];
        self.rest = text[end..].chars();
        self.at += taken.chars().count();
        taken
    }

    /// A value: in quotes, where `\` takes the next character as it is; or up to a space or a character in `ends`.
    pub(super) fn value(&mut self, ends: &str) -> Result<Written, SyntaxError> {
        let start = self.at;
        if !self.take('"') {
            let text = self.take_while(|character| !character.is_whitespace() && !has(ends, character));
            return Ok(Written {
                text: text.to_owned(),
                at: start..self.at,
                quoted: false,
            });
        }
        let mut text = String::new();
        loop {
            let character = match self.next() {
                Some('"') => {
                    return Ok(Written {
                        text,
                        at: start..self.at,
                        quoted: true,
                    });
                }
                Some('\\') => self.next(),
                other => other,
            };
            let Some(character) = character else {
                return Err(SyntaxError {
                    at: start..self.at,
                    message: "the quotation mark is not closed".into(),
                });
            };
            text.push(character);
        }
    }
}
