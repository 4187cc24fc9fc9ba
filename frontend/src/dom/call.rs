//! Closures of the page.
//!
//! The traits here do what `FnMut` does. A boxed `FnMut` brings three functions for each closure; a trait of one method
//! brings one, and a page has hundreds of closures.

use web_sys::Event;

/// Something to do.
pub(crate) trait Act {
    fn act(&mut self);
}

impl<F: FnMut()> Act for F {
    fn act(&mut self) {
        self();
    }
}

/// Something that gives a value each time it is asked.
pub(crate) trait Give<T> {
    fn give(&mut self) -> T;
}

impl<T, F: FnMut() -> T> Give<T> for F {
    fn give(&mut self) -> T {
        self()
    }
}

/// What an event calls.
pub(super) trait Handle {
    fn handle(&mut self, event: Event);
}

impl<F: FnMut(Event)> Handle for F {
    fn handle(&mut self, event: Event) {
        self(event);
    }
}
