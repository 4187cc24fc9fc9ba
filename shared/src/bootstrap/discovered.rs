//! What a device answers to a Bootstrap-Discover. LwM2M Core 1.2 §6.1.7.6.

use crate::codec::link::{self, Link, LinkError};
use crate::compact::Compact;
use crate::{Path, Version};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// An instance of Security as the device tells it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Compact)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SecurityInstance {
    pub instance: u16,
    /// The server's short id; the bootstrap account has none.
    pub short_server_id: Option<u16>,
    pub uri: Option<String>,
}

/// What the device has.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Discovered {
    pub version: Option<Version>,
    pub security: Vec<SecurityInstance>,
    /// The instances of Server with the short ids of their servers, where the device tells them.
    pub servers: Vec<(u16, Option<u16>)>,
    /// Objects without instances, and instances.
    pub paths: BTreeSet<Path>,
}

/// How many links are looked at; a device has fewer.
const MAX_LINKS: usize = 4096;

impl Discovered {
    /// Reads the answer, and the `acc` parameter of a Bootstrap-Pack-Request, which has the same form.
    ///
    /// Lenient: `lwm2m=1.0,` before the links (as LwM2M 1.0 wrote it), quoted and unquoted values, slashes at the end
    /// of targets. What is no path of numbers is passed over.
    ///
    /// # Errors
    /// [`LinkError`] if it is no list of links.
    pub fn parse(text: &str) -> Result<Discovered, LinkError> {
        let mut discovered = Discovered::default();
        let mut links = text.trim_start();
        if let Some(rest) = links.strip_prefix("lwm2m=") {
            let (version, rest) = rest.split_once(',').unwrap_or((rest, ""));
            discovered.version = version.trim().parse().ok();
            links = rest;
        }
        for link in link::parse(links)?.iter().take(MAX_LINKS) {
            discovered.add(link);
        }
        Ok(discovered)
    }

    fn add(&mut self, link: &Link) {
        if let Some(version) = link.attribute("lwm2m") {
            self.version = version.parse().ok().or(self.version);
        }
        let target = link.target.trim_end_matches('/');
        let Ok(path) = target.parse::<Path>() else { return };
        let path = path.truncated(2);
        if path.is_root() || !self.paths.insert(path) {
            return;
        }
        let number = |name| link.attribute(name).and_then(|text: &str| text.parse().ok());
        if let [1, instance] = *path.ids() {
            self.servers.push((instance, number("ssid")));
        }
        if let [0, instance] = *path.ids() {
            self.security.push(SecurityInstance {
                instance,
                short_server_id: number("ssid"),
                uri: link
                    .attribute("uri")
                    .filter(|uri| !uri.is_empty())
                    .map(Into::into),
            });
        }
    }

    /// The instances of Security that hold the bootstrap account, as far as can be told: those without a short server
    /// id. Nothing is written over them.
    pub fn bootstrap_accounts(&self) -> impl Iterator<Item = u16> {
        self.security
            .iter()
            .filter(|security| security.short_server_id.is_none())
            .map(|security| security.instance)
    }

    /// The instances of an object.
    pub fn instances(&self, object: u16) -> impl Iterator<Item = u16> {
        self.paths
            .iter()
            .filter(move |path| path.object_id() == Some(object))
            .filter_map(Path::instance_id)
    }

    /// Whether the device has the object, with or without instances.
    pub fn has_object(&self, object: u16) -> bool {
        self.paths.iter().any(|path| path.object_id() == Some(object))
    }
}
