//! What a device holds that only bootstrap reaches, and what goes with it: accounts, access control, and whatever else
//! was written.

use shared::codec::{ResourceType, TypeLookup};
use shared::{DataType, Path, Value};
use std::collections::BTreeMap;

/// The values of one instance, by resource and resource instance.
pub(super) type Values = BTreeMap<(u16, Option<u16>), Value>;

/// Instances with their values.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Holdings {
    pub(super) instances: BTreeMap<(u16, u16), Values>,
}

/// The account of a server: what a client needs to register.
#[derive(Debug, Clone, PartialEq)]
pub struct Account {
    /// The server's short id.
    pub short_server_id: u16,
    /// Where it is.
    pub uri: String,
    /// Seconds.
    pub lifetime: u32,
    /// The binding.
    pub binding: String,
    /// The security mode: 0 PSK, 1 raw public key, 2 certificate, 3 none.
    pub security_mode: i64,
    /// `/0/x/3`
    pub identity: Vec<u8>,
    /// `/0/x/4`
    pub server_key: Vec<u8>,
    /// `/0/x/5`
    pub secret: Vec<u8>,
}

impl Holdings {
    /// What a factory puts in: the account of the bootstrap server, in an instance of Security.
    pub fn factory(instance: u16, uri: &str) -> Holdings {
        let values = [
            (0, Value::String(uri.into())),
            (1, Value::Boolean(true)),
            (2, Value::Integer(3)),
            (3, Value::Opaque(Vec::new())),
            (4, Value::Opaque(Vec::new())),
            (5, Value::Opaque(Vec::new())),
        ];
        let values = values.into_iter().map(|(id, value)| ((id, None), value));
        let mut holdings = Holdings::default();
        holdings.instances.insert((0, instance), values.collect());
        holdings
    }

    /// A value.
    pub fn get(&self, object: u16, instance: u16, resource: u16) -> Option<&Value> {
        self.instances.get(&(object, instance))?.get(&(resource, None))
    }

    /// The instances of an object.
    pub fn of_object(&self, object: u16) -> impl Iterator<Item = u16> {
        let range = self.instances.range((object, 0)..=(object, u16::MAX));
        range.map(|((_, instance), _)| *instance)
    }

    /// Everything but Security and OSCORE, which stay hidden, as paths and values.
    pub fn visible(&self) -> impl Iterator<Item = (Path, &Value)> {
        let seen = self
            .instances
            .iter()
            .filter(|((object, _), _)| !matches!(object, 0 | 21));
        seen.flat_map(|((object, instance), values)| {
            values.iter().map(move |((resource, index), value)| {
                let path = match index {
                    None => Path::resource(*object, *instance, *resource),
                    Some(index) => Path::resource_instance(*object, *instance, *resource, *index),
                };
                (path, value)
            })
        })
    }

    pub(super) fn is_bootstrap_account(&self, instance: u16) -> bool {
        self.get(0, instance, 1) == Some(&Value::Boolean(true))
    }

    pub(super) fn short_server_id(&self, object: u16, instance: u16) -> Option<u16> {
        let resource = match object {
            0 => 10,
            1 => 0,
            _ => return None,
        };
        match self.get(object, instance, resource)? {
            Value::Integer(id) => u16::try_from(*id).ok(),
            _ => None,
        }
    }

    /// The server accounts: each instance of Security that is no bootstrap server's, with its instance of Server.
    ///
    /// # Errors
    /// In words, why the device could not register with this. LwM2M Core 1.2 §6.1.7.5.
    pub fn accounts(&self) -> Result<Vec<Account>, String> {
        let mut accounts = Vec::new();
        for instance in self.of_object(0).filter(|it| !self.is_bootstrap_account(*it)) {
            let id = self
                .short_server_id(0, instance)
                .ok_or_else(|| format!("/0/{instance} has no short server id"))?;
            let server = self
                .of_object(1)
                .find(|server| self.short_server_id(1, *server) == Some(id))
                .ok_or_else(|| format!("there is no Server for the short id {id} of /0/{instance}"))?;
            let Some(Value::String(uri)) = self.get(0, instance, 0) else {
                return Err(format!("/0/{instance} has no URI"));
            };
            let bytes = |resource| match self.get(0, instance, resource) {
                Some(Value::Opaque(bytes)) => bytes.clone(),
                _ => Vec::new(),
            };
            accounts.push(Account {
                short_server_id: id,
                uri: uri.clone(),
                lifetime: match self.get(1, server, 1) {
                    Some(Value::Integer(seconds)) => u32::try_from(*seconds).unwrap_or(86_400),
                    _ => return Err(format!("/1/{server} has no lifetime")),
                },
                binding: match self.get(1, server, 7) {
                    Some(Value::String(binding)) => binding.clone(),
                    _ => return Err(format!("/1/{server} has no binding")),
                },
                security_mode: match self.get(0, instance, 2) {
                    Some(Value::Integer(mode)) => *mode,
                    _ => return Err(format!("/0/{instance} has no security mode")),
                },
                identity: bytes(3),
                server_key: bytes(4),
                secret: bytes(5),
            });
        }
        if accounts.is_empty() {
            return Err("there is no server to register with".into());
        }
        accounts.sort_by_key(|account| account.short_server_id);
        Ok(accounts)
    }

    /// Takes away what a Delete names, but never the bootstrap account with what belongs to it, nor the device itself.
    /// LwM2M Core 1.2 §6.1.7.4.
    pub(super) fn delete(&mut self, path: Path) {
        let kept: Vec<u16> = self
            .of_object(0)
            .filter(|instance| self.is_bootstrap_account(*instance))
            .collect();
        self.instances.retain(|(object, instance), _| {
            let is_kept = (*object == 0 && kept.contains(instance)) || (*object, *instance) == (3, 0);
            is_kept || !path.contains(&Path::instance(*object, *instance))
        });
    }
}

/// The types of the resources of the objects that bootstrap writes. LwM2M Core 1.2, appendix E.
#[derive(Debug, Clone, Copy)]
pub(super) struct Types;

impl TypeLookup for Types {
    fn resource(&self, path: Path) -> Option<ResourceType> {
        let [object, _, resource, ..] = *path.ids() else {
            return None;
        };
        use DataType::{Boolean, Float, Integer, ObjectLink, Opaque, String, Time, Unsigned};
        let data_type = match (object, resource) {
            (0, 0 | 9 | 14) => String,
            (0, 1) => Boolean,
            (0, 2 | 6 | 10..=12) => Integer,
            (0, 3..=5 | 7 | 8) => Opaque,
            (0, 13 | 15 | 16) => Unsigned,
            (0, 17) => ObjectLink,
            (1, 0..=3 | 5) => Integer,
            (1, 6 | 16 | 21 | 23) => Boolean,
            (1, 7 | 22) => String,
            (1, 10) => ObjectLink,
            (1, 11 | 13..=15 | 17..=20) => Unsigned,
            (1, 12) => Time,
            (2, 0..=3) => Integer,
            (21, 0..=2 | 5) => Opaque,
            (21, 3 | 4) => Integer,
            (3300..=3350, 5700) => Float,
            (3300..=3350, 5701 | 5750) => String,
            _ => return None,
        };
        Some(ResourceType {
            data_type,
            multiple: (object, resource) == (2, 2),
        })
    }
}
