//! What a device said of itself when it registered. LwM2M Core 1.2 §6.2.1.

use crate::compact::Compact;
use crate::sorted::SortedMap;
use crate::{ContentFormat, Path, Timestamp, Version};
use serde::{Deserialize, Serialize};

/// A registration as the API shows it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Compact)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RegistrationView {
    /// The last segment of the location, `rd/{id}`.
    pub id: String,
    pub version: Version,
    /// Seconds; 0 is without end (LwM2M Core 1.2 §6.2.1).
    pub lifetime: u32,
    /// The binding letters, `"U"`.
    pub binding: String,
    pub queue_mode: bool,
    /// The MSISDN of the `sms` parameter.
    pub sms_number: Option<String>,
    /// Where the last message came from, `"192.0.2.7:49152"`.
    pub address: String,
    /// What the messages go over.
    pub transport: Transport,
    /// The security mode of the session: `"none"`, `"psk"`, `"rpk"`, `"x509"`.
    pub security: String,
    /// The session behind it, if it has one.
    pub session: Option<SecurityView>,
    /// The alternate path, `"/lwm2m"`, if it is not the root.
    pub root_path: Option<String>,
    /// The formats of the root link's `ct` attribute.
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<u16>))]
    pub content_formats: Vec<ContentFormat>,
    /// The object instances as paths; an object without instances as its own path.
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<String>))]
    pub objects: Vec<Path>,
    /// The object versions in effect, told or by the enabler's default: object id → version.
    #[cfg_attr(feature = "openapi", schema(value_type = BTreeMap<u16, String>))]
    pub object_versions: SortedMap<u16, String>,
    /// Parameters of the registration that the specification does not name.
    #[cfg_attr(feature = "openapi", schema(value_type = BTreeMap<String, String>))]
    pub extra: SortedMap<String, String>,
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub registered_at: Timestamp,
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub updated_at: Timestamp,
    /// What is wrong with the registration without being a reason to refuse it.
    pub lint: Vec<Lint>,
}

/// A security session. LwM2M Transport 1.2 §5.2.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Compact)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SecurityView {
    /// `"psk"`, `"rpk"`, `"x509"`.
    pub mode: String,
    /// For people: the PSK identity, the beginning of the public key, or the name in the certificate.
    pub identity: String,
    /// The cipher suite, `"TLS_PSK_WITH_AES_128_CCM_8"`.
    pub suite: String,
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub since: Timestamp,
    /// It goes on when the device's address changes (RFC 9146).
    pub connection_id: bool,
    /// An earlier session went on, without a full handshake.
    pub resumed: bool,
}

/// What messages go over. LwM2M Transport 1.2 §6.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize, Compact,
)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Transport {
    #[default]
    #[serde(rename = "UDP")]
    Udp,
    #[serde(rename = "DTLS")]
    Dtls,
    #[serde(rename = "TCP")]
    Tcp,
    #[serde(rename = "TLS")]
    Tls,
}

/// Something a device does that the specification does not allow, or advises against.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Compact)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Lint {
    /// A stable name, `"ver_on_instance"`.
    pub rule: String,
    /// What was found, in a sentence that quotes it.
    pub message: String,
    /// Where the specification says so, `"LwM2M Core 1.2 §6.2.1"`.
    pub section: String,
}

/// An object a device has, with the version in effect.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Compact)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ObjectRef {
    pub id: u16,
    pub version: String,
}
