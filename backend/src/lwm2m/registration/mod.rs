//! The registration interface. LwM2M Core 1.2 §6.2.
//!
//! - [`parameters`]: the queries of Register and Update.
//! - [`links`]: the object list in their payload.
//! - [`lint`]: what is wrong without being a reason to refuse.
//! - [`id`]: the location a registration is given.
//! - [`profile`]: names that stand for an object list.
//! - [`record`]: what is kept of it.

pub(crate) mod binding;
pub(crate) mod id;
pub(crate) mod links;
pub(crate) mod lint;
pub(crate) mod parameters;
pub(crate) mod profile;
pub(crate) mod record;

pub(crate) use binding::Binding;
pub(crate) use id::RegistrationId;
pub(crate) use links::{LinkCache, ObjectLinks};
pub(crate) use record::{Behind, Registration, Way};
