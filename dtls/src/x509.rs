//! X.509 certificates: signatures by them, and the validation of chains.

use crate::alert::AlertDescription;
use rustls_pki_types::{CertificateDer, ServerName, TrustAnchor, UnixTime};
use webpki::{EndEntityCert, KeyUsage, anchor_from_trusted_cert};

/// The algorithms by which certificates of a chain may be signed.
const CHAIN_ALGORITHMS: &[&dyn rustls_pki_types::SignatureVerificationAlgorithm] = &[
    webpki::aws_lc_rs::ECDSA_P256_SHA256,
    webpki::aws_lc_rs::ECDSA_P256_SHA384,
    webpki::aws_lc_rs::ECDSA_P384_SHA256,
    webpki::aws_lc_rs::ECDSA_P384_SHA384,
    webpki::aws_lc_rs::RSA_PKCS1_2048_8192_SHA256,
    webpki::aws_lc_rs::RSA_PKCS1_2048_8192_SHA384,
    webpki::aws_lc_rs::ED25519,
];

/// Which side's certificate is validated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Usage {
    /// Made for client authentication, where it says what it is made for. RFC 5280 §4.2.1.12.
    Client,
    /// Made for server authentication, where it says what it is made for.
    Server,
}

/// Why a chain is not trusted: the alert to send and words for people.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{words}")]
pub struct Untrusted {
    /// For [`Answer::Reject`](crate::Answer::Reject).
    pub alert: AlertDescription,
    /// For people.
    pub words: String,
}

/// Validates a chain of DER certificates, the peer's own first, up to one of the trusted authorities. RFC 5280 §6.
///
/// # Errors
/// [`Untrusted`] says what is wrong: expired, unknown authority, not made for this use, a broken signature.
pub fn verify_chain(
    chain: &[Vec<u8>],
    authorities: &[Vec<u8>],
    unix_seconds: u64,
    usage: Usage,
) -> Result<(), Untrusted> {
    let anchors = authorities
        .iter()
        .map(|der| {
            let der = CertificateDer::from(der.as_slice());
            anchor_from_trusted_cert(&der)
                .map(|anchor| anchor.to_owned())
                .map_err(untrusted)
        })
        .collect::<Result<Vec<TrustAnchor<'static>>, _>>()?;
    let certificates: Vec<CertificateDer<'_>> = chain
        .iter()
        .map(|der| CertificateDer::from(der.as_slice()))
        .collect();
    let (leaf, intermediates) = certificates.split_first().ok_or_else(|| Untrusted {
        alert: AlertDescription::BadCertificate,
        words: "the chain is empty".into(),
    })?;
    let leaf = EndEntityCert::try_from(leaf).map_err(untrusted)?;
    let time = UnixTime::since_unix_epoch(std::time::Duration::from_secs(unix_seconds));
    let usage = match usage {
        Usage::Client => KeyUsage::client_auth(),
        Usage::Server => KeyUsage::server_auth(),
    };
    leaf.verify_for_usage(CHAIN_ALGORITHMS, &anchors, intermediates, time, usage, None, None)
        .map(|_| ())
        .map_err(untrusted)
}

/// The names in a certificate: where a device's or a server's may stand. They mean something only after
/// [`verify_chain`].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CertificateNames {
    /// The last common name of the subject, where RFC 7925 §4.4.2 has a device's name.
    pub common_name: Option<String>,
    /// The DNS names of the subjectAltName extension, wildcards included.
    pub dns_names: Vec<String>,
    /// The URIs of the subjectAltName extension.
    pub uris: Vec<String>,
}

impl CertificateNames {
    /// The names in a DER certificate.
    ///
    /// # Errors
    /// If it is none.
    pub fn of(der: &[u8]) -> Result<CertificateNames, Untrusted> {
        let der = CertificateDer::from(der);
        let certificate = EndEntityCert::try_from(&der).map_err(untrusted)?;
        Ok(CertificateNames {
            common_name: common_name(certificate.subject()),
            dns_names: certificate.valid_dns_names().map(str::to_owned).collect(),
            uris: certificate.valid_uri_names().map(str::to_owned).collect(),
        })
    }
}

/// Whether a server's DER certificate is made out to this DNS name or IP address. RFC 6125 §6.
///
/// # Errors
/// If it is made out to another, or `name` is no name.
pub fn verify_name(der: &[u8], name: &str) -> Result<(), Untrusted> {
    let other = || Untrusted {
        alert: AlertDescription::BadCertificate,
        words: format!("the certificate is not made out to {name}"),
    };
    let der = CertificateDer::from(der);
    let certificate = EndEntityCert::try_from(&der).map_err(untrusted)?;
    let name = ServerName::try_from(name).map_err(|_| other())?;
    certificate
        .verify_is_valid_for_subject_name(&name)
        .map_err(|_| other())
}

