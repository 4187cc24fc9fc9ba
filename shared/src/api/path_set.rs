//! Sets of paths that are read, written or observed together, saved by name.

use crate::compact::Compact;
use crate::{Path, Timestamp};
use serde::{Deserialize, Serialize};

/// `POST /path-sets`. Takes the place of one's own set of the same name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct PathSetRequest {
    /// 1 to 80 characters.
    pub name: String,
    /// 1 to 64 paths.
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<String>))]
    pub paths: Vec<Path>,
    /// Whether everybody sees it.
    #[serde(default)]
    pub shared: bool,
}

/// A saved set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Compact)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PathSet {
    pub id: i64,
    pub name: String,
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<String>))]
    pub paths: Vec<Path>,
    pub shared: bool,
    /// Who saved it.
    pub owner: String,
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub created: Timestamp,
}

/// `GET /path-sets`: one's own and the shared ones, by name.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, Compact)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PathSetList {
    pub items: Vec<PathSet>,
}
