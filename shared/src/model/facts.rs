//! The text format of `shared/data/objects.txt`: the facts of object definitions, one line each, so that a change of
//! the registry shows as a change of lines.
//!
//! Lines that begin with `#` are comments. Fields are separated by tabs; empty fields at the end are left out.
//!
//! - object: `@id`, version, enabler version, instances (`S` single, `M` multiple) and presence (`M` mandatory, `O`
//!   optional) in two letters, name;
//! - each of its resources: id, operations (`R`, `W`, `RW`, `E`, `-` for none), instances and presence, type (`S`
//!   string, `I` integer, `U` unsigned, `F` float, `B` boolean, `O` opaque, `T` time, `L` object link, `C` CoRE link,
//!   `-` none), name, range, unit.

use super::{ObjectModel, Operations, Range, ResourceModel, Text};
use crate::DataType;
use std::fmt::Write;

/// A line that is not in the format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("line {line} is no line of objects.txt: {field} is missing or wrong")]
pub struct FactsError {
    /// Counted from 1.
    pub line: usize,
    pub field: &'static str,
}

const TYPES: [(&str, DataType); 10] = [
    ("S", DataType::String),
    ("I", DataType::Integer),
    ("U", DataType::Unsigned),
    ("F", DataType::Float),
    ("B", DataType::Boolean),
    ("O", DataType::Opaque),
    ("T", DataType::Time),
    ("L", DataType::ObjectLink),
    ("C", DataType::CoreLink),
    ("-", DataType::None),
];

/// Reads object definitions; their texts are borrowed.
pub fn read(text: &'static str) -> Result<Vec<ObjectModel>, FactsError> {
    let mut objects: Vec<ObjectModel> = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let wrong = |field| FactsError {
            line: index + 1,
            field,
        };
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if let Some(line) = line.strip_prefix('@') {
            if let Some(done) = objects.last_mut() {
                done.resources.shrink_to_fit();
            }
            objects.push(object(line).map_err(wrong)?);
        } else {
            let object = objects.last_mut().ok_or_else(|| wrong("the object"))?;
            let resource = resource(line).map_err(wrong)?;
            if object.resources.last().is_some_and(|last| last.id >= resource.id) {
                return Err(wrong("the order"));
            }
            object.resources.push(resource);
        }
    }
    Ok(objects)
}

