//! The REST interface under `/api/v1`: one file for each resource, each with its part of the OpenAPI document.

mod access;
mod answer;
mod audit;
mod bootstrap;
mod bootstrap_credentials;
mod compact;
mod credentials;
mod csv;
mod decommission;
mod devices;
mod diagnosis;
mod envelope;
mod error;
mod events;
mod export;
mod extract;
mod fleet;
mod links;
mod models;
mod observations;
mod operations;
mod path_sets;
mod profiles;
mod provisioning;
mod samples;
mod saved_views;
mod server;
mod session;
mod sessions;
mod tokens;
mod trace;
mod transmission;
mod users;
mod values;

pub use audit::AuditNote;
pub use envelope::{RequestId, envelope};
pub use error::Failure;
pub use extract::ClientAddress;

use crate::app::App;
use crate::auth::guard;
use axum::middleware::{from_fn, from_fn_with_state};

/// A router that also knows its OpenAPI document.
type Router = utoipa_axum::router::OpenApiRouter<App>;

/// All resources, behind the guard and the audit log, without the prefix.
pub fn router(app: &App) -> Router {
    routes()
        .layer(from_fn(answer::write))
        .layer(from_fn_with_state(app.clone(), guard::recognise))
        .layer(from_fn_with_state(app.clone(), audit::keep))
}

/// All resources, without what lies around them.
pub fn routes() -> Router {
    Router::new()
        .merge(session::router())
        .merge(sessions::router())
        .merge(users::router())
        .merge(tokens::router())
        .merge(links::router())
        .merge(devices::router())
        .merge(diagnosis::router())
        .merge(values::router())
        .merge(operations::router())
        .merge(observations::router())
        .merge(profiles::router())
        .merge(path_sets::router())
        .merge(saved_views::router())
        .merge(events::router())
        .merge(trace::router())
        .merge(transmission::router())
        .merge(samples::router())
        .merge(models::router())
        .merge(fleet::router())
        .merge(export::router())
        .merge(server::router())
        .merge(credentials::router())
        .merge(audit::router())
        .merge(bootstrap::router())
        .merge(bootstrap_credentials::router())
        .merge(provisioning::router())
        .merge(decommission::router())
        .merge(access::router())
}

/// The size of a page that a query asks for.
fn page_size(asked: Option<u32>, default: u32, most: u32) -> Result<u32, Failure> {
    match asked.unwrap_or(default) {
        limit if (1..=most).contains(&limit) => Ok(limit),
        limit => Err(Failure::bad_request(format!(
            "limit: {limit} is not between 1 and {most}"
        ))),
    }
}
