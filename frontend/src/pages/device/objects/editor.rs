//! The fields in which a value is typed: one for each type of the object model.

use super::super::store::Device;
use super::draft::{Draft, Entry};
use super::edit::{self, BytesAs, TYPES, type_word};
use super::tree::unit_word;
use crate::clock::local;
use crate::dom::prelude::*;
use crate::ui::{Button, Icon};
use crate::words::true_or_false;
use shared::{DataType, Timestamp};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

/// The largest file that is taken as a value, in bytes.
const MAX_FILE: f64 = 1_048_576.0;

/// The fields of a draft: one, or a row for each instance; with a choice of type where no model gives it.
#[component]
pub(super) fn DraftEditor(
    draft: Draft,
    /// Begins the ids of the fields.
    #[prop(into)]
    id: String,
    /// Whether errors are shown in fields that were not touched.
    #[prop(into)]
    tried: Signal<bool>,
) -> impl IntoView {
    let unknown = draft.about().with_value(Option::is_none);
    let many = draft.many();
    let type_id = format!("{id}-type");
    let fields_id = id;
    view! {
        {unknown.then(|| view! { <TypeChoice draft=draft id=type_id /> })}
        <For
            each=move || draft.entries().get()
            key=|entry| entry.index
            children=move |entry| {
                let id = format!("{fields_id}-{}", entry.index);
                view! {
                    <div class="entry" class:numbered=many>
                        {many.then(|| view! { <span class="entry-index mono">{format!("[{}]", entry.index)}</span> })}
                        {move || field(draft, entry, &id, tried)}
                        {many
                            .then(|| {
                                let remove = Callback::new(move |()| draft.remove(entry.index));
                                view! {
                                    <Button kind="quiet" small=true icon="trash" label=format!("Remove [{}]", entry.index) on_press=remove />
                                }
                            })}
                    </div>
                }
            }
        />
        {many
            .then(|| {
                view! {
                    <Button small=true icon="plus" on_press=Callback::new(move |()| draft.add())>
                        "Add an instance"
                    </Button>
                }
            })}
    }
}

/// Asks for the type, because no model tells it.
#[component]
fn TypeChoice(draft: Draft, id: String) -> impl IntoView {
    let choose = move |event: web_sys::Event| {
        let name = event_target_value(&event);
        if let Some((data_type, _)) = TYPES.iter().find(|(data_type, _)| data_type.name() == name) {
            for entry in draft.entries().get_untracked() {
                if *data_type == DataType::Boolean {
                    entry.text.set(edit::blank(*data_type).into());
                }
            }
            draft.data_type().set(*data_type);
        }
    };
    view! {
        <div class="field">
            <label for=id.clone()>"Type"</label>
            <select id=id class="input" on:change=choose>
                {TYPES
                    .iter()
                    .map(|(data_type, word)| {
                        let chosen = draft.data_type().get_untracked() == *data_type;
                        view! { <option value=data_type.name() selected=chosen>{*word}</option> }
                    })
                    .collect_view()}
            </select>
            <p class="note">"No model describes this resource, so its type has to be chosen."</p>
        </div>
    }
}

/// What every field of a value needs.
struct Parts {
    draft: Draft,
    entry: Entry,
    id: Text,
    /// The id of what is said below the field.
    note: Text,
    label: Text,
    /// Why the value does not fit, once a person has tried.
    error: Signal<Option<String>>,
    touched: RwSignal<bool>,
}

impl Parts {
    /// Takes what a person types or chooses.
    fn typing(&self) -> impl Fn(web_sys::Event) + use<> {
        let (touched, text) = (self.touched, self.entry.text);
        move |event| {
            touched.set(true);
            text.set(event_target_value(&event));
        }
    }

    fn invalid(&self) -> impl Fn() -> Option<&'static str> + use<> {
        let error = self.error;
        move || error.with(|error| error.as_ref().map(|_| "true"))
    }

    /// The label above, the field, and the error or hint below.
    #[inline(never)]
    fn wrap(&self, field: View, hint: Signal<String>) -> View {
        let error = self.error;
        view! {
            <div class="field" class:invalid=move || error.with(Option::is_some)>
                <label for=self.id.clone()>{self.label.clone()}</label>
                {field}
                <p class="note" id=self.note.clone() aria-live="polite">
                    {move || error.get().unwrap_or_else(|| hint.get())}
                </p>
            </div>
        }
    }

    /// Several lines of text.
    #[inline(never)]
    fn area(&self, class: &'static str, spellcheck: Option<&'static str>) -> View {
        let text = self.entry.text;
        view! {
            <textarea
                id=self.id.clone()
                class=class
                rows="4"
                spellcheck=spellcheck
                aria-invalid=self.invalid()
                aria-describedby=self.note.clone()
                prop:value=move || text.get()
                on:input=self.typing()
            ></textarea>
        }
    }
}

