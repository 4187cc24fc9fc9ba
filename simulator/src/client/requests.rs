//! What goes between client and server, in either direction.

use super::operation::{self, Outcome};
use super::package;
use super::registration::{self, State, Told};
use super::reporting::History;
use super::{Client, Transport, links};
use crate::objects::{FetchError, server_resource};
use coap::{Code, FailureReason, IncomingId, Request, RequestOptions, Response, Token};
use shared::{Value, Version};
use std::time::{Duration, Instant};

impl Client {
    /// Answers the server.
    pub(super) fn handle_request(&mut self, now: Instant, id: IncomingId, token: Token, request: &Request) {
        // What is read is read as it is now.
        self.advance(now);
        let child = self.child_of(request);
        let Outcome {
            response,
            actions,
            observation,
        } = {
            let time = self.options.clock.at(now);
            operation::handle(self.resources_of(child), request, time)
        };
        if request.observe() == Some(1) {
            self.remove_observer(token);
        }
        tracing::debug!(
            endpoint = %self.options.endpoint,
            method = %request.code,
            path = %request.path(),
            code = %response.code,
            "answered"
        );
        self.endpoint.respond(now, id, response);
        let behind = child.and_then(|place| self.children.get_mut(place));
        if let Some(subscription) = observation {
            let observers = behind.map_or(&mut self.observers, |child| &mut child.observers);
            observers.add(now, token, subscription);
        }
        match child {
            Some(place) => actions
                .into_iter()
                .for_each(|action| self.act_behind(now, place, action)),
            None => self.actions.extend(actions),
        }
    }

    /// Takes an answer, or the lack of one.
    pub(super) fn handle_response(
        &mut self,
        now: Instant,
        exchange: coap::ExchangeId,
        answer: Result<Response, FailureReason>,
    ) {
        if self.fetching.is_some_and(|(fetch, _)| fetch == exchange) {
            self.fetching = None;
            let package = match answer {
                Ok(response) if response.code == Code::CONTENT => Ok(response.payload),
                _ => Err(FetchError::Connection),
            };
            self.fetched(now, package);
            return;
        }
        match &mut self.registration.state {
            State::Registering {
                exchange: register,
                told,
            } if *register == exchange => {
                let told = told.clone();
                self.register_answered(now, answer, told);
            }
            State::Registered(registered)
                if registered
                    .updating
                    .as_ref()
                    .is_some_and(|(it, _)| *it == exchange) =>
            {
                if let Some((_, told)) = registered.updating.take() {
                    self.update_answered(now, answer, told);
                }
            }
            State::Leaving {
                exchange: leave,
                away,
            } if *leave == exchange => {
                self.registration.state = match away {
                    Some(away) => State::Waiting { until: now + *away },
                    None => State::Gone,
                };
            }
            _ => {}
        }
    }

    /// What is due now that the time has come: a Register or an Update.
    pub(super) fn continue_registration(&mut self, now: Instant) {
        match self.registration.state {
            State::Waiting { .. } => self.register(now),
            State::Registered(_) => self.update(now),
            _ => {}
        }
    }

    fn told(&self) -> Told {
        let lifetime = match self.resources.tree.get(server_resource::LIFETIME) {
            Some(Value::Integer(seconds)) => u32::try_from(*seconds).unwrap_or(self.options.lifetime),
            _ => self.options.lifetime,
        };
        let binding = match self.resources.tree.get(server_resource::BINDING) {
            Some(Value::String(binding)) => binding.clone(),
            _ => self.options.binding().into(),
        };
        Told {
            lifetime,
            binding,
            links: links::registration(&self.resources, self.options.quirks),
        }
    }

    fn register(&mut self, now: Instant) {
        // A new registration begins without observations. LwM2M Core 1.2 §6.2.1.
        self.clear_observers();
        let told = self.told();
        let request = registration::register(&self.options, &told, self.registration.profile_alone);
        match self.ask(now, request) {
            Some(exchange) => self.registration.state = State::Registering { exchange, told },
            None => {
                self.registration.failed(now, None);
            }
        }
    }

    fn register_answered(&mut self, now: Instant, answer: Result<Response, FailureReason>, told: Told) {
        let endpoint = self.options.endpoint.clone();
        let location = answer
            .as_ref()
            .ok()
            .filter(|response| response.code == Code::CREATED)
            .and_then(Response::location_path);
        if let Some(location) = location {
            tracing::info!(%endpoint, %location, "registered");
            self.registration.registered(now, location, told);
            self.next_report = self.options.reports.as_ref().map(|it| now + it.every);
            self.history.next = self
                .options
                .reports
                .as_ref()
                .and_then(|it| it.sampled)
                .map(|every| now + every);
            // What changed while the Register was on its way is told at once.
            if self.told() != self.registration_told() {
                self.update(now);
            }
            return;
        }
        match answer {
            Ok(response) if response.code == Code::PRECONDITION_FAILED && self.step_down() => {
                self.register(now);
            }
            // The server cannot tell the object list: register with the whole. LwM2M Core 1.2 §6.2.1.3.
            Ok(response)
                if response.code == Code::CONFLICT
                    && self.options.dialect.profile_id.is_some()
                    && self.registration.profile_alone =>
            {
                self.registration.profile_alone = false;
                self.register(now);
            }
            Ok(response) => {
                let reason = response.diagnostic_text().unwrap_or_default().to_owned();
                let told_to_wait = (response.code == Code::SERVICE_UNAVAILABLE)
                    .then(|| Duration::from_secs(u64::from(response.max_age().unwrap_or(60))));
                let code = response.code;
                let wait = self.registration.failed(now, told_to_wait);
                tracing::warn!(%endpoint, %code, %reason, ?wait, "the server refuses the registration");
            }
            Err(reason) => {
                let wait = self.registration.failed(now, None);
                tracing::info!(%endpoint, %reason, ?wait, "the server does not answer");
            }
        }
    }

