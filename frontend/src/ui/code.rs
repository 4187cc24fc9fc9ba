//! Text to copy.

use super::{Button, Toasts, Tone};
use crate::dom::prelude::*;
use crate::reactive::spawn_local;
use wasm_bindgen_futures::JsFuture;

/// Copies a text and says so. Browsers allow it only on a secure origin; elsewhere it says to copy by hand.
pub(crate) fn copy_text(toasts: Toasts, text: String) {
    spawn_local(async move {
        let copied = match secure_clipboard() {
            Some(clipboard) => JsFuture::from(clipboard.write_text(&text)).await.is_ok(),
            None => false,
        };
        if copied {
            toasts.say(Tone::Good, "Copied");
        } else {
            toasts.say(
                Tone::Warning,
                format!("The browser does not allow copying here. Select it by hand: {text}"),
            );
        }
    });
}

fn secure_clipboard() -> Option<web_sys::Clipboard> {
    let navigator = window().navigator();
    let present = js_sys::Reflect::get(&navigator, &"clipboard".into()).is_ok_and(|it| !it.is_undefined());
    present.then(|| navigator.clipboard())
}

/// A button that copies.
#[component]
pub(crate) fn Copy(
    #[prop(into)] text: Signal<String>,
    /// What it copies, `"Copy the endpoint name"`.
    #[prop(into)]
    label: Text,
) -> impl IntoView {
    let toasts = expect_context::<Toasts>();
    let press = Callback::new(move |()| copy_text(toasts, text.get_untracked()));
    view! { <Button kind="quiet" small=true icon="copy" label=label on_press=press /> }
}

/// A command line with a button that copies it.
#[component]
pub(crate) fn Code(#[prop(into)] text: Signal<String>) -> impl IntoView {
    view! {
        <div class="code">
            <code tabindex="0">{move || text.get()}</code>
            <Copy text=text label="Copy the command" />
        </div>
    }
}
