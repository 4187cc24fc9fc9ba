//! Writing JSON: values, and what serde can take apart.

use super::Json;
use crate::float;
use serde::ser::{self, Serialize};
use std::fmt;

/// All on one line, without spaces.
impl fmt::Display for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut writer = Writer::default();
        writer.value(self);
        f.write_str(&writer.text)
    }
}

impl Json {
    /// Each part on its own line, set in by two spaces.
    pub fn pretty(&self) -> String {
        let mut writer = Writer {
            pretty: true,
            ..Writer::default()
        };
        writer.value(self);
        writer.text
    }
}

/// A request's body, all on one line; nothing if it is not JSON, such as a map whose keys are no texts.
pub fn body<T: Serialize + ?Sized>(content: &T) -> Option<String> {
    collect(&|writer| content.serialize(writer).is_ok())
}

/// Once in the code, whatever is written.
#[inline(never)]
fn collect(write: &dyn Fn(&mut Writer) -> bool) -> Option<String> {
    let mut writer = Writer::default();
    write(&mut writer).then_some(writer.text)
}

/// A finite number as JSON has it, with a fraction or an exponent: `1.0`, `0.5`, `1.5e+21`.
pub fn number(number: f64) -> String {
    let text = float::text(number);
    let (sign, text) = text.split_at(usize::from(text.starts_with('-')));
    let (whole, rest) = text.split_once('.').unwrap_or((text, ""));
    let all = format!("{whole}{rest}");
    let digits = all.trim_start_matches('0');
    // Where the point is from the first digit that counts.
    let point = whole.len() as i32 - (all.len() - digits.len()) as i32;
    let digits = digits.trim_end_matches('0');
    match point {
        _ if digits.is_empty() => format!("{sign}0.0"),
        -4..=16 if rest.is_empty() => format!("{sign}{text}.0"),
        -4..=16 => format!("{sign}{text}"),
        _ => {
            let (first, others) = digits.split_at(1);
            let point_and = if others.is_empty() { "" } else { "." };
            let plus = if point > 0 { "+" } else { "" };
            format!("{sign}{first}{point_and}{others}e{plus}{}", point - 1)
        }
    }
}

#[derive(Debug, Default)]
pub(super) struct Writer {
    text: String,
    pretty: bool,
    depth: usize,
}

impl Writer {
    fn value(&mut self, value: &Json) {
        match value {
            Json::Null => self.text.push_str("null"),
            Json::Bool(value) => self.bool(*value),
            Json::Integer(number) => self.text.push_str(&number.to_string()),
            Json::Unsigned(number) => self.text.push_str(&number.to_string()),
            Json::Float(number) => self.text.push_str(&self::number(*number)),
            Json::String(text) => self.string(text),
            Json::Array(items) => {
                self.open('[');
                for (place, item) in items.iter().enumerate() {
                    self.item(place == 0);
                    self.value(item);
                }
                self.close(']', items.is_empty());
            }
            Json::Object(object) => {
                self.open('{');
                for (place, (name, value)) in object.iter().enumerate() {
                    self.item(place == 0);
                    self.name(name);
                    self.value(value);
                }
                self.close('}', object.is_empty());
            }
        }
    }

    fn bool(&mut self, value: bool) {
        self.text.push_str(if value { "true" } else { "false" });
    }

    fn open(&mut self, bracket: char) {
        self.text.push(bracket);
        self.depth += 1;
    }

    fn item(&mut self, first: bool) {
        if !first {
            self.text.push(',');
        }
        self.line();
    }

    fn close(&mut self, bracket: char, empty: bool) {
        self.depth -= 1;
        if !empty {
            self.line();
        }
        self.text.push(bracket);
    }

    fn line(&mut self) {
        if self.pretty {
            self.text.push('\n');
            for _ in 0..self.depth {
                self.text.push_str("  ");
            }
        }
    }

    fn name(&mut self, name: &str) {
        self.string(name);
        self.text.push_str(if self.pretty { ": " } else { ":" });
    }

    fn string(&mut self, text: &str) {
        self.text.push('"');
        for character in text.chars() {
            let short = match character {
                '"' | '\\' => character,
                '\n' => 'n',
                '\r' => 'r',
                '\t' => 't',
                '\u{8}' => 'b',
                '\u{c}' => 'f',
                '\0'..' ' => {
                    let code = u32::from(character);
                    self.text.push_str(if code < 16 { "\\u000" } else { "\\u001" });
                    self.text.extend(char::from_digit(code % 16, 16));
                    continue;
                }
                _ => {
                    self.text.push(character);
                    continue;
                }
            };
            self.text.push('\\');
            self.text.push(short);
        }
        self.text.push('"');
    }
}

/// What cannot be written is of no use to a server that reads JSON: the error needs no words.
type Written = Result<(), fmt::Error>;

impl<'a> ser::Serializer for &'a mut Writer {
    type Ok = ();
    type Error = fmt::Error;
    type SerializeSeq = Parts<'a>;
    type SerializeTuple = Parts<'a>;
    type SerializeTupleStruct = Parts<'a>;
    type SerializeTupleVariant = ser::Impossible<(), fmt::Error>;
    type SerializeMap = Parts<'a>;
    type SerializeStruct = Parts<'a>;
    type SerializeStructVariant = ser::Impossible<(), fmt::Error>;

