//! Values a person gives, as entries of their type.

use super::check::{Checked, Checker, bad};
use crate::core::OperateError;
use shared::api::JsonValue;
use shared::model::{ResourceModel, check};
use shared::{DataType, Entry, Node, Path, Value};

/// The most values one write may carry.
pub(super) const MAX_VALUES: usize = 4096;

impl Checker<'_> {
    pub(super) fn node(&self, path: Path) -> Checked<Node> {
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
    pub(super) fn instance_entries(
        &self,
        instance: Path,
        value: &JsonValue,
        writing: bool,
    ) -> Checked<Vec<Entry>> {
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
    pub(super) fn resource_entries(
        &self,
        path: Path,
        value: &JsonValue,
        writing: bool,
    ) -> Checked<Vec<Entry>> {
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

pub(super) fn entry(path: Path, value: Value) -> Entry {
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
