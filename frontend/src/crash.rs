//! After a panic nothing of the page works any more. That is said on the page, in markup that needs none of it, and what happened
//! in the browser's console.

use std::panic::PanicHookInfo;

pub(crate) fn start() {
    std::panic::set_hook(Box::new(|panic| {
        tell(panic);
        show();
    }));
}

/// Tells the words, with the stack of the browser. The place in the source is known to a build for development alone: to the
/// release page all places are the same, and the stack has to do.
fn tell(panic: &PanicHookInfo<'_>) {
    let words = if cfg!(debug_assertions) {
        panic.to_string()
    } else {
        let words = panic.payload_as_str().unwrap_or("without words");
        ["panicked: ", words].concat()
    };
    web_sys::console::error_1(&js_sys::Error::new(&words));
}

fn show() {
    let notice = web_sys::window().and_then(|window| window.document()?.get_element_by_id("crash"));
    if let Some(notice) = notice {
        // Removing an attribute cannot fail.
        drop(notice.remove_attribute("hidden"));
    }
}
