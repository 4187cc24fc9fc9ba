//! `/models`: the definitions of objects, and those one device has.

use super::answer::Json;
use super::extract::{UrlPath, UrlQuery};
use super::{Failure, Router, page_size};
use crate::app::App;
use crate::auth::guard::Viewer;
use axum::extract::State;
use serde::Deserialize;
use shared::api::{DeviceModelList, ErrorCode, ModelList, ModelSummary};
use shared::model::{DeviceModels, ObjectModel, ObjectVersion};
use std::collections::BTreeSet;
use std::sync::Arc;
use utoipa_axum::routes;

pub(super) fn router() -> Router {
    Router::new()
        .routes(routes!(list))
        .routes(routes!(get))
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
    let registry = app.core.models().get();
    let found: Vec<&Arc<ObjectModel>> = registry.iter().filter(|model| matches(model, &words)).collect();
    let items = found
        .iter()
        .skip(offset)
        .take(limit)
        .map(|model| summary(model))
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

fn summary(model: &ObjectModel) -> ModelSummary {
    ModelSummary {
        id: model.id,
        version: model.version,
        name: model.name.clone(),
        multiple: model.multiple,
        description: model.description.clone(),
    }
}

#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Which {
    /// As in `1.1`; the newest if absent.
    version: Option<String>,
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
    let model = match &which.version {
        Some(text) => {
            let version: ObjectVersion = text
                .parse()
                .map_err(|error| Failure::bad_request(format!("version: {error}")))?;
            registry.get(id, version)
        }
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
