//! The bootstrap server's sockets: requests of devices in, sessions out. One thread of its own, for bootstraps are few.

use super::BootstrapError;
use super::connections::Connections;
use super::desk::{Decision, Desk, News, note};
use super::keys::Keys;
use super::records::Stored;
use super::secure::{Arrived, Secure};
use super::sender::Sender;
use crate::lwm2m::Refusal;
use crate::lwm2m::bootstrap::{Answer, Asked, Ended, Job, Session, Todo, parse};
use crate::registry::{self, DeviceNumber, Report, What};
use crate::shard::{Arrival, NoConnection, Stream};
use coap::{ClosingReason, Code, Endpoint, Event, ExchangeId, IncomingId, Request, RequestOptions, Response};
use shared::bootstrap::{
    Arrangement, Discovered, SessionState, SessionView, StepKind, StepView, Variables, has_refusal, pack,
};
use shared::model::{DeviceModels, default_version};
use shared::sorted::SortedMap;
use shared::{ContentFormat, Timestamp, Version};
use std::collections::HashMap;
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
/// The most of a pack that is kept to be looked at, in bytes.
const MOST_SHOWN: usize = 16 * 1024;
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

/// By which way a device is reached: its address, its DTLS session, or its connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Way {
    Udp(SocketAddr),
    Dtls(dtls::SessionId),
    Stream(Stream),
}

/// What messages come and go by.
#[derive(Debug)]
pub(super) struct Ways {
    pub(super) plain: Option<UdpSocket>,
    pub(super) secure: Option<Secure>,
    pub(super) connections: Connections,
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
    socket: Option<UdpSocket>,
    secure: Option<Secure>,
    connections: Connections,
    endpoint: Endpoint<Way>,
    running: HashMap<Way, Running>,
    exchanges: HashMap<ExchangeId, Way>,
    keys: Keys,
    desk: Arc<Desk>,
    commands: mpsc::Receiver<Command>,
}

/// What the loop woke up for.
enum Happened {
    Plain(std::io::Result<(usize, SocketAddr)>),
    Secured(std::io::Result<(usize, SocketAddr)>),
    Connection(Arrival),
    Told(Option<Command>),
    Due,
}

impl Listener {
    pub(super) fn new(
        ways: Ways,
        seed: [u8; 32],
        keys: Keys,
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
            socket: ways.plain,
            secure: ways.secure,
            connections: ways.connections,
            keys,
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
        if let Err(error) = self.connections.begin() {
            tracing::error!(%error, "the bootstrap server takes no connections");
        }
        let mut buffer = vec![0; DATAGRAM];
        let mut secured = vec![0; DATAGRAM];
        loop {
            let due = [
                self.endpoint.poll_timeout(),
                self.secure.as_ref().and_then(Secure::deadline),
            ];
            let due = due.into_iter().flatten().min();
            let sleep = async {
                match due {
                    Some(due) => tokio::time::sleep_until(due.into()).await,
                    None => std::future::pending().await,
                }
            };
            let plain = async {
                match &self.socket {
                    Some(socket) => socket.recv_from(&mut buffer).await,
                    None => std::future::pending().await,
                }
            };
            let safe = async {
                match &self.secure {
                    Some(secure) => secure.receive(&mut secured).await,
                    None => std::future::pending().await,
                }
            };
            let happened = tokio::select! {
                received = plain => Happened::Plain(received),
                received = safe => Happened::Secured(received),
                arrival = self.connections.next() => Happened::Connection(arrival),
                command = self.commands.recv() => Happened::Told(command),
                () = sleep => Happened::Due,
            };
            let now = Instant::now();
            match happened {
                Happened::Plain(Ok((length, peer))) => {
                    let way = Way::Udp(peer);
                    self.endpoint.handle_datagram(now, way, &buffer[..length]);
                }
                Happened::Secured(Ok((length, peer))) => {
                    if let Some(secure) = &mut self.secure {
                        secure.handle_datagram(now, peer, &mut secured[..length]);
                    }
                }
                Happened::Connection(arrival) => self.arrived(now, arrival).await,
                // An ICMP error of an earlier datagram; the socket goes on.
                Happened::Plain(Err(error)) | Happened::Secured(Err(error)) => {
                    tracing::debug!(%error, "receiving failed");
                }
                Happened::Told(Some(Command::Begin {
                    endpoint,
                    peer,
                    reply,
                })) => {
                    let begun = self.begin_direct(&endpoint, peer).await;
                    // The caller may have gone; the session goes on.
                    let _ = reply.send(begun);
                }
                Happened::Told(Some(Command::Stop) | None) => break,
                Happened::Due => {
                    self.endpoint.handle_timeout(now);
                    if let Some(secure) = &mut self.secure {
                        secure.handle_timeout(now);
                    }
                }
            }
            self.settle().await;
        }
        self.stop().await;
    }

