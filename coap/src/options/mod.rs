//! The options of a message: a list sorted by number, kept in one allocation.

pub mod number;
mod typed;

use std::fmt;

/// How many bytes stand before each value: the number and the length.
const HEADER: usize = 4;

/// Options sorted by number; options of one number keep the order in which they were added.
///
/// Stored as one run of `number (u16), length (u16), value` records, so that a message costs one allocation for all of
/// its options. A value longer than 65,535 bytes does not fit in a datagram and is not accepted.
#[derive(Clone, PartialEq, Eq, Default, Hash)]
pub struct Options {
    records: Vec<u8>,
}

impl Options {
    /// No options.
    pub const fn new() -> Options {
        Options { records: Vec::new() }
    }

    /// No options, with room for `bytes` of records.
    pub(crate) fn with_capacity(bytes: usize) -> Options {
        Options {
            records: Vec::with_capacity(bytes),
        }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.records.is_empty()
    }

    /// All options as `(number, value)`, by number.
    pub fn iter(&self) -> Iter<'_> {
        Iter { rest: &self.records }
    }

    /// How many bytes the records take.
    pub(crate) fn bytes(&self) -> usize {
        self.records.len()
    }

    /// Adds an option whose number is not below that of the last one.
    pub(crate) fn push(&mut self, number: u16, value: &[u8]) {
        let mut header = [0; HEADER];
        header[..2].copy_from_slice(&number.to_be_bytes());
        header[2..].copy_from_slice(&(value.len() as u16).to_be_bytes());
        self.records.extend_from_slice(&header);
        self.records.extend_from_slice(value);
    }

    /// Adds an option behind those of the same number.
    ///
    /// A value is cut at 65,535 bytes; none of the options that exist may be that long.
    pub fn add(&mut self, number: u16, value: &[u8]) {
        let value = &value[..value.len().min(usize::from(u16::MAX))];
        let at = self.position_after(number);
        let mut header = [0; HEADER];
        header[..2].copy_from_slice(&number.to_be_bytes());
        header[2..].copy_from_slice(&(value.len() as u16).to_be_bytes());
        if at == self.records.len() {
            self.records.reserve(HEADER + value.len());
            self.records.extend_from_slice(&header);
            self.records.extend_from_slice(value);
        } else {
            self.records
                .splice(at..at, header.into_iter().chain(value.iter().copied()));
        }
    }

    /// Adds an unsigned integer in as few bytes as it needs. RFC 7252 §3.2.
    pub fn add_uint(&mut self, number: u16, value: u32) {
        let bytes = value.to_be_bytes();
        let zeros = value.leading_zeros() as usize / 8;
        self.add(number, &bytes[zeros..]);
    }

    /// Replaces all options of the number with one.
    pub fn set(&mut self, number: u16, value: &[u8]) {
        self.remove(number);
        self.add(number, value);
    }

    /// Replaces all options of the number with one unsigned integer.
    pub fn set_uint(&mut self, number: u16, value: u32) {
        self.remove(number);
        self.add_uint(number, value);
    }

    /// Takes all options of the number away.
    pub fn remove(&mut self, number: u16) {
        let mut at = 0;
        while let Some((found, length)) = self.header_at(at) {
            let end = at + HEADER + length;
            if found == number {
                self.records.drain(at..end);
            } else if found > number {
                return;
            } else {
                at = end;
            }
        }
    }

    /// The first value of the number.
    pub fn first(&self, number: u16) -> Option<&[u8]> {
        self.all(number).next()
    }

    /// All values of the number, in order.
    pub fn all(&self, number: u16) -> impl Iterator<Item = &[u8]> {
        self.iter()
            .skip_while(move |(found, _)| *found < number)
            .take_while(move |(found, _)| *found == number)
            .map(|(_, value)| value)
    }

    /// The first value of the number as an unsigned integer; `None` if it is absent or longer than 4 bytes.
    pub fn uint(&self, number: u16) -> Option<u32> {
        let value = self.first(number)?;
        (value.len() <= 4).then(|| value.iter().fold(0, |sum, byte| sum << 8 | u32::from(*byte)))
    }

    /// Whether an option of the number exists.
    pub fn contains(&self, number: u16) -> bool {
        self.first(number).is_some()
    }

    /// The records, numbers and lengths included, of all options but those of some numbers: as few runs as there are.
    pub(crate) fn runs_without(&self, mut left_out: impl FnMut(u16) -> bool) -> impl Iterator<Item = &[u8]> {
        let mut at = 0;
        std::iter::from_fn(move || {
            let mut begin = at;
            while let Some((number, length)) = self.header_at(at) {
                let here = at;
                at += HEADER + length;
                if left_out(number) {
                    if begin < here {
                        return Some(&self.records[begin..here]);
                    }
                    begin = at;
                }
            }
            (begin < at).then(|| &self.records[begin..at])
        })
    }

    fn header_at(&self, at: usize) -> Option<(u16, usize)> {
        let header = self.records.get(at..at + HEADER)?;
        Some((
            u16::from_be_bytes([header[0], header[1]]),
            usize::from(u16::from_be_bytes([header[2], header[3]])),
        ))
    }

    fn position_after(&self, number: u16) -> usize {
        let mut at = 0;
        while let Some((found, length)) = self.header_at(at) {
            if found > number {
                return at;
            }
            at += HEADER + length;
        }
        at
    }
}