    fn serialize_bool(self, value: bool) -> Written {
        self.bool(value);
        Ok(())
    }

    fn serialize_i8(self, number: i8) -> Written {
        self.serialize_i64(number.into())
    }

    fn serialize_i16(self, number: i16) -> Written {
        self.serialize_i64(number.into())
    }

    fn serialize_i32(self, number: i32) -> Written {
        self.serialize_i64(number.into())
    }

    fn serialize_i64(self, number: i64) -> Written {
        self.value(&Json::Integer(number));
        Ok(())
    }

    fn serialize_u8(self, number: u8) -> Written {
        self.serialize_u64(number.into())
    }

    fn serialize_u16(self, number: u16) -> Written {
        self.serialize_u64(number.into())
    }

    fn serialize_u32(self, number: u32) -> Written {
        self.serialize_u64(number.into())
    }

    fn serialize_u64(self, number: u64) -> Written {
        self.value(&Json::Unsigned(number));
        Ok(())
    }

    fn serialize_f32(self, number: f32) -> Written {
        self.serialize_f64(float::shortest_of_single(number))
    }

    fn serialize_f64(self, number: f64) -> Written {
        self.value(&Json::from(number));
        Ok(())
    }

    fn serialize_char(self, character: char) -> Written {
        self.string(character.encode_utf8(&mut [0; 4]));
        Ok(())
    }

    fn serialize_str(self, text: &str) -> Written {
        self.string(text);
        Ok(())
    }

    fn serialize_bytes(self, _: &[u8]) -> Written {
        Err(fmt::Error)
    }

    fn serialize_none(self) -> Written {
        self.serialize_unit()
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Written {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Written {
        self.value(&Json::Null);
        Ok(())
    }

    fn serialize_unit_struct(self, _: &'static str) -> Written {
        self.serialize_unit()
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Written {
        self.serialize_str(variant)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, value: &T) -> Written {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Written {
        let mut parts = Parts::of(self, '{', '}');
        parts.part(variant, value)?;
        parts.finish()
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Parts<'a>, fmt::Error> {
        Ok(Parts::of(self, '[', ']'))
    }

    fn serialize_tuple(self, _: usize) -> Result<Parts<'a>, fmt::Error> {
        Ok(Parts::of(self, '[', ']'))
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Parts<'a>, fmt::Error> {
        Ok(Parts::of(self, '[', ']'))
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeTupleVariant, fmt::Error> {
        Err(fmt::Error)
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Parts<'a>, fmt::Error> {
        Ok(Parts::of(self, '{', '}'))
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Parts<'a>, fmt::Error> {
        Ok(Parts::of(self, '{', '}'))
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeStructVariant, fmt::Error> {
        Err(fmt::Error)
    }
}

/// The parts of an array or an object as they come.
pub(super) struct Parts<'a> {
    writer: &'a mut Writer,
    empty: bool,
    end: char,
}

impl<'a> Parts<'a> {
    fn of(writer: &'a mut Writer, begin: char, end: char) -> Parts<'a> {
        writer.open(begin);
        Parts {
            writer,
            empty: true,
            end,
        }
    }

    fn item(&mut self) -> &mut Writer {
        self.writer.item(self.empty);
        self.empty = false;
        self.writer
    }

    fn part<T: Serialize + ?Sized>(&mut self, name: &str, value: &T) -> Written {
        let writer = self.item();
        writer.name(name);
        value.serialize(writer)
    }

    fn finish(self) -> Written {
        self.writer.close(self.end, self.empty);
        Ok(())
    }
}

/// Serde tells three kinds of lists apart; JSON has arrays.
macro_rules! arrays {
    ($($kind:ident: $item:ident;)*) => {$(
        impl ser::$kind for Parts<'_> {
            type Ok = ();
            type Error = fmt::Error;

            fn $item<T: Serialize + ?Sized>(&mut self, value: &T) -> Written {
                value.serialize(self.item())
            }

            fn end(self) -> Written {
                self.finish()
            }
        }
    )*};
}

arrays! {
    SerializeSeq: serialize_element;
    SerializeTuple: serialize_element;
    SerializeTupleStruct: serialize_field;
}

impl ser::SerializeStruct for Parts<'_> {
    type Ok = ();
    type Error = fmt::Error;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Written {
        self.part(name, value)
    }

    fn end(self) -> Written {
        self.finish()
    }
}

/// A key is written as it comes: what is a text stays one, and a number becomes one.
impl ser::SerializeMap for Parts<'_> {
    type Ok = ();
    type Error = fmt::Error;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Written {
        let key = body(key).ok_or(fmt::Error)?;
        let quoted = key.starts_with('"');
        let quote = if quoted { "" } else { "\"" };
        let writer = self.item();
        for part in [quote, &key, quote, ":"] {
            writer.text.push_str(part);
        }
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Written {
        value.serialize(&mut *self.writer)
    }

    fn end(self) -> Written {
        self.finish()
    }
}
