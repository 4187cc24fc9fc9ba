//! How much of a body one message carries. RFC 7959 §2.2, RFC 8323 §5.3, §6.

use super::super::{Endpoint, Peer};
use crate::block::BlockSize;
use crate::options::Options;
use crate::stream::frame;

/// How bodies are cut towards a peer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Cut {
    /// The size of blocks to it.
    pub(crate) size: BlockSize,
    /// The largest body that goes in one message, without blocks.
    pub(crate) whole: usize,
    /// The room for the payload of one message.
    room: usize,
}

impl Cut {
    /// On datagrams a body of one block needs none.
    pub(crate) fn datagram(size: BlockSize) -> Cut {
        Cut {
            size,
            whole: size.bytes(),
            room: size.bytes(),
        }
    }

    /// On a stream the largest message decides, unless the peer's own parameters ask for smaller blocks.
    fn stream(own: BlockSize, room: usize, bert: bool) -> Cut {
        if own < BlockSize::MAX {
            return Cut::datagram(own);
        }
        let size = if bert && room >= BlockSize::BERT.bytes() {
            BlockSize::BERT
        } else {
            BlockSize::at_most(room)
        };
        Cut {
            size,
            whole: room,
            room,
        }
    }

    /// How many bytes a block of a size carries.
    pub(crate) fn length(self, size: BlockSize) -> usize {
        let unit = size.bytes();
        if size.is_bert() {
            unit.max(self.room / unit * unit)
        } else {
            unit
        }
    }
}

impl<P: Peer> Endpoint<P> {
    /// How a body with these options is cut; `own` is the largest block by the peer's parameters.
    pub(in crate::endpoint) fn cut(&self, slot: u32, own: BlockSize, options: &Options) -> Cut {
        let Some(stream) = self.peers[slot].stream.as_deref() else {
            return Cut::datagram(own);
        };
        let peer = stream.peer.unwrap_or_default();
        let largest = peer.max_message_size.min(self.config.stream.max_message_size);
        Cut::stream(own, largest.saturating_sub(frame::overhead(options)), peer.bert())
    }

    /// The largest block that is taken from a peer.
    pub(in crate::endpoint) fn taken_size(&self, slot: u32, own: BlockSize) -> BlockSize {
        let bert = own == BlockSize::MAX && self.is_stream(slot) && self.own_capabilities().bert();
        if bert { BlockSize::BERT } else { own }
    }
}
