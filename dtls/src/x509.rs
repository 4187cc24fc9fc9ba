//! X.509 certificates: signatures by them, and the validation of chains.

use crate::alert::AlertDescription;
use rustls_pki_types::{CertificateDer, TrustAnchor, UnixTime};
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
    Client,
    Server,
}

/// Why a chain is not trusted: the alert to send and words for people.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{words}")]
pub struct Untrusted {
    pub alert: AlertDescription,
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
