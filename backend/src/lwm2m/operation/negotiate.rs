//! Which content formats to try, in which order. LwM2M Core 1.2 §7.4.
//!
//! A device that lists its formats (`ct` of the root link, since 1.1) is asked in those first. Without a list a device
//! of 1.0 has TLV, and text for single values; one of 1.1 is asked in TLV first, which older code bases kept, then in
//! SenML; one of 1.2 in SenML CBOR, then in LwM2M CBOR. 4.06 and 4.15 are used interchangeably by clients: after
//! either, the next is tried.

use shared::{ContentFormat, DataType, Version};

/// The most formats tried for one operation.
pub(crate) const ATTEMPTS: usize = 4;

/// For reading: what to put into Accept; `None` leaves the choice to the device.
pub(crate) fn to_read(version: Version, listed: &[ContentFormat]) -> Vec<Option<ContentFormat>> {
    let mut formats = structured(version, listed);
    // The JSON of 1.0 is what a device may choose by itself, and not worth a request of its own.
    formats.retain(|format| *format != ContentFormat::OLD_JSON || is_listed(listed, *format));
    formats.truncate(ATTEMPTS - 1);
    formats.into_iter().map(Some).chain([None]).collect()
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
    if listed.is_empty() {
        // The plain form is what every client reads that does not say.
        formats.insert(0, plain);
    } else {
        // A list is trusted, and the plain form comes before the last resorts.
        let at = formats.len().min(ATTEMPTS - 1);
        formats.insert(at, plain);
        if is_listed(listed, ContentFormat::CBOR) {
            formats.insert(at, ContentFormat::CBOR);
        }
        formats = preferred(listed, &formats);
    }
    formats.truncate(ATTEMPTS);
    formats
}

/// For everything that has more than one value.
pub(crate) fn to_write_many(version: Version, listed: &[ContentFormat]) -> Vec<ContentFormat> {
    structured(version, listed)
}

/// For creating an instance whose identifier the device chooses: only TLV and LwM2M CBOR can leave it open, so of what
/// the device lists these come first.
pub(crate) fn to_create_unnamed(version: Version, listed: &[ContentFormat]) -> Vec<ContentFormat> {
    let mut formats = structured(version, listed);
    formats.sort_by_key(|format| (!is_listed(listed, *format), !leaves_instance_open(*format)));
    formats
}

/// Whether a Create in this format may leave the identifier of the instance to the device.
pub(crate) const fn leaves_instance_open(format: ContentFormat) -> bool {
    matches!(format, ContentFormat::TLV | ContentFormat::LWM2M_CBOR)
}

/// For Read-Composite and Observe-Composite: the format of the list of paths, which only SenML carries, and what to put
/// into Accept. LwM2M Core 1.2 §6.3.8.
pub(crate) fn to_read_composite(
    version: Version,
    listed: &[ContentFormat],
) -> Vec<(ContentFormat, ContentFormat)> {
    let known = composite_values(version, listed);
    let accepted = preferred(listed, &known);
    let mut pairs: Vec<_> = accepted
        .into_iter()
        .map(|accept| (body_of(accept, listed), accept))
        .collect();
    if let Some((body, accept)) = pairs.first().copied()
        && version >= Version::V1_2
    {
        pairs.insert(1, (fetch_of(body), accept));
        pairs.dedup();
    }
    pairs.truncate(ATTEMPTS);
    pairs
}

/// The list of paths and the values that go with a format that was asked for by name.
pub(crate) fn composite_of(format: ContentFormat) -> (ContentFormat, ContentFormat) {
    match format {
        ContentFormat::SENML_ETCH_JSON => (format, ContentFormat::SENML_JSON),
        ContentFormat::SENML_ETCH_CBOR => (format, ContentFormat::SENML_CBOR),
        ContentFormat::LWM2M_CBOR => (ContentFormat::SENML_CBOR, format),
        other => (other, other),
    }
}

