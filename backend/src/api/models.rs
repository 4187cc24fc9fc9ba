//! `/models`: the definitions of objects, and those one device has.

use super::answer::Json;
use super::extract::{UrlPath, UrlQuery, XmlBody};
use super::{AuditNote, Failure, Router, page_size};
use crate::app::App;
use crate::auth::guard::{Operator, Viewer};
use axum::Extension;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use shared::api::{DeviceModelList, ErrorCode, ModelList, ModelSummary, ModelUploadList};
use shared::model::{DeviceModels, ObjectModel, ObjectVersion};
use std::collections::BTreeSet;
use std::sync::Arc;
use utoipa_axum::routes;

pub(super) fn router() -> Router {
    Router::new()
        .routes(routes!(list, upload))
        .routes(routes!(get, remove))
        .routes(routes!(of_device))
}

#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Query {
    /// Words that must all occur in the name or the description; or an object id.
    query: Option<String>,
    /// How many to leave out from the beginning.
    offset: Option<u32>,
    /// At most 1000; 100 if absent.
    limit: Option<u32>,
    /// Only those that were uploaded, or only those that come with the program.
    uploaded: Option<bool>,
}

/// The object definitions that are known.
#[utoipa::path(get, path = "/models", tag = "models", params(Query), responses((status = 200, body = ModelList)))]
async fn list(
    Viewer(_): Viewer,
    State(app): State<App>,
    UrlQuery(query): UrlQuery<Query>,
) -> Result<Json<ModelList>, Failure> {
    let limit = page_size(query.limit, 100, 1000)? as usize;
    let offset = query.offset.unwrap_or(0) as usize;
    let words = query.query.unwrap_or_default().to_lowercase();
    let words: Vec<&str> = words.split_whitespace().collect();
    let models = app.core.models();
    let (registry, uploaded) = (models.get(), models.uploaded());
    let found: Vec<&Arc<ObjectModel>> = registry
        .iter()
        .filter(|model| {
            query
                .uploaded
                .is_none_or(|is| is == uploaded.contains(&(model.id, model.version)))
        })
        .filter(|model| matches(model, &words))
        .collect();
    let items = found
        .iter()
        .skip(offset)
        .take(limit)
        .map(|model| summary(model, uploaded.contains(&(model.id, model.version))))
        .collect();
    let total = found.len() as u64;
    Ok(Json(ModelList { items, total }))
}

fn matches(model: &ObjectModel, words: &[&str]) -> bool {
    let name = model.name.to_lowercase();
    let description = model.description.as_deref().unwrap_or("").to_lowercase();
    let id = model.id.to_string();
    words
        .iter()
        .all(|word| name.contains(word) || description.contains(word) || id == *word)
}

fn summary(model: &ObjectModel, uploaded: bool) -> ModelSummary {
    ModelSummary {
        id: model.id,
        version: model.version,
        name: model.name.clone(),
        multiple: model.multiple,
        description: model.description.clone(),
        uploaded,
    }
}

/// Upload the object definitions of a DDF file, all of them or none. They are in effect at once, also for devices
/// that are connected. One that was uploaded before is replaced; one that contradicts what is built in is refused.
#[utoipa::path(post, path = "/models", tag = "models",
    request_body(content = String, content_type = "application/xml"),
    responses((status = 200, body = ModelUploadList),
        (status = 400, description = "The file cannot be used; the message says in which lines"),
        (status = 409, description = "It contradicts a built-in definition"), (status = 413), (status = 415)))]
async fn upload(
    Operator(_): Operator,
    State(app): State<App>,
    Extension(note): Extension<AuditNote>,
    XmlBody(xml): XmlBody,
) -> Result<Json<ModelUploadList>, Failure> {
    let items = app.core.upload_models(&xml).await?;
    let names: Vec<String> = items
        .iter()
        .take(20)
        .map(|item| format!("{} {}", item.id, item.version))
        .collect();
    note.detail(format!("{} definitions: {}", items.len(), names.join(", ")));
    Ok(Json(ModelUploadList { items }))
}

/// Remove an uploaded definition. A built-in one of the same version counts again.
#[utoipa::path(delete, path = "/models/{id}", tag = "models", params(("id" = u16, Path), Which),
    responses((status = 204), (status = 404), (status = 409, description = "It is built in, or more than one version was uploaded")))]
async fn remove(
    Operator(_): Operator,
    State(app): State<App>,
    UrlPath(id): UrlPath<u16>,
    UrlQuery(which): UrlQuery<Which>,
    Extension(note): Extension<AuditNote>,
) -> Result<StatusCode, Failure> {
    let removed = app.core.remove_model(id, which.version()?).await?;
    note.detail(format!("definition {id} {removed}"));
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Which {
    /// As in `1.1`. If absent: the newest; for removing, the one that was uploaded.
    version: Option<String>,
}

impl Which {
    fn version(&self) -> Result<Option<ObjectVersion>, Failure> {
        self.version
            .as_deref()
            .map(|text| {
                text.parse()
                    .map_err(|error| Failure::bad_request(format!("version: {error}")))
            })
            .transpose()
    }
}

/// One object definition with its resources.
#[utoipa::path(get, path = "/models/{id}", tag = "models", params(("id" = u16, Path), Which),
    responses((status = 200, body = ObjectModel), (status = 404)))]
async fn get(
    Viewer(_): Viewer,
    State(app): State<App>,
    UrlPath(id): UrlPath<u16>,
    UrlQuery(which): UrlQuery<Which>,
) -> Result<Json<ObjectModel>, Failure> {
    let registry = app.core.models().get();
    let model = match which.version()? {
        Some(version) => registry.get(id, version),
        None => registry.latest(id),
    };
    let missing = || {
        let version = which
            .version
            .as_deref()
            .map(|text| format!(" in version {text}"))
            .unwrap_or_default();
        Failure::new(
            ErrorCode::NotFound,
            format!("no definition of the object {id} is known{version}"),
        )
    };
    model
        .map(|model| Json(ObjectModel::clone(model)))
        .ok_or_else(missing)
}

/// The definitions of the objects that a device registered, in the versions in effect.
#[utoipa::path(get, path = "/devices/{endpoint}/models", tag = "models", params(("endpoint" = String, Path)),
    responses((status = 200, body = DeviceModelList), (status = 404)))]
async fn of_device(
    Viewer(_): Viewer,
    State(app): State<App>,
    UrlPath(endpoint): UrlPath<String>,
) -> Result<Json<DeviceModelList>, Failure> {
    let device = app
        .core
        .device(&endpoint)
        .ok_or_else(|| Failure::no_device(&endpoint))?;
    let Some(registration) = device.registration else {
        return Ok(Json(DeviceModelList::default()));
    };
    let registry = app.core.models().get();
    let models = DeviceModels::new(&registry, &registration.object_versions);
    let ids: BTreeSet<u16> = registration
        .objects
        .iter()
        .filter_map(shared::Path::object_id)
        .collect();
    let items = ids
        .into_iter()
        .filter_map(|id| models.object(id))
        .cloned()
        .collect();
    Ok(Json(DeviceModelList { items }))
}
