//! Takes CBOR (RFC 8949) apart, item by item, without copying. What the items mean is told by [`super::cbor_item`].

use super::short_float::widen;
use super::{DecodeError, Refusal};

/// What an item is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Integer,
    Bytes,
    Text,
    Array,
    Map,
    Tag,
    Bool,
    Null,
    Float,
    /// The end of something of indefinite length.
    Break,
    /// Undefined, or a simple value that stands for nothing here.
    Other,
}

const BYTES: u8 = 2;
const TEXT: u8 = 3;
const ARRAY: u8 = 4;
const MAP: u8 = 5;
const TAG: u8 = 6;

/// The first byte of an item and what follows it. RFC 8949 §3.
struct Head {
    /// The place of the first byte.
    start: usize,
    major: u8,
    /// The low five bits of the first byte.
    info: u8,
    /// A number, or a length; nothing for an indefinite length or a break.
    argument: Option<u64>,
}

/// Bytes and the place in them up to which they are read. Mistakes are told with the beginning of their item.
#[derive(Debug, Clone)]
pub(super) struct Decoder<'a> {
    input: &'a [u8],
    position: usize,
}

fn ends(start: usize) -> Refusal {
    DecodeError::at(start, "the payload ends within a CBOR item")
}

fn unwanted(start: usize) -> Refusal {
    DecodeError::at(start, "this is no CBOR item that belongs here")
}

impl<'a> Decoder<'a> {
    pub(super) const fn new(input: &'a [u8]) -> Decoder<'a> {
        Decoder { input, position: 0 }
    }

    pub(super) const fn position(&self) -> usize {
        self.position
    }

    pub(super) const fn set_position(&mut self, position: usize) {
        self.position = position;
    }

    pub(super) const fn at_end(&self) -> bool {
        self.position == self.input.len()
    }

    fn first(&self) -> Result<u8, Refusal> {
        let first = self.input.get(self.position).copied();
        first.ok_or_else(|| ends(self.position))
    }

    /// What the next item is. It is not taken.
    pub(super) fn kind(&self) -> Result<Kind, Refusal> {
        let first = self.first()?;
        Ok(match (first >> 5, first & 31) {
            (0 | 1, _) => Kind::Integer,
            (BYTES, _) => Kind::Bytes,
            (TEXT, _) => Kind::Text,
            (ARRAY, _) => Kind::Array,
            (MAP, _) => Kind::Map,
            (TAG, _) => Kind::Tag,
            (_, 20 | 21) => Kind::Bool,
            (_, 22) => Kind::Null,
            (_, 25..=27) => Kind::Float,
            (_, 31) => Kind::Break,
            _ => Kind::Other,
        })
    }

    fn take(&mut self, start: usize, length: u64) -> Result<&'a [u8], Refusal> {
        let length = usize::try_from(length).ok();
        let end = length.and_then(|length| self.position.checked_add(length));
        let bytes = end.and_then(|end| self.input.get(self.position..end));
        let bytes = bytes.ok_or_else(|| ends(start))?;
        self.position += bytes.len();
        Ok(bytes)
    }

    fn head(&mut self) -> Result<Head, Refusal> {
        let start = self.position;
        let first = self.first()?;
        self.position += 1;
        let (major, info) = (first >> 5, first & 31);
        let argument = match info {
            0..24 => Some(u64::from(info)),
            24..28 => {
                let bytes = self.take(start, 1 << (info - 24))?;
                Some(
                    bytes
                        .iter()
                        .fold(0, |number, byte| number << 8 | u64::from(*byte)),
                )
            }
            // A number and a tag have no length.
            31 if !matches!(major, 0 | 1 | TAG) => None,
            _ => return Err(unwanted(start)),
        };
        Ok(Head {
            start,
            major,
            info,
            argument,
        })
    }

    fn head_of(&mut self, major: u8) -> Result<Head, Refusal> {
        let head = self.head()?;
        if head.major == major {
            Ok(head)
        } else {
            Err(unwanted(head.start))
        }
    }

    /// The number of items of an array; nothing if a break ends them.
    pub(super) fn array(&mut self) -> Result<Option<u64>, Refusal> {
        Ok(self.head_of(ARRAY)?.argument)
    }

