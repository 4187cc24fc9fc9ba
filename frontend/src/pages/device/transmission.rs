//! How the device is talked to: what is set for it, beside what is usual.

use super::refusal::refusal;
use super::store::Device;
use crate::dom::prelude::*;
use crate::ui::{Button, Deed, Field, Loader, Select, Tone, load, loaded_in, owned};
use shared::api::{PREFERABLE, Quirk, Role, TransmissionSettings, TransmissionView};
use shared::float;

#[component]
pub(super) fn Transmission() -> impl IntoView {
    let device = expect_context::<Device>();
    let loader = load(move || device.get("/transmission"));
    let gateway =
        untrack(|| device.detail(|detail| detail.gateway.as_ref().map(|gateway| gateway.endpoint.clone())));
    view! {
        <section class="panel settings-form" aria-labelledby="talk-title">
            <h2 id="talk-title">"How it is talked to"</h2>
            {match gateway.flatten() {
                Some(gateway) => view! {
                    <p class="quiet">"It is reached over its gateway " <b class="mono">{gateway}</b> ": what is set there holds for it too."</p>
                },
                None => loaded_in(8, loader, "How it is talked to cannot be shown", move |view| form(device, view, loader)),
            }}
        </section>
    }
}

fn form(device: Device, view: &TransmissionView, loader: Loader<TransmissionView>) -> View {
    let may = device.may(Role::Operator);
    let TransmissionView {
        settings,
        usual,
        effective,
    } = view;
    let fields = Fields::new(settings);
    let deed = Deed::new();
    let put = move |settings: &TransmissionSettings| {
        let asked = device
            .api()
            .put::<TransmissionView>(&device.path("/transmission"), settings);
        deed.begin_as("Not saved. ", asked, move |view| {
            if !device.is_gone() {
                loader.state.set(crate::ui::Load::Ready(view));
                let toasts = device.toasts();
                toasts.say(Tone::Good, "Saved. It holds from the next message on");
            }
        });
    };
    let save = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        if deed.busy.get_untracked() {
            return;
        }
        match fields.read() {
            Ok(settings) => put(&settings),
            Err(words) => deed.trouble.set(Some(words)),
        }
    };
    let own = may && *settings != TransmissionSettings::default();
    let usual_again = Callback::new(move |()| put(&TransmissionSettings::default()));
    let (wait, factor) = (
        float::text(usual.ack_timeout),
        float::text(usual.ack_random_factor),
    );
    let mut sizes = vec![(String::new(), format!("Usual: {} bytes", usual.block_size))];
    for exponent in (0..7).rev() {
        let bytes = (16u16 << exponent).to_string();
        sizes.push((bytes.clone(), bytes + " bytes"));
    }
    let formats = owned(&FORMATS);
    let given_up = float::fixed(effective.max_transmit_wait, 0);
    view! {
        <form class="form" on:submit=save novalidate=true>
            <p class="quiet">
                "For slow networks and for clients that do not do all they should. "
                "In effect: a message that is not acknowledged is sent again "{effective.max_retransmit.to_string()}
                " times, and given up after "{given_up}" s."
            </p>
            <fieldset disabled=!may>
                <legend class="visually-hidden">"How it is talked to"</legend>
                <div class="talk-fields">
                    <Field id="talk-wait" label="First wait for an acknowledgement" value=fields.wait code=true hint=format!("ACK_TIMEOUT in seconds, 0.1 to 300; each further wait is twice as long. Empty: {wait}") />
                    <Field id="talk-factor" label="Spread of that wait" value=fields.factor code=true hint=format!("ACK_RANDOM_FACTOR, 1 to 4: it is up to so many times longer. Empty: {factor}") />
                    <Field id="talk-again" label="Sent again at most" value=fields.again code=true hint=format!("MAX_RETRANSMIT, 0 to 10 times. Empty: {}", usual.max_retransmit) />
                    <Select id="talk-block" label="Largest block of a transfer" value=fields.block options=sizes />
                    <Select id="talk-format" label="Format that is tried first" value=fields.format options=formats.to_vec() />
                </div>
                <div class="talk-quirks" role="group" aria-label="What it is spared">
                    {Quirk::ALL.into_iter().map(|quirk| quirk_box(quirk, fields.quirks)).collect_view()}
                </div>
            </fieldset>
            {refusal(deed.trouble)}
            {if may {
                view! {
                    <p class="bar">
                        <Button kind="primary" submit=true busy=deed.busy>"Talk to it like this"</Button>
                        {own.then(|| view! { <Button on_press=usual_again>"As usual again"</Button> })}
                    </p>
                }
            } else {
                view! { <p class="quiet">"Changing this takes the role operator."</p> }
            }}
        </form>
    }
}

fn quirk_box(quirk: Quirk, quirks: RwSignal<Vec<Quirk>>) -> View {
    let on = move || quirks.with(|quirks| quirks.contains(&quirk));
    let change = move |event| {
        let wanted = event_target_checked(&event);
        quirks.update(|quirks| {
            quirks.retain(|other| *other != quirk);
            if wanted {
                quirks.push(quirk);
            }
        });
    };
    view! { <label class="talk-quirk"><input type="checkbox" prop:checked=on on:change=change /><span>{word(quirk)}</span></label> }
}

