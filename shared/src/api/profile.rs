//! Profile IDs and the object lists they stand for. LwM2M Core 1.2 §6.2.1.3.

use crate::compact::Compact;
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Compact)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ProfileView {
    /// As in `6:27354b9a`.
    pub id: String,
    /// The object list in link format, as a registration has it.
    pub links: String,
    /// From a registration that carried both, not from a person.
    pub learnt: bool,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, Compact)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ProfileList {
    pub items: Vec<ProfileView>,
}

/// The body of `PUT /profiles/{id}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ProfileRequest {
    /// The object list in link format, as in `</>;ct=112,</1/0>,</3/0>`.
    pub links: String,
}
