//! Object definitions in OMA's device description format (XML). LwM2M Core 1.2, appendix D.
//!
//! Files in the field are looser than the schema: a byte order mark, a comment in front of the XML declaration, no
//! version, an empty enabler version, ranges in prose. These are read. What would be guessed is an error with its
//! line.

use super::{ObjectModel, ObjectVersion, Operations, Range, ResourceModel, Text};
use crate::DataType;
use roxmltree::{Document, Node};

/// Something in a definition that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {message}")]
pub struct DdfError {
    /// Counted from 1.
    pub line: u32,
    pub message: String,
}

/// Reads every object of a definition file; all that is wrong is reported at once. Document types are refused.
pub fn parse(xml: &str) -> Result<Vec<ObjectModel>, Vec<DdfError>> {
    let xml = declaration_blanked(xml.trim_start_matches('\u{feff}'));
    let document = Document::parse(&xml).map_err(|error| {
        vec![DdfError {
            line: error.pos().row,
            message: format!("this is no well-formed XML: {error}"),
        }]
    })?;
    let mut reader = Reader {
        document: &document,
        errors: Vec::new(),
    };
    let objects: Vec<ObjectModel> = document
        .descendants()
        .filter(|node| node.has_tag_name("Object") && node.attribute("ObjectType") != Some("CommonResources"))
        .filter_map(|node| reader.object(node))
        .collect();
    if objects.is_empty() && reader.errors.is_empty() {
        reader.refuse(document.root(), "there is no Object element".into());
    }
    if reader.errors.is_empty() {
        Ok(objects)
    } else {
        Err(reader.errors)
    }
}

/// The text with an XML declaration that does not come first written over with spaces, so that lines stay.
fn declaration_blanked(xml: &str) -> String {
    let declaration = xml
        .find("<?xml ")
        .filter(|start| *start > 0)
        .and_then(|start| Some((start, start + xml.get(start..)?.find("?>")? + 2)));
    match declaration {
        Some((start, end)) => {
            let lines = xml[start..end].matches('\n').count();
            format!("{}{}{}", &xml[..start], "\n".repeat(lines), &xml[end..])
        }
        None => xml.into(),
    }
}

struct Reader<'a> {
    document: &'a Document<'a>,
    errors: Vec<DdfError>,
}

impl Reader<'_> {
    fn refuse(&mut self, node: Node<'_, '_>, message: String) {
        let line = self.document.text_pos_at(node.range().start).row;
        self.errors.push(DdfError { line, message });
    }

    fn object(&mut self, node: Node<'_, '_>) -> Option<ObjectModel> {
        let id = self.parsed(node, "ObjectID", |text| {
            text.parse().ok().filter(|id| *id != u16::MAX)
        });
        let version = match text_of(node, "ObjectVersion").as_str() {
            "" => Some(ObjectVersion::V1_0),
            _ => self.parsed(node, "ObjectVersion", |text| text.parse().ok()),
        };
        let multiple = self.parsed(node, "MultipleInstances", multiple);
        let mandatory = self.parsed(node, "Mandatory", mandatory);
        let name = self.name(node);
        let mut resources: Vec<ResourceModel> = Vec::new();
        let items = child(node, "Resources").map(|list| list.children().collect::<Vec<_>>());
        for item in items.unwrap_or_default() {
            if item.has_tag_name("Item")
                && let Some(resource) = self.resource(item)
            {
                match resources.iter().any(|known| known.id == resource.id) {
                    true => self.refuse(item, format!("resource {} is there twice", resource.id)),
                    false => resources.push(resource),
                }
            }
        }
        resources.sort_by_key(|resource| resource.id);
        Some(ObjectModel {
            id: id?,
            version: version?,
            name: name?,
            lwm2m_version: text_of(node, "LWM2MVersion").into(),
            multiple: multiple?,
            mandatory: mandatory?,
            description: description(node, "Description1"),
            resources,
        })
    }

    fn resource(&mut self, item: Node<'_, '_>) -> Option<ResourceModel> {
        let id = item.attribute("ID").and_then(|id| id.trim().parse().ok());
        if id.is_none() {
            self.refuse(item, "an Item needs an ID from 0 to 65534".into());
        }
        let operations = self.parsed(item, "Operations", Operations::from_letters);
        let multiple = self.parsed(item, "MultipleInstances", multiple);
        let mandatory = self.parsed(item, "Mandatory", mandatory);
        let data_type = self.parsed(item, "Type", data_type);
        let name = self.name(item);
        let unit = text_of(item, "Units");
        let data_type = data_type?;
        Some(ResourceModel {
            id: id?,
            name: name?,
            operations: operations?,
            multiple: multiple?,
            mandatory: mandatory?,
            data_type,
            range: Range::parse(lines_of(item, "RangeEnumeration").into(), data_type).map(Box::new),
            unit: (!unit.is_empty()).then_some(unit.into()),
            description: description(item, "Description"),
        })
    }

    fn name(&mut self, node: Node<'_, '_>) -> Option<Text> {
        let name = text_of(node, "Name");
        if name.is_empty() {
            self.refuse(node, "Name is missing".into());
            return None;
        }
        Some(name.into())
    }

    /// The content of a child element, read by `read`.
    fn parsed<T>(&mut self, node: Node<'_, '_>, tag: &str, read: impl Fn(&str) -> Option<T>) -> Option<T> {
        let text = text_of(node, tag);
        let value = read(&text);
        if value.is_none() {
            let short: String = text.chars().take(40).collect();
            let message = match child(node, tag) {
                Some(_) => format!("{tag} cannot be {short:?}"),
                None => format!("{tag} is missing"),
            };
            self.refuse(child(node, tag).unwrap_or(node), message);
        }
        value
    }
}

