//! A configuration while it is edited: the JSON that it is, and places in it that a field shows and changes.

use crate::dom::prelude::*;
use shared::api::JsonValue;
use shared::json;

/// What a person edits. The form and the JSON view show the same.
#[derive(Debug, Clone, Copy)]
pub(super) struct Document {
    value: RwSignal<JsonValue>,
    /// Moves when parts come or go, so that the form is made anew; typing in a field does not.
    shape: Trigger,
}

/// How a text becomes the JSON of a place; nothing takes the place away.
pub(super) type Read = fn(&str) -> Option<JsonValue>;

impl Document {
    pub(super) fn new(value: JsonValue) -> Document {
        Document {
            value: RwSignal::new(value),
            shape: Trigger::new(),
        }
    }

    /// The form is to be made anew when this changes.
    pub(super) fn track_shape(self) {
        self.shape.track();
    }

    /// The whole as text.
    pub(super) fn text(self) -> String {
        self.value.with(JsonValue::pretty)
    }

    pub(super) fn with_untracked<U>(self, look: impl FnOnce(&JsonValue) -> U) -> U {
        self.value.with_untracked(look)
    }

    /// Takes another whole.
    pub(super) fn replace(self, value: JsonValue) {
        self.value.set(value);
        self.shape.notify();
    }

    /// How many parts a list has.
    pub(super) fn count(self, list: &str) -> usize {
        self.value
            .with_untracked(|value| value[list].as_array().map_or(0, Vec::len))
    }

    /// Adds a part to a list.
    pub(super) fn add(self, list: &str, part: JsonValue) {
        self.value.update(|value| {
            if let Some(object) = value.as_object_mut() {
                let known = object.get_or_insert_with(list.to_owned(), || JsonValue::Array(Vec::new()));
                match known.as_array_mut() {
                    Some(parts) => parts.push(part),
                    None => *known = JsonValue::Array(vec![part]),
                }
            }
        });
        self.shape.notify();
    }

    /// Takes a part out of a list.
    pub(super) fn remove(self, list: &str, index: usize) {
        self.value.update(|value| {
            if let Some(parts) = value.get_mut(list).and_then(JsonValue::as_array_mut)
                && index < parts.len()
            {
                parts.remove(index);
            }
        });
        self.shape.notify();
    }

    /// Changes a place; `anew` if the form has other fields then.
    pub(super) fn put(self, parent: &str, key: &str, part: Option<JsonValue>, anew: bool) {
        self.value.update(|value| put(value, parent, key, part));
        if anew {
            self.shape.notify();
        }
    }

    /// The text of a place, as a field shows it.
    pub(super) fn text_at(self, parent: &str, key: &str) -> String {
        self.value
            .with_untracked(|value| value.pointer(parent).map(|parent| text_of(&parent[key])))
            .unwrap_or_default()
    }

    /// A signal for a field that shows and changes a place.
    pub(super) fn field(self, parent: String, key: &'static str, read: Read) -> RwSignal<String> {
        let field = RwSignal::new(self.text_at(&parent, key));
        Effect::new(move |before: Option<()>| {
            let text = field.get();
            if before.is_some() {
                self.put(&parent, key, read(text.trim()), false);
            }
        });
        field
    }
}

/// Puts a part into the object at a JSON pointer. RFC 6901.
fn put(value: &mut JsonValue, parent: &str, key: &str, part: Option<JsonValue>) {
    let Some(object) = value.pointer_mut(parent).and_then(JsonValue::as_object_mut) else {
        return;
    };
    match part {
        Some(part) => drop(object.insert(key.to_owned(), part)),
        None => drop(object.remove(key)),
    }
}

/// As it stands in a field: a text as itself, a list with commas, nothing for nothing.
fn text_of(value: &JsonValue) -> String {
    match value {
        JsonValue::Null => String::new(),
        JsonValue::String(text) => text.clone(),
        JsonValue::Array(items) => items.iter().map(text_of).collect::<Vec<_>>().join(", "),
        JsonValue::Object(_) => value.pretty(),
        other => other.to_string(),
    }
}

/// A text; nothing if empty.
pub(super) fn text(text: &str) -> Option<JsonValue> {
    (!text.is_empty()).then(|| text.into())
}

/// A number, or a text such as `${lifetime}`, which the server tells if it is not fit.
pub(super) fn number(text: &str) -> Option<JsonValue> {
    match text.parse::<i64>() {
        Ok(number) => Some(number.into()),
        Err(_) => self::text(text),
    }
}

/// Paths with commas or spaces between them; none are an empty list.
pub(super) fn list(text: &str) -> Option<JsonValue> {
    let parts = text.split([',', ' ']).filter(|part| !part.is_empty());
    Some(parts.map(JsonValue::from).collect::<Vec<_>>().into())
}

/// JSON; what cannot be read stays the text that it is, for the server to tell.
pub(super) fn any(text: &str) -> Option<JsonValue> {
    match json::parse(text.as_bytes()) {
        Ok(value) => Some(value),
        Err(_) => self::text(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(text: &str) -> JsonValue {
        json::parse(text.as_bytes()).expect("the test's JSON is JSON")
    }

    #[test]
    fn a_field_changes_its_place_and_nothing_else() {
        let mut value = json(r#"{"servers":[{"uri":"a","unknown":[1,2]}],"delete":["/0"]}"#);
        put(&mut value, "/servers/0", "uri", text("b"));
        put(&mut value, "/servers/0", "lifetime", number("300"));
        put(&mut value, "/servers/7", "uri", text("nowhere"));
        put(&mut value, "", "delete", list("/0, /1"));
        assert_eq!(
            value,
            json(r#"{"servers":[{"uri":"b","unknown":[1,2],"lifetime":300}],"delete":["/0","/1"]}"#)
        );
        put(&mut value, "/servers/0", "uri", text(""));
        assert_eq!(value["servers"][0]["uri"], JsonValue::Null);
    }

    #[test]
    fn what_a_field_shows_reads_back() {
        let check = |read: Read, value: &str| {
            let value = json(value);
            assert_eq!(read(&text_of(&value)), Some(value));
        };
        check(text, r#""${coaps_uri}""#);
        check(number, "86400");
        check(number, r#""${lifetime}""#);
        check(list, r#"["/0","/1/2"]"#);
        check(any, r#"{"0":"x","7":{"1":2}}"#);
        assert_eq!(list(""), Some(json("[]")));
    }
}