/// For Write-Composite. Only the patches of 1.2 can take a resource instance away. LwM2M Core 1.2 §6.3.9, RFC 8790.
pub(crate) fn to_write_composite(
    version: Version,
    listed: &[ContentFormat],
    takes_away: bool,
) -> Vec<ContentFormat> {
    const PATCHES: [ContentFormat; 2] = [ContentFormat::SENML_ETCH_CBOR, ContentFormat::SENML_ETCH_JSON];
    let mut known = if takes_away {
        PATCHES.to_vec()
    } else {
        composite_values(version, listed)
    };
    let patches = PATCHES.iter().filter(|format| is_listed(listed, **format));
    known.extend(patches.copied().filter(|_| !takes_away));
    if takes_away && is_listed(listed, ContentFormat::LWM2M_CBOR) {
        known.push(ContentFormat::LWM2M_CBOR);
    }
    let mut formats = preferred(listed, &known);
    formats.truncate(ATTEMPTS);
    formats
}

fn composite_values(version: Version, listed: &[ContentFormat]) -> Vec<ContentFormat> {
    let mut known = vec![ContentFormat::SENML_CBOR, ContentFormat::SENML_JSON];
    if version >= Version::V1_2 || is_listed(listed, ContentFormat::LWM2M_CBOR) {
        known.push(ContentFormat::LWM2M_CBOR);
    }
    known
}

/// The list of paths in the format that is next to that of the values; as a fetch where the device lists only that.
fn body_of(accept: ContentFormat, listed: &[ContentFormat]) -> ContentFormat {
    let body = if accept == ContentFormat::SENML_JSON {
        accept
    } else {
        ContentFormat::SENML_CBOR
    };
    let fetch = fetch_of(body);
    if is_listed(listed, fetch) && !is_listed(listed, body) {
        fetch
    } else {
        body
    }
}

const fn fetch_of(body: ContentFormat) -> ContentFormat {
    match body {
        ContentFormat::SENML_JSON => ContentFormat::SENML_ETCH_JSON,
        ContentFormat::SENML_CBOR => ContentFormat::SENML_ETCH_CBOR,
        other => other,
    }
}

fn structured(version: Version, listed: &[ContentFormat]) -> Vec<ContentFormat> {
    match version {
        Version::V1_0 => preferred(listed, &[ContentFormat::TLV, ContentFormat::OLD_JSON]),
        Version::V1_1 if listed.is_empty() => vec![
            ContentFormat::TLV,
            ContentFormat::SENML_CBOR,
            ContentFormat::SENML_JSON,
        ],
        Version::V1_1 | Version::V1_2 => {
            let mut known = vec![
                ContentFormat::SENML_CBOR,
                ContentFormat::LWM2M_CBOR,
                ContentFormat::TLV,
                ContentFormat::SENML_JSON,
                ContentFormat::OLD_JSON,
            ];
            known.retain(|format| match *format {
                ContentFormat::LWM2M_CBOR => version >= Version::V1_2 || is_listed(listed, *format),
                ContentFormat::OLD_JSON => is_listed(listed, *format),
                _ => true,
            });
            preferred(listed, &known)
        }
    }
}

fn is_listed(listed: &[ContentFormat], format: ContentFormat) -> bool {
    listed.iter().any(|listed| listed.canonical() == format)
}

