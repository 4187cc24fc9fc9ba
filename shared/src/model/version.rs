//! The version of an object definition, and which one a device means when it does not say. LwM2M Core 1.2 §7.2.2.

use crate::Version;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::str::FromStr;

/// The version of an object definition, `"1.1"`. In JSON the text.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectVersion {
    pub major: u16,
    pub minor: u16,
}

impl ObjectVersion {
    /// What an object has whose definition or registration gives no version.
    pub const V1_0: ObjectVersion = ObjectVersion::new(1, 0);

    pub const fn new(major: u16, minor: u16) -> ObjectVersion {
        ObjectVersion { major, minor }
    }
}

/// The text is no object version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an object version is two numbers with a dot between them, as in 1.1")]
pub struct ObjectVersionError;

impl FromStr for ObjectVersion {
    type Err = ObjectVersionError;

    fn from_str(text: &str) -> Result<ObjectVersion, ObjectVersionError> {
        let number = |digits: &str| {
            (!digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()))
                .then(|| digits.parse().ok())
                .flatten()
                .ok_or(ObjectVersionError)
        };
        let (major, minor) = text.split_once('.').ok_or(ObjectVersionError)?;
        Ok(ObjectVersion::new(number(major)?, number(minor)?))
    }
}

impl fmt::Display for ObjectVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

impl fmt::Debug for ObjectVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for ObjectVersion {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for ObjectVersion {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<ObjectVersion, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

impl crate::compact::Compact for ObjectVersion {
    fn read(reader: &mut crate::compact::Reader<'_>) -> Self {
        reader.parsed(|text| text.parse().ok(), ObjectVersion::V1_0)
    }
}

/// The version of `object` that a client of this enabler means when it registers it without `ver`.
pub const fn default_version(enabler: Version, object: u16) -> &'static str {
    match (enabler, object) {
        (Version::V1_1, 0 | 1 | 3) => "1.1",
        (Version::V1_1, 4) => "1.2",
        (Version::V1_2, 0 | 1 | 3) => "1.2",
        (Version::V1_2, 2 | 5) => "1.1",
        (Version::V1_2, 4) => "1.3",
        (Version::V1_2, 21) => "2.0",
        _ => "1.0",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_two_numbers() {
        assert_eq!("1.0".parse(), Ok(ObjectVersion::V1_0));
        assert_eq!("2.10".parse(), Ok(ObjectVersion::new(2, 10)));
        assert!(ObjectVersion::new(2, 10) > ObjectVersion::new(2, 9));
        for text in ["", "1", "1.", ".1", "1.0.1", "v1.0", "1.-1", "+1.0", "70000.0"] {
            assert_eq!(text.parse::<ObjectVersion>(), Err(ObjectVersionError), "{text}");
        }
    }

    #[test]
    fn the_default_version_of_a_core_object_follows_the_enabler() {
        for (enabler, object, version) in [
            (Version::V1_0, 3, "1.0"),
            (Version::V1_0, 4, "1.0"),
            (Version::V1_1, 0, "1.1"),
            (Version::V1_1, 2, "1.0"),
            (Version::V1_1, 4, "1.2"),
            (Version::V1_1, 5, "1.0"),
            (Version::V1_2, 2, "1.1"),
            (Version::V1_2, 3, "1.2"),
            (Version::V1_2, 4, "1.3"),
            (Version::V1_2, 5, "1.1"),
            (Version::V1_2, 6, "1.0"),
            (Version::V1_2, 21, "2.0"),
            (Version::V1_2, 3303, "1.0"),
        ] {
            assert_eq!(default_version(enabler, object), version, "{enabler} /{object}");
        }
    }
}