    /// The sessions under way end with the server.
    async fn stop(mut self) {
        for (_, running) in std::mem::take(&mut self.running) {
            let words = "The server stopped in the middle.";
            self.desk
                .step(running.id, News::ended(SessionState::Failed, words))
                .await;
        }
        for stream in self.connections.all() {
            self.endpoint.release(Instant::now(), Way::Stream(stream));
        }
        self.settle().await;
        self.connections.finish().await;
    }

    /// Takes what happened to a connection. RFC 8323.
    async fn arrived(&mut self, now: Instant, arrival: Arrival) {
        match arrival {
            Arrival::Opened {
                stream,
                outgoing,
                proven,
            } => {
                // Without the way out its task ends.
                if self.endpoint.connected(now, Way::Stream(stream)) {
                    self.connections.opened(stream, outgoing, proven);
                }
            }
            Arrival::Bytes { stream, bytes } => {
                self.endpoint.handle_stream(now, Way::Stream(stream), &bytes);
            }
            // What was under way fails with it; the device asks again.
            Arrival::Closed { stream, .. } => {
                self.connections.gone(stream);
                self.endpoint.disconnected(now, Way::Stream(stream));
            }
            Arrival::Refused(refused) => {
                let (address, what, reason) = match refused {
                    NoConnection::Limit { address, reason } => (address, "bootstrap connection", reason),
                    NoConnection::Handshake { address, refused } => {
                        (address, "bootstrap handshake", refused.reason)
                    }
                };
                let sender = Sender::unsecured(address);
                self.refused(&sender, None, what, None, reason).await;
            }
        }
    }

    async fn settle(&mut self) {
        loop {
            self.settle_security().await;
            while let Some(event) = self.endpoint.poll_event() {
                self.on_event(event).await;
            }
            let mut sent = false;
            while let Some(transmit) = self.endpoint.poll_transmit() {
                sent = true;
                match (transmit.peer, &self.socket, &mut self.secure) {
                    (Way::Udp(address), Some(socket), _) => {
                        if let Err(error) = socket.send_to(&transmit.datagram, address).await {
                            tracing::debug!(%error, %address, "a datagram was not sent");
                        }
                    }
                    (Way::Dtls(session), _, Some(secure)) => secure.send(session, &transmit.datagram),
                    (Way::Stream(stream), ..) => self.connections.send(stream, transmit.datagram),
                    _ => {}
                }
            }
            self.connections.close_ended();
            if let Some(secure) = &mut self.secure {
                sent |= secure.flush().await;
            }
            if !sent {
                return;
            }
        }
    }

    /// Takes what came through the security layer.
    async fn settle_security(&mut self) {
        let now = Instant::now();
        while let Some(arrived) = self
            .secure
            .as_mut()
            .and_then(|secure| secure.poll(now, registry::now()))
        {
            match arrived {
                Arrived::Data(session, bytes) => {
                    self.endpoint.handle_datagram(now, Way::Dtls(session), &bytes);
                }
                // What was under way fails, and its session with it; the device asks again.
                Arrived::Ended(session) => self.endpoint.forget_peer(Way::Dtls(session)),
                Arrived::Refused { address, reason } => {
                    let sender = Sender::unsecured(address);
                    self.refused(&sender, None, "bootstrap handshake", None, reason)
                        .await;
                }
            }
        }
    }

    /// Who is at the other end of a way; none for a session that has ended.
    fn sender(&self, way: Way) -> Option<Sender> {
        match way {
            Way::Udp(address) => Some(Sender::unsecured(address)),
            Way::Dtls(session) => self.secure.as_ref()?.sender(session),
            Way::Stream(stream) => self.connections.sender(stream, &self.keys, registry::now()),
        }
    }

