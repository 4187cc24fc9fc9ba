//! How a payload is written: the CoAP Content-Format numbers LwM2M uses. LwM2M Core 1.2 §7.4.

use crate::compact::Compact;
use serde::{Deserialize, Serialize};
use std::fmt;

/// A CoAP Content-Format number. Numbers without a name here are kept as they came.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Compact)]
#[serde(transparent)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ContentFormat(pub u16);

impl ContentFormat {
    pub const TEXT: ContentFormat = ContentFormat(0);
    pub const LINK: ContentFormat = ContentFormat(40);
    pub const OPAQUE: ContentFormat = ContentFormat(42);
    pub const CBOR: ContentFormat = ContentFormat(60);
    pub const SENML_JSON: ContentFormat = ContentFormat(110);
    pub const SENML_CBOR: ContentFormat = ContentFormat(112);
    pub const SENML_ETCH_JSON: ContentFormat = ContentFormat(320);
    pub const SENML_ETCH_CBOR: ContentFormat = ContentFormat(322);
    pub const TLV: ContentFormat = ContentFormat(11542);
    pub const OLD_JSON: ContentFormat = ContentFormat(11543);
    pub const LWM2M_CBOR: ContentFormat = ContentFormat(11544);
    /// Numbers used before registration with IANA; read, never written.
    pub const LEGACY_TEXT: ContentFormat = ContentFormat(1541);
    pub const LEGACY_TLV: ContentFormat = ContentFormat(1542);
    pub const LEGACY_JSON: ContentFormat = ContentFormat(1543);

    /// Every format with a name, as (number, short name, media type).
    pub const NAMED: [(ContentFormat, &'static str, &'static str); 11] = [
        (ContentFormat::TEXT, "text", "text/plain"),
        (ContentFormat::LINK, "link", "application/link-format"),
        (ContentFormat::OPAQUE, "opaque", "application/octet-stream"),
        (ContentFormat::CBOR, "cbor", "application/cbor"),
        (ContentFormat::SENML_JSON, "senml_json", "application/senml+json"),
        (ContentFormat::SENML_CBOR, "senml_cbor", "application/senml+cbor"),
        (
            ContentFormat::SENML_ETCH_JSON,
            "senml_etch_json",
            "application/senml-etch+json",
        ),
        (
            ContentFormat::SENML_ETCH_CBOR,
            "senml_etch_cbor",
            "application/senml-etch+cbor",
        ),
        (ContentFormat::TLV, "tlv", "application/vnd.oma.lwm2m+tlv"),
        (ContentFormat::OLD_JSON, "json", "application/vnd.oma.lwm2m+json"),
        (
            ContentFormat::LWM2M_CBOR,
            "lwm2m_cbor",
            "application/vnd.oma.lwm2m+cbor",
        ),
    ];

    /// The registered number for one used before registration with IANA; any other stays as it is.
    pub const fn canonical(self) -> ContentFormat {
        match self {
            ContentFormat::LEGACY_TEXT => ContentFormat::TEXT,
            ContentFormat::LEGACY_TLV => ContentFormat::TLV,
            ContentFormat::LEGACY_JSON => ContentFormat::OLD_JSON,
            other => other,
        }
    }

    /// The short name scripts use (`"tlv"`), if the format has one.
    pub fn name(self) -> Option<&'static str> {
        let this = self.canonical();
        ContentFormat::NAMED
            .iter()
            .find(|(format, ..)| *format == this)
            .map(|(_, name, _)| *name)
    }

    /// The media type (`"application/senml+json"`), if the format has one.
    pub fn media_type(self) -> Option<&'static str> {
        let this = self.canonical();
        ContentFormat::NAMED
            .iter()
            .find(|(format, ..)| *format == this)
            .map(|(.., media)| *media)
    }

    /// The format with this short name.
    pub fn from_name(name: &str) -> Option<ContentFormat> {
        ContentFormat::NAMED
            .iter()
            .find(|(_, known, _)| *known == name)
            .map(|(format, ..)| *format)
    }

    /// Whether a payload of this format carries one value and no path.
    pub const fn is_single_value(self) -> bool {
        matches!(
            self.canonical(),
            ContentFormat::TEXT | ContentFormat::OPAQUE | ContentFormat::CBOR
        )
    }
}

impl fmt::Display for ContentFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.media_type() {
            Some(media) => write!(f, "{media}"),
            None => write!(f, "content format {}", self.0),
        }
    }
}

impl fmt::Debug for ContentFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.0, self.name().unwrap_or("?"))
    }
}
