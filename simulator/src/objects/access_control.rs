//! Object 2, LwM2M Access Control: which of its servers may do what on the device. LwM2M Core 1.2 §8, appendix E.3.
//!
//! The object holds the lists; what they mean for a request is decided in [`crate::client`].

use super::{Behaviour, server_resource};
use crate::refusal::Refusal;
use crate::tree::{ObjectDefinition, ObjectTree, ResourceDefinition};
use shared::DataType::Integer;
use shared::{Path, Timestamp, Value};

/// The short server id of the bootstrap server as an owner.
const BOOTSTRAP_SERVER: u16 = u16::MAX;
/// R, W, E, D and C together.
const ALL_RIGHTS: f64 = 31.0;
/// The greatest id there is.
const LAST_ID: f64 = 65_535.0;
/// As an instance: the entry is about creating instances of the object.
const OBJECT_LEVEL: u16 = u16::MAX;

/// The object of the entry.
pub(crate) const OBJECT: u16 = 0;
/// The instance of the entry.
pub(crate) const INSTANCE: u16 = 1;
/// The rights by short server id.
pub(crate) const LIST: u16 = 2;
/// The short server id of the owner.
pub(crate) const OWNER: u16 = 3;

static DEFINITION: ObjectDefinition = ObjectDefinition {
    id: 2,
    versions: ["1.0", "1.0", "1.1"],
    multiple: true,
    creatable: false,
    resources: &[
        ResourceDefinition::read(OBJECT, Integer).mandatory(),
        ResourceDefinition::read(INSTANCE, Integer).mandatory(),
        ResourceDefinition::read_write(LIST, Integer)
            .multiple()
            .range(0.0, ALL_RIGHTS),
        ResourceDefinition::read_write(OWNER, Integer)
            .range(0.0, LAST_ID)
            .mandatory(),
    ],
};

/// Who may do what with one object instance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The object instance; an object for the right to create instances of it.
    pub about: Path,
    /// Short server id; 65535 is the bootstrap server.
    pub owner: u16,
    /// Short server id, 0 for those that are not named, and the sum of their rights: R 1, W 2, E 4, D 8, C 16.
    pub list: Vec<(u16, u16)>,
}

/// The access control of a device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessControl {
    /// Its instances, from 0 on.
    pub entries: Vec<Entry>,
}

impl AccessControl {
    /// A street light that its town and the maker of its lamps share: `own` is the short server id of the server that
    /// it registers with, `other` that of the one that it only tells of.
    pub fn street_light(own: u16, other: u16) -> AccessControl {
        let entry = |about, owner, list: &[(u16, u16)]| Entry {
            about,
            owner,
            list: list.to_vec(),
        };
        AccessControl {
            entries: vec![
                entry(Path::instance(1, 0), own, &[]),
                entry(Path::instance(1, 1), other, &[]),
                entry(Path::instance(3, 0), BOOTSTRAP_SERVER, &[(own, 7), (0, 1)]),
                entry(Path::instance(4, 0), own, &[(0, 1)]),
                entry(Path::instance(5, 0), own, &[]),
                entry(Path::instance(3303, 0), own, &[(other, 1)]),
                entry(Path::instance(3311, 0), own, &[(other, 3)]),
                entry(Path::instance(3311, 1), other, &[(own, 1)]),
                entry(Path::object(3311), BOOTSTRAP_SERVER, &[(own, 16)]),
            ],
        }
    }
}

impl Behaviour for AccessControl {
    fn definition(&self) -> &'static ObjectDefinition {
        &DEFINITION
    }

    fn install(&mut self, _now: Timestamp, tree: &mut ObjectTree) {
        tree.add_object(&DEFINITION);
        for (id, entry) in (0..).zip(&self.entries) {
            add(tree, id, entry);
        }
    }

    fn check(&self, path: Path, value: &Value, _tree: &ObjectTree) -> Result<(), Refusal> {
        let nobody = matches!((path.resource_id(), value), (Some(OWNER), Value::Integer(0)));
        if nobody || path.resource_instance_id() == Some(u16::MAX) {
            return Err(Refusal::bad_request("this is no short server id"));
        }
        Ok(())
    }
}

fn add(tree: &mut ObjectTree, id: u16, entry: &Entry) {
    tree.add_instance(&DEFINITION, id);
    let (object, instance) = level(entry.about);
    let mut set = |resource, value: u16| {
        tree.set(
            Path::resource(DEFINITION.id, id, resource),
            Value::Integer(i64::from(value)),
        );
    };
    set(OBJECT, object);
    set(INSTANCE, instance);
    set(OWNER, entry.owner);
    let list = entry
        .list
        .iter()
        .map(|(server, rights)| (*server, Value::Integer(i64::from(*rights))));
    tree.set_all(Path::resource(DEFINITION.id, id, LIST), list);
}

