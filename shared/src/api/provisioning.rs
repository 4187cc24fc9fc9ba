//! Provisioning: devices that are made known before they come, imports, and devices that left for good.

use crate::Timestamp;
use crate::compact::Compact;
use crate::sorted::SortedMap;
use serde::{Deserialize, Serialize};

/// The body of `POST /devices`.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default, deny_unknown_fields)]
pub struct ProvisionRequest {
    pub endpoint: String,
    /// `"psk"`, `"rpk"`, `"x509"` or `"none"`; absent: by what else is given, and the credential stays as it is if nothing
    /// is.
    pub mode: Option<String>,
    /// Of a pre-shared key; absent: the endpoint name.
    pub identity: Option<String>,
    /// Hexadecimal, at least 16 bytes. With mode `"psk"` and no key one is generated, and told once in the answer.
    pub key: Option<String>,
    /// Hexadecimal SubjectPublicKeyInfo, for mode `"rpk"`. Without one a key pair is generated, and told once in the answer.
    pub public_key: Option<String>,
    /// With mode `"x509"`: what the certificate is known by, if it does not carry the endpoint name; as in
    /// `POST /credentials`.
    pub certificate_name: Option<String>,
    /// With mode `"x509"`: whether a key pair and a certificate of Muster's own authority are made, and told once in the
    /// answer; else the device has one already, of an authority that is trusted.
    pub generate: bool,
    /// A credential for bootstrap alone, `"psk"`, `"rpk"`, `"x509"` or `"none"`; without one the other serves for both.
    pub bootstrap_mode: Option<String>,
    pub bootstrap_identity: Option<String>,
    pub bootstrap_key: Option<String>,
    pub bootstrap_public_key: Option<String>,
    pub bootstrap_certificate_name: Option<String>,
    pub bootstrap_generate: bool,
    pub label: Option<String>,
    #[cfg_attr(feature = "openapi", schema(value_type = BTreeMap<String, String>))]
    pub tags: SortedMap<String, String>,
    #[cfg_attr(feature = "openapi", schema(value_type = BTreeMap<String, String>))]
    pub metadata: SortedMap<String, String>,
    /// Kept as the tag `group`.
    pub group: Option<String>,
    /// The bootstrap configuration that is chosen for it.
    pub configuration: Option<String>,
}

/// Without the key.
impl std::fmt::Debug for ProvisionRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ProvisionRequest")
            .field("endpoint", &self.endpoint)
            .field("mode", &self.mode)
            .finish_non_exhaustive()
    }
}

/// The answer to `POST /devices`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Compact)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Provisioned {
    pub endpoint: String,
    /// False if the device was known and is described anew.
    pub created: bool,
    /// The key, key pair or certificate that was generated, told only here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub generated: Option<GeneratedKey>,
    /// The same of the key for bootstrap.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub generated_bootstrap: Option<GeneratedKey>,
}

/// What the server made up for a device to prove itself by: fields that its mode has not are left out.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Compact)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GeneratedKey {
    /// `"psk"`, `"rpk"` or `"x509"`.
    pub mode: String,
    /// Of a pre-shared key.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub identity: String,
    /// The pre-shared key, hexadecimal.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub key: String,
    /// SubjectPublicKeyInfo, DER in hexadecimal.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub public_key: String,
    /// PKCS #8, DER in hexadecimal.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub private_key: String,
    /// DER in hexadecimal.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub certificate: String,
    /// Private key and certificate, or private and public key, in PEM, as a file for the device.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub pem: String,
}

/// Without the key.
impl std::fmt::Debug for GeneratedKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("GeneratedKey")
            .field("mode", &self.mode)
            .field("identity", &self.identity)
            .finish_non_exhaustive()
    }
}

/// Where an import stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Compact)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum ImportState {
    Running,
    Done,
    /// It broke off; what was taken before stays.
    Failed,
}

/// A row that was not taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Compact)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RefusedRow {
    /// Counted from 1; the header is the first.
    pub line: u64,
    pub reason: String,
}

