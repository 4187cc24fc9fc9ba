//! Epoch 1 of one peer: the keys, the numbers of the records sent, and the window of those received.

use crate::crypto::keys::DirectionKeys;
use crate::crypto::protect::{self, Scheme, Unprotected};
use crate::handshake::Epoch;
use crate::record::{ConnectionId, ContentType, Header, ReplayWindow, VERSION_1_2};
use crate::suite::Protection;

/// Record numbers have 48 bits; they may not wrap. RFC 6347 §4.1.
const LAST_SEQUENCE: u64 = (1 << 48) - 1;

/// No record carries more. RFC 5246 §6.2.1.
pub(super) const MAX_CONTENT: usize = 1 << 14;

/// What a protected epoch needs, in both directions.
#[derive(Debug)]
pub(super) struct Secured {
    pub(super) own: DirectionKeys,
    pub(super) peer: DirectionKeys,
    /// The number of the next record sent.
    pub(super) sequence: u64,
    pub(super) window: ReplayWindow,
    pub(super) scheme: Scheme,
    /// In records to us.
    pub(super) local_id: ConnectionId,
    /// In records to the peer.
    pub(super) remote_id: ConnectionId,
}

/// An authentic record.
#[derive(Debug)]
pub(super) struct Opened<'a> {
    pub(super) content_type: ContentType,
    pub(super) content: &'a [u8],
    /// Whether no authentic record had a higher number yet.
    pub(super) newest: bool,
}

/// Why a record is dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dropped {
    /// It was seen, is too old, or is not of the form agreed on: no reason for suspicion.
    Stale,
    /// It is not authentic.
    Forged,
}

impl Secured {
    pub(super) fn new(epoch: Epoch, is_client: bool) -> Secured {
        let Epoch {
            scheme,
            keys,
            local_id,
            remote_id,
        } = epoch;
        let (own, peer) = if is_client {
            (keys.client, keys.server)
        } else {
            (keys.server, keys.client)
        };
        Secured {
            own,
            peer,
            sequence: 0,
            window: ReplayWindow::default(),
            scheme,
            local_id,
            remote_id,
        }
    }

    /// The most bytes that sealing adds to a content.
    pub(super) fn overhead(&self) -> usize {
        let id = self.remote_id.as_bytes().len();
        let protection = match self.scheme.protection {
            Protection::Ccm8 => 8 + 8,
            Protection::Ccm | Protection::Gcm => 8 + 16,
            Protection::CbcSha256 => 16 + 32 + 16,
        };
        13 + id + usize::from(id > 0) + protection
    }

    /// Appends a sealed record.
    pub(super) fn seal(
        &mut self,
        content_type: ContentType,
        content: &[u8],
        out: &mut Vec<u8>,
    ) -> Result<(), Unprotected> {
        if self.sequence > LAST_SEQUENCE {
            return Err(Unprotected);
        }
        let header = Header {
            content_type: if self.remote_id.is_empty() {
                content_type
            } else {
                ContentType::ConnectionId
            },
            version: VERSION_1_2,
            epoch: 1,
            sequence: self.sequence,
            connection_id: self.remote_id,
        };
        // The number is spent whether or not sealing succeeds: a nonce is never used twice.
        self.sequence += 1;
        protect::seal(self.scheme, &self.own, &header, content_type, content, out)
    }

    /// Opens a record in place.
    pub(super) fn open<'a>(&mut self, header: &Header, content: &'a mut [u8]) -> Result<Opened<'a>, Dropped> {
        let with_id = header.content_type == ContentType::ConnectionId;
        let fits = header.epoch == 1
            && header.version == VERSION_1_2
            && with_id != self.local_id.is_empty()
            && header.connection_id == self.local_id;
        if !fits || !self.window.accepts(header.sequence) {
            return Err(Dropped::Stale);
        }
        let plain = protect::open(self.scheme, &self.peer, header, content).map_err(|_| Dropped::Forged)?;
        let newest = self.window.remember(header.sequence);
        let (content_type, content) = if with_id {
            inner(plain)?
        } else {
            (header.content_type, &*plain)
        };
        if content.len() > MAX_CONTENT {
            return Err(Dropped::Stale);
        }
        Ok(Opened {
            content_type,
            content,
            newest,
        })
    }
}

/// The content and type inside a record with a connection id, behind which zeros may pad it. RFC 9146 §4.
fn inner(plain: &[u8]) -> Result<(ContentType, &[u8]), Dropped> {
    let last = plain.iter().rposition(|byte| *byte != 0).ok_or(Dropped::Stale)?;
    match ContentType::from_byte(plain[last]) {
        Some(ContentType::ConnectionId) | None => Err(Dropped::Stale),
        Some(content_type) => Ok((content_type, &plain[..last])),
    }
}
