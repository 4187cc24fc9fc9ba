//! Sealing and opening records. RFC 5246 §6.2.3, RFC 6655 §3, RFC 9146 §4-5.

use super::keys::DirectionKeys;
use super::{cbc, ccm};
use crate::record::{ContentType, Header};
use crate::suite::Protection;
use aws_lc_rs::aead::{AES_128_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::rand::{SecureRandom, SystemRandom};

/// The record is not authentic, or cannot be sealed. Nothing more may be told (RFC 6347 §4.1.2.7).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Unprotected;

/// How records of a session are protected, apart from the keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Scheme {
    pub(crate) protection: Protection,
    /// Only meaningful with CBC. RFC 7366.
    pub(crate) encrypt_then_mac: bool,
}

/// The additional data: what is authenticated without being encrypted. With a connection id RFC 9146 §5.3, else
/// RFC 5246 §6.2.3.3; `length` is that of the plain (inner) content.
fn additional_data(header: &Header, length: usize) -> ([u8; 48], usize) {
    let mut data = [0; 48];
    let mut used = 0;
    let mut put = |bytes: &[u8]| {
        data[used..used + bytes.len()].copy_from_slice(bytes);
        used += bytes.len();
    };
    let number = header.epoch_and_sequence();
    if header.content_type == ContentType::ConnectionId {
        let id = header.connection_id.as_bytes();
        put(&[0xff; 8]);
        put(&[
            ContentType::ConnectionId as u8,
            id.len() as u8,
            ContentType::ConnectionId as u8,
        ]);
        put(&header.version.to_be_bytes());
        put(&number);
        put(id);
    } else {
        put(&number);
        put(&[header.content_type as u8]);
        put(&header.version.to_be_bytes());
    }
    put(&(length as u16).to_be_bytes());
    (data, used)
}

fn nonce(keys: &DirectionKeys, explicit: &[u8]) -> [u8; 12] {
    let mut nonce = [0; 12];
    nonce[..4].copy_from_slice(&keys.salt);
    nonce[4..].copy_from_slice(explicit);
    nonce
}

/// Appends a sealed record to `out`: header, explicit nonce, protected content. The nonce is the record's number, so
/// that none occurs twice; a CBC record begins with a random initialisation vector. With a connection id the content's
/// type stands behind it, sealed too.
pub(crate) fn seal(
    scheme: Scheme,
    keys: &DirectionKeys,
    header: &Header,
    content_type: ContentType,
    content: &[u8],
    out: &mut Vec<u8>,
) -> Result<(), Unprotected> {
    let inner_type = [content_type as u8];
    let inner_type = if header.content_type == ContentType::ConnectionId {
        &inner_type[..]
    } else {
        &[]
    };
    let length = content.len() + inner_type.len();
    if scheme.protection == Protection::CbcSha256 {
        let mut iv = [0; 16];
        SystemRandom::new().fill(&mut iv).map_err(|_| Unprotected)?;
        let inner = [content, inner_type].concat();
        let sealed = cbc::seal(keys, scheme.encrypt_then_mac, iv, &inner, |length| {
            additional_data(header, length)
        })?;
        header.encode(sealed.len(), out);
        out.extend_from_slice(&sealed);
        return Ok(());
    }
    let tag = if scheme.protection == Protection::Ccm8 {
        8
    } else {
        16
    };
    out.reserve(header.encoded_len() + 8 + length + tag);
    header.encode(8 + length + tag, out);
    let explicit = header.epoch_and_sequence();
    out.extend_from_slice(&explicit);
    let start = out.len();
    out.extend_from_slice(content);
    out.extend_from_slice(inner_type);
    let data = additional_data(header, length);
    let nonce = nonce(keys, &explicit);
    match scheme.protection {
        Protection::Ccm8 => {
            let tag: [u8; 8] = ccm::seal(&keys.cipher, &nonce, &data, &mut out[start..]);
            out.extend_from_slice(&tag);
        }
        Protection::Ccm => {
            let tag: [u8; 16] = ccm::seal(&keys.cipher, &nonce, &data, &mut out[start..]);
            out.extend_from_slice(&tag);
        }
        Protection::Gcm => {
            let nonce = Nonce::assume_unique_for_key(nonce);
            let aad = Aad::from(&data.0[..data.1]);
            let tag = gcm(keys)?.seal_in_place_separate_tag(nonce, aad, &mut out[start..]);
            out.extend_from_slice(tag.map_err(|_| Unprotected)?.as_ref());
        }
        Protection::CbcSha256 => return Err(Unprotected),
    }
    Ok(())
}

