//! AES-128-CBC with HMAC-SHA-256, both orders: MAC-then-encrypt (RFC 5246 §6.2.3.2) in constant time, and
//! encrypt-then-MAC (RFC 7366).

use super::keys::DirectionKeys;
use super::protect::Unprotected;
use aes::Aes128;
use aws_lc_rs::hmac;
use cbc::cipher::block_padding::NoPadding;
use cbc::cipher::{BlockModeDecrypt, BlockModeEncrypt, KeyIvInit};
use subtle::{Choice, ConditionallySelectable, ConstantTimeEq, ConstantTimeGreater};

const BLOCK: usize = 16;
const MAC: usize = 32;

/// The additional data for a content of the given length.
type Data = ([u8; 48], usize);

fn mac_key(keys: &DirectionKeys) -> Result<hmac::Key, Unprotected> {
    keys.mac
        .as_ref()
        .map(|key| hmac::Key::new(hmac::HMAC_SHA256, key.as_slice()))
        .ok_or(Unprotected)
}

fn mac(key: &hmac::Key, pieces: &[&[u8]]) -> Result<[u8; MAC], Unprotected> {
    let mut context = hmac::Context::with_key(key);
    pieces.iter().for_each(|piece| context.update(piece));
    context.sign().as_ref().try_into().map_err(|_| Unprotected)
}

fn encrypt(keys: &DirectionKeys, iv: [u8; BLOCK], plain: &mut [u8]) -> Result<(), Unprotected> {
    let length = plain.len();
    let cipher = cbc::Encryptor::<Aes128>::new(&keys.cipher.into(), &iv.into());
    cipher
        .encrypt_padded::<NoPadding>(plain, length)
        .map(|_| ())
        .map_err(|_| Unprotected)
}

fn decrypt(keys: &DirectionKeys, iv: &[u8], sealed: &mut [u8]) -> Result<(), Unprotected> {
    let iv = <[u8; BLOCK]>::try_from(iv).map_err(|_| Unprotected)?;
    let cipher = cbc::Decryptor::<Aes128>::new(&keys.cipher.into(), &iv.into());
    cipher
        .decrypt_padded::<NoPadding>(sealed)
        .map(|_| ())
        .map_err(|_| Unprotected)
}

/// The content of a sealed record: initialisation vector, ciphertext and, with encrypt-then-MAC, the MAC behind it.
pub(crate) fn seal(
    keys: &DirectionKeys,
    encrypt_then_mac: bool,
    iv: [u8; BLOCK],
    content: &[u8],
    data: impl Fn(usize) -> Data,
) -> Result<Vec<u8>, Unprotected> {
    let key = mac_key(keys)?;
    let mut out = Vec::with_capacity(BLOCK + content.len() + MAC + BLOCK + MAC);
    out.extend_from_slice(&iv);
    out.extend_from_slice(content);
    if !encrypt_then_mac {
        let (data, used) = data(content.len());
        out.extend_from_slice(&mac(&key, &[&data[..used], content])?);
    }
    let padding = BLOCK - 1 - (out.len() % BLOCK);
    out.resize(out.len() + padding + 1, padding as u8);
    encrypt(keys, iv, &mut out[BLOCK..])?;
    if encrypt_then_mac {
        let (data, used) = data(out.len());
        let tag = mac(&key, &[&data[..used], &out])?;
        out.extend_from_slice(&tag);
    }
    Ok(out)
}

/// Opens the content of a record in place.
pub(crate) fn open<'a>(
    keys: &DirectionKeys,
    encrypt_then_mac: bool,
    content: &'a mut [u8],
    data: impl Fn(usize) -> Data,
) -> Result<&'a mut [u8], Unprotected> {
    if encrypt_then_mac {
        open_outer_mac(keys, content, data)
    } else {
        open_inner_mac(keys, content, data)
    }
}

