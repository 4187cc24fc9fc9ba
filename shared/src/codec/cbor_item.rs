//! Reading and writing single items of CBOR (RFC 8949), for the formats that are made of it.
//!
//! What takes the bytes apart is [`super::cbor_decoder`]; what is here turns its items into [`Value`]s.

use super::cbor_decoder::{Decoder, Kind};
use super::short_float::narrow;
use super::{DecodeError, Refusal};
use crate::{Timestamp, Value};

/// A map or an array whose items are being counted down, of definite or indefinite length.
pub(super) struct Items {
    left: Option<u64>,
}

impl Items {
    pub(super) fn array(decoder: &mut Decoder<'_>) -> Result<Items, Refusal> {
        let left = decoder.array()?;
        Ok(Items { left })
    }

    pub(super) fn map(decoder: &mut Decoder<'_>) -> Result<Items, Refusal> {
        let left = decoder.map()?;
        Ok(Items { left })
    }

    /// Whether another item follows; the end of an indefinite length is taken from the input.
    pub(super) fn next(&mut self, decoder: &mut Decoder<'_>) -> Result<bool, Refusal> {
        match &mut self.left {
            Some(0) => Ok(false),
            Some(left) => {
                *left -= 1;
                Ok(true)
            }
            None if decoder.kind()? == Kind::Break => {
                decoder.set_position(decoder.position() + 1);
                Ok(false)
            }
            None => Ok(true),
        }
    }
}

/// Whether the whole input is read; what follows a payload makes it malformed.
pub(super) fn finish(decoder: &Decoder<'_>) -> Result<(), Refusal> {
    if decoder.at_end() {
        Ok(())
    } else {
        Err(DecodeError::at(
            decoder.position(),
            "more bytes follow the end of the payload",
        ))
    }
}

/// Reads a number, a text, bytes, a boolean, null or a time; a text also in pieces.
pub(super) fn value(decoder: &mut Decoder<'_>) -> Result<Value, Refusal> {
    match decoder.kind()? {
        Kind::Bool => decoder.bool().map(Value::Boolean),
        Kind::Null => decoder.skip().map(|()| Value::None),
        Kind::Text => decoder.text().map(Value::String),
        Kind::Bytes => decoder.bytes().map(Value::Opaque),
        Kind::Tag => tagged(decoder),
        _ => number(decoder),
    }
}

/// A whole number or a float of any width, or a decimal fraction (tag 4).
pub(super) fn number(decoder: &mut Decoder<'_>) -> Result<Value, Refusal> {
    let start = decoder.position();
    match decoder.kind()? {
        Kind::Float => decoder.float().map(Value::Float),
        Kind::Tag => {
            if decoder.tag()? != 4 {
                return Err(DecodeError::at(start, "this CBOR tag does not belong here"));
            }
            decimal_fraction(decoder)
        }
        _ => {
            let number = decoder.integer()?;
            i64::try_from(number)
                .map(Value::Integer)
                .or_else(|_| u64::try_from(number).map(Value::Unsigned))
                .map_err(|_| DecodeError::at(start, "the number does not fit 64 bits"))
        }
    }
}

/// `[exponent, mantissa]`, RFC 8949 §3.4.4.
fn decimal_fraction(decoder: &mut Decoder<'_>) -> Result<Value, Refusal> {
    let start = decoder.position();
    let pair = decoder.array()?;
    let exponent = decoder.integer()?;
    let mantissa = decoder.integer()?;
    if pair != Some(2) {
        return Err(DecodeError::at(start, "a decimal fraction has two parts"));
    }
    // The conversion of a decimal text is the one that rounds right for every exponent.
    i32::try_from(exponent)
        .ok()
        .zip(i64::try_from(mantissa).ok())
        .and_then(|(exponent, mantissa)| crate::float::parse(&format!("{mantissa}e{exponent}")))
        .map(Value::Float)
        .ok_or_else(|| DecodeError::at(start, "the decimal fraction is no number"))
}

/// A time as text (tag 0) or number (tag 1), or a decimal fraction (tag 4).
fn tagged(decoder: &mut Decoder<'_>) -> Result<Value, Refusal> {
    let start = decoder.position();
    let tag = decoder.tag()?;
    if tag > 1 {
        decoder.set_position(start);
        return number(decoder);
    }
    let seconds = if tag == 0 {
        decoder
            .text()?
            .trim_end_matches('\0')
            .parse()
            .ok()
            .map(Timestamp::seconds)
    } else {
        super::coerce::seconds(&number(decoder)?)
    };
    seconds
        .map(Value::Time)
        .ok_or_else(|| DecodeError::at(start, "this is no date and time"))
}

/// Writes CBOR items, each in its shortest form.
#[derive(Default)]
pub(super) struct Writer {
    pub(super) out: Vec<u8>,
}

impl Writer {
    fn head(&mut self, major: u8, number: u64) {
        let (info, width) = match number {
            0..24 => (number as u8, 0),
            24..0x100 => (24, 1),
            0x100..0x1_0000 => (25, 2),
            0x1_0000..0x1_0000_0000 => (26, 4),
            _ => (27, 8),
        };
        self.out.push(major << 5 | info);
        self.out.extend_from_slice(&number.to_be_bytes()[8 - width..]);
    }

    pub(super) fn array(&mut self, length: usize) {
        self.head(4, length as u64);
    }

    pub(super) fn map(&mut self, length: usize) {
        self.head(5, length as u64);
    }

    pub(super) fn text(&mut self, text: &str) {
        self.head(3, text.len() as u64);
        self.out.extend_from_slice(text.as_bytes());
    }

    pub(super) fn bytes(&mut self, bytes: &[u8]) {
        self.head(2, bytes.len() as u64);
        self.out.extend_from_slice(bytes);
    }

    pub(super) fn unsigned(&mut self, number: u64) {
        self.head(0, number);
    }

    pub(super) fn integer(&mut self, number: i64) {
        // A negative number n is written as -1 - n, which is its complement.
        let (major, argument) = if number < 0 { (1, !number) } else { (0, number) };
        self.head(major, argument as u64);
    }

    /// Four bytes where they say the same as eight.
    pub(super) fn float(&mut self, number: f64) {
        if let Some(short) = narrow(number) {
            self.out.push(0xfa);
            self.out.extend_from_slice(&short.to_be_bytes());
        } else {
            self.out.push(0xfb);
            self.out.extend_from_slice(&number.to_be_bytes());
        }
    }

    pub(super) fn boolean(&mut self, value: bool) {
        self.out.push(0xf4 | u8::from(value));
    }

    pub(super) fn null(&mut self) {
        self.out.push(0xf6);
    }

    /// A value as the formats CBOR and LwM2M CBOR have it: a time with tag 1, an object link as text.
    pub(super) fn value(&mut self, value: &Value) {
        match value {
            Value::String(text) | Value::CoreLink(text) => self.text(text),
            Value::Integer(number) => self.integer(*number),
            Value::Unsigned(number) => self.unsigned(*number),
            Value::Float(number) => self.float(*number),
            Value::Boolean(value) => self.boolean(*value),
            Value::Opaque(bytes) => self.bytes(bytes),
            Value::Time(seconds) => {
                self.head(6, 1);
                self.integer(*seconds);
            }
            Value::ObjectLink { .. } => self.text(&value.to_string()),
            Value::None => self.null(),
        }
    }
}
