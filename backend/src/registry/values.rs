//! The values of one device, sorted by path.

use shared::event::{Origin, TimedValue};
use shared::{Path, Timestamp, Value};

/// A known value.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Known {
    pub(crate) path: Path,
    pub(crate) origin: Origin,
    /// Changed since it was last written to the store.
    pub(crate) dirty: bool,
    pub(crate) at: Timestamp,
    /// Whether the device gave the time.
    pub(crate) stamped: bool,
    pub(crate) value: Value,
}

#[derive(Debug, Default)]
pub(crate) struct Values {
    list: Vec<Known>,
}

impl Values {
    /// Keeps a value in place of the one before; false if the device has as many as may be kept.
    pub(crate) fn set(&mut self, known: Known, limit: usize) -> bool {
        match self.position(known.path) {
            Ok(index) => self.list[index] = known,
            Err(_) if self.list.len() >= limit => return false,
            Err(index) => {
                // Most devices have few values: grow by one at first, not by doubling.
                if self.list.len() < 16 {
                    self.list.reserve_exact(1);
                }
                self.list.insert(index, known);
            }
        }
        true
    }

    pub(crate) fn known(&self, path: Path) -> Option<&Known> {
        self.position(path).ok().map(|index| &self.list[index])
    }

    pub(crate) fn get(&self, path: Path) -> Option<&Value> {
        self.known(path).map(|known| &known.value)
    }

    /// The text at this path.
    pub(crate) fn text(&self, path: Path) -> Option<&str> {
        self.get(path)?.as_str()
    }

    /// The values at and below the path.
    pub(crate) fn below(&self, path: Path) -> &[Known] {
        let start = self.list.partition_point(|known| known.path < path);
        let rest = &self.list[start..];
        let length = rest.partition_point(|known| path.contains(&known.path));
        &rest[..length]
    }

    /// Drops the values at and below the path.
    pub(crate) fn remove_below(&mut self, path: Path) {
        self.list.retain(|known| !path.contains(&known.path));
    }

    /// What is known below `path` and is no more, now that these values of it were read, or written in its place: of a
    /// resource with instances of its own, those that are not among them. What a device merely does not tell, as a
    /// resource that cannot be read, stays.
    pub(crate) fn gone_with(&self, path: Path, values: &[TimedValue]) -> Vec<Path> {
        if path.depth() > 3 {
            return Vec::new();
        }
        let told = |wanted: Path| values.iter().any(|value| value.path == wanted);
        let resource_told = |resource: Path| {
            let mut values = values.iter();
            values.any(|value| value.path.depth() >= 3 && value.path.truncated(3) == resource)
        };
        let known = self.below(path).iter().map(|known| known.path);
        known
            .filter(|known| match known.depth() {
                // A resource that was itself read or replaced without a word of instances has none.
                4 => (path.depth() == 3 || resource_told(known.truncated(3))) && !told(*known),
                // It was without instances, and has some now.
                3 => resource_told(*known) && !told(*known),
                _ => false,
            })
            .collect()
    }

    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = &mut Known> {
        self.list.iter_mut()
    }

    fn position(&self, path: Path) -> Result<usize, usize> {
        self.list.binary_search_by(|known| known.path.cmp(&path))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(path: &str, at: i64) -> Known {
        Known {
            path: path.parse().unwrap(),
            origin: Origin::Read,
            dirty: true,
            at: Timestamp(at),
            stamped: false,
            value: Value::Integer(at),
        }
    }

    #[test]
    fn instances_of_a_resource_that_was_read_whole_are_gone_if_they_were_not_told() {
        let mut values = Values::default();
        for path in ["/2/0/2/1", "/2/0/2/102", "/2/0/3", "/2/1/2", "/5/0/1"] {
            values.set(known(path, 5), 100);
        }
        let gone = |path: &str, told: &[&str]| {
            let told: Vec<TimedValue> = told
                .iter()
                .map(|path| TimedValue {
                    path: path.parse().unwrap(),
                    value: Value::Integer(1),
                    at: Timestamp(6),
                })
                .collect();
            let gone = values.gone_with(path.parse().unwrap(), &told);
            gone.iter().map(Path::to_string).collect::<Vec<_>>()
        };
        assert_eq!(gone("/2/0/2", &["/2/0/2/1"]), ["/2/0/2/102"]);
        assert_eq!(gone("/2/0/2", &["/2/0/2"]), ["/2/0/2/1", "/2/0/2/102"]);
        assert_eq!(gone("/2", &["/2/0/2/102", "/2/1/2/7"]), ["/2/0/2/1", "/2/1/2"]);
        assert_eq!(gone("/2/0/2", &[]), ["/2/0/2/1", "/2/0/2/102"]);
        // One instance says nothing of the others, and a resource that was not told may only be hidden.
        assert!(gone("/2/0/2/1", &["/2/0/2/1"]).is_empty());
        assert!(gone("/2/0", &["/2/0/3"]).is_empty());
        assert!(gone("/5/0", &["/5/0/3"]).is_empty());
    }

    #[test]
    fn values_are_found_by_prefix_and_are_not_more_than_may_be() {
        let mut values = Values::default();
        for path in [
            "/3/0/9",
            "/3/0/7/0",
            "/3/0/7/1",
            "/4/0/1",
            "/3303/0/5700",
            "/3/1/9",
        ] {
            assert!(values.set(known(path, 5), 100));
        }
        assert!(values.set(known("/3/0/9", 6), 6));
        assert!(!values.set(known("/5/0/9", 6), 6));
        let below = |path: &str| values.below(path.parse().unwrap()).len();
        assert_eq!(
            (
                below("/"),
                below("/3"),
                below("/3/0"),
                below("/3/0/7"),
                below("/9")
            ),
            (6, 4, 3, 2, 0)
        );
        values.remove_below("/3/0".parse().unwrap());
        assert_eq!(values.below(Path::ROOT).len(), 3);
    }
}
