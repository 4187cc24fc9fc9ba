//! `/healthz` and `/readyz`: for whoever watches over the process. They need no log-in and tell nothing.

use crate::api::Failure;
use crate::app::App;
use axum::extract::State;

/// The process answers.
pub async fn healthz() -> &'static str {
    "ok\n"
}

/// The server serves: its database answers and it is not about to stop.
///
/// # Errors
/// 503 while it does not.
pub async fn readyz(State(app): State<App>) -> Result<&'static str, Failure> {
    if app.is_stopping() {
        return Err(Failure::stopping());
    }
    let answer = app
        .core
        .store()
        .read(|connection| Ok(connection.query_row("SELECT 1", [], |_| Ok(()))?))
        .await;
    answer.map(|()| "ready\n").map_err(|error| Failure {
        detail: Some(error.to_string()),
        ..Failure::new(
            shared::api::ErrorCode::Unavailable,
            "the database does not answer",
        )
    })
}
