//! The datagrams of one device as they pass.

use crate::core::TraceWatch;
use shared::api::TraceRecord;
use shared::live::ServerFrame;
use std::task::{Context, Poll};

/// How many records wait for the next flush.
const MOST_RECORDS: usize = 2000;

#[derive(Debug)]
pub(super) struct Trace {
    watch: TraceWatch,
    waiting: Vec<TraceRecord>,
    ended: bool,
    lost: bool,
}

impl Trace {
    pub(super) const fn new(watch: TraceWatch) -> Trace {
        Trace {
            watch,
            waiting: Vec::new(),
            ended: false,
            lost: false,
        }
    }

    /// Takes what has come; ready if there was something.
    pub(super) fn poll(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let mut came = Poll::Pending;
        while !self.ended {
            let next = std::pin::pin!(self.watch.next());
            match next.poll(context) {
                Poll::Ready(Some(records)) => {
                    came = Poll::Ready(());
                    let room = MOST_RECORDS.saturating_sub(self.waiting.len());
                    self.lost |= records.len() > room;
                    self.waiting.extend(records.into_iter().take(room));
                    if self.lost {
                        return came;
                    }
                }
                Poll::Ready(None) => self.ended = true,
                Poll::Pending => return came,
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
