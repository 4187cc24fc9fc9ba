//! The server's own keys and the devices' credentials, read at the start.

use super::{CoreConfig, StartError, TlsCredentials};
use crate::credential::{
    self, Authority, CredentialError, Credentials, ServerKey, Trust, Use, Vault, authorities,
};
use crate::registry;
use crate::store::Store;
use crate::tls::Judge;
use std::sync::Arc;

/// What security needs before the first device comes.
pub(super) struct Security {
    pub(super) credentials: Credentials,
    /// For bootstrap alone.
    pub(super) bootstrap_credentials: Credentials,
    pub(super) server_key: ServerKey,
    /// Signs the certificates that devices are given.
    pub(super) authority: Arc<Authority>,
    /// Whether authorities of others are trusted.
    others_trusted: bool,
    pub(super) trust: Arc<Trust>,
    pub(super) dtls: Arc<dtls::Config>,
}

impl Security {
    /// What TLS proves the server by, and whom it believes: the same as DTLS.
    pub(super) fn tls(&self) -> TlsCredentials {
        TlsCredentials {
            chain: self.server_key.chain().to_vec(),
            key: self.server_key.pkcs8().to_vec(),
            authorities: self.trust.authorities.clone(),
            optional: !self.others_trusted,
        }
    }

    /// Whether TLS lets a device in: as DTLS does.
    pub(super) fn judge(&self) -> Judge {
        let (credentials, trust) = (self.credentials.clone(), self.trust.clone());
        Arc::new(move |identity| {
            credential::owner(&credentials, &trust, identity, registry::now()).map(|_| ())
        })
    }

    /// Opens the key files, which are made at the first start, and reads the credentials.
    ///
    /// # Errors
    /// [`StartError`] names the file that cannot be used.
    pub(super) fn open(config: &CoreConfig, store: &Store) -> Result<Security, StartError> {
        let settings = &config.dtls;
        let file = |named: &Option<std::path::PathBuf>, usual: &str| {
            named.clone().unwrap_or_else(|| config.data_dir.join(usual))
        };
        let vault = Vault::open(&file(&settings.secret_key_file, "secret.key"))
            .map_err(|error| StartError::Credential(CredentialError::Vault(error)))?;
        let server_key = ServerKey::open(
            &file(&settings.key_file, "server-key.pem"),
            &file(&settings.certificate_file, "server-certificate.pem"),
        )?;
        let mut trust = Trust {
            authorities: config.streams.credentials.authorities.clone(),
            endpoint_name: settings.endpoint_name,
        };
        for file in &settings.trusted_certificates {
            trust.authorities.extend(authorities(file)?);
        }
        let authority = Authority::open(
            &file(&settings.authority_key_file, "device-authority-key.pem"),
            &file(&settings.authority_certificate_file, "device-authority.pem"),
        )?;
        let others_trusted = !trust.authorities.is_empty();
        trust.authorities.push(authority.certificate().to_vec());
        let vault = Arc::new(vault);
        let dtls = dtls::Config {
            key: Some(server_key.credential()),
            connection_id_length: Some(settings.connection_id_length.into()),
            require_extended_master_secret: settings.require_extended_master_secret,
            max_handshakes: settings.max_handshakes,
            max_sessions: settings.max_sessions,
            trace: true,
            ..dtls::Config::default()
        };
        Ok(Security {
            credentials: Credentials::load(store.clone(), vault.clone(), Use::Server)?,
            bootstrap_credentials: Credentials::load(store.clone(), vault, Use::Bootstrap)?,
            authority: Arc::new(authority),
            others_trusted,
            server_key,
            trust: Arc::new(trust),
            dtls: Arc::new(dtls),
        })
    }
}
