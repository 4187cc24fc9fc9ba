//! `application/octet-stream`: the bytes of one opaque resource. LwM2M Core 1.2 §7.4.2.

use super::single;
use super::{Context, EncodeError, Refusal};
use crate::{ContentFormat, DataType, Node, Path, Value};

const FORMAT: ContentFormat = ContentFormat::OPAQUE;

pub(super) fn decode(base: Path, payload: &[u8], context: &Context<'_>) -> Result<Node, Refusal> {
    let value = Value::Opaque(payload.to_vec());
    match single::wanted(FORMAT, base, context)? {
        Some(wanted) if wanted != DataType::Opaque => Err(single::mismatch(base, wanted, &value)),
        _ => Ok(Node::single(base, value)),
    }
}

pub(super) fn encode(node: &Node, context: &Context<'_>) -> Result<Vec<u8>, EncodeError> {
    match single::only(FORMAT, node, context)? {
        (_, Value::Opaque(bytes)) => Ok(bytes),
        (path, _) => Err(EncodeError::Unrepresentable {
            path,
            format: FORMAT,
            reason: "only bytes can",
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::test_support::{TYPES, context};

    #[test]
    fn bytes_are_taken_as_they_are() {
        let package = Path::resource(5, 0, 0);
        let node = decode(package, &[0, 0xff], &context(&TYPES)).unwrap();
        assert_eq!(node, Node::single(package, Value::Opaque(vec![0, 0xff])));
        assert_eq!(encode(&node, &context(&TYPES)), Ok(vec![0, 0xff]));
    }

    #[test]
    fn other_types_and_places_are_refused_in_words() {
        let battery = Path::resource(3, 0, 9);
        assert_eq!(
            decode(battery, &[1, 2], &context(&TYPES))
                .unwrap_err()
                .to_string(),
            "/3/0/9 holds a whole number, but the payload has 2 bytes"
        );
        assert_eq!(
            decode(Path::instance(3, 0), &[1], &context(&TYPES))
                .unwrap_err()
                .to_string(),
            "application/octet-stream carries one value, but /3/0 is no resource"
        );
        assert_eq!(
            encode(&Node::single(battery, Value::Integer(1)), &context(&TYPES))
                .unwrap_err()
                .to_string(),
            "/3/0/9 cannot be written as application/octet-stream: only bytes can"
        );
    }
}
