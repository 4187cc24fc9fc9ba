//! Send: values that the server did not ask for. LwM2M Core 1.2 §6.4.6.

use super::resources::Resources;
use super::{Client, ClientState, payload};
use crate::objects::server_resource;
use coap::Request;
use shared::codec;
use shared::{ContentFormat, Entry, Node, Path, Value, Version};
use std::collections::VecDeque;
use std::time::Instant;

/// The most values that wait for the next Send.
const MAX_HISTORY: usize = 1_000;

/// Values with their times that wait for the next Send.
#[derive(Debug, Default)]
pub(super) struct History {
    /// When the values are looked at next.
    pub(super) next: Option<Instant>,
    values: VecDeque<Entry>,
}

impl Client {
    /// Looks at the values that the next Send carries, if it is time.
    pub(super) fn sample_if_due(&mut self, now: Instant) {
        if self.history.next.is_none_or(|due| due > now) {
            return;
        }
        let Some(reports) = self.options.reports.clone() else {
            return;
        };
        self.history.next = reports.sampled.map(|every| now + every);
        self.advance(now);
        let time = Some(self.options.clock.at(now).0 as f64 / 1000.0);
        for (path, value) in readable(&self.resources, &reports.paths) {
            if self.history.values.len() == MAX_HISTORY {
                self.history.values.pop_front();
            }
            self.history.values.push_back(Entry { path, time, value });
        }
    }

    /// Sends what the options ask for, if it is time.
    pub(super) fn report_if_due(&mut self, now: Instant) {
        if self.next_report.is_none_or(|due| due > now) {
            return;
        }
        let Some(reports) = self.options.reports.clone() else {
            return;
        };
        self.next_report = Some(now + reports.every);
        if reports.sampled.is_some() {
            let values = std::mem::take(&mut self.history.values);
            self.send_values(now, None, values.into());
            return;
        }
        self.advance(now);
        self.send(now, &reports.paths);
    }

    /// Sends the values as they are.
    pub fn send(&mut self, now: Instant, paths: &[Path]) {
        self.send_of(now, None, paths);
    }

    /// Sends values of the client, or of a device behind it.
    pub(super) fn send_of(&mut self, now: Instant, child: Option<usize>, paths: &[Path]) {
        let values = readable(self.resources_of(child), paths).into_iter();
        let entries = values.map(|(path, value)| Entry {
            path,
            time: None,
            value,
        });
        self.send_values(now, child, entries.collect());
    }

    /// Sends values, unless Send is muted or the client is not registered.
    fn send_values(&mut self, now: Instant, child: Option<usize>, entries: Vec<Entry>) {
        let muted = self.resources.tree.get(server_resource::MUTE_SEND) == Some(&Value::Boolean(true));
        let registered = self.state() == ClientState::Registered;
        if muted || !registered || self.options.version < Version::V1_1 || entries.is_empty() {
            return;
        }
        let timed = entries.iter().any(|entry| entry.time.is_some());
        let format = self.send_format(timed);
        let node = Node {
            base: Path::ROOT,
            entries,
        };
        let time = self.options.clock.at(now);
        let context = payload::context(self.resources_of(child), time);
        match codec::encode(format, &node, &context) {
            Ok(payload) => {
                let request = Request::post("/dp").with_payload(format.0, payload);
                self.ask(now, request);
            }
            Err(reason) => {
                tracing::warn!(endpoint = %self.options.endpoint, %reason, "nothing is sent");
            }
        }
    }

    /// The client's own format if a Send can have it. Only SenML has a place for times.
    fn send_format(&self, timed: bool) -> ContentFormat {
        match payload::preferred(&self.resources) {
            ContentFormat::SENML_JSON => ContentFormat::SENML_JSON,
            ContentFormat::LWM2M_CBOR if !timed => ContentFormat::LWM2M_CBOR,
            _ => ContentFormat::SENML_CBOR,
        }
    }
}

/// The values at and below these paths that a server may have.
fn readable(resources: &Resources, paths: &[Path]) -> Vec<(Path, Value)> {
    let reachable = paths.iter().filter(|path| resources.require(**path).is_ok());
    let values = reachable.flat_map(|path| resources.tree.readable(*path));
    values.filter(|(_, value)| *value != Value::None).collect()
}
