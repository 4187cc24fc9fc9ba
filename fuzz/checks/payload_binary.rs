//! TLV, CBOR, SenML CBOR, SenML-ETCH CBOR, LwM2M CBOR, opaque, and TLV by its old number.

use shared::ContentFormat;

pub(crate) fn check(data: &[u8]) {
    crate::payload::check(
        &[
            ContentFormat::TLV,
            ContentFormat::CBOR,
            ContentFormat::SENML_CBOR,
            ContentFormat::SENML_ETCH_CBOR,
            ContentFormat::LWM2M_CBOR,
            ContentFormat::OPAQUE,
            ContentFormat::LEGACY_TLV,
        ],
        data,
    );
}
