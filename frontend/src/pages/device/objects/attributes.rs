//! Write-Attributes: how often and from which change on a device notifies. LwM2M Core 1.2 §6.3.4, §5.1.2.

use super::super::operate::request;
use super::super::store::Device;
use super::ask::{AskForm, Sending};
use crate::dom::prelude::*;
use shared::Path;
use shared::api::{JsonValue, OperationKind};
use shared::json::Object;

/// Name, word, unit or hint, and whether it is for numbers only.
const ATTRIBUTES: [(&str, &str, &str, bool); 10] = [
    ("pmin", "Not more often than every", "seconds", false),
    ("pmax", "At least every", "seconds", false),
    ("epmin", "Measure not more often than every", "seconds", false),
    ("epmax", "Measure at least every", "seconds", false),
    ("gt", "When it rises above", "", true),
    ("lt", "When it falls below", "", true),
    ("st", "When it changed by", "", true),
    ("edge", "When a switch goes to", "0 or 1", false),
    ("con", "Ask for a confirmation", "0 or 1", false),
    ("hqmax", "Keep while it cannot notify", "values", false),
];

/// One attribute that is being set.
#[derive(Debug, Clone, Copy)]
struct Setting {
    name: &'static str,
    text: RwSignal<String>,
    unset: RwSignal<bool>,
}

#[component]
pub(super) fn Attributes(path: Path) -> impl IntoView {
    let device = expect_context::<Device>();
    let about = device.resource_model(path);
    let numeric = about.is_none_or(|about| about.data_type.is_numeric()) && path.depth() >= 3;
    let mut settings = Vec::new();
    let mut rows = Vec::new();
    for (name, word, unit, for_numbers) in ATTRIBUTES {
        if for_numbers && !numeric {
            continue;
        }
        let setting = Setting {
            name,
            text: RwSignal::new(String::new()),
            unset: RwSignal::new(false),
        };
        settings.push(setting);
        rows.push(view! { <Row setting=setting word=word unit=unit /> });
    }
    let wanted = Signal::derive(move || {
        let typed: Vec<(&str, String, bool)> = settings
            .iter()
            .map(|one| (one.name, one.text.get(), one.unset.get()))
            .collect();
        let mut wanted = request(OperationKind::WriteAttributes, path);
        wanted.value = Some(read(&typed).map_err(Some)?);
        Ok(wanted)
    });
    super::write::focus_first_field();
    view! {
        <AskForm sending=Sending::new() wanted=wanted word="Set">
            <p class="description">
                "When the device notifies an observation of this path. What stays empty is left as it is."
            </p>
            <div class="attribute-rows">{rows}</div>
        </AskForm>
    }
}

#[component]
fn Row(setting: Setting, word: &'static str, unit: &'static str) -> impl IntoView {
    let id = format!("attribute-{}", setting.name);
    view! {
        <div class="attribute-row">
            <label for=id.clone()>{word}" "<span class="mono quiet">{setting.name}</span></label>
            <span class="with-unit">
                <input
                    id=id
                    class="input mono"
                    inputmode="decimal"
                    autocomplete="off"
                    disabled=move || setting.unset.get()
                    prop:value=move || setting.text.get()
                    on:input=move |event| setting.text.set(event_target_value(&event))
                />
                <span class="unit">{unit}</span>
            </span>
            <label class="choice">
                <input
                    type="checkbox"
                    prop:checked=move || setting.unset.get()
                    on:change=move |event| setting.unset.set(event_target_checked(&event))
                />
                "Unset"
            </label>
        </div>
    }
}

/// The typed settings (name, text, unset) as the API takes them. Periods are whole seconds; a minimum is not above a
/// maximum, and `lt + 2 st < gt` where all are given (LwM2M Core 1.2 §5.1.2).
pub(super) fn read(typed: &[(&str, String, bool)]) -> Result<JsonValue, String> {
    let mut value = Object::new();
    for (name, text, unset) in typed {
        let text = text.trim().replace(',', ".");
        let whole = !matches!(*name, "gt" | "lt" | "st");
        let switch = matches!(*name, "edge" | "con");
        let json = match (whole, text.as_str()) {
            _ if *unset => JsonValue::Null,
            (_, "") => continue,
            (true, text) => match text.parse::<u32>() {
                Ok(number) if !switch || number <= 1 => JsonValue::from(number),
                _ if switch => return Err(format!("{name} is 0 or 1.")),
                _ if *name == "hqmax" => return Err("hqmax is a whole number.".into()),
                _ => return Err(format!("{name} is a whole number of seconds.")),
            },
            (false, text) => match shared::float::parse(text) {
                Some(number) if number.is_finite() => JsonValue::from(number),
                _ => return Err(format!("{name} is a number.")),
            },
        };
        value.insert((*name).to_owned(), json);
    }
    if value.is_empty() {
        return Err("Nothing is set yet.".into());
    }
    let given = |name: &str| value.get(name)?.as_f64();
    // What is not given contradicts nothing.
    let least = |name| given(name).unwrap_or(f64::NEG_INFINITY);
    let most = |name| given(name).unwrap_or(f64::INFINITY);
    let wrong = if least("pmin") > most("pmax") {
        "pmin is above pmax."
    } else if least("epmin") >= most("epmax") {
        "epmin has to be below epmax."
    } else if most("st") <= 0.0 {
        "st is above 0."
    } else if least("lt") + 2.0 * given("st").unwrap_or(0.0) >= most("gt") {
        "lt plus twice st has to be below gt."
    } else {
        return Ok(JsonValue::Object(value));
    };
    Err(wrong.to_owned())
}

#[cfg(test)]
mod tests {
    use super::read;

    fn check(typed: &[(&str, &str, bool)]) -> Result<String, String> {
        let typed: Vec<(&str, String, bool)> = typed
            .iter()
            .map(|(name, text, unset)| (*name, (*text).to_owned(), *unset))
            .collect();
        read(&typed).map(|value| value.to_string())
    }

    #[test]
    fn what_is_empty_is_left_and_what_is_unset_is_null() {
        assert_eq!(
            check(&[
                ("pmin", "10", false),
                ("pmax", "", false),
                ("gt", "1,5", true),
                ("st", "0.5", false)
            ]),
            Ok(r#"{"gt":null,"pmin":10,"st":0.5}"#.into())
        );
    }

    #[test]
    fn what_cannot_be_is_refused_in_words() {
        for (typed, words) in [
            (vec![("pmin", "", false)], "Nothing is set yet."),
            (vec![("pmin", "1.5", false)], "pmin is a whole number of seconds."),
            (vec![("gt", "x", false)], "gt is a number."),
            (vec![("edge", "2", false)], "edge is 0 or 1."),
            (vec![("hqmax", "-1", false)], "hqmax is a whole number."),
            (
                vec![("epmin", "60", false), ("epmax", "60", false)],
                "epmin has to be below epmax.",
            ),
            (
                vec![("pmin", "60", false), ("pmax", "10", false)],
                "pmin is above pmax.",
            ),
            (vec![("st", "0", false)], "st is above 0."),
            (
                vec![("lt", "1", false), ("gt", "3", false), ("st", "1", false)],
                "lt plus twice st has to be below gt.",
            ),
        ] {
            assert_eq!(check(&typed), Err(words.into()));
        }
    }
}
