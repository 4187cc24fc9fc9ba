//! From a query's text to its terms.

use super::field::{self, FIELDS, Field, FlagField, NumberField, TimeField};
use super::scan::{Scanner, Written};
use super::{Comparison, MAX_TERMS, Query, SyntaxError, Term, Test, TextTest, TimeTest, ValueTest};
use crate::text::has;
use crate::{DeviceState, Path, Timestamp};
use std::ops::Range;
use std::str::FromStr;

const OPERATORS: &str = ":=<>!";

/// `:`, or a comparison.
#[derive(Clone, Copy)]
enum Operator {
    Has,
    Compares(Comparison),
}

impl FromStr for Query {
    type Err = SyntaxError;

    fn from_str(text: &str) -> Result<Query, SyntaxError> {
        let mut scanner = Scanner::new(text);
        let mut terms: Vec<Term> = Vec::new();
        loop {
            scanner.skip_spaces();
            if scanner.peek().is_none() {
                return Ok(Query { terms });
            }
            if terms.len() == MAX_TERMS {
                return Err(error(
                    scanner.at..scanner.at + 1,
                    format!("a query has at most {MAX_TERMS} terms"),
                ));
            }
            let term = term(&mut scanner)?;
            add(&mut terms, term);
        }
    }
}

/// Adds a term; the states of several terms are alternatives.
fn add(terms: &mut Vec<Term>, term: Term) {
    if let (Test::State(more), false) = (&term.test, term.negated)
        && let Some(states) = terms.iter_mut().find_map(|known| match &mut known.test {
            Test::State(states) if !known.negated => Some(states),
            _ => None,
        })
    {
        states.extend(more);
        return;
    }
    terms.push(term);
}

fn term(scanner: &mut Scanner<'_>) -> Result<Term, SyntaxError> {
    let negated = scanner.take('-');
    let start = scanner.at;
    let test = match scanner.peek() {
        Some('/') => path(scanner)?,
        Some('"') => Test::Word(scanner.value("")?.text),
        _ => named(scanner, start)?,
    };
    match &test {
        Test::Word(word) if word.is_empty() => Err(error(
            start..scanner.at.max(start + 1),
            "there is nothing to look for here",
        )),
        _ => Ok(Term { negated, test }),
    }
}

/// A term that begins with a name, or a plain word.
fn named(scanner: &mut Scanner<'_>, start: usize) -> Result<Test, SyntaxError> {
    // Names have no letters beyond ASCII, but a word does; to tell letters there apart takes a table that a page would load.
    let name = scanner.take_while(|character| {
        character.is_ascii_alphanumeric()
            || character == '_'
            || !(character.is_ascii() || character.is_whitespace())
    });
    let name_at = start..scanner.at;
    let known = field::find(name);
    let follows = scanner.peek();
    if known.is_none() || !follows.is_some_and(|character| has(OPERATORS, character)) {
        if follows.is_some_and(|character| has(OPERATORS, character)) {
            if let Some(meant) = field::meant(name) {
                return Err(error(
                    name_at,
                    format!("there is no field '{name}'; did you mean {meant}?"),
                ));
            }
            if matches!(follows, Some('<' | '>' | '!')) {
                let names: Vec<&str> = FIELDS.iter().map(|(name, ..)| *name).collect();
                return Err(error(
                    name_at,
                    format!("there is no field '{name}'; there are {}", names.join(", ")),
                ));
            }
        }
        // An endpoint such as urn:dev:os:1, or the text of a tag such as site=berlin.
        let rest = scanner.take_while(|character| !character.is_whitespace());
        return Ok(Test::Word(format!("{name}{rest}")));
    }
    let operator = operator(scanner)?;
    match known {
        Some(Field::State) => state(scanner, operator),
        Some(Field::Tag) => tag(scanner, operator),
        Some(Field::Text(field)) => Ok(Test::Text(field, text(scanner, operator)?)),
        Some(Field::Number(field)) => number_field(scanner, operator, field),
        Some(Field::Time(field)) => time(scanner, operator, field),
        Some(Field::Flag(field)) => flag(scanner, field),
        None => Ok(Test::Word(name.to_owned())),
    }
}

