//! What was refused lately, of known devices and of strangers: handshakes, registrations, datagrams. In memory only; the
//! journal keeps the events.

use shared::Timestamp;
use shared::api::RefusalView;
use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Mutex, PoisonError};

/// How many are kept.
const KEPT: usize = 500;
/// Among so many of the newest the same is looked for, so that whoever tries again and again is one line.
const LOOKED_AT: usize = 50;

/// The last refusals, for readers and for the one thread that adds them.
#[derive(Debug, Default)]
pub(crate) struct Refusals {
    newest_last: Mutex<VecDeque<RefusalView>>,
}

/// What was refused.
#[derive(Debug)]
pub(crate) struct Refusal<'a> {
    pub(crate) address: SocketAddr,
    /// The device, if it is a known one.
    pub(crate) endpoint: Option<&'a str>,
    pub(crate) what: &'a str,
    pub(crate) code: Option<&'a str>,
    pub(crate) reason: &'a str,
}

impl Refusals {
    pub(crate) fn add(&self, at: Timestamp, refusal: &Refusal<'_>) {
        let mut kept = self.newest_last.lock().unwrap_or_else(PoisonError::into_inner);
        let host = refusal.address.ip().to_string();
        let is_same = |known: &RefusalView| {
            known.host == host
                && known.endpoint.as_deref() == refusal.endpoint
                && known.what == refusal.what
                && known.reason == refusal.reason
        };
        let newest = kept.len().saturating_sub(LOOKED_AT);
        let found = (newest..kept.len())
            .rev()
            .find(|index| kept.get(*index).is_some_and(is_same));
        let mut entry = match found.and_then(|index| kept.remove(index)) {
            Some(known) => RefusalView {
                count: known.count.saturating_add(1),
                ..known
            },
            None => RefusalView {
                at,
                first: at,
                count: 1,
                host,
                port: 0,
                endpoint: refusal.endpoint.map(str::to_owned),
                what: refusal.what.to_owned(),
                code: refusal.code.map(str::to_owned),
                reason: refusal.reason.to_owned(),
            },
        };
        (entry.at, entry.port) = (at, refusal.address.port());
        kept.push_back(entry);
        if kept.len() > KEPT {
            kept.pop_front();
        }
    }

    /// The newest first.
    pub(crate) fn read(&self) -> Vec<RefusalView> {
        let kept = self.newest_last.lock().unwrap_or_else(PoisonError::into_inner);
        kept.iter().rev().cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(reason: &str) -> Refusal<'_> {
        Refusal {
            address: SocketAddr::from(([192, 0, 2, 1], 5684)),
            endpoint: None,
            what: "handshake",
            code: None,
            reason,
        }
    }

    #[test]
    fn the_same_again_is_one_line_and_memory_is_bounded() {
        let refusals = Refusals::default();
        for second in 0..3 {
            refusals.add(Timestamp(second), &refusal("the identity is not known"));
            refusals.add(Timestamp(second), &refusal("the certificate has expired"));
        }
        let read = refusals.read();
        assert_eq!(read.len(), 2);
        assert_eq!(read[0].reason, "the certificate has expired");
        assert_eq!(
            (read[0].count, read[0].first, read[0].at),
            (3, Timestamp(0), Timestamp(2))
        );
        for number in 0..2 * KEPT {
            refusals.add(Timestamp(9), &refusal(&number.to_string()));
        }
        assert_eq!(refusals.read().len(), KEPT);
    }
}