/// The answer to `POST /devices/import`, its progress meanwhile at `GET /imports/{id}`, and without the refused rows in the
/// list at `GET /imports`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Compact)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ImportView {
    pub id: String,
    pub state: ImportState,
    pub created: u64,
    pub updated: u64,
    /// The first 10,000; absent if there is none, and in the list.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub refused: Vec<RefusedRow>,
    pub refused_total: u64,
    /// How many bytes were read, and how many there are if the sender said so.
    pub bytes: u64,
    pub bytes_total: Option<u64>,
    /// How many keys were generated and can be fetched, once, from `POST /imports/{id}/credentials`.
    pub generated: u64,
    /// Why it broke off.
    pub reason: Option<String>,
    pub by: String,
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub started_at: Timestamp,
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub ended_at: Option<Timestamp>,
}

/// A row as it was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Compact)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CheckedRow {
    /// Counted from 1; the header is the first.
    pub line: u64,
    /// In the order of the columns; dots in the place of a key.
    pub fields: Vec<String>,
    /// Why it would be refused.
    pub reason: Option<String>,
}

/// The answer to `POST /devices/import/check`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, Compact)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ImportCheck {
    pub columns: Vec<String>,
    /// The first 10.
    pub first: Vec<CheckedRow>,
    /// How many rows there are.
    pub rows: u64,
    /// The first 1,000 that would be refused.
    pub refused: Vec<RefusedRow>,
    pub refused_total: u64,
}

/// `GET /imports`: newest first, of this run of the server.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, Compact)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ImportList {
    pub items: Vec<ImportView>,
}

/// A device that left for good.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Compact)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DecommissionedDevice {
    pub endpoint: String,
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub at: Timestamp,
    pub by: String,
    /// Whether its history can be fetched from `GET /decommissioned/{endpoint}/archive`.
    pub archive: bool,
    /// Whether the account on the device is still to be deleted, when it asks for its bootstrap.
    pub wipe_pending: bool,
}

/// `GET /decommissioned`: newest first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, Compact)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DecommissionedList {
    pub items: Vec<DecommissionedDevice>,
}

/// What our server, and the others, may do on a device: object 2. `GET /devices/{endpoint}/access`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, Compact)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DeviceAccess {
    /// The device has access control, or the values known of it say so. Without it everything is allowed.
    pub controlled: bool,
    /// The values of object 2 were read; else read `/2` first.
    pub known: bool,
    /// How many instances of object 2 the device registered of which nothing is known yet, as when it has new ones.
    pub unread: u32,
    /// The short server id by which the device knows this server, if its Server object is known.
    pub short_server_id: Option<u16>,
    /// The device is known to have one server alone: access control is not in force then, and everything is allowed.
    pub single_server: bool,
    /// The short server ids that occur.
    pub servers: Vec<u16>,
    pub entries: Vec<crate::access::AccessControl>,
    /// What each server may do on each object instance that the device registered.
    pub rights: Vec<InstanceRights>,
}

/// The rights on one object instance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Compact)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct InstanceRights {
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub path: crate::Path,
    /// The instance of object 2 that says so.
    pub entry: Option<u16>,
    /// Short server id → letters of `RWEDC`, `"-"` for none.
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub rights: SortedMap<u16, crate::access::Rights>,
}

/// The body of `POST /devices/{endpoint}/access/preview`: who is to have which rights.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct AccessChange {
    /// An object instance, `"/3303/0"`; or an object, `"/3303"`, for the right to create instances of it.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub path: crate::Path,
    /// Short server id → letters of `RWED`, of an object `C`; id 0 is for those that are not named. It takes the place of the
    /// whole list: who is not named has nothing of its own.
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub list: SortedMap<u16, crate::access::Rights>,
    /// The short server id of this server, where the device has several and it is not known which.
    #[serde(default)]
    pub short_server_id: Option<u16>,
}

/// What would have to be asked of the device for that, and what came of it. Nothing is sent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AccessPreview {
    /// The instance of object 2 that is about it.
    pub entry: Option<u16>,
    /// Why this server cannot do it.
    pub refused: Option<String>,
    /// What to ask at `/devices/{endpoint}/operations`, in order.
    pub operations: Vec<super::OperationRequest>,
    /// What each server may do then.
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub rights: SortedMap<u16, crate::access::Rights>,
    /// What else would follow from it, in words: as that this server could not change the list or read the instance any more.
    pub warnings: Vec<String>,
}

/// What `GET /devices/{endpoint}/access` is asked.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::IntoParams))]
#[cfg_attr(feature = "openapi", into_params(parameter_in = Query))]
#[serde(default, deny_unknown_fields)]
pub struct AccessQuery {
    /// The short server id of this server, where the device has several and it is not known which.
    pub short_server_id: Option<u16>,
}
