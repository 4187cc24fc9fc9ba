//! What the formats for single values share: they carry one value of one resource and no path.

use super::coerce::{coerce, describe};
use super::{Context, DecodeError, EncodeError, Refusal};
use crate::{ContentFormat, DataType, Entry, Node, Path, Value};

/// The type the models give the resource at `base`; an error if `base` is no resource.
pub(super) fn wanted(
    format: ContentFormat,
    base: Path,
    context: &Context<'_>,
) -> Result<Option<DataType>, Refusal> {
    if base.depth() < 3 {
        return Err(DecodeError::NotAResource { format, base }.into());
    }
    Ok(context.resource_type(base).map(|known| known.data_type))
}

/// The one value of a node, in the type the models give its resource.
pub(super) fn only(
    format: ContentFormat,
    node: &Node,
    context: &Context<'_>,
) -> Result<(Path, Value), EncodeError> {
    let [entry] = node.entries.as_slice() else {
        return Err(EncodeError::NotSingle {
            format,
            base: node.base,
            count: node.entries.len(),
        });
    };
    let value = typed(entry, context)?;
    if entry.path.depth() < 3 || value == Value::None {
        return Err(EncodeError::Unrepresentable {
            path: entry.path,
            format,
            reason: "there is no value",
        });
    }
    Ok((entry.path, value))
}

/// The value of an entry, in the type the models give its resource.
pub(super) fn typed(entry: &Entry, context: &Context<'_>) -> Result<Value, EncodeError> {
    let value = entry.value.clone();
    match context.resource_type(entry.path) {
        Some(known) => coerce(value, known.data_type).map_err(|found| EncodeError::Type {
            path: entry.path,
            wanted: known.data_type,
            found,
        }),
        None => Ok(value),
    }
}

/// A value that was found where the models want another type.
pub(super) fn mismatch(path: Path, wanted: DataType, value: &Value) -> Refusal {
    DecodeError::mistyped(path, wanted, describe(value))
}
