//! From what a person asks to what is to be done: paths, values and permissions against the object definitions.

use super::values::{MAX_VALUES, entry};
use super::{Task, arguments, attributes};
use crate::core::OperateError;
use crate::lwm2m::observation::Subject;
use crate::lwm2m::registration::Registration;
use shared::api::{JsonValue, OperationKind, OperationRequest};
use shared::codec::CHOSEN_BY_CLIENT;
use shared::model::{DeviceModels, Operations, Registry as Models};
use shared::{ContentFormat, Entry, Node, Path, Value, Version};
use std::ops::RangeInclusive;

/// The most paths of a composite operation.
const MAX_PATHS: usize = 256;

pub(super) type Checked<T> = Result<T, OperateError>;

pub(super) fn bad(sentence: impl Into<String>) -> OperateError {
    OperateError::BadRequest(sentence.into())
}

/// The format that was asked for by name.
///
/// # Errors
/// [`OperateError::BadRequest`] if there is none of this name.
pub(crate) fn format(request: &OperationRequest) -> Checked<Option<ContentFormat>> {
    request
        .format
        .as_deref()
        .map(|name| {
            ContentFormat::from_name(name).ok_or_else(|| {
                bad(format!(
                    "there is no content format {}",
                    crate::lwm2m::quote(name)
                ))
            })
        })
        .transpose()
}

/// What the request asks to be done.
///
/// # Errors
/// [`OperateError::BadRequest`] and [`OperateError::DoesNotFitModel`], in words.
pub(crate) fn task(
    request: &OperationRequest,
    registration: &Registration,
    models: &Models,
) -> Checked<Task> {
    let types = registration.models(models);
    let checker = Checker {
        request,
        version: registration.version,
        types: &types,
    };
    checker.task()
}

pub(super) struct Checker<'a> {
    pub(super) request: &'a OperationRequest,
    version: Version,
    pub(super) types: &'a DeviceModels<'a>,
}

