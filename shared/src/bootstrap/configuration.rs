//! A bootstrap configuration as a person writes it: a template in which `${…}` stands for what differs by device.

use super::account::ServerAccount;
use crate::Path;
use crate::api::JsonValue;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What stands in an answer where a secret is stored, and in a request where it is to be kept.
pub const STORED: &str = "(stored)";

/// What a device is given at bootstrap.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default, deny_unknown_fields)]
pub struct BootstrapConfiguration {
    /// What is deleted before anything is written. The bootstrap account and `/3/0` survive every Delete.
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<String>))]
    pub delete: Vec<Path>,
    /// What is read before anything is changed: `/1`, `/2` or instances of them. LwM2M 1.1 and later.
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<String>))]
    pub read: Vec<Path>,
    /// The accounts of the servers the device is to register with.
    pub servers: Vec<ServerAccount>,
    /// Who may do what: instances of object 2. Empty for a device with one server.
    pub access: Vec<AccessEntry>,
    /// Instances of any other object, and further instances of those above.
    pub objects: Vec<ObjectInstance>,
    /// The content format by name, `"senml_cbor"`; absent: what the device prefers, else TLV.
    pub format: Option<String>,
    /// Whether the device may fetch all of it in one Bootstrap-Pack. LwM2M 1.2.
    pub pack: bool,
}

impl Default for BootstrapConfiguration {
    fn default() -> BootstrapConfiguration {
        BootstrapConfiguration {
            delete: vec![Path::object(0), Path::object(1)],
            read: Vec::new(),
            servers: Vec::new(),
            access: Vec::new(),
            objects: Vec::new(),
            format: None,
            pack: true,
        }
    }
}

/// An instance of object 2, Access Control. LwM2M Core 1.2 §8, appendix E.3.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct AccessEntry {
    /// The object.
    pub object: u16,
    /// Its instance; absent for the right to create instances of the object.
    #[serde(default)]
    pub instance: Option<u16>,
    /// The short server id of the owner; 65535 for the bootstrap server.
    pub owner: u16,
    /// Short server id → letters of `RWEDC`; id 0 is for all that are not named.
    #[serde(default)]
    pub rights: BTreeMap<u16, String>,
    /// The instance of object 2; absent: the next free one.
    #[serde(default)]
    pub id: Option<u16>,
}

/// One object instance with its values.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ObjectInstance {
    /// `"/3303/0"`.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub path: Path,
    /// Resource id → value, where a multiple resource is an object of resource instance id → value. Texts may have
    /// `${…}`; bytes are base64, `hex:…` or `text:…`.
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub values: BTreeMap<u16, JsonValue>,
    /// Whether the bootstrap goes on if the device refuses it.
    #[serde(default)]
    pub optional: bool,
}

/// Without its values, which may be secrets.
impl std::fmt::Debug for ObjectInstance {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ObjectInstance")
            .field("path", &self.path)
            .field("resources", &self.values.keys().collect::<Vec<_>>())
            .field("optional", &self.optional)
            .finish()
    }
}

/// The resources that hold secrets: the secret and SMS keys of /0, the master secret of /21.
pub(super) const fn is_secret(object: u16, resource: u16) -> bool {
    matches!((object, resource), (0, 5 | 8) | (21, 0))
}

/// Whether a text is a template and no literal; a template is no secret itself.
fn is_literal(text: &str) -> bool {
    !text.is_empty() && !crate::text::holds(text, "${")
}

impl BootstrapConfiguration {
    /// The configuration as it is shown: every literal secret is [`STORED`].
    pub fn redacted(&self) -> BootstrapConfiguration {
        let mut shown = self.clone();
        shown.each_secret(|_, secret| {
            if is_literal(secret) {
                STORED.clone_into(secret);
            }
        });
        shown
    }

    /// This configuration with the secrets that it only names as [`STORED`] taken from the one before. Gives back the
    /// places of those that were not there.
    pub fn restored(&self, before: Option<&BootstrapConfiguration>) -> (BootstrapConfiguration, Vec<String>) {
        let mut known = BTreeMap::new();
        if let Some(before) = before {
            before.clone().each_secret(|place, secret| {
                known.insert(place, secret.clone());
            });
        }
        let mut missing = Vec::new();
        let mut restored = self.clone();
        restored.each_secret(|place, secret| {
            if secret == STORED {
                match known.get(&place) {
                    Some(stored) => secret.clone_from(stored),
                    None => missing.push(place),
                }
            }
        });
        (restored, missing)
    }

    /// Goes through every secret with its place, which names the account or instance it belongs to.
    fn each_secret(&mut self, mut visit: impl FnMut(String, &mut String)) {
        for account in &mut self.servers {
            let id = account.short_server_id;
            if let Some(secret) = account.security.secret_mut() {
                visit(format!("server {id}"), secret);
            }
            for (resource, value) in &mut account.security_resources {
                if let (true, JsonValue::String(text)) = (is_secret(0, *resource), value) {
                    visit(format!("server {id}, /0 resource {resource}"), text);
                }
            }
        }
        for instance in &mut self.objects {
            let object = instance.path.object_id().unwrap_or_default();
            for (resource, value) in &mut instance.values {
                if let (true, JsonValue::String(text)) = (is_secret(object, *resource), value) {
                    visit(format!("{} resource {resource}", instance.path), text);
                }
            }
        }
    }
}
