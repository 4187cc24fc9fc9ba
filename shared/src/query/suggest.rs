//! What may stand where the cursor is.

use super::field::{FIELDS, Field, TextField, find};
use crate::{DeviceState, Path};
use std::ops::Range;

/// What an operator begins with.
const OPERATORS: [char; 5] = [':', '=', '<', '>', '!'];

/// The most suggestions at a time.
const MOST: usize = 10;

/// What the fleet knows: the words that are worth suggesting.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Vocabulary {
    pub models: Vec<String>,
    pub firmwares: Vec<String>,
    /// `name=value`.
    pub tags: Vec<String>,
}

/// Suggestions for one place.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Suggestions {
    /// The characters of the query that a suggestion takes the place of.
    pub replaces: Range<usize>,
    pub items: Vec<Suggestion>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suggestion {
    /// What is put in.
    pub text: String,
    /// What it is, for people.
    pub about: &'static str,
}

/// What may stand at the cursor, which is counted in characters.
pub fn suggest(query: &str, cursor: usize, vocabulary: &Vocabulary) -> Suggestions {
    let end = byte_of(query, cursor);
    let before = &query[..end];
    let start = word_start(before);
    let word = &before[start..];
    let (minus, word) = match word.strip_prefix('-') {
        Some(rest) => (1, rest),
        None => (0, word),
    };
    let start = before[..start].chars().count() + minus;
    let Some(at) = word.find(OPERATORS) else {
        return names(word, start..cursor);
    };
    let (name, rest) = word.split_at(at);
    let two = rest.as_bytes().get(1) == Some(&b'=') && !rest.starts_with([':', '=']);
    let (operator, value) = rest.split_at(if two { 2 } else { 1 });
    match find(name) {
        Some(field) => {
            let start = start + name.chars().count() + operator.len();
            values(field, operator, value, start, cursor, vocabulary)
        }
        None => Suggestions::default(),
    }
}

/// What a term may begin with: a field, a path; and how it goes on once that is written.
fn names(written: &str, replaces: Range<usize>) -> Suggestions {
    let operators = match find(written) {
        Some(field) => operators(field),
        None if written
            .parse::<Path>()
            .is_ok_and(|path| path.resource_id().is_some()) =>
        {
            VALUE_OPERATORS
        }
        None if written.starts_with('/') => return paths(written, replaces),
        None => return fields(written, replaces),
    };
    let mut items = Vec::new();
    for (operator, about) in operators {
        let text = [written, operator].concat();
        items.push(Suggestion { text, about });
    }
    Suggestions { replaces, items }
}

/// Operators with what they say.
type Operators = &'static [(&'static str, &'static str)];

const VALUE_OPERATORS: Operators = &[
    ("<", "the value is smaller than"),
    (">", "the value is larger than"),
    (":", "the value contains this text"),
    (":*", "the value is known"),
];

const fn operators(field: Field) -> Operators {
    match field {
        Field::State => &[(":", "is in one of these states")],
        Field::Tag => &[(":", "has this tag")],
        Field::Flag(_) => &[(":", "yes or no")],
        Field::Text(TextField::Firmware | TextField::Version) => &[
            (":", "contains this text"),
            ("=", "is exactly this"),
            ("<", "is older than"),
            (">=", "is this or newer"),
            (":*", "is known"),
        ],
        Field::Text(_) => &[
            (":", "contains this text"),
            ("=", "is exactly this"),
            ("!=", "is anything else"),
            (":*", "is known"),
        ],
        Field::Number(_) => &[(">", "is more than"), ("<", "is less than"), ("=", "is exactly")],
        Field::Time(_) => &[
            (">", "is longer ago than, or after a date"),
            ("<", "is less long ago than, or before a date"),
            (":*", "is known"),
        ],
    }
}

/// Paths that are asked for most.
const PATHS: [(&str, &str); 8] = [
    ("/3/0/9", "battery level in percent"),
    ("/3/0/11", "error code"),
    ("/3/0/0", "manufacturer"),
    ("/3/0/3", "firmware version"),
    ("/4/0/2", "radio signal strength in dBm"),
    ("/5/0/5", "result of the last firmware update"),
    ("/3303/0/5700", "temperature"),
    ("/3304/0/5700", "humidity"),
];