const fn word(quirk: Quirk) -> &'static str {
    match quirk {
        Quirk::NoBlockWise => "It does not put blocks together: refuse what does not fit in one message",
        Quirk::NoComposite => "It does not answer composite operations (FETCH, iPATCH): refuse them",
        Quirk::NoAccept => "It stumbles over Accept: let it choose the format of what it sends",
        Quirk::OneFormat => "It has no other format for several values than the one tried first: try none",
    }
}

/// The formats that can be tried first, and words for them.
const FORMATS: [(&str, &str); PREFERABLE.len() + 1] = [
    ("", "As the device lists them"),
    ("senml_cbor", "SenML CBOR"),
    ("senml_json", "SenML JSON"),
    ("lwm2m_cbor", "LwM2M CBOR"),
    ("tlv", "TLV"),
    ("json", "JSON of LwM2M 1.0"),
];

/// What is being typed.
#[derive(Debug, Clone, Copy)]
struct Fields {
    wait: RwSignal<String>,
    factor: RwSignal<String>,
    again: RwSignal<String>,
    block: RwSignal<String>,
    format: RwSignal<String>,
    quirks: RwSignal<Vec<Quirk>>,
}

impl Fields {
    fn new(settings: &TransmissionSettings) -> Fields {
        let number = |number: Option<f64>| RwSignal::new(number.map(float::text).unwrap_or_default());
        let whole =
            |number: Option<u16>| RwSignal::new(number.map(|number| number.to_string()).unwrap_or_default());
        Fields {
            wait: number(settings.ack_timeout),
            factor: number(settings.ack_random_factor),
            again: whole(settings.max_retransmit.map(u16::from)),
            block: whole(settings.block_size),
            format: RwSignal::new(settings.content_format.clone().unwrap_or_default()),
            quirks: RwSignal::new(settings.quirks.clone()),
        }
    }

    fn read(self) -> Result<TransmissionSettings, String> {
        settings(
            &self.wait.get_untracked(),
            &self.factor.get_untracked(),
            &self.again.get_untracked(),
            &self.block.get_untracked(),
            &self.format.get_untracked(),
            self.quirks.get_untracked(),
        )
    }
}

/// What was typed, as the server takes it.
fn settings(
    wait: &str,
    factor: &str,
    again: &str,
    block: &str,
    format: &str,
    quirks: Vec<Quirk>,
) -> Result<TransmissionSettings, String> {
    let number = |what: &str, text: &str, least: f64, most: f64| match text.trim() {
        "" => Ok(None),
        text => match float::parse(text).filter(|number| (least..=most).contains(number)) {
            Some(number) => Ok(Some(number)),
            None => Err(format!(
                "{what} is a number from {} to {}.",
                float::text(least),
                float::text(most)
            )),
        },
    };
    let again = match again.trim() {
        "" => None,
        text => match text.parse::<u8>() {
            Ok(times @ 0..=10) => Some(times),
            _ => return Err("How often it is sent again is a whole number from 0 to 10.".into()),
        },
    };
    if quirks.contains(&Quirk::OneFormat) && format.is_empty() {
        return Err("Say which format is the only one it has.".into());
    }
    Ok(TransmissionSettings {
        ack_timeout: number("The first wait", wait, 0.1, 300.0)?,
        ack_random_factor: number("Its spread", factor, 1.0, 4.0)?,
        max_retransmit: again,
        block_size: block.parse().ok(),
        content_format: (!format.is_empty()).then(|| format.to_owned()),
        quirks,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_formats_are_those_of_the_server() {
        let known = PREFERABLE.iter().filter_map(|format| format.name());
        assert!(known.eq(FORMATS.into_iter().skip(1).map(|(name, _)| name)));
    }

    #[test]
    fn what_is_typed_is_read_or_told() {
        let read = settings(" 4.5", "", "2", "256", "tlv", vec![Quirk::NoAccept]).unwrap();
        assert_eq!((read.ack_timeout, read.ack_random_factor), (Some(4.5), None));
        assert_eq!((read.max_retransmit, read.block_size), (Some(2), Some(256)));
        assert_eq!(read.check(), Ok(()));
        assert_eq!(
            settings("", "", "", "", "", Vec::new()),
            Ok(TransmissionSettings::default())
        );
        for (wait, factor, again, quirks, words) in [
            ("0", "", "", vec![], "The first wait is a number from 0.1 to 300."),
            ("", "x", "", vec![], "Its spread is a number from 1 to 4."),
            (
                "",
                "",
                "11",
                vec![],
                "How often it is sent again is a whole number from 0 to 10.",
            ),
            (
                "",
                "",
                "",
                vec![Quirk::OneFormat],
                "Say which format is the only one it has.",
            ),
        ] {
            assert_eq!(
                settings(wait, factor, again, "", "", quirks),
                Err(words.to_owned())
            );
        }
    }
}
