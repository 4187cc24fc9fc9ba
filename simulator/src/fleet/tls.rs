//! What a device needs for TLS: whom it believes, and who it is.

use super::{FleetError, TlsFiles};
use std::path::Path;
use std::sync::Arc;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

/// The protocol name of RFC 8323 §8.2.
pub(super) const ALPN: &[u8] = b"coap";

/// The name that the server's certificate has to have.
pub(super) fn name(host: &str) -> Result<ServerName<'static>, FleetError> {
    ServerName::try_from(host.to_owned()).map_err(|error| FleetError::Tls(error.to_string()))
}

/// The configuration of a client that believes an authority.
pub(super) fn client(files: &TlsFiles) -> Result<ClientConfig, FleetError> {
    let authorities = files.authorities.as_deref().ok_or_else(|| {
        let reason =
            "say by --ca which authority the server's certificate is from, or by --server-key its public key";
        FleetError::Tls(reason.into())
    })?;
    let mut roots = RootCertStore::empty();
    for certificate in certificates(authorities)? {
        roots
            .add(certificate)
            .map_err(|error| broken(authorities, &error))?;
    }
    let builder = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| FleetError::Tls(error.to_string()))?
        .with_root_certificates(roots);
    let mut config = match (&files.certificate, &files.key) {
        (Some(certificate), Some(key)) => {
            let chain = certificates(certificate)?;
            let key = PrivateKeyDer::from_pem_file(key).map_err(|error| broken(key, &error))?;
            builder
                .with_client_auth_cert(chain, key)
                .map_err(|error| broken(certificate, &error))?
        }
        (None, None) => builder.with_no_client_auth(),
        _ => {
            return Err(FleetError::Tls(
                "a certificate and its key belong together".into(),
            ));
        }
    };
    config.alpn_protocols = vec![ALPN.to_vec()];
    Ok(config)
}

/// A DER certificate of a file.
pub(super) type Certificate = CertificateDer<'static>;

/// The certificates of a PEM file, at least one.
pub(super) fn certificates(path: &Path) -> Result<Vec<Certificate>, FleetError> {
    let found: Result<Vec<_>, _> = CertificateDer::pem_file_iter(path)
        .map_err(|error| broken(path, &error))?
        .collect();
    let found = found.map_err(|error| broken(path, &error))?;
    if found.is_empty() {
        return Err(FleetError::Tls(format!(
            "{} holds no certificate",
            path.display()
        )));
    }
    Ok(found)
}

pub(super) fn broken(path: &Path, error: &impl std::fmt::Display) -> FleetError {
    FleetError::Tls(format!("{} cannot be used: {error}", path.display()))
}
