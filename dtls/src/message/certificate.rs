//! Certificate: a chain of X.509 certificates (RFC 5246 §7.4.2) or one raw public key (RFC 7250 §3).

use super::extension::CertificateType;
use super::wire::{DecodeError, Reader, put_vec24};

/// The longest chain that is read; deeper ones serve no device.
const MAX_CHAIN: usize = 8;

/// What a side presents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum CertificateMessage<'a> {
    /// DER certificates, the own one first; empty if the client has none.
    Chain(Vec<&'a [u8]>),
    /// A DER SubjectPublicKeyInfo; empty if the client has none.
    RawPublicKey(&'a [u8]),
}

pub(crate) fn read_certificate(
    kind: CertificateType,
    body: &[u8],
) -> Result<CertificateMessage<'_>, DecodeError> {
    let mut reader = Reader::new(body);
    let content = reader.vec24()?;
    reader.end()?;
    if kind == CertificateType::RawPublicKey {
        return Ok(CertificateMessage::RawPublicKey(content));
    }
    let mut list = Reader::new(content);
    let mut chain = Vec::new();
    while !list.is_empty() {
        if chain.len() == MAX_CHAIN {
            return Err(DecodeError("the chain has more than 8 certificates"));
        }
        chain.push(list.vec24()?);
    }
    Ok(CertificateMessage::Chain(chain))
}

pub(crate) fn write_certificate(message: &CertificateMessage<'_>, out: &mut Vec<u8>) {
    put_vec24(out, |out| match message {
        CertificateMessage::RawPublicKey(key) => out.extend_from_slice(key),
        CertificateMessage::Chain(chain) => {
            chain
                .iter()
                .for_each(|der| put_vec24(out, |out| out.extend_from_slice(der)));
        }
    });
}
