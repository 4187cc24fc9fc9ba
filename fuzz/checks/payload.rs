//! A payload in one content format: what is read can be written and reads the same again, and the page's annotations stay
//! within the bytes.

use shared::codec::{self, Context, ResourceType, TypeLookup};
use shared::{ContentFormat, DataType, Node, Path, Timestamp, Value};

/// Resource 0 to 9 are single of each type, 10 to 19 multiple; of others nothing is known.
struct Types;

const BY_ID: [DataType; 10] = [
    DataType::String,
    DataType::Integer,
    DataType::Unsigned,
    DataType::Float,
    DataType::Boolean,
    DataType::Opaque,
    DataType::Time,
    DataType::ObjectLink,
    DataType::CoreLink,
    DataType::None,
];

impl TypeLookup for Types {
    fn resource(&self, path: Path) -> Option<ResourceType> {
        let id = usize::from(path.resource_id()?);
        Some(ResourceType {
            data_type: *BY_ID.get(id % 10).filter(|_| id < 20)?,
            multiple: id >= 10,
        })
    }
}

/// Reads the rest of `data` as the format that its first byte chooses, below the path that the second does.
pub(crate) fn check(formats: &[ContentFormat], data: &[u8]) {
    let [format, place, payload @ ..] = data else {
        return;
    };
    let format = formats[usize::from(*format) % formats.len()];
    let ids = [3, 0, u16::from(place >> 3), 1];
    let base = Path::from_ids(&ids[..usize::from(place & 7).min(4)]).expect("the identifiers are valid");
    let mut context = Context::new(&Types, Timestamp(1_700_000_000_000));
    context.root = match place & 7 {
        5 => Some("/lwm2m"),
        6 => Some("d01"),
        _ => None,
    };
    if let Ok(node) = codec::decode(format, base, payload, &context) {
        check_node(format.canonical(), &node, &context);
    }
    if let Ok(paths) = codec::decode_paths(format, payload, &context) {
        let written =
            codec::encode_paths(format, &paths, &context).expect("paths that were read can be written");
        assert_eq!(codec::decode_paths(format, &written, &context), Ok(paths));
    }
    for note in codec::annotate(format, base, payload, &context) {
        assert!(
            note.range.start <= note.range.end && note.range.end <= payload.len(),
            "{note:?}"
        );
    }
}

fn check_node(format: ContentFormat, node: &Node, context: &Context<'_>) {
    assert!(
        node.entries.iter().all(|entry| node.base.contains(&entry.path)),
        "{node:?}"
    );
    let written = match codec::encode(format, node, context) {
        Ok(written) => written,
        // Nothing has no form in some formats, though no bytes are read as nothing.
        Err(_) if node.entries.iter().all(|entry| entry.value == Value::None) => return,
        Err(error) => panic!("{node:?} was read and cannot be written: {error}"),
    };
    match codec::decode(format, node.base, &written, context) {
        // By their words, for what is no number is not equal to itself.
        Ok(read) => assert_eq!(format!("{read:?}"), format!("{node:?}"), "{written:02x?}"),
        Err(error) => panic!("{written:02x?} was written for {node:?} and cannot be read: {error}"),
    }
}
