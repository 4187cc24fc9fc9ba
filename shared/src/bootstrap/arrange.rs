//! A draft laid around what the device has: the commands, in the order in which they are sent. LwM2M Core 1.2 §6.1.7.

use super::discovered::Discovered;
use super::draft::{Draft, Instance, Slot, place_is_secret};
use crate::{Entry, Node, Path, Value};
use std::collections::{BTreeMap, BTreeSet};

/// One command of the bootstrap interface.
#[derive(Debug, Clone, PartialEq)]
pub enum Command {
    /// Bootstrap-Discover of `/` or an object.
    Discover(Path),
    Read(Path),
    Delete(Path),
    Write(Write),
    Finish,
}

/// A Bootstrap-Write.
#[derive(Clone, PartialEq)]
pub struct Write {
    pub node: Node,
    /// Whether the bootstrap goes on if the device refuses it.
    pub optional: bool,
    /// Where in the configuration it comes from.
    pub place: String,
}

/// Without its values, which may be secrets.
impl std::fmt::Debug for Write {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Write({}, {} values)", self.node.base, self.node.entries.len())
    }
}

impl Write {
    /// The same with zero bytes in place of every secret, for people.
    pub fn without_secrets(&self) -> Write {
        let mut shown = self.clone();
        for entry in &mut shown.node.entries {
            if path_is_secret(entry.path)
                && let Value::Opaque(bytes) = &mut entry.value
            {
                bytes.fill(0);
            }
        }
        shown
    }
}

/// A draft with its place on the device.
#[derive(Debug, Clone, PartialEq)]
pub struct Arrangement {
    pub reads: Vec<Path>,
    pub deletes: Vec<Path>,
    pub writes: Vec<Write>,
    /// Why it must not be sent to this device, in words.
    pub conflicts: Vec<String>,
}

/// Where accounts go in a Bootstrap-Pack for a device of which it is not known where its bootstrap account is:
/// far from the first instances, where it will be.
const UNKNOWN_GROUND: u16 = 100;

impl Arrangement {
    /// Lays the draft around what is known of the device; `None` if nothing is.
    ///
    /// Instances of Security never take the place of a bootstrap account. An account that the device has already, by
    /// its short server id, keeps its instance.
    pub fn of(draft: &Draft, discovered: Option<&Discovered>) -> Arrangement {
        Arrangement::from(draft, discovered, 0)
    }

    /// As [`Arrangement::of`] for a Bootstrap-Pack, which the device takes without having been asked before.
    pub fn for_pack(draft: &Draft, accounts: Option<&Discovered>) -> Arrangement {
        let first = if accounts.is_some() { 0 } else { UNKNOWN_GROUND };
        Arrangement::from(draft, accounts, first)
    }

    fn from(draft: &Draft, discovered: Option<&Discovered>, first_security: u16) -> Arrangement {
        let mut taken: BTreeMap<u16, BTreeSet<u16>> = BTreeMap::new();
        for instance in &draft.instances {
            if let Slot::At(id) = instance.slot {
                taken.entry(instance.object).or_default().insert(id);
            }
        }
        match discovered {
            Some(discovered) => {
                let reserved = taken.entry(0).or_default();
                reserved.extend(discovered.bootstrap_accounts());
                let kept = |object| {
                    !draft
                        .delete
                        .iter()
                        .any(|path| path.contains(&Path::object(object)))
                };
                for object in [0, 1, 2] {
                    if kept(object) {
                        taken
                            .entry(object)
                            .or_default()
                            .extend(discovered.instances(object));
                    }
                }
            }
            // Where a device says nothing, its bootstrap account is the first one.
            None => {
                taken.entry(0).or_default().insert(0);
            }
        }
        let mut writes = Vec::new();
        let mut used = BTreeSet::new();
        for instance in &draft.instances {
            let ids = taken.entry(instance.object).or_default();
            let id = match instance.slot {
                Slot::At(id) => id,
                Slot::Free => {
                    let first = if instance.object == 0 { first_security } else { 0 };
                    let own = own_instance(instance, discovered).filter(|id| {
                        // It may be the place of another instance of this configuration by now.
                        !used.contains(&(instance.object, *id))
                    });
                    own.or_else(|| (first..u16::MAX).find(|id| !ids.contains(id)))
                        .unwrap_or(first)
                }
            };
            ids.insert(id);
            used.insert((instance.object, id));
            writes.push(Write {
                node: node(instance, id),
                optional: instance.optional,
                place: instance.place.clone(),
            });
        }
        Arrangement {
            reads: draft.read.clone(),
            deletes: draft.delete.clone(),
            writes,
            conflicts: conflicts(draft, discovered),
        }
    }

    /// All commands in order, with the Discover that comes before and the Finish that comes last.
    pub fn commands(&self) -> Vec<Command> {
        let discover = std::iter::once(Command::Discover(Path::ROOT));
        discover
            .chain(self.reads.iter().copied().map(Command::Read))
            .chain(self.deletes.iter().copied().map(Command::Delete))
            .chain(self.writes.iter().cloned().map(Command::Write))
            .chain(std::iter::once(Command::Finish))
            .collect()
    }

    /// The same with zero bytes in place of every secret, for people.
    pub fn without_secrets(&self) -> Arrangement {
        Arrangement {
            writes: self.writes.iter().map(Write::without_secrets).collect(),
            ..self.clone()
        }
    }
}

/// An account that is to stand where the device has its bootstrap account would take away the way back.
fn conflicts(draft: &Draft, discovered: Option<&Discovered>) -> Vec<String> {
    let Some(discovered) = discovered else {
        return Vec::new();
    };
    let reserved: BTreeSet<u16> = discovered.bootstrap_accounts().collect();
    draft
        .server_accounts()
        .filter_map(|account| match account.slot {
            Slot::At(id) if reserved.contains(&id) => Some(format!(
                "{} is to be written to /0/{id}, where the device has the account of its bootstrap server",
                account.place
            )),
            _ => None,
        })
        .collect()
}

/// Whether what is at this path is a secret.
pub(super) fn path_is_secret(path: Path) -> bool {
    match (path.object_id(), path.resource_id()) {
        (Some(object), Some(resource)) => place_is_secret(object, (resource, None)),
        _ => false,
    }
}

/// Where the device has the account of the same server already.
fn own_instance(instance: &Instance, discovered: Option<&Discovered>) -> Option<u16> {
    let id = instance.short_server_id.filter(|_| instance.object == 0)?;
    let known = discovered?.security.iter();
    known
        .filter(|security| security.short_server_id == Some(id))
        .map(|security| security.instance)
        .next()
}

fn node(instance: &Instance, id: u16) -> Node {
    let base = Path::instance(instance.object, id);
    let entries = instance.values.iter().map(|((resource, index), value)| Entry {
        path: match index {
            None => Path::resource(instance.object, id, *resource),
            Some(index) => Path::resource_instance(instance.object, id, *resource, *index),
        },
        time: None,
        value: value.clone(),
    });
    Node {
        base,
        entries: entries.collect(),
    }
}
