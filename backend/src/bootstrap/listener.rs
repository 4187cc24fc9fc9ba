//! The bootstrap server's socket: requests of devices in, sessions out. One thread of its own, for bootstraps are few.

use super::desk::{Decision, Desk, note};
use super::records::Stored;
use super::sender::Sender;
use crate::lwm2m::Refusal;
use crate::lwm2m::bootstrap::{Answer, Asked, Ended, Job, Session, Todo, parse};
use crate::registry::{self, DeviceNumber, Report, What};
use coap::{Code, Endpoint, Event, ExchangeId, IncomingId, Request, RequestOptions, Response};
use shared::bootstrap::{
    Arrangement, Discovered, SessionState, SessionStep, SessionView, StepKind, has_refusal, pack,
};
use shared::model::{DeviceModels, default_version};
use shared::{ContentFormat, Timestamp, Version};
use std::collections::{BTreeMap, HashMap};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::net::UdpSocket;
use tokio::sync::{mpsc, oneshot};

/// How many sessions may be under way.
const MOST_RUNNING: usize = 4096;
/// When a device that comes while that many are is to come again, in seconds.
const COME_AGAIN: u32 = 60;
/// The largest datagram.
const DATAGRAM: usize = 65_535;
/// How many commands may wait.
pub(super) const QUEUE: usize = 64;

/// What the listener is told by others.
#[derive(Debug)]
pub(super) enum Command {
    /// Begin to write to a device that did not ask. LwM2M 1.0 §5.1.2.4.
    Begin {
        endpoint: String,
        peer: SocketAddr,
        reply: oneshot::Sender<Result<u64, String>>,
    },
    Stop,
}

/// A session that is under way.
#[derive(Debug)]
struct Running {
    id: u64,
    endpoint: String,
    /// It deletes what a device that left still has.
    retires: bool,
    session: Session,
    exchange: Option<ExchangeId>,
}

#[derive(Debug)]
pub(super) struct Listener {
    socket: UdpSocket,
    endpoint: Endpoint<SocketAddr>,
    running: HashMap<SocketAddr, Running>,
    exchanges: HashMap<ExchangeId, SocketAddr>,
    desk: Arc<Desk>,
    commands: mpsc::Receiver<Command>,
}

impl Listener {
    pub(super) fn new(
        socket: UdpSocket,
        seed: [u8; 32],
        desk: Arc<Desk>,
        commands: mpsc::Receiver<Command>,
    ) -> Listener {
        let config = coap::Config {
            max_peers: 1 << 16,
            max_duplicates: 1 << 16,
            max_body_size: 1 << 20,
            ..coap::Config::default()
        };
        Listener {
            socket,
            endpoint: Endpoint::new(config, seed),
            running: HashMap::new(),
            exchanges: HashMap::new(),
            desk,
            commands,
        }
    }

