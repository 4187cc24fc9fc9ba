//! Credentials: how a device proves who it is. Keys go in and are not told again.

use crate::Timestamp;
use crate::compact::Compact;
use serde::{Deserialize, Serialize};
use std::fmt;

/// How a device proves who it is. LwM2M Transport 1.2 §5.2.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, Compact)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum CredentialMode {
    Psk,
    Rpk,
    X509,
    /// It need not: it is let in without security.
    None,
}

impl CredentialMode {
    pub const ALL: [CredentialMode; 4] = [
        CredentialMode::Psk,
        CredentialMode::Rpk,
        CredentialMode::X509,
        CredentialMode::None,
    ];

    pub const fn name(self) -> &'static str {
        match self {
            CredentialMode::Psk => "psk",
            CredentialMode::Rpk => "rpk",
            CredentialMode::X509 => "x509",
            CredentialMode::None => "none",
        }
    }

    /// For people.
    pub const fn word(self) -> &'static str {
        match self {
            CredentialMode::Psk => "Pre-shared key",
            CredentialMode::Rpk => "Raw public key",
            CredentialMode::X509 => "Certificate",
            CredentialMode::None => "No security",
        }
    }
}

/// `POST /credentials`. Takes the place of the endpoint's credential, if it has one.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CredentialRequest {
    pub endpoint: String,
    pub mode: CredentialMode,
    /// With `psk`: the identity; the endpoint name if absent.
    #[serde(default)]
    pub identity: Option<String>,
    /// With `psk`: the key, 4 to 64 bytes in hexadecimal.
    #[serde(default)]
    pub key: Option<String>,
    /// With `rpk`: the DER SubjectPublicKeyInfo in hexadecimal.
    #[serde(default)]
    pub public_key: Option<String>,
    /// With `x509`: what the certificate is known by, if it does not carry the endpoint name where that is looked for: its
    /// common name, a URI or a DNS name of its subjectAltName, or `sha256:` and its fingerprint in hexadecimal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certificate_name: Option<String>,
    /// From then on it is refused.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub expires: Option<Timestamp>,
}

impl fmt::Debug for CredentialRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CredentialRequest")
            .field("endpoint", &self.endpoint)
            .field("mode", &self.mode)
            .finish_non_exhaustive()
    }
}

/// `POST /credentials/generate`: a pre-shared key made by the server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GenerateCredential {
    pub endpoint: String,
    /// The endpoint name if absent.
    #[serde(default)]
    pub identity: Option<String>,
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub expires: Option<Timestamp>,
}

/// A generated key, told this once.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Compact)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GeneratedCredential {
    pub endpoint: String,
    pub identity: String,
    /// 16 bytes in hexadecimal.
    pub key: String,
}

impl fmt::Debug for GeneratedCredential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GeneratedCredential")
            .field("endpoint", &self.endpoint)
            .field("identity", &self.identity)
            .finish_non_exhaustive()
    }
}

/// A credential without what is secret of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Compact)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CredentialView {
    pub endpoint: String,
    pub mode: CredentialMode,
    /// The PSK identity; bytes that are no text are replaced.
    pub identity: Option<String>,
    /// The raw public key, hexadecimal.
    pub public_key: Option<String>,
    /// What the certificate is known by that does not carry the endpoint name.
    #[serde(default)]
    pub certificate_name: Option<String>,
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub created: Timestamp,
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub expires: Option<Timestamp>,
}

/// `GET /credentials`: by endpoint.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, Compact)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CredentialList {
    pub items: Vec<CredentialView>,
    /// The `after` that brings the next page; absent on the last.
    pub next: Option<String>,
    pub total: u64,
    /// What devices are told of the server: its raw public key, hexadecimal.
    pub server_public_key: String,
    /// Its certificate chain, DER in hexadecimal, its own first.
    pub server_certificates: Vec<String>,
}
