//! The definitions of the objects one device has, in the versions it has them.

use super::{ObjectModel, ObjectVersion, Operations, Registry, ResourceModel};
use crate::Path;
use crate::codec::{ResourceType, TypeLookup};
use crate::sorted::SortedMap;

/// A view of a [`Registry`] through the object versions of one device.
#[derive(Debug, Clone, Copy)]
pub struct DeviceModels<'a> {
    registry: &'a Registry,
    /// Object id → version, as in [`crate::api::RegistrationView::object_versions`].
    versions: &'a SortedMap<u16, String>,
}

impl<'a> DeviceModels<'a> {
    /// `versions` maps object ids to versions; an object that is not in it is looked up as 1.0.
    pub const fn new(registry: &'a Registry, versions: &'a SortedMap<u16, String>) -> DeviceModels<'a> {
        DeviceModels { registry, versions }
    }

    /// The definition of an object, by [`Registry::nearest`] if the registry does not have the device's version.
    pub fn object(&self, id: u16) -> Option<&'a ObjectModel> {
        let version = self
            .versions
            .get(&id)
            .and_then(|text| text.parse().ok())
            .unwrap_or(ObjectVersion::V1_0);
        self.registry.nearest(id, version).map(AsRef::as_ref)
    }

    /// The definition of the resource that is at or above `path`.
    pub fn resource_model(&self, path: Path) -> Option<&'a ResourceModel> {
        self.object(path.object_id()?)?.resource(path.resource_id()?)
    }

    /// What a server may do with the resource that is at or above `path`.
    pub fn operations(&self, path: Path) -> Option<Operations> {
        self.resource_model(path).map(|resource| resource.operations)
    }
}

impl TypeLookup for DeviceModels<'_> {
    fn resource(&self, path: Path) -> Option<ResourceType> {
        self.resource_model(path).map(|resource| ResourceType {
            data_type: resource.data_type,
            multiple: resource.multiple,
        })
    }
}