/// The field for the draft's type.
fn field(draft: Draft, entry: Entry, id: &str, tried: Signal<bool>) -> View {
    let data_type = draft.data_type().get();
    let touched = RwSignal::new(false);
    let error = Signal::derive(move || {
        (touched.get() || tried.get())
            .then(|| draft.error(entry))
            .flatten()
    });
    let mut label = draft.name();
    if draft.many() {
        label += &format!(" [{}]", entry.index);
    }
    let parts = Parts {
        draft,
        entry,
        id: id.into(),
        note: format!("{id}-note").into(),
        label: label.into(),
        error,
        touched,
    };
    let choices = draft
        .about()
        .with_value(|about| about.as_ref().map(edit::choices).unwrap_or_default());
    match data_type {
        DataType::Boolean => switch(&parts),
        DataType::Time => time(&parts),
        DataType::Opaque => bytes(&parts),
        DataType::ObjectLink => link(&parts),
        _ if !choices.is_empty() => list(&parts, choices),
        _ => text(&parts, data_type),
    }
}

/// The range and type in words, for below a field.
fn hint(draft: Draft, data_type: DataType) -> String {
    draft.about().with_value(|about| {
        let range = about
            .as_ref()
            .and_then(|about| about.range.as_ref())
            .map(|range| format!(", range {}", range.text));
        format!("{}{}", type_word(data_type), range.unwrap_or_default())
    })
}

fn text(parts: &Parts, data_type: DataType) -> View {
    let entry = parts.entry;
    let numeric = data_type.is_numeric();
    let long = matches!(data_type, DataType::String | DataType::CoreLink)
        && entry
            .text
            .with_untracked(|text| text.len() > 60 || shared::text::has(text, '\n'));
    let hint = hint(parts.draft, data_type);
    let counted = Signal::derive(move || match data_type {
        DataType::String => format!(
            "{hint} · {} characters",
            entry.text.with(|text| text.chars().count())
        ),
        _ => hint.clone(),
    });
    if long {
        return parts.wrap(parts.area("input", None), counted);
    }
    let unit = parts
        .draft
        .about()
        .with_value(|about| about.as_ref()?.unit.as_ref().map(|unit| unit_word(unit)));
    let input = view! {
        <span class="with-unit">
            <input
                id=parts.id.clone()
                class="input"
                class:mono=numeric
                autocomplete="off"
                spellcheck="false"
                inputmode=match data_type {
                    DataType::Float => Some("decimal"),
                    _ if numeric => Some("numeric"),
                    _ => None,
                }
                aria-invalid=parts.invalid()
                aria-describedby=parts.note.clone()
                prop:value=move || entry.text.get()
                on:input=parts.typing()
            />
            {unit.map(|unit| view! { <span class="unit">{unit}</span> })}
        </span>
    };
    parts.wrap(input, counted)
}

fn list(parts: &Parts, choices: Vec<String>) -> View {
    let entry = parts.entry;
    let current = entry.text.get_untracked();
    let mut options = Vec::new();
    for choice in choices {
        options.push((choice.clone(), choice));
    }
    if !options.iter().any(|(choice, _)| *choice == current) {
        let word = if current.is_empty() {
            "Choose…".into()
        } else {
            format!("{current} (not in the list)")
        };
        options.insert(0, (current, word));
    }
    parts.wrap(select(parts, options), Signal::stored(String::new()))
}

fn select(parts: &Parts, options: Vec<(String, String)>) -> View {
    let entry = parts.entry;
    view! {
        <select
            id=parts.id.clone()
            class="input"
            aria-invalid=parts.invalid()
            aria-describedby=parts.note.clone()
            on:change=parts.typing()
        >
            {options
                .into_iter()
                .map(|(choice, word)| {
                    let chosen = entry.text.with_untracked(|text| *text == choice);
                    view! { <option value=choice selected=chosen>{word}</option> }
                })
                .collect_view()}
        </select>
    }
}

fn switch(parts: &Parts) -> View {
    let (text, touched) = (parts.entry.text, parts.touched);
    let on = move || text.with(|text| text == "true");
    let choose = move |event: web_sys::Event| {
        touched.set(true);
        text.set(true_or_false(event_target_checked(&event)).to_owned());
    };
    view! {
        <div class="field">
            <label class="switch" for=parts.id.clone()>
                <input
                    id=parts.id.clone()
                    type="checkbox"
                    role="switch"
                    prop:checked=on
                    on:change=choose
                />
                <span>{parts.label.clone()}</span>
                <b class="mono">{move || true_or_false(on())}</b>
            </label>
        </div>
    }
}

