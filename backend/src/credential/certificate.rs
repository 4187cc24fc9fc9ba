//! Whose certificate it is, and whether it is trusted.

use dtls::{CertificateNames, Untrusted, Usage};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fmt;

/// The longest name that a certificate is known by, in bytes; that of an endpoint fits.
const MAX_NAME: usize = 255;
/// What a fingerprint begins with, as it is written.
const FINGERPRINT: &str = "sha256:";

/// Where in a device's certificate its endpoint name stands. LwM2M Transport 1.2 §5.2.8.7 has the common name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EndpointName {
    /// The subject's common name.
    #[default]
    CommonName,
    /// The first URI of the subjectAltName extension.
    SanUri,
    /// The first DNS name of the subjectAltName extension.
    SanDns,
}

/// What a certificate is known by that carries another name than the endpoint's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CertificateName {
    /// The subject's common name, or a URI or a DNS name of the subjectAltName extension.
    Name(Box<str>),
    /// The SHA-256 of the DER certificate: this certificate and no other.
    Fingerprint([u8; 32]),
}

impl CertificateName {
    /// Reads `sha256:` with 64 hexadecimal digits, of which colons may separate bytes, or a name.
    ///
    /// # Errors
    /// A sentence.
    pub fn parse(text: &str) -> Result<CertificateName, &'static str> {
        let (prefix, digits) = text.split_at_checked(FINGERPRINT.len()).unwrap_or(("", text));
        if prefix.eq_ignore_ascii_case(FINGERPRINT) {
            let bytes = crate::auth::from_hex(digits);
            let fingerprint = bytes.and_then(|bytes| <[u8; 32]>::try_from(bytes.as_slice()).ok());
            return fingerprint
                .map(CertificateName::Fingerprint)
                .ok_or("a fingerprint is sha256: and 64 hexadecimal digits");
        }
        if text.is_empty() || text.len() > MAX_NAME {
            return Err("the name in a certificate has 1 to 255 bytes");
        }
        if text.chars().any(char::is_control) {
            return Err("the name in a certificate has no control characters");
        }
        Ok(CertificateName::Name(text.into()))
    }

    /// By what it is found. A name that looks like a fingerprint is none.
    pub(super) fn key(&self) -> Vec<u8> {
        match self {
            CertificateName::Name(name) => [b"n", name.as_bytes()].concat(),
            CertificateName::Fingerprint(bytes) => [b"f", bytes.as_slice()].concat(),
        }
    }

    /// What [`CertificateName::key`] was made of.
    pub(super) fn of_key(key: &[u8]) -> Option<CertificateName> {
        match key.split_first()? {
            (b'n', name) => Some(CertificateName::Name(std::str::from_utf8(name).ok()?.into())),
            (b'f', bytes) => Some(CertificateName::Fingerprint(bytes.try_into().ok()?)),
            _ => None,
        }
    }

    /// All that the first certificate of a chain can be known by, what says most first: its fingerprint, its common
    /// name, its URIs, its DNS names.
    pub(super) fn all_of(chain: &[Vec<u8>]) -> Vec<CertificateName> {
        let Some(leaf) = chain.first() else {
            return Vec::new();
        };
        let names = CertificateNames::of(leaf).unwrap_or_default();
        let named = names
            .common_name
            .into_iter()
            .chain(names.uris)
            .chain(names.dns_names);
        std::iter::once(CertificateName::Fingerprint(Sha256::digest(leaf).into()))
            .chain(named.map(|name| CertificateName::Name(name.into())))
            .collect()
    }
}

/// As it is read.
impl fmt::Display for CertificateName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CertificateName::Name(name) => f.write_str(name),
            CertificateName::Fingerprint(bytes) => write!(f, "{FINGERPRINT}{}", crate::auth::hex(bytes)),
        }
    }
}

/// What certificates are held against.
#[derive(Debug, Clone, Default)]
pub struct Trust {
    /// DER certificates of the authorities that devices' certificates may come from.
    pub authorities: Vec<Vec<u8>>,
    pub endpoint_name: EndpointName,
}

impl Trust {
    /// The names of the authorities, as people know them.
    pub fn names(&self) -> Vec<String> {
        let name = |der: &Vec<u8>| {
            let names = CertificateNames::of(der).ok();
            names
                .and_then(|names| names.common_name)
                .unwrap_or_else(|| "an authority without a common name".into())
        };
        self.authorities.iter().map(name).collect()
    }

    /// Whether a chain is trusted at this time.
    ///
    /// # Errors
    /// [`Untrusted`], with the alert to send and words for people.
    pub fn verify(&self, chain: &[Vec<u8>], unix_seconds: u64) -> Result<(), Untrusted> {
        if self.authorities.is_empty() {
            return Err(Untrusted {
                alert: dtls::AlertDescription::UnknownCa,
                words: "no certificate authority is trusted: name one in dtls.trusted_certificates".into(),
            });
        }
        dtls::verify_chain(chain, &self.authorities, unix_seconds, Usage::Client)
    }

    /// The endpoint name in a chain, which proves nothing by itself.
    ///
    /// # Errors
    /// [`Untrusted`]: there is no name where it should be.
    pub(crate) fn name(&self, chain: &[Vec<u8>]) -> Result<String, Untrusted> {
        let leaf = chain.first().map(Vec::as_slice).unwrap_or_default();
        let names = CertificateNames::of(leaf)?;
        let (name, place) = match self.endpoint_name {
            EndpointName::CommonName => (names.common_name, "common name"),
            EndpointName::SanUri => (names.uris.into_iter().next(), "URI in its subjectAltName"),
            EndpointName::SanDns => (
                names.dns_names.into_iter().next(),
                "DNS name in its subjectAltName",
            ),
        };
        name.ok_or_else(|| Untrusted {
            alert: dtls::AlertDescription::BadCertificate,
            words: format!("the certificate has no {place} to take the endpoint name from"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_certificate_is_known_by_a_name_or_by_its_fingerprint() {
        let digits = "0123456789abcdef".repeat(4);
        let pairs: Vec<String> = digits
            .as_bytes()
            .chunks(2)
            .map(|pair| String::from_utf8_lossy(pair).to_uppercase())
            .collect();
        for (text, shown) in [
            ("WM-110 / 4711", "WM-110 / 4711"),
            (&format!("sha256:{digits}"), &format!("sha256:{digits}")),
            (
                &format!("SHA256:{}", pairs.join(":")),
                &format!("sha256:{digits}"),
            ),
        ] {
            let name = CertificateName::parse(text).unwrap();
            assert_eq!(name.to_string(), shown);
            assert_eq!(CertificateName::of_key(&name.key()), Some(name));
        }
        for wrong in ["", "a\nb", "sha256:", "sha256:0123", &"n".repeat(256)] {
            assert!(CertificateName::parse(wrong).is_err(), "{wrong}");
        }
        // Of a key of another kind nothing is read.
        assert_eq!(CertificateName::of_key(b"pidentity"), None);
    }
}
