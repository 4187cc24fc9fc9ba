//! The live feed, `/ws`: pushes what happens to the pages that watch it.
//!
//! One task for each feed. What it holds is bounded: subscriptions keep what is dirty, not what happened, and publish at
//! most twenty times a second. A page that reads too slowly makes its own task wait, never a device: the task then misses
//! events and makes up for it, or tells the page to read the state anew.

mod bootstrap;
mod codec;
mod connection;
mod device;
mod fleet;
mod list;
mod presence;
mod provisioning;
mod source;
mod subscriptions;
mod trace;

use crate::api::Failure;
use crate::app::App;
use crate::auth::guard::identify;
use crate::auth::origin;
use axum::extract::State;
use axum::extract::ws::WebSocketUpgrade;
use axum::http::HeaderMap;
use axum::response::Response;
use codec::Codec;
pub use presence::Presence;
use serde::Deserialize;
use shared::api::ErrorCode;

/// The largest frame that a page may send: a list window of 500 endpoint names.
const LARGEST: usize = 256 * 1024;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Parameters {
    codec: Codec,
}

/// Opens a feed for whoever is logged in.
///
/// # Errors
/// 401 without a session or token, 403 for a page of another site, 503 if too many feeds are open.
pub async fn serve(
    State(app): State<App>,
    headers: HeaderMap,
    query: Result<axum::extract::Query<Parameters>, axum::extract::rejection::QueryRejection>,
    upgrade: WebSocketUpgrade,
) -> Result<Response, Failure> {
    let parameters = query?.0;
    if !origin::is_own(&headers, &app.config.http.allowed_origins) {
        return Err(Failure::new(
            ErrorCode::Forbidden,
            "the request comes from a page of another site",
        ));
    }
    let identity = identify(&app, &headers).await?;
    let identity =
        identity.ok_or_else(|| Failure::new(ErrorCode::Unauthorized, "log in, or send an API token"))?;
    if app.is_stopping() {
        return Err(Failure::stopping());
    }
    let slot = app.live_slots.clone().try_acquire_owned().map_err(|_| {
        Failure::new(
            ErrorCode::Unavailable,
            "as many live feeds are open as the configuration allows",
        )
    })?;
    let upgrade = upgrade.max_message_size(LARGEST).max_frame_size(LARGEST);
    Ok(upgrade.on_upgrade(move |socket| async move {
        connection::run(app, socket, parameters.codec, identity).await;
        drop(slot);
    }))
}