/// `id-at-commonName`, RFC 5280 Appendix A.1, with its tag and length.
const COMMON_NAME: [u8; 5] = [0x06, 0x03, 0x55, 0x04, 0x03];

/// The value of the last commonName in a subject: a sequence of sets of sequences of a type and a string. An element
/// that is not DER ends the search; a string that is not UTF-8, which none of the usual kinds is, is none.
fn common_name(mut subject: &[u8]) -> Option<String> {
    let mut found = None;
    while let Some((mut set, rest)) = element(subject) {
        subject = rest;
        while let Some((attribute, rest)) = element(set) {
            set = rest;
            if let Some(value) = attribute.strip_prefix(&COMMON_NAME)
                && let Some((text, _)) = element(value)
            {
                found = std::str::from_utf8(text).ok().map(str::to_owned);
            }
        }
    }
    found
}

/// The content of the first DER element and what follows it.
fn element(der: &[u8]) -> Option<(&[u8], &[u8])> {
    let (_tag, rest) = der.split_first()?;
    let (first, rest) = rest.split_first()?;
    let (length, rest) = match *first {
        short @ 0..=0x7f => (usize::from(short), rest),
        0x81 => (usize::from(*rest.first()?), &rest[1..]),
        0x82 => (
            usize::from(u16::from_be_bytes([*rest.first()?, *rest.get(1)?])),
            &rest[2..],
        ),
        0x80 | 0x83.. => return None,
    };
    rest.split_at_checked(length)
}

fn untrusted(error: webpki::Error) -> Untrusted {
    use webpki::Error;
    let (alert, words) = match error {
        Error::CertExpired { .. } => (
            AlertDescription::CertificateExpired,
            "the certificate has expired".into(),
        ),
        Error::CertNotValidYet { .. } => (
            AlertDescription::CertificateExpired,
            "the certificate is not valid yet".into(),
        ),
        Error::UnknownIssuer => (
            AlertDescription::UnknownCa,
            "the certificate was not issued by a trusted authority".into(),
        ),
        Error::CertRevoked => (
            AlertDescription::CertificateRevoked,
            "the certificate was revoked".into(),
        ),
        Error::RequiredEkuNotFoundContext(_) => (
            AlertDescription::UnsupportedCertificate,
            "the certificate is not made for this use (extended key usage)".into(),
        ),
        other => (
            AlertDescription::BadCertificate,
            format!("the certificate cannot be used: {other}"),
        ),
    };
    Untrusted { alert, words }
}

/// Whether `signature` is one of `message` by the key in this certificate: on P-256, with SHA-256.
pub(crate) fn verify_signature_by_certificate(
    der: &[u8],
    message: &[u8],
    signature: &[u8],
) -> Result<(), webpki::Error> {
    let der = CertificateDer::from(der);
    EndEntityCert::try_from(&der)?.verify_signature(webpki::aws_lc_rs::ECDSA_P256_SHA256, message, signature)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn names_are_found_and_checked() {
        let long = "x".repeat(200);
        for common_name in [Some("urn:dev:os:1"), Some("gerät"), Some(&long), None] {
            let mut parameters =
                rcgen::CertificateParams::new(vec!["one.example".into(), "192.0.2.1".into()]).unwrap();
            parameters.distinguished_name = rcgen::DistinguishedName::new();
            parameters
                .distinguished_name
                .push(rcgen::DnType::OrganizationName, "Muster");
            if let Some(name) = common_name {
                parameters
                    .distinguished_name
                    .push(rcgen::DnType::CommonName, name);
            }
            parameters
                .subject_alt_names
                .push(rcgen::SanType::URI("urn:dev:mac:1".try_into().unwrap()));
            let key = rcgen::KeyPair::generate().unwrap();
            let der = parameters.self_signed(&key).unwrap().der().to_vec();
            let names = CertificateNames::of(&der).unwrap();
            assert_eq!(names.common_name.as_deref(), common_name);
            assert_eq!(names.dns_names, ["one.example"]);
            assert_eq!(names.uris, ["urn:dev:mac:1"]);
            assert_eq!(verify_name(&der, "one.example"), Ok(()));
            assert_eq!(verify_name(&der, "192.0.2.1"), Ok(()));
            assert!(verify_name(&der, "two.example").is_err() && verify_name(&der, "").is_err());
        }
        assert!(CertificateNames::of(b"no certificate").is_err());
    }

    proptest! {
        #[test]
        fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
            let _ = common_name(&bytes);
            let _ = CertificateNames::of(&bytes);
        }
    }
}
