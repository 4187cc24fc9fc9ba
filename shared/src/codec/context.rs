//! What a codec has to be told beside the payload.

use crate::{DataType, Path, Timestamp};

/// What is known about a resource before its value is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ResourceType {
    pub data_type: DataType,
    /// Whether the resource has instances.
    pub multiple: bool,
}

/// Where the codecs learn the types of resources; [`crate::model::DeviceModels`] is the usual one.
pub trait TypeLookup {
    /// The type of the resource at `path`, which has three or four identifiers.
    fn resource(&self, path: Path) -> Option<ResourceType>;
}

/// Knows no type: every value keeps the type its format gives it.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoTypes;

impl TypeLookup for NoTypes {
    fn resource(&self, _path: Path) -> Option<ResourceType> {
        None
    }
}

impl TypeLookup for () {
    fn resource(&self, _path: Path) -> Option<ResourceType> {
        None
    }
}

/// The surroundings of a payload.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    pub types: &'a dyn TypeLookup,
    /// When the payload arrived: times below 2^28 in SenML are relative to it (RFC 8428 §4.5.3).
    pub now: Timestamp,
    /// What stands in front of names: an alternate path, written with a slash as in `"/lwm2m"`, or the prefix of a
    /// device behind a gateway, written without one as in `"d01"`. LwM2M Core 1.2.1 §7.4.5, LwM2M CBOR §7.4.7.
    pub root: Option<&'a str>,
}

impl<'a> Context<'a> {
    /// A context for a device whose objects are at the root.
    pub fn new(types: &'a dyn TypeLookup, now: Timestamp) -> Context<'a> {
        Context {
            types,
            now,
            root: None,
        }
    }

    /// The type of the resource that holds `path`; none above the level of resources.
    pub(crate) fn resource_type(&self, path: Path) -> Option<ResourceType> {
        (path.depth() >= 3)
            .then(|| self.types.resource(path.truncated(3)))
            .flatten()
    }

    /// The prefix of a device behind a gateway, which is the only one LwM2M CBOR has a place for.
    pub(crate) fn gateway_prefix(&self) -> Option<&'a str> {
        self.root
            .filter(|root| !root.is_empty() && !root.starts_with('/'))
            .map(|root| root.trim_end_matches('/'))
    }

    /// [`Context::root`] without slashes at its ends; empty if there is none.
    pub(crate) fn prefix(&self) -> &'a str {
        self.root.unwrap_or("").trim_matches('/')
    }
}

impl std::fmt::Debug for Context<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Context")
            .field("now", &self.now)
            .field("root", &self.root)
            .finish_non_exhaustive()
    }
}
