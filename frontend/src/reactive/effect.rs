//! What happens whenever something changed.

use crate::dom::Act;

/// Does something after the page was made, and again whenever a signal changed that it read; given what it returned the
/// time before. Ends with the part of the page that made it.
#[derive(Debug)]
pub(crate) struct Effect;

impl Effect {
    #[expect(
        clippy::new_ret_no_self,
        reason = "the name that Leptos' effects have; nothing is kept of one"
    )]
    pub(crate) fn new<T: 'static>(mut act: impl FnMut(Option<T>) -> T + 'static) {
        let mut before = None;
        start(Box::new(move || before = Some(act(before.take()))));
    }
}

fn start(mut act: Box<dyn Act>) {
    // Leptos keeps the effect; the handle is only for ending it early.
    let _ = leptos::prelude::Effect::new(move |_: Option<()>| act.act());
}
