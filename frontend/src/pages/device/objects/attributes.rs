//! Write-Attributes: how often and from which change on a device notifies. LwM2M Core 1.2 §6.3.4, §5.1.2.

use super::super::operate::request;
use super::super::store::Device;
use super::ask::{Footer, Sending};
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
    let sending = Sending::new();
    let numeric = untrack(|| {
        device.models(|models| {
            models
                .resource_model(path)
                .is_none_or(|about| about.data_type.is_numeric())
        })
    }) && path.depth() >= 3;
    let settings: Vec<(Setting, &'static str, &'static str)> = ATTRIBUTES
        .iter()
        .filter(|(.., for_numbers)| numeric || !for_numbers)
        .map(|(name, word, unit, _)| {
            let setting = Setting {
                name,
                text: RwSignal::new(String::new()),
                unset: RwSignal::new(false),
            };
            (setting, *word, *unit)
        })
        .collect();
    let all: StoredValue<Vec<Setting>> =
        StoredValue::new(settings.iter().map(|(setting, ..)| *setting).collect());
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        let typed: Vec<(&str, String, bool)> = all.with_value(|all| {
            all.iter()
                .map(|one| (one.name, one.text.get_untracked(), one.unset.get_untracked()))
                .collect()
        });
        match read(&typed) {
            Ok(value) => {
                let mut wanted = request(OperationKind::WriteAttributes, path);
                wanted.value = Some(value);
                sending.send(device, wanted);
            }
            Err(words) => sending.refusal.set(Some(words)),
        }
    };
    let rows = settings
        .into_iter()
        .map(|(setting, word, unit)| view! { <Row setting=setting word=word unit=unit /> });
    super::write::focus_first_field();
    view! {
        <form class="ask-form" on:submit=submit novalidate=true>
            <p class="description">
                "When the device notifies an observation of this path. What stays empty is left as it is."
            </p>
            <div class="attribute-rows">{rows.collect_view()}</div>
            <Footer sending=sending word="Set" />
        </form>
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
    let mut numbers = shared::sorted::SortedMap::new();
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
        if let Some(number) = json.as_f64() {
            numbers.insert(*name, number);
        }
        value.insert((*name).to_owned(), json);
    }
    if value.is_empty() {
        return Err("Nothing is set yet.".into());
    }
    let get = |name| numbers.get(name).copied();
    if let (Some(least), Some(most)) = (get("pmin"), get("pmax"))
        && least > most
    {
        return Err("pmin is above pmax.".into());
    }
    if let (Some(least), Some(most)) = (get("epmin"), get("epmax"))
        && least >= most
    {
        return Err("epmin has to be below epmax.".into());
    }
    if get("st").is_some_and(|step| step <= 0.0) {
        return Err("st is above 0.".into());
    }
    if let (Some(low), Some(high)) = (get("lt"), get("gt"))
        && low + 2.0 * get("st").unwrap_or(0.0) >= high
    {
        return Err("lt plus twice st has to be below gt.".into());
    }
    Ok(JsonValue::Object(value))
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