/// The options of a message by number; see [`Options::iter`].
#[derive(Clone, Debug)]
pub struct Iter<'a> {
    rest: &'a [u8],
}

impl<'a> Iterator for Iter<'a> {
    type Item = (u16, &'a [u8]);

    fn next(&mut self) -> Option<(u16, &'a [u8])> {
        let (header, rest) = self.rest.split_first_chunk::<HEADER>()?;
        let number = u16::from_be_bytes([header[0], header[1]]);
        let length = usize::from(u16::from_be_bytes([header[2], header[3]]));
        let (value, rest) = rest.split_at_checked(length)?;
        self.rest = rest;
        Some((number, value))
    }
}

impl<'a> IntoIterator for &'a Options {
    type Item = (u16, &'a [u8]);
    type IntoIter = Iter<'a>;

    fn into_iter(self) -> Iter<'a> {
        self.iter()
    }
}

impl<V: AsRef<[u8]>> FromIterator<(u16, V)> for Options {
    fn from_iter<T: IntoIterator<Item = (u16, V)>>(iter: T) -> Options {
        let mut options = Options::new();
        for (number, value) in iter {
            options.add(number, value.as_ref());
        }
        options
    }
}

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list()
            .entries(
                self.iter()
                    .map(|(number, value)| crate::trace::describe(number, value)),
            )
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_sorted_by_number_and_keep_their_order_within_one() {
        let mut options = Options::new();
        options.add(11, b"3");
        options.add(6, b"");
        options.add(11, b"0");
        options.add(17, &[1]);
        options.add(11, b"9");
        let listed: Vec<_> = options.iter().collect();
        assert_eq!(
            listed,
            [(6, &b""[..]), (11, b"3"), (11, b"0"), (11, b"9"), (17, &[1])]
        );
        options.remove(11);
        assert_eq!(options.iter().count(), 2);
        options.set_uint(17, 0);
        assert_eq!(options.first(17), Some(&[][..]));
    }

    #[test]
    fn runs_leave_out_what_they_shall() {
        let options: Options = [(6u16, "a"), (11, "b"), (11, "c"), (23, "d"), (27, "e"), (60, "f")]
            .into_iter()
            .collect();
        let runs = |left_out: &[u16]| -> Vec<u8> {
            options
                .runs_without(|number| left_out.contains(&number))
                .flatten()
                .copied()
                .collect()
        };
        for left_out in [
            &[][..],
            &[6],
            &[11],
            &[23, 27],
            &[6, 23, 60],
            &[60],
            &[6, 11, 23, 27, 60],
        ] {
            let kept: Options = options
                .iter()
                .filter(|(number, _)| !left_out.contains(number))
                .collect();
            assert_eq!(runs(left_out), kept.records, "without {left_out:?}");
        }
        assert_eq!(options.runs_without(|_| false).count(), 1);
    }

    #[test]
    fn integers_take_as_few_bytes_as_they_need() {
        for (value, expect) in [
            (0u32, &[][..]),
            (1, &[1]),
            (256, &[1, 0]),
            (0x0102_0304, &[1, 2, 3, 4]),
        ] {
            let mut options = Options::new();
            options.add_uint(12, value);
            assert_eq!(options.first(12), Some(expect));
            assert_eq!(options.uint(12), Some(value));
        }
    }
}
