//! AES-128 in counter mode with CBC-MAC (NIST SP 800-38C, RFC 3610), with the parameters of the suites: a nonce of 12 bytes
//! (RFC 6655 §3), so a length of 3, and a tag of 8 or 16.
//!
//! The mode is ours and the block cipher is RustCrypto's, because the crate `ccm` enters the cipher anew for every block,
//! which with AVX-512 costs more than the block. Here a record is one entry. Blocks for the counter and for the MAC do not
//! depend on each other, so that the processor works on both at once. Tests compare with `ccm`.

use super::protect::Unprotected;
use aes::Aes128Enc;
use aes::cipher::consts::U16;
use aes::cipher::{BlockCipherEncBackend, BlockCipherEncClosure, BlockCipherEncrypt, BlockSizeUser, KeyInit};
use subtle::ConstantTimeEq;

const BLOCK: usize = 16;
/// Bytes of the nonce, and of the field behind it: the length of the content, or the number of a block.
const NONCE: usize = 12;
const LENGTH: usize = BLOCK - 1 - NONCE;

/// Additional data, of which so many bytes count.
type Data = ([u8; 48], usize);

/// Encrypts the content in place and gives the tag.
pub(super) fn seal<const TAG: usize>(
    key: &[u8; BLOCK],
    nonce: &[u8; NONCE],
    data: &Data,
    content: &mut [u8],
) -> [u8; TAG] {
    let mut tag = [0; BLOCK];
    let pass = Pass {
        sealing: true,
        tag_length: TAG,
        nonce,
        data,
        content,
        tag: &mut tag,
    };
    Aes128Enc::new(key.into()).encrypt_with_backend(pass);
    std::array::from_fn(|at| tag[at])
}

/// Decrypts the content in place. If the tag is another, nothing of the content is left.
pub(super) fn open<const TAG: usize>(
    key: &[u8; BLOCK],
    nonce: &[u8; NONCE],
    data: &Data,
    content: &mut [u8],
    tag: &[u8; TAG],
) -> Result<(), Unprotected> {
    let mut expected = [0; BLOCK];
    let pass = Pass {
        sealing: false,
        tag_length: TAG,
        nonce,
        data,
        content,
        tag: &mut expected,
    };
    Aes128Enc::new(key.into()).encrypt_with_backend(pass);
    if expected[..TAG].ct_eq(tag).into() {
        Ok(())
    } else {
        content.fill(0);
        Err(Unprotected)
    }
}

/// One record through the cipher: all that happens between entering it and leaving it.
struct Pass<'a> {
    sealing: bool,
    tag_length: usize,
    nonce: &'a [u8; NONCE],
    data: &'a Data,
    content: &'a mut [u8],
    /// Written: the whole tag, of which the first `tag_length` bytes are sent.
    tag: &'a mut [u8; BLOCK],
}

impl BlockSizeUser for Pass<'_> {
    type BlockSize = U16;
}

impl BlockCipherEncClosure for Pass<'_> {
    #[inline(always)]
    fn call<B: BlockCipherEncBackend<BlockSize = U16>>(self, cipher: &B) {
        let encrypt = |block: [u8; BLOCK]| -> [u8; BLOCK] {
            let mut block: aes::Block = block.into();
            cipher.encrypt_block((&mut block).into());
            block.into()
        };
        let (data, used) = self.data;
        // The first block: flags, nonce, length of the content. SP 800-38C §A.2.1.
        let flags = (u8::from(*used > 0) << 6) | ((self.tag_length as u8 - 2) / 2) << 3 | (LENGTH as u8 - 1);
        let mut mac = encrypt(block(flags, self.nonce, self.content.len()));
        // The additional data behind their length, filled up with zeros. §A.2.2.
        if *used > 0 {
            let mut padded = [0; 4 * BLOCK];
            padded[..2].copy_from_slice(&(*used as u16).to_be_bytes());
            padded[2..2 + used].copy_from_slice(&data[..*used]);
            let (blocks, _) = padded[..(2 + used).next_multiple_of(BLOCK)].as_chunks();
            for block in blocks {
                mac = encrypt(xor(mac, *block));
            }
        }
        // The key stream: its block 0 hides the tag, the others the content. §A.3.
        let key_stream = |number: usize| encrypt(block(LENGTH as u8 - 1, self.nonce, number));
        let hides_tag = key_stream(0);
        let (blocks, rest) = self.content.as_chunks_mut();
        let mut number = 0;
        for block in blocks {
            number += 1;
            let other = xor(*block, key_stream(number));
            mac = encrypt(xor(mac, if self.sealing { *block } else { other }));
            *block = other;
        }
        if !rest.is_empty() {
            let mut plain = [0; BLOCK];
            let stream = key_stream(number + 1);
            for ((byte, stream), plain) in rest.iter_mut().zip(stream).zip(&mut plain) {
                let other = *byte ^ stream;
                *plain = if self.sealing { *byte } else { other };
                *byte = other;
            }
            mac = encrypt(xor(mac, plain));
        }
        *self.tag = xor(mac, hides_tag);
    }
}

