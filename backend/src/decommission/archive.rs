//! All that is known of a device, as a file of JSON lines that opens anywhere.

use crate::auth::audit::{self, AuditQuery};
use crate::core::{Core, EventQuery};
use crate::store::StoreError;
use serde::Serialize;
use shared::Path as ResourcePath;
use shared::api::SessionQuery;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

/// How many events and audit entries are read at a time.
const PAGE: u32 = 500;
/// The folder in the data directory.
const FOLDER: &str = "archive";

/// One line of the file: what it is, and it.
#[derive(Serialize)]
struct Line<'a, T> {
    #[serde(rename = "type")]
    kind: &'a str,
    #[serde(flatten)]
    content: Content<'a, T>,
}

#[derive(Serialize)]
struct Content<'a, T> {
    content: &'a T,
}

/// Writes the archive of a device and returns the file's name within the data directory. The lines are one of type
/// `device`, then `value`, `observation`, `operation`, `bootstrap`, `event` and `audit`, each oldest first.
///
/// # Errors
/// [`StoreError`] if something cannot be read or written; no half file is left.
pub(super) async fn write(
    core: &Core,
    data_dir: &Path,
    endpoint: &str,
    stamp: i64,
) -> Result<String, StoreError> {
    let name = format!("{FOLDER}/{}-{stamp}.jsonl", file_name(endpoint));
    let file = data_dir.join(&name);
    let lines = collect(core, endpoint).await?;
    let task = tokio::task::spawn_blocking(move || save(&file, &lines));
    task.await.map_err(|_| StoreError::Stopped)??;
    Ok(name)
}

async fn collect(core: &Core, endpoint: &str) -> Result<Vec<String>, StoreError> {
    let mut lines = Vec::new();
    if let Some(device) = core.device(endpoint) {
        lines.push(line("device", &device)?);
    }
    for value in core.values(endpoint, ResourcePath::ROOT).unwrap_or_default() {
        lines.push(line("value", &value)?);
    }
    for observation in core.observations(endpoint).unwrap_or_default() {
        lines.push(line("observation", &observation)?);
    }
    for operation in core.operations(endpoint).await?.unwrap_or_default().iter().rev() {
        lines.push(line("operation", operation)?);
    }
    let sessions = SessionQuery {
        endpoint: Some(endpoint.to_owned()),
        ..SessionQuery::default()
    };
    for session in core.bootstrap().sessions(sessions, PAGE).await?.iter().rev() {
        lines.push(line("bootstrap", session)?);
    }
    let mut since = 0;
    loop {
        let query = EventQuery {
            endpoint: Some(endpoint.to_owned()),
            since: Some(since),
            limit: PAGE as usize,
            ..EventQuery::default()
        };
        let events = core.events(query).await?;
        let Some(last) = events.last() else { break };
        since = last.sequence;
        for event in &events {
            lines.push(line("event", event)?);
        }
    }
    let mut entries = Vec::new();
    let mut before = None;
    loop {
        let query = AuditQuery {
            device: Some(endpoint.to_owned()),
            before,
            limit: PAGE,
        };
        let page = audit::list(core.store(), query).await?;
        let Some(last) = page.last() else { break };
        before = Some(last.id);
        entries.extend(page);
    }
    for entry in entries.iter().rev() {
        lines.push(line("audit", entry)?);
    }
    Ok(lines)
}

fn line<T: Serialize>(kind: &str, content: &T) -> Result<String, StoreError> {
    let content = Content { content };
    serde_json::to_string(&Line { kind, content }).map_err(|error| StoreError::Corrupt(error.to_string()))
}

/// Writes beside the file and renames, so that there is a whole file or none.
fn save(file: &Path, lines: &[String]) -> Result<(), StoreError> {
    let failed = |source| StoreError::Directory {
        path: file.to_owned(),
        source,
    };
    let folder = file.parent().map(Path::to_owned).unwrap_or_default();
    std::fs::create_dir_all(&folder).map_err(failed)?;
    let beside: PathBuf = file.with_extension("part");
    let write = || -> std::io::Result<()> {
        let mut out = BufWriter::new(std::fs::File::create(&beside)?);
        for line in lines {
            out.write_all(line.as_bytes())?;
            out.write_all(b"\n")?;
        }
        out.into_inner()
            .map_err(std::io::IntoInnerError::into_error)?
            .sync_all()?;
        std::fs::rename(&beside, file)
    };
    write().map_err(failed)
}

/// An endpoint name as a file name: what might mean something to a file system is written as `%xx`.
fn file_name(endpoint: &str) -> String {
    let mut name = String::new();
    for byte in endpoint.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_') {
            name.push(char::from(byte));
        } else {
            // Writing into a String cannot fail.
            let _ = std::fmt::Write::write_fmt(&mut name, format_args!("%{byte:02x}"));
        }
        if name.len() > 120 {
            break;
        }
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_name_leads_nowhere() {
        for (endpoint, name) in [
            ("urn:dev:1", "urn%3adev%3a1"),
            ("../../etc/passwd", "%2e%2e%2f%2e%2e%2fetc%2fpasswd"),
            ("", ""),
        ] {
            assert_eq!(file_name(endpoint), name);
        }
        assert!(file_name(&"ä".repeat(252)).len() < 130);
    }
}
