//! The object list of a registration: which objects and instances a device has, in which versions, and where its
//! resource tree begins. LwM2M Core 1.2 §6.2.1.2, §6.4.1.

use super::lint::{Notes, Rule};
use crate::lwm2m::{Refusal, quote};
use shared::api::Lint;
use shared::codec::link;
use shared::model::{ObjectVersion, default_version};
use shared::sorted::SortedMap;
use shared::{ContentFormat, Path, Version};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// Objects that a device must not list and a server must not show: security, OSCORE and COSE.
const HIDDEN: [u16; 3] = [0, 21, 23];
/// How many different lists are remembered. Fleets share few; beyond this the memory is emptied and begins anew.
const REMEMBERED: usize = 4096;
/// The most objects and instances of one device.
const MAX_LINKS: usize = 4096;

/// The object list, shared by all devices that sent the same one.
#[derive(Debug, PartialEq)]
pub(crate) struct ObjectLinks {
    /// The version of LwM2M it was read for, and the payload it was read from, from which it is read again after a restart.
    pub(crate) version: Version,
    pub(crate) payload: Box<[u8]>,
    /// The object instances as paths, sorted; an object without instances as its own path.
    pub(crate) objects: Box<[Path]>,
    /// The versions in effect, told or by the enabler's default.
    pub(crate) versions: SortedMap<u16, String>,
    /// The alternate path, with a slash at its beginning and none at its end.
    pub(crate) root: Option<Box<str>>,
    pub(crate) formats: Box<[ContentFormat]>,
    pub(crate) lint: Box<[Lint]>,
}

impl ObjectLinks {
    /// Whether the device registered the object that the path is in.
    pub(crate) fn has_object(&self, path: Path) -> bool {
        let object = path.truncated(1);
        self.objects.iter().any(|listed| object.contains(listed))
    }

    /// Whether the device registered the object instance that the path is in.
    pub(crate) fn has_instance(&self, path: Path) -> bool {
        path.depth() >= 2 && self.objects.binary_search(&path.truncated(2)).is_ok()
    }

    /// The first instance of the object that the device does not list.
    pub(crate) fn free_instance(&self, object: Path) -> Path {
        let all = (0..u16::MAX).filter_map(|id| object.child(id));
        let mut free = all.filter(|instance| self.objects.binary_search(instance).is_err());
        free.next().unwrap_or(object)
    }

    /// The path as the device wants it in requests, `"/lwm2m/3/0"`.
    pub(crate) fn request_path(&self, path: Path) -> String {
        match &self.root {
            Some(root) if path.is_root() => root.to_string(),
            Some(root) => format!("{root}{path}"),
            None => path.to_string(),
        }
    }

    /// What the device says with its alternate path in front, `"/lwm2m/3/0"`, without it.
    pub(crate) fn below_root<'a>(&self, target: &'a str) -> &'a str {
        let root = self.root.as_deref().unwrap_or_default();
        match target.strip_prefix(root) {
            Some("") => "/",
            Some(below) if below.starts_with('/') => below,
            _ => target,
        }
    }

    /// The same list of a device that speaks these formats.
    pub(crate) fn with_formats(&self, formats: Box<[ContentFormat]>) -> ObjectLinks {
        ObjectLinks {
            version: self.version,
            payload: self.payload.clone(),
            objects: self.objects.clone(),
            versions: self.versions.clone(),
            root: self.root.clone(),
            formats,
            lint: self.lint.clone(),
        }
    }

    /// Reads a list.
    ///
    /// # Errors
    /// 4.00 if it is not in link format.
    pub(crate) fn parse(version: Version, payload: &[u8]) -> Result<ObjectLinks, Refusal> {
        let links = read(payload)?;
        let mut reading = Reading::default();
        reading.read_root(&links);
        for link in &links {
            reading.read_link(link);
        }
        Ok(reading.finish(version, payload))
    }

    /// Reads the list of a device behind a gateway, whose objects are under a prefix. Its links may have it or not.
    ///
    /// # Errors
    /// As [`ObjectLinks::parse`].
    pub(crate) fn behind_gateway(
        version: Version,
        payload: &[u8],
        formats: &[ContentFormat],
        prefix: &str,
    ) -> Result<ObjectLinks, Refusal> {
        let mut reading = Reading {
            root: Some(format!("/{prefix}").into()),
            formats: formats.to_vec(),
            behind_gateway: true,
            ..Reading::default()
        };
        for link in &read(payload)? {
            reading.read_link(link);
        }
        Ok(reading.finish(version, payload))
    }
}

