//! The attributes a person can set, as the queries of a Write-Attributes or Observe. LwM2M Core 1.2 §7.3.

use shared::api::JsonValue;
use shared::json::Object;
use shared::model::ResourceModel;
use shared::{DataType, Path, Version};

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Seconds,
    Number,
    Flag,
    /// A flag of a Boolean resource.
    Edge,
    Count,
}

const ATTRIBUTES: [(&str, Kind, Version); 10] = [
    ("pmin", Kind::Seconds, Version::V1_0),
    ("pmax", Kind::Seconds, Version::V1_0),
    ("gt", Kind::Number, Version::V1_0),
    ("lt", Kind::Number, Version::V1_0),
    ("st", Kind::Number, Version::V1_0),
    ("epmin", Kind::Seconds, Version::V1_1),
    ("epmax", Kind::Seconds, Version::V1_1),
    ("edge", Kind::Edge, Version::V1_2),
    ("con", Kind::Flag, Version::V1_2),
    ("hqmax", Kind::Count, Version::V1_2),
];

/// Those that an Observe-Composite may have. LwM2M Core 1.2 §6.4.4.
const COMPOSITE: [&str; 5] = ["pmin", "pmax", "epmin", "epmax", "con"];

/// What the attributes are for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Target<'a> {
    /// The root for an Observe-Composite.
    pub(crate) path: Path,
    /// What is known of the resource there.
    pub(crate) resource: Option<&'a ResourceModel>,
    /// The version that the device speaks.
    pub(crate) version: Version,
}

/// Whether the query is an attribute that a client of 1.0 does not know.
pub(crate) fn is_newer(query: &str) -> bool {
    let name = query.split('=').next().unwrap_or(query);
    ATTRIBUTES
        .iter()
        .any(|(known, _, since)| *known == name && *since > Version::V1_0)
}

/// The queries for an object such as `{"pmin": 10, "gt": null}`.
///
/// # Errors
/// A sentence that says what is wrong.
pub(crate) fn queries(target: Target<'_>, value: Option<&JsonValue>) -> Result<Vec<String>, String> {
    let object = value
        .and_then(JsonValue::as_object)
        .filter(|object| !object.is_empty())
        .ok_or("the attributes are an object, such as {\"pmin\": 10, \"gt\": null}")?;
    let mut queries = Vec::new();
    for (name, value) in object {
        let (_, kind, since) = ATTRIBUTES
            .iter()
            .find(|(known, ..)| known == name)
            .ok_or_else(|| format!("there is no attribute {}", crate::lwm2m::quote(name)))?;
        belongs(name, *kind, target)?;
        if target.version < *since {
            return Err(format!(
                "the attribute {name} exists since LwM2M {since}, and the device speaks {}",
                target.version
            ));
        }
        queries.push(if value.is_null() {
            name.clone()
        } else {
            format!("{name}={}", text(name, *kind, value)?)
        });
    }
    consistent(object)?;
    Ok(queries)
}

/// Whether the attribute can be there. LwM2M Core 1.2 §7.3.2.
fn belongs(name: &str, kind: Kind, target: Target<'_>) -> Result<(), String> {
    let path = target.path;
    if path.is_root() && !COMPOSITE.contains(&name) {
        return Err(format!(
            "{name} does not belong to an observation of several paths; it may have {}",
            COMPOSITE.join(", ")
        ));
    }
    let (fits, wanted) = match (kind, target.resource.map(|resource| resource.data_type)) {
        (Kind::Number, Some(found)) => (
            matches!(
                found,
                DataType::Integer | DataType::Unsigned | DataType::Float | DataType::Time
            ),
            "a number",
        ),
        (Kind::Edge, Some(found)) => (found == DataType::Boolean, "true or false"),
        _ => (true, ""),
    };
    match kind {
        Kind::Number | Kind::Edge if path.depth() < 3 => {
            Err(format!("{name} belongs to a resource, not to {path}"))
        }
        _ if !fits => Err(format!(
            "{name} is for a resource that holds {wanted}, which {path} does not"
        )),
        _ => Ok(()),
    }
}

fn text(name: &str, kind: Kind, value: &JsonValue) -> Result<String, String> {
    match kind {
        Kind::Seconds | Kind::Count => value
            .as_u64()
            .filter(|number| *number <= u64::from(u32::MAX))
            .map(|number| number.to_string())
            .ok_or_else(|| format!("{name} is a whole number of at least 0")),
        Kind::Flag | Kind::Edge => match (value.as_bool(), value.as_u64()) {
            (Some(flag), _) => Ok(u8::from(flag).to_string()),
            (None, Some(flag @ 0..=1)) => Ok(flag.to_string()),
            _ => Err(format!("{name} is 0 or 1")),
        },
        // Displaying a float never writes an exponent, which not every client reads.
        Kind::Number => value
            .as_f64()
            .filter(|number| number.is_finite())
            .map(|number| number.to_string())
            .ok_or_else(|| format!("{name} is a number")),
    }
}

