//! The protocol trace of one device.

use super::Core;
use crate::shard::Command;
use crate::trace::{Dissector, Raw, Seen, Watcher};
use shared::api::TraceRecord;
use tokio::sync::{mpsc, oneshot};

/// How many datagrams a watcher may lag behind.
const LAG: usize = 1024;
/// The most records one answer has.
const MAX: usize = 5000;

/// While it lives, the datagrams of one device are published as they pass.
#[derive(Debug)]
pub struct TraceWatch {
    datagrams: mpsc::Receiver<Seen>,
    dissector: Dissector,
}

impl TraceWatch {
    /// The next records; `None` when the server stops. Records that find the queue full are dropped and counted.
    pub async fn next(&mut self) -> Option<Vec<TraceRecord>> {
        let mut records = Vec::new();
        while records.is_empty() {
            let seen = self.datagrams.recv().await?;
            self.read(seen, &mut records);
            while records.len() < LAG
                && let Ok(seen) = self.datagrams.try_recv()
            {
                self.read(seen, &mut records);
            }
        }
        Some(records)
    }

    fn read(&mut self, seen: Seen, records: &mut Vec<TraceRecord>) {
        match seen {
            Seen::Now(raw) => records.push(self.dissector.record(&raw)),
            // What went before tells what the first answers are about.
            Seen::Before(raw, tokens) => {
                self.dissector.observe(tokens);
                for raw in &raw {
                    self.dissector.record(raw);
                }
            }
        }
    }
}

impl Core {
    /// The last datagrams of the device, oldest first. `None` if there is no such device.
    pub async fn trace(&self, endpoint: &str, limit: usize) -> Option<Vec<TraceRecord>> {
        let (records, _) = self.recorded_messages(endpoint).await?;
        let over = records.len().saturating_sub(limit.min(MAX));
        Some(records.into_iter().skip(over).collect())
    }

    /// All that is recorded of the device, taken apart and as it came. `None` if there is no such device.
    pub(crate) async fn recorded_messages(&self, endpoint: &str) -> Option<(Vec<TraceRecord>, Vec<Raw>)> {
        let (raw, mut dissector) = self.recorded(endpoint).await?;
        let records = raw.iter().map(|raw| dissector.record(raw)).collect();
        Some((records, raw))
    }

    /// The datagrams of the device from now on. `None` if there is no such device.
    pub fn watch_trace(&self, endpoint: &str) -> Option<TraceWatch> {
        let (device, addresses) =
            self.with_device(endpoint, |number, device| (number, device.addresses()))?;
        let (sender, datagrams) = mpsc::channel(LAG);
        for shard in 0..self.inner.shards.count() {
            let watcher = Watcher {
                device,
                addresses: addresses.clone(),
                sender: sender.clone(),
            };
            if !self.inner.shards.try_send(shard as u16, Command::Watch(watcher)) {
                tracing::warn!(
                    endpoint,
                    shard,
                    "a busy shard does not show this device's datagrams"
                );
            }
        }
        Some(TraceWatch {
            datagrams,
            dissector: Dissector::default(),
        })
    }

    /// What the shards have of the device, by time, and a dissector that knows its observations.
    async fn recorded(&self, endpoint: &str) -> Option<(Vec<Raw>, Dissector)> {
        let (number, addresses) =
            self.with_device(endpoint, |number, device| (number, device.addresses()))?;
        let mut raw = self.inner.captures.of(number);
        let mut tokens = Vec::new();
        for shard in 0..self.inner.shards.count() {
            let (reply, answer) = oneshot::channel();
            let command = Command::Trace {
                addresses: addresses.clone(),
                reply,
            };
            // A shard that has ended has nothing to tell.
            if self.inner.shards.send(shard as u16, command).await
                && let Ok(recorded) = answer.await
            {
                raw.extend(recorded.raw);
                tokens.extend(recorded.tokens);
            }
        }
        raw.sort_by_key(|raw| (raw.at, raw.id));
        // What a capture kept may be in the ring still.
        raw.dedup_by_key(|raw| raw.id);
        let mut dissector = Dissector::default();
        dissector.observe(tokens);
        Some((raw, dissector))
    }
}
