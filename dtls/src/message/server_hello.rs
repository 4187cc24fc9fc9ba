//! ServerHello: what was chosen. RFC 5246 §7.4.1.3.

use super::client_hello::bounded;
use super::extension::ServerExtensions;
use super::wire::{DecodeError, Reader, put_u16, put_vec8};

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ServerHello {
    pub(crate) version: u16,
    pub(crate) random: [u8; 32],
    pub(crate) session_id: Vec<u8>,
    pub(crate) suite: u16,
    pub(crate) compression: u8,
    pub(crate) extensions: ServerExtensions,
}

impl ServerHello {
    pub(crate) fn decode(body: &[u8]) -> Result<ServerHello, DecodeError> {
        let mut reader = Reader::new(body);
        let hello = ServerHello {
            version: reader.u16()?,
            random: reader.array()?,
            session_id: bounded(reader.vec8()?, 32)?,
            suite: reader.u16()?,
            compression: reader.u8()?,
            extensions: ServerExtensions::read(&mut reader)?,
        };
        reader.end().map(|()| hello)
    }

    pub(crate) fn encode(&self, out: &mut Vec<u8>) {
        put_u16(out, self.version);
        out.extend_from_slice(&self.random);
        put_vec8(out, |out| out.extend_from_slice(&self.session_id));
        put_u16(out, self.suite);
        out.push(self.compression);
        self.extensions.write(out);
    }
}
