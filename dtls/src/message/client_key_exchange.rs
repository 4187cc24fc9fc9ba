//! ClientKeyExchange: which pre-shared key (RFC 4279 §2), or the client's ephemeral key (RFC 8422 §5.7).

use super::wire::{DecodeError, Reader, put_vec8, put_vec16};
use crate::suite::KeyExchange;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ClientKeyExchange<'a> {
    /// The identity of the key, as the client sent it.
    Psk(&'a [u8]),
    /// An uncompressed point.
    Ecdhe(&'a [u8]),
}

impl<'a> ClientKeyExchange<'a> {
    pub(crate) fn decode(kind: KeyExchange, body: &'a [u8]) -> Result<ClientKeyExchange<'a>, DecodeError> {
        let mut reader = Reader::new(body);
        let message = match kind {
            KeyExchange::Psk => ClientKeyExchange::Psk(reader.vec16()?),
            KeyExchange::EcdheEcdsa => ClientKeyExchange::Ecdhe(reader.vec8()?),
        };
        reader.end().map(|()| message)
    }

    pub(crate) fn encode(&self, out: &mut Vec<u8>) {
        match self {
            ClientKeyExchange::Psk(identity) => put_vec16(out, |out| out.extend_from_slice(identity)),
            ClientKeyExchange::Ecdhe(key) => put_vec8(out, |out| out.extend_from_slice(key)),
        }
    }
}
