//! A payload about several devices behind one gateway, taken apart by their prefixes. LwM2M Gateway 1.1 §6.3.

use super::cbor_decoder::{Decoder, Kind};
use super::cbor_item::{self, Items, Writer};
use super::collect::Collector;
use super::senml::{Resolved, Resolver};
use super::{Context, DecodeError, NoTypes, Refusal, lwm2m_cbor, senml_cbor, senml_json};
use crate::{ContentFormat, Node, Path, Timestamp};

/// What a payload has of one device.
#[derive(Debug)]
pub struct Part {
    /// Without slashes; empty for the gateway itself.
    pub prefix: String,
    content: Content,
}

#[derive(Debug)]
enum Content {
    Records(Vec<Resolved>),
    /// A map in LwM2M CBOR.
    Cbor(Vec<u8>),
}

/// Takes the payload of a Send apart: SenML, or LwM2M CBOR. The parts are in the order of their first values.
///
/// # Errors
/// What breaks the format; what a part holds is looked at when it is read.
pub fn by_prefix(format: ContentFormat, payload: &[u8], now: Timestamp) -> Result<Vec<Part>, DecodeError> {
    let parts = match format.canonical() {
        ContentFormat::SENML_JSON => senml_json::records(payload).and_then(|all| records(all, now)),
        ContentFormat::SENML_CBOR => {
            senml_cbor::records(payload).and_then(|all| records(all.into_iter().map(Ok), now))
        }
        ContentFormat::LWM2M_CBOR => pairs(payload),
        _ => return Err(DecodeError::Unsupported(format)),
    };
    parts.map_err(|refusal| *refusal)
}

impl Part {
    /// The values, in the types that the context knows; its root is to be the prefix.
    ///
    /// # Errors
    /// As [`super::decode`].
    pub fn decode(self, context: &Context<'_>) -> Result<Node, DecodeError> {
        let read = match self.content {
            Content::Records(records) => collect(records, context),
            Content::Cbor(map) => lwm2m_cbor::decode(Path::ROOT, &map, context),
        };
        read.map_err(|refusal| *refusal)
    }
}

fn collect(records: Vec<Resolved>, context: &Context<'_>) -> Result<Node, Refusal> {
    let mut values = Collector::new(Path::ROOT, context);
    for record in records {
        values.push(record.path, record.time, record.value)?;
    }
    values.finish()
}

fn records(
    records: impl Iterator<Item = Result<super::senml::Record, Refusal>>,
    now: Timestamp,
) -> Result<Vec<Part>, Refusal> {
    let context = Context::new(&NoTypes, now);
    let mut resolver = Resolver::of_several_devices(&context);
    let mut parts: Vec<Part> = Vec::new();
    for record in records {
        let Some(resolved) = resolver.resolve(record?)? else {
            continue;
        };
        let known = parts.iter_mut().find(|part| part.prefix == resolved.prefix);
        match known.map(|part| &mut part.content) {
            Some(Content::Records(of_it)) => of_it.push(resolved),
            _ => parts.push(Part {
                prefix: resolved.prefix.clone(),
                content: Content::Records(vec![resolved]),
            }),
        }
    }
    Ok(parts)
}

/// The pairs of the outermost map that are about one device, as they stand in the payload.
struct Pairs<'a> {
    prefix: String,
    bytes: Vec<&'a [u8]>,
}

fn pairs(payload: &[u8]) -> Result<Vec<Part>, Refusal> {
    let mut decoder = Decoder::new(payload);
    let mut items = Items::map(&mut decoder)?;
    let mut found: Vec<Pairs<'_>> = Vec::new();
    while items.next(&mut decoder)? {
        let start = decoder.position();
        let prefix = prefix_of_key(&decoder)?;
        for _ in 0..2 {
            decoder.skip()?;
        }
        let bytes = payload.get(start..decoder.position()).unwrap_or_default();
        match found.iter_mut().find(|pairs| pairs.prefix == prefix) {
            Some(pairs) => pairs.bytes.push(bytes),
            None => found.push(Pairs {
                prefix,
                bytes: vec![bytes],
            }),
        }
    }
    cbor_item::finish(&decoder)?;
    let part = |pairs: Pairs<'_>| {
        let mut writer = Writer::default();
        writer.map(pairs.bytes.len());
        writer.out.extend(pairs.bytes.concat());
        Part {
            prefix: pairs.prefix,
            content: Content::Cbor(writer.out),
        }
    };
    Ok(found.into_iter().map(part).collect())
}

