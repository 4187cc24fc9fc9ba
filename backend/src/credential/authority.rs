//! The certificate authority that signs devices' certificates: given by files, or made at the first start.

use super::certificate::EndpointName;
use super::keys::{KeyError, authorities, write};
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, SanType, date_time_ymd,
};
use rustls_pki_types::CertificateDer;
use std::path::Path;
use zeroize::Zeroizing;

/// Signs certificates of devices.
pub struct Authority {
    issuer: Issuer<'static, KeyPair>,
    certificate: Vec<u8>,
}

impl std::fmt::Debug for Authority {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Authority(…)")
    }
}

impl Authority {
    /// The authority of these PEM files; those that do not exist are made.
    ///
    /// # Errors
    /// [`KeyError`] names the file.
    pub fn open(key_file: &Path, certificate_file: &Path) -> Result<Authority, KeyError> {
        if !key_file.exists() && !certificate_file.exists() {
            make(key_file, certificate_file)?;
        }
        let wrong = |path: &Path, reason: String| KeyError::File {
            path: path.to_owned(),
            reason,
        };
        let text = std::fs::read_to_string(key_file).map_err(|error| wrong(key_file, error.to_string()))?;
        let text = Zeroizing::new(text);
        let key = KeyPair::from_pem(&text).map_err(|error| wrong(key_file, error.to_string()))?;
        let certificate = authorities(certificate_file)?.swap_remove(0);
        let der = CertificateDer::from(certificate.as_slice());
        let issuer = Issuer::from_ca_cert_der(&der, key)
            .map_err(|error| wrong(certificate_file, error.to_string()))?;
        Ok(Authority { issuer, certificate })
    }

    /// The DER certificate of the authority itself.
    pub fn certificate(&self) -> &[u8] {
        &self.certificate
    }

    /// A DER certificate that names the endpoint as its common name, and where names are looked for. LwM2M Transport 1.2
    /// §5.2.8.7.
    ///
    /// # Errors
    /// [`KeyError::Made`].
    pub(crate) fn sign(
        &self,
        endpoint: &str,
        place: EndpointName,
        key: &KeyPair,
    ) -> Result<Vec<u8>, KeyError> {
        let made = |error: rcgen::Error| KeyError::Made(error.to_string());
        let mut parameters = CertificateParams::new(Vec::new()).map_err(made)?;
        parameters.distinguished_name = rcgen::DistinguishedName::new();
        parameters.distinguished_name.push(DnType::CommonName, endpoint);
        let name = || endpoint.try_into().map_err(made);
        match place {
            EndpointName::CommonName => {}
            EndpointName::SanUri => parameters.subject_alt_names.push(SanType::URI(name()?)),
            EndpointName::SanDns => parameters.subject_alt_names.push(SanType::DnsName(name()?)),
        }
        // Devices often have no clock worth the name, and their keys last as long as they do.
        parameters.not_before = date_time_ymd(2025, 1, 1);
        parameters.not_after = date_time_ymd(2049, 12, 31);
        parameters.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        parameters.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        let signed = parameters.signed_by(key, &self.issuer).map_err(made)?;
        Ok(signed.der().to_vec())
    }
}

fn make(key_file: &Path, certificate_file: &Path) -> Result<(), KeyError> {
    let made = |error: rcgen::Error| KeyError::Made(error.to_string());
    let key = KeyPair::generate().map_err(made)?;
    let mut parameters = CertificateParams::new(Vec::new()).map_err(made)?;
    parameters.distinguished_name = rcgen::DistinguishedName::new();
    parameters
        .distinguished_name
        .push(DnType::CommonName, "Muster devices");
    parameters.not_before = date_time_ymd(2025, 1, 1);
    parameters.not_after = date_time_ymd(2049, 12, 31);
    parameters.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    parameters.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    let certificate = parameters.self_signed(&key).map_err(made)?;
    let text = Zeroizing::new(key.serialize_pem());
    write(key_file, text.as_bytes(), 0o600)?;
    write(certificate_file, certificate.pem().as_bytes(), 0o644)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::credential::Trust;

    #[test]
    fn what_it_signs_is_trusted_and_names_the_endpoint() {
        let directory = tempfile::tempdir().unwrap();
        let files = (
            directory.path().join("key.pem"),
            directory.path().join("cert.pem"),
        );
        let authority = Authority::open(&files.0, &files.1).unwrap();
        let again = Authority::open(&files.0, &files.1).unwrap();
        assert_eq!(authority.certificate(), again.certificate());
        let key = KeyPair::generate().unwrap();
        let certificate = again.sign("urn:dev:1", EndpointName::CommonName, &key).unwrap();
        let trust = Trust {
            authorities: vec![authority.certificate().to_vec()],
            ..Trust::default()
        };
        let chain = [certificate];
        assert_eq!(trust.verify(&chain, 1_800_000_000), Ok(()));
        assert_eq!(trust.name(&chain).as_deref(), Ok("urn:dev:1"));
        let other = directory.path().join("other");
        std::fs::create_dir(&other).unwrap();
        let stranger = Authority::open(&other.join("key.pem"), &other.join("cert.pem")).unwrap();
        let certificate = stranger
            .sign("urn:dev:1", EndpointName::CommonName, &key)
            .unwrap();
        assert!(trust.verify(&[certificate], 1_800_000_000).is_err());
    }
}
