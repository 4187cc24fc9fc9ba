//! What is pressed and filled in.

use super::specimen;
use crate::dom::prelude::*;
use crate::ui::{Button, Copy, Dialog, Field, Find, Icon, Lines, Menu, Select};

pub(super) fn all() -> View {
    view! {
        {specimen("Buttons", buttons())}
        {specimen("Fields", fields())}
        {specimen("Choices", choices())}
        {specimen("Dialogs", dialogs())}
        {specimen("Menu and tips", menu())}
    }
}

fn buttons() -> View {
    const KINDS: [(&str, &str); 4] = [
        ("", "Plain"),
        ("primary", "Primary"),
        ("quiet", "Quiet"),
        ("danger", "Danger"),
    ];
    let row = |kind: &'static str, word: &'static str| {
        view! {
            <p class="bar">
                <Button kind=kind>{word}</Button>
                <Button kind=kind icon="edit">"With an icon"</Button>
                <Button kind=kind small=true>"Small"</Button>
                <Button kind=kind busy=true>"Busy"</Button>
                <Button kind=kind disabled=true>"Disabled"</Button>
                <Button kind=kind icon="refresh" label=format!("{word}, an icon alone") />
                <Button kind=kind small=true icon="refresh" label=format!("{word}, small, an icon alone") />
            </p>
        }
    };
    view! {
        {KINDS.map(|(kind, word)| row(kind, word)).into_iter().collect_view()}
        <p class="bar">
            <a class="btn" href="/gallery">"A link"</a>
            <a class="btn" href="/gallery" aria-current="true">"A link that is chosen"</a>
            <Copy text="urn:dev:ops:000001" label="Copy an endpoint name" />
        </p>
    }
}

fn fields() -> View {
    let text = |text: &str| RwSignal::new(text.to_owned());
    let wrong = Signal::derive(|| Some("-5 is below 0, the least that the model allows.".to_owned()));
    view! {
        <Field id="g-plain" label="Plain" value=text("North pump") />
        <Field id="g-hint" label="With a hint" value=text("") hint="A name for people. May be left empty." />
        <Field id="g-required" label="Required" value=text("") required=true />
        <Field id="g-error" label="With an error" value=text("-5") error=wrong />
        <Field id="g-code" label="Code" value=text("urn:dev:ops:000001") code=true />
        <Field id="g-secret" label="Password" value=text("secret") kind="password" autocomplete="new-password" />
        <Field id="g-number" label="Number" value=text("42") kind="number" />
        <Field id="g-time" label="Date and time" value=text("2026-11-30T13:02") kind="datetime-local" />
        <div class="field">
            <label for="g-disabled">"Disabled"</label>
            <input id="g-disabled" class="input" disabled=true value="Cannot be changed" />
        </div>
        <Lines id="g-lines" label="Lines" value=text("site=berlin\nloose") hint="A name and a value a line." />
        <Find label="Find in the gallery" placeholder="Narrows a list" param="find" />
        <Find label="Find while it is read" placeholder="While it is read" param="find" busy=true />
    }
}

fn choices() -> View {
    let options = ["Objects", "Live", "Timeline"].map(|word| (word.to_lowercase(), word.to_owned()));
    let segment = |word: &'static str, chosen: bool| {
        view! {
            <label>
                <input type="radio" name="g-segments" checked=chosen />
                <span>{word}</span>
            </label>
        }
    };
    view! {
        <Select id="g-select" label="Select" value=RwSignal::new("live".to_owned()) options=options.to_vec() />
        <fieldset class="segments">
            <legend>"Segments"</legend>
            {segment("10 min", false)}
            {segment("1 h", true)}
            {segment("24 h", false)}
        </fieldset>
        <p class="bar">
            <label class="checkbox"><input type="checkbox" />"Not checked"</label>
            <label class="checkbox"><input type="checkbox" checked=true />"Checked"</label>
            <label class="checkbox"><input type="checkbox" disabled=true />"Disabled"</label>
        </p>
        <div class="field">
            <label for="g-file">"File"</label>
            <input id="g-file" class="input file" type="file" />
        </div>
    }
}

fn dialogs() -> View {
    let (plain, wide, pinned) = (RwSignal::new(false), RwSignal::new(false), RwSignal::new(false));
    let opens = |open: RwSignal<bool>| Callback::new(move |()| open.set(true));
    let name = RwSignal::new(String::new());
    view! {
        <p class="bar">
            <Button on_press=opens(plain)>"A form…"</Button>
            <Button on_press=opens(wide)>"Wide…"</Button>
            <Button on_press=opens(pinned)>"To be answered…"</Button>
        </p>
        <Dialog open=plain title="Forget this device?">
            <p>"Its values, history, queue, label, tags and credentials are lost."</p>
            <Field id="g-dialog-name" label="Endpoint name" value=name code=true />
            <p class="notice tone-bad" role="alert"><Icon name="warning" />"The server refused it, and says why here."</p>
            <div class="actions">
                <Button on_press=Callback::new(move |()| plain.set(false))>"Cancel"</Button>
                <Button kind="danger" disabled=true>"Forget"</Button>
            </div>
        </Dialog>
        <Dialog open=wide title="For tables and editors" wide=true>
            <p>"It has more room, and scrolls by itself."</p>
        </Dialog>
        <Dialog open=pinned title="Your session ended" pinned=true>
            <p>"It has no close button, and Escape does not close it."</p>
            <div class="actions">
                <Button kind="primary" on_press=Callback::new(move |()| pinned.set(false))>"Answer"</Button>
            </div>
        </Dialog>
    }
}

fn menu() -> View {
    view! {
        <p class="bar">
            <span data-tip="A tip says more than the word, on hover and on focus" tabindex="0">"With a tip"</span>
            <span data-tip-focus="Only on focus" tabindex="0">"With a tip on focus"</span>
            <span><kbd>"g"</kbd>" "<kbd>"d"</kbd></span>
        </p>
        <Menu icon="user" word="Menu" label="A menu">
            <p class="menu-who"><b>"admin"</b><span class="muted">"Administrator"</span></p>
            <button type="button" class="menu-item"><Icon name="question" />"An item"<kbd>"?"</kbd></button>
            <button type="button" class="menu-item"><Icon name="exit" />"Another"</button>
        </Menu>
    }
}
