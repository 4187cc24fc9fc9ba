//! Sensor Measurement Lists (RFC 8428) as LwM2M uses them, apart from how records are written down.
//! LwM2M Core 1.2 §7.4.5, RFC 8790 for the path lists and patches of the composite operations.

use super::collect::Collector;
use super::single::typed;
use super::{Context, DecodeError, EncodeError, MAX_ENTRIES, Refusal};
use crate::{ContentFormat, Entry, Node, Path, Value};

/// Times below this are relative to now (RFC 8428 §4.5.3).
const RELATIVE_BELOW: f64 = 268_435_456.0;
/// The longest name that is looked at, so that a long base name is not copied for every record.
const LONGEST_NAME: usize = 255;
/// The SenML version there is (RFC 8428 §4.4).
const VERSION: i64 = 10;

/// What a pack of records is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    /// Every record has a value.
    Values,
    /// Changes applied in order; a null value takes a resource instance away (RFC 8790 §3.2).
    Patch,
    /// No record has a value (RFC 8790 §3.1).
    Paths,
    /// Either; for showing what a payload says.
    Any,
}

/// One record as it stands in the payload.
#[derive(Debug, Default)]
pub(super) struct Record {
    pub(super) base_name: Option<String>,
    pub(super) base_time: Option<f64>,
    pub(super) base_value: Option<Value>,
    pub(super) base_version: Option<Value>,
    pub(super) name: Option<String>,
    pub(super) time: Option<f64>,
    /// `v`, `vs`, `vb`, `vd` or `vlo`.
    pub(super) value: Option<Value>,
    /// There was a second value, or a sum, which LwM2M has no use for.
    pub(super) surplus: bool,
}

impl Record {
    /// Takes in what stands under a label; nothing comes back if the label cannot have this value.
    #[inline(never)]
    pub(super) fn take(&mut self, label: &str, value: Value) -> Option<()> {
        match (label, &value) {
            ("bn", _) => self.base_name = Some(text(value)?),
            ("n", _) => self.name = Some(text(value)?),
            ("bt", _) => self.base_time = Some(value.as_number()?),
            ("t", _) => self.time = Some(value.as_number()?),
            ("bv" | "bver", _) if value.as_number().is_none() => return None,
            ("bv", _) => self.base_value = Some(value),
            ("bver", _) => self.base_version = Some(value),
            ("v", Value::Integer(_) | Value::Unsigned(_) | Value::Float(_) | Value::None)
            | ("vs", Value::String(_))
            | ("vb", Value::Boolean(_))
            | ("vd", Value::Opaque(_))
            | ("vlo", Value::ObjectLink { .. }) => {
                self.surplus |= self.value.replace(value).is_some();
            }
            ("v" | "vs" | "vb" | "vd" | "vlo", _) => return None,
            ("s", _) => self.surplus = true,
            _ => {}
        }
        Some(())
    }
}

fn text(value: Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text),
        _ => None,
    }
}

/// Turns records into paths, times and values.
pub(super) struct Resolver<'a> {
    purpose: Purpose,
    context: &'a Context<'a>,
    base_name: String,
    base_time: f64,
    base_value: Option<Value>,
    timed: bool,
    count: usize,
    /// Names may have the prefix of any device behind a gateway.
    any_prefix: bool,
}

/// What one record says.
#[derive(Debug)]
pub(super) struct Resolved {
    /// Of the device behind a gateway that it is about; empty unless the payload may be about several.
    pub(super) prefix: String,
    pub(super) path: Path,
    pub(super) time: Option<f64>,
    pub(super) value: Value,
}

