//! Whether a device is what a query asks for.

use super::{
    FlagField, NumberField, Query, Test, TextField, TextTest, TimeField, TimeTest, ValueTest, natural,
};
use crate::sorted::SortedMap;
use crate::{DeviceState, Path, Timestamp, Value};

/// What a query looks at.
pub trait Subject {
    fn state(&self) -> DeviceState;
    /// `look` is given the text if it is known.
    fn text(&self, field: TextField, look: &mut dyn FnMut(&str));
    fn number(&self, field: NumberField) -> Option<f64>;
    fn time(&self, field: TimeField) -> Option<Timestamp>;
    fn flag(&self, field: FlagField) -> bool;
    fn tags(&self) -> Option<&SortedMap<String, String>>;
    /// The known value of a resource or resource instance.
    fn value(&self, path: Path) -> Option<&Value>;
}

/// Where a plain word is looked for, besides tags.
const WORD_FIELDS: [TextField; 6] = [
    TextField::Endpoint,
    TextField::Label,
    TextField::Model,
    TextField::Manufacturer,
    TextField::Firmware,
    TextField::Serial,
];

impl Query {
    /// Whether all terms hold; spans of time count back from `now`.
    pub fn accepts(&self, subject: &impl Subject, now: Timestamp) -> bool {
        self.terms
            .iter()
            .all(|term| term.test.holds(subject, now) != term.negated)
    }
}

impl Test {
    fn holds(&self, subject: &impl Subject, now: Timestamp) -> bool {
        match self {
            Test::Word(word) => occurs(word, subject),
            Test::State(states) => states.contains(&subject.state()),
            Test::Text(field, test) => {
                let mut holds = false;
                subject.text(*field, &mut |text| holds = test.holds(text));
                holds
            }
            Test::Number(field, comparison, wanted) => subject
                .number(*field)
                .is_some_and(|number| comparison.holds(number.total_cmp(wanted))),
            Test::Time(field, test) => subject.time(*field).is_some_and(|at| test.holds(at, now)),
            Test::Flag(field, wanted) => subject.flag(*field) == *wanted,
            Test::Tag(name, test) => subject.tags().is_some_and(|tags| {
                tags.iter().any(|(known, value)| {
                    known.eq_ignore_ascii_case(name) && test.as_ref().is_none_or(|test| test.holds(value))
                })
            }),
            Test::Value(path, test) => subject.value(*path).is_some_and(|value| test.holds(value)),
        }
    }
}

impl TextTest {
    fn holds(&self, text: &str) -> bool {
        match self {
            TextTest::Known => true,
            TextTest::Contains(wanted) => wanted.iter().any(|wanted| contains(text, wanted)),
            TextTest::Compares(comparison, wanted) => comparison.holds(natural::compare(text, wanted)),
        }
    }
}

impl TimeTest {
    fn holds(self, at: Timestamp, now: Timestamp) -> bool {
        match self {
            TimeTest::Known => true,
            TimeTest::Age(comparison, span) => comparison.holds(now.since(at).cmp(&span)),
            TimeTest::At(comparison, wanted) => comparison.holds(at.cmp(&wanted)),
        }
    }
}

impl ValueTest {
    fn holds(&self, value: &Value) -> bool {
        match self {
            ValueTest::Text(TextTest::Known) => true,
            ValueTest::Text(test) => match value.as_str() {
                Some(text) => test.holds(text),
                None => test.holds(&value.to_string()),
            },
            ValueTest::Number(comparison, wanted) => {
                let number = match value {
                    Value::Time(seconds) => Some(*seconds as f64),
                    Value::Boolean(value) => Some(f64::from(u8::from(*value))),
                    other => other.as_number(),
                };
                match (number, value.as_str()) {
                    (Some(number), _) => comparison.holds(number.total_cmp(wanted)),
                    // A version such as 2.4.1 that a device holds as a text.
                    (None, Some(text)) => comparison.holds(natural::compare(text, &wanted.to_string())),
                    (None, None) => false,
                }
            }
        }
    }
}

fn occurs(word: &str, subject: &impl Subject) -> bool {
    let in_fields = WORD_FIELDS.into_iter().any(|field| {
        let mut found = false;
        subject.text(field, &mut |text| found = contains(text, word));
        found
    });
    in_fields
        || subject.tags().is_some_and(|tags| {
            tags.iter().any(|(name, value)| {
                contains(name, word)
                    || contains(value, word)
                    || word.split_once('=').is_some_and(|(wanted_name, wanted)| {
                        name.eq_ignore_ascii_case(wanted_name) && contains(value, wanted)
                    })
            })
        })
}

/// Whether the text contains the word; letters count without their case (ASCII).
fn contains(text: &str, word: &str) -> bool {
    let (text, word) = (text.as_bytes(), word.as_bytes());
    word.is_empty()
        || text
            .windows(word.len())
            .any(|window| window.eq_ignore_ascii_case(word))
}
