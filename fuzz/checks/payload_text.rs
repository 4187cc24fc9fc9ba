//! Text, the old JSON, SenML JSON, SenML-ETCH JSON, links, and the older ones by their old numbers.

use shared::ContentFormat;

pub(crate) fn check(data: &[u8]) {
    crate::payload::check(
        &[
            ContentFormat::TEXT,
            ContentFormat::OLD_JSON,
            ContentFormat::SENML_JSON,
            ContentFormat::SENML_ETCH_JSON,
            ContentFormat::LINK,
            ContentFormat::LEGACY_TEXT,
            ContentFormat::LEGACY_JSON,
        ],
        data,
    );
}
