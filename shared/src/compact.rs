//! Reading the compact form, which is postcard: the answers of the REST interface to a page, and the live feed.
//!
//! `#[derive(Compact)]` reads the fields of a type in their order. A mistake in the bytes is remembered, and zeros are read
//! from there on, so that there is nothing to be checked at each field: [`decode`] tells it at the end. This is a third of
//! the code that serde needs for the same, in a page that has to be loaded.
//!
//! Postcard's wire format: <https://postcard.jamesmunns.com/wire-format>.

use crate::api::JsonValue;
use std::borrow::Cow;
use std::sync::Arc;

pub use shared_macros::Compact;

/// The bytes are not of the type that was to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not in the compact form of what was expected")]
pub struct NotCompact;

/// What can be read in the compact form.
pub trait Compact: Sized {
    fn read(reader: &mut Reader<'_>) -> Self;
}

/// Reads a value from its bytes.
pub fn decode<T: Compact>(bytes: &[u8]) -> Result<T, NotCompact> {
    let mut reader = Reader {
        rest: bytes,
        failed: false,
    };
    let value = T::read(&mut reader);
    if reader.failed { Err(NotCompact) } else { Ok(value) }
}

/// What is still to be read.
#[derive(Debug)]
pub struct Reader<'a> {
    rest: &'a [u8],
    failed: bool,
}

impl<'a> Reader<'a> {
    /// Remembers a mistake. All that is read from here on is zero.
    pub const fn fail(&mut self) {
        self.rest = &[];
        self.failed = true;
    }

    fn byte(&mut self) -> u8 {
        match self.rest.split_first() {
            Some((byte, rest)) => {
                self.rest = rest;
                *byte
            }
            None => {
                self.fail();
                0
            }
        }
    }

    fn bytes(&mut self, count: usize) -> &'a [u8] {
        match self.rest.split_at_checked(count) {
            Some((bytes, rest)) => {
                self.rest = rest;
                bytes
            }
            None => {
                self.fail();
                &[]
            }
        }
    }

    /// Seven bits a byte, the lowest first; the highest bit says that more follow.
    fn varint(&mut self, bits: u32) -> u64 {
        let mut number = 0;
        let mut shift = 0;
        loop {
            let byte = self.byte();
            let part = u64::from(byte & 0x7f);
            if shift >= bits || (bits - shift < 7 && part >> (bits - shift) != 0) {
                self.fail();
                return 0;
            }
            number |= part << shift;
            shift += 7;
            if byte < 0x80 {
                return number;
            }
        }
    }

    fn signed(&mut self, bits: u32) -> i64 {
        let number = self.varint(bits);
        (number >> 1) as i64 ^ -((number & 1) as i64)
    }

    /// The number of a variant out of so many.
    pub fn variant(&mut self, count: u32) -> u32 {
        let number = self.varint(32) as u32;
        if number >= count {
            self.fail();
            return 0;
        }
        number
    }

    fn text(&mut self) -> &'a str {
        let length = self.varint(32) as usize;
        let bytes = self.bytes(length);
        std::str::from_utf8(bytes).unwrap_or_else(|_| {
            self.fail();
            ""
        })
    }

    /// Something that is written as text, such as a path; `otherwise` after a mistake.
    pub fn parsed<T>(&mut self, parse: impl FnOnce(&str) -> Option<T>, otherwise: T) -> T {
        let parsed = parse(self.text()).filter(|_| !self.failed);
        parsed.unwrap_or_else(|| {
            self.fail();
            otherwise
        })
    }

    /// As often as the length before it says, as long as there is something to read.
    pub(crate) fn each(&mut self, mut read: impl FnMut(&mut Reader<'a>)) {
        for _ in 0..self.varint(32) {
            read(self);
            if self.failed {
                break;
            }
        }
    }
}

macro_rules! numbers {
    ($($method:ident: $($number:ty)*;)*) => {$($(
        impl Compact for $number {
            fn read(reader: &mut Reader<'_>) -> Self {
                reader.$method(<$number>::BITS) as $number
            }
        }
    )*)*};
}

numbers! {
    varint: u16 u32 u64;
    signed: i16 i32 i64;
}

impl Compact for usize {
    fn read(reader: &mut Reader<'_>) -> Self {
        reader.varint(64) as usize
    }
}

impl Compact for u8 {
    fn read(reader: &mut Reader<'_>) -> Self {
        reader.byte()
    }
}

impl Compact for i8 {
    fn read(reader: &mut Reader<'_>) -> Self {
        reader.byte() as i8
    }
}

impl Compact for bool {
    fn read(reader: &mut Reader<'_>) -> Self {
        match reader.byte() {
            0 => false,
            1 => true,
            _ => {
                reader.fail();
                false
            }
        }
    }
}

impl Compact for f32 {
    fn read(reader: &mut Reader<'_>) -> Self {
        reader.bytes(4).try_into().map_or(0.0, f32::from_le_bytes)
    }
}