    /// The number of pairs of a map; nothing if a break ends them.
    pub(super) fn map(&mut self) -> Result<Option<u64>, Refusal> {
        Ok(self.head_of(MAP)?.argument)
    }

    pub(super) fn tag(&mut self) -> Result<u64, Refusal> {
        let head = self.head_of(TAG)?;
        head.argument.ok_or_else(|| unwanted(head.start))
    }

    /// A whole number of up to 64 bits and a sign.
    pub(super) fn integer(&mut self) -> Result<i128, Refusal> {
        let head = self.head()?;
        match (head.major, head.argument) {
            (0, Some(number)) => Ok(i128::from(number)),
            // A negative number n is written as -1 - n.
            (1, Some(number)) => Ok(-1 - i128::from(number)),
            _ => Err(unwanted(head.start)),
        }
    }

    pub(super) fn bool(&mut self) -> Result<bool, Refusal> {
        let head = self.head_of(7)?;
        match head.info {
            20 | 21 => Ok(head.info == 21),
            _ => Err(unwanted(head.start)),
        }
    }

    pub(super) fn float(&mut self) -> Result<f64, Refusal> {
        let head = self.head_of(7)?;
        let bits = head.argument.unwrap_or_default();
        match head.info {
            25 => Ok(half(bits as u16)),
            26 => Ok(widen(f32::from_bits(bits as u32))),
            27 => Ok(f64::from_bits(bits)),
            _ => Err(unwanted(head.start)),
        }
    }

    pub(super) fn bytes(&mut self) -> Result<Vec<u8>, Refusal> {
        let mut all = Vec::new();
        self.pieces(BYTES, |_, piece| {
            all.extend_from_slice(piece);
            Ok(())
        })?;
        Ok(all)
    }

    pub(super) fn text(&mut self) -> Result<String, Refusal> {
        let mut all = String::new();
        self.pieces(TEXT, |start, piece| {
            all.push_str(std::str::from_utf8(piece).map_err(|_| unwanted(start))?);
            Ok(())
        })?;
        Ok(all)
    }

    /// Texts or bytes in one piece, or in any number of them up to a break. RFC 8949 §3.2.3.
    fn pieces(
        &mut self,
        major: u8,
        mut see: impl FnMut(usize, &[u8]) -> Result<(), Refusal>,
    ) -> Result<(), Refusal> {
        let head = self.head_of(major)?;
        if let Some(length) = head.argument {
            return see(head.start, self.take(head.start, length)?);
        }
        while self.kind()? != Kind::Break {
            let piece = self.head_of(major)?;
            let length = piece.argument.ok_or_else(|| unwanted(piece.start))?;
            see(piece.start, self.take(piece.start, length)?)?;
        }
        self.position += 1;
        Ok(())
    }

    /// Passes over one item with all that is in it.
    pub(super) fn skip(&mut self) -> Result<(), Refusal> {
        // How many items are left of what is open; nothing where a break ends it.
        let mut open = vec![Some(1u64)];
        while let Some(left) = open.last_mut() {
            match left {
                Some(0) => {
                    open.pop();
                    continue;
                }
                Some(left) => *left -= 1,
                None if self.kind()? == Kind::Break => {
                    self.position += 1;
                    open.pop();
                    continue;
                }
                None => {}
            }
            let within = match self.kind()? {
                Kind::Bytes => self.bytes().map(|_| Some(0))?,
                Kind::Text => self.text().map(|_| Some(0))?,
                Kind::Array => self.array()?,
                Kind::Map => self.map()?.map(|pairs| pairs.saturating_mul(2)),
                Kind::Tag => self.tag().map(|_| Some(1))?,
                Kind::Break => return Err(unwanted(self.position)),
                _ => self.head().map(|_| Some(0))?,
            };
            match (left, within) {
                // What is counted is counted together, so that what lies deep needs no room.
                (Some(left), Some(within)) => *left = left.saturating_add(within),
                (_, within) => open.push(within),
            }
        }
        Ok(())
    }
}

