//! The session and the server itself.

use crate::Timestamp;
use crate::compact::Compact;
use serde::{Deserialize, Serialize};

/// The body of `POST /session`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct LogIn {
    pub username: String,
    pub password: String,
}

impl std::fmt::Debug for LogIn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LogIn")
            .field("username", &self.username)
            .field("password", &"…")
            .finish()
    }
}

/// What an account may do; each includes the ones before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Compact)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Role {
    /// Looks.
    Viewer,
    /// Also reads from devices and observes them.
    Support,
    /// Also writes, executes, creates and deletes.
    Operator,
    /// Also manages accounts, models and the server.
    Admin,
}

impl Role {
    pub const ALL: [Role; 4] = [Role::Viewer, Role::Support, Role::Operator, Role::Admin];

    /// As the API and the database write it.
    pub const fn name(self) -> &'static str {
        match self {
            Role::Viewer => "viewer",
            Role::Support => "support",
            Role::Operator => "operator",
            Role::Admin => "admin",
        }
    }

    /// The word for people.
    pub const fn word(self) -> &'static str {
        match self {
            Role::Viewer => "Viewer",
            Role::Support => "Support",
            Role::Operator => "Operator",
            Role::Admin => "Administrator",
        }
    }

    /// What it may do.
    pub const fn meaning(self) -> &'static str {
        match self {
            Role::Viewer => "Looks at devices and what is known of them.",
            Role::Support => "Also reads from devices, observes them and sees their messages.",
            Role::Operator => "Also writes, executes, provisions devices and gives out links.",
            Role::Admin => "Also manages users and tokens and sees the audit log.",
        }
    }

    pub fn from_name(name: &str) -> Option<Role> {
        Role::ALL.into_iter().find(|role| role.name() == name)
    }
}

/// Who is logged in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Compact)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SessionView {
    pub username: String,
    pub role: Role,
    /// To be sent as `X-CSRF-Token` with every request that changes something, when the cookie is used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub csrf_token: Option<String>,
    /// The only device that is shown, for who came by a link.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device: Option<String>,
    /// When the link expires.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub expires: Option<Timestamp>,
}

/// What `GET /server` tells.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Compact)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ServerView {
    pub version: String,
    pub build: String,
    pub listeners: Vec<Listener>,
    /// Seconds since the server started.
    pub uptime: u64,
    pub devices: u64,
}

/// Something that was refused lately. The same from the same host again is counted, not listed again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Compact)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RefusalView {
    /// The last time.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub at: Timestamp,
    /// The first time.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub first: Timestamp,
    /// How often.
    pub count: u32,
    /// The IP address it came from.
    pub host: String,
    /// The port it came from the last time.
    pub port: u16,
    /// The known device in whose name it came. Not proven.
    pub endpoint: Option<String>,
    /// `"handshake"`, `"Register"`, …
    pub what: String,
    /// What was answered, `"4.03"`; nothing where no CoAP answer is due.
    pub code: Option<String>,
    /// Why, in words.
    pub reason: String,
}

/// What `GET /server/refused` tells, the newest first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, Compact)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RefusalList {
    pub items: Vec<RefusalView>,
}

/// What `GET /server/identity` tells: what devices are given to know the server by, and what the server trusts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Compact)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ServerIdentity {
    /// The SubjectPublicKeyInfo, hexadecimal: resource `/0/x/4` of a device in the mode raw public key.
    pub public_key: String,
    /// The certificate chain, DER in hexadecimal, its own first: resource `/0/x/4` in the mode certificate.
    pub certificates: Vec<String>,
    /// SHA-256 of the certificate, hexadecimal.
    pub fingerprint: String,
    /// The names of the authorities that devices' certificates may come from.
    pub trusted_authorities: Vec<String>,
    /// Where in a device's certificate its endpoint name stands: `"common_name"`, `"san_uri"`, `"san_dns"`.
    pub endpoint_name: String,
    /// Whether devices without a credential are let in without security.
    pub allow_unsecured: bool,
    /// The length of connection ids given out; 0 for none.
    pub connection_id_length: u8,
}

/// Where the server listens.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Compact)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Listener {
    /// `"coap"`, `"http"`, …
    pub scheme: String,
    pub address: String,
}
