//! A value that is being typed: its text, its type, and whether it fits.

use super::super::store::{Device, parts};
use super::super::view::below;
use super::edit::{self, BytesAs};
use crate::dom::prelude::*;
use shared::api::JsonValue;
use shared::json::Object;
use shared::model::ResourceModel;
use shared::{DataType, Path};

/// One typed text; several for a resource with instances.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Entry {
    /// The resource instance id.
    pub(super) index: u16,
    pub(super) text: RwSignal<String>,
}

impl Entry {
    pub(super) fn new(index: u16, text: String) -> Entry {
        let text = RwSignal::new(text);
        Entry { index, text }
    }
}

/// The value of one resource, or resource instance, that is being typed. One number, because every field passes it on.
#[derive(Debug, Clone, Copy)]
pub(super) struct Draft(StoredValue<Parts>);

parts! {
    Draft(Parts):
    pub(super) path: Path,
    pub(super) name: String,
    pub(super) about: StoredValue<Option<ResourceModel>>,
    pub(super) data_type: RwSignal<DataType>,
    pub(super) bytes_as: RwSignal<BytesAs>,
    /// Whether the resource has instances.
    pub(super) many: bool,
    /// Whether it goes out, in a form of several.
    pub(super) included: RwSignal<bool>,
    pub(super) entries: RwSignal<Vec<Entry>>,
}

impl Draft {
    /// Starts from what is known of the path; from nothing with `fresh`.
    pub(super) fn new(device: Device, path: Path, fresh: bool) -> Draft {
        let about = device.resource_model(path);
        let values = untrack(|| {
            device.values(|values| match fresh {
                true => Vec::new(),
                false => below(values, path).to_vec(),
            })
        });
        let told = values
            .first()
            .map(|(_, known)| known.value.data_type())
            .filter(|told| *told != DataType::None);
        let data_type = about
            .as_ref()
            .map(|about| about.data_type)
            .or(told)
            .unwrap_or(DataType::String);
        let many = path.depth() == 3
            && about.as_ref().map_or_else(
                || values.iter().any(|(at, _)| at.depth() == 4),
                |about| about.multiple,
            );
        let mut entries = Vec::new();
        for (at, known) in &values {
            let fits = if many { at.depth() == 4 } else { *at == path };
            if fits {
                let index = at.resource_instance_id().unwrap_or_default();
                entries.push(Entry::new(index, edit::text_of(&known.value, BytesAs::Hex)));
            }
        }
        if entries.is_empty() {
            entries.push(Entry::new(0, edit::blank(data_type).into()));
        }
        let name = super::tree::resource_name(about.as_ref(), path);
        Draft::of(path, name, about, data_type, many, entries)
    }

    /// Begins with these texts.
    pub(super) fn of(
        path: Path,
        name: String,
        about: Option<ResourceModel>,
        data_type: DataType,
        many: bool,
        entries: Vec<Entry>,
    ) -> Draft {
        Draft(StoredValue::new(Parts {
            path,
            name,
            about: StoredValue::new(about),
            data_type: RwSignal::new(data_type),
            bytes_as: RwSignal::new(BytesAs::Hex),
            many,
            included: RwSignal::new(true),
            entries: RwSignal::new(entries),
        }))
    }

    /// Adds an instance after the last.
    pub(super) fn add(self) {
        let blank = edit::blank(self.data_type().get_untracked());
        self.entries().update(|entries| {
            let last = entries.iter().map(|entry| entry.index).max();
            let index = last.map_or(0, |last| last.saturating_add(1));
            entries.push(Entry::new(index, blank.into()));
        });
    }

    pub(super) fn remove(self, index: u16) {
        self.entries()
            .update(|entries| entries.retain(|entry| entry.index != index));
    }

    /// Reads one entry as bytes are typed now.
    fn read(self, entry: Entry) -> Result<JsonValue, String> {
        let text = entry.text.get();
        self.about().with_value(|about| {
            edit::parse_for(
                self.data_type().get(),
                about.as_ref(),
                &text,
                self.bytes_as().get(),
            )
            .map(|value| value.to_json())
        })
    }

    /// Why an entry does not fit.
    pub(super) fn error(self, entry: Entry) -> Option<String> {
        self.read(entry).err()
    }

    /// The value as the API takes it.
    ///
    /// # Errors
    /// The words for the first entry that does not fit.
    pub(super) fn value(self) -> Result<JsonValue, String> {
        let entries = self.entries().get();
        if self.many() {
            let mut instances = Object::new();
            for entry in entries {
                instances.insert(entry.index.to_string(), self.read(entry)?);
            }
            return Ok(JsonValue::Object(instances));
        }
        entries
            .first()
            .map_or_else(|| Err("There is no value.".into()), |entry| self.read(*entry))
    }

    /// Shows the bytes in the other notation, when they can be read in this one.
    pub(super) fn retype_bytes(self, bytes_as: BytesAs) {
        let before = self.bytes_as().get_untracked();
        for entry in self.entries().get_untracked() {
            if let Ok(value) = edit::parse(DataType::Opaque, &entry.text.get_untracked(), before) {
                entry.text.set(edit::text_of(&value, bytes_as));
            }
        }
        self.bytes_as().set(bytes_as);
    }
}