    /// Serves until it is told to stop.
    pub(super) async fn run(mut self) {
        self.desk.end_interrupted().await;
        let mut buffer = vec![0; DATAGRAM];
        loop {
            let due = self.endpoint.poll_timeout();
            let sleep = async {
                match due {
                    Some(due) => tokio::time::sleep_until(due.into()).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                received = self.socket.recv_from(&mut buffer) => match received {
                    Ok((length, peer)) => {
                        self.endpoint.handle_datagram(Instant::now(), peer, &buffer[..length]);
                    }
                    // An ICMP error of an earlier datagram; the socket goes on.
                    Err(error) => tracing::debug!(%error, "receiving failed"),
                },
                command = self.commands.recv() => match command {
                    Some(Command::Begin { endpoint, peer, reply }) => {
                        let begun = self.begin_direct(&endpoint, peer).await;
                        // The caller may have gone; the session goes on.
                        let _ = reply.send(begun);
                    }
                    Some(Command::Stop) | None => break,
                },
                () = sleep => self.endpoint.handle_timeout(Instant::now()),
            }
            self.settle().await;
        }
        self.stop().await;
    }

    /// The sessions under way end with the server.
    async fn stop(mut self) {
        for (_, running) in std::mem::take(&mut self.running) {
            let words = "The server stopped in the middle. The device asks again when it hears nothing.";
            let step = note(registry::now(), words);
            let ended = Some((SessionState::Failed, Some(words.to_owned())));
            self.desk.step(running.id, vec![step], ended).await;
        }
    }

    async fn settle(&mut self) {
        loop {
            while let Some(event) = self.endpoint.poll_event() {
                self.on_event(event).await;
            }
            let mut sent = false;
            while let Some(transmit) = self.endpoint.poll_transmit() {
                sent = true;
                if let Err(error) = self.socket.send_to(&transmit.datagram, transmit.peer).await {
                    tracing::debug!(%error, peer = %transmit.peer, "a datagram was not sent");
                }
            }
            if !sent {
                return;
            }
        }
    }

    async fn on_event(&mut self, event: Event<SocketAddr>) {
        match event {
            Event::Request {
                id, peer, request, ..
            } => self.on_request(id, &Sender::unsecured(peer), &request).await,
            Event::Response {
                exchange, response, ..
            } => self.answered(exchange, Answer::Response(response)).await,
            Event::Failed { exchange, reason, .. } => {
                self.answered(exchange, Answer::Failed(reason)).await;
            }
            Event::Malformed { peer, reason } => {
                let sender = Sender::unsecured(peer);
                self.refused(&sender, None, "datagram", None, reason.to_string())
                    .await;
            }
            // Nothing is observed here, nobody is pinged, and a lost answer is asked for again.
            _ => {}
        }
    }

    async fn on_request(&mut self, id: IncomingId, sender: &Sender, request: &Request) {
        let asked = match parse(request) {
            Ok(asked) => asked,
            Err(refusal) => return self.refuse(id, sender, None, refusal).await,
        };
        let claimed = match &asked {
            Asked::Bootstrap { endpoint, .. } | Asked::Pack { endpoint, .. } => endpoint.as_deref(),
        };
        let endpoint = match sender.speaks_for(claimed) {
            Ok(endpoint) => endpoint,
            Err(reason) => return self.refuse(id, sender, None, Refusal::bad_request(reason)).await,
        };
        let (device, name, stored, retire) = match self.desk.decide(&endpoint, sender).await {
            Decision::Configure {
                device,
                name,
                configuration,
            } => (Some(device), Some(name), configuration, Vec::new()),
            Decision::Retire(ids) => (None, None, Arc::default(), ids),
            Decision::Refuse(device, reason) => {
                let reason = format!("{}: {reason}", crate::lwm2m::quote(&endpoint));
                return self
                    .refuse(id, sender, device, Refusal::bad_request(reason))
                    .await;
            }
        };
        let who = Who {
            sender: sender.clone(),
            endpoint,
            device,
            name,
            stored,
            retire,
        };
        match asked {
            Asked::Bootstrap { format, .. } => self.bootstrap(id, who, format).await,
            Asked::Pack { .. } if !who.retire.is_empty() => {
                let refusal = Refusal::new(Code::NOT_IMPLEMENTED, "no Bootstrap-Pack is offered; ask at /bs");
                self.refuse(id, sender, None, refusal).await;
            }
            Asked::Pack { format, accounts, .. } => self.pack(id, who, format, accounts.as_ref()).await,
        }
    }

    /// Bootstrap-Request: it is answered, and then the commands begin. LwM2M Core 1.2 §6.1.7.1.
    async fn bootstrap(&mut self, id: IncomingId, who: Who, format: Option<ContentFormat>) {
        self.supersede(&who).await;
        if self.running.len() >= MOST_RUNNING {
            let refusal = Refusal::new(
                Code::SERVICE_UNAVAILABLE,
                "too many devices are being bootstrapped",
            );
            let response = refusal.response().with_max_age(COME_AGAIN);
            self.endpoint.respond(Instant::now(), id, response);
            return;
        }
        self.endpoint
            .respond(Instant::now(), id, Response::new(Code::CHANGED));
        let words = match format {
            Some(format) => format!("The device asks for its bootstrap, in {format}."),
            None => "The device asks for its bootstrap.".to_owned(),
        };
        self.begin(who, format, words, false).await;
    }

    async fn begin(
        &mut self,
        who: Who,
        format: Option<ContentFormat>,
        words: String,
        by_server: bool,
    ) -> u64 {
        let at = registry::now();
        let peer = who.sender.address;
        let variables = self.desk.variables(&who.endpoint, Some(peer));
        let job = Job {
            format,
            recipe: self.desk.recipe(&who.stored.body.configuration, variables),
            models: self.desk.models.get(),
            retire: who.retire.clone(),
        };
        let id = self.desk.open(view(&who, at, by_server)).await;
        let running = Running {
            id,
            endpoint: who.endpoint,
            retires: !who.retire.is_empty(),
            session: Session::new(job, Instant::now(), at, words),
            exchange: None,
        };
        self.running.insert(peer, running);
        self.proceed(peer).await;
        id
    }

    /// A device that asks anew has begun anew; so has one that took the place of another at its address.
    async fn supersede(&mut self, who: &Who) {
        let old: Vec<SocketAddr> = self
            .running
            .iter()
            .filter(|(peer, running)| **peer == who.sender.address || running.endpoint == who.endpoint)
            .map(|(peer, _)| *peer)
            .collect();
        for peer in old {
            let Some(running) = self.running.remove(&peer) else {
                continue;
            };
            if let Some(exchange) = running.exchange {
                self.exchanges.remove(&exchange);
                self.endpoint.cancel(Instant::now(), exchange);
            }
            let words = "The device asked for its bootstrap anew.";
            let ended = Some((SessionState::Superseded, Some(words.to_owned())));
            self.desk
                .step(running.id, vec![note(registry::now(), words)], ended)
                .await;
        }
    }

    /// Sends the next command of a session, or ends it.
    async fn proceed(&mut self, peer: SocketAddr) {
        let (now, at) = (Instant::now(), registry::now());
        let Some(running) = self.running.get_mut(&peer) else {
            return;
        };
        let ended = match running.session.next(now, at) {
            Todo::Send(request, deadline) => {
                let options = RequestOptions {
                    deadline: Some(deadline.max(Duration::from_millis(1))),
                    ..RequestOptions::default()
                };
                match self.endpoint.request(now, peer, *request, options) {
                    Ok(exchange) => {
                        running.exchange = Some(exchange);
                        self.exchanges.insert(exchange, peer);
                        None
                    }
                    Err(error) => {
                        running
                            .session
                            .stop(at, format!("The server cannot send: {error}."));
                        Some(Ended::Failed(format!("The server cannot send: {error}.")))
                    }
                }
            }
            Todo::End(ended) => Some(ended),
        };
        let (id, news) = (running.id, running.session.news());
        let retired = running.retires && ended == Some(Ended::Finished);
        let retired = retired.then(|| running.endpoint.clone());
        let ended = ended.map(|ended| {
            self.running.remove(&peer);
            match ended {
                Ended::Finished => (SessionState::Finished, None),
                Ended::Failed(reason) => (SessionState::Failed, Some(reason)),
            }
        });
        if !news.is_empty() || ended.is_some() {
            self.desk.step(id, news, ended).await;
        }
        if let Some(endpoint) = retired {
            self.desk.retired(&endpoint).await;
        }
    }

    async fn answered(&mut self, exchange: ExchangeId, answer: Answer) {
        let Some(peer) = self.exchanges.remove(&exchange) else {
            return;
        };
        let Some(running) = self.running.get_mut(&peer) else {
            return;
        };
        if running.exchange != Some(exchange) {
            return;
        }
        running.exchange = None;
        running.session.answered(Instant::now(), registry::now(), answer);
        self.proceed(peer).await;
    }

    /// Bootstrap-Pack-Request: everything in the answer, and no Finish. LwM2M Core 1.2 §6.1.7.2.
    async fn pack(&mut self, id: IncomingId, who: Who, format: ContentFormat, accounts: Option<&Discovered>) {
        let packed = self.packed(&who, format, accounts);
        let (payload, words) = match packed {
            Ok(packed) => packed,
            // Any error makes the device ask the long way; a pack that is not offered is 5.01.
            Err(reason) => {
                let refusal = Refusal::new(Code::NOT_IMPLEMENTED, reason);
                return self.refuse(id, &who.sender, who.device, refusal).await;
            }
        };
        self.supersede(&who).await;
        let at = registry::now();
        let session = self.desk.open(view(&who, at, false)).await;
        let step = SessionStep {
            at,
            kind: StepKind::Pack,
            message: "GET /bspack".into(),
            format: Some(format),
            size: u32::try_from(payload.len()).unwrap_or(u32::MAX),
            code: Some(Code::CONTENT.to_string()),
            words,
        };
        let response = Response::new(Code::CONTENT).with_payload(format.0, payload);
        self.endpoint.respond(Instant::now(), id, response);
        let end = note(
            at,
            "The device has its configuration in one pack; its Register shows whether it took it.",
        );
        self.desk
            .step(session, vec![step, end], Some((SessionState::Finished, None)))
            .await;
    }

    fn packed(
        &self,
        who: &Who,
        format: ContentFormat,
        accounts: Option<&Discovered>,
    ) -> Result<(Vec<u8>, String), String> {
        if !who.stored.body.configuration.pack {
            return Err("no Bootstrap-Pack is offered; ask at /bs".into());
        }
        // The pack came with LwM2M 1.2.
        let versions: BTreeMap<u16, String> = (0..=27)
            .map(|object| (object, default_version(Version::V1_2, object).to_owned()))
            .collect();
        let registry = self.desk.models.get();
        let models = DeviceModels::new(&registry, &versions);
        let variables = self.desk.variables(&who.endpoint, Some(who.sender.address));
        let (draft, findings) = super::desk::fill(&who.stored.body.configuration, &variables, &models);
        if has_refusal(&findings) {
            let words: Vec<String> = findings.into_iter().map(|it| it.message).collect();
            return Err(format!(
                "the configuration is not fit to be sent: {}",
                words.join(" ")
            ));
        }
        let arrangement = Arrangement::for_pack(&draft, accounts);
        if let Some(conflict) = arrangement.conflicts.first() {
            return Err(conflict.clone());
        }
        let payload =
            pack(&arrangement, format, &models, registry::now()).map_err(|error| error.to_string())?;
        let paths: Vec<String> = arrangement
            .writes
            .iter()
            .map(|write| write.node.base.to_string())
            .collect();
        Ok((payload, paths.join(" ")))
    }

    async fn begin_direct(&mut self, endpoint: &str, peer: SocketAddr) -> Result<u64, String> {
        let sender = Sender::unsecured(peer);
        match self.desk.decide(endpoint, &sender).await {
            Decision::Refuse(_, reason) => Err(reason),
            Decision::Retire(_) => Err("the device was decommissioned".into()),
            Decision::Configure {
                device,
                name,
                configuration,
            } => {
                let who = Who {
                    sender,
                    endpoint: endpoint.to_owned(),
                    device: Some(device),
                    name: Some(name),
                    stored: configuration,
                    retire: Vec::new(),
                };
                self.supersede(&who).await;
                if self.running.len() >= MOST_RUNNING {
                    return Err("too many devices are being bootstrapped".into());
                }
                let words = "The server begins, without having been asked (LwM2M 1.0).".to_owned();
                Ok(self.begin(who, None, words, true).await)
            }
        }
    }

    async fn refuse(
        &mut self,
        id: IncomingId,
        sender: &Sender,
        device: Option<DeviceNumber>,
        refusal: Refusal,
    ) {
        self.endpoint.respond(Instant::now(), id, refusal.response());
        let code = Some(refusal.code.to_string());
        self.refused(sender, device, "bootstrap request", code, refusal.reason)
            .await;
    }

    async fn refused(
        &self,
        sender: &Sender,
        device: Option<DeviceNumber>,
        what: &str,
        code: Option<String>,
        reason: String,
    ) {
        let what = What::Refused {
            address: sender.address,
            what: what.to_owned(),
            code,
            reason,
        };
        self.desk
            .report(Report {
                at: registry::now(),
                device,
                what,
            })
            .await;
    }
}

/// A device that is to be bootstrapped, and with what.
#[derive(Debug)]
struct Who {
    sender: Sender,
    endpoint: String,
    /// None for a device that left.
    device: Option<DeviceNumber>,
    name: Option<String>,
    stored: Arc<Stored>,
    /// The accounts that are to be deleted, by short server id.
    retire: Vec<u16>,
}

fn view(who: &Who, at: Timestamp, by_server: bool) -> SessionView {
    SessionView {
        id: 0,
        endpoint: who.endpoint.clone(),
        address: who.sender.address.to_string(),
        security: who.sender.security.to_owned(),
        configuration: who.name.clone(),
        by_server,
        state: SessionState::Running,
        reason: None,
        started_at: at,
        ended_at: None,
        steps: Vec::new(),
    }
}
