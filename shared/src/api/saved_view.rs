//! Views of the device list, saved by name, and the columns that an account chose.

use super::DeviceColumn;
use crate::Timestamp;
use crate::compact::Compact;
use serde::{Deserialize, Serialize};

/// `POST /views`. Takes the place of one's own view of the same name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct SavedViewRequest {
    /// 1 to 80 characters.
    pub name: String,
    /// In the query language of the list; empty for all devices.
    #[serde(default)]
    pub query: String,
    /// A column's name, with `-` before it for descending.
    pub sort: String,
    /// In their order; none for what the account chose.
    #[serde(default)]
    pub columns: Vec<DeviceColumn>,
    /// Whether everybody sees it, which takes the role operator.
    #[serde(default)]
    pub shared: bool,
}

/// A saved view.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Compact)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SavedView {
    pub id: i64,
    pub name: String,
    pub query: String,
    pub sort: String,
    pub columns: Vec<DeviceColumn>,
    pub shared: bool,
    /// Who saved it.
    pub owner: String,
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub created: Timestamp,
}

/// `GET /views`: one's own views and the shared ones, by name, and one's own columns.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, Compact)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SavedViewList {
    pub items: Vec<SavedView>,
    /// What the account chose, in its order; empty if it chose nothing.
    pub columns: Vec<DeviceColumn>,
}

/// `PUT /views/columns`: the columns that the account wants to see; none for the usual ones.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Compact)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ColumnChoice {
    pub columns: Vec<DeviceColumn>,
}