fn read(payload: &[u8]) -> Result<Vec<link::Link>, Refusal> {
    let text = std::str::from_utf8(payload)
        .map_err(|_| Refusal::bad_request("the object list is not UTF-8 text"))?;
    let links = link::parse(text)
        .map_err(|error| Refusal::bad_request(format!("the object list is not in link format: {error}")))?;
    if links.len() > MAX_LINKS {
        return Err(Refusal::bad_request(format!(
            "the object list has more than {MAX_LINKS} links"
        )));
    }
    Ok(links)
}

/// The list while it is read.
#[derive(Default)]
struct Reading {
    objects: Vec<Path>,
    told: BTreeMap<u16, String>,
    root: Option<Box<str>>,
    formats: Vec<ContentFormat>,
    notes: Notes,
    /// It is of a device that has no account with a server and whose links need no prefix.
    behind_gateway: bool,
}

impl Reading {
    /// Finds the link that says where the tree begins and which formats the device speaks.
    fn read_root(&mut self, links: &[link::Link]) {
        for link in links {
            let rt = attribute(link, "rt");
            let is_root = link.target.trim_matches('/').is_empty();
            if !is_root && rt != Some("oma.lwm2m") {
                continue;
            }
            if let Some(other) = rt.filter(|rt| *rt != "oma.lwm2m") {
                self.notes.add(
                    Rule::OddResourceType,
                    format!(
                        "The root link has rt={}, which should be \"oma.lwm2m\".",
                        quote(other)
                    ),
                );
            }
            if let Some(formats) = attribute(link, "ct") {
                self.read_formats(formats);
            }
            if !is_root {
                let root = link.target.trim_matches('/');
                if root.split('/').all(|segment| segment.parse::<u16>().is_ok()) {
                    self.notes.add(
                        Rule::NumericRoot,
                        format!(
                            "The alternate path {} is a number, which is an object's name; it is not used.",
                            quote(&link.target)
                        ),
                    );
                } else {
                    self.root = Some(format!("/{root}").into());
                }
            }
        }
    }

    fn read_formats(&mut self, text: &str) {
        for word in text.split([' ', ',']).filter(|word| !word.is_empty()) {
            match word.parse() {
                Ok(number) => self.formats.push(ContentFormat(number)),
                Err(_) => self.notes.add(
                    Rule::OddContentType,
                    format!("ct has {}, which is no content format's number.", quote(word)),
                ),
            }
        }
        self.formats.dedup();
        self.formats.truncate(32);
    }

    fn read_link(&mut self, link: &link::Link) {
        let target = link.target.trim_matches('/');
        if target.is_empty() || attribute(link, "rt") == Some("oma.lwm2m") {
            return;
        }
        let below_root = self.root.as_deref().and_then(|root| {
            target
                .strip_prefix(root.trim_start_matches('/'))?
                .strip_prefix('/')
        });
        if self.root.is_some() && below_root.is_none() && !self.behind_gateway {
            self.notes.add(
                Rule::OutsideRoot,
                format!(
                    "The link {} does not begin with the alternate path; it is read as if it did.",
                    quote(&link.target)
                ),
            );
        }
        let Ok(path) = format!("/{}", below_root.unwrap_or(target)).parse::<Path>() else {
            self.notes.add(
                Rule::NotAnObject,
                format!(
                    "The link {} names no object or object instance.",
                    quote(&link.target)
                ),
            );
            return;
        };
        if path.depth() > 2 {
            self.notes.add(
                Rule::TooDeep,
                format!("The link {} goes below an object instance.", quote(&link.target)),
            );
            return;
        }
        let Some(object) = path.object_id() else { return };
        if HIDDEN.contains(&object) {
            self.notes.add(
                Rule::HiddenObject,
                format!(
                    "{path} is in the list, but object {object} is never shown to a server; it is left out."
                ),
            );
            return;
        }
        if self.objects.contains(&path) {
            self.notes
                .add(Rule::DuplicateLink, format!("{path} is in the list twice."));
        } else {
            self.objects.push(path);
        }
        if let Some(version) = attribute(link, "ver") {
            self.read_version(path, object, version);
        }
    }

