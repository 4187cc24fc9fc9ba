//! The support bundle: everything the server knows of one device in a ZIP file that can be handed on, without secrets.

mod redact;
mod zip;

use crate::app::App;
use crate::core::EventQuery;
use crate::registry::now;
use crate::store::StoreError;
use serde::Serialize;
use shared::Path;
use shared::api::TraceRecord;
use shared::model::ObjectModel;
use std::collections::BTreeSet;
use zip::Zip;

/// How much of each kind is in it.
const EVENTS: usize = 1000;
const MESSAGES: usize = 5000;

const README: &str = "\
What the server knew of one device. Times are in UTC.

device.json        what it is, its registration, its state with the evidence
diagnosis.json     why it is in that state: checks with what each looked at
values.json        the known values with their times
observations.json  what the server watches
operations.json    what waits for it, and what came of the last operations
events.json        what happened, newest first
messages.json      the last messages, taken apart
messages.pcapng    the same for Wireshark
models.json        the definitions of its objects
credential.json    how it proves who it is
server.json        the server's version

Values of the security objects and of resources that are secrets by their name are redacted, and so are the messages
that may carry one. Keys are in no part of this file.
";

/// The file; `None` if there is no such device.
///
/// # Errors
/// [`StoreError`] if the store cannot be read.
pub(crate) async fn make(app: &App, endpoint: &str) -> Result<Option<Vec<u8>>, StoreError> {
    let core = &app.core;
    let Some(device) = core.device(endpoint) else {
        return Ok(None);
    };
    let models = core.models().get();
    let mut zip = Zip::default();
    zip.add("README.txt", README.as_bytes());
    json(&mut zip, "device.json", &device)?;
    json(&mut zip, "diagnosis.json", &core.diagnosis(endpoint).await?)?;
    let values = core.values(endpoint, Path::ROOT).unwrap_or_default();
    json(&mut zip, "values.json", &redact::values(values, &models))?;
    json(&mut zip, "observations.json", &core.observations(endpoint))?;
    let mut operations = core.operations(endpoint).await?.unwrap_or_default();
    for operation in &mut operations {
        operation.values = redact::values(std::mem::take(&mut operation.values), &models);
    }
    json(&mut zip, "operations.json", &operations)?;
    let events = EventQuery {
        endpoint: Some(endpoint.to_owned()),
        limit: EVENTS,
        ..EventQuery::default()
    };
    json(&mut zip, "events.json", &core.events(events).await?)?;
    let (mut messages, raw) = core.recorded_messages(endpoint).await.unwrap_or_default();
    let over = messages.len().saturating_sub(MESSAGES);
    messages.drain(..over);
    let hidden: BTreeSet<u64> = messages
        .iter_mut()
        .filter_map(|record: &mut TraceRecord| redact::message(record, &models).then_some(record.id))
        .collect();
    let oldest = messages.first().map_or(0, |record| record.id);
    json(&mut zip, "messages.json", &messages)?;
    let shown: Vec<_> = raw
        .into_iter()
        .filter(|raw| raw.id >= oldest && !hidden.contains(&raw.id))
        .collect();
    zip.add("messages.pcapng", &crate::trace::pcapng(&shown));
    let definitions = core.device_models(endpoint).unwrap_or_default();
    let definitions: Vec<&ObjectModel> = definitions.iter().map(|model| &**model).collect();
    json(&mut zip, "models.json", &definitions)?;
    let credential = core.credentials().get(endpoint).map(|credential| Credential {
        mode: credential.proof.mode(),
        created: credential.created.to_string(),
        expires: credential.expires.map(|at| at.to_string()),
    });
    json(&mut zip, "credential.json", &credential)?;
    let server = Server {
        version: env!("CARGO_PKG_VERSION"),
        at: now().to_string(),
    };
    json(&mut zip, "server.json", &server)?;
    Ok(Some(zip.finish()))
}

fn json(zip: &mut Zip, name: &str, content: &impl Serialize) -> Result<(), StoreError> {
    let text = serde_json::to_vec_pretty(content).map_err(|error| StoreError::Corrupt(error.to_string()))?;
    zip.add(name, &text);
    Ok(())
}

/// A credential without anything that is worth keeping to oneself.
#[derive(Serialize)]
struct Credential {
    mode: &'static str,
    created: String,
    expires: Option<String>,
}

#[derive(Serialize)]
struct Server {
    version: &'static str,
    at: String,
}
