//! A modal dialog on the native element, which traps focus, closes on Escape and gives the focus back.

use super::{Button, Icon};
use crate::dom::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

/// A modal dialog. Its content is made when it opens and dropped when it closes, so a form begins empty each time.
#[component]
pub(crate) fn Dialog(
    open: RwSignal<bool>,
    #[prop(into)] title: Signal<String>,
    /// Takes more room: for tables and editors.
    #[prop(optional)]
    wide: bool,
    /// Cannot be closed without answering it.
    #[prop(optional)]
    pinned: bool,
    /// Shows its content alone: the title is told to who listens, and the content has what closes it.
    #[prop(optional)]
    bare: bool,
    children: ChildrenFn,
) -> impl IntoView {
    let node = NodeRef::<web_sys::HtmlDialogElement>::new();
    Effect::new(move |_| {
        let Some(dialog) = node.get() else { return };
        if open.get() && !dialog.open() {
            // Refused only for a dialog that is not in the page.
            drop(dialog.show_modal());
            request_animation_frame(move || focus_first(&dialog));
        } else if !open.get() && dialog.open() {
            dialog.close();
            give_back_the_caret();
        }
    });
    let cancel = move |event: web_sys::Event| {
        if pinned {
            event.prevent_default();
        }
    };
    // The browser tells of it a moment later: the dialog may be open again.
    let closed = move |_| {
        if node.get_untracked().is_none_or(|dialog| !dialog.open()) {
            if open.get_untracked() {
                give_back_the_caret();
            }
            open.set(false);
        }
    };
    view! {
        <dialog
            class="dialog"
            class:wide=wide
            class:bare=bare
            node_ref=node
            aria-label=move || title.get()
            on:cancel=cancel
            on:close=closed
        >
            {move || {
                open.get()
                    .then(|| {
                        if bare {
                            return children();
                        }
                        view! {
                            <h2>{move || title.get()}</h2>
                            <div class="dialog-body">{children()}</div>
                            // Last, so that the focus goes to what the dialog is about.
                            {(!pinned)
                                .then(|| {
                                    view! {
                                        <button
                                            type="button"
                                            class="btn quiet bare dialog-close"
                                            aria-label="Close"
                                            on:click=move |_| open.set(false)
                                        >
                                            <Icon name="cross" />
                                        </button>
                                    }
                                })}
                        }
                    })
            }}
        </dialog>
    }
}

/// Whether a dialog is open that is about something chosen; closing it, by Escape or its cross too, lets go of the choice.
pub(crate) fn open_while<T: 'static>(chosen: RwSignal<Option<T>>) -> RwSignal<bool> {
    open_while_any(
        Signal::derive(move || chosen.with(Option::is_some)),
        Callback::new(move |()| chosen.set(None)),
    )
}

#[inline(never)]
fn open_while_any(chosen: Signal<bool>, let_go: Callback<()>) -> RwSignal<bool> {
    let open = RwSignal::new(false);
    Effect::new(move |_| {
        let wanted = chosen.get();
        if open.get_untracked() != wanted {
            open.set(wanted);
        }
    });
    Effect::new(move |_| {
        if !open.get() && chosen.get_untracked() {
            let_go.run(());
        }
    });
    open
}

/// The end of a dialog that asks before something is done: the way back, and the button that does it.
#[component]
pub(crate) fn Choice(
    /// The word for the way back.
    back: &'static str,
    on_back: Callback<()>,
    #[prop(default = "danger")] kind: &'static str,
    busy: RwSignal<bool>,
    on_press: Callback<()>,
    /// The word on the button that does it.
    button: &'static str,
) -> impl IntoView {
    view! {
        <div class="actions">
            <Button on_press=on_back>{back}</Button>
            <Button kind=kind busy=busy on_press=on_press>{button}</Button>
        </div>
    }
}

/// Chromium gives the focus back to where it was before the dialog, but not the caret: a field then looks as if one could
/// type, and nothing comes. Coming to it anew brings the caret back to its place.
fn give_back_the_caret() {
    let active = document().active_element();
    let field = active.filter(|element| element.matches("input, textarea").unwrap_or_default());
    if let Some(field) = field.and_then(|element| element.dyn_into::<HtmlElement>().ok()) {
        let options = web_sys::FocusOptions::new();
        options.set_prevent_scroll(true);
        // Refused only for what is not in the page.
        drop(field.blur());
        drop(field.focus_with_options(&options));
    }
}

/// Gives the focus to what the dialog asks for first, once its content is there.
fn focus_first(dialog: &web_sys::HtmlDialogElement) {
    for selector in [
        "[autofocus]",
        ".dialog-body :is(input, select, textarea)",
        "button",
    ] {
        let found = dialog.query_selector(selector).ok().flatten();
        if let Some(element) = found.and_then(|element| element.dyn_into::<HtmlElement>().ok()) {
            // Focus is refused only for what is not in the page.
            drop(element.focus());
            return;
        }
    }
}
