//! A configuration filled in for one device: every value typed, only the instance ids of accounts still open.

use super::account::{AccountSecurity, ServerAccount};
use super::configuration::{AccessEntry, BootstrapConfiguration, is_secret};
use super::finding::Finding;
use super::template::{TemplateError, Variables};
use super::uri::ServerUri;
use crate::api::JsonValue;
use crate::codec::TypeLookup;
use crate::{ContentFormat, DataType, Path, Value};
use std::collections::BTreeMap;

/// Where an instance goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Slot {
    /// This one.
    At(u16),
    /// Any that is free, found once it is known what the device has.
    Free,
}

/// A resource or resource instance of an instance.
pub(super) type Place = (u16, Option<u16>);

/// An instance that is to be written.
#[derive(Clone, PartialEq)]
pub struct Instance {
    pub object: u16,
    pub slot: Slot,
    /// Resource, resource instance → value, sorted.
    pub values: BTreeMap<Place, Value>,
    /// The short server id, for instances of Security and Server.
    pub short_server_id: Option<u16>,
    /// Where the configuration says so, `"servers[0]"`.
    pub place: String,
    pub optional: bool,
}

impl std::fmt::Debug for Instance {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Instance")
            .field("object", &self.object)
            .field("slot", &self.slot)
            .field("resources", &self.values.keys().collect::<Vec<_>>())
            .finish_non_exhaustive()
    }
}

impl Instance {
    pub(super) fn get(&self, resource: u16) -> Option<&Value> {
        self.values.get(&(resource, None))
    }

    pub(super) fn integer(&self, resource: u16) -> Option<i64> {
        match self.get(resource)? {
            Value::Integer(value) => Some(*value),
            Value::Unsigned(value) => i64::try_from(*value).ok(),
            _ => None,
        }
    }

    /// Whether it is the account of a bootstrap server.
    pub(super) fn is_bootstrap_account(&self) -> bool {
        self.object == 0 && self.get(1) == Some(&Value::Boolean(true))
    }
}

/// A configuration for one device.
#[derive(Debug, Clone, PartialEq)]
pub struct Draft {
    pub read: Vec<Path>,
    pub delete: Vec<Path>,
    /// In the order in which they are written: Security, Server, access control, the rest.
    pub instances: Vec<Instance>,
    pub format: Option<ContentFormat>,
    pub pack: bool,
}

impl Draft {
    /// Fills the configuration in. Everything that cannot be filled in, or is of the wrong type, is among the
    /// findings as a refusal.
    pub fn fill(
        configuration: &BootstrapConfiguration,
        variables: &Variables,
        types: &dyn TypeLookup,
    ) -> (Draft, Vec<Finding>) {
        let mut filling = Filling {
            variables,
            types,
            findings: Vec::new(),
        };
        let mut security = Vec::new();
        let mut servers = Vec::new();
        for (index, account) in configuration.servers.iter().enumerate() {
            let place = format!("servers[{index}]");
            let (first, second) = filling.account(account, &place);
            security.push(first);
            servers.push(second);
        }
        let mut instances = security;
        instances.extend(servers);
        for (index, entry) in configuration.access.iter().enumerate() {
            instances.push(filling.access(entry, format!("access[{index}]")));
        }
        for (index, object) in configuration.objects.iter().enumerate() {
            let place = format!("objects[{index}]");
            let [id, instance] = *object.path.ids() else {
                let words = format!("{} is no object instance such as /3303/0", object.path);
                filling.findings.push(Finding::refusal(
                    "not_an_instance",
                    format!("{place}.path"),
                    words,
                ));
                continue;
            };
            let mut filled = Instance {
                object: id,
                slot: Slot::At(instance),
                values: BTreeMap::new(),
                short_server_id: None,
                place: place.clone(),
                optional: object.optional,
            };
            filling.resources(&mut filled, &object.values, &place);
            filled.short_server_id = match id {
                0 => filled.integer(10),
                1 => filled.integer(0),
                _ => None,
            }
            .and_then(|id| u16::try_from(id).ok());
            instances.push(filled);
        }
        let format = configuration.format.as_deref().and_then(|name| {
            let format = ContentFormat::from_name(name).filter(|format| super::is_bootstrap_format(*format));
            if format.is_none() {
                let words = format!("'{name}' is no format for bootstrap; there are tlv, senml_json, senml_cbor and lwm2m_cbor");
                filling
                    .findings
                    .push(Finding::refusal("unknown_format", "format", words));
            }
            format
        });
        let draft = Draft {
            read: configuration.read.clone(),
            delete: configuration.delete.clone(),
            instances,
            format,
            pack: configuration.pack,
        };
        (draft, filling.findings)
    }