fn object(line: &'static str) -> Result<ObjectModel, &'static str> {
    let mut fields = line.split('\t');
    let id = fields.next().and_then(|id| id.parse().ok()).ok_or("the id")?;
    let version = fields
        .next()
        .and_then(|text| text.parse().ok())
        .ok_or("the version")?;
    let lwm2m_version = fields.next().ok_or("the enabler version")?;
    let (multiple, mandatory) = fields.next().and_then(flags).ok_or("the flags")?;
    Ok(ObjectModel {
        id,
        version,
        name: fields.next().map(Text::Borrowed).ok_or("the name")?,
        lwm2m_version: Text::Borrowed(lwm2m_version),
        multiple,
        mandatory,
        description: None,
        resources: Vec::new(),
    })
}

fn resource(line: &'static str) -> Result<ResourceModel, &'static str> {
    let mut fields = line.split('\t');
    let id = fields.next().and_then(|id| id.parse().ok()).ok_or("the id")?;
    let operations = match fields.next() {
        Some("-") => Some(Operations::default()),
        Some("") | None => None,
        Some(letters) => Operations::from_letters(letters),
    }
    .ok_or("the operations")?;
    let (multiple, mandatory) = fields.next().and_then(flags).ok_or("the flags")?;
    let letter = fields.next().ok_or("the type")?;
    let data_type = TYPES
        .iter()
        .find(|(known, _)| *known == letter)
        .map(|(_, data_type)| *data_type)
        .ok_or("the type")?;
    let name = fields.next().map(Text::Borrowed).ok_or("the name")?;
    let range = fields
        .next()
        .and_then(|text| Range::parse(Text::Borrowed(text), data_type))
        .map(Box::new);
    Ok(ResourceModel {
        id,
        name,
        operations,
        multiple,
        mandatory,
        data_type,
        range,
        unit: fields.next().map(Text::Borrowed),
        description: None,
    })
}

/// Whether there may be several, and whether one must be there.
fn flags(letters: &str) -> Option<(bool, bool)> {
    let (multiple, mandatory) = match letters {
        "SM" => (false, true),
        "SO" => (false, false),
        "MM" => (true, true),
        "MO" => (true, false),
        _ => return None,
    };
    Some((multiple, mandatory))
}

/// Writes object definitions in the order given; the descriptions are not in it.
pub fn write<'a>(objects: impl IntoIterator<Item = &'a ObjectModel>) -> String {
    let mut text = String::from(
        "# Facts of object definitions, made by `cargo xtask import-objects`. The format is described in\n\
         # shared/src/model/facts.rs.\n",
    );
    for object in objects {
        // Writing to a String cannot fail.
        let _ = writeln!(
            text,
            "@{}\t{}\t{}\t{}\t{}",
            object.id,
            object.version,
            object.lwm2m_version,
            letters(object.multiple, object.mandatory),
            object.name
        );
        for resource in &object.resources {
            write_resource(resource, &mut text);
        }
    }
    text
}

fn write_resource(resource: &ResourceModel, text: &mut String) {
    let data_type = TYPES
        .iter()
        .find(|(_, data_type)| *data_type == resource.data_type)
        .map_or("-", |(letter, _)| *letter);
    let operations = match resource.operations.letters() {
        "" => "-",
        letters => letters,
    };
    let flags = letters(resource.multiple, resource.mandatory);
    let range = resource.range.as_ref().map_or("", |range| range.text.as_ref());
    let line = format!(
        "{}\t{operations}\t{flags}\t{data_type}\t{}\t{range}\t{}",
        resource.id,
        resource.name,
        resource.unit.as_deref().unwrap_or("")
    );
    text.push_str(line.trim_end_matches('\t'));
    text.push('\n');
}

const fn letters(multiple: bool, mandatory: bool) -> &'static str {
    match (multiple, mandatory) {
        (false, true) => "SM",
        (false, false) => "SO",
        (true, true) => "MM",
        (true, false) => "MO",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "@3\t1.2\t1.1\tSM\tDevice\n0\tR\tSO\tS\tManufacturer\n4\tE\tSM\t-\tReboot\n\
                        6\tR\tMO\tI\tAvailable Power Sources\t0..7\n9\tR\tSO\tI\tBattery Level\t0..100\t/100\n\
                        13\tRW\tSO\tT\tCurrent Time\t\ts\n22\t-\tMO\tL\tExtDevInfo\n";

    #[test]
    fn facts_read_back() {
        let objects = read(TEXT).unwrap();
        let [device] = objects.as_slice() else {
            panic!("one object");
        };
        assert_eq!(device.urn(), "urn:oma:lwm2m:oma:3:1.2");
        assert!(device.mandatory && !device.multiple);
        let battery = device.resource(9).unwrap();
        assert_eq!(battery.unit.as_deref(), Some("/100"));
        assert!(battery.operations.read && !battery.operations.write);
        assert_eq!(device.resource(13).unwrap().range, None);
        assert_eq!(device.resource(4).unwrap().data_type, DataType::None);
        assert_eq!(device.resource(5), None);
        let written = write(&objects);
        assert!(written.ends_with(TEXT) && written.starts_with('#'));
    }

    #[test]
    fn a_wrong_line_is_named() {
        for (text, line, field) in [
            ("0\tR\tSO\tS\tx", 1, "the object"),
            ("@3\tx", 1, "the version"),
            ("@3\t1.0\t1.0\tXX\tDevice", 1, "the flags"),
            ("@3\t1.0\t1.0\tSM\tDevice\n1\tQ", 2, "the operations"),
            ("@3\t1.0\t1.0\tSM\tDevice\n1\tR\tSO\tZ\tx", 2, "the type"),
            (
                "@3\t1.0\t1.0\tSM\tDevice\n1\tR\tSO\tS\tx\n1\tR\tSO\tS\tx",
                3,
                "the order",
            ),
        ] {
            assert_eq!(read(text), Err(FactsError { line, field }), "{text}");
        }
    }
}
