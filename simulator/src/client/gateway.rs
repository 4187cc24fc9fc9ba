//! Devices behind a client that is a gateway. LwM2M Gateway 1.1.
//!
//! They never register. The gateway lists them in its object 25, and their objects are under a prefix: in the paths of
//! requests, and in the names of payloads.

use super::observation::Observers;
use super::options::Dialect;
use super::resources::Resources;
use super::{Client, links};
use crate::objects::{Action, Behaviour};
use crate::tree::{ObjectDefinition, ResourceDefinition};
use coap::{Request, Token};
use shared::DataType::{CoreLink, String as Text};
use shared::{Path, Value};
use std::time::Instant;

/// The object that lists them.
static GATEWAY: ObjectDefinition = ObjectDefinition {
    id: 25,
    versions: ["2.0"; 3],
    multiple: true,
    creatable: false,
    resources: &[
        ResourceDefinition::read(DEVICE_ID, Text).mandatory(),
        ResourceDefinition::read(PREFIX, Text).mandatory(),
        ResourceDefinition::read(OBJECTS, CoreLink).mandatory(),
    ],
};
const DEVICE_ID: u16 = 0;
const PREFIX: u16 = 1;
const OBJECTS: u16 = 3;

/// A device to be put behind a gateway.
#[derive(Debug)]
pub struct DeviceBehind {
    /// What the gateway calls it.
    pub device_id: String,
    /// What stands before its paths, without slashes.
    pub prefix: String,
    /// What it is made of; without a Server object, for no server has an account there.
    pub behaviours: Vec<Box<dyn Behaviour>>,
}

/// A device behind this client.
#[derive(Debug)]
pub(super) struct Child {
    /// Its instance of object 25.
    instance: u16,
    prefix: String,
    pub(super) resources: Resources,
    pub(super) observers: Observers,
}

impl Client {
    /// The same client as a gateway with these devices behind it.
    pub fn with_devices_behind(mut self, devices: Vec<DeviceBehind>) -> Client {
        let time = self.options.clock.time;
        self.resources.tree.add_object(&GATEWAY);
        for (instance, device) in (0..).zip(devices) {
            let dialect = Dialect {
                root: Some(format!("/{}", device.prefix)),
                profile_id: None,
                ..self.options.dialect.clone()
            };
            let mut resources = Resources::new(self.options.version, dialect, device.behaviours, time);
            resources.behind = true;
            let tree = &mut self.resources.tree;
            tree.create(GATEWAY.id, instance);
            let mut set = |id, value| tree.set(Path::resource(GATEWAY.id, instance, id), value);
            set(DEVICE_ID, Value::String(device.device_id));
            set(PREFIX, Value::String(device.prefix.clone()));
            set(OBJECTS, Value::CoreLink(links::behind_gateway(&resources)));
            self.children.push(Child {
                instance,
                prefix: device.prefix,
                resources,
                observers: Observers::default(),
            });
        }
        self.resources.tree.take_changes();
        self.resources.tree.take_instances_changed();
        self
    }

    /// Sets values of a device behind the gateway from that device's side; nothing happens where there is none.
    pub fn change_behind(
        &mut self,
        now: Instant,
        prefix: &str,
        change: impl FnOnce(&mut crate::tree::ObjectTree),
    ) {
        if let Some(child) = self.children.iter_mut().find(|child| child.prefix == prefix) {
            change(&mut child.resources.tree);
        }
        self.settle(now);
    }

    /// What a device behind the gateway holds.
    pub fn tree_behind(&self, prefix: &str) -> Option<&crate::tree::ObjectTree> {
        let child = self.children.iter().find(|child| child.prefix == prefix)?;
        Some(&child.resources.tree)
    }

    /// Sends values of a device behind the gateway, under its prefix.
    pub fn send_behind(&mut self, now: Instant, prefix: &str, paths: &[Path]) {
        if let Some(place) = self.children.iter().position(|child| child.prefix == prefix) {
            self.send_of(now, Some(place), paths);
            self.settle(now);
        }
    }

    /// Which device behind the gateway a request is about: its path begins with the prefix, or, for a composite operation,
    /// the names in its payload do.
    pub(super) fn child_of(&self, request: &Request) -> Option<usize> {
        let first = request.path_segments().next();
        let listed = |child: &&Child| {
            // A device that has left the gateway is not reached any more.
            self.resources
                .tree
                .contains(Path::instance(GATEWAY.id, child.instance))
        };
        let is_it = |child: &Child| match first {
            Some(first) => first == child.prefix,
            None => names(&request.payload, &child.prefix),
        };
        let found = self.children.iter().filter(listed).find(|child| is_it(child))?;
        self.children
            .iter()
            .position(|child| child.instance == found.instance)
    }

    /// What a request is about, or a Send comes from.
    pub(super) fn resources_of(&mut self, child: Option<usize>) -> &mut Resources {
        match child.and_then(|place| self.children.get_mut(place)) {
            Some(child) => &mut child.resources,
            None => &mut self.resources,
        }
    }

    /// Brings the values of the devices behind the gateway to the time.
    pub(super) fn advance_children(&mut self, now: Instant) {
        let time = self.options.clock.at(now);
        for child in &mut self.children {
            // Nothing that such a device does of its own accord concerns the gateway.
            child.resources.advance(time);
        }
    }

    /// Does what an object of a device behind the gateway asks for, as far as that is not the gateway's own business.
    pub(super) fn act_behind(&mut self, now: Instant, place: usize, action: Action) {
        match action {
            Action::Send(paths) => self.send_of(now, Some(place), &paths),
            Action::Reboot => {
                let time = self.options.clock.at(now);
                if let Some(child) = self.children.get_mut(place) {
                    child.observers.clear();
                    let Resources { behaviours, tree, .. } = &mut child.resources;
                    for behaviour in behaviours.values_mut() {
                        behaviour.restarted(time, tree);
                    }
                }
            }
            Action::Update | Action::Disable(_) | Action::Fetch(_) | Action::Bootstrap => {
                tracing::info!(endpoint = %self.options.endpoint, ?action, "a device behind a gateway cannot do this");
            }
        }
    }

    /// Ends all observations.
    pub(super) fn clear_observers(&mut self) {
        self.observers.clear();
        for child in &mut self.children {
            child.observers.clear();
        }
    }

    /// Ends an observation, whoever is observed.
    pub(super) fn remove_observer(&mut self, token: Token) {
        self.observers.remove(token);
        for child in &mut self.children {
            child.observers.remove(token);
        }
    }
}

/// Whether a payload of paths or values has this prefix in a name. It stands there as text in every format.
fn names(payload: &[u8], prefix: &str) -> bool {
    let prefix = prefix.as_bytes();
    let followed = |at: usize| !payload.get(at).is_some_and(|byte| byte.is_ascii_alphanumeric());
    payload
        .windows(prefix.len())
        .enumerate()
        .any(|(at, window)| window == prefix && followed(at + prefix.len()))
}
