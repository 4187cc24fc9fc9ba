//! CertificateRequest: authenticate yourself. RFC 5246 §7.4.4.

use super::signature::ECDSA_SHA256;
use super::wire::{DecodeError, Reader, numbers, put_u16, put_vec8, put_vec16};

/// `ecdsa_sign`, RFC 8422 §5.5.
const ECDSA_SIGN: u8 = 64;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CertificateRequest {
    pub(crate) types: Vec<u8>,
    pub(crate) signature_algorithms: Vec<u16>,
    /// DER names of acceptable authorities; empty: any.
    pub(crate) authorities: Vec<Vec<u8>>,
}

impl CertificateRequest {
    /// A request for an ECDSA key, from whatever authority.
    pub(crate) fn ecdsa(authorities: Vec<Vec<u8>>) -> CertificateRequest {
        CertificateRequest {
            types: vec![ECDSA_SIGN],
            signature_algorithms: vec![ECDSA_SHA256],
            authorities,
        }
    }

    pub(crate) fn accepts_ecdsa(&self) -> bool {
        self.types.contains(&ECDSA_SIGN) && self.signature_algorithms.contains(&ECDSA_SHA256)
    }

    pub(crate) fn decode(body: &[u8]) -> Result<CertificateRequest, DecodeError> {
        let mut reader = Reader::new(body);
        let types = reader.vec8()?.to_vec();
        let signature_algorithms = numbers(reader.vec16()?)?;
        let mut list = Reader::new(reader.vec16()?);
        let mut authorities = Vec::new();
        while !list.is_empty() {
            authorities.push(list.vec16()?.to_vec());
        }
        reader.end().map(|()| CertificateRequest {
            types,
            signature_algorithms,
            authorities,
        })
    }

    pub(crate) fn encode(&self, out: &mut Vec<u8>) {
        put_vec8(out, |out| out.extend_from_slice(&self.types));
        put_vec16(out, |out| {
            self.signature_algorithms
                .iter()
                .for_each(|number| put_u16(out, *number));
        });
        put_vec16(out, |out| {
            self.authorities
                .iter()
                .for_each(|name| put_vec16(out, |out| out.extend_from_slice(name)));
        });
    }
}