fn open_outer_mac<'a>(
    keys: &DirectionKeys,
    content: &'a mut [u8],
    data: impl Fn(usize) -> Data,
) -> Result<&'a mut [u8], Unprotected> {
    let length = content.len().checked_sub(MAC).ok_or(Unprotected)?;
    let (sealed, tag) = content.split_at_mut(length);
    if length < 2 * BLOCK || !length.is_multiple_of(BLOCK) {
        return Err(Unprotected);
    }
    let key = mac_key(keys)?;
    let (data, used) = data(length);
    let expected = mac(&key, &[&data[..used], sealed])?;
    if !bool::from(expected.ct_eq(tag)) {
        return Err(Unprotected);
    }
    let (iv, plain) = sealed.split_at_mut(BLOCK);
    decrypt(keys, iv, plain)?;
    // The content is authentic, so its padding is no secret.
    let padding = usize::from(*plain.last().ok_or(Unprotected)?);
    let kept = plain.len().checked_sub(padding + 1).ok_or(Unprotected)?;
    let correct = plain[kept..].iter().all(|byte| usize::from(*byte) == padding);
    if correct {
        Ok(&mut plain[..kept])
    } else {
        Err(Unprotected)
    }
}

/// MAC-then-encrypt hides the padding's length behind the MAC, so neither a branch, nor an index, nor the time of any
/// computation here may depend on it: an attacker who can tell a padding error from a MAC error reads the content
/// (the attacks known as Lucky Thirteen).
fn open_inner_mac<'a>(
    keys: &DirectionKeys,
    content: &'a mut [u8],
    data: impl Fn(usize) -> Data,
) -> Result<&'a mut [u8], Unprotected> {
    if content.len() < BLOCK + MAC + BLOCK || !content.len().is_multiple_of(BLOCK) {
        return Err(Unprotected);
    }
    let (iv, plain) = content.split_at_mut(BLOCK);
    decrypt(keys, iv, plain)?;

    let longest = (plain.len() - MAC - 1) as u32;
    let padding = u32::from(plain[plain.len() - 1]);
    let mut good = !padding.ct_gt(&longest);
    // A padding that cannot be is treated as none, and the verdict is kept.
    let padding = u32::conditional_select(&0, &padding, good);
    for (age, byte) in plain.iter().rev().take(256).enumerate() {
        let belongs = !(age as u32).ct_gt(&padding);
        good &= !belongs | u32::from(*byte).ct_eq(&padding);
    }
    // Bytes of content, from 0 to `longest`.
    let length = longest - padding;

    let key = mac_key(keys)?;
    let mut expected = [0; MAC];
    let shortest = longest.saturating_sub(255);
    for candidate in shortest..=longest {
        // Each possible length is hashed, and the right result kept: dear, and the same for all.
        let (data, used) = data(candidate as usize);
        let tag = mac(&key, &[&data[..used], &plain[..candidate as usize]])?;
        let right = candidate.ct_eq(&length);
        for (kept, byte) in expected.iter_mut().zip(tag) {
            kept.conditional_assign(&byte, right);
        }
    }
    good &= carried_mac(plain, length, shortest).ct_eq(&expected);
    if bool::from(good) {
        Ok(&mut plain[..length as usize])
    } else {
        Err(Unprotected)
    }
}

/// The MAC that stands behind `length` bytes of content, read without an index that depends on `length`.
fn carried_mac(plain: &[u8], length: u32, shortest: u32) -> [u8; MAC] {
    let mut carried = [0u8; MAC];
    for (position, byte) in plain.iter().enumerate().skip(shortest as usize) {
        let position = position as u32;
        for (offset, kept) in carried.iter_mut().enumerate() {
            let here: Choice = position.ct_eq(&(length + offset as u32));
            kept.conditional_assign(byte, here);
        }
    }
    carried
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys() -> DirectionKeys {
        DirectionKeys {
            cipher: [7; 16],
            salt: [0; 4],
            mac: Some(Box::new([9; 32].into())),
        }
    }

    fn data(length: usize) -> Data {
        let mut data = [0; 48];
        data[..2].copy_from_slice(&(length as u16).to_be_bytes());
        (data, 2)
    }

    #[test]
    fn both_orders_open_what_they_sealed_and_nothing_else() {
        for order in [false, true] {
            for length in [0, 1, 15, 16, 17, 100, 300] {
                let content: Vec<u8> = (0..length).map(|i| i as u8).collect();
                let sealed = seal(&keys(), order, [3; 16], &content, data).unwrap();
                assert_eq!(open(&keys(), order, &mut sealed.clone(), data).unwrap(), content);
                for position in 0..sealed.len() {
                    let mut forged = sealed.clone();
                    forged[position] ^= 1;
                    assert!(
                        open(&keys(), order, &mut forged, data).is_err(),
                        "{order} {length} {position}"
                    );
                }
                let mut short = sealed[..sealed.len() - 1].to_vec();
                assert!(open(&keys(), order, &mut short, data).is_err());
            }
        }
    }
}
