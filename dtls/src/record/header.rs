//! Record headers, with and without a connection id.

/// The version field of DTLS 1.0, which a ClientHello's record may carry. RFC 6347 §4.2.1.
pub(crate) const VERSION_1_0: u16 = 0xfeff;
/// The version field of DTLS 1.2.
pub(crate) const VERSION_1_2: u16 = 0xfefd;

/// The longest connection id kept. RFC 9146 allows 255; more than 20 serve nobody and cost memory in every session.
pub(crate) const MAX_CONNECTION_ID: usize = 20;

/// What a record carries. RFC 5246 §6.2.1, RFC 9146 §3.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum ContentType {
    ChangeCipherSpec = 20,
    Alert = 21,
    Handshake = 22,
    ApplicationData = 23,
    /// The real type stands inside the protected content.
    ConnectionId = 25,
}

impl ContentType {
    pub(crate) const fn from_byte(byte: u8) -> Option<ContentType> {
        match byte {
            20 => Some(ContentType::ChangeCipherSpec),
            21 => Some(ContentType::Alert),
            22 => Some(ContentType::Handshake),
            23 => Some(ContentType::ApplicationData),
            25 => Some(ContentType::ConnectionId),
            _ => None,
        }
    }
}

/// A connection id: up to 20 bytes, possibly none. RFC 9146.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub struct ConnectionId {
    length: u8,
    bytes: [u8; MAX_CONNECTION_ID],
}

impl ConnectionId {
    /// The id of these bytes; `None` if they are more than 20.
    pub fn new(bytes: &[u8]) -> Option<ConnectionId> {
        let mut id = ConnectionId {
            length: u8::try_from(bytes.len()).ok()?,
            bytes: [0; MAX_CONNECTION_ID],
        };
        id.bytes.get_mut(..bytes.len())?.copy_from_slice(bytes);
        Some(id)
    }

    /// The bytes of the id.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes[..usize::from(self.length)]
    }

    /// Whether the peer asked for no connection id in the records it receives.
    pub const fn is_empty(&self) -> bool {
        self.length == 0
    }
}

impl std::hash::Hash for ConnectionId {
    /// Of the bytes that there are, for every record with an id is found by it.
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.as_bytes().hash(state);
    }
}

impl std::fmt::Debug for ConnectionId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.as_bytes()
            .iter()
            .try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// The plain part of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Header {
    pub(crate) content_type: ContentType,
    pub(crate) version: u16,
    pub(crate) epoch: u16,
    /// 48 bits.
    pub(crate) sequence: u64,
    /// Only with [`ContentType::ConnectionId`].
    pub(crate) connection_id: ConnectionId,
}

impl Header {
    /// The epoch and sequence number as they stand in the header and enter nonces and additional data.
    pub(crate) fn epoch_and_sequence(&self) -> [u8; 8] {
        (u64::from(self.epoch) << 48 | self.sequence & 0xffff_ffff_ffff).to_be_bytes()
    }

    /// How many bytes the header takes.
    pub(crate) fn encoded_len(&self) -> usize {
        13 + self.connection_id.as_bytes().len()
    }

    /// Appends the header of a record with `length` bytes of content.
    pub(crate) fn encode(&self, length: usize, out: &mut Vec<u8>) {
        out.push(self.content_type as u8);
        out.extend_from_slice(&self.version.to_be_bytes());
        out.extend_from_slice(&self.epoch_and_sequence());
        out.extend_from_slice(self.connection_id.as_bytes());
        out.extend_from_slice(&(length as u16).to_be_bytes());
    }
}

/// Why bytes are no record. Such a datagram is dropped silently (RFC 6347 §4.1.2.7).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum RecordError {
    #[error("the datagram ends within a record")]
    Truncated,
    #[error("{0} is no content type")]
    ContentType(u8),
    #[error("version {0:04x} is not DTLS")]
    Version(u16),
}

/// Splits the first record off `datagram`: its header, its content, and what follows. `cid_length` is the length of the
/// connection ids that we gave out, for a record with one does not tell it.
pub(crate) fn next_record(
    datagram: &mut [u8],
    cid_length: usize,
) -> Result<(Header, &mut [u8], &mut [u8]), RecordError> {
    let byte = *datagram.first().ok_or(RecordError::Truncated)?;
    let content_type = ContentType::from_byte(byte).ok_or(RecordError::ContentType(byte))?;
    let cid_length = if content_type == ContentType::ConnectionId {
        cid_length
    } else {
        0
    };
    let start = 13 + cid_length;
    let head = datagram.get(..start).ok_or(RecordError::Truncated)?;
    let version = u16::from_be_bytes([head[1], head[2]]);
    if version >> 8 != 0xfe {
        return Err(RecordError::Version(version));
    }
    let epoch = u16::from_be_bytes([head[3], head[4]]);
    let sequence = head[5..11]
        .iter()
        .fold(0, |number, byte| number << 8 | u64::from(*byte));
    let connection_id = ConnectionId::new(&head[11..11 + cid_length]).ok_or(RecordError::Truncated)?;
    let length = usize::from(u16::from_be_bytes([head[start - 2], head[start - 1]]));
    if datagram.len() < start + length {
        return Err(RecordError::Truncated);
    }
    let (content, rest) = datagram[start..].split_at_mut(length);
    Ok((
        Header {
            content_type,
            version,
            epoch,
            sequence,
            connection_id,
        },
        content,
        rest,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_header_reads_back() {
        for id in [&b""[..], b"abcdef"] {
            let header = Header {
                content_type: if id.is_empty() {
                    ContentType::Handshake
                } else {
                    ContentType::ConnectionId
                },
                version: VERSION_1_2,
                epoch: 1,
                sequence: 0x0102_0304_0506,
                connection_id: ConnectionId::new(id).unwrap(),
            };
            let mut datagram = Vec::new();
            header.encode(3, &mut datagram);
            assert_eq!(datagram.len(), header.encoded_len());
            datagram.extend_from_slice(b"xyz!");
            let (read, content, rest) = next_record(&mut datagram, id.len()).unwrap();
            assert_eq!((read, &*content, &*rest), (header, &b"xyz"[..], &b"!"[..]));
        }
    }

    #[test]
    fn what_is_no_record_is_refused() {
        let record = |bytes: &[u8]| next_record(&mut bytes.to_vec(), 0).map(|_| ()).unwrap_err();
        assert_eq!(record(b""), RecordError::Truncated);
        assert_eq!(record(&[22, 0xfe, 0xfd]), RecordError::Truncated);
        assert_eq!(record(&[0x44; 20]), RecordError::ContentType(0x44));
        assert_eq!(
            record(&[22, 3, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]),
            RecordError::Version(0x0303)
        );
        assert_eq!(
            record(&[22, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9, 1]),
            RecordError::Truncated
        );
    }

    proptest! {
        #[test]
        fn no_bytes_panic(mut bytes in proptest::collection::vec(any::<u8>(), 0..64), length in 0usize..=20) {
            let _ = next_record(&mut bytes, length);
        }
    }
}
