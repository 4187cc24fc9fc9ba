//! The attributes a person can set, as the queries of a Write-Attributes. LwM2M Core 1.2 §7.3.

use shared::Path;
use shared::api::JsonValue;

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Seconds,
    Number,
    Flag,
    Count,
}

const ATTRIBUTES: [(&str, Kind); 10] = [
    ("pmin", Kind::Seconds),
    ("pmax", Kind::Seconds),
    ("epmin", Kind::Seconds),
    ("epmax", Kind::Seconds),
    ("gt", Kind::Number),
    ("lt", Kind::Number),
    ("st", Kind::Number),
    ("edge", Kind::Flag),
    ("con", Kind::Flag),
    ("hqmax", Kind::Count),
];

/// The queries for an object such as `{"pmin": 10, "gt": null}`.
///
/// # Errors
/// A sentence that says what is wrong.
pub(crate) fn queries(path: Path, value: Option<&JsonValue>) -> Result<Vec<String>, String> {
    let object = value
        .and_then(JsonValue::as_object)
        .filter(|object| !object.is_empty())
        .ok_or(
            "the value of write_attributes is an object of attributes, such as {\"pmin\": 10, \"gt\": null}",
        )?;
    let mut queries = Vec::new();
    for (name, value) in object {
        let (_, kind) = ATTRIBUTES
            .iter()
            .find(|(known, _)| known == name)
            .ok_or_else(|| format!("there is no attribute {}", crate::lwm2m::quote(name)))?;
        if *kind == Kind::Number && path.depth() < 3 {
            return Err(format!("{name} belongs to a resource, not to {path}"));
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

fn text(name: &str, kind: Kind, value: &JsonValue) -> Result<String, String> {
    match kind {
        Kind::Seconds | Kind::Count => value
            .as_u64()
            .filter(|number| *number <= u64::from(u32::MAX))
            .map(|number| number.to_string())
            .ok_or_else(|| format!("{name} is a whole number of at least 0")),
        Kind::Flag => match (value.as_bool(), value.as_u64()) {
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
fn consistent(object: &serde_json::Map<String, JsonValue>) -> Result<(), String> {
    let number = |name: &str| object.get(name).and_then(JsonValue::as_f64);
    for (least, most) in [("pmin", "pmax"), ("epmin", "epmax")] {
        if let (Some(low), Some(high)) = (number(least), number(most))
            && high < low
        {
            return Err(format!("{most} is smaller than {least}"));
        }
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

    #[test]
    fn attributes_become_queries_and_nonsense_a_sentence() {
        let path = Path::resource(3303, 0, 5700);
        for (value, expect) in [
            (json!({"pmin": 10, "gt": null}), Ok("gt pmin=10")),
            (json!({"gt": -1.5, "lt": -20}), Ok("gt=-1.5 lt=-20")),
            (json!({"st": 1e-7}), Ok("st=0.0000001")),
            (json!({"con": true}), Ok("con=1")),
            (json!({"pmin": 10, "pmax": 5}), Err("pmax is smaller than pmin")),
            (
                json!({"gt": 1, "lt": 1}),
                Err("lt + 2·st has to be smaller than gt"),
            ),
            (json!({"pmin": -1}), Err("pmin is a whole number of at least 0")),
            (json!({"color": 1}), Err("there is no attribute 'color'")),
            (
                json!({}),
                Err(
                    "the value of write_attributes is an object of attributes, such as {\"pmin\": 10, \"gt\": null}",
                ),
            ),
        ] {
            let found = queries(path, Some(&value)).map(|queries| queries.join(" "));
            assert_eq!(found.as_deref().map_err(String::as_str), expect, "{value}");
        }
        assert!(queries(Path::instance(3303, 0), Some(&json!({"gt": 1}))).is_err());
    }
}
