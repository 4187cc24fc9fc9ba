//! The resource tree of a device: objects, their instances, their values, and what changed since it was last asked.
//!
//! The tree holds and finds; whether a server may do something is decided in [`crate::client`].

mod definition;

pub use definition::{ObjectDefinition, Operations, ResourceDefinition};

use shared::{Path, Value};
use std::collections::{BTreeMap, BTreeSet};

/// A resource of an instance.
#[derive(Debug, Clone, PartialEq)]
pub enum Resource {
    /// One value.
    Single(Value),
    /// Values by resource instance.
    Multiple(BTreeMap<u16, Value>),
    /// Something to be executed.
    Executable,
}

/// An instance of an object: its resources by identifier.
pub type Instance = BTreeMap<u16, Resource>;

/// An object with its instances.
#[derive(Debug, Clone, PartialEq)]
pub struct Object {
    /// What it is.
    pub definition: &'static ObjectDefinition,
    /// Its instances by identifier.
    pub instances: BTreeMap<u16, Instance>,
}

/// All that a device holds.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ObjectTree {
    objects: BTreeMap<u16, Object>,
    changed: BTreeSet<Path>,
    instances_changed: bool,
}

impl ObjectTree {
    /// A tree without objects.
    pub fn new() -> ObjectTree {
        ObjectTree::default()
    }

    /// Adds an object without instances; an object that is there already stays.
    pub fn add_object(&mut self, definition: &'static ObjectDefinition) {
        self.objects.entry(definition.id).or_insert_with(|| {
            self.instances_changed = true;
            Object {
                definition,
                instances: BTreeMap::new(),
            }
        });
    }

    /// Adds an object with one instance, whose executable resources are there and whose others are yet to be set.
    pub fn add_instance(&mut self, definition: &'static ObjectDefinition, instance: u16) {
        self.add_object(definition);
        self.create(definition.id, instance);
    }

    /// Makes an instance of an object that is there. False if there is no such object or there is such an instance.
    pub fn create(&mut self, object: u16, instance: u16) -> bool {
        let Some(held) = self.objects.get_mut(&object) else {
            return false;
        };
        if held.instances.contains_key(&instance) {
            return false;
        }
        let executables = held.definition.resources.iter();
        let executables = executables.filter(|resource| resource.operations == Operations::Execute);
        let made = executables
            .map(|resource| (resource.id, Resource::Executable))
            .collect();
        held.instances.insert(instance, made);
        self.instances_changed = true;
        self.changed.insert(Path::instance(object, instance));
        true
    }

    /// The objects by identifier.
    pub fn objects(&self) -> impl Iterator<Item = &Object> {
        self.objects.values()
    }

    /// An object.
    pub fn object(&self, object: u16) -> Option<&Object> {
        self.objects.get(&object)
    }

    /// The instance that the path names or lies in.
    pub fn instance(&self, path: Path) -> Option<&Instance> {
        self.object(path.object_id()?)?
            .instances
            .get(&path.instance_id()?)
    }

    /// The resource that the path names or lies in.
    pub fn resource(&self, path: Path) -> Option<&Resource> {
        self.instance(path)?.get(&path.resource_id()?)
    }

