//! Write: replace and partial update. LwM2M Core 1.2 §6.3.3.

use super::super::payload;
use super::super::resources::Resources;
use super::Outcome;
use crate::objects::Action;
use crate::refusal::Refusal;
use crate::tree::Resource;
use coap::Request;
use shared::{Entry, Path, Timestamp, Value, Version};
use std::collections::BTreeMap;

/// What a resource is to hold.
#[derive(Debug)]
enum Planned {
    Single(Value),
    Multiple(BTreeMap<u16, Value>),
}

/// Checked values by resource: nothing is written before all of them are known to fit.
#[derive(Debug, Default)]
pub(super) struct Plan(BTreeMap<Path, Planned>);

/// What is done about entries that cannot be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Strictness {
    /// Each entry has to be written.
    All,
    /// Resources that the device does not implement are left out.
    IgnoreUnknown,
    /// Those that the server may not write are left out as well. LwM2M Core 1.2 §6.3.6.
    IgnoreUnwritable,
}

impl Plan {
    /// Checks the entries.
    pub(super) fn new(
        resources: &Resources,
        entries: &[Entry],
        strictness: Strictness,
    ) -> Result<Plan, Refusal> {
        let mut plan = Plan::default();
        for entry in entries {
            plan.add(resources, entry, strictness)?;
        }
        Ok(plan)
    }

    fn add(&mut self, resources: &Resources, entry: &Entry, strictness: Strictness) -> Result<(), Refusal> {
        let path = entry.path;
        let resource = path.truncated(3);
        if path.depth() == 2 && entry.value == Value::None {
            return Ok(());
        }
        let Some(definition) = resources.tree.definition(resource) else {
            return match strictness {
                Strictness::All => Err(Refusal::not_found(format!("there is no {path}"))),
                _ => Ok(()),
            };
        };
        if !definition.operations.writable() {
            return match strictness {
                Strictness::IgnoreUnwritable => Ok(()),
                _ => Err(Refusal::not_allowed(format!("{path} cannot be written"))),
            };
        }
        match (definition.multiple, path.resource_instance_id()) {
            (false, None) => {
                let value = self.fitting(resources, path, &entry.value)?;
                self.0.insert(resource, Planned::Single(value));
            }
            (true, Some(id)) => {
                let value = self.fitting(resources, path, &entry.value)?;
                let planned = self
                    .0
                    .entry(resource)
                    .or_insert_with(|| Planned::Multiple(BTreeMap::new()));
                if let Planned::Multiple(values) = planned {
                    values.insert(id, value);
                }
            }
            (true, None) if entry.value == Value::None => {
                self.0
                    .entry(resource)
                    .or_insert_with(|| Planned::Multiple(BTreeMap::new()));
            }
            (true, None) => {
                let reason = format!("{path} has instances; one value does not fit it");
                return Err(Refusal::bad_request(reason));
            }
            (false, Some(_)) => {
                return Err(Refusal::bad_request(format!("{resource} has no instances")));
            }
        }
        Ok(())
    }

    fn fitting(&self, resources: &Resources, path: Path, value: &Value) -> Result<Value, Refusal> {
        let definition = resources.tree.definition(path);
        let fitting = definition.and_then(|definition| definition.accept(value));
        let fitting =
            fitting.ok_or_else(|| Refusal::bad_request(format!("the value does not fit {path}")))?;
        let behaviour = path.object_id().and_then(|id| resources.behaviours.get(&id));
        if let Some(behaviour) = behaviour {
            behaviour.check(path, &fitting, &resources.tree)?;
        }
        Ok(fitting)
    }

    /// Whether the plan has something for the resource.
    pub(super) fn has(&self, resource: Path) -> bool {
        self.0.contains_key(&resource)
    }

