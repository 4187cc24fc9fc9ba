//! What an object is: its resources with their types and operations. LwM2M Core 1.2 §7.2, appendix C.

use shared::{DataType, Value, Version};

/// What the server may do with a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operations {
    /// R
    Read,
    /// W
    Write,
    /// RW
    ReadWrite,
    /// E
    Execute,
}

impl Operations {
    /// Whether a Read is allowed.
    pub const fn readable(self) -> bool {
        matches!(self, Operations::Read | Operations::ReadWrite)
    }

    /// Whether a Write is allowed.
    pub const fn writable(self) -> bool {
        matches!(self, Operations::Write | Operations::ReadWrite)
    }
}

/// One resource of an object.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ResourceDefinition {
    /// The resource's identifier.
    pub id: u16,
    /// What its values are.
    pub data_type: DataType,
    /// What may be done with it.
    pub operations: Operations,
    /// Whether it has instances of its own.
    pub multiple: bool,
    /// Whether every instance of the object has it.
    pub mandatory: bool,
    /// The smallest and the largest number, or length of a text.
    pub range: Option<(f64, f64)>,
}

impl ResourceDefinition {
    const fn new(id: u16, data_type: DataType, operations: Operations) -> ResourceDefinition {
        ResourceDefinition {
            id,
            data_type,
            operations,
            multiple: false,
            mandatory: false,
            range: None,
        }
    }

    /// A resource that can be read.
    pub const fn read(id: u16, data_type: DataType) -> ResourceDefinition {
        ResourceDefinition::new(id, data_type, Operations::Read)
    }

    /// A resource that can be written.
    pub const fn write(id: u16, data_type: DataType) -> ResourceDefinition {
        ResourceDefinition::new(id, data_type, Operations::Write)
    }

    /// A resource that can be read and written.
    pub const fn read_write(id: u16, data_type: DataType) -> ResourceDefinition {
        ResourceDefinition::new(id, data_type, Operations::ReadWrite)
    }

    /// A resource that can be executed.
    pub const fn execute(id: u16) -> ResourceDefinition {
        ResourceDefinition::new(id, DataType::None, Operations::Execute)
    }

    /// The same with instances of its own.
    pub const fn multiple(self) -> ResourceDefinition {
        ResourceDefinition {
            multiple: true,
            ..self
        }
    }

    /// The same, held by every instance.
    pub const fn mandatory(self) -> ResourceDefinition {
        ResourceDefinition {
            mandatory: true,
            ..self
        }
    }

    /// The same within a range of numbers, or of lengths of a text.
    pub const fn range(self, from: f64, to: f64) -> ResourceDefinition {
        ResourceDefinition {
            range: Some((from, to)),
            ..self
        }
    }

    /// The value in the resource's type if it fits type and range.
    pub fn accept(&self, value: &Value) -> Option<Value> {
        let value = convert(value, self.data_type)?;
        let Some((from, to)) = self.range else {
            return Some(value);
        };
        let measure = match &value {
            Value::String(text) => text.chars().count() as f64,
            Value::Opaque(bytes) => bytes.len() as f64,
            number => number.as_number()?,
        };
        (from..=to).contains(&measure).then_some(value)
    }
}

/// Numbers travel in more types than one: SenML does not tell 3 from 3.0.
fn convert(value: &Value, data_type: DataType) -> Option<Value> {
    if value.data_type() == data_type {
        return Some(value.clone());
    }
    const EXACT: f64 = 9_007_199_254_740_992.0;
    match (value, data_type) {
        (Value::Unsigned(number), DataType::Integer) => i64::try_from(*number).ok().map(Value::Integer),
        (Value::Integer(number), DataType::Unsigned) => u64::try_from(*number).ok().map(Value::Unsigned),
        (Value::Integer(number), DataType::Float) => Some(Value::Float(*number as f64)),
        (Value::Unsigned(number), DataType::Float) => Some(Value::Float(*number as f64)),
        (Value::Integer(number), DataType::Time) => Some(Value::Time(*number)),
        (Value::Unsigned(number), DataType::Time) => i64::try_from(*number).ok().map(Value::Time),
        (Value::Time(number), DataType::Integer) => Some(Value::Integer(*number)),
        (Value::Float(number), wanted) if number.fract() == 0.0 && number.abs() < EXACT => {
            convert(&Value::Integer(*number as i64), wanted)
        }
        (Value::String(text), DataType::CoreLink) => Some(Value::CoreLink(text.clone())),
        (Value::CoreLink(text), DataType::String) => Some(Value::String(text.clone())),
        _ => None,
    }
}

/// One object as the device implements it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ObjectDefinition {
    /// The object's identifier.
    pub id: u16,
    /// The versions of its definition, such as `1.1`, in a device of LwM2M 1.0, 1.1 and 1.2.
    pub versions: [&'static str; 3],
    /// Whether it may have more than one instance.
    pub multiple: bool,
    /// Whether the server may create and delete instances.
    pub creatable: bool,
    /// The resources that the device implements.
    pub resources: &'static [ResourceDefinition],
}

impl ObjectDefinition {
    /// The version of the definition in a device of this version of the enabler.
    pub const fn version(&self, enabler: Version) -> &'static str {
        self.versions[enabler as usize]
    }

    /// The definition of a resource, or `None` if the device does not implement it.
    pub fn resource(&self, id: u16) -> Option<&'static ResourceDefinition> {
        self.resources.iter().find(|resource| resource.id == id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_taken_if_type_and_range_fit() {
        let percent = ResourceDefinition::read_write(0, DataType::Integer).range(0.0, 100.0);
        for (value, expect) in [
            (Value::Integer(50), Some(Value::Integer(50))),
            (Value::Float(50.0), Some(Value::Integer(50))),
            (Value::Unsigned(100), Some(Value::Integer(100))),
            (Value::Float(50.5), None),
            (Value::Integer(101), None),
            (Value::Float(f64::NAN), None),
            (Value::String("50".into()), None),
        ] {
            assert_eq!(percent.accept(&value), expect, "{value:?}");
        }
        let short = ResourceDefinition::read_write(0, DataType::String).range(0.0, 3.0);
        assert!(short.accept(&Value::String("äöü".into())).is_some());
        assert!(short.accept(&Value::String("long".into())).is_none());
    }
}
