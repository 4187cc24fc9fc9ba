//! What a person began and the server is asked to do: whether it is on its way, and why it was not done.

use super::{Icon, Toasts, Tone};
use crate::api::{Asked, Failure};
use crate::dom::prelude::*;

/// One number for each of its two signals, to be passed on freely. What is begun goes on when the part of the page that began it
/// is gone; its words are then told to nobody.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Deed {
    pub(crate) busy: RwSignal<bool>,
    /// Why it was not done, or cannot be.
    pub(crate) trouble: RwSignal<Option<String>>,
}

impl Deed {
    #[inline(never)]
    pub(crate) fn new() -> Deed {
        Deed {
            busy: RwSignal::new(false),
            trouble: RwSignal::new(None),
        }
    }

    /// Whether it may begin: what was typed is fit, and it is not on its way. What was told before is taken back in any case.
    #[inline(never)]
    pub(crate) fn may_begin(self, fit: bool) -> bool {
        self.trouble.set(None);
        fit && !self.busy.get_untracked()
    }

    /// Says why it cannot be done.
    #[inline(never)]
    pub(crate) fn refuse(self, words: String) {
        self.trouble.try_set(Some(words));
    }

    /// Whether the part of the page that began it is gone.
    pub(crate) fn is_gone(self) -> bool {
        self.busy.is_disposed()
    }

    /// Begins it. What the server answers goes to `done`; a refusal is told by [`Deed::notice`].
    pub(crate) fn begin<T: 'static>(self, asked: Asked<T>, done: impl FnOnce(T) + 'static) {
        self.begin_as("", asked, done);
    }

    /// The same, with words before those of the refusal: `"Not saved. "`.
    pub(crate) fn begin_as<T: 'static>(
        self,
        before: &'static str,
        asked: Asked<T>,
        done: impl FnOnce(T) + 'static,
    ) {
        self.start();
        asked.then(move |answer| {
            self.busy.try_set(false);
            match answer {
                Ok(value) => done(value),
                Err(failure) => self.refuse_for(before, &failure),
            }
        });
    }

    /// The same, where a refusal is told by a toast: there is no form that it could stand in.
    pub(crate) fn begin_or_say<T: 'static>(
        self,
        toasts: Toasts,
        asked: Asked<T>,
        done: impl FnOnce(T) + 'static,
    ) {
        self.start();
        asked.then(move |answer| {
            self.busy.try_set(false);
            match answer {
                Ok(value) => done(value),
                Err(failure) => refused(toasts, &failure),
            }
        });
    }

    #[inline(never)]
    fn start(self) {
        self.busy.set(true);
        self.trouble.set(None);
    }

    #[inline(never)]
    fn refuse_for(self, before: &str, failure: &Failure) {
        self.refuse([before, &failure.to_string()].concat());
    }

    /// Where its trouble is told: above the fields, in an alert.
    #[inline(never)]
    pub(crate) fn notice(self) -> View {
        notice(self.trouble)
    }
}

/// An alert with the words of a trouble, while there is one.
#[inline(never)]
pub(crate) fn notice(trouble: RwSignal<Option<String>>) -> View {
    (move || trouble.get().map(alert)).into_view()
}

/// An alert with these words.
#[inline(never)]
pub(crate) fn alert(words: String) -> View {
    view! { <p class="notice tone-bad" role="alert"><Icon name="warning" />{words}</p> }
}

#[inline(never)]
fn refused(toasts: Toasts, failure: &Failure) {
    toasts.say(Tone::Bad, failure.to_string());
}
