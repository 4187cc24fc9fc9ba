//! One version of an object's definition. LwM2M Core 1.2, appendix D.

use super::{ObjectVersion, Range};
use crate::DataType;
use crate::compact::Compact;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// A text of a definition: borrowed from the built-in data, owned when it was uploaded or came over the API.
pub type Text = Cow<'static, str>;

/// One version of an object's definition.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Compact)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ObjectModel {
    pub id: u16,
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub version: ObjectVersion,
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub name: Text,
    /// The enabler version the definition was made for, `"1.1"`; empty if the definition does not say.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub lwm2m_version: Text,
    /// Whether the object may have several instances.
    pub multiple: bool,
    /// Whether every device has it.
    pub mandatory: bool,
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub description: Option<Text>,
    /// Sorted by id, each id once.
    pub resources: Vec<ResourceModel>,
}

/// What an object's definition says about one resource.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Compact)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ResourceModel {
    pub id: u16,
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub name: Text,
    pub operations: Operations,
    /// Whether the resource may have several instances.
    pub multiple: bool,
    pub mandatory: bool,
    #[serde(rename = "type")]
    pub data_type: DataType,
    /// What values are allowed, if the definition says.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Range>))]
    pub range: Option<Box<Range>>,
    /// The unit, mostly a SenML one: `"Cel"`, `"%"`.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub unit: Option<Text>,
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub description: Option<Text>,
}

/// What a server may do with a resource; all false for what only bootstrap touches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, Compact)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Operations {
    pub read: bool,
    pub write: bool,
    pub execute: bool,
}

impl Operations {
    /// The letters of the definition: `"R"`, `"RW"`, `"W"`, `"E"` or nothing.
    pub const fn letters(self) -> &'static str {
        match (self.read, self.write, self.execute) {
            (_, _, true) => "E",
            (true, true, false) => "RW",
            (true, false, false) => "R",
            (false, true, false) => "W",
            (false, false, false) => "",
        }
    }

    /// The operations these letters stand for; `None` for any other text.
    pub fn from_letters(letters: &str) -> Option<Operations> {
        let (read, write, execute) = match letters {
            "" => (false, false, false),
            "R" => (true, false, false),
            "W" => (false, true, false),
            "RW" | "WR" => (true, true, false),
            "E" => (false, false, true),
            _ => return None,
        };
        Some(Operations { read, write, execute })
    }
}

impl ObjectModel {
    /// The definition of this resource.
    pub fn resource(&self, id: u16) -> Option<&ResourceModel> {
        let index = self
            .resources
            .binary_search_by_key(&id, |resource| resource.id)
            .ok()?;
        self.resources.get(index)
    }

    /// `"urn:oma:lwm2m:ext:3303:1.1"`; the version is left out where it is 1.0. LwM2M Core 1.2, appendix D.
    pub fn urn(&self) -> String {
        let class = match self.id {
            0..=1023 => "oma",
            2048..=10240 => "ext",
            _ => "x",
        };
        if self.version == ObjectVersion::V1_0 {
            format!("urn:oma:lwm2m:{class}:{}", self.id)
        } else {
            format!("urn:oma:lwm2m:{class}:{}:{}", self.id, self.version)
        }
    }
}