impl Compact for f64 {
    fn read(reader: &mut Reader<'_>) -> Self {
        reader.bytes(8).try_into().map_or(0.0, f64::from_le_bytes)
    }
}

impl Compact for String {
    fn read(reader: &mut Reader<'_>) -> Self {
        reader.text().to_owned()
    }
}

impl Compact for Cow<'static, str> {
    fn read(reader: &mut Reader<'_>) -> Self {
        Cow::Owned(String::read(reader))
    }
}

impl Compact for () {
    fn read(_: &mut Reader<'_>) -> Self {}
}

impl<T: Compact> Compact for Option<T> {
    fn read(reader: &mut Reader<'_>) -> Self {
        bool::read(reader).then(|| T::read(reader))
    }
}

impl<T: Compact> Compact for Box<T> {
    fn read(reader: &mut Reader<'_>) -> Self {
        Box::new(T::read(reader))
    }
}

impl<T: Compact> Compact for Arc<T> {
    fn read(reader: &mut Reader<'_>) -> Self {
        Arc::new(T::read(reader))
    }
}

impl<T: Compact> Compact for Vec<T> {
    fn read(reader: &mut Reader<'_>) -> Self {
        let mut items = Vec::new();
        reader.each(|reader| items.push(T::read(reader)));
        items
    }
}

impl<A: Compact, B: Compact> Compact for (A, B) {
    fn read(reader: &mut Reader<'_>) -> Self {
        (A::read(reader), B::read(reader))
    }
}

/// A value in JSON is told with its kind: `shared::api::value` writes it.
impl Compact for JsonValue {
    fn read(reader: &mut Reader<'_>) -> Self {
        match reader.variant(6) {
            1 => JsonValue::from(bool::read(reader)),
            2 => JsonValue::from(i64::read(reader)),
            3 => JsonValue::from(u64::read(reader)),
            4 => JsonValue::from(f64::read(reader)),
            5 => JsonValue::from(String::read(reader)),
            _ => JsonValue::Null,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::{ApiError, ErrorCode};
    use crate::event::{Event, EventKind};
    use crate::live::{ClientFrame, ServerFrame, Topic};
    use crate::sorted::SortedMap;
    use proptest::prelude::*;

    #[derive(Debug, PartialEq, serde::Serialize, Compact)]
    struct Numbers {
        small: (u8, i8),
        middle: (u16, i16),
        large: (u32, i32),
        largest: (u64, i64),
        real: (f32, f64),
        maybe: Option<bool>,
        texts: SortedMap<String, Vec<u8>>,
    }

    proptest! {
        #[test]
        fn what_postcard_writes_is_read(
            (small, middle, large, largest) in any::<((u8, i8), (u16, i16), (u32, i32), (u64, i64))>(),
            real in (proptest::num::f32::NORMAL, proptest::num::f64::NORMAL),
            maybe in any::<Option<bool>>(),
            texts in proptest::collection::btree_map(".{0,4}", proptest::collection::vec(any::<u8>(), 0..4), 0..4),
        ) {
            let texts = SortedMap::from_iter(texts);
            let numbers = Numbers { small, middle, large, largest, real, maybe, texts };
            let bytes = postcard::to_allocvec(&numbers).unwrap();
            prop_assert_eq!(decode(&bytes), Ok(numbers));
            for end in 0..bytes.len() {
                prop_assert_eq!(decode::<Numbers>(&bytes[..end]), Err(NotCompact));
            }
        }

        #[test]
        fn any_bytes_are_read_as_postcard_reads_them(bytes in proptest::collection::vec(any::<u8>(), 0..60)) {
            prop_assert_eq!(decode::<ServerFrame>(&bytes).ok(), postcard::from_bytes::<ServerFrame>(&bytes).ok());
            prop_assert_eq!(decode::<ClientFrame>(&bytes).ok(), postcard::from_bytes::<ClientFrame>(&bytes).ok());
        }
    }

    #[test]
    fn frames_and_answers_read_back() {
        let event = Event {
            sequence: 1 << 40,
            at: crate::Timestamp(-7),
            endpoint: "a".into(),
            kind: EventKind::ObservationStarted {
                path: crate::Path::resource(3303, 0, 5700),
            },
        };
        let frame = ServerFrame::Events {
            id: 3,
            events: vec![event],
        };
        assert_eq!(decode(&postcard::to_allocvec(&frame).unwrap()), Ok(frame));
        let frame = ClientFrame::Subscribe {
            id: 7,
            topic: Topic::Bootstrap { session: Some(300) },
        };
        assert_eq!(decode(&postcard::to_allocvec(&frame).unwrap()), Ok(frame));
        let error = ApiError {
            code: ErrorCode::Conflict,
            message: "é".into(),
            request_id: String::new(),
        };
        assert_eq!(decode(&postcard::to_allocvec(&error).unwrap()), Ok(error));
    }
}