    fn read_version(&mut self, path: Path, object: u16, version: &str) {
        if path.depth() == 2 {
            self.notes.add(
                Rule::VersionOnInstance,
                format!("{path} has ver={}, which belongs on the link of the object, </{object}>;ver=… . It is taken.", quote(version)),
            );
        }
        if version.parse::<ObjectVersion>().is_ok() {
            self.told.insert(object, version.to_owned());
        } else {
            self.notes.add(
                Rule::BadObjectVersion,
                format!(
                    "{path} has ver={}, which is no object version; the default is taken.",
                    quote(version)
                ),
            );
        }
    }

    fn finish(mut self, version: Version, payload: &[u8]) -> ObjectLinks {
        self.objects.sort_unstable();
        let instances: Vec<Path> = self
            .objects
            .iter()
            .copied()
            .filter(|path| path.depth() == 2)
            .collect();
        // An object's own link says nothing more where instances are listed.
        self.objects
            .retain(|path| path.depth() == 2 || !instances.iter().any(|instance| path.contains(instance)));
        if self.objects.is_empty() {
            self.notes
                .add(Rule::NoObjects, "The object list names no object.");
        } else if !self.behind_gateway {
            self.check_mandatory(&instances);
        }
        let versions = self
            .objects
            .iter()
            .filter_map(Path::object_id)
            .map(|object| {
                let told = self.told.get(&object).cloned();
                (
                    object,
                    told.unwrap_or_else(|| default_version(version, object).to_owned()),
                )
            })
            .collect();
        ObjectLinks {
            version,
            payload: payload.into(),
            objects: self.objects.into_boxed_slice(),
            versions,
            root: self.root,
            formats: self.formats.into_boxed_slice(),
            lint: self.notes.into_boxed(),
        }
    }

    fn check_mandatory(&mut self, instances: &[Path]) {
        if !instances.iter().any(|path| path.object_id() == Some(1)) {
            self.notes.add(
                Rule::NoServerObject,
                "The list has no instance of the Server object, such as </1/0>.",
            );
        }
        if !instances.contains(&Path::instance(3, 0)) {
            self.notes.add(
                Rule::NoDeviceObject,
                "The list has no </3/0>, the Device object, which every device has.",
            );
        }
    }
}

fn attribute<'a>(link: &'a link::Link, name: &str) -> Option<&'a str> {
    link.attributes
        .iter()
        .find(|(known, _)| known == name)
        .and_then(|(_, value)| value.as_deref())
}

/// Lists that were read before, so that a fleet's list is read once and held once.
#[derive(Debug, Default)]
pub(crate) struct LinkCache {
    /// By version and payload.
    known: [HashMap<Box<[u8]>, Arc<ObjectLinks>>; 3],
}

impl LinkCache {
    /// The list in this payload.
    ///
    /// # Errors
    /// As [`ObjectLinks::parse`].
    pub(crate) fn get(&mut self, version: Version, payload: &[u8]) -> Result<Arc<ObjectLinks>, Refusal> {
        let known = &mut self.known[usize::from(version as u8)];
        if let Some(links) = known.get(payload) {
            return Ok(links.clone());
        }
        let links = Arc::new(ObjectLinks::parse(version, payload)?);
        if known.len() >= REMEMBERED {
            known.clear();
        }
        known.insert(payload.into(), links.clone());
        Ok(links)
    }

    /// The list in this payload, of a device that speaks these formats.
    ///
    /// # Errors
    /// As [`ObjectLinks::parse`].
    pub(crate) fn with_formats(
        &mut self,
        version: Version,
        payload: &[u8],
        formats: &[ContentFormat],
    ) -> Result<Arc<ObjectLinks>, Refusal> {
        let links = self.get(version, payload)?;
        if *links.formats == *formats {
            return Ok(links);
        }
        Ok(Arc::new(links.with_formats(formats.into())))
    }
}
