//! Send: values that the server did not ask for. LwM2M Core 1.2 §6.4.6.

use super::{Client, payload};
use crate::objects::server_resource;
use coap::Request;
use shared::{ContentFormat, Path, Value, Version};
use std::time::Instant;

impl Client {
    /// Sends what the options ask for, if it is time.
    pub(super) fn report_if_due(&mut self, now: Instant) {
        if self.next_report.is_none_or(|due| due > now) {
            return;
        }
        let Some(reports) = self.options.reports.clone() else {
            return;
        };
        self.next_report = Some(now + reports.every);
        self.advance(now);
        self.send(now, &reports.paths);
    }

    /// Sends the values, unless Send is muted or the client is not registered.
    pub(super) fn send(&mut self, now: Instant, paths: &[Path]) {
        let muted = self.resources.tree.get(server_resource::MUTE_SEND) == Some(&Value::Boolean(true));
        let registered = self.state() == super::ClientState::Registered;
        if muted || !registered || self.options.version < Version::V1_1 {
            return;
        }
        let reachable = paths.iter().filter(|path| self.resources.require(**path).is_ok());
        let values: Vec<_> = reachable
            .flat_map(|path| self.resources.tree.readable(*path))
            .collect();
        if values.is_empty() {
            return;
        }
        match payload::encode(&self.resources, Path::ROOT, values, ContentFormat::SENML_CBOR) {
            Ok(payload) => {
                let request = Request::post("/dp").with_payload(ContentFormat::SENML_CBOR.0, payload);
                self.ask(now, request);
            }
            Err(refusal) => {
                tracing::warn!(endpoint = %self.options.endpoint, reason = %refusal.reason, "nothing is sent");
            }
        }
    }
}
