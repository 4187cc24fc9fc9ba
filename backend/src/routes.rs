//! Everything that answers over HTTP, put together: API, live feed, page, health, metrics.

use crate::app::App;
use crate::{api, health, live, metrics, openapi, ui};
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::get;
use tower_http::compression::{CompressionLayer, CompressionLevel};

/// The service of one server.
pub fn router(app: &App) -> Router {
    let api = utoipa_axum::router::OpenApiRouter::new().nest("/api/v1", api::router(app));
    let (router, _) = api.split_for_parts();
    router
        .route("/api/openapi.json", get(openapi::serve))
        .route("/ws", get(live::serve))
        .route("/healthz", get(health::healthz))
        .route("/readyz", get(health::readyz))
        .route("/metrics", get(metrics::serve))
        .fallback(ui::serve)
        // Bodies are read, and bounded, by the one extractor that takes them.
        .layer(DefaultBodyLimit::disable())
        .layer(CompressionLayer::new().quality(CompressionLevel::Precise(4)))
        .layer(from_fn(ui::security_headers))
        .layer(from_fn_with_state(app.clone(), api::envelope))
        .with_state(app.clone())
}