    async fn on_event(&mut self, event: Event<Way>) {
        match event {
            Event::Request {
                id, peer, request, ..
            } => {
                if let Some(sender) = self.sender(peer) {
                    self.on_request(id, peer, &sender, &request).await;
                }
            }
            Event::Response {
                exchange, response, ..
            } => self.answered(exchange, Answer::Response(response)).await,
            Event::Failed { exchange, reason, .. } => {
                self.answered(exchange, Answer::Failed(reason)).await;
            }
            Event::Malformed { peer, reason } => {
                if let Some(sender) = self.sender(peer) {
                    self.refused(&sender, None, "datagram", None, reason.to_string())
                        .await;
                }
            }
            Event::Closing { peer, reason } => {
                if let (true, Some(sender)) = (reason != ClosingReason::Released, self.sender(peer)) {
                    self.refused(&sender, None, "bootstrap connection", None, reason.to_string())
                        .await;
                }
                if let Way::Stream(stream) = peer {
                    self.connections.end(stream);
                }
            }
            // Nothing is observed here, nobody is pinged, and a lost answer is asked for again.
            _ => {}
        }
    }

    async fn on_request(&mut self, id: IncomingId, way: Way, sender: &Sender, request: &Request) {
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
        if !sender.is_authenticated()
            && let Some(mode) = self.keys.demands(&endpoint)
        {
            let reason = format!(
                "{} has to prove itself by {mode} over coaps, and came without security",
                crate::lwm2m::quote(&endpoint)
            );
            return self.refuse(id, sender, None, Refusal::bad_request(reason)).await;
        }
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
            way,
            sender: sender.clone(),
            endpoint,
            device,
            name,
            stored,
            retire,
        };
        match asked {
            Asked::Bootstrap { format, .. } => self.bootstrap(id, who, format, message_of(request)).await,
            Asked::Pack { .. } if !who.retire.is_empty() => {
                let refusal = Refusal::new(Code::NOT_IMPLEMENTED, "no Bootstrap-Pack is offered; ask at /bs");
                self.refuse(id, sender, None, refusal).await;
            }
            Asked::Pack { format, accounts, .. } => {
                self.pack(id, who, format, accounts.as_ref(), message_of(request))
                    .await;
            }
        }
    }

    /// Bootstrap-Request: it is answered, and then the commands begin. LwM2M Core 1.2 §6.1.7.1.
    async fn bootstrap(&mut self, id: IncomingId, who: Who, format: Option<ContentFormat>, message: String) {
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
        let variables = match self.variables(&who).await {
            Ok(variables) => variables,
            Err(error) => {
                let refusal = Refusal::new(Code::INTERNAL_SERVER_ERROR, error.to_string());
                return self.refuse(id, &who.sender, who.device, refusal).await;
            }
        };
        self.endpoint
            .respond(Instant::now(), id, Response::new(Code::CHANGED));
        let mut words = match format {
            Some(format) => format!("The device asks for its bootstrap, in {format}."),
            None => "The device asks for its bootstrap.".to_owned(),
        };
        let configuration = &who.stored.body.configuration;
        let now = registry::now();
        for finding in self.keys.findings(&who.endpoint, configuration, &variables, now) {
            words = format!("{words} Warning: {}", finding.message);
        }
        let mut first = StepView::note(registry::now(), StepKind::Request, words);
        first.message = message;
        first.code = Some(Code::CHANGED.to_string());
        self.begin(who, variables, format, first, false).await;
    }

    /// What stands for the variables of the configuration: what is known of the device, and its keys.
    async fn variables(&self, who: &Who) -> Result<Variables, BootstrapError> {
        let mut variables = self.desk.variables(&who.endpoint, Some(who.sender.address));
        let configuration = &who.stored.body.configuration;
        self.keys
            .provide(&who.endpoint, configuration, &mut variables, registry::now())
            .await?;
        Ok(variables)
    }

    async fn begin(
        &mut self,
        who: Who,
        variables: Variables,
        format: Option<ContentFormat>,
        first: StepView,
        by_server: bool,
    ) -> u64 {
        let at = first.at;
        let peer = who.way;
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
            session: Session::new(job, Instant::now(), first),
            exchange: None,
        };
        self.running.insert(peer, running);
        self.proceed(peer).await;
        id
    }

    /// A device that asks anew has begun anew; so has one that took the place of another at its address.
    async fn supersede(&mut self, who: &Who) {
        let old: Vec<Way> = self
            .running
            .iter()
            .filter(|(peer, running)| **peer == who.way || running.endpoint == who.endpoint)
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
            self.desk
                .step(running.id, News::ended(SessionState::Superseded, words))
                .await;
        }
    }

    /// Sends the next command of a session, or ends it.
    async fn proceed(&mut self, peer: Way) {
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
        let (id, steps, awaits) = (
            running.id,
            running.session.news(),
            running.session.awaits().filter(|_| ended.is_none()),
        );
        let retired = running.retires && ended == Some(Ended::Finished);
        let retired = retired.then(|| running.endpoint.clone());
        let ended = ended.map(|ended| {
            self.running.remove(&peer);
            match ended {
                Ended::Finished => (SessionState::Finished, None),
                Ended::Failed(reason) => (SessionState::Failed, Some(reason)),
            }
        });
        let news = News { steps, awaits, ended };
        self.desk.step(id, news).await;
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
    async fn pack(
        &mut self,
        id: IncomingId,
        who: Who,
        format: ContentFormat,
        accounts: Option<&Discovered>,
        message: String,
    ) {
        let packed = match self.variables(&who).await {
            Ok(variables) => self.packed(&who, &variables, format, accounts),
            Err(error) => Err(error.to_string()),
        };
        let packed = match packed {
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
        let mut step = StepView::note(at, StepKind::Pack, packed.words);
        step.message = message;
        step.code = Some(Code::CONTENT.to_string());
        step.answer_format = Some(format);
        step.answer_size = u32::try_from(packed.payload.len()).unwrap_or(u32::MAX);
        step.answer = crate::auth::hex(&packed.shown);
        let response = Response::new(Code::CONTENT).with_payload(format.0, packed.payload);
        self.endpoint.respond(Instant::now(), id, response);
        let end = note(
            at,
            "The device has its configuration in one pack; its Register shows whether it took it.",
        );
        let news = News {
            steps: vec![step, end],
            awaits: None,
            ended: Some((SessionState::Finished, None)),
        };
        self.desk.step(session, news).await;
    }

    fn packed(
        &self,
        who: &Who,
        variables: &Variables,
        format: ContentFormat,
        accounts: Option<&Discovered>,
    ) -> Result<Packed, String> {
        if !who.stored.body.configuration.pack {
            return Err("no Bootstrap-Pack is offered; ask at /bs".into());
        }
        // The pack came with LwM2M 1.2.
        let versions: SortedMap<u16, String> = (0..=27)
            .map(|object| (object, default_version(Version::V1_2, object).to_owned()))
            .collect();
        let registry = self.desk.models.get();
        let models = DeviceModels::new(&registry, &versions);
        let (draft, findings) = super::desk::fill(&who.stored.body.configuration, variables, &models);
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
        let packed = |arrangement: &Arrangement| {
            pack(arrangement, format, &models, registry::now()).map_err(|error| error.to_string())
        };
        let mut shown = packed(&arrangement.without_secrets())?;
        shown.truncate(MOST_SHOWN);
        let paths: Vec<String> = arrangement
            .writes
            .iter()
            .map(|write| write.node.base.to_string())
            .collect();
        Ok(Packed {
            payload: packed(&arrangement)?,
            shown,
            words: paths.join(" "),
        })
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
                    way: Way::Udp(peer),
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
                let words = "The server begins, without having been asked (LwM2M 1.0).";
                let variables = self.variables(&who).await.map_err(|error| error.to_string())?;
                let first = StepView::note(registry::now(), StepKind::Request, words);
                Ok(self.begin(who, variables, None, first, true).await)
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

/// A Bootstrap-Pack.
#[derive(Debug)]
struct Packed {
    payload: Vec<u8>,
    /// Its beginning, without secrets.
    shown: Vec<u8>,
    /// What is in it.
    words: String,
}

/// A request as one line, `"POST /bs?ep=pump"`.
fn message_of(request: &Request) -> String {
    let queries = request.options.all(coap::number::URI_QUERY);
    let queries: Vec<_> = queries.map(String::from_utf8_lossy).collect();
    let mut message = format!("{} {}", request.code.name().unwrap_or_default(), request.path());
    if !queries.is_empty() {
        message.push('?');
        message.push_str(&queries.join("&"));
    }
    message
}

/// A device that is to be bootstrapped, and with what.
#[derive(Debug)]
struct Who {
    way: Way,
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
        awaits: None,
        steps: Vec::new(),
    }
}
