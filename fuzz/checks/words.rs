//! What people and devices write as text: links, paths, object definitions, queries, times, versions.

use shared::codec::link;
use shared::model::{self, ObjectVersion};
use shared::query::{FlagField, NumberField, Query, Subject, TextField, TimeField, Vocabulary, suggest};
use shared::sorted::SortedMap;
use shared::{DeviceState, Path, Timestamp, Value, Version};

pub(crate) fn check(data: &[u8]) {
    let [which, rest @ ..] = data else { return };
    let Ok(text) = std::str::from_utf8(rest) else {
        return;
    };
    match which % 4 {
        0 => links(text),
        1 => query(text),
        2 => definition(text),
        _ => small(text),
    }
}

fn links(text: &str) {
    if let Ok(links) = link::parse(text) {
        let written = link::write(&links);
        assert_eq!(link::parse(&written), Ok(links), "{written}");
    }
}

fn query(text: &str) {
    let vocabulary = Vocabulary {
        models: vec!["X1".into(), "ä 2".into()],
        firmwares: vec!["2.1".into()],
        tags: vec!["site=berlin".into()],
    };
    let length = text.chars().count();
    match text.parse::<Query>() {
        Ok(query) => {
            let _ = query.accepts(&Device::default(), Timestamp(1_700_000_000_000));
        }
        Err(error) => assert!(
            error.at.start <= error.at.end && error.at.start <= length,
            "{error:?}"
        ),
    }
    for cursor in [0, length / 2, length] {
        let suggestions = suggest(text, cursor, &vocabulary);
        let replaces = suggestions.replaces;
        assert!(
            replaces.start <= replaces.end && replaces.end <= length,
            "{replaces:?} of {length}"
        );
    }
}

/// A device with a little of everything.
struct Device {
    tags: SortedMap<String, String>,
    value: Value,
}

impl Default for Device {
    fn default() -> Device {
        Device {
            tags: SortedMap::from([("site".into(), "berlin".into())]),
            value: Value::Float(20.5),
        }
    }
}

impl Subject for Device {
    fn state(&self) -> DeviceState {
        DeviceState::Late
    }

    fn text(&self, _: TextField, look: &mut dyn FnMut(&str)) {
        look("Fw 2.10-ä");
    }

    fn number(&self, _: NumberField) -> Option<f64> {
        Some(3600.0)
    }

    fn time(&self, _: TimeField) -> Option<Timestamp> {
        Some(Timestamp(1_600_000_000_000))
    }

    fn flag(&self, _: FlagField) -> bool {
        true
    }

    fn tags(&self) -> Option<&SortedMap<String, String>> {
        Some(&self.tags)
    }

    fn value(&self, path: Path) -> Option<&Value> {
        (path.depth() > 2).then_some(&self.value)
    }
}

fn definition(text: &str) {
    match model::ddf::parse(text) {
        Ok(objects) => {
            for object in &objects {
                let _ = object.urn();
                for resource in &object.resources {
                    let _ = model::check(resource, &Value::Integer(5));
                }
            }
        }
        Err(errors) => assert!(!errors.is_empty(), "a refusal says why"),
    }
}

fn small(text: &str) {
    if let Ok(path) = text.parse::<Path>() {
        assert_eq!(path.to_string().parse(), Ok(path));
    }
    if let Ok(at) = text.parse::<Timestamp>() {
        assert_eq!(at.to_string().parse(), Ok(at));
    }
    if let Ok(version) = text.parse::<ObjectVersion>() {
        assert_eq!(version.to_string().parse(), Ok(version));
    }
    if let Ok(version) = text.parse::<Version>() {
        assert_eq!(version.to_string().parse(), Ok(version));
    }
}
