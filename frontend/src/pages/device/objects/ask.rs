//! The dialogs of the object browser: which one is open, and what they have in common.

use super::super::operate::{Outcome, request};
use super::super::store::Device;
use super::super::timeline::words::operation_word;
use super::attributes::Attributes;
use super::discover::Discover;
use super::execute::Execute;
use super::write::{Write, WriteInstance};
use super::{Browser, tree};
use crate::dom::prelude::*;
use crate::ui::{Button, Dialog, Icon};
use shared::Path;
use shared::api::{OperationKind, OperationRequest, OperationState, OperationView};

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
        match op {
            OperationKind::Create => format!("Create an instance of {path} {name}"),
            OperationKind::WriteAttributes => format!("Attributes of {path} {name}"),
            OperationKind::Discover => format!("What {path} {name} says of itself"),
            op => format!("{} {path} {name}", operation_word(*op)),
        }
    }
}

/// A request from a dialog: on its way, or refused in words shown in place.
#[derive(Debug, Clone, Copy)]
pub(in super::super) struct Sending {
    pub(super) busy: RwSignal<bool>,
    pub(super) refusal: RwSignal<Option<String>>,
    /// The dialog that it is sent from.
    open: RwSignal<bool>,
}

impl Sending {
    /// From the dialog that the browser has open.
    pub(super) fn new() -> Sending {
        Sending::closing(expect_context::<Browser>().asking)
    }

    /// From a dialog of its own.
    pub(in super::super) fn closing(open: RwSignal<bool>) -> Sending {
        Sending {
            busy: RwSignal::new(false),
            refusal: RwSignal::new(None),
            open,
        }
    }

    /// Sends; a success closes the dialog and is told, a refusal stays in it.
    pub(super) fn send(self, device: Device, request: OperationRequest) {
        self.send_then(device, request, |_| {});
    }

    /// Like [`Sending::send`], with something to do with what a success brought.
    pub(in super::super) fn send_then(
        self,
        device: Device,
        request: OperationRequest,
        then: impl FnOnce(&OperationView) + 'static,
    ) {
        if self.busy.get_untracked() {
            return;
        }
        self.busy.set(true);
        self.refusal.set(None);
        crate::reactive::spawn_local(async move {
            let answer = device.operate(&request).await;
            if device.is_gone() {
                return;
            }
            let outcome = device.outcome(&request, &answer);
            // The dialog may have been closed meanwhile; its end is told all the same.
            let open = self.busy.try_set(false).is_none();
            match (&outcome, &answer) {
                (Outcome::Failed(words), _) if open => self.refusal.set(Some(words.clone())),
                (Outcome::Failed(_), _) => device.say(&outcome),
                (_, answer) => {
                    device.say(&outcome);
                    if let Ok(view) = answer {
                        then(view);
                    }
                    if open {
                        self.open.set(false);
                    }
                }
            }
        });
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
        device.sleeps().then(|| {
            let due = device
                .next_due()
                .map(|at| format!(", expected by {}", device.clock.short(at)));
            format!(
                "The device is not listening now. This goes out at its next contact{}.",
                due.unwrap_or_default()
            )
        })
    };
    let kind = if danger { "danger" } else { "primary" };
    view! {
        {move || sending.refusal.get().map(|words| view! { <p class="refusal" role="alert"><Icon name="cross" />{words}</p> })}
        {move || sleeps().map(|text| view! { <p class="quiet sleeps"><Icon name="sleep" />{text}</p> })}
        <footer class="dialog-foot">
            <Button on_press=Callback::new(move |()| sending.open.set(false))>"Cancel"</Button>
            {match on_press {
                Some(on_press) => view! { <Button kind=kind busy=sending.busy disabled=disabled on_press=on_press>{word}</Button> },
                None => view! { <Button kind=kind busy=sending.busy disabled=disabled submit=true>{word}</Button> },
            }}
        </footer>
    }
}

/// The dialog that is open, if one is.
#[component]
pub(super) fn Asked() -> impl IntoView {
    let browser = expect_context::<Browser>();
    let title = move || {
        browser
            .ask
            .with(|ask| ask.as_ref().map(Ask::title).unwrap_or_default())
    };
    view! {
        <Dialog open=browser.asking title=Signal::derive(title) wide=true>
            {move || browser.ask.get().map(content)}
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
    let lost: Vec<String> = untrack(|| {
        device.models(|models| {
            device.values(|values| {
                let below = values.range(path..).take_while(|(below, _)| path.contains(below));
                below
                    .map(|(below, known)| {
                        let name = tree::name_of(models, *below).unwrap_or_default();
                        format!("{below} {name}: {}", device.show(&known.value))
                    })
                    .collect()
            })
        })
    });
    let count = lost.len();
    let press = Callback::new(move |()| {
        sending.send_then(device, request(OperationKind::Delete, path), move |view| {
            if view.state == OperationState::Done {
                device
                    .discovered()
                    .update(|known| known.retain(|below| !path.contains(below)));
            }
        });
    });
    view! {
        <p>
            "The instance " <span class="mono">{path.to_string()}</span> " of " {name}
            " is removed from the device with everything in it, and its observations end. This cannot be undone."
        </p>
        {(count > 0)
            .then(|| {
                view! {
                    <p class="quiet">{format!("Known of it now, and lost ({count}):")}</p>
                    <ul class="lost mono">{lost.into_iter().take(12).map(|line| view! { <li>{line}</li> }).collect_view()}</ul>
                }
            })}
        <Footer sending=sending word="Delete" danger=true on_press=press />
    }
}
