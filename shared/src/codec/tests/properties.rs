//! What holds for every format: it reads what it writes, no bytes make it panic, and a node is the same node through
//! each of them.

use super::*;
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;

/// The formats that carry several values with their paths.
const STRUCTURED: [ContentFormat; 5] = [
    ContentFormat::TLV,
    ContentFormat::SENML_JSON,
    ContentFormat::SENML_CBOR,
    ContentFormat::OLD_JSON,
    ContentFormat::LWM2M_CBOR,
];
/// The formats that carry one value.
const SINGLE: [ContentFormat; 2] = [ContentFormat::TEXT, ContentFormat::CBOR];

const TYPES_OF_VALUES: [DataType; 9] = [
    DataType::String,
    DataType::Integer,
    DataType::Unsigned,
    DataType::Float,
    DataType::Boolean,
    DataType::Opaque,
    DataType::Time,
    DataType::ObjectLink,
    DataType::CoreLink,
];

fn value_of(wanted: DataType) -> BoxedStrategy<Value> {
    match wanted {
        DataType::String => ".{0,12}".prop_map(Value::String).boxed(),
        DataType::Integer => any::<i64>().prop_map(Value::Integer).boxed(),
        DataType::Unsigned => any::<u64>().prop_map(Value::Unsigned).boxed(),
        DataType::Float => proptest::num::f64::NORMAL.prop_map(Value::Float).boxed(),
        DataType::Boolean => any::<bool>().prop_map(Value::Boolean).boxed(),
        DataType::Opaque => vec(any::<u8>(), 0..300).prop_map(Value::Opaque).boxed(),
        DataType::Time => any::<i64>().prop_map(Value::Time).boxed(),
        DataType::ObjectLink => any::<(u16, u16)>()
            .prop_map(|(object, instance)| Value::ObjectLink { object, instance })
            .boxed(),
        DataType::CoreLink => "[ -~]{0,12}".prop_map(Value::CoreLink).boxed(),
        DataType::None => Just(Value::None).boxed(),
    }
}

/// A resource of the test object, single or multiple, with values for it.
fn resource() -> impl Strategy<Value = Vec<(Path, Value)>> {
    (0..TYPES_OF_VALUES.len(), any::<bool>()).prop_flat_map(|(index, multiple)| {
        let wanted = TYPES_OF_VALUES[index];
        if multiple {
            let at = multiple_path_of(wanted);
            btree_map(0u16..65535, value_of(wanted), 1..4)
                .prop_map(move |values| {
                    let instance = |(id, value)| (at.child(id).unwrap(), value);
                    values.into_iter().map(instance).collect::<Vec<_>>()
                })
                .boxed()
        } else {
            let at = path_of(wanted);
            value_of(wanted).prop_map(move |value| vec![(at, value)]).boxed()
        }
    })
}

/// An object with instances of the test object.
fn object() -> impl Strategy<Value = Node> {
    btree_map(0u16..65535, vec(resource(), 1..5), 0..3).prop_map(|instances| {
        let mut values = std::collections::BTreeMap::new();
        for (instance, resources) in instances {
            for (at, value) in resources.into_iter().flatten() {
                let mut ids = at.ids().to_vec();
                ids[1] = instance;
                values.insert(Path::from_ids(&ids).unwrap(), value);
            }
        }
        Node::from_values(Path::object(3442), values)
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn an_object_is_the_same_through_every_structured_format(object in object()) {
        for format in STRUCTURED {
            let payload = encode(format, &object, &context(&TYPES)).unwrap();
            let read = decode(format, object.base, &payload, &context(&TYPES));
            prop_assert_eq!(read.as_ref(), Ok(&object), "{:?} {:02x?}", format, payload);
        }
    }

    #[test]
    fn a_value_is_the_same_through_every_format(
        (path, value) in (0..TYPES_OF_VALUES.len()).prop_flat_map(|index| {
            let wanted = TYPES_OF_VALUES[index];
            value_of(wanted).prop_map(move |value| (path_of(wanted), value))
        })
    ) {
        let node = Node::single(path, value);
        for format in SINGLE.into_iter().chain(STRUCTURED) {
            let payload = encode(format, &node, &context(&TYPES)).unwrap();
            let read = decode(format, path, &payload, &context(&TYPES));
            prop_assert_eq!(read.as_ref(), Ok(&node), "{:?}", format);
        }
    }

    #[test]
    fn a_history_keeps_its_order_and_times(
        points in vec((300_000_000_000i64..4_000_000_000_000, any::<i32>()), 1..20)
    ) {
        let at = path_of(DataType::Integer);
        let entries = points.into_iter().map(|(millis, value)| Entry {
            path: at,
            time: Some(millis as f64 / 1000.0),
            value: Value::Integer(i64::from(value)),
        });
        let node = Node { base: at, entries: entries.collect() };
        for format in [ContentFormat::SENML_JSON, ContentFormat::SENML_CBOR, ContentFormat::OLD_JSON] {
            let payload = encode(format, &node, &context(&TYPES)).unwrap();
            let read = decode(format, at, &payload, &context(&TYPES));
            prop_assert_eq!(read.as_ref(), Ok(&node), "{:?}", format);
        }
    }

    #[test]
    fn no_bytes_panic(
        number in prop::sample::select(vec![0u16, 42, 60, 110, 112, 320, 322, 1541, 1542, 1543, 11542, 11543, 11544, 7]),
        ids in vec(any::<u16>(), 0..=4),
        payload in vec(any::<u8>(), 0..64),
    ) {
        let base = Path::from_ids(&ids).unwrap();
        let format = ContentFormat(number);
        let _ = decode(format, base, &payload, &context(&TYPES));
        let _ = decode_paths(format, &payload, &context(&NoTypes));
    }

    #[test]
    fn no_changed_payload_panics(object in object(), at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        for format in STRUCTURED {
            let mut payload = encode(format, &object, &context(&TYPES)).unwrap();
            if !payload.is_empty() {
                let at = at.index(payload.len());
                payload[at] = byte;
                let _ = decode(format, object.base, &payload, &context(&TYPES));
                let _ = decode(format, object.base, &payload[..at], &context(&NoTypes));
            }
        }
    }
}

#[test]
fn a_payload_with_too_many_values_is_refused() {
    let mut json = String::from("[");
    for index in 0..=super::super::MAX_ENTRIES {
        json.push_str(if index == 0 { "{}" } else { ",{}" });
    }
    json.push(']');
    assert!(
        refusal(ContentFormat::SENML_JSON, "/", json.as_bytes()).contains("more than 65536 values"),
        "too many records in JSON"
    );
    let mut cbor = vec![0x9f];
    cbor.resize(1 + super::super::MAX_ENTRIES + 1, 0xa0);
    cbor.push(0xff);
    assert_eq!(
        decode(ContentFormat::SENML_CBOR, Path::ROOT, &cbor, &context(&TYPES)),
        Err(DecodeError::TooMany)
    );
}
