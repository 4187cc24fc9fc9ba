//! What the device holds, together: the tree, the life of its objects, and what the server attached.

use super::options::Dialect;
use crate::attributes::{AttributeTable, Attributes};
use crate::objects::{Action, Behaviour, server_resource};
use crate::tree::{ObjectTree, Operations};
use coap::Code;
use shared::codec::{ResourceType, TypeLookup};
use shared::{Path, Timestamp, Value, Version};
use std::collections::BTreeMap;

use crate::refusal::Refusal;

/// Objects that no server reaches but at bootstrap. LwM2M Core 1.2 §6.3, §6.1.7.
const BOOTSTRAP_ONLY: [u16; 3] = [0, 21, 23];

/// All that operations work on.
#[derive(Debug)]
pub(crate) struct Resources {
    pub(crate) tree: ObjectTree,
    pub(crate) behaviours: BTreeMap<u16, Box<dyn Behaviour>>,
    pub(crate) attributes: AttributeTable,
    pub(crate) version: Version,
    pub(crate) dialect: Dialect,
    /// They are of a device behind a gateway, whose prefix is the root.
    pub(crate) behind: bool,
}

impl Resources {
    pub(crate) fn new(
        version: Version,
        dialect: Dialect,
        behaviours: Vec<Box<dyn Behaviour>>,
        now: Timestamp,
    ) -> Resources {
        let mut tree = ObjectTree::new();
        let mut by_object = BTreeMap::new();
        for mut behaviour in behaviours {
            behaviour.install(now, &mut tree);
            by_object.insert(behaviour.definition().id, behaviour);
        }
        tree.take_changes();
        tree.take_instances_changed();
        Resources {
            tree,
            behaviours: by_object,
            attributes: AttributeTable::default(),
            version,
            dialect,
            behind: false,
        }
    }

    /// The alternate path, with a slash at its beginning and none at its end; empty if there is none.
    pub(crate) fn root(&self) -> &str {
        self.dialect.root.as_deref().unwrap_or_default()
    }

    /// Brings all values to the time.
    pub(crate) fn advance(&mut self, now: Timestamp) -> Vec<Action> {
        let tree = &mut self.tree;
        let behaviours = self.behaviours.values_mut();
        behaviours
            .filter_map(|behaviour| behaviour.advance(now, tree))
            .collect()
    }

    pub(crate) fn is_busy(&self) -> bool {
        self.behaviours.values().any(|behaviour| behaviour.is_busy())
    }

    /// Refuses what no operation reaches: hidden objects, and what is not there.
    pub(crate) fn require(&self, path: Path) -> Result<(), Refusal> {
        if path.object_id().is_some_and(|id| BOOTSTRAP_ONLY.contains(&id)) {
            let reason = format!("{path} is out of reach but at bootstrap");
            return Err(Refusal::new(Code::UNAUTHORIZED, reason));
        }
        if path.depth() == 4 && self.version < Version::V1_1 {
            let reason = "resource instances are reached since LwM2M 1.1";
            return Err(Refusal::not_allowed(reason));
        }
        if self.tree.contains(path) {
            Ok(())
        } else {
            Err(Refusal::not_found(format!("there is no {path}")))
        }
    }

    /// What may be done with the resource that the path names or lies in.
    pub(crate) fn operations(&self, path: Path) -> Option<Operations> {
        self.tree.definition(path).map(|it| it.operations)
    }

    /// The attributes in force at the path, the server object's defaults included.
    pub(crate) fn effective_attributes(&self, path: Path) -> Attributes {
        let default = |path| match self.tree.get(path) {
            Some(Value::Integer(seconds)) => u32::try_from(*seconds).ok().filter(|it| *it > 0),
            _ => None,
        };
        self.attributes.effective(path).inherit(Attributes {
            pmin: default(server_resource::DEFAULT_PMIN),
            pmax: default(server_resource::DEFAULT_PMAX),
            ..Attributes::default()
        })
    }
}

impl TypeLookup for ObjectTree {
    fn resource(&self, path: Path) -> Option<ResourceType> {
        self.definition(path).map(|it| ResourceType {
            data_type: it.data_type,
            multiple: it.multiple,
        })
    }
}
