//! What is wrong with a configuration before it is sent: what would lock the device out is refused, what may be
//! another than was meant is warned about.

use super::draft::{Draft, Instance, Slot};
use super::finding::Finding;
use super::uri::ServerUri;
use crate::model::{DeviceModels, check as check_range};
use crate::{Path, Value};
use std::collections::{BTreeMap, BTreeSet};

/// A key below this many bytes can be guessed.
const SHORT_KEY: usize = 16;
/// LwM2M Transport 1.2 §5.2.8.
const LONGEST_IDENTITY: usize = 128;
const LONGEST_KEY: usize = 64;
/// Short server ids that stand for something else. LwM2M Core 1.2, appendix E.1.
const BOOTSTRAP_OWNER: u16 = u16::MAX;

/// Looks at a draft as a whole.
pub fn check(draft: &Draft, models: &DeviceModels<'_>) -> Vec<Finding> {
    let mut checking = Checking {
        draft,
        findings: Vec::new(),
    };
    checking.accounts();
    checking.pairs();
    checking.bootstrap_accounts();
    checking.ids();
    checking.paths();
    checking.access();
    for instance in &draft.instances {
        checking.security(instance);
        checking.server(instance);
        checking.against_model(instance, models);
    }
    checking.findings
}

struct Checking<'a> {
    draft: &'a Draft,
    findings: Vec<Finding>,
}

