//! `/devices.csv`: every device that a query finds, as a table, written while it is sent.

use super::csv::for_spreadsheet;
use super::extract::UrlQuery;
use super::{Failure, Router};
use crate::app::App;
use crate::auth::guard::Viewer;
use crate::core::Core;
use crate::registry::DeviceNumber;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use futures_util::{StreamExt, stream};
use shared::api::{DeviceColumn, DeviceExport, DeviceRow};
use std::convert::Infallible;
use utoipa_axum::routes;

/// Rows of one piece: the registry is not held longer than for so many.
const PIECE: usize = 500;

pub(super) fn router() -> Router {
    Router::new().routes(routes!(csv))
}

/// All devices that match as CSV: first the columns' names, then a line for each. Which devices and in which order is as of
/// the request; what stands there is as of when it is written.
#[utoipa::path(get, path = "/devices.csv", tag = "devices", params(DeviceExport),
    responses((status = 200, content_type = "text/csv", body = String), (status = 400)))]
async fn csv(
    Viewer(_): Viewer,
    State(app): State<App>,
    UrlQuery(export): UrlQuery<DeviceExport>,
) -> Result<Response, Failure> {
    let columns = match export.columns.as_deref() {
        Some(names) => DeviceColumn::parse_list(names)
            .map_err(|name| Failure::bad_request(format!("'{name}' is no column, or stands there twice")))?,
        None => DeviceColumn::all().collect(),
    };
    if columns.is_empty() {
        return Err(Failure::bad_request("'columns' names no column"));
    }
    let core = app.core.clone();
    let query = export.query.unwrap_or_default();
    // The order of a large fleet takes too long for a thread that others wait for.
    let sorted = tokio::task::spawn_blocking(move || core.in_order(&query, export.sort.as_deref())).await;
    let devices = sorted.map_err(|error| Failure::internal(error.to_string()))??;
    let head = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8"),
        (
            header::CONTENT_DISPOSITION,
            "attachment; filename=\"devices.csv\"",
        ),
    ];
    Ok((head, body(app.core.clone(), devices, columns)).into_response())
}

/// The table in pieces, each read when the one before it was taken.
fn body(core: Core, devices: Vec<DeviceNumber>, columns: Vec<DeviceColumn>) -> Body {
    let names: Vec<&str> = columns.iter().map(|column| column.name()).collect();
    let head = names.join(",") + "\r\n";
    let pieces = stream::unfold((head, 0), move |(mut text, from)| {
        let until = devices.len().min(from + PIECE);
        let piece = devices.get(from..until).unwrap_or_default();
        for row in core.rows_of(piece) {
            write(&mut text, &columns, &row);
        }
        let written =
            (!text.is_empty()).then(|| (Ok::<_, Infallible>(Bytes::from(text)), (String::new(), until)));
        std::future::ready(written)
    });
    // What packs the body asks once more behind its end.
    Body::from_stream(pieces.fuse())
}

fn write(text: &mut String, columns: &[DeviceColumn], row: &DeviceRow) {
    for (place, column) in columns.iter().enumerate() {
        if place > 0 {
            text.push(',');
        }
        text.push_str(&for_spreadsheet(&field(*column, row)));
    }
    text.push_str("\r\n");
}

/// What a row has in a column: times as RFC 3339 in UTC, a lifetime in seconds; nothing for what is not known.
fn field(column: DeviceColumn, row: &DeviceRow) -> String {
    let number = |number: Option<i32>| number.map(|number| number.to_string());
    let found = match column {
        DeviceColumn::State => Some(row.state.name().to_owned()),
        DeviceColumn::Endpoint => Some(row.endpoint.clone()),
        DeviceColumn::Label => row.label.clone(),
        DeviceColumn::Manufacturer => row.manufacturer.clone(),
        DeviceColumn::Model => row.model.clone(),
        DeviceColumn::Firmware => row.firmware.clone(),
        DeviceColumn::LastSeen => row.last_seen.map(|at| at.to_string()),
        DeviceColumn::NextDue => row.next_due.map(|at| at.to_string()),
        DeviceColumn::Signal => number(row.signal),
        DeviceColumn::Battery => number(row.battery),
        DeviceColumn::Pending => Some(row.pending.to_string()),
        DeviceColumn::Lifetime => row.lifetime.map(|seconds| seconds.to_string()),
        DeviceColumn::Version => row.version.map(|version| version.as_str().to_owned()),
        DeviceColumn::QueueMode => Some(if row.queue_mode { "yes" } else { "no" }.to_owned()),
        DeviceColumn::Security => row.security.clone(),
        DeviceColumn::Parent => row.parent.clone(),
        // As an import takes them.
        DeviceColumn::Tags => {
            let tags = row.tags.iter().map(|(name, value)| format!("{name}={value}"));
            Some(tags.collect::<Vec<_>>().join(";"))
        }
    };
    found.unwrap_or_default()
}