/// A float of two bytes. RFC 8949 appendix D.
fn half(bits: u16) -> f64 {
    let exponent = u64::from(bits >> 10 & 31);
    let mantissa = f64::from(bits & 1023);
    // Two to the power of so much.
    let power = |exponent: u64| f64::from_bits(exponent << 52);
    let number = match exponent {
        0 => mantissa * power(1023 - 24),
        31 if mantissa == 0.0 => f64::INFINITY,
        31 => f64::NAN,
        _ => (1024.0 + mantissa) * power(1023 + exponent - 25),
    };
    if bits >> 15 == 1 { -number } else { number }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Bytes that are often CBOR.
    fn some_cbor() -> impl Strategy<Value = Vec<u8>> {
        let byte = prop_oneof![
            any::<u8>(),
            0u8..4,
            0x40u8..0x44,
            0x60u8..0x64,
            proptest::sample::select(vec![
                0x81, 0x82, 0x9f, 0xa1, 0xbf, 0x5f, 0x7f, 0xff, 0xc1, 0xf6, 0xf9, 0x18, 0x39
            ]),
        ];
        proptest::collection::vec(byte, 0..12)
    }

    proptest! {
        /// Everything that is read is what minicbor reads, and ends where it ends.
        #[test]
        fn it_reads_what_minicbor_reads(input in some_cbor()) {
            type Ours<T> = fn(&mut Decoder<'_>) -> Result<T, Refusal>;
            type Theirs<T> = fn(&mut minicbor::Decoder<'_>) -> Result<T, minicbor::decode::Error>;
            fn check<T: std::fmt::Debug + PartialEq>(input: &[u8], ours: Ours<T>, theirs: Theirs<T>) {
                let (mut our, mut their) = (Decoder::new(input), minicbor::Decoder::new(input));
                let (found, wanted) = (ours(&mut our).ok(), theirs(&mut their).ok());
                assert_eq!(found, wanted, "{input:02x?}");
                if wanted.is_some() {
                    assert_eq!(our.position(), their.position(), "{input:02x?}");
                }
            }
            check(&input, |it| it.array(), |it| it.array());
            check(&input, |it| it.map(), |it| it.map());
            check(&input, |it| it.tag(), |it| it.tag().map(|tag| tag.as_u64()));
            check(&input, |it| it.integer(), |it| it.int().map(i128::from));
            check(&input, |it| it.bool(), |it| it.bool());
            check(&input, |it| it.text(), |it| it.str_iter()?.collect());
            check(&input, |it| it.bytes(), |it| {
                let pieces: Result<Vec<&[u8]>, _> = it.bytes_iter()?.collect();
                Ok(pieces?.concat())
            });
        }

        /// What is passed over is one item: what minicbor reads as one.
        #[test]
        fn it_skips_what_minicbor_skips(input in some_cbor()) {
            let (mut our, mut their) = (Decoder::new(&input), minicbor::Decoder::new(&input));
            if our.skip().is_ok() {
                prop_assert!(their.skip().is_ok(), "{:02x?}", input);
                prop_assert_eq!(our.position(), their.position(), "{:02x?}", input);
            }
        }

        #[test]
        fn floats_are_what_minicbor_reads(short in any::<u16>(), long in any::<f64>()) {
            let bytes = [&[0xf9][..], &short.to_be_bytes()].concat();
            let wanted = f64::from(minicbor::Decoder::new(&bytes).f16().unwrap());
            let found = Decoder::new(&bytes).float().unwrap();
            prop_assert!(found == wanted || found.is_nan() && wanted.is_nan());
            let bytes = [&[0xfb][..], &long.to_be_bytes()].concat();
            let found = Decoder::new(&bytes).float().unwrap();
            prop_assert!(found == long || found.is_nan() && long.is_nan());
        }
    }

    #[test]
    fn what_lies_deep_is_skipped_without_room() {
        for begin in [&[0x81][..], &[0xc1], &[0x9f], &[0xa1, 0x00]] {
            let mut input = begin.repeat(100_000);
            input.push(0);
            if begin == [0x9f] {
                input.extend([0xff; 100_000]);
            }
            let mut decoder = Decoder::new(&input);
            assert_eq!(decoder.skip(), Ok(()));
            assert!(decoder.at_end());
        }
    }
}