/// The object and the instance by which an entry names what it is about.
pub(crate) fn level(about: Path) -> (u16, u16) {
    (
        about.object_id().unwrap_or_default(),
        about.instance_id().unwrap_or(OBJECT_LEVEL),
    )
}

/// A server created this instance: it owns it. LwM2M Core 1.2 §8.1.
pub(crate) fn created(tree: &mut ObjectTree, about: Path, owner: u16) {
    let Some(held) = tree.object(DEFINITION.id) else {
        return;
    };
    let free = (0..u16::MAX).find(|id| !held.instances.contains_key(id));
    if let Some(id) = free {
        let entry = Entry {
            about,
            owner,
            list: Vec::new(),
        };
        add(tree, id, &entry);
    }
}

/// This instance is gone, and what was said of it with it.
pub(crate) fn deleted(tree: &mut ObjectTree, about: Path) {
    if let Some(id) = entry_about(tree, about) {
        tree.remove(Path::instance(DEFINITION.id, id));
    }
}

/// The instance of Access Control that is about this.
pub(crate) fn entry_about(tree: &ObjectTree, about: Path) -> Option<u16> {
    let (object, instance) = level(about);
    let says = |id: u16, resource, wanted: u16| {
        let value = tree.get(Path::resource(DEFINITION.id, id, resource));
        value == Some(&Value::Integer(i64::from(wanted)))
    };
    let held = tree.object(DEFINITION.id)?;
    let mut ids = held.instances.keys().copied();
    ids.find(|id| says(*id, OBJECT, object) && says(*id, INSTANCE, instance))
}

/// The account has another short server id than the factory's: what stands under that one is the server's under this.
pub(crate) fn renumber(tree: &mut ObjectTree, id: u16) {
    let Some(Value::Integer(before)) = tree.get(server_resource::SHORT_SERVER_ID).cloned() else {
        return;
    };
    tree.set(server_resource::SHORT_SERVER_ID, Value::Integer(i64::from(id)));
    let Ok(before) = u16::try_from(before) else { return };
    let instances: Vec<u16> = tree
        .object(DEFINITION.id)
        .map(|held| held.instances.keys().copied().collect())
        .unwrap_or_default();
    for instance in instances {
        let owner = Path::resource(DEFINITION.id, instance, OWNER);
        if tree.get(owner) == Some(&Value::Integer(i64::from(before))) {
            tree.set(owner, Value::Integer(i64::from(id)));
        }
        let list = Path::resource(DEFINITION.id, instance, LIST);
        let (Some(old), Some(new)) = (list.child(before), list.child(id)) else {
            continue;
        };
        if let Some(rights) = tree.get(old).cloned() {
            tree.remove(old);
            tree.set(new, rights);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::objects::Server;
    use shared::Version;

    #[test]
    fn an_account_with_another_number_keeps_its_rights() {
        let mut tree = ObjectTree::new();
        let mut server = Server {
            lifetime: 300,
            binding: "U".into(),
            version: Version::V1_1,
            others: Vec::new(),
        };
        server.install(Timestamp(0), &mut tree);
        AccessControl::street_light(1, 102).install(Timestamp(0), &mut tree);
        renumber(&mut tree, 101);
        let number = |text: &str| tree.get(text.parse().unwrap()).cloned();
        assert_eq!(number("/1/0/0"), Some(Value::Integer(101)));
        assert_eq!(number("/2/0/3"), Some(Value::Integer(101)));
        assert_eq!(number("/2/1/3"), Some(Value::Integer(102)));
        assert_eq!(number("/2/2/2/101"), Some(Value::Integer(7)));
        assert_eq!(number("/2/2/2/1"), None);
    }

    #[test]
    fn what_a_server_creates_it_owns_until_it_is_deleted() {
        let mut tree = ObjectTree::new();
        AccessControl { entries: Vec::new() }.install(Timestamp(0), &mut tree);
        let lamp = Path::instance(3311, 4);
        created(&mut tree, lamp, 101);
        assert_eq!(entry_about(&tree, lamp), Some(0));
        assert_eq!(tree.get(Path::resource(2, 0, OWNER)), Some(&Value::Integer(101)));
        deleted(&mut tree, lamp);
        assert_eq!(entry_about(&tree, lamp), None);
    }
}
