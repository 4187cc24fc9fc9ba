//! What the CoAP endpoint tells, each to where it belongs.

use super::Peer;
use super::exchange::Answered;
use super::state::{Now, Shard};
use coap::{Event, IncomingId, Request};

impl Shard {
    pub(super) fn on_event(&mut self, now: Now, event: Event<Peer>) {
        match event {
            Event::Request {
                id, peer, request, ..
            } => {
                if let Some(request) = self.claim_for(now, id, peer, request) {
                    self.serve(now, id, peer, &request);
                }
            }
            Event::Response {
                exchange,
                peer,
                response,
                round_trip,
                observation,
                ..
            } => self.answered(
                now,
                exchange,
                &Answered {
                    peer,
                    response,
                    round_trip,
                    observation,
                },
            ),
            Event::Failed { exchange, reason, .. } => self.failed(now, exchange, reason),
            Event::Notification {
                peer,
                token,
                response,
                ..
            } => self.notified(now, peer, token, &response),
            Event::NotificationLost { peer, token, reason } => {
                self.notification_lost(now, peer, token, reason);
            }
            Event::ObservationEnded {
                peer,
                token,
                response,
            } => self.observation_ended_by_device(now, peer, token, &response),
            Event::Malformed { peer, reason } => {
                self.report_refused(now, None, peer, "datagram", None, reason.to_string());
            }
            Event::ResponseLost { peer, reason, .. } => {
                tracing::debug!(%peer, %reason, "a response was not acknowledged");
            }
            Event::Closing { peer, reason } => self.closing(now, peer, &reason),
            // Nothing here is observed, and nobody is pinged.
            Event::Pong { .. }
            | Event::NotificationAcknowledged { .. }
            | Event::NotificationRejected { .. } => {}
        }
    }

    /// Answers a request.
    pub(super) fn serve(&mut self, now: Now, id: IncomingId, peer: Peer, request: &Request) {
        let (response, device) = self.on_request(now, peer, request);
        *self
            .statistics
            .answered
            .entry((request.code.0, response.code.0))
            .or_default() += 1;
        self.endpoint.respond(now.instant, id, response);
        // Nothing is asked of a device before its request is answered.
        if let Some(device) = device {
            self.pump(now, device);
        }
    }
}
