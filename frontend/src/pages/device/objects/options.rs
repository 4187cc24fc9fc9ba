//! How a request goes out: content format and patience. Most never open this.

use super::ask::Wanted;
use crate::dom::prelude::*;
use crate::ui::owned;
use shared::api::OperationRequest;

/// The formats a person can ask for; the first leaves it to the server.
const FORMATS: [(&str, &str); 9] = [
    ("", "Chosen by the server"),
    ("senml_cbor", "SenML CBOR"),
    ("senml_json", "SenML JSON"),
    ("tlv", "TLV"),
    ("cbor", "CBOR"),
    ("text", "Text"),
    ("opaque", "Opaque"),
    ("json", "JSON of LwM2M 1.0"),
    ("lwm2m_cbor", "LwM2M CBOR"),
];

#[derive(Debug, Clone, Copy)]
pub(super) struct Options {
    format: RwSignal<String>,
    timeout: RwSignal<String>,
}

impl Options {
    pub(super) fn new() -> Options {
        Options {
            format: RwSignal::new(String::new()),
            timeout: RwSignal::new(String::new()),
        }
    }

    fn seconds(self) -> Result<Option<u32>, &'static str> {
        let text = self.timeout.get();
        match (text.trim(), text.trim().parse()) {
            ("", _) => Ok(None),
            (_, Ok(seconds @ 1..=3600)) => Ok(Some(seconds)),
            _ => Err("Whole seconds from 1 to 3600."),
        }
    }

    /// The request with these choices.
    #[inline(never)]
    pub(super) fn applied(self, mut request: OperationRequest) -> Wanted {
        request.timeout = self.seconds().map_err(|words| Some(words.to_owned()))?;
        request.format = Some(self.format.get()).filter(|format| !format.is_empty());
        Ok(request)
    }
}

#[component]
pub(super) fn OptionsFields(options: Options, #[prop(default = true)] format: bool) -> impl IntoView {
    let error = Signal::derive(move || options.seconds().err().map(str::to_owned));
    let formats = || owned(&FORMATS);
    view! {
        <details class="options">
            <summary>"Options"</summary>
            <div class="option-fields">
                {format
                    .then(|| {
                        view! { <crate::ui::Select id="op-format" label="Content format" value=options.format options=formats() /> }
                    })}
                <crate::ui::Field
                    id="op-timeout"
                    label="Wait for the answer, in seconds"
                    value=options.timeout
                    hint="Empty: as long as the server usually does"
                    error=error
                />
            </div>
        </details>
    }
}