impl Checking<'_> {
    fn refuse(&mut self, rule: &str, place: impl Into<String>, words: impl Into<String>) {
        self.findings.push(Finding::refusal(rule, place, words));
    }

    fn warn(&mut self, rule: &str, place: impl Into<String>, words: impl Into<String>) {
        self.findings.push(Finding::warning(rule, place, words));
    }

    fn of_object(&self, object: u16) -> impl Iterator<Item = &Instance> {
        let instances = self.draft.instances.iter();
        instances.filter(move |instance| instance.object == object)
    }

    fn accounts(&mut self) {
        if self.draft.server_accounts().next().is_none() {
            self.refuse(
                "no_server_account",
                "servers",
                "No account of a server is written, so the device would know no server to register with.",
            );
        }
        let mut seen = BTreeSet::new();
        let mut twice = Vec::new();
        for account in self.draft.server_accounts() {
            if let Some(id) = account.short_server_id
                && !seen.insert(id)
            {
                twice.push((account.place.clone(), id));
            }
        }
        for (place, id) in twice {
            self.refuse(
                "short_id_twice",
                place,
                format!("Two accounts have the short server id {id}; it has to tell servers apart."),
            );
        }
    }

    /// Each Security has its Server, and the other way round. LwM2M Core 1.2 §6.1.6.
    fn pairs(&mut self) {
        let security: BTreeMap<Option<u16>, String> = self
            .draft
            .server_accounts()
            .map(|it| (it.short_server_id, it.place.clone()))
            .collect();
        let servers: BTreeMap<Option<u16>, String> = self
            .of_object(1)
            .map(|it| (it.short_server_id, it.place.clone()))
            .collect();
        for (id, place) in &security {
            let Some(number) = id else {
                self.refuse(
                    "no_short_id",
                    place.clone(),
                    "An account has no short server id (/0/x/10).",
                );
                continue;
            };
            if !servers.contains_key(id) {
                self.refuse(
                    "mismatched_short_id",
                    place.clone(),
                    format!("No instance of Server (/1) has the short server id {number} of this instance of Security (/0): the device would have no account to register with."),
                );
            }
        }
        for (id, place) in &servers {
            if !security.contains_key(id) {
                let number = id.map_or("none".to_owned(), |id| id.to_string());
                self.refuse(
                    "mismatched_short_id",
                    place.clone(),
                    format!("No instance of Security (/0) has the short server id {number} of this instance of Server (/1): the device would not know how to reach it."),
                );
            }
        }
    }

    fn bootstrap_accounts(&mut self) {
        let places: Vec<(String, bool)> = self
            .of_object(0)
            .filter(|it| it.is_bootstrap_account())
            .map(|it| (it.place.clone(), it.short_server_id.is_some()))
            .collect();
        if places.len() > 1 {
            self.refuse(
                "two_bootstrap_accounts",
                places[1].0.clone(),
                "A device has at most one account of a bootstrap server.",
            );
        }
        for (place, has_id) in places {
            if has_id {
                self.warn(
                    "bootstrap_short_id",
                    place.clone(),
                    "The account of a bootstrap server has no short server id; it is ignored at best.",
                );
            }
            self.warn(
                "replaces_bootstrap_account",
                place,
                "This writes the account of the bootstrap server itself. With a mistake in it the device can not be bootstrapped again without somebody going there.",
            );
        }
    }

    fn ids(&mut self) {
        let mut seen = BTreeSet::new();
        let mut findings = Vec::new();
        for instance in &self.draft.instances {
            let Slot::At(id) = instance.slot else { continue };
            if id == u16::MAX {
                findings.push(Finding::refusal(
                    "reserved_id",
                    instance.place.clone(),
                    "The instance id 65535 is reserved.",
                ));
            }
            if !seen.insert((instance.object, id)) {
                findings.push(Finding::refusal(
                    "instance_twice",
                    instance.place.clone(),
                    format!("/{}/{id} is written twice.", instance.object),
                ));
            }
        }
        self.findings.extend(findings);
    }

    fn paths(&mut self) {
        for path in &self.draft.delete.clone() {
            if path.depth() > 2 {
                self.refuse(
                    "bad_delete",
                    "delete",
                    format!(
                        "{path}: everything (/), an object or an instance can be deleted, nothing below."
                    ),
                );
            }
            if path.is_root() {
                self.warn(
                    "deletes_everything",
                    "delete",
                    "/ deletes every instance of every object but the bootstrap account and /3/0, also what applications keep.",
                );
            }
        }
        for path in &self.draft.read.clone() {
            let allowed = matches!(path.object_id(), Some(1 | 2)) && path.depth() <= 2;
            if !allowed {
                self.refuse(
                    "bad_read",
                    "read",
                    format!("{path}: a bootstrap server may read /1, /2 and their instances, nothing else."),
                );
            }
        }
        if !self
            .draft
            .delete
            .iter()
            .any(|path| path.contains(&Path::object(0)))
        {
            self.warn(
                "keeps_accounts",
                "delete",
                "/0 is not deleted, so accounts of other servers that the device has stay.",
            );
        }
    }

    /// From one server to several, each needs its rights. LwM2M Core 1.2 §8.1.
    fn access(&mut self) {
        let known: BTreeSet<i64> = self
            .draft
            .server_accounts()
            .filter_map(|it| it.short_server_id)
            .map(i64::from)
            .collect();
        let has_entries = self.of_object(2).next().is_some();
        if known.len() > 1 && !has_entries {
            self.warn(
                "no_access_control",
                "access",
                "With more than one server every object instance needs an entry in access control (/2), or nobody but its owner may use it.",
            );
        }
        let mut findings = Vec::new();
        for entry in self.of_object(2) {
            let mut named: Vec<i64> = entry
                .values
                .keys()
                .filter_map(|(resource, index)| (*resource == 2).then_some(*index)?)
                .filter(|id| *id != 0)
                .map(i64::from)
                .collect();
            named.extend(entry.integer(3).filter(|id| *id != i64::from(BOOTSTRAP_OWNER)));
            for id in named {
                if !known.contains(&id) {
                    findings.push(Finding::warning(
                        "unknown_server",
                        entry.place.clone(),
                        format!("Access control names the short server id {id}, of which no account is written here."),
                    ));
                }
            }
        }
        self.findings.extend(findings);
    }

    fn security(&mut self, instance: &Instance) {
        if instance.object != 0 {
            return;
        }
        let place = instance.place.clone();
        if let Some(id) = instance.short_server_id
            && (id == 0 || id == u16::MAX)
        {
            self.refuse(
                "bad_short_id",
                place.clone(),
                format!("{id} is no short server id: 1 to 65534."),
            );
        }
        let mode = instance.integer(2);
        let length = |resource| match instance.get(resource) {
            Some(Value::Opaque(bytes)) => bytes.len(),
            _ => 0,
        };
        let (identity, secret) = (length(3), length(5));
        match mode {
            Some(0) if identity == 0 || secret == 0 => self.refuse(
                "no_key",
                format!("{place}.security"),
                "With a pre-shared key, identity (/0/x/3) and key (/0/x/5) are needed.",
            ),
            Some(0) if identity > LONGEST_IDENTITY || secret > LONGEST_KEY => self.refuse(
                "key_too_long",
                format!("{place}.security"),
                "An identity has at most 128 bytes and a key at most 64.",
            ),
            Some(0) if secret < SHORT_KEY => self.warn(
                "short_key",
                format!("{place}.security"),
                format!("A key of {secret} bytes can be guessed; 16 random bytes cannot."),
            ),
            Some(1 | 2) if identity == 0 || secret == 0 || length(4) == 0 => self.refuse(
                "no_key",
                format!("{place}.security"),
                "The device's key or certificate (/0/x/3), its private key (/0/x/5) and the server's key or certificate (/0/x/4) are needed.",
            ),
            Some(0..=4) => {}
            _ => self.refuse(
                "bad_security_mode",
                format!("{place}.security"),
                "The security mode (/0/x/2) is 0 (PSK), 1 (raw public key), 2 (certificate), 3 (none) or 4 (EST).",
            ),
        }
        self.uri(instance, mode);
    }

    fn uri(&mut self, instance: &Instance, mode: Option<i64>) {
        let place = format!("{}.uri", instance.place);
        let text = instance.get(0).and_then(Value::as_str).unwrap_or_default();
        let uri = match ServerUri::parse(text) {
            Ok(uri) => uri,
            Err(error) => return self.refuse("bad_uri", place, error.to_string()),
        };
        let oscore = instance.get(17).is_some();
        if uri.is_secure() && mode == Some(3) {
            self.refuse(
                "uri_needs_security",
                place.clone(),
                format!("{uri} needs credentials, and the account has none: the device could not connect."),
            );
        }
        if !uri.is_secure() && mode != Some(3) && !oscore {
            self.warn(
                "security_unused",
                place.clone(),
                format!("{uri} is without security, so the credentials of the account are not used."),
            );
        }
        match uri.address() {
            Some(address) if address.is_unspecified() => self.refuse(
                "unreachable_uri",
                place,
                format!("{address} is where a server listens, not where a device can reach it."),
            ),
            Some(address) if address.is_multicast() => self.refuse(
                "unreachable_uri",
                place,
                format!("{address} is an address of many, not of a server."),
            ),
            Some(address) if address.is_loopback() => self.warn(
                "loopback_uri",
                place,
                format!("{address} is the device itself, unless it runs on the server's machine."),
            ),
            None if uri.host.eq_ignore_ascii_case("localhost") => self.warn(
                "loopback_uri",
                place,
                "localhost is the device itself, unless it runs on the server's machine.",
            ),
            _ => {}
        }
    }

    fn server(&mut self, instance: &Instance) {
        if instance.object != 1 {
            return;
        }
        let place = instance.place.clone();
        match instance.integer(1) {
            None => self.refuse("no_lifetime", place.clone(), "The lifetime (/1/x/1) is missing."),
            Some(0) => self.warn(
                "endless_lifetime",
                format!("{place}.lifetime"),
                "A lifetime of 0 is without end since LwM2M 1.2, and undefined before.",
            ),
            Some(1..60) => self.warn(
                "short_lifetime",
                format!("{place}.lifetime"),
                "A lifetime below 60 s can end with one lost datagram.",
            ),
            Some(lifetime) if lifetime < 0 => {
                self.refuse(
                    "bad_lifetime",
                    format!("{place}.lifetime"),
                    "A lifetime is not negative.",
                );
            }
            Some(_) => {}
        }
        let Some(binding) = instance.get(7).and_then(Value::as_str) else {
            return self.refuse("no_binding", place, "The binding (/1/x/7) is missing.");
        };
        if binding.is_empty() || !binding.chars().all(|letter| "UTSNMHQ".contains(letter)) {
            return self.refuse(
                "bad_binding",
                format!("{place}.binding"),
                format!("'{binding}' is no binding: letters of U, T, S, N, M and H, and Q in LwM2M 1.0."),
            );
        }
        let scheme = self
            .draft
            .server_accounts()
            .find(|account| account.short_server_id == instance.short_server_id)
            .and_then(|account| ServerUri::parse(account.get(0)?.as_str()?).ok());
        if let Some(uri) = scheme
            && !binding.contains(uri.binding())
        {
            self.warn(
                "binding_without_scheme",
                format!("{place}.binding"),
                format!("The binding '{binding}' has no {} for {uri}.", uri.binding()),
            );
        }
    }

    fn against_model(&mut self, instance: &Instance, models: &DeviceModels<'_>) {
        let Some(model) = models.object(instance.object) else {
            return self.warn(
                "unknown_object",
                instance.place.clone(),
                format!(
                    "Nothing is known of object {}; its values are sent as they are written here.",
                    instance.object
                ),
            );
        };
        for ((resource, _), value) in &instance.values {
            let Some(definition) = model.resource(*resource) else {
                self.warn(
                    "unknown_resource",
                    instance.place.clone(),
                    format!("{} ({}) has no resource {resource}.", model.name, instance.object),
                );
                continue;
            };
            if let Err(error) = check_range(definition, value) {
                self.warn(
                    "out_of_range",
                    instance.place.clone(),
                    format!("{} (resource {resource}): {error}", definition.name),
                );
            }
        }
        let missing: Vec<String> = model
            .resources
            .iter()
            .filter(|it| it.mandatory && !it.operations.execute)
            .filter(|it| !instance.values.keys().any(|(resource, _)| *resource == it.id))
            .map(|it| format!("{} ({})", it.name, it.id))
            .collect();
        if !missing.is_empty() {
            self.warn(
                "mandatory_missing",
                instance.place.clone(),
                format!(
                    "Mandatory in {}, and not written: {}.",
                    model.name,
                    missing.join(", ")
                ),
            );
        }
    }
}
