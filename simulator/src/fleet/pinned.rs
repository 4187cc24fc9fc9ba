//! What a device needs for TLS, as the account of a bootstrap gives it.

use super::tls::{ALPN, Certificate};
use super::{DtlsOptions, FleetError, Secret, TlsFiles, raw_public_key};
use crate::bootstrap::Account;
use std::sync::Arc;
use tokio_rustls::rustls;
use tokio_rustls::rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use tokio_rustls::rustls::crypto::{
    WebPkiSupportedAlgorithms, aws_lc_rs, verify_tls12_signature, verify_tls13_signature,
};
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use tokio_rustls::rustls::{ClientConfig, DigitallySignedStruct, SignatureScheme};

/// A raw public key or a certificate with its key, and those of the server.
pub(super) fn client(account: &Account) -> Result<ClientConfig, FleetError> {
    match account.security_mode {
        1 => {
            let own = DtlsOptions {
                key: Some(Secret::from(account.secret.clone())),
                ..DtlsOptions::default()
            };
            raw_public_key::client(&TlsFiles::default(), &own, &account.server_key)
        }
        2 => by_certificate(account),
        mode => Err(FleetError::Tls(format!(
            "the security mode {mode} is not for coaps+tcp"
        ))),
    }
}

fn by_certificate(account: &Account) -> Result<ClientConfig, FleetError> {
    let words = |error: rustls::Error| FleetError::Tls(error.to_string());
    let provider = Arc::new(aws_lc_rs::default_provider());
    let pinned = Pinned {
        certificate: CertificateDer::from(account.server_key.clone()),
        algorithms: provider.signature_verification_algorithms,
    };
    let key =
        PrivateKeyDer::try_from(account.secret.clone()).map_err(|error| FleetError::Tls(error.to_owned()))?;
    let chain = vec![CertificateDer::from(account.identity.clone())];
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(words)?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(pinned))
        .with_client_auth_cert(chain, key)
        .map_err(words)?;
    config.alpn_protocols = vec![ALPN.to_vec()];
    Ok(config)
}

/// Believes the one certificate that the account gives: a domain-issued one. LwM2M Core 1.2, appendix E.1, resource 15.
#[derive(Debug)]
struct Pinned {
    certificate: Certificate,
    algorithms: WebPkiSupportedAlgorithms,
}

impl ServerCertVerifier for Pinned {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        _between: &[CertificateDer<'_>],
        _name: &ServerName<'_>,
        _ocsp: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        if *certificate == self.certificate {
            Ok(ServerCertVerified::assertion())
        } else {
            Err(rustls::Error::InvalidCertificate(
                rustls::CertificateError::ApplicationVerificationFailure,
            ))
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, certificate, signature, &self.algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, certificate, signature, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}
