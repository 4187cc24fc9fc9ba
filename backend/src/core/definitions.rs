//! Object definitions that people upload: checked, kept in the store, and in effect at once.
//!
//! An uploaded definition comes before a built-in one of the same version, so that it can bring texts and units, but
//! it must not contradict it: the built-in facts are those of the public registry.

use super::{Core, Models};
use crate::registry;
use crate::store::{Store, StoreError};
use rusqlite::{Connection, OptionalExtension, Transaction};
use shared::api::{ModelChange, ModelUpload};
use shared::model::ddf::{self, DdfError};
use shared::model::{ObjectModel, ObjectVersion, Registry, ResourceModel};
use std::collections::BTreeSet;

/// The most definitions that are kept.
const MOST: i64 = 4096;
/// Why a write was undone that would have brought more.
const FULL: &str = "too many definitions";
/// The most errors of a definition that are told.
const TOLD: usize = 20;

/// Why a definition is not taken or not removed.
#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    /// With the lines where it goes wrong.
    #[error("{}", in_words(.0))]
    Definition(Vec<DdfError>),
    #[error("object {0} {1} is in the file twice")]
    Twice(u16, ObjectVersion),
    #[error("object {id} {version} is built in, and the file contradicts it: {what}")]
    Contradicts {
        id: u16,
        version: ObjectVersion,
        what: String,
    },
    #[error("{MOST} definitions are kept already, which is as many as may be")]
    Full,
    #[error("no definition of the object {id}{} was uploaded", in_version(*.version))]
    NotUploaded { id: u16, version: Option<ObjectVersion> },
    #[error("several versions of the object {0} were uploaded; say which one with 'version'")]
    WhichVersion(u16),
    #[error("object {0} {1} is built in and cannot be removed")]
    BuiltIn(u16, ObjectVersion),
    #[error(transparent)]
    Store(#[from] StoreError),
}

fn in_words(errors: &[DdfError]) -> String {
    let mut lines: Vec<String> = errors.iter().take(TOLD).map(ToString::to_string).collect();
    if errors.len() > TOLD {
        lines.push(format!("and {} more", errors.len() - TOLD));
    }
    lines.join("; ")
}

fn in_version(version: Option<ObjectVersion>) -> String {
    version.map_or_else(String::new, |version| format!(" in version {version}"))
}

impl Core {
    /// Takes the objects of a DDF file, all of them or none.
    ///
    /// # Errors
    /// [`ModelError`]; nothing is changed then.
    pub async fn upload_models(&self, xml: &str) -> Result<Vec<ModelUpload>, ModelError> {
        let models = self.models();
        let done = import(&self.inner.store, models.builtin(), xml).await?;
        self.reload_models().await?;
        Ok(done)
    }

    /// Removes an uploaded definition; a built-in one of the same version counts again.
    ///
    /// # Errors
    /// [`ModelError`] if it was not uploaded.
    pub async fn remove_model(
        &self,
        id: u16,
        version: Option<ObjectVersion>,
    ) -> Result<ObjectVersion, ModelError> {
        let models = self.models();
        let uploaded = models.uploaded();
        let mut versions = uploaded
            .iter()
            .filter(|(known, found)| *known == id && version.is_none_or(|version| version == *found))
            .map(|(_, version)| *version);
        let Some(found) = versions.next() else {
            let builtin = match version {
                Some(version) => models.builtin().get(id, version),
                None => models.builtin().latest(id),
            };
            return Err(match builtin {
                Some(builtin) => ModelError::BuiltIn(id, builtin.version),
                None => ModelError::NotUploaded { id, version },
            });
        };
        if versions.next().is_some() {
            return Err(ModelError::WhichVersion(id));
        }
        let removed = self.inner.store.write(move |transaction| {
            let sql = "DELETE FROM model WHERE id = ?1 AND version = ?2";
            let removed = transaction
                .prepare_cached(sql)?
                .execute((id, found.to_string()))?;
            changed(transaction)?;
            Ok(removed)
        });
        if removed.await? == 0 {
            return Err(ModelError::NotUploaded {
                id,
                version: Some(found),
            });
        }
        self.reload_models().await?;
        Ok(found)
    }

    async fn reload_models(&self) -> Result<(), StoreError> {
        let (number, uploaded) = self
            .inner
            .store
            .read(|connection| Ok((change_number(connection)?, read(connection)?)))
            .await?;
        self.inner
            .models_read
            .store(number, std::sync::atomic::Ordering::Release);
        self.models().set_uploaded(uploaded);
        Ok(())
    }

    /// Reads the uploaded definitions anew if the command line changed them.
    ///
    /// # Errors
    /// [`StoreError`] if the store cannot be read.
    pub async fn refresh_models(&self) -> Result<(), StoreError> {
        let number = self.inner.store.read(change_number).await?;
        if number != self.inner.models_read.load(std::sync::atomic::Ordering::Acquire) {
            self.reload_models().await?;
        }
        Ok(())
    }
}

