//! The OpenAPI document, made from the routes themselves.

use crate::api;
use axum::Json;
use utoipa::OpenApi as _;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{OpenApi, PathItem};

#[derive(utoipa::OpenApi)]
#[openapi(
    info(
        title = "Muster",
        description = "LwM2M device management. Errors are {code, message, request_id} with a closed set of codes.",
    ),
    components(schemas(shared::api::ApiError)),
    security(("token" = []), ("session" = []))
)]
struct Base;

/// The document with all routes.
pub fn document() -> OpenApi {
    let routes =
        utoipa_axum::router::OpenApiRouter::with_openapi(Base::openapi()).nest("/api/v1", api::routes());
    let mut document = routes.into_openapi();
    // The router's mark for "the rest of the path" means nothing in OpenAPI.
    let paths = std::mem::take(&mut document.paths.paths);
    document.paths.paths = paths
        .into_iter()
        .map(|(path, item)| (path.replace("{*", "{"), with_unique_names(item)))
        .collect();
    let components = document.components.get_or_insert_default();
    let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build();
    components.add_security_scheme("token", SecurityScheme::Http(bearer));
    let cookie = ApiKey::Cookie(ApiKeyValue::with_description(
        crate::auth::guard::COOKIE,
        "Set by POST /session. Requests that change something also send X-CSRF-Token, as GET /session tells it.",
    ));
    components.add_security_scheme("session", SecurityScheme::ApiKey(cookie));
    document
}

/// Handlers are called `list` and `get` in every file; generated clients want different names.
fn with_unique_names(mut item: PathItem) -> PathItem {
    let operations = [
        &mut item.get,
        &mut item.post,
        &mut item.patch,
        &mut item.put,
        &mut item.delete,
    ];
    for operation in operations.into_iter().flatten() {
        let tag = operation.tags.as_ref().and_then(|tags| tags.first());
        if let (Some(tag), Some(name)) = (tag, &operation.operation_id) {
            operation.operation_id = Some(format!("{tag}_{name}"));
        }
    }
    item
}

/// `/api/openapi.json`. Open to all: it tells what the source tells.
pub async fn serve() -> Json<OpenApi> {
    Json(document())
}
