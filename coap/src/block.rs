//! The value of the Block1 and Block2 options: a 20-bit number, a flag and a size. RFC 7959 §2.2.

use std::fmt;

/// The size of a block as its exponent: `16 << value` bytes, 16 to 1024; on streams also [`BERT`](BlockSize::BERT).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BlockSize(u8);

impl BlockSize {
    /// 16 bytes.
    pub const MIN: BlockSize = BlockSize(0);
    /// 1024 bytes.
    pub const MAX: BlockSize = BlockSize(6);
    /// Several blocks of 1024 bytes in one message; numbers count blocks of 1024. On streams only, on datagrams the
    /// value is reserved. RFC 8323 §6.
    pub const BERT: BlockSize = BlockSize(7);

    /// The largest size that is not larger than `bytes`, at least 16.
    pub fn at_most(bytes: usize) -> BlockSize {
        let exponent = (0..=6).rev().find(|szx| 16usize << szx <= bytes);
        BlockSize(exponent.unwrap_or(0))
    }

    /// The SZX field.
    pub const fn exponent(self) -> u8 {
        self.0
    }

    /// The size in bytes of what a block's number counts.
    pub const fn bytes(self) -> usize {
        if self.0 < 7 { 16 << self.0 } else { 1024 }
    }

    /// Whether a message may carry several blocks.
    pub const fn is_bert(self) -> bool {
        self.0 == 7
    }

    /// The next smaller size, or `None` at 16 bytes.
    pub fn smaller(self) -> Option<BlockSize> {
        self.0.checked_sub(1).map(BlockSize)
    }
}

impl fmt::Debug for BlockSize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            BlockSize::BERT => write!(f, "BlockSize(BERT)"),
            size => write!(f, "BlockSize({})", size.bytes()),
        }
    }
}

/// One Block1 or Block2 value.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub struct Block {
    /// The number of the block, at most [`Block::MAX_NUMBER`].
    pub number: u32,
    /// Whether more blocks follow.
    pub more: bool,
    /// The size of the blocks that `number` counts.
    pub size: BlockSize,
}

impl Block {
    /// The largest block number, 20 bits.
    pub const MAX_NUMBER: u32 = (1 << 20) - 1;

    /// Where the block begins in the body, in bytes.
    pub fn offset(self) -> usize {
        self.number as usize * self.size.bytes()
    }

    /// The block that begins at `offset`; `None` if the number does not fit in 20 bits.
    pub fn at(offset: usize, more: bool, size: BlockSize) -> Option<Block> {
        let number = u32::try_from(offset / size.bytes())
            .ok()
            .filter(|number| *number <= Block::MAX_NUMBER)?;
        Some(Block { number, more, size })
    }

    /// Whether a payload of that length may stand with the block. RFC 7959 §2.2, RFC 8323 §6.
    pub fn fits(self, length: usize) -> bool {
        match (self.size.is_bert(), self.more) {
            (false, true) => length == self.size.bytes(),
            (false, false) => length <= self.size.bytes(),
            (true, true) => length > 0 && length.is_multiple_of(self.size.bytes()),
            (true, false) => true,
        }
    }

    /// Reads the option's value; `None` if it is longer than 3 bytes. That the size 7 is reserved on datagrams is for
    /// the receiver to see.
    pub fn decode(value: &[u8]) -> Option<Block> {
        if value.len() > 3 {
            return None;
        }
        let raw = value.iter().fold(0u32, |raw, byte| raw << 8 | u32::from(*byte));
        Some(Block {
            number: raw >> 4,
            more: raw & 8 != 0,
            size: BlockSize((raw & 7) as u8),
        })
    }

    /// The option's value as an unsigned integer, to be written with as few bytes as it needs (0 to 3).
    pub fn encode(self) -> u32 {
        (self.number.min(Block::MAX_NUMBER) << 4)
            | u32::from(self.more) << 3
            | u32::from(self.size.exponent())
    }
}

impl fmt::Display for Block {
    /// As RFC 7959 writes it: `number/more/size`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (number, more) = (self.number, u8::from(self.more));
        match self.size {
            BlockSize::BERT => write!(f, "{number}/{more}/BERT"),
            size => write!(f, "{number}/{more}/{}", size.bytes()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_of_each_length_is_read_and_written() {
        for (bytes, expect) in [
            (&[][..], "0/0/16"),
            (&[0x0e], "0/1/1024"),
            (&[0x38, 0x8d], "904/1/512"),
            (&[0x01, 0x38, 0x8d], "5000/1/512"),
            (&[0xff, 0xff, 0xf6], "1048575/0/1024"),
            (&[0x1f], "1/1/BERT"),
        ] {
            let block = Block::decode(bytes).unwrap();
            assert_eq!(block.to_string(), expect);
            let encoded = block.encode().to_be_bytes();
            let start = encoded.iter().position(|byte| *byte != 0).unwrap_or(4);
            assert_eq!(&encoded[start..], bytes);
        }
    }

    #[test]
    fn a_fourth_byte_is_refused() {
        assert_eq!(Block::decode(&[0, 0, 0, 0]), None);
    }

    #[test]
    fn the_payload_is_as_long_as_the_block_says() {
        for (value, length, fits) in [
            (0x08, 16, true),
            (0x08, 15, false),
            (0x00, 0, true),
            (0x00, 17, false),
            (0x0f, 1024, true),
            (0x0f, 3072, true),
            (0x0f, 0, false),
            (0x0f, 1500, false),
            (0x07, 70_001, true),
        ] {
            assert_eq!(
                Block::decode(&[value]).unwrap().fits(length),
                fits,
                "{value} {length}"
            );
        }
    }

    #[test]
    fn a_number_past_twenty_bits_does_not_exist() {
        assert!(Block::at((1 << 20) * 16, false, BlockSize::MIN).is_none());
        assert!(Block::at(((1 << 20) - 1) * 16, false, BlockSize::MIN).is_some());
    }
}
