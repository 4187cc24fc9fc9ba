//! Values in JSON: strings, numbers and booleans as themselves; integers beyond 2^53 as strings; opaque as base64;
//! time as RFC 3339; an object link as `"3:0"`.

use crate::compact::Compact;
use crate::event::Origin;
use crate::json::Json;
use crate::{DataType, Path, Timestamp, Value, base64};
use serde::{Deserialize, Serialize};

/// The form a [`Value`] has in JSON.
pub type JsonValue = Json;

/// The largest integer that every JSON reader keeps exact.
const EXACT: u64 = 1 << 53;

/// A known value of a device.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Compact)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ValueView {
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub path: Path,
    #[serde(rename = "type")]
    pub data_type: DataType,
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    #[serde(with = "scalar")]
    pub value: JsonValue,
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub at: Timestamp,
    pub origin: Origin,
}

impl ValueView {
    pub fn new(path: Path, value: &Value, at: Timestamp, origin: Origin) -> ValueView {
        ValueView {
            path,
            data_type: value.data_type(),
            value: value.to_json(),
            at,
            origin,
        }
    }

    /// The typed value again; an error only if the view was not made by [`ValueView::new`].
    pub fn typed(&self) -> Result<Value, ValueError> {
        Value::from_json(self.data_type, &self.value)
    }
}

/// Why a JSON value cannot be a value of the wanted type.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{wanted}")]
pub struct ValueError {
    /// What would fit, in words.
    pub wanted: &'static str,
}

impl Value {
    /// This value as JSON. A float that is no finite number becomes a string (`"NaN"`), because JSON has none.
    pub fn to_json(&self) -> JsonValue {
        match self {
            Value::String(text) | Value::CoreLink(text) => JsonValue::from(text.as_str()),
            Value::Integer(value) if value.unsigned_abs() > EXACT => JsonValue::from(value.to_string()),
            Value::Integer(value) => JsonValue::from(*value),
            Value::Unsigned(value) if *value > EXACT => JsonValue::from(value.to_string()),
            Value::Unsigned(value) => JsonValue::from(*value),
            Value::Float(value) if !value.is_finite() => JsonValue::from(crate::float::text(*value)),
            Value::Float(value) => JsonValue::from(*value),
            Value::Boolean(value) => JsonValue::from(*value),
            Value::Opaque(bytes) => JsonValue::from(base64::encode(bytes)),
            Value::Time(seconds) => JsonValue::from(Timestamp::from_seconds(*seconds).to_string()),
            Value::ObjectLink { object, instance } => JsonValue::from(format!("{object}:{instance}")),
            Value::None => JsonValue::Null,
        }
    }

    /// The value of this type that `json` stands for. Numbers are also taken from strings, a time also from seconds.
    pub fn from_json(data_type: DataType, json: &JsonValue) -> Result<Value, ValueError> {
        let text = json.as_str().map(str::trim);
        match data_type {
            DataType::String => json
                .as_str()
                .map(|text| Value::String(text.into()))
                .ok_or("a text is wanted"),
            DataType::CoreLink => json
                .as_str()
                .map(|text| Value::CoreLink(text.into()))
                .ok_or("a text is wanted"),
            DataType::Integer => json
                .as_i64()
                .or_else(|| text?.parse().ok())
                .map(Value::Integer)
                .ok_or("a whole number from -2^63 to 2^63-1 is wanted"),
            DataType::Unsigned => json
                .as_u64()
                .or_else(|| text?.parse().ok())
                .map(Value::Unsigned)
                .ok_or("a whole number from 0 to 2^64-1 is wanted"),
            DataType::Float => json
                .as_f64()
                .or_else(|| crate::float::parse(text?))
                .map(Value::Float)
                .ok_or("a number is wanted"),
            DataType::Boolean => json
                .as_bool()
                .map(Value::Boolean)
                .ok_or("true or false is wanted"),
            DataType::Opaque => text
                .and_then(base64::decode)
                .map(Value::Opaque)
                .ok_or("base64 with padding is wanted"),
            DataType::Time => json
                .as_i64()
                .or_else(|| text?.parse::<Timestamp>().ok().map(Timestamp::seconds))
                .map(Value::Time)
                .ok_or("a date and time like 2026-11-23T13:02:00Z, or seconds since 1970, is wanted"),
            DataType::ObjectLink => text
                .and_then(|text| text.split_once(':'))
                .and_then(|(object, instance)| Some((object.parse().ok()?, instance.parse().ok()?)))
                .map(|(object, instance)| Value::ObjectLink { object, instance })
                .ok_or("an object link like \"3:0\" is wanted"),
            DataType::None => json
                .is_null()
                .then_some(Value::None)
                .ok_or("an executable resource holds no value"),
        }
        .map_err(|wanted| ValueError { wanted })
    }
}

