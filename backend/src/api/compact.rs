//! Writes answers in the compact form: postcard, with a field that JSON leaves out as the zero that it stands for.
//!
//! Postcard knows no names, so nothing may be missing. Fields that are left out are empty lists and absent values, and
//! each of those is one zero byte. What a page reads with is `shared::live::decode`, and a test holds the two together.

use serde::ser::{self, Serialize};
use std::fmt::Display;

/// An answer in the compact form.
pub(super) fn to_vec(answer: &impl Serialize) -> Result<Vec<u8>, Error> {
    let mut writer = Writer(Vec::new());
    answer.serialize(&mut writer)?;
    Ok(writer.0)
}

/// Why something has no compact form.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(super) struct Error(String);

impl ser::Error for Error {
    fn custom<T: Display>(reason: T) -> Error {
        Error(reason.to_string())
    }
}

struct Writer(Vec<u8>);

impl Writer {
    /// Seven bits a byte, the lowest first; the highest bit says that more follow.
    fn varint(&mut self, mut number: u64) -> Result<(), Error> {
        while number > 0x7f {
            self.0.push(number as u8 | 0x80);
            number >>= 7;
        }
        self.0.push(number as u8);
        Ok(())
    }

    fn signed(&mut self, number: i64) -> Result<(), Error> {
        self.varint(((number << 1) ^ (number >> 63)) as u64)
    }

    fn length(&mut self, length: Option<usize>) -> Result<&mut Writer, Error> {
        let length = length.ok_or_else(|| Error("a list has to know its length".into()))?;
        self.varint(length as u64)?;
        Ok(self)
    }

    fn variant(&mut self, index: u32) -> Result<&mut Writer, Error> {
        self.varint(u64::from(index))?;
        Ok(self)
    }
}

impl<'a> ser::Serializer for &'a mut Writer {
    type Ok = ();
    type Error = Error;
    type SerializeSeq = &'a mut Writer;
    type SerializeTuple = &'a mut Writer;
    type SerializeTupleStruct = &'a mut Writer;
    type SerializeTupleVariant = &'a mut Writer;
    type SerializeMap = &'a mut Writer;
    type SerializeStruct = &'a mut Writer;
    type SerializeStructVariant = &'a mut Writer;

    fn is_human_readable(&self) -> bool {
        false
    }

    fn serialize_bool(self, value: bool) -> Result<(), Error> {
        self.serialize_u8(u8::from(value))
    }

    fn serialize_i8(self, value: i8) -> Result<(), Error> {
        self.serialize_u8(value as u8)
    }

    fn serialize_i16(self, value: i16) -> Result<(), Error> {
        self.signed(value.into())
    }

    fn serialize_i32(self, value: i32) -> Result<(), Error> {
        self.signed(value.into())
    }

    fn serialize_i64(self, value: i64) -> Result<(), Error> {
        self.signed(value)
    }

    fn serialize_u8(self, value: u8) -> Result<(), Error> {
        self.0.push(value);
        Ok(())
    }

    fn serialize_u16(self, value: u16) -> Result<(), Error> {
        self.varint(value.into())
    }

    fn serialize_u32(self, value: u32) -> Result<(), Error> {
        self.varint(value.into())
    }

    fn serialize_u64(self, value: u64) -> Result<(), Error> {
        self.varint(value)
    }

    fn serialize_f32(self, value: f32) -> Result<(), Error> {
        self.0.extend(value.to_le_bytes());
        Ok(())
    }

    fn serialize_f64(self, value: f64) -> Result<(), Error> {
        self.0.extend(value.to_le_bytes());
        Ok(())
    }

    fn serialize_char(self, value: char) -> Result<(), Error> {
        self.serialize_str(value.encode_utf8(&mut [0; 4]))
    }

    fn serialize_str(self, value: &str) -> Result<(), Error> {
        self.serialize_bytes(value.as_bytes())
    }

    fn serialize_bytes(self, value: &[u8]) -> Result<(), Error> {
        self.varint(value.len() as u64)?;
        self.0.extend(value);
        Ok(())
    }

