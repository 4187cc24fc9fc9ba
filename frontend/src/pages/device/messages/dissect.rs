//! One datagram taken apart: each part with its words and the bytes it stands in. The payload is read with the
//! server's own codecs.

use super::hex;
use shared::api::{TraceField, TraceRecord};
use shared::codec::{Context, ERROR, TypeLookup, annotate};
use shared::{ContentFormat, Path};

/// A part of a datagram.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Part {
    pub(super) name: String,
    pub(super) text: String,
    /// Where it stands: first byte and the one after the last.
    pub(super) bytes: Option<(usize, usize)>,
}

/// A part of the payload: what it is about, what it says, and where it stands in the datagram.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Said {
    pub(super) path: Option<Path>,
    pub(super) part: Part,
    /// It cannot be read; the text says why.
    pub(super) broken: bool,
}

/// The header and the options. RFC 7252 §3.
pub(super) fn parts(record: &TraceRecord) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut part = |name: &str, text: String, start: usize, end: usize| {
        parts.push(Part {
            name: name.into(),
            text,
            bytes: Some((start, end)),
        });
    };
    if record.error.is_none() && !record.code.is_empty() {
        part("Type", type_words(&record.message_type).into(), 0, 1);
        part("Code", [&record.code, " ", &record.code_name].concat(), 1, 2);
        if let Some(id) = record.message_id {
            part("Message id", format!("0x{id:04x} ({id})"), 2, 4);
        }
        let token = record.token.len() / 2;
        if token > 0 {
            part("Token", record.token.clone(), 4, 4 + token);
        }
    }
    for option in &record.options {
        let (start, end) = range(option.field);
        part(&option.name, option.text.clone(), start, end);
    }
    parts
}

/// Where the payload stands.
pub(super) fn payload_range(record: &TraceRecord) -> Option<(usize, usize)> {
    record.payload.map(range).filter(|(start, end)| end > start)
}

fn range(field: TraceField) -> (usize, usize) {
    (field.start as usize, field.end as usize)
}

fn type_words(kind: &str) -> &str {
    match kind {
        "CON" => "CON, to be confirmed",
        "NON" => "NON, without confirmation",
        "ACK" => "ACK, acknowledgement",
        "RST" => "RST, reset",
        other => other,
    }
}

/// Reads the payload with what the models know; nothing if there is none.
pub(super) fn payload(record: &TraceRecord, types: &dyn TypeLookup, root: Option<&str>) -> Vec<Said> {
    let Some((start, end)) = payload_range(record) else {
        return Vec::new();
    };
    let bytes = hex::bytes(&record.hex);
    let Some(payload) = bytes.get(start..end) else {
        let reason = "The trace keeps only the beginning of this message.";
        return alone("Not readable", reason, (start, bytes.len()));
    };
    let Some(format) = record.content_format.map(ContentFormat) else {
        return match std::str::from_utf8(payload) {
            Ok(text) if !text.contains(char::is_control) => alone("Text", text, (start, end)),
            _ => alone(
                "Not readable",
                "It does not say its content format.",
                (start, end),
            ),
        };
    };
    let base = record
        .payload_path
        .as_deref()
        .and_then(|path| path.parse().ok())
        .unwrap_or(Path::ROOT);
    let context = Context {
        types,
        now: record.at,
        root,
    };
    let nested = format.canonical() == ContentFormat::TLV;
    let mut said = Vec::new();
    for note in annotate(format, base, payload, &context) {
        if is_told(&note.label, nested) {
            said.push(Said {
                path: note.path,
                broken: note.label == ERROR,
                part: Part {
                    name: note
                        .path
                        .map_or_else(|| note.label.into_owned(), |path| path.to_string()),
                    text: note.value,
                    bytes: Some((start + note.range.start, start + note.range.end)),
                },
            });
        }
    }
    said
}

/// Whether an annotation is worth a line: the parts of a record or element are lit with it.
fn is_told(label: &str, nested: bool) -> bool {
    match label {
        "head" | "key" | "n" | "t" | "s" | "u" => false,
        "value" => !nested,
        label => label == "bytes" || !label.starts_with(['v', 'b']),
    }
}

/// What is all that can be said of a payload.
fn alone(name: &str, text: &str, bytes: (usize, usize)) -> Vec<Said> {
    let part = Part {
        name: name.into(),
        text: text.into(),
        bytes: Some(bytes),
    };
    vec![Said {
        path: None,
        part,
        broken: name != "Text",
    }]
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::Timestamp;
    use shared::api::{Direction, TraceOption, Transport};
    use shared::codec::NoTypes;

    fn record(hex: &str, payload: Option<(u32, u32)>, format: Option<u16>) -> TraceRecord {
        TraceRecord {
            id: 1,
            at: Timestamp(0),
            direction: Direction::Up,
            address: String::new(),
            transport: Transport::Udp,
            step: None,
            message_type: "ACK".into(),
            code: "2.05".into(),
            code_name: "Content".into(),
            message_id: Some(0x0102),
            token: "aabb".into(),
            uri: String::new(),
            options: vec![TraceOption {
                number: 12,
                name: "Content-Format".into(),
                text: "0".into(),
                field: TraceField { start: 6, end: 7 },
            }],
            content_format: format,
            payload: payload.map(|(start, end)| TraceField { start, end }),
            retransmission: false,
            payload_path: Some("/3/0/0".into()),
            error: None,
            hex: hex.into(),
        }
    }

    #[test]
    fn every_part_has_its_bytes() {
        let parts = parts(&record("624501 02aabbc0ff", None, None));
        let places: Vec<_> = parts
            .iter()
            .map(|part| (part.name.as_str(), part.bytes))
            .collect();
        assert_eq!(
            places,
            [
                ("Type", Some((0, 1))),
                ("Code", Some((1, 2))),
                ("Message id", Some((2, 4))),
                ("Token", Some((4, 6))),
                ("Content-Format", Some((6, 7))),
            ]
        );
    }

    #[test]
    fn a_payload_is_read_or_says_why_not() {
        let text = record("62450102aabbc0ff4142", Some((8, 10)), Some(0));
        let read = payload(&text, &NoTypes, None);
        let part = Part {
            name: "/3/0/0".into(),
            text: "AB".into(),
            bytes: Some((8, 10)),
        };
        assert_eq!(
            read,
            [Said {
                path: Some(Path::resource(3, 0, 0)),
                part,
                broken: false
            }]
        );
        assert!(payload(&record("62", None, None), &NoTypes, None).is_empty());
        for (bytes, place, format) in [
            ("6245", (1, 9), Some(0)),
            ("62450102c1", (4, 5), Some(11542)),
            ("62ff", (1, 2), None),
        ] {
            let read = payload(&record(bytes, Some(place), format), &NoTypes, None);
            assert!(read.last().is_some_and(|said| said.broken), "{bytes}");
        }
    }

    #[test]
    fn an_element_is_one_line_with_all_its_bytes() {
        let mut tlv = record("62450102aabbc0ffc10964", Some((8, 11)), Some(11542));
        tlv.payload_path = Some("/3/0".into());
        let read = payload(&tlv, &NoTypes, None);
        let lines: Vec<_> = read
            .iter()
            .map(|said| (said.part.name.as_str(), said.part.bytes))
            .collect();
        assert_eq!(lines, [("/3/0/9", Some((8, 11)))]);
    }
}
