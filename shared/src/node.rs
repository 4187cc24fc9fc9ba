//! A piece of a device's resource tree, as one payload carries it.

use crate::compact::Compact;
use crate::sort::sort_by_key;
use crate::{Path, Value};
use serde::{Deserialize, Serialize};

/// One value with its place and, where the payload gave one, its time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Compact)]
pub struct Entry {
    /// The resource or resource instance that holds the value. With [`Value::None`] it may also be an empty
    /// multiple resource or an object instance without resources.
    pub path: Path,
    /// Seconds since 1970-01-01T00:00:00Z, when the payload was time-stamped.
    pub time: Option<f64>,
    pub value: Value,
}

/// A subtree of values below `base`, kept flat: the same for every content format.
///
/// Entries are in the order of the payload for time-stamped history, else sorted by path.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Compact)]
pub struct Node {
    pub base: Path,
    pub entries: Vec<Entry>,
}

impl Node {
    /// A subtree without anything in it.
    pub const fn empty(base: Path) -> Node {
        Node {
            base,
            entries: Vec::new(),
        }
    }

    /// One value at `path`, without a time.
    pub fn single(path: Path, value: Value) -> Node {
        Node {
            base: path,
            entries: vec![Entry {
                path,
                time: None,
                value,
            }],
        }
    }

    /// The values below `base`, sorted by path.
    pub fn from_values(base: Path, values: impl IntoIterator<Item = (Path, Value)>) -> Node {
        let mut entries: Vec<Entry> = values
            .into_iter()
            .map(|(path, value)| Entry {
                path,
                time: None,
                value,
            })
            .collect();
        sort_by_key(&mut entries, |entry| entry.path);
        Node { base, entries }
    }

    /// The (latest listed) value at exactly this path.
    pub fn get(&self, path: Path) -> Option<&Value> {
        self.entries
            .iter()
            .rev()
            .find(|entry| entry.path == path)
            .map(|entry| &entry.value)
    }

    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
}
