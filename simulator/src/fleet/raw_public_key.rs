//! TLS by raw public keys: the device shows its own and knows the server's. RFC 7250, which rustls has in TLS 1.3.

use super::security::{DtlsOptions, Secret};
use super::tls::{ALPN, broken};
use super::{FleetError, TlsFiles};
use std::sync::Arc;
use tokio_rustls::rustls::client::AlwaysResolvesClientRawPublicKeys;
use tokio_rustls::rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use tokio_rustls::rustls::crypto::{
    WebPkiSupportedAlgorithms, aws_lc_rs, verify_tls13_signature_with_raw_key,
};
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{
    CertificateDer, PrivateKeyDer, ServerName, SubjectPublicKeyInfoDer, UnixTime,
};
use tokio_rustls::rustls::sign::CertifiedKey;
use tokio_rustls::rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error, PeerMisbehaved, SignatureScheme, version,
};

/// The configuration of a client that knows the server by this DER SubjectPublicKeyInfo.
pub(super) fn client(
    files: &TlsFiles,
    dtls: &DtlsOptions,
    server: &[u8],
) -> Result<ClientConfig, FleetError> {
    let key = match (&dtls.key, &files.key) {
        (Some(Secret(pkcs8)), _) => {
            PrivateKeyDer::try_from(pkcs8.to_vec()).map_err(|reason| FleetError::Tls(reason.into()))?
        }
        (None, Some(file)) => PrivateKeyDer::from_pem_file(file).map_err(|error| broken(file, &error))?,
        (None, None) => {
            let reason = "say by --key which key the device proves itself by";
            return Err(FleetError::Tls(reason.into()));
        }
    };
    let words = |error: Error| FleetError::Tls(error.to_string());
    let provider = Arc::new(aws_lc_rs::default_provider());
    let key = provider.key_provider.load_private_key(key).map_err(words)?;
    let public_key = key
        .public_key()
        .ok_or_else(|| FleetError::Tls("the public part of the key is not known".into()))?;
    let public_key = CertificateDer::from(public_key.as_ref().to_vec());
    let own = Arc::new(CertifiedKey::new(vec![public_key], key));
    let known = Known {
        public_key: server.to_vec(),
        algorithms: provider.signature_verification_algorithms,
    };
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&version::TLS13])
        .map_err(words)?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(known))
        .with_client_cert_resolver(Arc::new(AlwaysResolvesClientRawPublicKeys::new(own)));
    config.alpn_protocols = vec![ALPN.to_vec()];
    Ok(config)
}

/// The one server that is believed.
#[derive(Debug)]
struct Known {
    public_key: Vec<u8>,
    algorithms: WebPkiSupportedAlgorithms,
}

impl ServerCertVerifier for Known {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        if end_entity.as_ref() == self.public_key {
            return Ok(ServerCertVerified::assertion());
        }
        Err(CertificateError::UnknownIssuer.into())
    }

    fn verify_tls12_signature(
        &self,
        _message: &[u8],
        _certificate: &CertificateDer<'_>,
        _signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        // Only TLS 1.3 was offered.
        Err(PeerMisbehaved::SignedHandshakeWithUnadvertisedSigScheme.into())
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let key = SubjectPublicKeyInfoDer::from(certificate.as_ref());
        verify_tls13_signature_with_raw_key(message, &key, signature, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }

    fn requires_raw_public_keys(&self) -> bool {
        true
    }
}
