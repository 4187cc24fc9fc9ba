//! What the object definitions say: names, types, operations, ranges and units, side by side in all versions.
//!
//! - [`ObjectModel`], [`ResourceModel`]: one version of an object's definition.
//! - [`Registry`]: every known object in every known version; [`DeviceModels`]: those one device has.
//! - [`ddf`] reads definitions from OMA's XML; `Registry::builtin` has those of the OMA registry.

#[cfg(feature = "builtin-models")]
mod builtin;
#[cfg(feature = "ddf")]
pub mod ddf;
mod device;
pub mod facts;
mod object;
mod range;
mod registry;
mod version;

pub use device::DeviceModels;
pub use object::{ObjectModel, Operations, ResourceModel, Text};
pub use range::{Range, RangeError, RangeKind, Span, check};
pub use registry::Registry;
pub use version::{ObjectVersion, ObjectVersionError, default_version};
