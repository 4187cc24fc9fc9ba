//! Request bodies that come in blocks: Block1 in. RFC 7959 §2.5, §2.9.

use super::exchange::Reassembly;
use super::{Endpoint, Peer};
use crate::block::Block;
use crate::clock::Moment;
use crate::code::Code;
use crate::event::Refusal;
use crate::message::Message;
use crate::options::number;
use crate::response::Response;

/// How many unfinished bodies a peer may have.
const PER_PEER: usize = 4;

impl<P: Peer> Endpoint<P> {
    pub(super) fn handle_block1(
        &mut self,
        now: Moment,
        slot: u32,
        message: Message,
        identity: u64,
        block1: Block,
    ) {
        match self.add_block(now, slot, &message, identity, block1) {
            Ok(None) => {
                let own = self.parameters_of(slot).max_block_size;
                let size = block1.size.min(self.taken_size(slot, own));
                let mut response = Response::new(Code::CONTINUE);
                response
                    .options
                    .set_uint(number::BLOCK1, Block { size, ..block1 }.encode());
                self.reply(
                    now,
                    slot,
                    (message.kind, message.message_id, message.token),
                    &response,
                );
            }
            Ok(Some(body)) => {
                let message = Message {
                    payload: body,
                    ..message
                };
                self.deliver(now, slot, message, identity, Some(block1));
            }
            Err(refusal) => {
                self.drop_reassembly(slot, identity);
                self.refuse(now, slot, &message, refusal);
            }
        }
    }

    /// Adds a block to its body; the whole body if it was the last.
    fn add_block(
        &mut self,
        now: Moment,
        slot: u32,
        message: &Message,
        identity: u64,
        block1: Block,
    ) -> Result<Option<Vec<u8>>, Refusal> {
        let payload = &message.payload;
        if !block1.fits(payload.len()) {
            return Err(Refusal::BlockLength);
        }
        let limit = self.config.max_body_size;
        let announced = message.options.size1().map_or(0, |size| size as usize);
        if announced.max(block1.offset() + payload.len()) > limit {
            return Err(Refusal::BodyTooLarge(limit));
        }
        if block1.number == 0 {
            self.drop_reassembly(slot, identity);
            if !block1.more {
                return Ok(Some(payload.clone()));
            }
        }
        if self.reassembling + payload.len() > self.config.max_reassembly_bytes {
            return Err(Refusal::Overload);
        }
        let (lifetime, _) = self.lifetimes_of(slot);
        let expires = now.after(lifetime);
        if block1.number == 0 {
            self.drop_oldest_reassembly(slot);
            self.active(slot).reassemblies.push(Reassembly {
                identity,
                body: Vec::new(),
                expires,
            });
        }
        let reassemblies = &mut self.active(slot).reassemblies;
        let at = reassemblies
            .iter()
            .position(|it| it.identity == identity)
            .ok_or(Refusal::BlockOutOfOrder)?;
        let reassembly = &mut reassemblies[at];
        reassembly.expires = expires;
        let held = reassembly.body.len();
        if block1.more && held > 0 && block1.offset() + payload.len() == held {
            // The same block again: our answer to it got lost.
            return Ok(None);
        }
        if block1.offset() != held {
            return Err(Refusal::BlockOutOfOrder);
        }
        reassembly.body.extend_from_slice(payload);
        if block1.more {
            self.reassembling += payload.len();
            return Ok(None);
        }
        self.reassembling -= held;
        Ok(Some(self.active(slot).reassemblies.swap_remove(at).body))
    }

    fn drop_reassembly(&mut self, slot: u32, identity: u64) {
        let Some(active) = &mut self.peers[slot].active else {
            return;
        };
        if let Some(at) = active.reassemblies.iter().position(|it| it.identity == identity) {
            self.reassembling -= active.reassemblies.swap_remove(at).body.len();
        }
    }

    fn drop_oldest_reassembly(&mut self, slot: u32) {
        let Some(active) = &mut self.peers[slot].active else {
            return;
        };
        if active.reassemblies.len() >= PER_PEER
            && let Some(oldest) = active.reassemblies.iter().min_by_key(|it| it.expires)
        {
            let identity = oldest.identity;
            self.drop_reassembly(slot, identity);
        }
    }
}
