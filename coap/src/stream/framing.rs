//! Messages out of the pieces in which a stream's bytes arrive.

use std::borrow::Cow;

use super::frame;
use crate::message::MalformedMessage;

/// The beginning of a message whose rest has not come. Holds nothing between messages.
#[derive(Debug, Default)]
pub(crate) struct Framing {
    partial: Vec<u8>,
}

impl Framing {
    /// Takes the next message from the front of `bytes`; `None` when all of them are taken and it is not whole.
    ///
    /// # Errors
    /// When the length is malformed or above `limit`. Nothing can be read from the stream then.
    pub(crate) fn next<'a>(
        &mut self,
        bytes: &mut &'a [u8],
        limit: usize,
    ) -> Result<Option<Cow<'a, [u8]>>, MalformedMessage> {
        if self.partial.is_empty()
            && let Some(length) = checked_length(bytes, limit)?
            && let Some((whole, rest)) = bytes.split_at_checked(length)
        {
            *bytes = rest;
            return Ok(Some(Cow::Borrowed(whole)));
        }
        loop {
            let length = checked_length(&self.partial, limit)?;
            // Until the length is known, byte by byte: at most five times.
            let wanted = length.unwrap_or(self.partial.len() + 1);
            let missing = wanted.saturating_sub(self.partial.len());
            if missing == 0 {
                return Ok(Some(Cow::Owned(std::mem::take(&mut self.partial))));
            }
            if bytes.is_empty() {
                return Ok(None);
            }
            let (taken, rest) = bytes.split_at(missing.min(bytes.len()));
            self.partial.extend_from_slice(taken);
            *bytes = rest;
        }
    }

    /// How many bytes of an unfinished message are held.
    pub(crate) fn held(&self) -> usize {
        self.partial.len()
    }
}

fn checked_length(bytes: &[u8], limit: usize) -> Result<Option<usize>, MalformedMessage> {
    match frame::length(bytes)? {
        Some(length) if length > limit => Err(MalformedMessage::TooLarge { length, limit }),
        length => Ok(length),
    }
}
