//! NewSessionTicket: keep this, and the next handshake is short. RFC 5077 §3.3.

use super::wire::{DecodeError, Reader, put_vec16};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NewSessionTicket<'a> {
    /// Seconds; 0: not said.
    pub(crate) lifetime: u32,
    pub(crate) ticket: &'a [u8],
}

impl<'a> NewSessionTicket<'a> {
    pub(crate) fn decode(body: &'a [u8]) -> Result<NewSessionTicket<'a>, DecodeError> {
        let mut reader = Reader::new(body);
        let message = NewSessionTicket {
            lifetime: reader.u32()?,
            ticket: reader.vec16()?,
        };
        reader.end().map(|()| message)
    }

    pub(crate) fn encode(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.lifetime.to_be_bytes());
        put_vec16(out, |out| out.extend_from_slice(self.ticket));
    }
}
