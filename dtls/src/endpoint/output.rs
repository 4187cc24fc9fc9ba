//! From flights to datagrams: records are numbered, messages cut to what fits, and several records share a datagram.

use super::secured::Secured;
use crate::alert::AlertDescription;
use crate::handshake::{HEADER, Message, Part};
use crate::record::{ConnectionId, ContentType, Header, VERSION_1_2};

/// Bytes of a plain record's header.
const RECORD_HEADER: usize = 13;

/// A fragment is not made for fewer bytes of a message than these, unless they are its last or no datagram is larger.
const LEAST: usize = 16;

/// Records of epoch 0 and, once there are keys, epoch 1, packed into datagrams.
#[derive(Debug)]
pub(super) struct Packer<'a> {
    /// The number of the next record of epoch 0.
    pub(super) sequence: &'a mut u64,
    pub(super) secured: Option<&'a mut Secured>,
    pub(super) max_datagram: usize,
    datagrams: Vec<Vec<u8>>,
}

fn plain_record(
    sequence: &mut u64,
    content_type: ContentType,
    version: u16,
    content: &[u8],
    out: &mut Vec<u8>,
) {
    let header = Header {
        content_type,
        version,
        epoch: 0,
        sequence: *sequence,
        connection_id: ConnectionId::default(),
    };
    *sequence += 1;
    header.encode(content.len(), out);
    out.extend_from_slice(content);
}

impl<'a> Packer<'a> {
    pub(super) fn new(
        sequence: &'a mut u64,
        secured: Option<&'a mut Secured>,
        max_datagram: usize,
    ) -> Packer<'a> {
        Packer {
            sequence,
            secured,
            max_datagram,
            datagrams: Vec::new(),
        }
    }

    /// The datagrams with all that was put in.
    pub(super) fn finish(mut self) -> Vec<Vec<u8>> {
        self.datagrams.retain(|datagram| !datagram.is_empty());
        self.datagrams
    }

    pub(super) fn flight(mut self, parts: &[Part]) -> Vec<Vec<u8>> {
        let length = |part: &Part| match part {
            Part::ChangeCipherSpec => RECORD_HEADER + 1,
            Part::Message { message, protected } => self.overhead(*protected) + HEADER + message.body.len(),
        };
        let whole: usize = parts.iter().map(length).sum();
        self.datagrams = vec![Vec::with_capacity(whole.min(self.max_datagram))];
        for part in parts {
            match part {
                Part::ChangeCipherSpec => self.record(ContentType::ChangeCipherSpec, false, &[1]),
                Part::Message { message, protected } => self.message(message, *protected),
            }
        }
        self.finish()
    }

    pub(super) fn alert(mut self, alert: AlertDescription, fatal: bool, protected: bool) -> Vec<Vec<u8>> {
        self.record(ContentType::Alert, protected, &[1 + u8::from(fatal), alert as u8]);
        self.finish()
    }

    fn overhead(&self, protected: bool) -> usize {
        match &self.secured {
            Some(secured) if protected => secured.overhead(),
            _ => RECORD_HEADER,
        }
    }

    /// How many bytes of content another record in the current datagram can have.
    fn space(&self, protected: bool) -> usize {
        let used = self.datagrams.last().map_or(0, Vec::len);
        self.max_datagram.saturating_sub(used + self.overhead(protected))
    }

    fn message(&mut self, message: &Message, protected: bool) {
        let mut offset = 0;
        loop {
            let left = message.body.len() - offset;
            if self.space(protected) < HEADER + left.min(LEAST) {
                self.datagrams.push(Vec::new());
            }
            let room = self.space(protected).saturating_sub(HEADER).max(1);
            let size = left.min(room);
            let mut content = Vec::with_capacity(HEADER + size);
            message.write_fragment(offset, size, &mut content);
            self.record(ContentType::Handshake, protected, &content);
            offset += size;
            if offset == message.body.len() {
                return;
            }
        }
    }

    fn record(&mut self, content_type: ContentType, protected: bool, content: &[u8]) {
        if self.datagrams.is_empty() || self.space(protected) < content.len() {
            self.datagrams.push(Vec::new());
        }
        let Some(out) = self.datagrams.last_mut() else {
            return;
        };
        match &mut self.secured {
            Some(secured) if protected => {
                let before = out.len();
                if secured.seal(content_type, content, out).is_err() {
                    // As if it were lost: it is sent again.
                    out.truncate(before);
                }
            }
            _ if protected => {}
            _ => plain_record(self.sequence, content_type, VERSION_1_2, content, out),
        }
    }
}

/// The answer to a ClientHello without a cookie, numbered as the ClientHello was (RFC 6347 §4.2.1), and in a record of its
/// version: tinydtls takes no other than 1.2, and clients that also speak 1.0 begin with that.
pub(super) fn hello_verify_request(hello: &Header, message: &Message) -> Vec<u8> {
    let mut sequence = hello.sequence;
    let (mut content, mut out) = (Vec::with_capacity(HEADER + 32), Vec::with_capacity(64));
    message.write_fragment(0, message.body.len(), &mut content);
    plain_record(
        &mut sequence,
        ContentType::Handshake,
        hello.version,
        &content,
        &mut out,
    );
    out
}
