//! ClientHello: what the client can do. RFC 5246 §7.4.1.2, with the cookie of RFC 6347 §4.2.1.

use super::extension::ClientExtensions;
use super::wire::{DecodeError, Reader, numbers, put_u16, put_vec8, put_vec16};

/// The signalling suite that stands for an empty renegotiation_info. RFC 5746 §3.3.
pub(crate) const EMPTY_RENEGOTIATION_INFO_SCSV: u16 = 0x00ff;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ClientHello {
    pub(crate) version: u16,
    pub(crate) random: [u8; 32],
    pub(crate) session_id: Vec<u8>,
    pub(crate) cookie: Vec<u8>,
    pub(crate) suites: Vec<u16>,
    pub(crate) compression: Vec<u8>,
    pub(crate) extensions: ClientExtensions,
}

impl ClientHello {
    pub(crate) fn decode(body: &[u8]) -> Result<ClientHello, DecodeError> {
        let mut reader = Reader::new(body);
        let hello = ClientHello {
            version: reader.u16()?,
            random: reader.array()?,
            session_id: bounded(reader.vec8()?, 32)?,
            cookie: reader.vec8()?.to_vec(),
            suites: numbers(reader.vec16()?)?,
            compression: reader.vec8()?.to_vec(),
            extensions: ClientExtensions::read(&mut reader)?,
        };
        reader.end().map(|()| hello)
    }

    pub(crate) fn encode(&self, out: &mut Vec<u8>) {
        put_u16(out, self.version);
        out.extend_from_slice(&self.random);
        put_vec8(out, |out| out.extend_from_slice(&self.session_id));
        put_vec8(out, |out| out.extend_from_slice(&self.cookie));
        put_vec16(out, |out| {
            self.suites.iter().for_each(|suite| put_u16(out, *suite));
        });
        put_vec8(out, |out| out.extend_from_slice(&self.compression));
        self.extensions.write(out);
    }

    /// Whether the client says that it knows about secure renegotiation.
    pub(crate) fn knows_secure_renegotiation(&self) -> bool {
        self.extensions.renegotiation_info.is_some() || self.suites.contains(&EMPTY_RENEGOTIATION_INFO_SCSV)
    }
}

pub(super) fn bounded(bytes: &[u8], most: usize) -> Result<Vec<u8>, DecodeError> {
    if bytes.len() <= most {
        Ok(bytes.to_vec())
    } else {
        Err(DecodeError("a session id is longer than 32 bytes"))
    }
}