fn operator(scanner: &mut Scanner<'_>) -> Result<Operator, SyntaxError> {
    let start = scanner.at;
    let first = scanner.next();
    let or_equal = matches!(first, Some('<' | '>' | '!')) && scanner.take('=');
    let comparison = match (first, or_equal) {
        (Some(':'), _) => return Ok(Operator::Has),
        (Some('='), _) => Comparison::Equal,
        (Some('!'), true) => Comparison::NotEqual,
        (Some('<'), false) => Comparison::Less,
        (Some('<'), true) => Comparison::AtMost,
        (Some('>'), false) => Comparison::Greater,
        (Some('>'), true) => Comparison::AtLeast,
        _ => {
            return Err(error(start..scanner.at, "the operators are : = != < <= > and >="));
        }
    };
    Ok(Operator::Compares(comparison))
}

/// A value that is not empty.
fn some(scanner: &mut Scanner<'_>, ends: &str, what: &str) -> Result<Written, SyntaxError> {
    let value = scanner.value(ends)?;
    if value.text.is_empty() && !value.quoted {
        return Err(error(
            value.at.start..value.at.start + 1,
            format!("{what} is missing"),
        ));
    }
    Ok(value)
}

fn is_any(value: &Written) -> bool {
    value.text == "*" && !value.quoted
}

fn state(scanner: &mut Scanner<'_>, operator: Operator) -> Result<Test, SyntaxError> {
    let start = scanner.at;
    if !matches!(operator, Operator::Has | Operator::Compares(Comparison::Equal)) {
        return Err(error(
            start..start + 1,
            "states have no order: write state:late, or -state:late for all others",
        ));
    }
    let mut states = Vec::new();
    loop {
        let value = some(scanner, ",", "a state")?;
        let found = DeviceState::ALL
            .into_iter()
            .find(|state| state.name().eq_ignore_ascii_case(&value.text));
        let Some(found) = found else {
            let names: Vec<&str> = DeviceState::ALL.into_iter().map(DeviceState::name).collect();
            let message = format!(
                "there is no state '{}'; there are {}",
                value.text,
                names.join(", ")
            );
            return Err(error(value.at, message));
        };
        states.push(found);
        if !scanner.take(',') {
            return Ok(Test::State(states));
        }
    }
}

fn tag(scanner: &mut Scanner<'_>, operator: Operator) -> Result<Test, SyntaxError> {
    if !matches!(operator, Operator::Has) {
        return Err(error(
            scanner.at..scanner.at + 1,
            "a tag is named behind a colon: tag:site=berlin",
        ));
    }
    let name = some(scanner, OPERATORS, "the tag's name")?;
    let test = match scanner.peek() {
        Some(character) if has(OPERATORS, character) => {
            let operator = self::operator(scanner)?;
            Some(text(scanner, operator)?)
        }
        _ => None,
    };
    Ok(Test::Tag(name.text, test))
}

fn text(scanner: &mut Scanner<'_>, operator: Operator) -> Result<TextTest, SyntaxError> {
    let Operator::Compares(comparison) = operator else {
        let mut texts = Vec::new();
        loop {
            let value = some(scanner, ",", "a text")?;
            if is_any(&value) && texts.is_empty() {
                return Ok(TextTest::Known);
            }
            texts.push(value.text);
            if !scanner.take(',') {
                return Ok(TextTest::Contains(texts));
            }
        }
    };
    Ok(TextTest::Compares(comparison, some(scanner, "", "a text")?.text))
}

fn number_field(
    scanner: &mut Scanner<'_>,
    operator: Operator,
    field: NumberField,
) -> Result<Test, SyntaxError> {
    let value = some(scanner, "", "a number")?;
    let number =
        number(&value.text).ok_or_else(|| error(value.at, format!("'{}' is not a number", value.text)))?;
    Ok(Test::Number(field, comparison(operator), number))
}