    /// What the resource that the path names or lies in is, whether an instance has it or not.
    pub fn definition(&self, path: Path) -> Option<&'static ResourceDefinition> {
        self.object(path.object_id()?)?
            .definition
            .resource(path.resource_id()?)
    }

    /// Whether there is something at the path.
    pub fn contains(&self, path: Path) -> bool {
        match path.depth() {
            0 => true,
            1 => path.object_id().is_some_and(|id| self.objects.contains_key(&id)),
            2 => self.instance(path).is_some(),
            3 => self.resource(path).is_some(),
            _ => self.get(path).is_some(),
        }
    }

    /// The value of a single resource, or of a resource instance.
    pub fn get(&self, path: Path) -> Option<&Value> {
        match (self.resource(path)?, path.resource_instance_id()) {
            (Resource::Single(value), None) => Some(value),
            (Resource::Multiple(values), Some(id)) => values.get(&id),
            _ => None,
        }
    }

    /// Sets a value from the device's side. Nothing happens if the path does not fit the definition, or the instance
    /// is not there.
    pub fn set(&mut self, path: Path, value: Value) {
        let Some(definition) = self.definition(path) else {
            return;
        };
        let (Some(object), Some(instance), Some(resource)) =
            (path.object_id(), path.instance_id(), path.resource_id())
        else {
            return;
        };
        let held = self.objects.get_mut(&object);
        let Some(held) = held.and_then(|held| held.instances.get_mut(&instance)) else {
            return;
        };
        let changed = match (definition.multiple, path.resource_instance_id()) {
            (false, None) => {
                let new = Resource::Single(value);
                let old = held.insert(resource, new);
                old.as_ref() != held.get(&resource)
            }
            (true, Some(id)) => {
                let entry = held.entry(resource);
                let Resource::Multiple(values) = entry.or_insert_with(|| Resource::Multiple(BTreeMap::new()))
                else {
                    return;
                };
                let old = values.insert(id, value);
                old.as_ref() != values.get(&id)
            }
            _ => false,
        };
        if changed {
            self.changed.insert(path);
        }
    }

    /// Sets a value that moves by itself, such as a clock's: it is no news to an observer.
    pub fn refresh(&mut self, path: Path, value: Value) {
        let news = self.changed.contains(&path);
        self.set(path, value);
        if !news {
            self.changed.remove(&path);
        }
    }

    /// Makes a multiple resource hold exactly these values.
    pub fn set_all(&mut self, path: Path, values: impl IntoIterator<Item = (u16, Value)>) {
        let new = Resource::Multiple(values.into_iter().collect());
        let (Some(object), Some(instance), Some(resource)) =
            (path.object_id(), path.instance_id(), path.resource_id())
        else {
            return;
        };
        let held = self.objects.get_mut(&object);
        let Some(held) = held.and_then(|held| held.instances.get_mut(&instance)) else {
            return;
        };
        if held.get(&resource) != Some(&new) {
            held.insert(resource, new);
            self.changed.insert(path);
        }
    }

    /// Takes away an instance, a resource or a resource instance. False if it was not there.
    pub fn remove(&mut self, path: Path) -> bool {
        let (Some(object), Some(instance)) = (path.object_id(), path.instance_id()) else {
            return false;
        };
        let Some(held) = self.objects.get_mut(&object) else {
            return false;
        };
        let removed = match (path.resource_id(), path.resource_instance_id()) {
            (None, _) => {
                let removed = held.instances.remove(&instance).is_some();
                self.instances_changed |= removed;
                removed
            }
            (Some(resource), None) => held
                .instances
                .get_mut(&instance)
                .is_some_and(|held| held.remove(&resource).is_some()),
            (Some(resource), Some(id)) => {
                let held = held.instances.get_mut(&instance);
                match held.and_then(|held| held.get_mut(&resource)) {
                    Some(Resource::Multiple(values)) => values.remove(&id).is_some(),
                    _ => false,
                }
            }
        };
        if removed {
            self.changed.insert(path);
        }
        removed
    }

    /// The readable values at and below the path, sorted by path. A multiple resource without instances, and an
    /// instance without resources, is there as [`Value::None`] at its own path.
    pub fn readable(&self, path: Path) -> Vec<(Path, Value)> {
        let mut found = Vec::new();
        for object in self.objects.values() {
            let at_object = Path::object(object.definition.id);
            if !at_object.contains(&path) && !path.contains(&at_object) {
                continue;
            }
            for (id, instance) in &object.instances {
                let at_instance = Path::instance(object.definition.id, *id);
                if at_instance.contains(&path) || path.contains(&at_instance) {
                    read_instance(object.definition, at_instance, instance, path, &mut found);
                }
            }
        }
        found
    }

    /// What changed since this was last asked: paths of values, and of instances that came or went.
    pub fn take_changes(&mut self) -> BTreeSet<Path> {
        std::mem::take(&mut self.changed)
    }

    /// Whether instances came or went since this was last asked, so that the server has to be told.
    pub fn take_instances_changed(&mut self) -> bool {
        std::mem::take(&mut self.instances_changed)
    }
}

fn read_instance(
    definition: &ObjectDefinition,
    at: Path,
    instance: &Instance,
    wanted: Path,
    found: &mut Vec<(Path, Value)>,
) {
    let before = found.len();
    for (id, resource) in instance {
        let readable = definition
            .resource(*id)
            .is_some_and(|it| it.operations.readable());
        let Some(at) = at.child(*id).filter(|_| readable) else {
            continue;
        };
        match resource {
            Resource::Single(value) if wanted.contains(&at) => found.push((at, value.clone())),
            Resource::Multiple(values) if values.is_empty() && wanted.contains(&at) => {
                found.push((at, Value::None));
            }
            Resource::Multiple(values) => {
                let values = values
                    .iter()
                    .filter_map(|(id, value)| Some((at.child(*id)?, value.clone())));
                found.extend(values.filter(|(at, _)| wanted.contains(at)));
            }
            Resource::Single(_) | Resource::Executable => {}
        }
    }
    if found.len() == before && wanted.contains(&at) {
        found.push((at, Value::None));
    }
}