impl<'a> Resolver<'a> {
    pub(super) fn new(purpose: Purpose, context: &'a Context<'a>) -> Resolver<'a> {
        Resolver {
            purpose,
            context,
            base_name: String::new(),
            base_time: 0.0,
            base_value: None,
            timed: false,
            count: 0,
            any_prefix: false,
        }
    }

    /// For values of a gateway and of the devices behind it.
    pub(super) fn of_several_devices(context: &'a Context<'a>) -> Resolver<'a> {
        Resolver {
            any_prefix: true,
            ..Resolver::new(Purpose::Values, context)
        }
    }

    /// What the next record says; nothing if it only sets base fields.
    pub(super) fn resolve(&mut self, record: Record) -> Result<Option<Resolved>, Refusal> {
        self.count += 1;
        let number = self.count;
        let refuse = |reason: &'static str| DecodeError::record(number, reason);
        if number > MAX_ENTRIES {
            return Err(DecodeError::TooMany.into());
        }
        if !matches!(record.base_version, None | Some(Value::Integer(1..=VERSION))) {
            return Err(refuse("this version of SenML is not known"));
        }
        if record.surplus {
            return Err(refuse("a record has one value and no sum"));
        }
        let only_base = record.name.is_none() && record.time.is_none() && record.value.is_none();
        if let Some(base_name) = record.base_name {
            self.base_name = base_name;
        } else if only_base && self.purpose == Purpose::Paths && record.base_time.is_none() {
            return Err(refuse("the record names nothing"));
        }
        self.timed |= record.base_time.is_some();
        self.base_time = record.base_time.unwrap_or(self.base_time);
        self.base_value = record.base_value.or_else(|| self.base_value.take());
        if only_base && self.purpose != Purpose::Paths {
            return Ok(None);
        }

        let name = record.name.as_deref().unwrap_or("");
        let (prefix, path) = self.path(name).map_err(|reason| {
            let full: String = self.base_name.chars().chain(name.chars()).take(60).collect();
            DecodeError::misnamed(number, &full, reason)
        })?;
        let value = match (self.purpose, record.value) {
            (Purpose::Paths | Purpose::Any, None) => Value::None,
            (Purpose::Paths, Some(_)) => return Err(refuse("a record of a path list has no value")),
            (Purpose::Values, Some(Value::None)) => return Err(refuse("null is no value")),
            (_, None) => return Err(refuse("the record has no value")),
            (_, Some(value)) => self
                .with_base(value)
                .ok_or_else(|| refuse("the sum of bv and v is out of range"))?,
        };
        let time = match record.time {
            None if !self.timed => None,
            time => Some(absolute(self.base_time + time.unwrap_or(0.0), self.context)),
        };
        if time.is_some_and(|time| !time.is_finite()) {
            return Err(refuse("the time is out of range"));
        }
        Ok(Some(Resolved {
            prefix,
            path,
            time,
            value,
        }))
    }

    /// A number plus the base value; exact for whole numbers.
    fn with_base(&self, value: Value) -> Option<Value> {
        match (&self.base_value, &value) {
            (Some(Value::Integer(base)), Value::Integer(number)) => {
                base.checked_add(*number).map(Value::Integer)
            }
            (Some(base), _) => match (base.as_number(), value.as_number()) {
                (Some(base), Some(number)) => Some(Value::Float(base + number)),
                _ => Some(value),
            },
            (None, _) => Some(value),
        }
    }

    /// The path that base name and name are together, and the prefix before it that says of which device.
    fn path(&self, name: &str) -> Result<(String, Path), &'static str> {
        if self.base_name.len() + name.len() > LONGEST_NAME {
            return Err(TOO_LONG);
        }
        let full;
        let whole = match (self.base_name.as_str(), name) {
            ("", name) => name,
            (base, "") => base,
            (base, name) => {
                full = [base, name].concat();
                &full
            }
        };
        let prefix = if self.any_prefix {
            foreign_prefix(whole)
        } else {
            ""
        };
        let known = if prefix.is_empty() {
            self.context.prefix()
        } else {
            prefix
        };
        Ok((prefix.to_owned(), parse_name(whole, known)?))
    }
}

/// A time of a record as seconds since 1970.
pub(super) fn absolute(time: f64, context: &Context<'_>) -> f64 {
    if time < RELATIVE_BELOW {
        context.now.0 as f64 / 1000.0 + time
    } else {
        time
    }
}

/// Why a name is refused that has more than [`LONGEST_NAME`] bytes.
const TOO_LONG: &str = "is longer than 255 bytes";

/// The path that a base name and a name stand for, where the slash between the two may be missing or there twice.
pub(super) fn parse_loose(base_name: &str, name: &str, prefix: &str) -> Result<Path, &'static str> {
    if base_name.len() + name.len() > LONGEST_NAME {
        return Err(TOO_LONG);
    }
    let base_name = base_name.trim_end_matches('/');
    let name = name.trim_start_matches('/');
    parse_name(&[base_name, "/", name].concat(), prefix)
}

/// The first segment of a name if it is no identifier; else nothing.
fn foreign_prefix(name: &str) -> &str {
    let first = name.trim_start_matches('/').split('/').next().unwrap_or_default();
    let is_identifier = first.bytes().all(|byte| byte.is_ascii_digit());
    if is_identifier { "" } else { first }
}

/// The path a full name stands for. The alternate path or gateway prefix in front is optional, for there are clients
/// that leave it out; so is the last slash.
pub(super) fn parse_name(name: &str, prefix: &str) -> Result<Path, &'static str> {
    let mut rest = name.strip_prefix('/').ok_or("does not begin with a slash")?;
    if !prefix.is_empty()
        && let Some(below) = rest.strip_prefix(prefix)
        && (below.is_empty() || below.starts_with('/'))
    {
        rest = below.strip_prefix('/').unwrap_or(below);
    }
    let rest = rest.strip_suffix('/').unwrap_or(rest);
    let mut path = Path::ROOT;
    if rest.is_empty() {
        return Ok(path);
    }
    for segment in rest.split('/') {
        let digits = !segment.is_empty() && segment.bytes().all(|byte| byte.is_ascii_digit());
        let id = digits
            .then(|| segment.parse().ok())
            .flatten()
            .ok_or("is no path of identifiers")?;
        path = path.child(id).ok_or("is deeper than a resource instance")?;
    }
    Ok(path)
}