/// Takes the objects of a DDF file into the store, all of them or none.
pub(crate) async fn import(
    store: &Store,
    builtin: &Registry,
    xml: &str,
) -> Result<Vec<ModelUpload>, ModelError> {
    let objects = ddf::parse(xml).map_err(ModelError::Definition)?;
    let mut seen = BTreeSet::new();
    for object in &objects {
        if !seen.insert((object.id, object.version)) {
            return Err(ModelError::Twice(object.id, object.version));
        }
        if let Some(known) = builtin.get(object.id, object.version)
            && let Some(what) = contradiction(known, object)
        {
            return Err(ModelError::Contradicts {
                id: object.id,
                version: object.version,
                what,
            });
        }
    }
    let now = registry::now();
    let kept = store.write(move |transaction| {
        let mut done = Vec::with_capacity(objects.len());
        for object in &objects {
            done.push(ModelUpload {
                id: object.id,
                version: object.version,
                name: object.name.clone(),
                change: keep(transaction, object, now)?,
            });
        }
        let count: i64 = transaction.query_row("SELECT count(*) FROM model", [], |row| row.get(0))?;
        if count > MOST {
            return Err(StoreError::Refused(FULL.to_owned()));
        }
        changed(transaction)?;
        Ok(done)
    });
    match kept.await {
        Err(StoreError::Refused(why)) if why == FULL => Err(ModelError::Full),
        kept => Ok(kept?),
    }
}

fn keep(
    transaction: &Transaction<'_>,
    object: &ObjectModel,
    now: shared::Timestamp,
) -> Result<ModelChange, StoreError> {
    let definition = serde_json::to_string(object).map_err(|error| StoreError::Corrupt(error.to_string()))?;
    let key = (object.id, object.version.to_string());
    let known: Option<String> = transaction
        .prepare_cached("SELECT definition FROM model WHERE id = ?1 AND version = ?2")?
        .query_row(key.clone(), |row| row.get(0))
        .optional()?;
    if known.as_ref() == Some(&definition) {
        return Ok(ModelChange::Unchanged);
    }
    transaction
        .prepare_cached("INSERT OR REPLACE INTO model (id, version, definition, at) VALUES (?1, ?2, ?3, ?4)")?
        .execute((key.0, key.1, definition, now.0))?;
    Ok(match known {
        Some(_) => ModelChange::Replaced,
        None => ModelChange::Added,
    })
}

/// What two definitions of one version cannot both be right about.
fn contradiction(builtin: &ObjectModel, uploaded: &ObjectModel) -> Option<String> {
    if builtin.multiple != uploaded.multiple {
        let says = |multiple| {
            if multiple {
                "several instances"
            } else {
                "one instance"
            }
        };
        return Some(format!(
            "it has {}, not {}",
            says(builtin.multiple),
            says(uploaded.multiple)
        ));
    }
    for resource in &builtin.resources {
        let place = format!("resource {} ({})", resource.id, resource.name);
        match uploaded.resource(resource.id) {
            None => return Some(format!("{place} is missing")),
            Some(other) => {
                if let Some(what) = resource_contradiction(resource, other) {
                    return Some(format!("{place} {what}"));
                }
            }
        }
    }
    let added = uploaded
        .resources
        .iter()
        .find(|resource| builtin.resource(resource.id).is_none())?;
    Some(format!("it has no resource {} ({})", added.id, added.name))
}

fn resource_contradiction(builtin: &ResourceModel, uploaded: &ResourceModel) -> Option<String> {
    let letters = |model: &ResourceModel| match model.operations.letters() {
        "" => "no operation",
        letters => letters,
    };
    if builtin.data_type != uploaded.data_type {
        return Some(format!(
            "is of type {}, not {}",
            builtin.data_type.name(),
            uploaded.data_type.name()
        ));
    }
    if builtin.operations != uploaded.operations {
        return Some(format!("allows {}, not {}", letters(builtin), letters(uploaded)));
    }
    (builtin.multiple != uploaded.multiple).then(|| {
        let says = |multiple| if multiple { "several values" } else { "one value" };
        format!("has {}, not {}", says(builtin.multiple), says(uploaded.multiple))
    })
}

/// The uploaded definitions in the store. One that cannot be read is left out and told.
pub(super) fn read(connection: &Connection) -> Result<Vec<ObjectModel>, StoreError> {
    let mut statement = connection.prepare_cached("SELECT id, definition FROM model ORDER BY id, version")?;
    let mut rows = statement.query([])?;
    let mut models = Vec::new();
    while let Some(row) = rows.next()? {
        match serde_json::from_str(&row.get::<_, String>(1)?) {
            Ok(model) => models.push(model),
            Err(error) => {
                tracing::error!(object = row.get::<_, i64>(0)?, %error, "a definition cannot be read");
            }
        }
    }
    Ok(models)
}

/// How often the uploaded definitions were changed, by whatever process.
pub(super) fn change_number(connection: &Connection) -> Result<u64, StoreError> {
    let number = connection
        .prepare_cached("SELECT value FROM counter WHERE name = 'models'")?
        .query_row([], |row| row.get::<_, i64>(0))
        .optional()?;
    Ok(u64::try_from(number.unwrap_or(0)).unwrap_or(0))
}

fn changed(transaction: &Transaction<'_>) -> Result<(), StoreError> {
    transaction.execute(
        "INSERT INTO counter (name, value) VALUES ('models', 1)
         ON CONFLICT (name) DO UPDATE SET value = value + 1",
        [],
    )?;
    Ok(())
}

/// The definitions at the start, with the number of their last change.
pub(super) fn at_start(store: &Store) -> Result<(Models, u64), StoreError> {
    let (number, uploaded) =
        store.read_now(|connection| Ok((change_number(connection)?, read(connection)?)))?;
    Ok((Models::new(Registry::builtin(), uploaded), number))
}
