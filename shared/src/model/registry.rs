//! Every known object definition, in every known version.

use super::{ObjectModel, ObjectVersion};
use crate::sorted::SortedMap;
use std::sync::Arc;

/// Object definitions by id and version.
#[derive(Debug, Clone, Default)]
pub struct Registry {
    objects: SortedMap<(u16, ObjectVersion), Arc<ObjectModel>>,
}

impl Registry {
    /// A registry that knows nothing.
    pub fn new() -> Registry {
        Registry::default()
    }

    /// Exactly this version.
    pub fn get(&self, id: u16, version: ObjectVersion) -> Option<&Arc<ObjectModel>> {
        self.objects.get(&(id, version))
    }

    /// Every version of an object, oldest first.
    pub fn versions(&self, id: u16) -> impl DoubleEndedIterator<Item = &Arc<ObjectModel>> {
        const LAST: ObjectVersion = ObjectVersion::new(u16::MAX, u16::MAX);
        self.objects
            .range((id, ObjectVersion::new(0, 0))..=(id, LAST))
            .map(|(_, model)| model)
    }

    /// The newest version.
    pub fn latest(&self, id: u16) -> Option<&Arc<ObjectModel>> {
        self.versions(id).next_back()
    }

    /// The definition that says most about this version: itself; else the next newer one of the same major version,
    /// for minor versions only add; else the newest older one of the same major version; else the newest of all.
    pub fn nearest(&self, id: u16, version: ObjectVersion) -> Option<&Arc<ObjectModel>> {
        let same_major = || {
            self.versions(id)
                .filter(move |model| model.version.major == version.major)
        };
        self.get(id, version)
            .or_else(|| same_major().find(|model| model.version > version))
            .or_else(|| same_major().next_back())
            .or_else(|| self.latest(id))
    }

    /// Adds a definition, and returns the one of the same id and version it replaces.
    pub fn insert(&mut self, model: ObjectModel) -> Option<Arc<ObjectModel>> {
        self.objects.insert((model.id, model.version), Arc::new(model))
    }

    /// Takes a definition away.
    pub fn remove(&mut self, id: u16, version: ObjectVersion) -> Option<Arc<ObjectModel>> {
        self.objects.remove(&(id, version))
    }

    /// Every definition, by id and then by version.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &Arc<ObjectModel>> {
        self.objects.values()
    }

    pub fn len(&self) -> usize {
        self.objects.len()
    }

    pub fn is_empty(&self) -> bool {
        self.objects.is_empty()
    }
}

impl FromIterator<ObjectModel> for Registry {
    fn from_iter<I: IntoIterator<Item = ObjectModel>>(models: I) -> Registry {
        let objects = models
            .into_iter()
            .map(|model| ((model.id, model.version), Arc::new(model)))
            .collect();
        Registry { objects }
    }
}
