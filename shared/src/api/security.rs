//! How devices prove who they are: credentials, and the sessions that came of them. LwM2M Transport 1.2 §5.2.

use crate::Timestamp;
use serde::{Deserialize, Serialize};

/// A DTLS session as the API shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SecurityView {
    /// `"psk"`, `"rpk"` or `"x509"`.
    pub mode: String,
    /// The PSK identity, the SHA-256 fingerprint of the public key, or the name in the certificate.
    pub identity: String,
    /// The cipher suite by its IANA name.
    pub suite: String,
    /// When the session began.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub since: Timestamp,
    /// Its records carry a connection id, so that it outlives a change of address (RFC 9146).
    pub connection_id: bool,
    /// An earlier session went on, without a new proof of identity.
    pub resumed: bool,
}

/// What the API knows of a device's security: the session, and how the last handshake without one ended.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DeviceSecurity {
    /// The session of the registration; absent without security.
    pub session: Option<SecurityView>,
    /// How often the session's address changed.
    pub address_changes: u32,
    /// The last handshake that failed.
    pub last_failure: Option<HandshakeFailure>,
    /// What the device has to prove; absent if it has no credential.
    pub credential: Option<CredentialView>,
}

/// A handshake that ended without a session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HandshakeFailure {
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub at: Timestamp,
    /// Where it came from.
    pub address: String,
    /// What the peer claimed to be; not proven.
    pub identity: Option<String>,
    /// Why, in a sentence.
    pub reason: String,
}

/// How a device proves who it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum CredentialMode {
    /// It knows a key.
    Psk,
    /// It holds the private key of a public key that is known.
    Rpk,
    /// It holds a certificate of a trusted authority that names it.
    X509,
    /// Not at all: it is let in without security.
    None,
}

impl CredentialMode {
    pub const fn name(self) -> &'static str {
        match self {
            CredentialMode::Psk => "psk",
            CredentialMode::Rpk => "rpk",
            CredentialMode::X509 => "x509",
            CredentialMode::None => "none",
        }
    }
}

/// The body of `POST /credentials`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct CredentialRequest {
    pub endpoint: String,
    pub mode: CredentialMode,
    /// PSK: the identity as text; the endpoint name if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identity: Option<String>,
    /// PSK: the key, hexadecimal, 4 to 64 bytes. It is never told again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// RPK: the device's SubjectPublicKeyInfo, hexadecimal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub public_key: Option<String>,
    /// From then on it is refused.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<Timestamp>,
}

impl std::fmt::Debug for CredentialRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CredentialRequest")
            .field("endpoint", &self.endpoint)
            .field("mode", &self.mode)
            .field("identity", &self.identity)
            .field("key", &self.key.as_ref().map(|_| "…"))
            .field("public_key", &self.public_key)
            .field("expires", &self.expires)
            .finish()
    }
}

/// A credential without its key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CredentialView {
    pub endpoint: String,
    pub mode: CredentialMode,
    /// PSK: the identity; bytes that are no text are replaced.
    pub identity: Option<String>,
    /// RPK: the SubjectPublicKeyInfo, hexadecimal.
    pub public_key: Option<String>,
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub created: Timestamp,
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub expires: Option<Timestamp>,
    pub expired: bool,
}

/// `GET /credentials`: sorted by endpoint.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CredentialList {
    pub items: Vec<CredentialView>,
    /// The `cursor` that brings the next page; absent on the last.
    pub next_cursor: Option<String>,
    /// How many there are, over all pages.
    pub total: u64,
}

/// The body of `POST /credentials/{endpoint}/generate`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default, deny_unknown_fields)]
pub struct GenerateRequest {
    /// The PSK identity; the endpoint name if absent.
    pub identity: Option<String>,
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub expires: Option<Timestamp>,
}

/// A pre-shared key that the server made. The key is told only this once.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GeneratedCredential {
    pub credential: CredentialView,
    /// Hexadecimal, 16 random bytes.
    pub key: String,
}

impl std::fmt::Debug for GeneratedCredential {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("GeneratedCredential")
            .field("credential", &self.credential)
            .field("key", &"…")
            .finish()
    }
}

/// `GET /server/identity`: what devices are given so that they know the server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ServerIdentity {
    /// The server's SubjectPublicKeyInfo, hexadecimal: resource `/0/x/4` in the mode raw public key.
    pub public_key: String,
    /// The server's own certificate, DER in hexadecimal: resource `/0/x/4` in the mode certificate.
    pub certificate: String,
}