    /// The server does not serve this version: take the next older. LwM2M Core 1.2 §6.2.1. False if there is none.
    fn step_down(&mut self) -> bool {
        let older = match self.options.version {
            Version::V1_2 => Version::V1_1,
            Version::V1_1 => Version::V1_0,
            Version::V1_0 => return false,
        };
        tracing::info!(endpoint = %self.options.endpoint, version = %older, "steps down");
        self.options.version = older;
        self.resources.version = older;
        true
    }

    fn registration_told(&self) -> Told {
        match &self.registration.state {
            State::Registered(registered) => registered.told.clone(),
            _ => self.told(),
        }
    }

    /// Sends an Update with what changed; one that is on its way already is followed by another if need be.
    pub(super) fn update(&mut self, now: Instant) {
        let told = self.told();
        let State::Registered(registered) = &self.registration.state else {
            return;
        };
        if registered.updating.is_some() {
            return;
        }
        let request = registration::update(&registered.location, &registered.told, &told);
        let asked = self.ask(now, request);
        if let State::Registered(registered) = &mut self.registration.state {
            match asked {
                Some(exchange) => registered.updating = Some((exchange, told)),
                None => registered.update_at = Some(now + Duration::from_secs(1)),
            }
        }
    }

    fn update_answered(&mut self, now: Instant, answer: Result<Response, FailureReason>, told: Told) {
        let endpoint = &self.options.endpoint;
        match answer {
            Ok(response) if response.code == Code::CHANGED => {
                tracing::debug!(%endpoint, "updated");
                self.registration.updated(now, told.clone());
                if self.told() != told {
                    self.update(now);
                }
            }
            Ok(response) if response.code == Code::SERVICE_UNAVAILABLE => {
                let wait = Duration::from_secs(u64::from(response.max_age().unwrap_or(60)));
                self.registration.updated(now, told);
                if let State::Registered(registered) = &mut self.registration.state {
                    registered.update_at = Some(now + wait);
                }
            }
            Ok(response) => {
                // The server does not know this registration any more: begin anew. LwM2M Core 1.2 §6.2.2.
                tracing::info!(%endpoint, code = %response.code, "the server refuses the update");
                self.register(now);
            }
            // The registration lives on; the next connection begins with an Update. LwM2M Transport 1.2 §6.4.
            Err(FailureReason::Disconnected) => {}
            Err(reason) => {
                let wait = self.registration.failed(now, None);
                tracing::info!(%endpoint, %reason, ?wait, "the server does not answer");
            }
        }
    }

    /// De-registers and stays away, for good without a time.
    pub(super) fn leave(&mut self, now: Instant, away: Option<Duration>) {
        let next = match &self.registration.state {
            State::Registered(registered) => {
                let request = Request::delete(&registered.location);
                self.ask(now, request)
                    .map(|exchange| State::Leaving { exchange, away })
            }
            State::Leaving { exchange, .. } => Some(State::Leaving {
                exchange: *exchange,
                away,
            }),
            _ => None,
        };
        self.clear_observers();
        self.next_report = None;
        self.history = History::default();
        self.registration.state = next.unwrap_or(match away {
            Some(away) => State::Waiting { until: now + away },
            None => State::Gone,
        });
    }

    /// Fetches a firmware package.
    pub(super) fn fetch(&mut self, now: Instant, uri: &str) {
        let asked = package::parse(uri).and_then(|(source, request)| {
            // A device on a stream has a connection to its server and no other way.
            if self.options.transport == Transport::Stream && source != self.options.server {
                return Err(FetchError::Protocol);
            }
            let options = RequestOptions::default();
            let exchange = self.endpoint.request(now, source, request, options);
            exchange
                .map(|exchange| (exchange, source))
                .map_err(|_| FetchError::Connection)
        });
        match asked {
            Ok(fetching) => self.fetching = Some(fetching),
            Err(error) => self.fetched(now, Err(error)),
        }
    }

    fn fetched(&mut self, now: Instant, package: Result<Vec<u8>, FetchError>) {
        let time = self.options.clock.at(now);
        if let Some(firmware) = self.resources.behaviours.get_mut(&5) {
            let action = firmware.fetched(package, time, &mut self.resources.tree);
            self.actions.extend(action);
        }
    }

    /// Sends a request to the server. `None` if there is no room for it, which the log tells.
    pub(super) fn ask(&mut self, now: Instant, request: Request) -> Option<coap::ExchangeId> {
        let server = self.options.server;
        if !self.is_reachable() {
            return None;
        }
        match self
            .endpoint
            .request(now, server, request, RequestOptions::default())
        {
            Ok(exchange) => Some(exchange),
            Err(error) => {
                tracing::warn!(endpoint = %self.options.endpoint, %error, "a request cannot be sent");
                None
            }
        }
    }
}
