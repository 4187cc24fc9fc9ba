//! Who has the page of a device open.
//!
//! What is kept is bounded by the feeds that may be open and the subscriptions that each may have.

use shared::live::ServerFrame;
use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::broadcast;

/// How many names are told.
const MOST_NAMES: usize = 20;
/// How many changes a feed may be behind; one that misses some looks at all of its own again.
const BEHIND: usize = 256;

/// Who is where; clones are handles to the same.
#[derive(Debug, Clone)]
pub struct Presence {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    by_endpoint: Mutex<HashMap<Arc<str>, Visitors>>,
    changed: broadcast::Sender<Arc<str>>,
}

/// How many pages each of these names has open.
type Visitors = HashMap<String, usize>;

impl Default for Presence {
    fn default() -> Presence {
        Presence {
            shared: Arc::new(Shared {
                by_endpoint: Mutex::default(),
                changed: broadcast::channel(BEHIND).0,
            }),
        }
    }
}

impl Presence {
    /// The devices at which somebody came or went.
    pub(super) fn changes(&self) -> broadcast::Receiver<Arc<str>> {
        self.shared.changed.subscribe()
    }

    /// Opens the page of a device in somebody's name.
    pub(super) fn enter(&self, endpoint: &str, name: &str) -> Watch {
        let endpoint: Arc<str> = endpoint.into();
        *self
            .visitors()
            .entry(endpoint.clone())
            .or_default()
            .entry(name.to_owned())
            .or_default() += 1;
        self.tell(endpoint.clone());
        Watch {
            presence: self.clone(),
            endpoint,
            name: name.to_owned(),
            told: Vec::new(),
            dirty: true,
        }
    }

    fn leave(&self, endpoint: &Arc<str>, name: &str) {
        let mut by_endpoint = self.visitors();
        if let Some(visitors) = by_endpoint.get_mut(endpoint) {
            if let Some(pages) = visitors.get_mut(name) {
                *pages -= 1;
            }
            visitors.retain(|_, pages| *pages > 0);
            if visitors.is_empty() {
                by_endpoint.remove(endpoint);
            }
        }
        drop(by_endpoint);
        self.tell(endpoint.clone());
    }

    fn others(&self, endpoint: &str, own: &str) -> Vec<String> {
        let by_endpoint = self.visitors();
        let names = by_endpoint.get(endpoint).into_iter().flat_map(HashMap::keys);
        let sorted: BTreeSet<&String> = names.filter(|name| *name != own).collect();
        sorted.into_iter().take(MOST_NAMES).cloned().collect()
    }

    fn tell(&self, endpoint: Arc<str>) {
        // Without a feed nobody listens.
        let _ = self.shared.changed.send(endpoint);
    }

    fn visitors(&self) -> std::sync::MutexGuard<'_, HashMap<Arc<str>, Visitors>> {
        self.shared
            .by_endpoint
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// One page of a device: is counted as long as it lives, and is told of the others.
#[derive(Debug)]
pub(super) struct Watch {
    presence: Presence,
    endpoint: Arc<str>,
    name: String,
    told: Vec<String>,
    dirty: bool,
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.presence.leave(&self.endpoint, &self.name);
    }
}

impl Watch {
    /// Somebody came or went; `None` if it is not known where.
    pub(super) fn changed(&mut self, endpoint: Option<&str>) {
        self.dirty |= endpoint.is_none_or(|endpoint| *endpoint == *self.endpoint);
    }

    pub(super) const fn is_due(&self) -> bool {
        self.dirty
    }

    pub(super) fn flush(&mut self, id: u32) -> Option<ServerFrame> {
        if !std::mem::take(&mut self.dirty) {
            return None;
        }
        let names = self.presence.others(&self.endpoint, &self.name);
        if names == self.told {
            return None;
        }
        self.told.clone_from(&names);
        Some(ServerFrame::Presence { id, names })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(frame: Option<ServerFrame>) -> Option<Vec<String>> {
        match frame {
            Some(ServerFrame::Presence { names, .. }) => Some(names),
            _ => None,
        }
    }

    #[test]
    fn others_are_told_by_name_until_their_last_page_closes() {
        let presence = Presence::default();
        let mut ann = presence.enter("pump", "ann");
        assert_eq!(names(ann.flush(1)), None, "nobody else is there");
        let _valve = presence.enter("valve", "cid");
        let bob = presence.enter("pump", "bob");
        let second = presence.enter("pump", "bob");
        let _own = presence.enter("pump", "ann");
        ann.changed(Some("valve"));
        assert!(!ann.is_due());
        ann.changed(Some("pump"));
        assert_eq!(names(ann.flush(1)), Some(vec!["bob".into()]));
        drop(bob);
        ann.changed(None);
        assert_eq!(names(ann.flush(1)), None, "one of bob's pages is open still");
        drop(second);
        ann.changed(None);
        assert_eq!(names(ann.flush(1)), Some(Vec::new()));
    }

    #[test]
    fn a_crowd_is_told_in_part_and_nothing_is_kept_of_who_left() {
        let presence = Presence::default();
        let mut ann = presence.enter("pump", "ann");
        let crowd: Vec<Watch> = (0..100)
            .map(|index| presence.enter("pump", &format!("user{index}")))
            .collect();
        ann.changed(None);
        assert_eq!(names(ann.flush(1)).map(|names| names.len()), Some(MOST_NAMES));
        drop(crowd);
        drop(ann);
        assert!(presence.visitors().is_empty());
    }
}
