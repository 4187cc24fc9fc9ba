//! All devices, by number.

use super::names::Names;
use super::{Device, DeviceNumber, Numbers, Samples};
use shared::DeviceState;
use std::collections::HashMap;
use std::sync::Arc;

#[derive(Debug)]
pub(crate) struct Rows {
    devices: Vec<Option<Box<Device>>>,
    by_endpoint: Numbers,
    names: Names,
    pub(crate) samples: Samples,
}

impl Rows {
    pub(crate) fn new(samples: Samples) -> Rows {
        Rows {
            devices: Vec::new(),
            by_endpoint: Numbers::default(),
            names: Names::default(),
            samples,
        }
    }

    pub(crate) fn get(&self, number: DeviceNumber) -> Option<&Device> {
        self.devices.get(number.index())?.as_deref()
    }

    pub(crate) fn get_mut(&mut self, number: DeviceNumber) -> Option<&mut Device> {
        self.devices.get_mut(number.index())?.as_deref_mut()
    }

    pub(crate) fn find(&self, endpoint: &str) -> Option<(DeviceNumber, &Device)> {
        let has_it = |number| {
            self.get(number)
                .is_some_and(|device| *device.endpoint == *endpoint)
        };
        let number = self.by_endpoint.find(endpoint, has_it)?;
        Some((number, self.get(number)?))
    }

    /// The device that registers for this one: its gateway, or else itself.
    pub(crate) fn lead<'a>(&'a self, device: &'a Device) -> &'a Device {
        device
            .behind()
            .and_then(|behind| self.get(behind.gateway))
            .unwrap_or(device)
    }

    /// Notes that a device is behind another gateway than before.
    pub(crate) fn set_gateway(
        &mut self,
        device: DeviceNumber,
        before: Option<DeviceNumber>,
        now: Option<DeviceNumber>,
    ) {
        if before == now {
            return;
        }
        if let Some(gateway) = before.and_then(|number| self.get_mut(number)) {
            gateway.children.remove(&device);
        }
        if let Some(gateway) = now.and_then(|number| self.get_mut(number)) {
            gateway.children.insert(device);
        }
    }

    /// The device of this number, which is made if it does not exist; and whether it was.
    pub(crate) fn get_or_insert(&mut self, number: DeviceNumber, endpoint: &Arc<str>) -> (&mut Device, bool) {
        let index = number.index();
        if self.devices.len() <= index {
            self.devices.resize_with(index + 1, || None);
        }
        let is_new = self.devices[index].is_none();
        if is_new {
            self.by_endpoint.insert(&**endpoint, number);
            let devices = &self.devices;
            self.names
                .insert(number, |other| is_named_before(devices, other, endpoint));
        }
        let device = self.devices[index].get_or_insert_with(|| Box::new(Device::new(endpoint.clone())));
        (device, is_new)
    }

    pub(crate) fn remove(&mut self, number: DeviceNumber) -> Option<Box<Device>> {
        let device = self.devices.get_mut(number.index())?.take()?;
        self.by_endpoint.remove(&*device.endpoint, number);
        let devices = &self.devices;
        self.names
            .remove(number, |other| is_named_before(devices, other, &device.endpoint));
        if let Some(behind) = device.behind()
            && let Some(gateway) = self.get_mut(behind.gateway)
        {
            gateway.children.remove(&number);
        }
        Some(device)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (DeviceNumber, &Device)> {
        self.devices
            .iter()
            .enumerate()
            .filter_map(|(index, device)| Some((DeviceNumber(index as u32), device.as_deref()?)))
    }

    /// All devices in the order of their endpoint names.
    pub(super) fn by_name(&self) -> impl Iterator<Item = (DeviceNumber, &Device)> {
        self.names
            .iter()
            .filter_map(|number| Some((number, self.get(number)?)))
    }

    /// How many names come before this one, whether it is a device's or not.
    pub(super) fn names_before(&self, endpoint: &str) -> usize {
        self.names
            .count(|number| is_named_before(&self.devices, number, endpoint))
    }

    pub(crate) fn len(&self) -> usize {
        self.by_endpoint.len()
    }

    /// How many devices are in each state.
    pub(crate) fn by_state(&self) -> HashMap<DeviceState, u64> {
        let mut counts = HashMap::new();
        for (_, device) in self.iter() {
            *counts.entry(device.state).or_default() += 1;
        }
        counts
    }
}

fn is_named_before(devices: &[Option<Box<Device>>], number: DeviceNumber, endpoint: &str) -> bool {
    let device = devices.get(number.index()).and_then(Option::as_deref);
    device.is_some_and(|device| *device.endpoint < *endpoint)
}