    /// Writes. Multiple resources keep the instances that the plan does not name, unless it replaces.
    pub(super) fn carry_out(self, resources: &mut Resources, replace: bool, now: Timestamp) -> Vec<Action> {
        let written: Vec<Path> = self.0.keys().copied().collect();
        for (path, planned) in self.0 {
            match planned {
                Planned::Single(value) => resources.tree.set(path, value),
                Planned::Multiple(values) if replace => resources.tree.set_all(path, values),
                Planned::Multiple(values) => {
                    for (id, value) in values {
                        if let Some(at) = path.child(id) {
                            resources.tree.set(at, value);
                        }
                    }
                }
            }
        }
        let mut actions = Vec::new();
        for path in written {
            let behaviour = path.object_id().and_then(|id| resources.behaviours.get_mut(&id));
            if let Some(behaviour) = behaviour {
                actions.extend(behaviour.written(path, now, &mut resources.tree));
            }
        }
        actions.dedup();
        actions
    }
}

/// PUT to an instance, a resource or a resource instance.
pub(super) fn replace(
    resources: &mut Resources,
    path: Path,
    request: &Request,
    now: Timestamp,
) -> Result<Outcome, Refusal> {
    require_writable(resources, path)?;
    no_query(request)?;
    let node = payload::decode(resources, path, request, now)?;
    let strictness = strictness(path);
    let plan = Plan::new(resources, &node.entries, strictness)?;
    if path.depth() == 2 {
        let gone = replaceable(resources, path);
        for resource in gone.into_iter().filter(|resource| !plan.has(*resource)) {
            resources.tree.remove(resource);
        }
    }
    // A resource instance is replaced by itself; its siblings stay.
    let actions = plan.carry_out(resources, path.depth() < 4, now);
    Ok(Outcome::changed(actions))
}

/// POST to an instance.
pub(super) fn partial(
    resources: &mut Resources,
    path: Path,
    request: &Request,
    now: Timestamp,
) -> Result<Outcome, Refusal> {
    resources.require(path)?;
    no_query(request)?;
    let node = payload::decode(resources, path, request, now)?;
    let plan = Plan::new(resources, &node.entries, strictness(path))?;
    // Before 1.1 a multiple resource could only be written as a whole.
    let actions = plan.carry_out(resources, resources.version < Version::V1_1, now);
    Ok(Outcome::changed(actions))
}

/// POST to a resource that is not executable: since 1.2 a partial update of a multiple resource.
pub(super) fn partial_resource(
    resources: &mut Resources,
    path: Path,
    request: &Request,
    now: Timestamp,
) -> Result<Outcome, Refusal> {
    let multiple = matches!(resources.tree.resource(path), Some(Resource::Multiple(_)));
    if resources.version < Version::V1_2 || !multiple {
        return Err(Refusal::not_allowed(format!("{path} cannot be executed")));
    }
    require_writable(resources, path)?;
    partial(resources, path, request, now)
}

fn strictness(path: Path) -> Strictness {
    if path.depth() == 2 {
        Strictness::IgnoreUnknown
    } else {
        Strictness::All
    }
}

/// An optional resource that the device implements can be written before it is there.
fn require_writable(resources: &Resources, path: Path) -> Result<(), Refusal> {
    let Some(definition) = resources.tree.definition(path) else {
        return resources.require(path);
    };
    resources.require(path.truncated(2))?;
    if path.depth() == 4 {
        resources.require(path.truncated(3))?;
        if resources.version < Version::V1_1 {
            return resources.require(path);
        }
    }
    if definition.operations.writable() {
        Ok(())
    } else {
        Err(Refusal::not_allowed(format!("{path} cannot be written")))
    }
}

fn no_query(request: &Request) -> Result<(), Refusal> {
    match request.queries().next() {
        Some(_) => Err(Refusal::bad_request(
            "attributes and values are not written together",
        )),
        None => Ok(()),
    }
}

/// The resources of the instance that a replacing Write takes away unless it names them.
fn replaceable(resources: &Resources, instance: Path) -> Vec<Path> {
    let held = resources
        .tree
        .instance(instance)
        .into_iter()
        .flat_map(|it| it.keys());
    held.filter_map(|id| instance.child(*id))
        .filter(|path| {
            resources
                .tree
                .definition(*path)
                .is_some_and(|it| it.operations.writable() && !it.mandatory)
        })
        .collect()
}