    fn serialize_none(self) -> Result<(), Error> {
        self.serialize_u8(0)
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Error> {
        self.0.push(1);
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<(), Error> {
        Ok(())
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<(), Error> {
        Ok(())
    }

    fn serialize_unit_variant(self, _: &'static str, index: u32, _: &'static str) -> Result<(), Error> {
        self.varint(index.into())
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<(), Error> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        index: u32,
        _: &'static str,
        value: &T,
    ) -> Result<(), Error> {
        value.serialize(self.variant(index)?)
    }

    fn serialize_seq(self, length: Option<usize>) -> Result<Self, Error> {
        self.length(length)
    }

    fn serialize_tuple(self, _: usize) -> Result<Self, Error> {
        Ok(self)
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Self, Error> {
        Ok(self)
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        index: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self, Error> {
        self.variant(index)
    }

    fn serialize_map(self, length: Option<usize>) -> Result<Self, Error> {
        self.length(length)
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Self, Error> {
        Ok(self)
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        index: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self, Error> {
        self.variant(index)
    }
}

/// Lists and the like, which write their elements one after the other.
macro_rules! elements {
    ($($kind:ident::$method:ident),*) => {$(
        impl ser::$kind for &mut Writer {
            type Ok = ();
            type Error = Error;

            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
                value.serialize(&mut **self)
            }

            fn end(self) -> Result<(), Error> {
                Ok(())
            }
        }
    )*};
}

elements!(
    SerializeSeq::serialize_element,
    SerializeTuple::serialize_element,
    SerializeTupleStruct::serialize_field,
    SerializeTupleVariant::serialize_field
);

/// Structs, which write a zero for what JSON leaves out.
macro_rules! fields {
    ($($kind:ident),*) => {$(
        impl ser::$kind for &mut Writer {
            type Ok = ();
            type Error = Error;

            fn serialize_field<T: Serialize + ?Sized>(&mut self, _: &'static str, value: &T) -> Result<(), Error> {
                value.serialize(&mut **self)
            }

            fn skip_field(&mut self, _: &'static str) -> Result<(), Error> {
                self.0.push(0);
                Ok(())
            }

            fn end(self) -> Result<(), Error> {
                Ok(())
            }
        }
    )*};
}

fields!(SerializeStruct, SerializeStructVariant);

impl ser::SerializeMap for &mut Writer {
    type Ok = ();
    type Error = Error;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Error> {
        key.serialize(&mut **self)
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        value.serialize(&mut **self)
    }

    fn end(self) -> Result<(), Error> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::{Deserialize, Serialize};
    use std::collections::BTreeMap;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    enum Kind {
        Unit,
        One(i32),
        Two(i16, u64),
        Named { at: f64, short: f32 },
    }

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Whole {
        flag: bool,
        letter: char,
        kinds: Vec<Kind>,
        map: BTreeMap<String, Option<i64>>,
        pair: (u16, i8),
    }

    #[test]
    fn it_writes_what_postcard_writes() {
        let whole = Whole {
            flag: true,
            letter: 'é',
            kinds: vec![
                Kind::Unit,
                Kind::One(-300),
                Kind::Two(i16::MIN, u64::MAX),
                Kind::Named { at: 0.1, short: -2.5 },
            ],
            map: BTreeMap::from([("a".into(), None), ("b".into(), Some(i64::MIN))]),
            pair: (300, -1),
        };
        let bytes = to_vec(&whole).unwrap();
        assert_eq!(Ok(&bytes), postcard::to_allocvec(&whole).as_ref());
        assert_eq!(postcard::from_bytes(&bytes), Ok(whole));
    }

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Sparse {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        absent: Option<String>,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        empty: Vec<u32>,
        last: u8,
    }

    #[test]
    fn what_json_leaves_out_is_there() {
        let sparse = Sparse {
            absent: None,
            empty: Vec::new(),
            last: 7,
        };
        let bytes = to_vec(&sparse).unwrap();
        assert_eq!(bytes, [0, 0, 7]);
        assert_eq!(postcard::from_bytes(&bytes), Ok(sparse));
    }
}
