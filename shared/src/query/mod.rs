//! The query language of the device list: `state:late model:"X1" fw<2.1 tag:site=berlin seen>1d /3/0/9<20 pump`.
//!
//! Written once, for the server, which filters with it, and for the page, which shows mistakes where they are and suggests
//! what may follow. It knows no storage: what is filtered is a [`Subject`].
//!
//! A query is terms between spaces, and all of them must hold:
//!
//! | term | holds if |
//! |---|---|
//! | `pump`, `"two words"` | the text occurs in the endpoint, label, manufacturer, model, serial, firmware or a tag |
//! | `state:late,offline` | it is in one of these states |
//! | `model:X1` | the text occurs in this field; `=` for the whole of it, `:*` if it is known at all |
//! | `fw<2.1` | the firmware is older: numbers in texts compare as numbers |
//! | `seen>1d`, `seen<2026-11-20` | it was last heard of longer ago than a day; before that day |
//! | `lifetime>=3600`, `pending>0` | the number compares so |
//! | `tag:site`, `tag:site=berlin` | it has this tag; with this value |
//! | `queue:yes` | it is in queue mode |
//! | `/3/0/9<20`, `/3/0/0:acme`, `/3303/0/5700:*` | the known value at this path compares so, contains this, is known |
//! | `-state:online` | the term behind the `-` does not hold |
//!
//! Two `state:` terms are alternatives, since a device is in one state only. Letters count without their case (ASCII).

mod accept;
mod field;
mod natural;
mod parse;
mod scan;
mod suggest;
#[cfg(test)]
mod tests;

pub use accept::Subject;
pub use field::{FlagField, NumberField, TextField, TimeField};
pub use suggest::{Suggestion, Suggestions, Vocabulary, suggest};

use crate::{DeviceState, Path, Timestamp};
use std::ops::Range;

/// The most terms a query has.
pub const MAX_TERMS: usize = 32;

/// A query that was understood. The default one accepts every device.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Query {
    terms: Vec<Term>,
}

impl Query {
    /// Whether it accepts every device because it says nothing.
    pub const fn is_empty(&self) -> bool {
        self.terms.is_empty()
    }
}

/// What a query says wrongly, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message} (at character {})", .at.start + 1)]
pub struct SyntaxError {
    /// In characters of the query, not bytes.
    pub at: Range<usize>,
    pub message: String,
}

#[derive(Debug, Clone, PartialEq)]
struct Term {
    negated: bool,
    test: Test,
}

#[derive(Debug, Clone, PartialEq)]
enum Test {
    Word(String),
    State(Vec<DeviceState>),
    Text(TextField, TextTest),
    Number(NumberField, Comparison, f64),
    Time(TimeField, TimeTest),
    Flag(FlagField, bool),
    Tag(String, Option<TextTest>),
    Value(Path, ValueTest),
}

#[derive(Debug, Clone, PartialEq)]
enum TextTest {
    Known,
    /// One of these occurs in it.
    Contains(Vec<String>),
    /// It is this, or the natural order says so.
    Compares(Comparison, String),
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum TimeTest {
    Known,
    /// How long ago it is, in milliseconds.
    Age(Comparison, i64),
    At(Comparison, Timestamp),
}

#[derive(Debug, Clone, PartialEq)]
enum ValueTest {
    Text(TextTest),
    Number(Comparison, f64),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Comparison {
    Equal,
    NotEqual,
    Less,
    AtMost,
    Greater,
    AtLeast,
}

impl Comparison {
    fn holds(self, order: std::cmp::Ordering) -> bool {
        match self {
            Comparison::Equal => order.is_eq(),
            Comparison::NotEqual => order.is_ne(),
            Comparison::Less => order.is_lt(),
            Comparison::AtMost => order.is_le(),
            Comparison::Greater => order.is_gt(),
            Comparison::AtLeast => order.is_ge(),
        }
    }
}
