//! Reading and writing the vectors of RFC 5246 §4.3, with bounds.

/// The bytes are not the message they should be. RFC 5246 §7.2.2, decode_error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the message cannot be decoded: {0}")]
pub struct DecodeError(pub(crate) &'static str);

/// What is left to be read of a message.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    pub(crate) const fn new(bytes: &'a [u8]) -> Reader<'a> {
        Reader(bytes)
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn take(&mut self, length: usize) -> Result<&'a [u8], DecodeError> {
        let (taken, rest) = self
            .0
            .split_at_checked(length)
            .ok_or(DecodeError("it ends too early"))?;
        self.0 = rest;
        Ok(taken)
    }

    pub(crate) fn rest(&mut self) -> &'a [u8] {
        std::mem::take(&mut self.0)
    }

    pub(crate) fn array<const N: usize>(&mut self) -> Result<[u8; N], DecodeError> {
        self.take(N)?
            .try_into()
            .map_err(|_| DecodeError("it ends too early"))
    }

    pub(crate) fn u8(&mut self) -> Result<u8, DecodeError> {
        self.array::<1>().map(|[byte]| byte)
    }

    pub(crate) fn u16(&mut self) -> Result<u16, DecodeError> {
        self.array().map(u16::from_be_bytes)
    }

    pub(crate) fn u24(&mut self) -> Result<u32, DecodeError> {
        self.array().map(|[a, b, c]| u32::from_be_bytes([0, a, b, c]))
    }

    pub(crate) fn u32(&mut self) -> Result<u32, DecodeError> {
        self.array().map(u32::from_be_bytes)
    }

    /// A vector with a length of one byte.
    pub(crate) fn vec8(&mut self) -> Result<&'a [u8], DecodeError> {
        let length = self.u8()?;
        self.take(usize::from(length))
    }

    /// A vector with a length of two bytes.
    pub(crate) fn vec16(&mut self) -> Result<&'a [u8], DecodeError> {
        let length = self.u16()?;
        self.take(usize::from(length))
    }

    /// A vector with a length of three bytes.
    pub(crate) fn vec24(&mut self) -> Result<&'a [u8], DecodeError> {
        let length = self.u24()?;
        self.take(length as usize)
    }

    /// The end: nothing may follow.
    pub(crate) const fn end(&self) -> Result<(), DecodeError> {
        if self.0.is_empty() {
            Ok(())
        } else {
            Err(DecodeError("bytes follow its end"))
        }
    }
}

/// A list of 16-bit numbers, such as cipher suites.
pub(crate) fn numbers(bytes: &[u8]) -> Result<Vec<u16>, DecodeError> {
    let (pairs, rest) = bytes.as_chunks::<2>();
    if rest.is_empty() {
        Ok(pairs.iter().map(|pair| u16::from_be_bytes(*pair)).collect())
    } else {
        Err(DecodeError("a list of numbers has an odd length"))
    }
}

/// Appends a vector with a length of `WIDTH` bytes; `fill` appends its content.
fn vec<const WIDTH: usize>(out: &mut Vec<u8>, fill: impl FnOnce(&mut Vec<u8>)) {
    let start = out.len();
    out.resize(start + WIDTH, 0);
    fill(out);
    let length = (out.len() - start - WIDTH).to_be_bytes();
    out[start..start + WIDTH].copy_from_slice(&length[length.len() - WIDTH..]);
}

pub(crate) fn put_vec8(out: &mut Vec<u8>, fill: impl FnOnce(&mut Vec<u8>)) {
    vec::<1>(out, fill);
}

pub(crate) fn put_vec16(out: &mut Vec<u8>, fill: impl FnOnce(&mut Vec<u8>)) {
    vec::<2>(out, fill);
}

pub(crate) fn put_vec24(out: &mut Vec<u8>, fill: impl FnOnce(&mut Vec<u8>)) {
    vec::<3>(out, fill);
}

pub(crate) fn put_u16(out: &mut Vec<u8>, number: u16) {
    out.extend_from_slice(&number.to_be_bytes());
}
