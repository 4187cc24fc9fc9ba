//! The enabler version a device speaks. LwM2M Core 1.2 §6.2.1, parameter `lwm2m`.

use crate::compact::Compact;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// A version of the LwM2M enabler that Muster serves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Compact)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Version {
    #[serde(rename = "1.0")]
    V1_0,
    #[serde(rename = "1.1")]
    V1_1,
    #[serde(rename = "1.2")]
    V1_2,
}

impl Version {
    pub const fn as_str(self) -> &'static str {
        match self {
            Version::V1_0 => "1.0",
            Version::V1_1 => "1.1",
            Version::V1_2 => "1.2",
        }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The device asked for a version that this server does not serve; answered with 4.12.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("LwM2M version '{0}' is not served; 1.0, 1.1 and 1.2 are")]
pub struct UnsupportedVersion(pub String);

impl FromStr for Version {
    type Err = UnsupportedVersion;

    fn from_str(text: &str) -> Result<Version, UnsupportedVersion> {
        // Patch releases (1.0.2, 1.1.1, 1.2.1) are the same enabler on the wire.
        match text.trim_matches('"') {
            "1.0" | "1.0.1" | "1.0.2" => Ok(Version::V1_0),
            "1.1" | "1.1.1" => Ok(Version::V1_1),
            "1.2" | "1.2.1" | "1.2.2" => Ok(Version::V1_2),
            other => Err(UnsupportedVersion(other.chars().take(20).collect())),
        }
    }
}
