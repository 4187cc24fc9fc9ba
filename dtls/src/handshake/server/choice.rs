//! What the server chooses from what a ClientHello offers.

use crate::alert::AlertDescription;
use crate::config::Config;
use crate::handshake::HandshakeError;
use crate::message::{CertificateType, ClientHello};
use crate::suite::{CipherSuite, KeyExchange};

/// How the server's and the client's keys will be shown, if a suite with ECDHE is possible at all.
pub(super) fn certificate_types(
    config: &Config,
    hello: &ClientHello,
) -> Option<(CertificateType, CertificateType)> {
    let credential = config.key.as_ref()?;
    let x509 = [CertificateType::X509 as u8];
    let choose = |offered: Option<&[u8]>, possible: &dyn Fn(CertificateType) -> bool| {
        let offered = offered.unwrap_or(&x509);
        offered
            .iter()
            .filter_map(|byte| CertificateType::from_byte(*byte))
            .find(|kind| possible(*kind))
    };
    let has = |kind| match kind {
        CertificateType::X509 => !credential.chain.is_empty(),
        CertificateType::RawPublicKey => credential.raw_public_key,
    };
    let client = choose(hello.extensions.client_certificate_types.as_deref(), &|_| true)?;
    let taken = hello.extensions.server_certificate_types.as_deref();
    // Who shows a raw public key and takes one seldom has an authority to check a certificate with, whatever it names
    // first: GnuTLS names certificates, and breaks off when it gets one.
    let server = match client {
        CertificateType::RawPublicKey => choose(taken, &|kind| kind == client && has(kind)),
        CertificateType::X509 => None,
    };
    Some((server.or_else(|| choose(taken, &has))?, client))
}

pub(super) fn choose_suite(
    config: &Config,
    hello: &ClientHello,
    types: Option<(CertificateType, CertificateType)>,
) -> Result<CipherSuite, HandshakeError> {
    let possible = |suite: &&CipherSuite| {
        hello.suites.contains(&suite.number())
            && match suite.key_exchange() {
                KeyExchange::Psk => true,
                KeyExchange::EcdheEcdsa => types.is_some() && hello.extensions.can_verify_p256(),
            }
    };
    config.suites.iter().find(possible).copied().ok_or_else(|| {
        let offered: Vec<String> = hello
            .suites
            .iter()
            .take(16)
            .map(|suite| format!("{suite:04x}"))
            .collect();
        let reason = format!(
            "no cipher suite suits both sides; the client offers {}",
            offered.join(", ")
        );
        HandshakeError::new(AlertDescription::HandshakeFailure, reason)
    })
}
