//! The object lists that are in the store, each once and by number: fleets share few.

use crate::lwm2m::registration::ObjectLinks;
use std::collections::HashMap;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

/// How many lists are remembered. Beyond this the memory begins anew, and a list may get a second number, which does no
/// harm.
const REMEMBERED: usize = 65_536;

/// A list by what it was read from.
#[derive(Debug, Clone)]
struct Content(Arc<ObjectLinks>);

impl Content {
    fn key(&self) -> (shared::Version, &[u8], &[shared::ContentFormat]) {
        (self.0.version, &self.0.payload, &self.0.formats)
    }
}

impl PartialEq for Content {
    fn eq(&self, other: &Content) -> bool {
        self.key() == other.key()
    }
}

impl Eq for Content {}

impl Hash for Content {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.payload.hash(state);
    }
}

/// The numbers of lists.
#[derive(Debug, Default)]
pub(crate) struct LinkSets {
    /// By address: the usual case is that devices share one list in memory. It is held, so the address stays its own.
    by_address: HashMap<usize, (Arc<ObjectLinks>, u32)>,
    by_content: HashMap<Content, u32>,
    last: u32,
}

impl LinkSets {
    /// Makes a list known that the store has.
    pub(crate) fn restore(&mut self, number: u32, links: Arc<ObjectLinks>) {
        self.last = self.last.max(number);
        self.by_content.insert(Content(links), number);
    }

    /// No list of the store has a number above this.
    pub(crate) fn begin_after(&mut self, last: u32) {
        self.last = self.last.max(last);
    }

    /// The list's number, and whether it is a new one that the store does not have.
    pub(crate) fn number(&mut self, links: &Arc<ObjectLinks>) -> (u32, bool) {
        let address = Arc::as_ptr(links) as usize;
        if let Some((_, number)) = self.by_address.get(&address) {
            return (*number, false);
        }
        if self.by_address.len() >= REMEMBERED || self.by_content.len() >= REMEMBERED {
            self.by_address.clear();
            self.by_content.clear();
        }
        let known = self.by_content.get(&Content(links.clone())).copied();
        let number = known.unwrap_or(self.last + 1);
        if known.is_none() {
            self.last = number;
            self.by_content.insert(Content(links.clone()), number);
        }
        self.by_address.insert(address, (links.clone(), number));
        (number, known.is_none())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::Version;

    #[test]
    fn a_list_has_one_number_wherever_it_is_held() {
        let list = |payload: &str| Arc::new(ObjectLinks::parse(Version::V1_1, payload.as_bytes()).unwrap());
        let (one, same, other) = (list("</1/0>"), list("</1/0>"), list("</1/0>,</3/0>"));
        let mut sets = LinkSets::default();
        assert_eq!(sets.number(&one), (1, true));
        assert_eq!(sets.number(&one), (1, false));
        assert_eq!(sets.number(&same), (1, false));
        assert_eq!(sets.number(&other), (2, true));
        let formats = Arc::new(one.with_formats(vec![shared::ContentFormat::TEXT].into()));
        assert_eq!(sets.number(&formats), (3, true));

        let mut later = LinkSets::default();
        later.restore(7, one);
        later.begin_after(9);
        assert_eq!(later.number(&same), (7, false));
        assert_eq!(later.number(&other), (10, true));
    }
}
