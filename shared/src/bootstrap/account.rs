//! A server account: the pair of instances, one of Security and one of Server, that make a device register.

use crate::api::JsonValue;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How a device registers with one server. LwM2M Core 1.2, appendices E.1 and E.2.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ServerAccount {
    /// 1 to 65534; pairs the two instances and names the server in access control.
    pub short_server_id: u16,
    /// `coap://host:port`, `coaps://…`, `coap+tcp://…`, `coaps+tcp://…`; `${server_uri}` is this server's own.
    pub uri: String,
    #[serde(default)]
    pub security: AccountSecurity,
    /// Seconds.
    #[serde(default = "usual_lifetime")]
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub lifetime: JsonValue,
    /// The binding letters, `"U"`; absent: what the URI's scheme needs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub binding: Option<String>,
    /// Whether notifications are kept while the server cannot be reached.
    #[serde(default = "yes")]
    pub store_notifications: bool,
    /// The instance of Security, for clients that want a certain one; absent: the next one that is free.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub security_instance: Option<u16>,
    /// The instance of Server.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub server_instance: Option<u16>,
    /// Further resources of Security: id → value.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub security_resources: BTreeMap<u16, JsonValue>,
    /// Further resources of Server: id → value.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub server_resources: BTreeMap<u16, JsonValue>,
}

fn usual_lifetime() -> JsonValue {
    JsonValue::from(86_400)
}

const fn yes() -> bool {
    true
}

impl ServerAccount {
    /// An account without security.
    pub fn new(short_server_id: u16, uri: impl Into<String>) -> ServerAccount {
        ServerAccount {
            short_server_id,
            uri: uri.into(),
            security: AccountSecurity::None {},
            lifetime: usual_lifetime(),
            binding: None,
            store_notifications: true,
            security_instance: None,
            server_instance: None,
            security_resources: BTreeMap::new(),
            server_resources: BTreeMap::new(),
        }
    }
}

impl std::fmt::Debug for ServerAccount {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ServerAccount")
            .field("short_server_id", &self.short_server_id)
            .field("uri", &self.uri)
            .field("security", &self.security)
            .finish_non_exhaustive()
    }
}

/// What the device shows the server. Bytes are base64, `hex:…` or a variable such as `${key}`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "mode", rename_all = "snake_case", deny_unknown_fields)]
pub enum AccountSecurity {
    None {},
    Psk {
        /// A text.
        #[serde(default = "identity_variable")]
        identity: String,
        #[serde(default = "key_variable")]
        key: String,
    },
    Rpk {
        /// SubjectPublicKeyInfo.
        #[serde(default = "public_key_variable")]
        public_key: String,
        #[serde(default = "private_key_variable")]
        private_key: String,
        /// SubjectPublicKeyInfo of the server.
        #[serde(default = "server_public_key_variable")]
        server_public_key: String,
    },
    X509 {
        /// DER.
        #[serde(default = "certificate_variable")]
        certificate: String,
        #[serde(default = "private_key_variable")]
        private_key: String,
        /// DER; what it is says `certificate_usage`.
        #[serde(default = "server_certificate_variable")]
        server_certificate: String,
        /// 0 CA constraint, 1 service certificate constraint, 2 trust anchor, 3 domain-issued certificate.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        certificate_usage: Option<u8>,
    },
}

impl Default for AccountSecurity {
    fn default() -> AccountSecurity {
        AccountSecurity::None {}
    }
}

macro_rules! variables {
    ($($function:ident = $name:literal),*) => {$(
        fn $function() -> String {
            String::from(concat!("${", $name, "}"))
        }
    )*};
}

variables! {
    identity_variable = "identity",
    key_variable = "key",
    public_key_variable = "public_key",
    private_key_variable = "private_key",
    server_public_key_variable = "server_public_key",
    certificate_variable = "certificate",
    server_certificate_variable = "server_certificate"
}

impl AccountSecurity {
    /// PSK with identity and key of the device's own.
    pub fn generated_psk() -> AccountSecurity {
        AccountSecurity::Psk {
            identity: identity_variable(),
            key: key_variable(),
        }
    }

    /// `"none"`, `"psk"`, `"rpk"`, `"x509"`.
    pub const fn name(&self) -> &'static str {
        match self {
            AccountSecurity::None {} => "none",
            AccountSecurity::Psk { .. } => "psk",
            AccountSecurity::Rpk { .. } => "rpk",
            AccountSecurity::X509 { .. } => "x509",
        }
    }

    /// The value of `/0/x/2`, Security Mode.
    pub const fn number(&self) -> i64 {
        match self {
            AccountSecurity::Psk { .. } => 0,
            AccountSecurity::Rpk { .. } => 1,
            AccountSecurity::X509 { .. } => 2,
            AccountSecurity::None {} => 3,
        }
    }

    pub(super) fn secret_mut(&mut self) -> Option<&mut String> {
        match self {
            AccountSecurity::None {} => None,
            AccountSecurity::Psk { key, .. } => Some(key),
            AccountSecurity::Rpk { private_key, .. } | AccountSecurity::X509 { private_key, .. } => {
                Some(private_key)
            }
        }
    }
}

impl std::fmt::Debug for AccountSecurity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}
