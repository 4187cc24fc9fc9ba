//! What devices ask: registration under `/rd`, Send under `/dp`, and nothing else.

use super::Peer;
use super::registration::Answer;
use super::state::{Now, Shard};
use crate::lwm2m::registration::Registration;
use crate::lwm2m::{Refusal, quote, reporting};
use crate::registry::{DeviceNumber, What};
use coap::{Code, Request, Response};
use shared::event::Origin;

impl Shard {
    /// The response to a request, and the device that may be asked something after it.
    pub(super) fn on_request(
        &mut self,
        now: Now,
        peer: Peer,
        request: &Request,
    ) -> (Response, Option<DeviceNumber>) {
        let mut segments = request.path_segments();
        let path = (segments.next(), segments.next(), segments.next());
        let (what, result) = match (path, request.code) {
            ((Some("rd"), None, _), Code::POST) => ("register", self.register(now, peer, request)),
            ((Some("rd"), Some(id), None), Code::POST) => ("update", self.update(now, peer, id, request)),
            ((Some("rd"), Some(id), None), Code::DELETE) => ("deregister", self.deregister(now, peer, id)),
            ((Some("dp"), None, _), Code::POST) => ("send", self.send(now, peer, request)),
            ((Some("rd" | "dp"), ..), _) => (
                "request",
                Err(Refusal::new(
                    Code::METHOD_NOT_ALLOWED,
                    format!(
                        "{} is not for this resource",
                        request.code.name().unwrap_or("this method")
                    ),
                )),
            ),
            ((Some("bs"), None, _), Code::POST) => (
                "bootstrap request",
                Err(Refusal::not_found("this is no bootstrap server")),
            ),
            _ => (
                "request",
                Err(Refusal::not_found(format!(
                    "there is no resource {}",
                    quote(&request.path())
                ))),
            ),
        };
        match result {
            Ok(Answer { response, device }) => (response, device),
            Err(refusal) => {
                let response = refusal.response();
                self.report_refused(now, None, peer, what, Some(refusal.code), refusal.reason);
                (response, None)
            }
        }
    }

    /// Send. LwM2M Core 1.2 §6.4.6.
    fn send(&mut self, now: Now, peer: Peer, request: &Request) -> Result<Answer, Refusal> {
        let device = *self
            .by_peer
            .get(&peer)
            .ok_or_else(|| Refusal::not_found("no device is registered at this address: register first"))?;
        let registration = self
            .records
            .get(&device)
            .map(|record| record.registration.clone())
            .ok_or_else(|| Refusal::not_found("no device is registered at this address: register first"))?;
        self.heard(now, device);
        let sent = match self.family(device) {
            Some(family) => {
                let find = |prefix: &str| {
                    let of_it = |registration: &Registration| match &registration.behind {
                        Some(behind) => *behind.prefix == *prefix,
                        None => prefix.is_empty(),
                    };
                    family
                        .iter()
                        .find(|(_, registration)| of_it(registration))
                        .cloned()
                };
                reporting::send_of_gateway(request, find, &self.models, now.at)?
            }
            None => vec![(
                device,
                reporting::send(request, &registration, &self.models, now.at)?,
            )],
        };
        self.statistics.sends += 1;
        for (device, values) in sent {
            self.learn_children(now, device, &[], &values);
            let what = What::Values {
                origin: Origin::Send,
                values,
                observation: None,
            };
            self.report(now, device, what);
        }
        Ok(Answer {
            response: Response::new(Code::CHANGED),
            device: Some(device),
        })
    }
}
