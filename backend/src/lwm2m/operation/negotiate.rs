//! Which content formats to try, in which order. LwM2M Core 1.2 §7.4.
//!
//! A device that lists its formats (`ct` of the root link, since 1.1) is asked in one of them. A device of 1.0 has
//! TLV, and text for single values. A device of 1.1 or later that lists nothing is asked in TLV first, which older
//! code bases kept, then in SenML. 4.06 and 4.15 are used interchangeably by clients: after either, the next is tried.

use shared::{ContentFormat, DataType, Version};

/// The most formats tried for one operation.
pub(crate) const ATTEMPTS: usize = 4;

/// For reading: what to put into Accept; `None` leaves the choice to the device.
pub(crate) fn to_read(version: Version, listed: &[ContentFormat]) -> Vec<Option<ContentFormat>> {
    let mut formats: Vec<Option<ContentFormat>> = structured(version, listed).into_iter().map(Some).collect();
    formats.truncate(ATTEMPTS - 1);
    formats.push(None);
    formats
}

/// For writing one value of a resource that has no instances.
pub(crate) fn to_write_single(
    version: Version,
    listed: &[ContentFormat],
    data_type: DataType,
) -> Vec<ContentFormat> {
    let plain = if data_type == DataType::Opaque {
        ContentFormat::OPAQUE
    } else {
        ContentFormat::TEXT
    };
    let mut formats = structured(version, listed);
    // A list is trusted; without one, the plain form is what every client reads.
    if listed.is_empty() {
        formats.insert(0, plain);
    } else {
        formats.push(plain);
    }
    formats.dedup();
    formats.truncate(ATTEMPTS);
    formats
}

/// For everything that has more than one value.
pub(crate) fn to_write_many(version: Version, listed: &[ContentFormat]) -> Vec<ContentFormat> {
    structured(version, listed)
}

/// For composite operations, which only SenML carries.
pub(crate) fn composite(listed: &[ContentFormat]) -> Vec<ContentFormat> {
    preferred(listed, &[ContentFormat::SENML_CBOR, ContentFormat::SENML_JSON])
}

fn structured(version: Version, listed: &[ContentFormat]) -> Vec<ContentFormat> {
    match version {
        Version::V1_0 => preferred(listed, &[ContentFormat::TLV]),
        Version::V1_1 | Version::V1_2 if listed.is_empty() => vec![
            ContentFormat::TLV,
            ContentFormat::SENML_CBOR,
            ContentFormat::SENML_JSON,
        ],
        Version::V1_1 | Version::V1_2 => preferred(
            listed,
            &[
                ContentFormat::SENML_CBOR,
                ContentFormat::TLV,
                ContentFormat::SENML_JSON,
            ],
        ),
    }
}

/// Those of `known` that the device lists, then the others in case its list is not complete.
fn preferred(listed: &[ContentFormat], known: &[ContentFormat]) -> Vec<ContentFormat> {
    let is_listed = |format: &&ContentFormat| listed.iter().any(|listed| listed.canonical() == **format);
    let (mut first, rest): (Vec<ContentFormat>, Vec<ContentFormat>) =
        known.iter().partition(|format| is_listed(format));
    first.extend(rest);
    first
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_devices_own_formats_come_first() {
        let names = |formats: Vec<ContentFormat>| -> Vec<&str> {
            formats.into_iter().filter_map(ContentFormat::name).collect()
        };
        let json = [ContentFormat(110), ContentFormat(11543)];
        assert_eq!(
            names(to_write_many(Version::V1_1, &json)),
            ["senml_json", "senml_cbor", "tlv"]
        );
        assert_eq!(names(to_write_many(Version::V1_0, &[])), ["tlv"]);
        assert_eq!(
            names(to_write_single(Version::V1_0, &[], DataType::Integer)),
            ["text", "tlv"]
        );
        assert_eq!(
            names(to_write_single(Version::V1_0, &[], DataType::Opaque)),
            ["opaque", "tlv"]
        );
        assert_eq!(
            names(to_write_single(
                Version::V1_2,
                &[ContentFormat(112)],
                DataType::Float
            )),
            ["senml_cbor", "tlv", "senml_json", "text"]
        );
        assert_eq!(to_read(Version::V1_0, &[]), [Some(ContentFormat::TLV), None]);
    }
}