/// A value as itself in JSON, and with its kind where the form does not tell it.
mod scalar {
    use super::JsonValue;
    use serde::{Deserialize, Deserializer, Serialize, Serializer, ser::Error};

    /// The kinds that [`super::Value::to_json`] makes.
    #[derive(Serialize, Deserialize)]
    enum Scalar {
        Nothing,
        Boolean(bool),
        Integer(i64),
        Unsigned(u64),
        Float(f64),
        Text(String),
    }

    pub(super) fn serialize<S: Serializer>(value: &JsonValue, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            return value.serialize(serializer);
        }
        match value {
            JsonValue::Null => Some(Scalar::Nothing),
            JsonValue::Bool(value) => Some(Scalar::Boolean(*value)),
            JsonValue::Integer(number) => Some(Scalar::Integer(*number)),
            JsonValue::Unsigned(number) => Some(Scalar::Unsigned(*number)),
            JsonValue::Float(number) => Some(Scalar::Float(*number)),
            JsonValue::String(text) => Some(Scalar::Text(text.clone())),
            JsonValue::Array(_) | JsonValue::Object(_) => None,
        }
        .ok_or_else(|| S::Error::custom("a list is no value"))?
        .serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<JsonValue, D::Error> {
        if deserializer.is_human_readable() {
            return JsonValue::deserialize(deserializer);
        }
        Ok(match Scalar::deserialize(deserializer)? {
            Scalar::Nothing => JsonValue::Null,
            Scalar::Boolean(value) => JsonValue::from(value),
            Scalar::Integer(value) => JsonValue::from(value),
            Scalar::Unsigned(value) => JsonValue::from(value),
            Scalar::Float(value) => JsonValue::from(value),
            Scalar::Text(text) => JsonValue::from(text),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn any_value() -> impl Strategy<Value = Value> {
        prop_oneof![
            ".*".prop_map(Value::String),
            any::<i64>().prop_map(Value::Integer),
            any::<u64>().prop_map(Value::Unsigned),
            proptest::num::f64::NORMAL.prop_map(Value::Float),
            any::<bool>().prop_map(Value::Boolean),
            proptest::collection::vec(any::<u8>(), 0..40).prop_map(Value::Opaque),
            (-60_000_000_000i64..250_000_000_000).prop_map(Value::Time),
            any::<(u16, u16)>().prop_map(|(object, instance)| Value::ObjectLink { object, instance }),
            Just(Value::None),
        ]
    }

    proptest! {
        #[test]
        fn every_value_reads_back(value in any_value()) {
            prop_assert_eq!(Value::from_json(value.data_type(), &value.to_json()), Ok(value));
        }
    }

    proptest! {
        #[test]
        fn every_value_reads_back_in_both_forms(value in any_value()) {
            let view = ValueView::new(Path::resource(3, 0, 9), &value, Timestamp(7), Origin::Read);
            let json = serde_json::to_vec(&view).unwrap();
            prop_assert_eq!(&serde_json::from_slice::<ValueView>(&json).unwrap(), &view);
            let compact = crate::live::encode(&view).unwrap();
            prop_assert_eq!(crate::live::decode::<ValueView>(&compact), Ok(view));
        }
    }

    #[test]
    fn a_value_of_the_wrong_kind_is_refused_in_words() {
        let error = Value::from_json(DataType::Integer, &JsonValue::from("warm")).unwrap_err();
        assert_eq!(error.to_string(), "a whole number from -2^63 to 2^63-1 is wanted");
    }
}
