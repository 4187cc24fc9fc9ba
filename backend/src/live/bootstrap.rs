//! Bootstrap sessions: one as it goes on, or all that change.

use super::source::Source;
use shared::live::ServerFrame;

/// How many sessions are told at a time; of more the newest.
const MOST: usize = 200;

/// What is watched. It holds how far it has told, not what happened, so that a page that reads slowly skips states.
#[derive(Debug)]
pub(super) struct Bootstrap {
    session: Option<u64>,
    /// The number of the last change that was told.
    told: u64,
    dirty: bool,
}

impl Bootstrap {
    /// One session is told at once, all from the change of this number on.
    pub(super) const fn new(session: Option<u64>, last: u64) -> Bootstrap {
        Bootstrap {
            session,
            // No session has this number, so the first time it is news.
            told: if session.is_some() { u64::MAX } else { last },
            dirty: session.is_some(),
        }
    }

    /// Sessions changed.
    pub(super) const fn changed(&mut self) {
        self.dirty = true;
    }

    pub(super) const fn is_due(&self) -> bool {
        self.dirty
    }

    pub(super) fn flush(&mut self, id: u32, source: &impl Source) -> Option<ServerFrame> {
        if !std::mem::take(&mut self.dirty) {
            return None;
        }
        let (sessions, last) = match self.session {
            Some(session) => {
                let (view, change) = source.bootstrap(session)?;
                (vec![view], change)
            }
            None => source.changed_bootstraps(self.told, MOST),
        };
        // What another session did is no news of this one.
        let is_news = last != self.told;
        self.told = last;
        is_news.then_some(ServerFrame::Bootstrap { id, sessions })
    }
}
