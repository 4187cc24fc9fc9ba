//! What the tests of the codecs share: types as the Device, Firmware and test objects have them.

use super::{Context, ResourceType, TypeLookup};
use crate::{DataType, Path, Timestamp};

/// The types of `/3`, `/5/x/0`, `/6` and the test object `/3442`.
pub(super) struct TestTypes;
pub(super) const TYPES: TestTypes = TestTypes;

/// Resources of `/3442` by type: single, multiple.
const BY_TYPE: [(DataType, u16, u16); 10] = [
    (DataType::String, 110, 1110),
    (DataType::Integer, 120, 1120),
    (DataType::Unsigned, 125, 1125),
    (DataType::Float, 130, 1130),
    (DataType::Boolean, 140, 1140),
    (DataType::Opaque, 150, 1150),
    (DataType::Time, 160, 1160),
    (DataType::ObjectLink, 170, 1170),
    (DataType::CoreLink, 180, 1180),
    (DataType::None, 0, 1000),
];

impl TypeLookup for TestTypes {
    fn resource(&self, path: Path) -> Option<ResourceType> {
        let single = |data_type| ResourceType {
            data_type,
            multiple: false,
        };
        let multiple = |data_type| ResourceType {
            data_type,
            multiple: true,
        };
        match (path.object_id()?, path.resource_id()?) {
            (3, 0..=3 | 14..=19) => Some(single(DataType::String)),
            (3, 6..=8 | 11) => Some(multiple(DataType::Integer)),
            (3, 9 | 10 | 20 | 21) => Some(single(DataType::Integer)),
            (3, 13) => Some(single(DataType::Time)),
            (3, 22) => Some(multiple(DataType::ObjectLink)),
            (5, 0) => Some(single(DataType::Opaque)),
            (6, 0..=4) => Some(single(DataType::Float)),
            (6, 5) => Some(single(DataType::Time)),
            (3442, id) => BY_TYPE.iter().find_map(|(data_type, one, many)| match id {
                _ if id == *one => Some(single(*data_type)),
                _ if id == *many => Some(multiple(*data_type)),
                _ => None,
            }),
            _ => None,
        }
    }
}

/// `/3442/0/…` with a resource of this type.
pub(super) fn path_of(wanted: DataType) -> Path {
    let id = BY_TYPE
        .iter()
        .find(|(data_type, ..)| *data_type == wanted)
        .map_or(0, |(_, id, _)| *id);
    Path::resource(3442, 0, id)
}

/// `/3442/0/…` with a multiple resource of this type.
pub(super) fn multiple_path_of(wanted: DataType) -> Path {
    let id = BY_TYPE
        .iter()
        .find(|(data_type, ..)| *data_type == wanted)
        .map_or(0, |(.., id)| *id);
    Path::resource(3442, 0, id)
}

/// 2023-11-14T22:13:20Z.
pub(super) const NOW: Timestamp = Timestamp(1_700_000_000_000);

pub(super) fn context(types: &dyn TypeLookup) -> Context<'_> {
    Context::new(types, NOW)
}

/// The bytes of a hexadecimal text; spaces are passed over.
pub(super) fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text.bytes().filter(u8::is_ascii_hexdigit).collect();
    digits
        .chunks(2)
        .map(|pair| {
            let pair = std::str::from_utf8(pair).unwrap();
            u8::from_str_radix(pair, 16).unwrap()
        })
        .collect()
}
