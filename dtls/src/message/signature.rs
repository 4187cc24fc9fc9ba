//! A signature with the algorithm it was made by. RFC 5246 §4.7.

use super::wire::{DecodeError, Reader, put_u16, put_vec16};

/// `ecdsa_secp256r1_sha256`: SHA-256 (4), ECDSA (3).
pub(crate) const ECDSA_SHA256: u16 = 0x0403;

/// A digitally-signed element.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Signature<'a> {
    pub(crate) algorithm: u16,
    /// For ECDSA a DER sequence of two integers.
    pub(crate) bytes: &'a [u8],
}

impl<'a> Signature<'a> {
    pub(crate) fn read(reader: &mut Reader<'a>) -> Result<Signature<'a>, DecodeError> {
        Ok(Signature {
            algorithm: reader.u16()?,
            bytes: reader.vec16()?,
        })
    }

    /// The signature that is a whole message: CertificateVerify.
    pub(crate) fn decode(body: &'a [u8]) -> Result<Signature<'a>, DecodeError> {
        let mut reader = Reader::new(body);
        let signature = Signature::read(&mut reader)?;
        reader.end().map(|()| signature)
    }

    pub(crate) fn encode(&self, out: &mut Vec<u8>) {
        put_u16(out, self.algorithm);
        put_vec16(out, |out| out.extend_from_slice(self.bytes));
    }
}