/// The prefix that a key begins with, if it does; the key is not taken.
fn prefix_of_key(decoder: &Decoder<'_>) -> Result<String, Refusal> {
    let mut decoder = decoder.clone();
    if matches!(decoder.kind()?, Kind::Array) {
        let mut items = Items::array(&mut decoder)?;
        if !items.next(&mut decoder)? {
            return Ok(String::new());
        }
    }
    match decoder.kind()? {
        Kind::Text => {
            let text = decoder.text()?;
            Ok(text.trim_matches('/').to_owned())
        }
        _ => Ok(String::new()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Value;

    fn parts(format: ContentFormat, payload: &[u8]) -> Vec<(String, Vec<(String, Value)>)> {
        let parts = by_prefix(format, payload, Timestamp(0)).unwrap();
        let part = |part: Part| {
            let prefix = part.prefix.clone();
            let context = Context {
                root: Some(&prefix),
                ..Context::new(&NoTypes, Timestamp(0))
            };
            let node = part.decode(&context).unwrap();
            let entries = node.entries.into_iter();
            let entries = entries
                .map(|entry| (entry.path.to_string(), entry.value))
                .collect();
            (prefix.clone(), entries)
        };
        parts.into_iter().map(part).collect()
    }

    #[test]
    fn values_of_a_gateway_and_of_what_is_behind_it_are_told_apart() {
        let expect = vec![
            (
                "d01".to_owned(),
                vec![
                    ("/3303/0/5700".to_owned(), Value::Integer(21)),
                    ("/3303/1/5700".to_owned(), Value::Integer(22)),
                ],
            ),
            (String::new(), vec![("/3/0/9".to_owned(), Value::Integer(80))]),
            (
                "d02".to_owned(),
                vec![("/3303/0/5700".to_owned(), Value::Integer(-3))],
            ),
        ];
        let json = br#"[{"bn":"/d01/3303/","n":"0/5700","v":21},{"bn":"/3/0/9","v":80},
            {"bn":"/d02/3303/0/","n":"5700","v":-3},{"bn":"/","n":"d01/3303/1/5700","v":22}]"#;
        assert_eq!(parts(ContentFormat::SENML_JSON, json), expect);
        // {["d01", 3303]: {0: {5700: 21}}, [3, 0, 9]: 80, "d02": {3303: {0: {5700: -3}}}, ["d01", 3303, 1, 5700]: 22}
        let cbor = b"\xa4\x82\x63d01\x19\x0c\xe7\xa1\x00\xa1\x19\x16\x44\x15\x83\x03\x00\x09\x18\x50\x63d02\xa1\x19\x0c\xe7\xa1\x00\xa1\x19\x16\x44\x22\x84\x63d01\x19\x0c\xe7\x01\x19\x16\x44\x18\x16";
        assert_eq!(parts(ContentFormat::LWM2M_CBOR, cbor), expect);
    }

    #[test]
    fn what_is_no_payload_is_no_part() {
        for (format, payload) in [
            (ContentFormat::SENML_JSON, &b"[{\"n\":\"/d01/x/3\",\"v\":1}]"[..]),
            (ContentFormat::SENML_CBOR, b"\x81"),
            (ContentFormat::LWM2M_CBOR, b"\xa1\x63d01"),
            (ContentFormat::LWM2M_CBOR, b"\xa1\x63d01\xa0\x00"),
            (ContentFormat::TLV, b""),
        ] {
            assert!(
                by_prefix(format, payload, Timestamp(0)).is_err(),
                "{format} {payload:?}"
            );
        }
        assert!(
            by_prefix(ContentFormat::LWM2M_CBOR, b"\xa0", Timestamp(0))
                .unwrap()
                .is_empty()
        );
    }
}
