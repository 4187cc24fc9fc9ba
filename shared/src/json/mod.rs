//! JSON: a value of any kind, its reader ([`parse`]) and its writer.
//!
//! Written for a page that has to be loaded: there is one reader and one writer and no code for each type that is read.
//! What is read as the type that it is, by serde, is read at the server alone. RFC 8259.

mod derived;
mod read;
mod write;

pub use read::{Mistake, parse};
pub use write::{body, number};

use crate::sorted::SortedMap;
use crate::text::replaced;

/// A value in JSON.
#[derive(Debug, Clone, Default, PartialEq)]
pub enum Json {
    #[default]
    Null,
    Bool(bool),
    /// A whole number.
    Integer(i64),
    /// A whole number above those of [`Json::Integer`].
    Unsigned(u64),
    /// A number with a fraction or an exponent, or a larger one. Finite.
    Float(f64),
    String(String),
    Array(Vec<Json>),
    Object(Object),
}

/// Values by name, in the order of the names.
pub type Object = SortedMap<String, Json>;

static NULL: Json = Json::Null;

impl Json {
    pub const fn is_null(&self) -> bool {
        matches!(self, Json::Null)
    }

    pub const fn is_object(&self) -> bool {
        matches!(self, Json::Object(_))
    }

    pub const fn as_bool(&self) -> Option<bool> {
        match self {
            Json::Bool(value) => Some(*value),
            _ => None,
        }
    }

    pub const fn as_i64(&self) -> Option<i64> {
        match self {
            Json::Integer(number) => Some(*number),
            _ => None,
        }
    }

    pub const fn as_u64(&self) -> Option<u64> {
        match self {
            Json::Integer(number) if *number >= 0 => Some(number.unsigned_abs()),
            Json::Unsigned(number) => Some(*number),
            _ => None,
        }
    }

    /// Any number.
    pub const fn as_f64(&self) -> Option<f64> {
        match self {
            Json::Integer(number) => Some(*number as f64),
            Json::Unsigned(number) => Some(*number as f64),
            Json::Float(number) => Some(*number),
            _ => None,
        }
    }

    pub const fn as_str(&self) -> Option<&str> {
        match self {
            Json::String(text) => Some(text.as_str()),
            _ => None,
        }
    }

    pub const fn as_array(&self) -> Option<&Vec<Json>> {
        match self {
            Json::Array(items) => Some(items),
            _ => None,
        }
    }

    pub const fn as_array_mut(&mut self) -> Option<&mut Vec<Json>> {
        match self {
            Json::Array(items) => Some(items),
            _ => None,
        }
    }

    pub const fn as_object(&self) -> Option<&Object> {
        match self {
            Json::Object(object) => Some(object),
            _ => None,
        }
    }

    pub const fn as_object_mut(&mut self) -> Option<&mut Object> {
        match self {
            Json::Object(object) => Some(object),
            _ => None,
        }
    }

    /// The part of this name, if this is an object that has it.
    pub fn get(&self, name: &str) -> Option<&Json> {
        self.as_object()?.get(name)
    }

    pub fn get_mut(&mut self, name: &str) -> Option<&mut Json> {
        self.as_object_mut()?.get_mut(name)
    }

    /// The part at a JSON pointer, such as `/servers/0`. RFC 6901.
    pub fn pointer(&self, pointer: &str) -> Option<&Json> {
        tokens(pointer)?.try_fold(self, |part, token| match part {
            Json::Object(object) => object.get(&token),
            Json::Array(items) => items.get(index(&token)?),
            _ => None,
        })
    }

    pub fn pointer_mut(&mut self, pointer: &str) -> Option<&mut Json> {
        tokens(pointer)?.try_fold(self, |part, token| match part {
            Json::Object(object) => object.get_mut(&token),
            Json::Array(items) => items.get_mut(index(&token)?),
            _ => None,
        })
    }
}

/// The names and indices that a JSON pointer goes by.
fn tokens(pointer: &str) -> Option<impl Iterator<Item = String>> {
    let mut parts = pointer.split('/');
    // The whole is the empty text; everything else begins with a slash.
    let begins = parts.next() == Some("");
    begins.then(|| parts.map(|token| replaced(&replaced(token, "~1", "/"), "~0", "~")))
}

fn index(token: &str) -> Option<usize> {
    let canonical = token == "0" || !token.starts_with(['0', '+']);
    token.parse().ok().filter(|_| canonical)
}

/// The part of this name; null if there is none.
impl std::ops::Index<&str> for Json {
    type Output = Json;

    fn index(&self, name: &str) -> &Json {
        self.get(name).unwrap_or(&NULL)
    }
}

/// The item of an array; null if there is none.
impl std::ops::Index<usize> for Json {
    type Output = Json;

    fn index(&self, index: usize) -> &Json {
        let item = self.as_array().and_then(|items| items.get(index));
        item.unwrap_or(&NULL)
    }
}

impl PartialEq<bool> for Json {
    fn eq(&self, value: &bool) -> bool {
        self.as_bool() == Some(*value)
    }
}

impl PartialEq<&str> for Json {
    fn eq(&self, text: &&str) -> bool {
        self.as_str() == Some(*text)
    }
}

impl From<bool> for Json {
    fn from(value: bool) -> Json {
        Json::Bool(value)
    }
}

impl From<i64> for Json {
    fn from(number: i64) -> Json {
        Json::Integer(number)
    }
}

impl From<u64> for Json {
    fn from(number: u64) -> Json {
        i64::try_from(number).map_or(Json::Unsigned(number), Json::Integer)
    }
}

macro_rules! from_small {
    ($($number:ty)*) => {$(
        impl From<$number> for Json {
            fn from(number: $number) -> Json {
                Json::Integer(i64::from(number))
            }
        }
    )*};
}

from_small! { u8 u16 u32 i32 }

/// JSON has no numbers but finite ones: null for any other.
impl From<f64> for Json {
    fn from(number: f64) -> Json {
        if number.is_finite() {
            Json::Float(number)
        } else {
            Json::Null
        }
    }
}

impl From<&str> for Json {
    fn from(text: &str) -> Json {
        Json::String(text.to_owned())
    }
}

impl From<String> for Json {
    fn from(text: String) -> Json {
        Json::String(text)
    }
}

impl From<Vec<Json>> for Json {
    fn from(items: Vec<Json>) -> Json {
        Json::Array(items)
    }
}

impl From<Object> for Json {
    fn from(object: Object) -> Json {
        Json::Object(object)
    }
}

#[cfg(test)]
mod tests;