fn time(scanner: &mut Scanner<'_>, operator: Operator, field: TimeField) -> Result<Test, SyntaxError> {
    let value = some(scanner, "", "a span of time such as 1d, or a date,")?;
    let test = match operator {
        Operator::Has if is_any(&value) => TimeTest::Known,
        Operator::Has => {
            return Err(error(
                value.at,
                "compare with < or >, as in seen>1d for what was last heard of more than a day ago",
            ));
        }
        Operator::Compares(comparison) => match (span(&value.text), moment(&value.text)) {
            (Some(span), _) => TimeTest::Age(comparison, span),
            (None, Some(at)) => TimeTest::At(comparison, at),
            (None, None) => {
                let message = format!(
                    "'{}' is neither a span of time (30s, 10m, 2h, 1d, 1w) nor a date (2026-11-20)",
                    value.text
                );
                return Err(error(value.at, message));
            }
        },
    };
    Ok(Test::Time(field, test))
}

fn flag(scanner: &mut Scanner<'_>, field: FlagField) -> Result<Test, SyntaxError> {
    let value = some(scanner, "", "yes or no")?;
    match value.text.to_ascii_lowercase().as_str() {
        "yes" | "true" | "1" => Ok(Test::Flag(field, true)),
        "no" | "false" | "0" => Ok(Test::Flag(field, false)),
        _ => Err(error(value.at, "this is yes or no")),
    }
}

/// A term that begins with a path.
fn path(scanner: &mut Scanner<'_>) -> Result<Test, SyntaxError> {
    let start = scanner.at;
    let written = scanner.take_while(|character| !character.is_whitespace() && !has(OPERATORS, character));
    let at = start..scanner.at;
    let path: Path = written
        .parse()
        .map_err(|wrong: crate::PathError| error(at.clone(), wrong.to_string()))?;
    if path.depth() < 3 {
        return Err(error(
            at,
            "only resources have values: a path here is like /3/0/9",
        ));
    }
    if scanner.peek().is_none_or(char::is_whitespace) {
        return Ok(Test::Value(path, ValueTest::Text(TextTest::Known)));
    }
    let operator = operator(scanner)?;
    let test = match operator {
        Operator::Has => ValueTest::Text(text(scanner, operator)?),
        Operator::Compares(comparison) => {
            let value = some(scanner, "", "a value")?;
            match number(&value.text).filter(|_| !value.quoted) {
                Some(number) => ValueTest::Number(comparison, number),
                None => ValueTest::Text(TextTest::Compares(comparison, value.text)),
            }
        }
    };
    Ok(Test::Value(path, test))
}

const fn comparison(operator: Operator) -> Comparison {
    match operator {
        Operator::Has => Comparison::Equal,
        Operator::Compares(comparison) => comparison,
    }
}

fn number(text: &str) -> Option<f64> {
    crate::float::parse(text).filter(|number| number.is_finite())
}

/// `"1d12h"` in milliseconds.
fn span(text: &str) -> Option<i64> {
    let mut scanner = Scanner::new(text);
    let mut sum: i64 = 0;
    while scanner.peek().is_some() {
        let number: i64 = scanner.take_while(|c| c.is_ascii_digit()).parse().ok()?;
        let unit = match scanner.next()?.to_ascii_lowercase() {
            's' => 1_000,
            'm' => 60_000,
            'h' => 3_600_000,
            'd' => 86_400_000,
            'w' => 7 * 86_400_000,
            _ => return None,
        };
        sum = sum.checked_add(number.checked_mul(unit)?)?;
    }
    (!text.is_empty()).then_some(sum)
}

/// A date, which is its first moment in UTC, or a date and time.
fn moment(text: &str) -> Option<Timestamp> {
    text.parse().or_else(|_| format!("{text}T00:00:00Z").parse()).ok()
}

fn error(at: Range<usize>, message: impl Into<String>) -> SyntaxError {
    SyntaxError {
        at,
        message: message.into(),
    }
}
