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
            lost: false,
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

    pub(super) fn flush(&mut self, id: u32, sequence: u64) -> Option<ServerFrame> {
        if self.lost {
            return Some(ServerFrame::Resync { id, sequence });
        }
        if self.waiting.is_empty() {
            return None;
        }
        let records = std::mem::take(&mut self.waiting);
        Some(ServerFrame::Trace { id, records })
    }

    pub(super) const fn is_due(&self) -> bool {
        self.lost || !self.waiting.is_empty()
    }

    /// Whether the subscription is over: the page has to read the trace and subscribe again.
    pub(super) const fn is_broken(&self) -> bool {
        self.lost
    }
}