/// Those of `known` that the device lists, then the others in case its list is not complete.
fn preferred(listed: &[ContentFormat], known: &[ContentFormat]) -> Vec<ContentFormat> {
    let (mut first, rest): (Vec<ContentFormat>, Vec<ContentFormat>) =
        known.iter().partition(|format| is_listed(listed, **format));
    first.extend(rest);
    first
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(formats: impl IntoIterator<Item = ContentFormat>) -> Vec<&'static str> {
        formats.into_iter().filter_map(ContentFormat::name).collect()
    }

    const ONLY_LWM2M_CBOR: [ContentFormat; 1] = [ContentFormat::LWM2M_CBOR];

    #[test]
    fn the_devices_own_formats_come_first() {
        let json = [ContentFormat(110), ContentFormat(11543)];
        assert_eq!(
            names(to_write_many(Version::V1_1, &json)),
            ["senml_json", "json", "senml_cbor", "tlv"]
        );
        assert_eq!(names(to_write_many(Version::V1_0, &[])), ["tlv", "json"]);
        assert_eq!(
            names(to_write_many(Version::V1_2, &ONLY_LWM2M_CBOR)),
            ["lwm2m_cbor", "senml_cbor", "tlv", "senml_json"]
        );
        assert_eq!(
            names(to_write_many(Version::V1_2, &[])),
            ["senml_cbor", "lwm2m_cbor", "tlv", "senml_json"]
        );
        // The numbers from before registration with IANA are taken for what they became.
        assert_eq!(
            names(to_write_many(Version::V1_1, &[ContentFormat(1542)])),
            ["tlv", "senml_cbor", "senml_json"]
        );
        assert_eq!(to_read(Version::V1_0, &[]), [Some(ContentFormat::TLV), None]);
        assert_eq!(
            to_read(Version::V1_2, &ONLY_LWM2M_CBOR),
            [
                Some(ContentFormat::LWM2M_CBOR),
                Some(ContentFormat::SENML_CBOR),
                Some(ContentFormat::TLV),
                None
            ]
        );
    }

    #[test]
    fn one_value_goes_plain_unless_the_device_lists_better() {
        for (version, listed, data_type, expect) in [
            (
                Version::V1_0,
                &[][..],
                DataType::Integer,
                &["text", "tlv", "json"][..],
            ),
            (Version::V1_0, &[], DataType::Opaque, &["opaque", "tlv", "json"]),
            (
                Version::V1_1,
                &[ContentFormat(112)],
                DataType::Float,
                &["senml_cbor", "tlv", "senml_json", "text"],
            ),
            (
                Version::V1_1,
                &[ContentFormat(60)],
                DataType::Float,
                &["cbor", "senml_cbor", "tlv", "senml_json"],
            ),
            (
                Version::V1_2,
                &ONLY_LWM2M_CBOR,
                DataType::Float,
                &["lwm2m_cbor", "senml_cbor", "tlv", "text"],
            ),
        ] {
            assert_eq!(
                names(to_write_single(version, listed, data_type)),
                expect,
                "{listed:?}"
            );
        }
    }

    #[test]
    fn a_list_of_paths_is_never_in_lwm2m_cbor() {
        let pairs = |version, listed: &[ContentFormat]| -> Vec<(u16, u16)> {
            let pairs = to_read_composite(version, listed).into_iter();
            pairs.map(|(body, accept)| (body.0, accept.0)).collect()
        };
        assert_eq!(pairs(Version::V1_1, &[]), [(112, 112), (110, 110)]);
        assert_eq!(
            pairs(Version::V1_1, &[ContentFormat(110)]),
            [(110, 110), (112, 112)]
        );
        assert_eq!(
            pairs(Version::V1_2, &ONLY_LWM2M_CBOR),
            [(112, 11544), (322, 11544), (112, 112), (110, 110)]
        );
        assert_eq!(
            pairs(Version::V1_2, &[ContentFormat(322), ContentFormat(11544)])[0],
            (322, 11544)
        );
    }

    #[test]
    fn only_a_patch_takes_an_instance_away() {
        assert_eq!(
            names(to_write_composite(Version::V1_2, &[ContentFormat(320)], true)),
            ["senml_etch_json", "senml_etch_cbor"]
        );
        assert_eq!(
            names(to_write_composite(Version::V1_2, &ONLY_LWM2M_CBOR, false)),
            ["lwm2m_cbor", "senml_cbor", "senml_json"]
        );
        assert_eq!(
            names(to_write_composite(Version::V1_1, &[], false)),
            ["senml_cbor", "senml_json"]
        );
    }

    #[test]
    fn a_create_without_an_identifier_prefers_what_can_leave_it_open() {
        assert_eq!(
            names(to_create_unnamed(
                Version::V1_1,
                &[ContentFormat(112), ContentFormat(11542)]
            )),
            ["tlv", "senml_cbor", "senml_json"]
        );
        assert_eq!(
            names(to_create_unnamed(Version::V1_2, &[ContentFormat(112)])),
            ["senml_cbor", "lwm2m_cbor", "tlv", "senml_json"]
        );
    }
}