    /// The accounts' instances of Security, without those of bootstrap servers.
    pub(super) fn server_accounts(&self) -> impl Iterator<Item = &Instance> {
        self.instances
            .iter()
            .filter(|instance| instance.object == 0 && !instance.is_bootstrap_account())
    }
}

struct Filling<'a> {
    variables: &'a Variables,
    types: &'a dyn TypeLookup,
    findings: Vec<Finding>,
}

impl Filling<'_> {
    fn account(&mut self, account: &ServerAccount, place: &str) -> (Instance, Instance) {
        let own = self.own_uri(&account.security);
        let uri = self.noted(own.expand(&account.uri), &format!("{place}.uri"));
        let uri = uri.unwrap_or_default();
        let id = account.short_server_id;
        let (identity, server_key, secret) = self.security(&account.security, place);
        let mut security = Instance {
            object: 0,
            slot: account.security_instance.map_or(Slot::Free, Slot::At),
            values: BTreeMap::new(),
            short_server_id: Some(id),
            place: place.to_owned(),
            optional: false,
        };
        let parsed = ServerUri::parse(&uri);
        for (resource, value) in [
            (0, Value::String(uri)),
            (1, Value::Boolean(false)),
            (2, Value::Integer(account.security.number())),
            (3, Value::Opaque(identity)),
            (4, Value::Opaque(server_key)),
            (5, Value::Opaque(secret)),
            (10, Value::Integer(i64::from(id))),
        ] {
            security.values.insert((resource, None), value);
        }
        if let AccountSecurity::X509 {
            certificate_usage: Some(usage),
            ..
        } = account.security
        {
            security
                .values
                .insert((15, None), Value::Unsigned(u64::from(usage)));
        }
        self.resources(
            &mut security,
            &account.security_resources,
            &format!("{place}.security_resources"),
        );
        // A further resource may have said another id, which the check is to find.
        security.short_server_id = security.integer(10).and_then(|id| u16::try_from(id).ok());
        let binding = account.binding.clone();
        let binding = binding.unwrap_or_else(|| parsed.as_ref().map_or("U", ServerUri::binding).to_owned());
        let lifetime = self.value(DataType::Integer, &account.lifetime, &format!("{place}.lifetime"));
        let mut server = Instance {
            object: 1,
            slot: account.server_instance.map_or(Slot::Free, Slot::At),
            values: BTreeMap::new(),
            short_server_id: Some(id),
            place: place.to_owned(),
            optional: false,
        };
        for (resource, value) in [
            (0, Value::Integer(i64::from(id))),
            (1, lifetime.unwrap_or(Value::Integer(86_400))),
            (6, Value::Boolean(account.store_notifications)),
            (7, Value::String(binding)),
        ] {
            server.values.insert((resource, None), value);
        }
        self.resources(
            &mut server,
            &account.server_resources,
            &format!("{place}.server_resources"),
        );
        server.short_server_id = server.integer(0).and_then(|id| u16::try_from(id).ok());
        (security, server)
    }

    /// The variables with `server_uri` as the account's security needs it.
    fn own_uri(&self, security: &AccountSecurity) -> Variables {
        let name = match security {
            AccountSecurity::None {} => "${coap_uri}",
            _ => "${coaps_uri}",
        };
        let mut variables = self.variables.clone();
        if let Ok(uri) = self.variables.expand(name) {
            variables.text("server_uri", uri);
        }
        variables
    }

    /// The values of `/0/x/3`, `/0/x/4` and `/0/x/5`.
    fn security(&mut self, security: &AccountSecurity, place: &str) -> (Vec<u8>, Vec<u8>, Vec<u8>) {
        let mut bytes = |template: &str, field: &str| {
            let result = self.variables.expand_bytes(template);
            self.noted(result, &format!("{place}.security.{field}"))
                .unwrap_or_default()
        };
        match security {
            AccountSecurity::None {} => Default::default(),
            AccountSecurity::Psk { identity, key } => {
                let key = bytes(key, "key");
                let identity = self.variables.expand(identity);
                let identity = self
                    .noted(identity, &format!("{place}.security.identity"))
                    .unwrap_or_default();
                (identity.into_bytes(), Vec::new(), key)
            }
            AccountSecurity::Rpk {
                public_key,
                private_key,
                server_public_key,
            } => (
                bytes(public_key, "public_key"),
                bytes(server_public_key, "server_public_key"),
                bytes(private_key, "private_key"),
            ),
            AccountSecurity::X509 {
                certificate,
                private_key,
                server_certificate,
                ..
            } => (
                bytes(certificate, "certificate"),
                bytes(server_certificate, "server_certificate"),
                bytes(private_key, "private_key"),
            ),
        }
    }

    fn access(&mut self, entry: &AccessEntry, place: String) -> Instance {
        let mut values = BTreeMap::new();
        values.insert((0, None), Value::Integer(i64::from(entry.object)));
        let instance = entry.instance.unwrap_or(u16::MAX);
        values.insert((1, None), Value::Integer(i64::from(instance)));
        for (server, letters) in &entry.rights {
            match crate::access::Rights::from_letters(letters) {
                Some(rights) => {
                    values.insert((2, Some(*server)), Value::Integer(i64::from(rights.bits())));
                }
                None => self.findings.push(Finding::refusal(
                    "bad_rights",
                    format!("{place}.rights"),
                    format!("'{letters}' are no rights: letters of RWEDC"),
                )),
            }
        }
        values.insert((3, None), Value::Integer(i64::from(entry.owner)));
        Instance {
            object: 2,
            slot: entry.id.map_or(Slot::Free, Slot::At),
            values,
            short_server_id: None,
            place,
            optional: false,
        }
    }

    fn resources(&mut self, instance: &mut Instance, values: &BTreeMap<u16, JsonValue>, place: &str) {
        for (resource, json) in values {
            let here = format!("{place}.{resource}");
            let path = Path::resource(instance.object, 0, *resource);
            let known = self.types.resource(path);
            let data_type = known.map_or_else(|| guessed(json), |known| known.data_type);
            if data_type == DataType::None {
                let words = format!(
                    "resource {resource} of object {} is executable and holds nothing",
                    instance.object
                );
                self.findings.push(Finding::refusal("executable", here, words));
                continue;
            }
            let multiple = known.map_or(json.is_object(), |known| known.multiple);
            match (multiple, json.as_object()) {
                (true, Some(many)) => {
                    for (index, json) in many {
                        let place = format!("{here}.{index}");
                        let Ok(id) = index.parse::<u16>() else {
                            let words =
                                format!("'{index}' is no resource instance id: a number from 0 to 65534");
                            self.findings.push(Finding::refusal("bad_id", place, words));
                            continue;
                        };
                        if let Some(value) = self.value(data_type, json, &place) {
                            instance.values.insert((*resource, Some(id)), value);
                        }
                    }
                }
                (true, None) => {
                    if let Some(value) = self.value(data_type, json, &here) {
                        instance.values.insert((*resource, Some(0)), value);
                    }
                }
                (false, Some(_)) => {
                    let words = "the resource has no instances, so one value is wanted";
                    self.findings.push(Finding::refusal("not_multiple", here, words));
                }
                (false, None) => {
                    if let Some(value) = self.value(data_type, json, &here) {
                        instance.values.insert((*resource, None), value);
                    }
                }
            }
        }
    }

    fn value(&mut self, data_type: DataType, json: &JsonValue, place: &str) -> Option<Value> {
        let text = json.as_str();
        let result = match (data_type, text) {
            (DataType::Opaque, Some(text)) => self
                .variables
                .expand_bytes(text)
                .map(Value::Opaque)
                .map_err(|error| error.to_string()),
            (_, Some(text)) => self
                .variables
                .expand(text)
                .map_err(|error| error.to_string())
                .and_then(|text| from_json(data_type, &text.into())),
            (_, None) => from_json(data_type, json),
        };
        match result {
            Ok(value) => Some(value),
            Err(words) => {
                self.findings.push(Finding::refusal("bad_value", place, words));
                None
            }
        }
    }

    fn noted<T>(&mut self, result: Result<T, TemplateError>, place: &str) -> Option<T> {
        match result {
            Ok(value) => Some(value),
            Err(error) => {
                self.findings
                    .push(Finding::refusal("bad_template", place, error.to_string()));
                None
            }
        }
    }
}

fn from_json(data_type: DataType, json: &JsonValue) -> Result<Value, String> {
    // A flag that came out of a variable is a text.
    let flag = (data_type == DataType::Boolean)
        .then(|| json.as_str())
        .flatten()
        .and_then(|text| text.parse().ok().map(Value::Boolean));
    match flag {
        Some(flag) => Ok(flag),
        None => Value::from_json(data_type, json).map_err(|error| error.to_string()),
    }
}

/// The type of a value whose resource no definition describes.
fn guessed(json: &JsonValue) -> DataType {
    let first = json
        .as_object()
        .and_then(|many| many.values().next())
        .unwrap_or(json);
    match first {
        JsonValue::Bool(_) => DataType::Boolean,
        JsonValue::Integer(_) | JsonValue::Unsigned(_) => DataType::Integer,
        JsonValue::Float(_) => DataType::Float,
        JsonValue::String(text) if text.starts_with("hex:") || text.starts_with("text:") => DataType::Opaque,
        _ => DataType::String,
    }
}

/// Whether the value at this place of the object is a secret.
pub(super) const fn place_is_secret(object: u16, place: Place) -> bool {
    is_secret(object, place.0)
}