fn link(parts: &Parts) -> View {
    let device = expect_context::<Device>();
    let mut options = vec![
        (String::new(), "Choose…".to_owned()),
        ("65535:65535".to_owned(), "No link".to_owned()),
    ];
    for path in untrack(|| device.registered()) {
        if let [object, instance] = path.ids() {
            let name = device.name(path).unwrap_or_default();
            options.push((format!("{object}:{instance}"), format!("{path} {name}")));
        }
    }
    let current = parts.entry.text.get_untracked();
    if !options.iter().any(|(choice, _)| *choice == current) {
        options.push((current.clone(), format!("{current} (not registered)")));
    }
    parts.wrap(
        select(parts, options),
        Signal::stored("An object instance of this device".into()),
    )
}

fn time(parts: &Parts) -> View {
    let device = expect_context::<Device>();
    let entry = parts.entry;
    let shown = move || {
        entry
            .text
            .with(|text| text.parse().map(local_input).unwrap_or_default())
    };
    let touched = parts.touched;
    let set = move |text: String| {
        touched.set(true);
        entry.text.set(text);
    };
    let choose = move |event: web_sys::Event| set(from_local_input(&event_target_value(&event)));
    let set_now = Callback::new(move |()| {
        set(Timestamp::from_seconds(device.clock().exactly().seconds()).to_string());
    });
    let input = view! {
        <span class="with-unit">
            <input
                id=parts.id.clone()
                class="input"
                type="datetime-local"
                step="1"
                aria-invalid=parts.invalid()
                aria-describedby=parts.note.clone()
                prop:value=shown
                on:input=choose
            />
            <Button icon="clock" on_press=set_now>"Now"</Button>
        </span>
    };
    let hint = Signal::derive(move || {
        let utc = entry.text.get();
        if utc.is_empty() {
            "Your local time".into()
        } else {
            format!("Your local time; goes out as {utc}")
        }
    });
    parts.wrap(input, hint)
}

/// A time as `datetime-local` fields have it.
fn local_input(at: Timestamp) -> String {
    local(at).exact().replace(' ', "T")
}

/// What stands in a `datetime-local` field, in UTC; empty if it is no time.
fn from_local_input(text: &str) -> String {
    let milliseconds = js_sys::Date::new(&JsValue::from_str(text)).get_time();
    if milliseconds.is_nan() {
        return String::new();
    }
    Timestamp(milliseconds as i64).to_string()
}

fn bytes(parts: &Parts) -> View {
    let (draft, entry) = (parts.draft, parts.entry);
    let way = move |bytes_as: BytesAs, word: &'static str| {
        view! {
            <label class="choice">
                <input
                    type="radio"
                    name=format!("bytes-{}", entry.index)
                    prop:checked=move || draft.bytes_as().get() == bytes_as
                    on:change=move |_| draft.retype_bytes(bytes_as)
                />
                {word}
            </label>
        }
    };
    let area = view! {
        {parts.area("input mono", Some("false"))}
        <span class="byte-ways">
            {way(BytesAs::Hex, "Hexadecimal")}
            {way(BytesAs::Base64, "Base64")}
            {from_file(parts)}
        </span>
    };
    let limits = hint(draft, DataType::Opaque);
    let hint = Signal::derive(move || {
        let length =
            entry.text.with(
                |text| match edit::parse(DataType::Opaque, text, draft.bytes_as().get()) {
                    Ok(shared::Value::Opaque(bytes)) => Some(bytes.len()),
                    _ => None,
                },
            );
        length.map_or_else(|| limits.clone(), |length| format!("{limits} · {length} bytes"))
    });
    parts.wrap(area, hint)
}

/// Takes the bytes of a file.
fn from_file(parts: &Parts) -> View {
    let (draft, entry) = (parts.draft, parts.entry);
    let refused = RwSignal::new(None::<String>);
    let node = NodeRef::<web_sys::HtmlInputElement>::new();
    let touched = parts.touched;
    let take = move |_| {
        let Some(file) = node.get_untracked().and_then(|input| input.files()?.get(0)) else {
            return;
        };
        if file.size() > MAX_FILE {
            refused.set(Some("The file is larger than 1 MiB.".into()));
            return;
        }
        crate::reactive::spawn_local(async move {
            let read = JsFuture::from(file.unchecked_ref::<web_sys::Blob>().array_buffer()).await;
            let Ok(buffer) = read else {
                refused.set(Some("The file cannot be read.".into()));
                return;
            };
            let value = shared::Value::Opaque(js_sys::Uint8Array::new(&buffer).to_vec());
            refused.set(None);
            touched.set(true);
            entry
                .text
                .set(edit::text_of(&value, draft.bytes_as().get_untracked()));
        });
    };
    view! {
        <label class="file-way">
            <Icon name="upload" />
            <span>{move || refused.get().unwrap_or_else(|| "From a file".into())}</span>
            <input type="file" class="visually-hidden" node_ref=node on:change=take />
        </label>
    }
}
