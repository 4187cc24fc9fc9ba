//! Response bodies that go out in blocks: Block2 out. RFC 7959 §2.4, §2.6.

use std::hash::Hasher;

use super::exchange::{Active, Served};
use super::stream::Cut;
use super::{Endpoint, Peer};
use crate::block::{Block, BlockSize};
use crate::clock::Moment;
use crate::code::Code;
use crate::message::Message;
use crate::options::number;
use crate::response::Response;

/// How many bodies are held for a peer.
const PER_PEER: usize = 4;

impl<P: Peer> Endpoint<P> {
    /// What makes two requests parts of one transfer: the method and all options but those of the blocks themselves.
    pub(super) fn identity(&self, message: &Message) -> u64 {
        let mut hasher = self.keyed.hasher();
        hasher.write_u8(message.code.0);
        let varies = |number| {
            matches!(
                number,
                number::BLOCK1 | number::BLOCK2 | number::OBSERVE | number::ETAG
            ) || number::is_no_cache_key(number)
        };
        for records in message.options.runs_without(varies) {
            hasher.write(records);
        }
        hasher.finish()
    }

    /// The message to send for a response: the response itself, or one block of it if it is large or was asked for in
    /// blocks. A body with more blocks is held to be served.
    pub(super) fn cut_response(
        &mut self,
        slot: u32,
        now: Moment,
        identity: u64,
        asked: Option<Block>,
        mut response: Response,
    ) -> Response {
        response.options.remove(number::BLOCK2);
        response.options.remove(number::BLOCK1);
        let own = self.parameters_of(slot).max_block_size;
        let cut = self.cut(slot, own, &response.options);
        let size = asked.map_or(cut.size, |block| block.size.min(self.taken_size(slot, own)));
        let offset = asked.map_or(0, Block::offset);
        let whole = asked.map_or(cut.whole, |_| cut.length(size));
        if offset == 0 && response.payload.len() <= whole {
            if asked.is_some() {
                response.options.set_uint(
                    number::BLOCK2,
                    Block {
                        number: 0,
                        more: false,
                        size,
                    }
                    .encode(),
                );
            }
            return response;
        }
        if response.options.etag().is_none() {
            let etag = self.keyed.fingerprint(&response.payload).to_be_bytes();
            response.options.set_etag(&etag);
        }
        match block_of(&response, offset, size, cut) {
            Some(message) => {
                self.hold(slot, now, identity, response);
                message
            }
            None => Response::diagnostic(Code::BAD_REQUEST, "there is no such block"),
        }
    }

    /// Answers a request for a further block from the body that is held. Whether there was one.
    pub(super) fn serve_block(
        &mut self,
        now: Moment,
        slot: u32,
        message: &Message,
        identity: u64,
        asked: Block,
    ) -> bool {
        let own = self.parameters_of(slot).max_block_size;
        let limit = self.taken_size(slot, own);
        let lifetime = self.config.served_lifetime;
        let position = |active: &Active| active.served.iter().position(|it| it.identity == identity);
        let Some(at) = self.peers[slot].active.as_deref().and_then(position) else {
            return false;
        };
        let options = self.active(slot).served[at].response.options.clone();
        let cut = self.cut(slot, own, &options);
        let served = &mut self.active(slot).served[at];
        served.expires = now.after(lifetime);
        let response = block_of(&served.response, asked.offset(), asked.size.min(limit), cut)
            .unwrap_or_else(|| Response::diagnostic(Code::BAD_REQUEST, "there is no such block"));
        self.statistics.blocks_served += 1;
        self.reply_unremembered(
            now,
            slot,
            (message.kind, message.message_id, message.token),
            &response,
        );
        true
    }

    fn hold(&mut self, slot: u32, now: Moment, identity: u64, response: Response) {
        let expires = now.after(self.config.served_lifetime);
        let length = response.payload.len();
        self.drop_served(slot, identity);
        if self.serving + length > self.config.max_served_bytes {
            // Further blocks are asked of the application then.
            return;
        }
        let served = &mut self.active(slot).served;
        if served.len() >= PER_PEER
            && let Some(oldest) = served.iter().min_by_key(|it| it.expires)
        {
            let identity = oldest.identity;
            self.drop_served(slot, identity);
        }
        self.serving += length;
        self.active(slot).served.push(Served {
            identity,
            response,
            expires,
        });
    }

    fn drop_served(&mut self, slot: u32, identity: u64) {
        let Some(active) = &mut self.peers[slot].active else {
            return;
        };
        if let Some(at) = active.served.iter().position(|it| it.identity == identity) {
            self.serving -= active.served.swap_remove(at).response.payload.len();
        }
    }
}

/// The message with the block of a response that begins at `offset`; `None` if there is none.
fn block_of(response: &Response, offset: usize, size: BlockSize, cut: Cut) -> Option<Response> {
    let body = &response.payload;
    let rest = body.get(offset..).filter(|rest| !rest.is_empty())?;
    let payload = &rest[..rest.len().min(cut.length(size))];
    let block = Block::at(offset, payload.len() < rest.len(), size)?;
    let mut options = response.options.clone();
    options.set_uint(number::BLOCK2, block.encode());
    if offset == 0 {
        options.set_uint(number::SIZE2, u32::try_from(body.len()).unwrap_or(u32::MAX));
    } else {
        options.remove(number::OBSERVE);
    }
    Some(Response {
        code: response.code,
        options,
        payload: payload.to_vec(),
    })
}