impl Checker<'_> {
    fn task(&self) -> Checked<Task> {
        match self.request.op {
            OperationKind::Read => {
                let path = self.path(1..=4)?;
                self.permit(path, "read", |operations| operations.read)?;
                Ok(Task::Read { path })
            }
            OperationKind::Observe => {
                let path = self.path(1..=4)?;
                self.permit(path, "observed", |operations| operations.read)?;
                Ok(Task::Observe {
                    subject: Subject::One(path),
                    attributes: self.own_attributes(path)?,
                })
            }
            OperationKind::CancelObserve => self.cancel_observe(),
            OperationKind::Discover => Ok(Task::Discover {
                path: self.path(1..=3)?,
                depth: self.depth()?,
            }),
            OperationKind::Write => {
                let path = self.path(2..=4)?;
                let node = self.node(path)?;
                Ok(Task::Write { node, replace: true })
            }
            OperationKind::Update => self.update(),
            OperationKind::Execute => self.execute(),
            OperationKind::Create => self.create(),
            OperationKind::Delete => self.delete(),
            OperationKind::WriteAttributes => {
                let path = self.path(1..=4)?;
                let value = self.request.value.as_ref();
                let queries = attributes::queries(self.target(path), value).map_err(bad)?;
                Ok(Task::WriteAttributes { path, queries })
            }
            OperationKind::ReadComposite => Ok(Task::ReadComposite { paths: self.paths()? }),
            OperationKind::WriteComposite => self.write_composite(),
            OperationKind::ObserveComposite => Ok(Task::Observe {
                subject: Subject::several(self.paths()?),
                attributes: self.own_attributes(Path::ROOT)?,
            }),
        }
    }

    fn target(&self, path: Path) -> attributes::Target<'_> {
        attributes::Target {
            path,
            resource: self.types.resource_model(path),
            version: self.version,
        }
    }

    /// The attributes in the request of an observation. LwM2M Core 1.2 §6.4.1.
    fn own_attributes(&self, path: Path) -> Checked<Vec<String>> {
        let value = match &self.request.value {
            None | Some(JsonValue::Null) => return Ok(Vec::new()),
            value => value.as_ref(),
        };
        if self.version < Version::V1_2 {
            return Err(bad(format!(
                "attributes in the request of an observation exist since LwM2M 1.2, and the device speaks {}; set them with write_attributes",
                self.version
            )));
        }
        attributes::queries(self.target(path), value).map_err(bad)
    }

    /// Cancel Observation, or Cancel Observation-Composite if the request has `paths`. LwM2M Core 1.2 §6.4.3, §6.4.5.
    fn cancel_observe(&self) -> Checked<Task> {
        let silently = match &self.request.value {
            None | Some(JsonValue::Null) => false,
            Some(JsonValue::String(how)) if how == "reset" => true,
            Some(_) => {
                return Err(bad(
                    "the value of cancel_observe is absent, or \"reset\" to answer the next notification with a reset",
                ));
            }
        };
        let subject = if self.request.paths.is_empty() {
            Subject::One(self.path(1..=4)?)
        } else if self.request.path.is_some() {
            return Err(bad(
                "cancel_observe has a path, or the paths of an observe_composite",
            ));
        } else {
            Subject::several(self.paths()?)
        };
        Ok(Task::CancelObserve { subject, silently })
    }

    /// How deep a Discover is to look: `{"depth": 1}`. LwM2M Core 1.2 §6.3.2.
    fn depth(&self) -> Checked<Option<u8>> {
        let wrong = || bad("the value of discover is absent, or {\"depth\": 0} to {\"depth\": 3}");
        let object = match &self.request.value {
            None | Some(JsonValue::Null) => return Ok(None),
            Some(value) => value.as_object().ok_or_else(wrong)?,
        };
        let depth = object
            .get("depth")
            .filter(|_| object.len() == 1)
            .and_then(JsonValue::as_u64)
            .filter(|depth| *depth <= 3)
            .ok_or_else(wrong)?;
        if self.version < Version::V1_2 {
            return Err(bad(format!(
                "the depth of a discover exists since LwM2M 1.2, and the device speaks {}",
                self.version
            )));
        }
        Ok(Some(depth as u8))
    }

    fn update(&self) -> Checked<Task> {
        let path = self.path(2..=3)?;
        if path.is_resource() && self.version < Version::V1_2 {
            return Err(bad(format!(
                "a partial update of a resource exists since LwM2M 1.2 and the device speaks {}; update {} or write",
                self.version,
                path.truncated(2)
            )));
        }
        let node = self.node(path)?;
        Ok(Task::Write { node, replace: false })
    }

    fn execute(&self) -> Checked<Task> {
        let path = self.path(3..=3)?;
        self.permit(path, "executed", |operations| operations.execute)?;
        let arguments = match &self.request.value {
            None | Some(JsonValue::Null) => String::new(),
            Some(JsonValue::String(text)) => text.clone(),
            Some(_) => return Err(bad("the arguments of an execute are a text, such as \"0='a',1\"")),
        };
        arguments::check(&arguments).map_err(bad)?;
        Ok(Task::Execute { path, arguments })
    }

    fn create(&self) -> Checked<Task> {
        let path = self.path(1..=2)?;
        let object = path.truncated(1);
        // An object that has one instance at most has it at 0. LwM2M Core 1.2 §6.3.6.
        let single = object
            .object_id()
            .and_then(|id| self.types.object(id))
            .is_some_and(|model| !model.multiple);
        let path = match object.child(0) {
            Some(only) if single && path.depth() == 1 => only,
            _ => path,
        };
        let instance = match path.instance_id() {
            Some(_) => path,
            None => object
                .child(CHOSEN_BY_CLIENT)
                .ok_or_else(|| bad("a create has an object as its target"))?,
        };
        let mut entries = match &self.request.value {
            None | Some(JsonValue::Null) => Vec::new(),
            Some(value) => self.instance_entries(instance, value, false)?,
        };
        if entries.is_empty() && path.depth() == 2 {
            entries.push(entry(instance, Value::None));
        }
        let base = if path.depth() == 2 { object } else { instance };
        Ok(Task::Create {
            node: Node { base, entries },
        })
    }

    fn delete(&self) -> Checked<Task> {
        let path = self.path(2..=4)?;
        match path.depth() {
            2 if path == Path::instance(3, 0) => Err(bad("the Device object cannot be deleted")),
            2 => Ok(Task::Delete { path }),
            4 if self.version >= Version::V1_2 => Ok(Task::Delete { path }),
            4 => Err(bad(format!(
                "deleting a resource instance exists since LwM2M 1.2, and the device speaks {}",
                self.version
            ))),
            _ => Err(bad(
                "an object instance or a resource instance can be deleted, not a resource",
            )),
        }
    }

    fn write_composite(&self) -> Checked<Task> {
        self.composite_version()?;
        let values = self
            .request
            .value
            .as_ref()
            .and_then(JsonValue::as_object)
            .filter(|values| !values.is_empty() && values.len() <= MAX_VALUES)
            .ok_or_else(|| bad("the value of write_composite is an object of path → value"))?;
        let mut entries = Vec::new();
        for (path, value) in values {
            let path: Path = path.parse().map_err(|error| bad(format!("{path}: {error}")))?;
            self.visible(path)?;
            if path.depth() < 3 {
                return Err(bad(format!("{path} is no resource")));
            }
            if value.is_null() && path.depth() == 4 {
                entries.push(self.taken_away(path)?);
                continue;
            }
            entries.extend(self.resource_entries(path, value, true)?);
        }
        entries.sort_by_key(|entry| entry.path);
        Ok(Task::WriteComposite {
            node: Node {
                base: Path::ROOT,
                entries,
            },
        })
    }

    /// The removal of a resource instance by a Write-Composite. LwM2M Core 1.2 §6.3.9, RFC 8790 §3.2.
    fn taken_away(&self, path: Path) -> Checked<Entry> {
        if self.version < Version::V1_2 {
            return Err(bad(format!(
                "taking a resource instance away by null exists since LwM2M 1.2, and the device speaks {}",
                self.version
            )));
        }
        self.permit(path, "written", |operations| operations.write)?;
        Ok(entry(path, Value::None))
    }

    fn composite_version(&self) -> Checked<()> {
        if self.version == Version::V1_0 {
            return Err(bad(
                "composite operations exist since LwM2M 1.1, and the device speaks 1.0",
            ));
        }
        Ok(())
    }

    fn paths(&self) -> Checked<Vec<Path>> {
        self.composite_version()?;
        let mut paths = self.request.paths.clone();
        paths.extend(self.request.path);
        if paths.is_empty() || paths.len() > MAX_PATHS {
            return Err(bad(format!("a composite operation has 1 to {MAX_PATHS} paths")));
        }
        for path in &paths {
            self.visible(*path)?;
        }
        paths.sort_unstable();
        paths.dedup();
        Ok(paths)
    }

    /// The target, of a depth that the operation has.
    fn path(&self, depth: RangeInclusive<usize>) -> Checked<Path> {
        const LEVELS: [&str; 5] = [
            "the root",
            "an object",
            "an object instance",
            "a resource",
            "a resource instance",
        ];
        let name = self.request.op.name();
        let path = self
            .request
            .path
            .ok_or_else(|| bad(format!("{name} needs a path")))?;
        if !self.request.paths.is_empty() {
            return Err(bad(format!(
                "{name} has one path; 'paths' is for the composite operations"
            )));
        }
        if !depth.contains(&path.depth()) {
            let levels: Vec<&str> = LEVELS[*depth.start()..=*depth.end()].to_vec();
            return Err(bad(format!(
                "{name} is for {}, not for {path}",
                levels.join(" or ")
            )));
        }
        if path.depth() == 4 && self.version == Version::V1_0 {
            return Err(bad(
                "resource instances have paths since LwM2M 1.1, and the device speaks 1.0",
            ));
        }
        self.visible(path)?;
        Ok(path)
    }

    fn visible(&self, path: Path) -> Checked<()> {
        match path.object_id() {
            Some(object @ (0 | 21 | 23)) => Err(bad(format!(
                "object {object} holds keys and is for bootstrap servers only (LwM2M Core 1.2 §6.1.3)"
            ))),
            _ => Ok(()),
        }
    }

    /// Whether the definition of a resource allows the operation; what no definition describes is left to the device.
    pub(super) fn permit(&self, path: Path, verb: &str, allowed: fn(Operations) -> bool) -> Checked<()> {
        let Some(resource) = self.types.resource_model(path) else {
            return Ok(());
        };
        if path.depth() < 3 || allowed(resource.operations) {
            return Ok(());
        }
        let letters = match resource.operations.letters() {
            "" => "no operation",
            letters => letters,
        };
        Err(OperateError::DoesNotFitModel(format!(
            "{} ({path}) cannot be {verb}: its definition allows {letters}",
            resource.name
        )))
    }
}
