//! What the fields of values do when somebody types into them.

// A test ends with what it cannot do.
#![allow(clippy::unwrap_used)]

use super::draft::{Draft, Entry};
use super::edit::BytesAs;
use super::editor::DraftEditor;
use crate::dom::prelude::*;
use crate::stage::{Stage, click, settled};
use shared::model::{Operations, Range, RangeKind, ResourceModel, Span};
use shared::{DataType, Path};
use wasm_bindgen_test::wasm_bindgen_test;

fn about(data_type: DataType, multiple: bool, range: Option<RangeKind>) -> ResourceModel {
    ResourceModel {
        id: 14,
        name: "Level".into(),
        operations: Operations::default(),
        multiple,
        mandatory: false,
        data_type,
        range: range.map(|kind| {
            Box::new(Range {
                text: "0..100".into(),
                kind,
            })
        }),
        unit: None,
        description: None,
    }
}

/// Shows the fields for a resource, and gives what is typed.
fn edit(about: ResourceModel, text: &str) -> (Stage, Draft) {
    let text = text.to_owned();
    let kept = StoredValue::new(None::<Draft>);
    let stage = Stage::show(move || {
        let path = Path::resource(3303, 0, about.id);
        let (data_type, many) = (about.data_type, about.multiple);
        let entries = vec![Entry::new(0, text)];
        let draft = Draft::of(path, "Level".into(), Some(about), data_type, many, entries);
        kept.set_value(Some(draft));
        view! { <DraftEditor draft=draft id="value" tried=Signal::stored(false) /> }
    });
    (stage, kept.get_value().unwrap())
}

#[wasm_bindgen_test]
async fn a_number_out_of_its_range_is_told_in_place_once_it_was_touched() {
    let spans = vec![Span { min: 0.0, max: 100.0 }];
    let number = about(DataType::Integer, false, Some(RangeKind::Numbers { spans }));
    let (stage, draft) = edit(number, "");
    let note = || stage.texts("#value-0-note").concat();
    assert!(
        note().contains("range 0..100"),
        "an empty field that nobody touched is no mistake: {}",
        note()
    );

    stage.type_into("#value-0", "101").await;
    let invalid = || stage.get("#value-0").get_attribute("aria-invalid");
    assert_eq!(invalid().as_deref(), Some("true"));
    assert!(note().contains("100") && draft.value().is_err(), "{}", note());

    stage.type_into("#value-0", "42").await;
    assert_eq!(invalid(), None);
    assert_eq!(draft.value().map(|value| value.to_string()), Ok("42".into()));
}

#[wasm_bindgen_test]
async fn instances_are_added_and_removed_by_their_numbers() {
    let (stage, draft) = edit(about(DataType::String, true, None), "first");
    click(&stage.button("Add an instance")).await;
    stage.type_into("#value-1", "second").await;
    click(&stage.button("Add an instance")).await;
    click(&stage.button("Remove [1]")).await;
    stage.type_into("#value-2", "third").await;
    let value = draft.value().map(|value| value.to_string());
    assert_eq!(value, Ok(r#"{"0":"first","2":"third"}"#.into()));
    assert_eq!(stage.texts(".entry-index"), ["[0]", "[2]"]);
}

#[wasm_bindgen_test]
async fn bytes_are_shown_in_the_other_notation() {
    let (stage, draft) = edit(about(DataType::Opaque, false, None), "48656c6c6f");
    let note = || stage.texts("#value-0-note").concat();
    assert!(note().contains("5 bytes"), "{}", note());
    draft.retype_bytes(BytesAs::Base64);
    settled().await;
    let area = stage.get("textarea");
    let shown = wasm_bindgen::JsCast::unchecked_into::<web_sys::HtmlTextAreaElement>(area).value();
    assert_eq!(shown, "SGVsbG8=");
    stage.type_into("textarea", "not bytes!").await;
    assert!(draft.value().is_err());
    assert_eq!(
        stage.get("textarea").get_attribute("aria-invalid").as_deref(),
        Some("true")
    );
}

#[wasm_bindgen_test]
async fn a_value_outside_the_list_stays_and_is_said_to_be_so() {
    let texts = vec!["LOW".to_owned(), "HIGH".to_owned()];
    let (stage, draft) = edit(
        about(DataType::String, false, Some(RangeKind::Texts { texts })),
        "MEDIUM",
    );
    assert_eq!(stage.texts("option"), ["MEDIUM (not in the list)", "LOW", "HIGH"]);
    assert!(draft.value().is_err());
}
