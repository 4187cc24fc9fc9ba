//! What a device shows, held against our own rule by rustls' signature checks.

use super::Judge;
use dtls::{AlertDescription, PeerIdentity, Untrusted};
use std::fmt;
use std::sync::{Arc, OnceLock};
use tokio_rustls::rustls::client::danger::HandshakeSignatureValid;
use tokio_rustls::rustls::crypto::{
    WebPkiSupportedAlgorithms, verify_tls12_signature, verify_tls13_signature,
    verify_tls13_signature_with_raw_key,
};
use tokio_rustls::rustls::pki_types::{CertificateDer, SubjectPublicKeyInfoDer, UnixTime};
use tokio_rustls::rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use tokio_rustls::rustls::{
    CertificateError, DigitallySignedStruct, DistinguishedName, Error, OtherError, SignatureScheme,
};

/// What was shown and not good enough; rustls takes no words to the end of a handshake.
pub(super) type Judged = Arc<OnceLock<(PeerIdentity, Untrusted)>>;

/// For one handshake.
pub(super) struct Verifier {
    pub(super) raw_public_key: bool,
    pub(super) optional: bool,
    pub(super) hints: Arc<[DistinguishedName]>,
    pub(super) algorithms: WebPkiSupportedAlgorithms,
    pub(super) judge: Judge,
    pub(super) judged: Judged,
}

impl fmt::Debug for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Verifier")
            .field("raw_public_key", &self.raw_public_key)
            .finish_non_exhaustive()
    }
}

/// A chain as rustls has it, or the one public key that it has in place of a chain.
pub(super) fn identity(shown: &[CertificateDer<'_>], raw_public_key: bool) -> PeerIdentity {
    match shown {
        [] => PeerIdentity::Anonymous,
        [key, ..] if raw_public_key => PeerIdentity::RawPublicKey(key.to_vec()),
        chain => PeerIdentity::Certificate(chain.iter().map(|der| der.to_vec()).collect()),
    }
}

impl ClientCertVerifier for Verifier {
    fn client_auth_mandatory(&self) -> bool {
        !self.optional
    }

    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &self.hints
    }

    fn verify_client_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        _now: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        let chain: Vec<CertificateDer<'_>> = [std::slice::from_ref(end_entity), intermediates].concat();
        let identity = identity(&chain, self.raw_public_key);
        match (self.judge)(&identity) {
            Ok(()) => Ok(ClientCertVerified::assertion()),
            Err(untrusted) => {
                let error = alert(&untrusted);
                // There is one verification in a handshake.
                let _ = self.judged.set((identity, untrusted));
                Err(Error::InvalidCertificate(error))
            }
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signature, &self.algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        if self.raw_public_key {
            let key = SubjectPublicKeyInfoDer::from(certificate.as_ref());
            return verify_tls13_signature_with_raw_key(message, &key, signature, &self.algorithms);
        }
        verify_tls13_signature(message, certificate, signature, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }

    fn requires_raw_public_keys(&self) -> bool {
        self.raw_public_key
    }
}

/// The error that has rustls send the alert which DTLS would send.
fn alert(untrusted: &Untrusted) -> CertificateError {
    match untrusted.alert {
        AlertDescription::CertificateExpired => CertificateError::Expired,
        AlertDescription::UnknownCa => CertificateError::UnknownIssuer,
        AlertDescription::BadCertificate => CertificateError::BadEncoding,
        AlertDescription::UnsupportedCertificate => CertificateError::InvalidPurpose,
        AlertDescription::AccessDenied => CertificateError::ApplicationVerificationFailure,
        _ => CertificateError::Other(OtherError(Arc::new(untrusted.clone()))),
    }
}
