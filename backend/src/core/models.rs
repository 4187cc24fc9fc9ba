//! The object definitions in use: shared by all threads, replaced as a whole when one is uploaded or deleted.

use shared::model::Registry;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

/// A handle to the definitions.
#[derive(Clone, Debug)]
pub struct Models {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    current: RwLock<Arc<Registry>>,
    generation: AtomicU64,
}

impl Models {
    pub(crate) fn new(registry: Registry) -> Models {
        Models {
            inner: Arc::new(Inner {
                current: RwLock::new(Arc::new(registry)),
                generation: AtomicU64::new(0),
            }),
        }
    }

    /// The definitions as they are now.
    pub fn get(&self) -> Arc<Registry> {
        self.inner
            .current
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Changes the definitions; everything read from now on is read by the new ones.
    pub fn change<T>(&self, change: impl FnOnce(&mut Registry) -> T) -> T {
        let mut current = self.inner.current.write().unwrap_or_else(PoisonError::into_inner);
        let mut next = Registry::clone(&current);
        let result = change(&mut next);
        *current = Arc::new(next);
        self.inner.generation.fetch_add(1, Ordering::Release);
        result
    }

    /// How often they were changed: cheap to ask for every datagram.
    pub(crate) fn generation(&self) -> u64 {
        self.inner.generation.load(Ordering::Acquire)
    }
}
