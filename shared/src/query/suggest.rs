//! What may stand where the cursor is.

use super::field::{FIELDS, Field, TextField, find};
use super::parse::has_vocabulary;
use crate::DeviceState;
use std::ops::Range;

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
    pub about: String,
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
    match word.split_once(':') {
        Some((name, value)) => match find(name).filter(|field| has_vocabulary(*field)) {
            Some(field) => values(field, name, value, start, cursor, vocabulary),
            None => Suggestions::default(),
        },
        None => fields(word, start..cursor),
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
    let items = FIELDS
        .iter()
        .filter(|(name, ..)| *name != "fw" && starts_with(name, written))
        .take(MOST)
        .map(|(name, field, about)| Suggestion {
            text: match field {
                Field::Time(_) | Field::Number(_) => format!("{name}>"),
                _ => format!("{name}:"),
            },
            about: (*about).to_owned(),
        })
        .collect();
    Suggestions { replaces, items }
}

fn values(
    field: Field,
    name: &str,
    value: &str,
    start: usize,
    cursor: usize,
    vocabulary: &Vocabulary,
) -> Suggestions {
    // Behind a comma the next alternative begins.
    let (before, last) = match value.rsplit_once(',') {
        Some((before, last)) if field != Field::Tag => (before.chars().count() + 1, last),
        _ => (0, value),
    };
    let replaces = start + name.chars().count() + 1 + before..cursor;
    let wanted = last.trim_start_matches('"');
    let words: Vec<(String, String)> = match field {
        Field::State => DeviceState::ALL
            .into_iter()
            .map(|state| (state.name().to_owned(), state.word().to_owned()))
            .collect(),
        Field::Flag(_) => plain(&["yes", "no"]),
        Field::Text(TextField::Security) => plain(&["none", "psk", "rpk", "x509"]),
        Field::Text(TextField::Version) => plain(&["1.0", "1.1", "1.2"]),
        Field::Text(TextField::Model) => known(&vocabulary.models),
        Field::Text(TextField::Firmware) => known(&vocabulary.firmwares),
        Field::Tag => known(&vocabulary.tags),
        _ => Vec::new(),
    };
    let items = words
        .into_iter()
        .filter(|(word, _)| starts_with(word, wanted))
        .take(MOST)
        .map(|(word, about)| Suggestion {
            text: quoted(&word),
            about,
        })
        .collect();
    Suggestions { replaces, items }
}

fn plain(words: &[&str]) -> Vec<(String, String)> {
    words
        .iter()
        .map(|word| ((*word).to_owned(), String::new()))
        .collect()
}

fn known(words: &[String]) -> Vec<(String, String)> {
    words.iter().map(|word| (word.clone(), String::new())).collect()
}

/// A word as it is written in a query.
fn quoted(word: &str) -> String {
    let is_plain = !word.is_empty()
        && !word
            .chars()
            .any(|character| character.is_whitespace() || matches!(character, '"' | ',' | '\\'));
    if is_plain {
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
