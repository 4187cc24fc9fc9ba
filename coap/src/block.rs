//! The value of the Block1 and Block2 options: a 20-bit number, a flag and a size. RFC 7959 §2.2.

use std::fmt;

/// The size of a block as its exponent: `16 << value` bytes, 16 to 1024.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BlockSize(u8);

impl BlockSize {
    /// 16 bytes.
    pub const MIN: BlockSize = BlockSize(0);
    /// 1024 bytes.
    pub const MAX: BlockSize = BlockSize(6);

    /// From the SZX field, 0 to 6; 7 is reserved on datagrams.
    pub const fn from_exponent(szx: u8) -> Option<BlockSize> {
        if szx <= 6 { Some(BlockSize(szx)) } else { None }
    }

    /// The largest size that is not larger than `bytes`, at least 16.
    pub fn at_most(bytes: usize) -> BlockSize {
        let exponent = (0..=6).rev().find(|szx| 16usize << szx <= bytes);
        BlockSize(exponent.unwrap_or(0))
    }

    /// The SZX field.
    pub const fn exponent(self) -> u8 {
        self.0
    }

    /// The size in bytes.
    pub const fn bytes(self) -> usize {
        16 << self.0
    }

    /// The next smaller size, or `None` at 16 bytes.
    pub fn smaller(self) -> Option<BlockSize> {
        self.0.checked_sub(1).map(BlockSize)
    }
}

impl fmt::Debug for BlockSize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BlockSize({})", self.bytes())
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

    /// Reads the option's value; `None` if it is longer than 3 bytes or its size is the reserved 7.
    pub fn decode(value: &[u8]) -> Option<Block> {
        if value.len() > 3 {
            return None;
        }
        let raw = value.iter().fold(0u32, |raw, byte| raw << 8 | u32::from(*byte));
        let size = BlockSize::from_exponent((raw & 7) as u8)?;
        Some(Block {
            number: raw >> 4,
            more: raw & 8 != 0,
            size,
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
        write!(f, "{}/{}/{}", self.number, u8::from(self.more), self.size.bytes())
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
        ] {
            let block = Block::decode(bytes).unwrap();
            assert_eq!(block.to_string(), expect);
            let encoded = block.encode().to_be_bytes();
            let start = encoded.iter().position(|byte| *byte != 0).unwrap_or(4);
            assert_eq!(&encoded[start..], bytes);
        }
    }

    #[test]
    fn the_reserved_size_and_a_fourth_byte_are_refused() {
        assert_eq!(Block::decode(&[0x07]), None);
        assert_eq!(Block::decode(&[0, 0, 0, 0]), None);
    }

    #[test]
    fn a_number_past_twenty_bits_does_not_exist() {
        assert!(Block::at((1 << 20) * 16, false, BlockSize::MIN).is_none());
        assert!(Block::at(((1 << 20) - 1) * 16, false, BlockSize::MIN).is_some());
    }
}