fn paths(written: &str, replaces: Range<usize>) -> Suggestions {
    let mut items = Vec::new();
    for (path, about) in &PATHS {
        offer(&mut items, (path, ""), about, written);
    }
    Suggestions { replaces, items }
}

/// Adds a word that goes on from what is written, with what follows it.
#[inline(never)]
fn offer(items: &mut Vec<Suggestion>, (word, after): (&str, &str), about: &'static str, written: &str) {
    if items.len() < MOST && starts_with(word, written) {
        let text = quoted(word) + after;
        items.push(Suggestion { text, about });
    }
}

/// Where the term at the end begins: behind the last space that is not in quotes.
fn word_start(before: &str) -> usize {
    let mut quoted = false;
    let mut start = 0;
    for (index, character) in before.char_indices() {
        match character {
            '"' => quoted = !quoted,
            _ if character.is_whitespace() && !quoted => start = index + character.len_utf8(),
            _ => {}
        }
    }
    start
}

fn fields(written: &str, replaces: Range<usize>) -> Suggestions {
    let mut items = Vec::new();
    for (name, field, about) in &FIELDS {
        let after = match field {
            Field::Time(_) | Field::Number(_) => ">",
            _ => ":",
        };
        if *name != "fw" {
            offer(&mut items, (name, after), about, written);
        }
    }
    Suggestions { replaces, items }
}

fn values(
    field: Field,
    operator: &str,
    value: &str,
    start: usize,
    cursor: usize,
    vocabulary: &Vocabulary,
) -> Suggestions {
    // Behind a comma the next alternative begins.
    let (before, last) = match value.rsplit_once(',') {
        Some((before, last)) if operator == ":" && field != Field::Tag => (before.chars().count() + 1, last),
        _ => (0, value),
    };
    let replaces = start + before..cursor;
    let wanted = last.trim_start_matches('"');
    let mut items = Vec::new();
    let mut offer = |word: &str, about| offer(&mut items, (word, ""), about, wanted);
    let constant: &[(&str, &str)] = match field {
        Field::Flag(_) => &[("yes", ""), ("no", "")],
        Field::Text(TextField::Security) => &[("none", ""), ("psk", ""), ("rpk", ""), ("x509", "")],
        Field::Text(TextField::Version) => &[("1.0", ""), ("1.1", ""), ("1.2", "")],
        Field::Time(_) if operator != ":" => &SPANS,
        _ => &[],
    };
    for (word, about) in constant {
        offer(word, about);
    }
    if field == Field::State {
        for state in DeviceState::ALL {
            offer(state.name(), state.word());
        }
    }
    let known: &[String] = match field {
        Field::Text(TextField::Model) => &vocabulary.models,
        Field::Text(TextField::Firmware) => &vocabulary.firmwares,
        Field::Tag => &vocabulary.tags,
        _ => &[],
    };
    for word in known {
        offer(word, "");
    }
    Suggestions { replaces, items }
}

/// Spans of time that are asked for most.
const SPANS: [(&str, &str); 5] = [
    ("10m", "10 minutes"),
    ("1h", "an hour"),
    ("1d", "a day"),
    ("1w", "a week"),
    ("30d", "30 days"),
];

/// A word as it is written in a query.
fn quoted(word: &str) -> String {
    let needs_quotes = |character: char| character.is_whitespace() || matches!(character, '"' | ',' | '\\');
    if !word.is_empty() && !word.contains(needs_quotes) {
        return word.to_owned();
    }
    let mut text = String::from('"');
    for character in word.chars() {
        if matches!(character, '"' | '\\') {
            text.push('\\');
        }
        text.push(character);
    }
    text.push('"');
    text
}

fn starts_with(word: &str, written: &str) -> bool {
    word.len() >= written.len()
        && word.as_bytes()[..written.len()].eq_ignore_ascii_case(written.as_bytes())
        && word != written
}

fn byte_of(text: &str, character: usize) -> usize {
    text.char_indices()
        .nth(character)
        .map_or(text.len(), |(index, _)| index)
}
