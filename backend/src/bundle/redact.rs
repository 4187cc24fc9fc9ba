//! What is not given out of hand: keys, passwords and what else opens something.

use shared::Path;
use shared::api::{JsonValue, TraceRecord, ValueView};
use shared::model::Registry;

/// What stands in the place of a secret.
pub(super) const REDACTED: &str = "(redacted)";

/// Words in the name of a resource whose value is a secret.
const SECRET_WORDS: [&str; 7] = [
    "secret",
    "password",
    "passphrase",
    "private key",
    "pin code",
    "psk",
    "token",
];

/// Whether a value may open something: everything of the security objects (0 Security, 21 OSCORE), and what its model
/// calls a secret.
pub(super) fn is_secret(path: Path, models: &Registry) -> bool {
    if matches!(path.object_id(), Some(0 | 21)) {
        return true;
    }
    let (Some(object), Some(resource)) = (path.object_id(), path.resource_id()) else {
        return false;
    };
    let named = models.latest(object).and_then(|model| {
        model
            .resource(resource)
            .map(|resource| resource.name.to_lowercase())
    });
    named.is_some_and(|name| SECRET_WORDS.iter().any(|word| name.contains(word)))
}

pub(super) fn values(values: Vec<ValueView>, models: &Registry) -> Vec<ValueView> {
    values
        .into_iter()
        .map(|view| match is_secret(view.path, models) {
            true => ValueView {
                value: JsonValue::String(REDACTED.into()),
                ..view
            },
            false => view,
        })
        .collect()
}

/// Takes the bytes out of the messages that may carry a secret: what is about a security object or a secret resource, or
/// about something above one (an instance or several paths at once).
pub(super) fn message(record: &mut TraceRecord, models: &Registry) -> bool {
    let about = record.payload_path.as_deref().unwrap_or(&record.uri);
    let about = about.split('?').next().unwrap_or_default();
    let path = about.parse::<Path>().ok();
    let secret = match path {
        Some(path) if path.depth() >= 3 => is_secret(path, models),
        Some(path) if path.is_root() => record.payload.is_some() && about == "/",
        Some(path) => path
            .object_id()
            .is_some_and(|object| holds_secret(object, models)),
        None => false,
    };
    if secret && record.payload.is_some() {
        record.hex = String::new();
        record.payload = None;
        record.error = Some(REDACTED.into());
        return true;
    }
    false
}

/// Whether any resource of an object is a secret.
fn holds_secret(object: u16, models: &Registry) -> bool {
    matches!(object, 0 | 21)
        || models.latest(object).is_some_and(|model| {
            let ids = model.resources.iter().map(|resource| resource.id);
            ids.into_iter()
                .any(|id| is_secret(Path::resource(object, 0, id), models))
        })
}