/// The combinations that a client has to reject or ignore. LwM2M Core 1.2 §7.3.2.
fn consistent(object: &Object) -> Result<(), String> {
    let number = |name: &str| object.get(name).and_then(JsonValue::as_f64);
    // A pmax of 0 means that there is none.
    if let (Some(low), Some(high)) = (number("pmin"), number("pmax").filter(|high| *high > 0.0))
        && high < low
    {
        return Err("pmax is smaller than pmin".into());
    }
    if let (Some(low), Some(high)) = (number("epmin"), number("epmax"))
        && low >= high
    {
        return Err("epmin has to be smaller than epmax".into());
    }
    if let (Some(above), Some(below)) = (number("gt"), number("lt")) {
        let step = number("st").unwrap_or(0.0);
        if below + 2.0 * step >= above {
            return Err("lt + 2·st has to be smaller than gt".into());
        }
    }
    if number("st").is_some_and(|step| step <= 0.0) {
        return Err("st is a number above 0".into());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use shared::model::Registry;

    const TEMPERATURE: Path = Path::resource(3303, 0, 5700);

    fn found(path: Path, version: Version, value: &serde_json::Value) -> Result<String, String> {
        let models = Registry::builtin();
        let resource = models
            .latest(path.object_id().unwrap_or(u16::MAX))
            .and_then(|object| object.resource(path.resource_id()?));
        let target = Target {
            path,
            resource,
            version,
        };
        let value = serde_json::from_value(value.clone()).ok();
        queries(target, value.as_ref()).map(|queries| queries.join(" "))
    }

    #[test]
    fn attributes_become_queries_and_nonsense_a_sentence() {
        for (value, expect) in [
            (json!({"pmin": 10, "gt": null}), Ok("gt pmin=10")),
            (json!({"gt": -1.5, "lt": -20}), Ok("gt=-1.5 lt=-20")),
            (json!({"st": 1e-7}), Ok("st=0.0000001")),
            (json!({"con": true}), Ok("con=1")),
            (json!({"pmin": 10, "pmax": 0}), Ok("pmax=0 pmin=10")),
            (
                json!({"hqmax": 5, "epmin": 1, "epmax": 2}),
                Ok("epmax=2 epmin=1 hqmax=5"),
            ),
            (json!({"pmin": 10, "pmax": 5}), Err("pmax is smaller than pmin")),
            (
                json!({"epmin": 5, "epmax": 5}),
                Err("epmin has to be smaller than epmax"),
            ),
            (
                json!({"gt": 1, "lt": 1}),
                Err("lt + 2·st has to be smaller than gt"),
            ),
            (
                json!({"gt": 10, "lt": 0, "st": 5}),
                Err("lt + 2·st has to be smaller than gt"),
            ),
            (json!({"st": 0}), Err("st is a number above 0")),
            (json!({"pmin": -1}), Err("pmin is a whole number of at least 0")),
            (json!({"color": 1}), Err("there is no attribute 'color'")),
            (
                json!({"edge": 1}),
                Err("edge is for a resource that holds true or false, which /3303/0/5700 does not"),
            ),
            (
                json!({}),
                Err("the attributes are an object, such as {\"pmin\": 10, \"gt\": null}"),
            ),
        ] {
            let found = found(TEMPERATURE, Version::V1_2, &value);
            assert_eq!(found.as_deref().map_err(String::as_str), expect, "{value}");
        }
    }

    #[test]
    fn an_attribute_belongs_to_a_level_a_type_and_a_version() {
        let on_off = Path::resource(3311, 0, 5850);
        let text = Path::resource(3, 0, 0);
        for (path, version, value, accepted) in [
            (Path::instance(3303, 0), Version::V1_2, json!({"gt": 1}), false),
            (Path::instance(3303, 0), Version::V1_2, json!({"pmin": 1}), true),
            (on_off, Version::V1_2, json!({"edge": 1}), true),
            (on_off, Version::V1_1, json!({"edge": 1}), false),
            (text, Version::V1_2, json!({"st": 1}), false),
            (TEMPERATURE, Version::V1_0, json!({"epmin": 1}), false),
            (TEMPERATURE, Version::V1_1, json!({"epmin": 1}), true),
            (TEMPERATURE, Version::V1_1, json!({"con": true}), false),
            (Path::ROOT, Version::V1_2, json!({"pmin": 1, "con": 1}), true),
            (Path::ROOT, Version::V1_2, json!({"st": 1}), false),
        ] {
            let found = found(path, version, &value);
            assert_eq!(found.is_ok(), accepted, "{path} {version} {value}: {found:?}");
        }
        assert!(is_newer("epmin=5") && is_newer("con") && !is_newer("pmin=5") && !is_newer("lt"));
    }
}
