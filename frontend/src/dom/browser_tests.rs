//! What the nodes of the page do when signals change.

// A test ends with what it cannot do.
#![allow(clippy::unwrap_used)]

use super::prelude::*;
use crate::stage::{Stage, click, focused, settled};
use wasm_bindgen_test::wasm_bindgen_test;

#[wasm_bindgen_test]
async fn a_text_and_an_attribute_follow_their_signal() {
    let word = RwSignal::new("one".to_owned());
    let on = RwSignal::new(false);
    let stage = Stage::show(move || {
        view! {
            <p class="word" class:on=move || on.get() title=move || on.get().then(|| word.get())>
                "It is " {move || word.get()} "."
            </p>
        }
    });
    let paragraph = stage.get(".word");
    assert_eq!(stage.text(), "It is one.");
    assert_eq!(paragraph.get_attribute("title"), None);

    word.set("two".into());
    on.set(true);
    settled().await;
    assert_eq!(stage.text(), "It is two.");
    assert_eq!(paragraph.class_name(), "word on");
    assert_eq!(paragraph.get_attribute("title").as_deref(), Some("two"));
    assert!(stage.get(".word").is_same_node(Some(&paragraph)));
}

#[wasm_bindgen_test]
async fn a_row_that_stays_keeps_its_node_wherever_it_moves() {
    let items = RwSignal::new(vec![1, 2, 3]);
    let stage = Stage::show(move || {
        view! {
            <ul>
                <For each=move || items.get() key=|item| *item children=|item: i32| view! { <li>{item.to_string()}</li> } />
            </ul>
        }
    });
    assert_eq!(stage.texts("li"), ["1", "2", "3"]);
    let two = stage.get("li:nth-child(2)");

    items.set(vec![4, 3, 2]);
    settled().await;
    assert_eq!(stage.texts("li"), ["4", "3", "2"]);
    assert!(stage.get("li:nth-child(3)").is_same_node(Some(&two)));

    items.set(Vec::new());
    settled().await;
    assert!(stage.find("li").is_none());
    items.set(vec![2]);
    settled().await;
    assert!(
        !stage.get("li").is_same_node(Some(&two)),
        "what went is made anew"
    );
}

#[wasm_bindgen_test]
async fn rows_of_several_nodes_move_together() {
    let items = RwSignal::new(vec!["a", "b"]);
    let stage = Stage::show(move || {
        view! {
            <dl>
                <For
                    each=move || items.get()
                    key=|item| *item
                    children=|item: &'static str| view! { <dt>{item}</dt><dd>{move || item.to_uppercase()}</dd> }
                />
            </dl>
        }
    });
    assert_eq!(stage.text(), "aAbB");
    items.set(vec!["c", "b", "a"]);
    settled().await;
    assert_eq!(stage.text(), "cCbBaA");
}

#[wasm_bindgen_test]
async fn what_is_hidden_is_dropped_with_its_effects() {
    let shown = RwSignal::new(true);
    let count = RwSignal::new(0);
    let seen = StoredValue::new(0);
    let stage = Stage::show(move || {
        view! {
            <Show when=move || shown.get() fallback=|| view! { <i>"hidden"</i> }>
                <b>
                    {move || {
                        seen.update_value(|seen| *seen += 1);
                        count.get().to_string()
                    }}
                </b>
            </Show>
        }
    });
    assert_eq!((stage.text().as_str(), seen.get_value()), ("0", 1));
    count.set(1);
    settled().await;
    assert_eq!((stage.text().as_str(), seen.get_value()), ("1", 2));

    shown.set(false);
    settled().await;
    assert_eq!(stage.text(), "hidden");
    count.set(2);
    settled().await;
    assert_eq!(seen.get_value(), 2, "nobody looks any more");
}

#[wasm_bindgen_test]
async fn a_button_that_changes_what_is_around_it_keeps_the_focus() {
    let presses = RwSignal::new(0);
    let stage = Stage::show(move || {
        view! {
            <div>
                {move || {
                    let presses_now = presses.get();
                    view! {
                        <p>"before"</p>
                        <button on:click=move |_| presses.set(presses_now + 1)>{presses_now.to_string()}</button>
                    }
                }}
            </div>
        }
    });
    let button = stage.get("button");
    button.focus().unwrap();
    click(&button).await;
    assert_eq!(stage.texts("button"), ["1"]);
    assert!(focused().is_same_node(Some(&stage.get("button"))));
    assert!(!focused().is_same_node(Some(&button)));
}

#[wasm_bindgen_test]
async fn the_focus_of_what_goes_is_taken_by_what_is_nearest() {
    let items = RwSignal::new(vec![1, 2]);
    let open = RwSignal::new(true);
    let stage = Stage::show(move || {
        view! {
            <ul>
                <For
                    each=move || items.get()
                    key=|item| *item
                    children=|item: i32| view! { <li><button>{item.to_string()}</button></li> }
                />
            </ul>
            {move || open.get().then(|| view! { <a href="/a">"away"</a> })}
        }
    });
    stage.get("a").focus().unwrap();
    open.set(false);
    drawn().await;
    assert!(focused().is_same_node(Some(&stage.button("2"))), "before it");

    items.set(vec![2, 1]);
    drawn().await;
    assert!(focused().is_same_node(Some(&stage.button("2"))), "it only moved");

    items.set(vec![1]);
    drawn().await;
    assert!(
        focused().is_same_node(Some(&stage.button("1"))),
        "the row after it"
    );
}

/// Waits until the page was drawn once more.
async fn drawn() {
    settled().await;
    gloo_timers::future::TimeoutFuture::new(100).await;
}
