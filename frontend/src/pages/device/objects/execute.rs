//! Executing a resource, with arguments. LwM2M Core 1.2 §6.3.5.

use super::super::operate::request;
use super::super::store::Device;
use super::ask::{AskForm, Sending};
use super::options::{Options, OptionsFields};
use crate::dom::prelude::*;
use crate::ui::Field;
use shared::Path;
use shared::api::{JsonValue, OperationKind};

#[component]
pub(super) fn Execute(path: Path) -> impl IntoView {
    let device = expect_context::<Device>();
    let arguments = RwSignal::new(String::new());
    let options = Options::new();
    let error = Signal::derive(move || arguments.with(|text| check_arguments(text).err().map(str::to_owned)));
    let about = device.resource_model(path);
    let description = about.and_then(|about| about.description.map(|text| text.to_string()));
    let wanted = Signal::derive(move || {
        if error.with(Option::is_some) {
            return Err(None);
        }
        let mut wanted = request(OperationKind::Execute, path);
        let text = arguments.get().trim().to_owned();
        wanted.value = (!text.is_empty()).then_some(JsonValue::String(text));
        options.applied(wanted)
    });
    view! {
        <AskForm sending=Sending::new() wanted=wanted word="Execute">
            {description.map(|text| view! { <p class="description">{text}</p> })}
            <Field
                id="execute-arguments"
                label="Arguments"
                value=arguments
                hint="Mostly none. Digits from 0 to 9 with an optional value each: 0='on',1"
                error=error
                code=true
            />
            <OptionsFields options=options format=false />
        </AskForm>
    }
}

/// Whether a text is a list of arguments: a digit each, once, with an optional value in single quotes.
pub(super) fn check_arguments(text: &str) -> Result<(), &'static str> {
    let mut rest = text.trim();
    let mut seen = [false; 10];
    while !rest.is_empty() {
        let digit = rest
            .chars()
            .next()
            .and_then(|char| char.to_digit(10))
            .ok_or("An argument begins with a digit from 0 to 9.")?;
        if std::mem::replace(&mut seen[digit as usize], true) {
            return Err("Each digit may be there once.");
        }
        rest = &rest[1..];
        if let Some(value) = rest.strip_prefix('=') {
            let value = value
                .strip_prefix('\'')
                .ok_or("A value stands in single quotes: 0='on'.")?;
            let (_, after) = value
                .split_once('\'')
                .ok_or("The value's closing quote is missing.")?;
            rest = after;
        }
        rest = match rest.strip_prefix(',') {
            Some("") => return Err("After the comma an argument is missing."),
            Some(more) => more,
            None if rest.is_empty() => rest,
            None => return Err("Arguments are separated by commas: 0='on',1."),
        };
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::check_arguments;

    #[test]
    fn arguments_are_digits_with_quoted_values() {
        for good in ["", " ", "0", "0='a'", "0='a',1", "9='',3='x,y'"] {
            assert_eq!(check_arguments(good), Ok(()), "{good}");
        }
        for bad in ["a", "0,", "0=1", "0='a", "00", "0,0", "0 1", "é", "0='a'1"] {
            assert!(check_arguments(bad).is_err(), "{bad}");
        }
    }
}
