//! The object definitions in use: shared by all threads, replaced as a whole when one is uploaded or deleted.

use shared::model::{ObjectModel, ObjectVersion, Registry};
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

/// A handle to the definitions.
#[derive(Clone, Debug)]
pub struct Models {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    builtin: Registry,
    current: RwLock<Current>,
    generation: AtomicU64,
}

#[derive(Debug)]
struct Current {
    registry: Arc<Registry>,
    uploaded: Arc<BTreeSet<(u16, ObjectVersion)>>,
}

impl Models {
    /// The definitions that come with the program, and those that were uploaded, which come before them.
    pub(crate) fn new(builtin: Registry, uploaded: Vec<ObjectModel>) -> Models {
        let current = Current::new(&builtin, uploaded);
        Models {
            inner: Arc::new(Inner {
                builtin,
                current: RwLock::new(current),
                generation: AtomicU64::new(0),
            }),
        }
    }

    /// The definitions as they are now.
    pub fn get(&self) -> Arc<Registry> {
        let current = self.inner.current.read().unwrap_or_else(PoisonError::into_inner);
        current.registry.clone()
    }

    /// Which of them were uploaded.
    pub fn uploaded(&self) -> Arc<BTreeSet<(u16, ObjectVersion)>> {
        let current = self.inner.current.read().unwrap_or_else(PoisonError::into_inner);
        current.uploaded.clone()
    }

    pub(crate) fn builtin(&self) -> &Registry {
        &self.inner.builtin
    }

    /// Puts these in the place of those that were uploaded before; everything read from now on is read by them.
    pub(crate) fn set_uploaded(&self, uploaded: Vec<ObjectModel>) {
        let next = Current::new(&self.inner.builtin, uploaded);
        *self.inner.current.write().unwrap_or_else(PoisonError::into_inner) = next;
        self.inner.generation.fetch_add(1, Ordering::Release);
    }

    /// How often they were changed: cheap to ask for every datagram.
    pub(crate) fn generation(&self) -> u64 {
        self.inner.generation.load(Ordering::Acquire)
    }
}

impl Current {
    fn new(builtin: &Registry, uploaded: Vec<ObjectModel>) -> Current {
        let keys = uploaded.iter().map(|model| (model.id, model.version)).collect();
        let mut registry = builtin.clone();
        for model in uploaded {
            registry.insert(model);
        }
        Current {
            registry: Arc::new(registry),
            uploaded: Arc::new(keys),
        }
    }
}
