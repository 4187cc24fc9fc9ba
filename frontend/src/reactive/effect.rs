//! What happens whenever something changed.

use super::graph::{self, Run};
use super::slot::{Kept, Value};
use crate::dom::Act;
use std::cell::RefCell;

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

fn start(act: Box<dyn Act>) {
    graph::acts(Box::new(Doing(RefCell::new(act))));
}

/// Does something now, and again whenever a signal changes that it looked at.
pub(crate) fn repeat(act: Box<dyn Act>) {
    graph::shows(Box::new(Doing(RefCell::new(act))));
}

struct Doing(RefCell<Box<dyn Act>>);

impl Run for Doing {
    fn run(&self, _: Option<&Kept>) -> Option<Value> {
        self.0.borrow_mut().act();
        None
    }
}