/// Resolves records into a node.
pub(super) fn collect(
    records: impl Iterator<Item = Result<Record, Refusal>>,
    purpose: Purpose,
    base: Path,
    context: &Context<'_>,
) -> Result<Node, Refusal> {
    let mut resolver = Resolver::new(purpose, context);
    let mut values = match purpose {
        Purpose::Patch => Collector::ordered(base, context),
        _ => Collector::new(base, context),
    };
    for record in records {
        if let Some(resolved) = resolver.resolve(record?)? {
            values.push(resolved.path, resolved.time, resolved.value)?;
        }
    }
    values.finish()
}

/// Resolves records into a list of paths.
pub(super) fn collect_paths(
    records: impl Iterator<Item = Result<Record, Refusal>>,
    context: &Context<'_>,
) -> Result<Vec<Path>, Refusal> {
    let mut resolver = Resolver::new(Purpose::Paths, context);
    let mut paths = Vec::new();
    for record in records {
        paths.extend(resolver.resolve(record?)?.map(|resolved| resolved.path));
    }
    if paths.is_empty() {
        return Err(DecodeError::at(0, "the list of paths is empty"));
    }
    Ok(paths)
}

/// A record to be written.
pub(super) struct Written {
    pub(super) base_name: Option<String>,
    pub(super) name: Option<String>,
    pub(super) time: Option<f64>,
    pub(super) value: Option<Value>,
}

/// The records for a node. Empty resources and instances have no form in SenML and are left out of values.
pub(super) fn records(
    format: ContentFormat,
    purpose: Purpose,
    node: &Node,
    context: &Context<'_>,
) -> Result<Vec<Written>, EncodeError> {
    let mut names = Names::new(node.base, context);
    let mut records = Vec::with_capacity(node.entries.len());
    for entry in &node.entries {
        if !node.base.contains(&entry.path) {
            return Err(EncodeError::Outside {
                path: entry.path,
                base: node.base,
            });
        }
        let value = typed(entry, context)?;
        if value == Value::None && purpose == Purpose::Values {
            continue;
        }
        let (base_name, name) = names.next(entry.path);
        records.push(Written {
            base_name,
            name,
            time: time(format, entry, context)?,
            value: Some(value),
        });
    }
    Ok(records)
}

/// The records for a list of paths: a full name each, as the specification shows them.
pub(super) fn path_records(paths: &[Path], context: &Context<'_>) -> Vec<Written> {
    let record = |path: &Path| Written {
        base_name: None,
        name: Some(full_name(*path, context)),
        time: None,
        value: None,
    };
    paths.iter().map(record).collect()
}

/// A path behind the alternate path or gateway prefix.
pub(super) fn full_name(path: Path, context: &Context<'_>) -> String {
    match (context.prefix(), path.is_root()) {
        ("", _) => path.to_string(),
        (prefix, true) => format!("/{prefix}/"),
        (prefix, false) => format!("/{prefix}{path}"),
    }
}

/// The time of an entry as SenML has it: below 2^28 it would be taken as relative to now, so there it is made so.
pub(super) fn time(
    format: ContentFormat,
    entry: &Entry,
    context: &Context<'_>,
) -> Result<Option<f64>, EncodeError> {
    match entry.time {
        Some(time) if !time.is_finite() => Err(EncodeError::Unrepresentable {
            path: entry.path,
            format,
            reason: "its time is no finite number",
        }),
        Some(time) if time < RELATIVE_BELOW => Ok(Some(time - context.now.0 as f64 / 1000.0)),
        time => Ok(time),
    }
}

/// Divides paths into a base name and names.
pub(super) struct Names {
    base: Path,
    base_name: String,
    /// Whether the base name told last ends with a slash.
    slashed: Option<bool>,
}

impl Names {
    pub(super) fn new(base: Path, context: &Context<'_>) -> Names {
        let base_name = full_name(base, context);
        Names {
            base,
            base_name: base_name.strip_suffix('/').unwrap_or(&base_name).into(),
            slashed: None,
        }
    }

    /// The name of `path` below the base, and the base name where it has to be told anew: it ends with a slash
    /// unless it is the whole name.
    pub(super) fn next(&mut self, path: Path) -> (Option<String>, Option<String>) {
        let ids = path.ids().iter().skip(self.base.depth());
        let below = ids.map(u16::to_string).collect::<Vec<_>>().join("/");
        let slashed = Some(!below.is_empty() || self.base.is_root());
        let base_name = (self.slashed != slashed).then(|| match slashed {
            Some(true) => format!("{}/", self.base_name),
            _ => self.base_name.clone(),
        });
        self.slashed = slashed;
        (base_name, (!below.is_empty()).then_some(below))
    }
}