fn child<'a, 'input>(node: Node<'a, 'input>, tag: &str) -> Option<Node<'a, 'input>> {
    node.children().find(|child| child.has_tag_name(tag))
}

/// The text of a child element, with each run of white space made one space.
fn text_of(node: Node<'_, '_>, tag: &str) -> String {
    words(&raw_text(node, tag))
}

/// The text of a child element, with its lines put behind one another with commas.
fn lines_of(node: Node<'_, '_>, tag: &str) -> String {
    let text = raw_text(node, tag);
    let lines: Vec<String> = text
        .lines()
        .map(words)
        .filter(|line| !line.is_empty())
        .map(|line| line.trim_end_matches(',').to_owned())
        .collect();
    lines.join(", ")
}

fn raw_text(node: Node<'_, '_>, tag: &str) -> String {
    child(node, tag).map_or_else(String::new, |child| {
        child
            .descendants()
            .filter(Node::is_text)
            .filter_map(|text| text.text())
            .collect()
    })
}

fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn description(node: Node<'_, '_>, tag: &str) -> Option<Text> {
    let text = text_of(node, tag);
    (!text.is_empty()).then_some(text.into())
}

fn multiple(text: &str) -> Option<bool> {
    match text {
        "Multiple" => Some(true),
        "Single" => Some(false),
        _ => None,
    }
}

fn mandatory(text: &str) -> Option<bool> {
    match text {
        "Mandatory" => Some(true),
        "Optional" => Some(false),
        _ => None,
    }
}

fn data_type(text: &str) -> Option<DataType> {
    Some(match text {
        "String" => DataType::String,
        "Integer" => DataType::Integer,
        "Unsigned Integer" => DataType::Unsigned,
        "Float" => DataType::Float,
        "Boolean" => DataType::Boolean,
        "Opaque" => DataType::Opaque,
        "Time" => DataType::Time,
        "Objlnk" => DataType::ObjectLink,
        "Corelnk" => DataType::CoreLink,
        "" => DataType::None,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const OBJECT: &str = "\u{feff}<!-- a comment in front -->\n<?xml version=\"1.0\"?>\n<LWM2M>\n\
        <Object ObjectType=\"MODefinition\">\n<Name>Door</Name>\n\
        <Description1><![CDATA[Opens\n and closes.]]></Description1>\n<ObjectID>32800</ObjectID>\n<LWM2MVersion/>\n\
        <MultipleInstances>Multiple</MultipleInstances>\n<Mandatory>Optional</Mandatory>\n<Resources>\n\
        <Item ID=\"7\"><Name>State</Name><Operations>RW</Operations>\
        <MultipleInstances>Single</MultipleInstances><Mandatory>Mandatory</Mandatory><Type>Unsigned Integer</Type>\
        <RangeEnumeration>0: open\n 1: closed\n</RangeEnumeration><Units>s</Units><Description>x</Description></Item>\n\
        <Item ID=\"1\"><Name>Lock</Name><Operations>E</Operations>\
        <MultipleInstances>Single</MultipleInstances><Mandatory>Optional</Mandatory><Type></Type></Item>\n\
        </Resources></Object></LWM2M>";

    #[test]
    fn a_loose_definition_is_read() {
        let objects = parse(OBJECT).unwrap();
        let [door] = objects.as_slice() else {
            panic!("one object");
        };
        assert_eq!(
            (door.id, door.version, door.multiple),
            (32800, ObjectVersion::V1_0, true)
        );
        assert_eq!(door.description.as_deref(), Some("Opens and closes."));
        assert_eq!(door.urn(), "urn:oma:lwm2m:x:32800");
        let ids: Vec<u16> = door.resources.iter().map(|resource| resource.id).collect();
        assert_eq!(ids, [1, 7]);
        let state = door.resource(7).unwrap();
        assert_eq!(state.data_type, DataType::Unsigned);
        assert_eq!(state.range.as_ref().unwrap().text, "0: open, 1: closed");
        assert!(door.resource(1).unwrap().operations.execute);
    }

    #[test]
    fn everything_wrong_is_told_with_its_line() {
        let wrong = OBJECT
            .replace("32800", "70000")
            .replace("<Mandatory>Optional</Mandatory>\n<Resources>", "\n<Resources>")
            .replace("Unsigned Integer", "Number")
            .replace("ID=\"1\"", "ID=\"x\"");
        let errors: Vec<String> = parse(&wrong)
            .unwrap_err()
            .iter()
            .map(ToString::to_string)
            .collect();
        assert_eq!(
            errors,
            [
                "line 8: ObjectID cannot be \"70000\"",
                "line 4: Mandatory is missing",
                "line 13: Type cannot be \"Number\"",
                "line 16: an Item needs an ID from 0 to 65534",
            ]
        );
        let twice = OBJECT.replace("ID=\"1\"", "ID=\"7\"");
        assert_eq!(
            parse(&twice).unwrap_err()[0].to_string(),
            "line 16: resource 7 is there twice"
        );
    }

    #[test]
    fn what_is_no_definition_is_refused() {
        for (xml, start) in [
            ("", "this is no well-formed XML"),
            ("<LWM2M><Object></LWM2M>", "this is no well-formed XML"),
            (
                "<!DOCTYPE a [<!ENTITY b \"c\">]><LWM2M>&b;</LWM2M>",
                "this is no well-formed XML",
            ),
            ("<html/>", "there is no Object element"),
        ] {
            let errors = parse(xml).unwrap_err();
            assert!(errors[0].message.starts_with(start), "{xml}: {errors:?}");
        }
    }
}