/// Opens a record's content in place: the plain content, or the inner plaintext of a record with a connection id.
pub(crate) fn open<'a>(
    scheme: Scheme,
    keys: &DirectionKeys,
    header: &Header,
    content: &'a mut [u8],
) -> Result<&'a mut [u8], Unprotected> {
    if scheme.protection == Protection::CbcSha256 {
        let mac = |length: usize| additional_data(header, length);
        return cbc::open(keys, scheme.encrypt_then_mac, content, mac);
    }
    let tag_length = if scheme.protection == Protection::Ccm8 {
        8
    } else {
        16
    };
    let length = content.len().checked_sub(8 + tag_length).ok_or(Unprotected)?;
    let (explicit, sealed) = content.split_at_mut(8);
    let nonce = nonce(keys, explicit);
    let data = additional_data(header, length);
    if scheme.protection == Protection::Gcm {
        let nonce = Nonce::assume_unique_for_key(nonce);
        return gcm(keys)?
            .open_in_place(nonce, Aad::from(&data.0[..data.1]), sealed)
            .map_err(|_| Unprotected);
    }
    let (plain, tag) = sealed.split_at_mut(length);
    if scheme.protection == Protection::Ccm8 {
        let tag = <&[u8; 8]>::try_from(&*tag).map_err(|_| Unprotected)?;
        ccm::open(&keys.cipher, &nonce, &data, plain, tag)?;
    } else {
        let tag = <&[u8; 16]>::try_from(&*tag).map_err(|_| Unprotected)?;
        ccm::open(&keys.cipher, &nonce, &data, plain, tag)?;
    }
    Ok(plain)
}

fn gcm(keys: &DirectionKeys) -> Result<LessSafeKey, Unprotected> {
    UnboundKey::new(&AES_128_GCM, &keys.cipher)
        .map(LessSafeKey::new)
        .map_err(|_| Unprotected)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::{ConnectionId, VERSION_1_2};

    fn header(id: &[u8]) -> Header {
        Header {
            content_type: if id.is_empty() {
                ContentType::ApplicationData
            } else {
                ContentType::ConnectionId
            },
            version: VERSION_1_2,
            epoch: 1,
            sequence: 5,
            connection_id: ConnectionId::new(id).unwrap(),
        }
    }

    /// Written out from RFC 5246 §6.2.3.3 and RFC 9146 §5.3.
    #[test]
    fn additional_data_are_laid_out_as_specified() {
        let (data, used) = additional_data(&header(b""), 0x0102);
        assert_eq!(data[..used], [0, 1, 0, 0, 0, 0, 0, 5, 23, 0xfe, 0xfd, 1, 2]);
        let (data, used) = additional_data(&header(b"abc"), 0x0102);
        let expected = [
            &[0xff; 8][..],
            &[25, 3, 25, 0xfe, 0xfd],
            &[0, 1, 0, 0, 0, 0, 0, 5],
            b"abc",
            &[1, 2],
        ];
        assert_eq!(data[..used], expected.concat());
    }

    #[test]
    fn every_protection_opens_what_it_sealed_and_nothing_else() {
        let keys = DirectionKeys {
            cipher: [7; 16],
            salt: [8; 4],
            mac: Some(Box::new([9; 32].into())),
        };
        for (protection, encrypt_then_mac) in [
            (Protection::Ccm8, false),
            (Protection::Ccm, false),
            (Protection::Gcm, false),
            (Protection::CbcSha256, false),
            (Protection::CbcSha256, true),
        ] {
            let scheme = Scheme {
                protection,
                encrypt_then_mac,
            };
            for id in [&b""[..], b"id"] {
                let (header, mut record) = (header(id), Vec::new());
                seal(
                    scheme,
                    &keys,
                    &header,
                    ContentType::ApplicationData,
                    b"content",
                    &mut record,
                )
                .unwrap();
                let sealed = &record[header.encoded_len()..];
                let expected = if id.is_empty() {
                    &b"content"[..]
                } else {
                    b"content\x17"
                };
                assert_eq!(
                    open(scheme, &keys, &header, &mut sealed.to_vec()).unwrap(),
                    expected
                );
                for at in 0..sealed.len() {
                    let mut forged = sealed.to_vec();
                    forged[at] ^= 0x80;
                    assert!(
                        open(scheme, &keys, &header, &mut forged).is_err(),
                        "{scheme:?} {at}"
                    );
                    assert!(
                        open(scheme, &keys, &header, &mut sealed[..at].to_vec()).is_err(),
                        "{scheme:?} {at}"
                    );
                }
                let other = Header {
                    sequence: 6,
                    ..header
                };
                // The nonce stands in the record; with AEAD the number enters by the additional data.
                assert!(open(scheme, &keys, &other, &mut sealed.to_vec()).is_err());
            }
        }
    }
}
