//! The server's own key and certificate: given by files, or made at the first start.

use dtls::{KeyCredential, SigningKey};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use zeroize::Zeroizing;

/// Why the server has no key.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    #[error("{path}: {reason}")]
    File { path: PathBuf, reason: String },
    #[error("a key cannot be made: {0}")]
    Made(String),
}

/// The server's private key with its certificate chain.
#[derive(Clone, Debug)]
pub struct ServerKey {
    signing: Arc<SigningKey>,
    chain: Vec<Vec<u8>>,
    pkcs8: Arc<Zeroizing<Vec<u8>>>,
}

impl ServerKey {
    /// The key and certificate of these PEM files; those that do not exist are made: an ECDSA key on P-256 and a
    /// certificate that it signs itself.
    ///
    /// # Errors
    /// [`KeyError`] names the file.
    pub fn open(key_file: &Path, certificate_file: &Path) -> Result<ServerKey, KeyError> {
        if !key_file.exists() && !certificate_file.exists() {
            make(key_file, certificate_file)?;
        }
        let wrong = |path: &Path, reason: String| KeyError::File {
            path: path.to_owned(),
            reason,
        };
        let key =
            PrivateKeyDer::from_pem_file(key_file).map_err(|error| wrong(key_file, error.to_string()))?;
        let PrivateKeyDer::Pkcs8(key) = key else {
            return Err(wrong(
                key_file,
                "the private key is not in PKCS #8 (BEGIN PRIVATE KEY)".into(),
            ));
        };
        let pkcs8 = Zeroizing::new(key.secret_pkcs8_der().to_vec());
        let signing = SigningKey::from_pkcs8(&pkcs8)
            .map_err(|_| wrong(key_file, "it is no ECDSA key on P-256".into()))?;
        let chain = authorities(certificate_file)?;
        Ok(ServerKey {
            signing: Arc::new(signing),
            chain,
            pkcs8: Arc::new(pkcs8),
        })
    }

    /// For DTLS: the certificate to those who want one, the raw public key to those who want that.
    pub fn credential(&self) -> KeyCredential {
        KeyCredential {
            key: self.signing.clone(),
            chain: self.chain.clone(),
            raw_public_key: true,
        }
    }

    /// The DER certificates, the server's own first.
    pub fn chain(&self) -> &[Vec<u8>] {
        &self.chain
    }

    /// The private key in PKCS #8, for TLS.
    pub fn pkcs8(&self) -> &[u8] {
        &self.pkcs8
    }

    /// The DER SubjectPublicKeyInfo, which devices with raw public keys are given.
    pub fn public_key(&self) -> &[u8] {
        self.signing.public_key()
    }
}

/// The DER certificates of a PEM file, at least one.
///
/// # Errors
/// [`KeyError::File`].
pub fn authorities(file: &Path) -> Result<Vec<Vec<u8>>, KeyError> {
    let wrong = |reason: String| KeyError::File {
        path: file.to_owned(),
        reason,
    };
    let found: Result<Vec<Vec<u8>>, _> = CertificateDer::pem_file_iter(file)
        .map_err(|error| wrong(error.to_string()))?
        .map(|certificate| certificate.map(|der| der.as_ref().to_vec()))
        .collect();
    let found = found.map_err(|error| wrong(error.to_string()))?;
    if found.is_empty() {
        return Err(wrong("there is no certificate in it (BEGIN CERTIFICATE)".into()));
    }
    Ok(found)
}

fn make(key_file: &Path, certificate_file: &Path) -> Result<(), KeyError> {
    let made = |error: rcgen::Error| KeyError::Made(error.to_string());
    let key = rcgen::KeyPair::generate().map_err(made)?;
    let mut parameters = rcgen::CertificateParams::new(vec!["localhost".to_owned()]).map_err(made)?;
    parameters.distinguished_name = rcgen::DistinguishedName::new();
    parameters
        .distinguished_name
        .push(rcgen::DnType::CommonName, "Muster");
    parameters.not_before = rcgen::date_time_ymd(2025, 1, 1);
    parameters.not_after = rcgen::date_time_ymd(2049, 12, 31);
    let certificate = parameters.self_signed(&key).map_err(made)?;
    let text = Zeroizing::new(key.serialize_pem());
    write(key_file, text.as_bytes(), 0o600)?;
    write(certificate_file, certificate.pem().as_bytes(), 0o644)?;
    tracing::info!(
        key = %key_file.display(),
        certificate = %certificate_file.display(),
        "the server's key and certificate were made"
    );
    Ok(())
}

pub(super) fn write(file: &Path, bytes: &[u8], mode: u32) -> Result<(), KeyError> {
    std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(mode)
        .open(file)
        .and_then(|mut made| made.write_all(bytes).and_then(|()| made.sync_all()))
        .map_err(|error| KeyError::File {
            path: file.to_owned(),
            reason: error.to_string(),
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_is_made_once_and_read_again() {
        let directory = tempfile::tempdir().unwrap();
        let (key, certificate) = (
            directory.path().join("key.pem"),
            directory.path().join("cert.pem"),
        );
        let first = ServerKey::open(&key, &certificate).unwrap();
        let again = ServerKey::open(&key, &certificate).unwrap();
        assert_eq!(first.public_key(), again.public_key());
        assert_eq!(first.chain(), again.chain());
        let names = dtls::CertificateNames::of(&first.chain()[0]).unwrap();
        assert_eq!(names.common_name.as_deref(), Some("Muster"));
        std::fs::write(&key, "nonsense").unwrap();
        assert!(
            ServerKey::open(&key, &certificate)
                .unwrap_err()
                .to_string()
                .contains("key.pem")
        );
    }
}
