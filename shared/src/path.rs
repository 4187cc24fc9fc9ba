//! Where something is in a device's resource tree: `/3/0/9`. LwM2M Core 1.2 §7.2.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::str::FromStr;

/// An address in a device's resource tree: root, object, object instance, resource or resource instance.
///
/// Written `/`, `/3`, `/3/0`, `/3/0/9`, `/3/0/7/1`. Identifiers are 16 bits; 65535 is reserved by the
/// specification and accepted here only so that a caller can say in words that it was used.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Path {
    // Unused identifiers are zero, so that the derived order sorts a parent directly before its children.
    ids: [u16; 4],
    len: u8,
}

impl Path {
    /// The root of the tree, `/`.
    pub const ROOT: Path = Path { ids: [0; 4], len: 0 };

    /// `/object`
    pub const fn object(object: u16) -> Path {
        Path {
            ids: [object, 0, 0, 0],
            len: 1,
        }
    }

    /// `/object/instance`
    pub const fn instance(object: u16, instance: u16) -> Path {
        Path {
            ids: [object, instance, 0, 0],
            len: 2,
        }
    }

    /// `/object/instance/resource`
    pub const fn resource(object: u16, instance: u16, resource: u16) -> Path {
        Path {
            ids: [object, instance, resource, 0],
            len: 3,
        }
    }

    /// `/object/instance/resource/resource instance`
    pub const fn resource_instance(object: u16, instance: u16, resource: u16, index: u16) -> Path {
        Path {
            ids: [object, instance, resource, index],
            len: 4,
        }
    }

    /// The path made of these identifiers, or `None` for more than four.
    pub fn from_ids(ids: &[u16]) -> Option<Path> {
        let mut path = Path::ROOT;
        for id in ids {
            path = path.child(*id)?;
        }
        Some(path)
    }

    /// The identifiers, outermost first.
    pub fn ids(&self) -> &[u16] {
        &self.ids[..usize::from(self.len)]
    }

    /// How many identifiers the path has: 0 for the root, 4 for a resource instance.
    pub const fn depth(&self) -> usize {
        self.len as usize
    }

    pub const fn is_root(&self) -> bool {
        self.len == 0
    }

    pub const fn is_resource(&self) -> bool {
        self.len == 3
    }

    pub fn object_id(&self) -> Option<u16> {
        self.ids().first().copied()
    }

    pub fn instance_id(&self) -> Option<u16> {
        self.ids().get(1).copied()
    }

    pub fn resource_id(&self) -> Option<u16> {
        self.ids().get(2).copied()
    }

    pub fn resource_instance_id(&self) -> Option<u16> {
        self.ids().get(3).copied()
    }

    /// This path with one more identifier, or `None` below a resource instance.
    pub fn child(&self, id: u16) -> Option<Path> {
        let mut child = *self;
        *child.ids.get_mut(usize::from(self.len))? = id;
        child.len += 1;
        Some(child)
    }

    /// The path one level up; the root has none.
    pub fn parent(&self) -> Option<Path> {
        self.len
            .checked_sub(1)
            .map(|len| self.truncated(usize::from(len)))
    }

    /// The first `depth` levels of this path (the whole path if it is shorter).
    pub fn truncated(&self, depth: usize) -> Path {
        let mut path = Path::ROOT;
        for id in self.ids().iter().take(depth) {
            path.ids[usize::from(path.len)] = *id;
            path.len += 1;
        }
        path
    }

    /// Whether `other` is this path or lies below it.
    pub fn contains(&self, other: &Path) -> bool {
        other.len >= self.len && other.ids()[..usize::from(self.len)] == *self.ids()
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_root() {
            return f.write_str("/");
        }
        self.ids().iter().try_for_each(|id| write!(f, "/{id}"))
    }
}

impl fmt::Debug for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Why a text is not a path, in words for the person who wrote it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PathError {
    #[error("a path starts with '/', as in /3/0/9")]
    NoLeadingSlash,
    #[error("a path has at most four identifiers: object, instance, resource, resource instance")]
    TooDeep,
    #[error("'{0}' is not an identifier: a number from 0 to 65534")]
    BadIdentifier(String),
}

impl FromStr for Path {
    type Err = PathError;

    fn from_str(text: &str) -> Result<Path, PathError> {
        let rest = text.strip_prefix('/').ok_or(PathError::NoLeadingSlash)?;
        let mut path = Path::ROOT;
        if rest.is_empty() {
            return Ok(path);
        }
        for segment in rest.split('/') {
            let id = parse_identifier(segment).ok_or_else(|| PathError::BadIdentifier(clip(segment)))?;
            path = path.child(id).ok_or(PathError::TooDeep)?;
        }
        Ok(path)
    }
}

/// A decimal identifier without sign or superfluous zeros; 65535 is reserved (LwM2M Core 1.2 §7.2).
fn parse_identifier(segment: &str) -> Option<u16> {
    let canonical =
        segment == "0" || (!segment.starts_with('0') && segment.bytes().all(|b| b.is_ascii_digit()));
    canonical
        .then(|| segment.parse().ok())
        .flatten()
        .filter(|id| *id != u16::MAX)
}

/// At most 40 characters of a text that goes into an error message.
fn clip(text: &str) -> String {
    text.chars().take(40).collect()
}

impl Serialize for Path {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Path {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Path, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

impl crate::compact::Compact for Path {
    fn read(reader: &mut crate::compact::Reader<'_>) -> Self {
        reader.parsed(|text| text.parse().ok(), Path::ROOT)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn texts_that_are_no_paths_say_why() {
        let bad = |segment: &str| PathError::BadIdentifier(segment.into());
        for (text, error) in [
            ("", PathError::NoLeadingSlash),
            ("3/0", PathError::NoLeadingSlash),
            ("//0", bad("")),
            ("/3/", bad("")),
            ("/3/x", bad("x")),
            ("/-1", bad("-1")),
            ("/+1", bad("+1")),
            ("/03", bad("03")),
            ("/65535", bad("65535")),
            ("/70000", bad("70000")),
            ("/1/2/3/4/5", PathError::TooDeep),
        ] {
            assert_eq!(text.parse::<Path>(), Err(error), "{text}");
        }
    }

    #[test]
    fn a_parent_sorts_before_its_children_and_contains_them() {
        let device: Path = "/3/0".parse().unwrap();
        let battery: Path = "/3/0/9".parse().unwrap();
        assert!(device < battery);
        assert!(device.contains(&battery) && device.contains(&device));
        assert!(!battery.contains(&device));
        assert!(Path::ROOT.contains(&device));
        assert_eq!(battery.parent(), Some(device));
        assert!(!Path::object(3).contains(&Path::object(33)));
    }

    proptest! {
        #[test]
        fn every_path_reads_back(ids in proptest::collection::vec(0u16..65535, 0..=4)) {
            let path = Path::from_ids(&ids).unwrap();
            prop_assert_eq!(path.to_string().parse::<Path>(), Ok(path));
        }

        #[test]
        fn no_text_panics(text in ".{0,40}") {
            let _ = text.parse::<Path>();
        }
    }
}