/// Flags, nonce and a number of three bytes. A record has at most 2^16 bytes.
#[inline(always)]
fn block(flags: u8, nonce: &[u8; NONCE], number: usize) -> [u8; BLOCK] {
    let mut block = [0; BLOCK];
    block[0] = flags;
    block[1..=NONCE].copy_from_slice(nonce);
    block[1 + NONCE..].copy_from_slice(&(number as u32).to_be_bytes()[1..]);
    block
}

#[inline(always)]
fn xor(one: [u8; BLOCK], other: [u8; BLOCK]) -> [u8; BLOCK] {
    (u128::from_ne_bytes(one) ^ u128::from_ne_bytes(other)).to_ne_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;
    use ::ccm::aead::{AeadInOut, array::ArraySize};
    use ::ccm::consts::{U8, U12};
    use ::ccm::{Ccm, TagSize};
    use aes::Aes128;
    use proptest::prelude::*;

    fn data(bytes: &[u8]) -> Data {
        let mut data = [0; 48];
        data[..bytes.len()].copy_from_slice(bytes);
        (data, bytes.len())
    }

    /// NIST SP 800-38C, Appendix C.3: a nonce of 12 bytes and a tag of 8, as in the suites.
    #[test]
    fn the_published_vector() {
        let key: [u8; 16] = std::array::from_fn(|i| 0x40 + i as u8);
        let nonce: [u8; 12] = std::array::from_fn(|i| 0x10 + i as u8);
        let data = data(&std::array::from_fn::<u8, 20, _>(|i| i as u8));
        let plain: [u8; 24] = std::array::from_fn(|i| 0x20 + i as u8);
        let mut text = plain;
        let tag = seal::<8>(&key, &nonce, &data, &mut text);
        let expected = [
            0xe3, 0xb2, 0x01, 0xa9, 0xf5, 0xb7, 0x1a, 0x7a, 0x9b, 0x1c, 0xea, 0xec, 0xcd, 0x97, 0xe7, 0x0b,
            0x61, 0x76, 0xaa, 0xd9, 0xa4, 0x42, 0x8a, 0xa5,
        ];
        assert_eq!(text, expected);
        assert_eq!(tag, [0x48, 0x43, 0x92, 0xfb, 0xc1, 0xb0, 0x99, 0x51]);
        open(&key, &nonce, &data, &mut text, &tag).unwrap();
        assert_eq!(text, plain);
    }

    fn agrees<M: ArraySize + TagSize, const TAG: usize>(
        (key, nonce): ([u8; 16], [u8; 12]),
        aad: &[u8],
        plain: &[u8],
    ) {
        let mut theirs = plain.to_vec();
        let their_tag = Ccm::<Aes128, M, U12>::new(&key.into())
            .encrypt_inout_detached(&nonce.into(), aad, (&mut theirs[..]).into())
            .unwrap();
        let mut ours = plain.to_vec();
        let tag = seal::<TAG>(&key, &nonce, &data(aad), &mut ours);
        assert_eq!((&ours, &tag[..]), (&theirs, &their_tag[..]));
        assert_eq!(open(&key, &nonce, &data(aad), &mut ours, &tag), Ok(()));
        assert_eq!(ours, plain);
        let mut wrong = tag;
        wrong[TAG - 1] ^= 1;
        assert_eq!(
            open(&key, &nonce, &data(aad), &mut theirs, &wrong),
            Err(Unprotected)
        );
        assert!(theirs.iter().all(|byte| *byte == 0));
    }

    proptest! {
        #[test]
        fn another_implementation_agrees(
            keys in any::<([u8; 16], [u8; 12])>(),
            aad in proptest::collection::vec(any::<u8>(), 0..=48),
            plain in proptest::collection::vec(any::<u8>(), 0..600),
        ) {
            agrees::<U8, 8>(keys, &aad, &plain);
            agrees::<U16, 16>(keys, &aad, &plain);
        }
    }

    #[test]
    fn the_longest_record_agrees() {
        let plain = vec![0x5a; (1 << 14) + 1];
        agrees::<U8, 8>(([1; 16], [2; 12]), &[3; 13], &plain);
    }
}
