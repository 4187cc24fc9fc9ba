//! HelloVerifyRequest: prove that you receive at your address. RFC 6347 §4.2.1.

use super::wire::{DecodeError, Reader, put_u16, put_vec8};
use crate::record::VERSION_1_0;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct HelloVerifyRequest<'a> {
    pub(crate) cookie: &'a [u8],
}

impl<'a> HelloVerifyRequest<'a> {
    pub(crate) fn decode(body: &'a [u8]) -> Result<HelloVerifyRequest<'a>, DecodeError> {
        let mut reader = Reader::new(body);
        reader.u16()?;
        let cookie = reader.vec8()?;
        reader.end().map(|()| HelloVerifyRequest { cookie })
    }

    pub(crate) fn encode(&self, out: &mut Vec<u8>) {
        // The version says nothing about the one to be negotiated; 1.0 is what the specification advises.
        put_u16(out, VERSION_1_0);
        put_vec8(out, |out| out.extend_from_slice(self.cookie));
    }
}
