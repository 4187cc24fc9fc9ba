//! The lists that the REST interface answers with. Each is an object, so that it can be extended.

use super::{ObservationView, OperationView, TraceRecord, ValueView};
use crate::Timestamp;
use crate::compact::Compact;
use crate::event::Event;
use crate::model::{ObjectModel, ObjectVersion, Text};
use serde::{Deserialize, Serialize};

/// `GET /devices/{endpoint}/values/{path}`: sorted by path.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, Compact)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ValueList {
    pub items: Vec<ValueView>,
}

/// `GET /devices/{endpoint}/operations`: newest first.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, Compact)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OperationList {
    pub items: Vec<OperationView>,
}

/// `GET /devices/{endpoint}/observations`: sorted by path.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, Compact)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ObservationList {
    pub items: Vec<ObservationView>,
}

/// `GET /devices/{endpoint}/events`: newest first, unless `since` was given.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, Compact)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EventList {
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<Object>))]
    pub items: Vec<Event>,
    /// The `before` (or with `since`, the `since`) that brings the page after this one; absent on the last.
    pub next: Option<u64>,
}

/// `GET /devices/{endpoint}/trace`: oldest first.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, Compact)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TraceList {
    pub items: Vec<TraceRecord>,
}

/// `GET /devices/{endpoint}/samples?path=`: what a chart begins with, oldest first.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, Compact)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SampleList {
    pub items: Vec<Sample>,
}

/// One number of a numeric path.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, Compact)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Sample {
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub at: Timestamp,
    pub value: f64,
}

/// `GET /models?query=`: sorted by id, then version.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, Compact)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ModelList {
    pub items: Vec<ModelSummary>,
    /// How many definitions match, over all pages.
    pub total: u64,
}

/// An object's definition without its resources.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Compact)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ModelSummary {
    pub id: u16,
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub version: ObjectVersion,
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub name: Text,
    pub multiple: bool,
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub description: Option<Text>,
    /// Whether it was uploaded; the others come with the program.
    #[serde(default)]
    pub uploaded: bool,
}

/// The answer to `POST /models`: what became of each object of the file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, Compact)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ModelUploadList {
    pub items: Vec<ModelUpload>,
}

/// An object definition that was uploaded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Compact)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ModelUpload {
    pub id: u16,
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub version: ObjectVersion,
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub name: Text,
    pub change: ModelChange,
}

/// What an upload changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Compact)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum ModelChange {
    Added,
    /// It was uploaded before, and otherwise.
    Replaced,
    Unchanged,
}

/// `GET /devices/{endpoint}/models`: the definitions of the objects that the device registered, in the versions in
/// effect. An object without a known definition is absent.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, Compact)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DeviceModelList {
    pub items: Vec<ObjectModel>,
}
