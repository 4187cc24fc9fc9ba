//! The datagrams of one device as they pass.

use crate::core::TraceWatch;
use shared::api::TraceRecord;
use shared::live::ServerFrame;
use std::task::{Context, Poll};
use tokio::sync::mpsc;
use tokio::task::AbortHandle;

/// How many records wait for the next flush.
const MOST_RECORDS: usize = 2000;
/// How many times records may come before the feed's task takes them; the core drops what finds no room.
const QUEUE: usize = 16;

/// The watch is read by a task of its own, because reading it must not be broken off half-way.
#[derive(Debug)]
pub(super) struct Trace {
    records: mpsc::Receiver<Vec<TraceRecord>>,
    reader: AbortHandle,
    waiting: Vec<TraceRecord>,
    lost: bool,
}

impl Drop for Trace {
    fn drop(&mut self) {
        self.reader.abort();
    }
}

impl Trace {
    /// It begins with a resync: what the page reads then and what comes from then on has nothing missing between.
    pub(super) fn new(mut watch: TraceWatch) -> Trace {
        let (sender, records) = mpsc::channel(QUEUE);
        let reader = tokio::spawn(async move {
            while let Some(records) = watch.next().await {
                if sender.send(records).await.is_err() {
                    break;
                }
            }
        });
        Trace {
            records,
            reader: reader.abort_handle(),
            waiting: Vec::new(),
            lost: true,
        }
    }

    /// Takes what has come; ready if there was something.
    pub(super) fn poll(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let mut came = Poll::Pending;
        while let Poll::Ready(Some(records)) = self.records.poll_recv(context) {
            came = Poll::Ready(());
            let room = MOST_RECORDS.saturating_sub(self.waiting.len());
            self.lost |= records.len() > room;
            self.waiting.extend(records.into_iter().take(room));
            if self.lost {
                break;
            }
        }
        came
    }

    /// After records were lost the page reads the trace anew; what comes from then on follows all the same, because
    /// the page knows records by their ids.
    pub(super) fn flush(&mut self, id: u32, sequence: u64) -> Option<ServerFrame> {
        let records = std::mem::take(&mut self.waiting);
        if std::mem::take(&mut self.lost) {
            return Some(ServerFrame::Resync { id, sequence });
        }
        (!records.is_empty()).then_some(ServerFrame::Trace { id, records })
    }

    pub(super) const fn is_due(&self) -> bool {
        self.lost || !self.waiting.is_empty()
    }

    /// Whether nothing is taken until the next flush.
    pub(super) const fn is_full(&self) -> bool {
        self.lost
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::task::noop_waker_ref;
    use shared::Timestamp;
    use shared::api::{Direction, Transport};

    fn record(id: u64) -> TraceRecord {
        TraceRecord {
            id,
            at: Timestamp(0),
            direction: Direction::Up,
            address: String::new(),
            transport: Transport::Udp,
            step: None,
            message_type: String::new(),
            code: String::new(),
            code_name: String::new(),
            message_id: None,
            token: String::new(),
            uri: String::new(),
            options: Vec::new(),
            content_format: None,
            payload: None,
            retransmission: false,
            payload_path: None,
            error: None,
            hex: String::new(),
        }
    }

    #[tokio::test]
    async fn a_flood_ends_in_a_resync_and_what_follows_comes() {
        let (sender, records) = mpsc::channel(QUEUE);
        let mut trace = Trace {
            records,
            reader: tokio::spawn(async {}).abort_handle(),
            waiting: Vec::new(),
            lost: false,
        };
        let mut context = Context::from_waker(noop_waker_ref());
        for batch in 0..3 {
            let records = (0..1000).map(|id| record(batch * 1000 + id)).collect();
            sender.try_send(records).unwrap();
        }
        assert!(trace.poll(&mut context).is_ready());
        assert!(trace.is_full());
        assert_eq!(
            trace.flush(4, 9),
            Some(ServerFrame::Resync { id: 4, sequence: 9 })
        );
        assert_eq!(trace.flush(4, 9), None);
        sender.try_send(vec![record(3000)]).unwrap();
        assert!(trace.poll(&mut context).is_ready());
        let wanted = ServerFrame::Trace {
            id: 4,
            records: vec![record(3000)],
        };
        assert_eq!(trace.flush(4, 9), Some(wanted));
    }
}
