//! The dialogs of the object browser: which one is open, and what they have in common.

use super::super::operate::{Outcome, request};
use super::super::refusal::refusal;
use super::super::store::Device;
use super::super::timeline::words::operation_word;
use super::super::view::{Known, below};
use super::Browser;
use super::attributes::Attributes;
use super::discover::Discover;
use super::execute::Execute;
use super::preview::Preview;
use super::write::{Write, WriteInstance};
use crate::dom::prelude::*;
use crate::ui::{Button, Dialog, Icon};
use shared::Path;
use shared::api::{OperationKind, OperationRequest, OperationState, OperationView};
use std::rc::Rc;

/// What a dialog is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Ask {
    pub(super) op: OperationKind,
    pub(super) path: Path,
    pub(super) name: String,
}

impl Ask {
    fn title(&self) -> String {
        let Ask { op, path, name } = self;
        let (begin, end) = match op {
            OperationKind::Create => ("Create an instance of", ""),
            OperationKind::WriteAttributes => ("Attributes of", ""),
            OperationKind::Discover => ("What", " says of itself"),
            op => (operation_word(*op), ""),
        };
        format!("{begin} {path} {name}{end}")
    }
}

/// What a form asks for as it is filled in now, or why it asks for nothing: in words, unless its fields say it.
pub(in super::super) type Wanted = Result<OperationRequest, Option<String>>;
/// What to do with what a success brought, also when the dialog is closed by then.
pub(in super::super) type Then = Rc<dyn Fn(&OperationView)>;

/// A request from a dialog: on its way, or refused in words shown in place.
#[derive(Debug, Clone, Copy)]
pub(in super::super) struct Sending {
    busy: RwSignal<bool>,
    refusal: RwSignal<Option<String>>,
    /// Whether somebody tried to send it: from then on fields say what is wrong, also those that were not touched.
    pub(super) tried: RwSignal<bool>,
    /// The dialog that it is sent from.
    open: RwSignal<bool>,
}

impl Sending {
    /// From the dialog that the browser has open.
    pub(super) fn new() -> Sending {
        Sending::closing(expect_context::<Browser>().asking())
    }

    /// From a dialog of its own.
    pub(in super::super) fn closing(open: RwSignal<bool>) -> Sending {
        Sending {
            busy: RwSignal::new(false),
            refusal: RwSignal::new(None),
            tried: RwSignal::new(false),
            open,
        }
    }

    /// Sends; a success closes the dialog and is told, a refusal stays in it. `then` is given what a success brought.
    pub(in super::super) fn send(self, device: Device, request: &OperationRequest, then: Option<Then>) {
        if self.busy.get_untracked() {
            return;
        }
        self.busy.set(true);
        self.refusal.set(None);
        device.operate(request, move |ended| {
            // The dialog may have been closed meanwhile; its end is told all the same.
            let open = self.busy.try_set(false).is_none();
            if let Outcome::Failed(words) = &ended.outcome {
                if open {
                    return self.refusal.set(Some(words.clone()));
                }
                return device.say(&ended.outcome);
            }
            device.say(&ended.outcome);
            if let (Some(then), Some(view)) = (&then, &ended.view) {
                then(view);
            }
            if open {
                self.open.set(false);
            }
        });
    }
}

/// A form that asks for an operation, with what is told of that above its buttons.
#[component]
pub(in super::super) fn AskForm(
    sending: Sending,
    wanted: Signal<Wanted>,
    /// What is shown of it on the wire.
    #[prop(optional)]
    preview: Option<Signal<Wanted>>,
    #[prop(optional)] then: Option<Then>,
    word: &'static str,
    children: View,
) -> impl IntoView {
    let device = expect_context::<Device>();
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        sending.tried.set(true);
        match wanted.get_untracked() {
            Ok(request) => sending.send(device, &request, then.clone()),
            Err(None) => {}
            words => sending.refusal.set(words.err().flatten()),
        }
    };
    view! {
        <form class="ask-form" on:submit=submit novalidate=true>
            {children}
            {preview.map(|wanted| view! { <Preview wanted=wanted /> })}
            <Footer sending=sending word=word />
        </form>
    }
}

