//! What the primitives do when somebody uses them.

// A test ends with what it cannot do.
#![allow(clippy::unwrap_used)]

use super::{Button, Dialog, Field, Menu, TabItem, Tabs, ToastRegion, Toasts, Tone};
use crate::dom::prelude::*;
use crate::stage::{Stage, click, focused, press, settled};
use wasm_bindgen::JsCast;
use wasm_bindgen_test::wasm_bindgen_test;

#[wasm_bindgen_test]
async fn a_field_ties_its_error_to_its_input() {
    let value = RwSignal::new(String::new());
    let error = Signal::derive(move || (value.get() == "no").then(|| "Not this.".to_owned()));
    let stage = Stage::show(move || {
        view! { <Field id="name" label="Name" value=value hint="Any word." error=error /> }
    });
    let input = stage.get("input");
    let note = input.get_attribute("aria-describedby").unwrap();
    assert_eq!(stage.texts(&format!("#{note}")), ["Any word."]);
    assert_eq!(input.get_attribute("aria-invalid"), None);

    stage.type_into("input", "no").await;
    assert_eq!(value.get_untracked(), "no");
    assert_eq!(stage.texts(&format!("#{note}")), ["Not this."]);
    assert_eq!(input.get_attribute("aria-invalid").as_deref(), Some("true"));

    stage.type_into("input", "yes").await;
    assert_eq!(stage.texts(&format!("#{note}")), ["Any word."]);
    assert_eq!(input.get_attribute("aria-invalid"), None);
}

#[wasm_bindgen_test]
async fn a_busy_button_keeps_its_focus_and_takes_no_press() {
    let presses = StoredValue::new(0);
    let busy = RwSignal::new(false);
    let stage = Stage::show(move || {
        let on_press = Callback::new(move |()| {
            presses.update_value(|presses| *presses += 1);
            busy.set(true);
        });
        view! { <Button busy=busy on_press=on_press>"Send"</Button> }
    });
    let button = stage.button("Send");
    button.focus().unwrap();
    click(&button).await;
    click(&button).await;
    assert_eq!(presses.get_value(), 1);
    assert_eq!(button.get_attribute("aria-busy").as_deref(), Some("true"));
    assert!(focused().is_same_node(Some(&button)));

    busy.set(false);
    settled().await;
    click(&button).await;
    assert_eq!(presses.get_value(), 2);
}

#[wasm_bindgen_test]
async fn a_dialog_makes_its_content_anew_each_time() {
    let open = RwSignal::new(false);
    let stage = Stage::show(move || {
        view! {
            <Dialog open=open title="Ask">
                {
                    let typed = RwSignal::new("as it was".to_owned());
                    view! { <Field id="typed" label="Typed" value=typed /> }
                }
            </Dialog>
        }
    });
    let dialog = stage.get("dialog").unchecked_into::<web_sys::HtmlDialogElement>();
    assert!(!dialog.open() && stage.find("input").is_none());

    open.set(true);
    settled().await;
    assert!(dialog.open());
    assert_eq!(dialog.get_attribute("aria-label").as_deref(), Some("Ask"));
    stage.type_into("#typed", "something else").await;
    click(&stage.button("Close")).await;
    assert!(!open.get_untracked() && !dialog.open() && stage.find("input").is_none());

    open.set(true);
    settled().await;
    let input = stage.get("#typed").unchecked_into::<web_sys::HtmlInputElement>();
    assert_eq!(input.value(), "as it was");
    dialog.close();
}

#[wasm_bindgen_test]
async fn arrow_keys_go_round_the_tabs() {
    let items = || {
        ["one", "two", "three"].map(|id| TabItem {
            id,
            label: id,
            href: format!("#{id}"),
        })
    };
    let selected = RwSignal::new("one");
    let stage = Stage::show(move || {
        view! { <Tabs label="Parts" items=items().into() selected=selected /> }
    });
    stage.get("#tab-one").focus().unwrap();
    for (key, expect) in [
        ("ArrowRight", "tab-two"),
        ("End", "tab-three"),
        ("ArrowRight", "tab-one"),
        ("ArrowLeft", "tab-three"),
        ("Home", "tab-one"),
        ("x", "tab-one"),
    ] {
        press(key).await;
        assert_eq!(focused().id(), expect, "after {key}");
    }

    let selected_tabs = || stage.texts("[aria-selected=true][tabindex='0']");
    assert_eq!(selected_tabs(), ["one"]);
    selected.set("two");
    settled().await;
    assert_eq!(selected_tabs(), ["two"]);
}

#[wasm_bindgen_test]
async fn escape_closes_a_menu_and_its_button_has_the_focus() {
    let stage = Stage::show(move || {
        view! {
            <Menu icon="more" word="More" label="More to do">
                <button class="menu-item">"Choose"</button>
                <input aria-label="Beside" />
            </Menu>
        }
    });
    let menu = stage
        .get("details")
        .unchecked_into::<web_sys::HtmlDetailsElement>();
    menu.set_open(true);
    stage.get("input").focus().unwrap();
    press("Escape").await;
    assert!(!menu.open());
    assert_eq!(focused().tag_name(), "SUMMARY");

    menu.set_open(true);
    click(&stage.get("input")).await;
    assert!(menu.open(), "what stands beside the choices does not close it");
    click(&stage.button("Choose")).await;
    assert!(!menu.open());
}

#[wasm_bindgen_test]
async fn the_newest_four_toasts_are_shown_until_they_are_dismissed() {
    let toasts = StoredValue::new(None::<Toasts>);
    let stage = Stage::show(move || {
        let here = Toasts::new();
        provide_context(here);
        toasts.set_value(Some(here));
        view! { <ToastRegion /> }
    });
    let toasts = toasts.get_value().unwrap();
    for number in 1..=5 {
        toasts.say(Tone::Bad, number.to_string());
    }
    settled().await;
    assert_eq!(stage.texts(".toast p"), ["2", "3", "4", "5"]);
    click(&stage.button("Dismiss")).await;
    assert_eq!(stage.texts(".toast p"), ["3", "4", "5"]);
}
