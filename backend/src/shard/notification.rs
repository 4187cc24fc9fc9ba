//! Observations: begun, notified, ended. LwM2M Core 1.2 §6.4.

use super::Peer;
use super::gateway::whole;
use super::state::{Now, Shard};
use crate::lwm2m::observation::{Subject, Wanted};
use crate::lwm2m::operation::{decode, words};
use crate::registry::{DeviceNumber, What};
use coap::{FailureReason, Response, Token};
use shared::api::OperationKind;
use shared::event::Origin;

impl Shard {
    /// An observation began. One that was there for the same path has had its time.
    pub(super) fn established(
        &mut self,
        now: Now,
        device: DeviceNumber,
        peer: Peer,
        wanted: Wanted,
        token: Token,
    ) {
        let Some(record) = self.records.get_mut(&device) else {
            return;
        };
        let old: Vec<Token> = record
            .observations
            .iter()
            .filter(|(subject, old)| *subject == wanted.subject && *old != token)
            .map(|(_, old)| *old)
            .collect();
        record
            .observations
            .retain(|(subject, _)| *subject != wanted.subject);
        record.observations.push((wanted.subject.clone(), token));
        for old in old {
            self.tokens.remove(&(peer, old));
            self.endpoint.forget_observation(now.instant, peer, old);
        }
        self.tokens
            .insert((peer, token), (device, wanted.subject.clone()));
        self.surroundings.wishes.add(device, wanted.clone());
        let request = self
            .endpoint
            .observations(peer)
            .find(|observation| observation.token == token)
            .map(|observation| observation.request.clone());
        let what = What::ObservationStarted {
            wanted: Box::new(wanted),
            token,
            request,
        };
        self.report(now, device, what);
    }

    /// Forgets an observation that somebody ended.
    pub(super) fn observation_cancelled(
        &mut self,
        now: Now,
        device: DeviceNumber,
        subject: &Subject,
        token: Token,
        by: &str,
    ) {
        if let Some(record) = self.records.get_mut(&device) {
            record.observations.retain(|(_, known)| *known != token);
            let peer = record.peer;
            self.tokens.remove(&(peer, token));
            self.endpoint.forget_observation(now.instant, peer, token);
        }
        self.surroundings.wishes.remove(device, subject);
        self.observation_ended(now, device, subject.clone(), format!("{by} ended it."));
    }

    pub(super) fn observation_ended(
        &mut self,
        now: Now,
        device: DeviceNumber,
        subject: Subject,
        reason: String,
    ) {
        self.report(now, device, What::ObservationEnded { subject, reason });
    }

    pub(super) fn notified(&mut self, now: Now, peer: Peer, token: Token, response: &Response) {
        self.statistics.notifications += 1;
        let Some((device, subject)) = self.tokens.get(&(peer, token)).cloned() else {
            // The endpoint knew it and nobody else does: the next one is answered with a reset.
            self.endpoint.forget_observation(now.instant, peer, token);
            return;
        };
        self.heard(now, device);
        let Some(registration) = self
            .records
            .get(&device)
            .map(|record| record.registration.clone())
        else {
            return;
        };
        match decode::values(subject.base(), response, &registration, &self.models, now.at) {
            Ok(values) => {
                self.learn_children(now, device, &whole(&subject), &values);
                let what = What::Values {
                    origin: Origin::Notify,
                    values,
                    observation: Some(subject),
                };
                self.report(now, device, what);
            }
            Err(reason) => {
                self.report(now, device, What::Seen);
                let reason = format!("a notification of {subject} cannot be read: {reason}");
                self.report_refused(now, Some(device), peer, "notification", None, reason);
            }
        }
        self.pump(now, device);
    }

    pub(super) fn notification_lost(&mut self, now: Now, peer: Peer, token: Token, reason: FailureReason) {
        if let Some((device, subject)) = self.tokens.get(&(peer, token)) {
            let device = *device;
            let reason = format!("the rest of a notification of {subject} could not be fetched: {reason}");
            self.report_refused(now, Some(device), peer, "notification", None, reason);
        }
    }

    /// The device ended an observation. RFC 7641 §4.2.
    pub(super) fn observation_ended_by_device(
        &mut self,
        now: Now,
        peer: Peer,
        token: Token,
        response: &Response,
    ) {
        let Some((device, subject)) = self.tokens.remove(&(peer, token)) else {
            return;
        };
        self.heard(now, device);
        if let Some(record) = self.records.get_mut(&device) {
            record.observations.retain(|(_, known)| *known != token);
        }
        self.surroundings.wishes.remove(device, &subject);
        let reason = if response.code.is_success() {
            "The device ended it: it sent the value without an Observe option.".to_owned()
        } else {
            format!(
                "The device ended it. {}",
                words::refusal(OperationKind::Observe, response)
            )
        };
        self.observation_ended(now, device, subject, reason);
        self.report(now, device, What::Seen);
    }
}
