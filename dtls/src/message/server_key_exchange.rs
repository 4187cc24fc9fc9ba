//! ServerKeyExchange: the server's ephemeral key (RFC 8422 §5.4), or a hint which pre-shared key to take (RFC 4279 §2).

use super::extension::SECP256R1;
use super::signature::Signature;
use super::wire::{DecodeError, Reader, put_u16, put_vec8};

/// `named_curve`, the only kind of parameters in use.
const NAMED_CURVE: u8 = 3;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct EcdheServerKeyExchange<'a> {
    /// The bytes that are signed, after both randoms.
    pub(crate) parameters: &'a [u8],
    /// An uncompressed point.
    pub(crate) public_key: &'a [u8],
    pub(crate) signature: Signature<'a>,
}

impl<'a> EcdheServerKeyExchange<'a> {
    pub(crate) fn decode(body: &'a [u8]) -> Result<EcdheServerKeyExchange<'a>, DecodeError> {
        let mut reader = Reader::new(body);
        if reader.u8()? != NAMED_CURVE || reader.u16()? != SECP256R1 {
            return Err(DecodeError("the server chose a curve other than P-256"));
        }
        let public_key = reader.vec8()?;
        let parameters = &body[..4 + public_key.len()];
        let signature = Signature::read(&mut reader)?;
        reader.end().map(|()| EcdheServerKeyExchange {
            parameters,
            public_key,
            signature,
        })
    }

    /// The bytes to be signed for this public key.
    pub(crate) fn parameters(public_key: &[u8]) -> Vec<u8> {
        let mut out = vec![NAMED_CURVE];
        put_u16(&mut out, SECP256R1);
        put_vec8(&mut out, |out| out.extend_from_slice(public_key));
        out
    }

    /// Appends the message made of signed parameters and their signature.
    pub(crate) fn encode(parameters: &[u8], signature: Signature<'_>, out: &mut Vec<u8>) {
        out.extend_from_slice(parameters);
        signature.encode(out);
    }
}

pub(crate) fn read_psk_hint(body: &[u8]) -> Result<&[u8], DecodeError> {
    let mut reader = Reader::new(body);
    let hint = reader.vec16()?;
    reader.end().map(|()| hint)
}
