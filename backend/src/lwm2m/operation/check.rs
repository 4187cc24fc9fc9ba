//! From what a person asks to what is to be done: paths, values and permissions against the object definitions.

use super::{Task, attributes};
use crate::core::OperateError;
use crate::lwm2m::registration::Registration;
use shared::api::{JsonValue, OperationKind, OperationRequest};
use shared::codec::CHOSEN_BY_CLIENT;
use shared::model::{DeviceModels, Operations, Registry as Models, ResourceModel, check};
use shared::{ContentFormat, DataType, Entry, Node, Path, Value, Version};
use std::ops::RangeInclusive;

/// The most values one write may carry.
const MAX_VALUES: usize = 4096;
/// The most paths of a composite operation.
const MAX_PATHS: usize = 256;

type Checked<T> = Result<T, OperateError>;

fn bad(sentence: impl Into<String>) -> OperateError {
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

struct Checker<'a> {
    request: &'a OperationRequest,
    version: Version,
    types: &'a DeviceModels<'a>,
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
                Ok(Task::Observe { path })
            }
            OperationKind::CancelObserve => Ok(Task::CancelObserve {
                path: self.path(1..=4)?,
            }),
            OperationKind::Discover => Ok(Task::Discover {
                path: self.path(1..=3)?,
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
                let queries = attributes::queries(path, self.request.value.as_ref()).map_err(bad)?;
                Ok(Task::WriteAttributes { path, queries })
            }
            OperationKind::ReadComposite => Ok(Task::ReadComposite { paths: self.paths()? }),
            OperationKind::WriteComposite => self.write_composite(),
            OperationKind::ObserveComposite => Err(bad(
                "this server does not observe several paths at once yet; observe each of them",
            )),
        }
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
        check_arguments(&arguments).map_err(bad)?;
        Ok(Task::Execute { path, arguments })
    }

    fn create(&self) -> Checked<Task> {
        let path = self.path(1..=2)?;
        let object = path.truncated(1);
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
    fn permit(&self, path: Path, verb: &str, allowed: fn(Operations) -> bool) -> Checked<()> {
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

    fn node(&self, path: Path) -> Checked<Node> {
        let value = self
            .request
            .value
            .as_ref()
            .ok_or_else(|| bad(format!("{} needs a value", self.request.op.name())))?;
        let entries = if path.depth() == 2 {
            self.instance_entries(path, value, true)?
        } else {
            self.resource_entries(path, value, true)?
        };
        Ok(Node { base: path, entries })
    }

    /// The values of an instance: an object of resource id → value.
    fn instance_entries(&self, instance: Path, value: &JsonValue, writing: bool) -> Checked<Vec<Entry>> {
        let object = value.as_object().ok_or_else(|| {
            bad(format!(
                "the value for {instance} is an object of resource id → value"
            ))
        })?;
        let mut entries = Vec::new();
        for (id, value) in object {
            let path = child(instance, id)?;
            entries.extend(self.resource_entries(path, value, writing)?);
            if entries.len() > MAX_VALUES {
                return Err(bad(format!("more than {MAX_VALUES} values at once")));
            }
        }
        entries.sort_by_key(|entry| entry.path);
        Ok(entries)
    }

    /// The value of a resource, or, for a multiple resource, an object of resource instance id → value.
    fn resource_entries(&self, path: Path, value: &JsonValue, writing: bool) -> Checked<Vec<Entry>> {
        if writing {
            self.permit(path, "written", |operations| operations.write)?;
        }
        let model = self.types.resource_model(path);
        let multiple = model.is_some_and(|model| model.multiple);
        match value.as_object() {
            Some(_) if path.depth() == 4 => Err(bad(format!("{path} has one value"))),
            Some(_) if model.is_some() && !multiple => Err(OperateError::DoesNotFitModel(format!(
                "{} ({path}) has one value, not several",
                name(model)
            ))),
            Some(object) if object.len() > MAX_VALUES => {
                Err(bad(format!("more than {MAX_VALUES} values at once")))
            }
            Some(object) if object.is_empty() => Ok(vec![entry(path, Value::None)]),
            Some(object) => object
                .iter()
                .map(|(id, value)| {
                    let path = child(path, id)?;
                    Ok(entry(path, self.value(path, value, model)?))
                })
                .collect(),
            None if multiple && path.is_resource() => Err(OperateError::DoesNotFitModel(format!(
                "{} ({path}) has several values: give an object of resource instance id → value",
                name(model)
            ))),
            None => Ok(vec![entry(path, self.value(path, value, model)?)]),
        }
    }

    fn value(&self, path: Path, json: &JsonValue, model: Option<&ResourceModel>) -> Checked<Value> {
        let data_type = match model {
            Some(model) => model.data_type,
            None => self
                .request
                .data_type
                .ok_or_else(|| bad(format!("no known definition describes {path}: say its 'type'")))?,
        };
        if data_type == DataType::None {
            return Err(OperateError::DoesNotFitModel(format!(
                "{} ({path}) holds no value",
                name(model)
            )));
        }
        let value = Value::from_json(data_type, json)
            .map_err(|error| OperateError::DoesNotFitModel(format!("{} ({path}): {error}", name(model))))?;
        if let Some(model) = model {
            check(model, &value).map_err(|error| OperateError::DoesNotFitModel(error.to_string()))?;
        }
        Ok(value)
    }
}

fn name(model: Option<&ResourceModel>) -> &str {
    model.map_or("the resource", |model| model.name.as_ref())
}

fn entry(path: Path, value: Value) -> Entry {
    Entry {
        path,
        time: None,
        value,
    }
}

fn child(parent: Path, id: &str) -> Checked<Path> {
    id.parse()
        .ok()
        .filter(|id| *id != u16::MAX)
        .and_then(|id| parent.child(id))
        .ok_or_else(|| {
            bad(format!(
                "{} is not an identifier below {parent}",
                crate::lwm2m::quote(id)
            ))
        })
}

/// The grammar of LwM2M Core 1.2 §6.3.5: digits, each once, with an optional text in single quotes.
fn check_arguments(text: &str) -> Result<(), String> {
    const GRAMMAR: &str = "arguments are digits from 0 to 9, each once, separated by commas, each with an optional text in single quotes: 0='a',1";
    let mut rest = text;
    let mut seen = [false; 10];
    while !rest.is_empty() {
        let digit = rest
            .bytes()
            .next()
            .filter(u8::is_ascii_digit)
            .map(|byte| usize::from(byte - b'0'))
            .ok_or(GRAMMAR)?;
        if std::mem::replace(&mut seen[digit], true) {
            return Err(format!("the argument {digit} is given twice"));
        }
        rest = &rest[1..];
        if let Some(quoted) = rest.strip_prefix("='") {
            let end = quoted.find('\'').ok_or(GRAMMAR)?;
            let allowed = |byte: u8| matches!(byte, b'!' | 0x23..=0x26 | 0x28..=0x5b | 0x5d..=0x7e);
            if !quoted[..end].bytes().all(allowed) {
                return Err(
                    "the text of an argument has no spaces, quotes, backslashes or characters beyond ASCII"
                        .into(),
                );
            }
            rest = &quoted[end + 1..];
        }
        rest = match rest.strip_prefix(',') {
            Some("") => return Err(GRAMMAR.into()),
            Some(more) => more,
            None if rest.is_empty() => rest,
            None => return Err(GRAMMAR.into()),
        };
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_follow_the_grammar() {
        for text in ["", "0", "0,1", "0='a'", "0='http://x/y',5,9=''"] {
            assert_eq!(check_arguments(text), Ok(()), "{text}");
        }
        for text in [
            "a", "0,", ",0", "0=a", "0='a", "0,0", "0='a b'", "10", "0 ,1", "é", "0='é'",
        ] {
            assert!(check_arguments(text).is_err(), "{text}");
        }
    }
}