/// The bottom of a dialog: what was refused, what happens with a sleeping device, and the buttons.
#[component]
pub(in super::super) fn Footer(
    sending: Sending,
    word: &'static str,
    #[prop(optional)] danger: bool,
    #[prop(optional, into)] disabled: Signal<bool>,
    /// Presses the form's own submit when absent.
    #[prop(optional, into)]
    on_press: Option<Callback<()>>,
) -> impl IntoView {
    let device = expect_context::<Device>();
    let sleeps = move || {
        let due = device.sleeps().then(|| device.expected())?;
        Some(view! {
            <p class="quiet sleeps">
                <Icon name="sleep" />
                "The device is not listening now. This goes out at its next contact"{due}"."
            </p>
        })
    };
    view! {
        {refusal(sending.refusal)}
        {sleeps}
        <footer class="dialog-foot">
            <Button on_press=Callback::new(move |()| sending.open.set(false))>"Cancel"</Button>
            <Button
                kind=if danger { "danger" } else { "primary" }
                busy=sending.busy
                disabled=disabled
                submit=on_press.is_none()
                on_press=on_press.unwrap_or_else(|| Callback::new(|()| ()))
            >
                {word}
            </Button>
        </footer>
    }
}

/// The dialog that is open, if one is.
#[component]
pub(super) fn Asked() -> impl IntoView {
    let browser = expect_context::<Browser>();
    let asked = browser.ask();
    let title = move || asked.with(|ask| ask.as_ref().map(Ask::title).unwrap_or_default());
    view! {
        <Dialog open=browser.asking() title=Signal::derive(title) wide=true>
            {move || asked.get().map(content)}
        </Dialog>
    }
}

fn content(ask: Ask) -> View {
    let Ask { op, path, name } = ask;
    match op {
        OperationKind::Write if path.depth() >= 3 => view! { <Write path=path /> },
        OperationKind::Write => view! { <WriteInstance path=path create=false /> },
        OperationKind::Create => view! { <WriteInstance path=path create=true /> },
        OperationKind::Execute => view! { <Execute path=path /> },
        OperationKind::Delete => view! { <Delete path=path name=name /> },
        OperationKind::Discover => view! { <Discover path=path /> },
        OperationKind::WriteAttributes => view! { <Attributes path=path /> },
        _ => View::Empty,
    }
}

/// Says what will be lost before it is.
#[component]
fn Delete(path: Path, name: String) -> impl IntoView {
    let device = expect_context::<Device>();
    let sending = Sending::new();
    let line = |(below, known): &(Path, Known)| {
        view! { <li>{below.to_string()}" "{device.name(*below)}": "{device.show(&known.value)}</li> }
    };
    let lost = untrack(|| {
        device.values(|values| {
            let known = below(values, path);
            let lines = known.iter().take(12).map(line).collect_view();
            (!known.is_empty()).then(|| {
                view! {
                    <p class="quiet">"Known of it now, and lost ("{known.len()}"):"</p>
                    <ul class="lost mono">{lines}</ul>
                }
            })
        })
    });
    let press = Callback::new(move |()| {
        let then = move |view: &OperationView| {
            if view.state == OperationState::Done {
                device
                    .discovered()
                    .update(|known| known.retain(|below| !path.contains(below)));
            }
        };
        sending.send(device, &request(OperationKind::Delete, path), Some(Rc::new(then)));
    });
    view! {
        <p>
            "The instance " <span class="mono">{path.to_string()}</span> " of " {name}
            " is removed from the device with everything in it, and its observations end. This cannot be undone."
        </p>
        {lost}
        <Footer sending=sending word="Delete" danger=true on_press=press />
    }
}
