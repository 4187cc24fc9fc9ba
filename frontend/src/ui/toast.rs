//! Short messages about what just happened, in a live region.

use super::{Icon, Tone};
use crate::dom::prelude::*;
use gloo_timers::callback::Timeout;

const MOST: usize = 4;
const SHOWN_MS: u32 = 6000;

#[derive(Debug, Clone, PartialEq, Eq)]
struct Toast {
    id: u32,
    tone: Tone,
    text: String,
}

/// Found with `expect_context::<Toasts>()`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Toasts {
    list: RwSignal<Vec<Toast>>,
    last: StoredValue<u32>,
}

impl Toasts {
    pub(crate) fn new() -> Toasts {
        Toasts {
            list: RwSignal::new(Vec::new()),
            last: StoredValue::new(0),
        }
    }

    /// Says something. What is bad stays until it is dismissed, or four newer ones came.
    pub(crate) fn say(self, tone: Tone, text: impl Into<String>) {
        self.push(tone, text.into());
    }

    fn push(self, tone: Tone, text: String) {
        let id = self.last.get_value().wrapping_add(1);
        self.last.set_value(id);
        self.list.update(|list| {
            list.push(Toast { id, tone, text });
            if list.len() > MOST {
                list.remove(0);
            }
        });
        if tone != Tone::Bad {
            Timeout::new(SHOWN_MS, move || self.dismiss(id)).forget();
        }
    }

    fn dismiss(self, id: u32) {
        self.list.update(|list| list.retain(|toast| toast.id != id));
    }
}

/// Where the toasts appear. Placed once, by the application.
#[component]
pub(crate) fn ToastRegion() -> impl IntoView {
    let toasts = expect_context::<Toasts>();
    view! {
        <div class="toasts" role="log" aria-live="polite" aria-label="Messages">
            <For
                each=move || toasts.list.get()
                key=|toast| toast.id
                children=move |toast| {
                    let id = toast.id;
                    view! {
                        <div class=format!("toast tone-{}", toast.tone.class())>
                            <Icon name=toast.tone.icon() />
                            <p>{toast.text}</p>
                            <button
                                type="button"
                                class="btn quiet bare s"
                                aria-label="Dismiss"
                                on:click=move |_| toasts.dismiss(id)
                            >
                                <Icon name="cross" />
                            </button>
                        </div>
                    }
                }
            />
        </div>
    }
}
