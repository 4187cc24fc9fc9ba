//! The devices that an account opened last, in the browser's own storage. Where the browser stores nothing, there are none.

use crate::theme::storage;

/// So many are kept.
const MOST: usize = 8;

/// A device that was opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Recent {
    pub(crate) endpoint: String,
    /// Its label at that time, or nothing.
    pub(crate) label: String,
}

fn key(account: &str) -> String {
    format!("muster.recent.{account}")
}

/// The newest first.
pub(crate) fn list(account: &str) -> Vec<Recent> {
    let text = storage().and_then(|storage| storage.get_item(&key(account)).ok().flatten());
    read(&text.unwrap_or_default())
}

/// Puts a device at the first place.
pub(crate) fn note(account: &str, device: Recent) {
    let text = write(&with(list(account), device));
    if let Some(storage) = storage() {
        // A browser that stores nothing has none to show.
        drop(storage.set_item(&key(account), &text));
    }
}

/// Forgets all, when the account logs out.
pub(crate) fn forget(account: &str) {
    if let Some(storage) = storage() {
        drop(storage.remove_item(&key(account)));
    }
}

fn with(mut known: Vec<Recent>, device: Recent) -> Vec<Recent> {
    known.retain(|one| one.endpoint != device.endpoint);
    known.insert(0, device);
    known.truncate(MOST);
    known
}

/// A device a line, the label behind a tab.
fn write(devices: &[Recent]) -> String {
    let line = |device: &Recent| {
        let clean = |text: &str| text.replace(['\n', '\t'], " ");
        format!("{}\t{}\n", clean(&device.endpoint), clean(&device.label))
    };
    devices.iter().map(line).collect()
}

fn read(text: &str) -> Vec<Recent> {
    let device = |line: &str| {
        let (endpoint, label) = line.split_once('\t').unwrap_or((line, ""));
        Recent {
            endpoint: endpoint.to_owned(),
            label: label.to_owned(),
        }
    };
    text.lines()
        .filter(|line| !line.is_empty())
        .take(MOST)
        .map(device)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn device(endpoint: &str) -> Recent {
        Recent {
            endpoint: endpoint.into(),
            label: "A pump".into(),
        }
    }

    #[test]
    fn the_newest_comes_first_and_once() {
        let mut known = Vec::new();
        for number in 0..12 {
            known = with(known, device(&format!("urn:dev:{number}")));
        }
        known = with(known, device("urn:dev:7"));
        assert_eq!(known.len(), MOST);
        assert_eq!(known[0], device("urn:dev:7"));
        assert_eq!(known[1], device("urn:dev:11"));
        assert_eq!(read(&write(&known)), known);
    }

    #[test]
    fn what_is_not_ours_is_read_as_names() {
        assert!(read("\n\n").is_empty());
        assert_eq!(read("a")[0].endpoint, "a");
    }
}
