//! What is to be observed of each device. LwM2M Core 1.2 §6.4.
//!
//! An observation lives as long as a registration, the wish to observe longer: after each Register the server has to
//! ask again for everything that was observed before.

use crate::registry::DeviceNumber;
use shared::{ContentFormat, Path};
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The most paths observed of one device.
pub(crate) const MAX_PER_DEVICE: usize = 256;

/// A path that is to be observed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Wanted {
    pub(crate) path: Path,
    /// The format that a person asked for.
    pub(crate) format: Option<ContentFormat>,
}

#[derive(Debug, Default)]
pub(crate) struct Wishes {
    of: Mutex<HashMap<DeviceNumber, Vec<Wanted>>>,
}

impl Wishes {
    pub(crate) fn add(&self, device: DeviceNumber, wanted: Wanted) {
        let mut wishes = self.lock();
        let list = wishes.entry(device).or_default();
        list.retain(|known| known.path != wanted.path);
        if list.len() < MAX_PER_DEVICE {
            list.push(wanted);
        }
    }

    pub(crate) fn remove(&self, device: DeviceNumber, path: Path) {
        let mut wishes = self.lock();
        if let Some(list) = wishes.get_mut(&device) {
            list.retain(|known| known.path != path);
            if list.is_empty() {
                wishes.remove(&device);
            }
        }
    }

    pub(crate) fn forget(&self, device: DeviceNumber) {
        self.lock().remove(&device);
    }

    pub(crate) fn of(&self, device: DeviceNumber) -> Vec<Wanted> {
        self.lock().get(&device).cloned().unwrap_or_default()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<DeviceNumber, Vec<Wanted>>> {
        self.of.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
