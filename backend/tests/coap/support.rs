//! A server in a directory of its own, and a device of which every message is written by hand.

use crate::session::Session;
use backend::core::{Core, CoreConfig, EventQuery};
use coap::{Code, Kind, Message, Options, Token, number};
use shared::api::{OperationKind, OperationRequest, OperationView};
use shared::event::{Event, EventKind};
use std::collections::VecDeque;
use std::net::SocketAddr;
use std::path::Path as FilePath;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::UdpSocket;
use tokio::sync::broadcast;

/// Longer than anything here takes, on a busy machine too.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// What a device of LwM2M 1.1 sends that does everything right.
pub(crate) const LINKS: &str =
    "</>;rt=\"oma.lwm2m\";ct=\"110 112 11542\",</1/0>,</3/0>,</3303/0>,</3303/1>,</5>";

pub(crate) fn config(directory: &FilePath) -> CoreConfig {
    CoreConfig {
        coap: Some(SocketAddr::from(([127, 0, 0, 1], 0))),
        shards: 1,
        data_dir: directory.to_owned(),
        read_device_object: false,
        flush_interval: Duration::from_millis(50),
        grace: Duration::from_millis(100),
        ..CoreConfig::default()
    }
}

pub(crate) struct Server {
    pub(crate) core: Core,
    events: broadcast::Receiver<Arc<backend::core::Batch>>,
    pending: VecDeque<Arc<Event>>,
    _directory: Option<tempfile::TempDir>,
}

impl Server {
    pub(crate) fn start() -> Server {
        Server::with(|_| {})
    }

    pub(crate) fn with(change: impl FnOnce(&mut CoreConfig)) -> Server {
        let directory = tempfile::tempdir().unwrap();
        let mut config = config(directory.path());
        change(&mut config);
        let mut server = Server::of(config);
        server._directory = Some(directory);
        server
    }

    pub(crate) fn of(config: CoreConfig) -> Server {
        let core = Core::start(config).unwrap();
        Server {
            events: core.subscribe(),
            core,
            pending: VecDeque::new(),
            _directory: None,
        }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.core.local_addresses()[0].1
    }

    pub(crate) fn address_of(&self, scheme: &str) -> SocketAddr {
        let addresses = self.core.local_addresses();
        let found = addresses.iter().find(|(known, _)| *known == scheme);
        found.expect("it listens there").1
    }

    /// Where it serves coaps.
    pub(crate) fn secure_address(&self) -> SocketAddr {
        self.address_of("coaps")
    }

    /// The next event of this kind; those before it are passed over.
    pub(crate) async fn event(&mut self, name: &str) -> Arc<Event> {
        self.event_that(|event| event.kind.name() == name).await
    }

    pub(crate) async fn event_that(&mut self, wanted: impl Fn(&Event) -> bool) -> Arc<Event> {
        let wait = async {
            loop {
                while let Some(event) = self.pending.pop_front() {
                    if wanted(&event) {
                        return event;
                    }
                }
                let batch = self.events.recv().await.unwrap();
                self.pending
                    .extend(batch.events.iter().map(|told| Arc::new(told.event())));
            }
        };
        tokio::time::timeout(PATIENCE, wait)
            .await
            .expect("the event did not come")
    }

    /// Takes an operation and waits for its end.
    pub(crate) async fn operate(&self, endpoint: &str, request: OperationRequest) -> OperationView {
        let ticket = self.core.operate(endpoint, request, "tester").await.unwrap();
        let view = ticket.wait(PATIENCE).await.unwrap();
        assert!(view.state.is_final(), "{view:?}");
        view
    }

    pub(crate) async fn journal(&self, endpoint: &str) -> Vec<EventKind> {
        let query = EventQuery {
            endpoint: Some(endpoint.into()),
            limit: 1000,
            ..EventQuery::default()
        };
        let events = self.core.events(query).await.unwrap();
        events.into_iter().rev().map(|event| event.kind).collect()
    }

    pub(crate) fn value(&self, endpoint: &str, path: &str) -> Option<serde_json::Value> {
        let values = self.core.values(endpoint, path.parse().unwrap())?;
        values
            .first()
            .map(|view| serde_json::to_value(&view.value).unwrap())
    }
}

pub(crate) fn request(op: OperationKind, path: &str) -> OperationRequest {
    OperationRequest {
        op,
        path: Some(path.parse().unwrap()),
        paths: Vec::new(),
        value: None,
        data_type: None,
        format: None,
        timeout: Some(10),
        expires: None,
    }
}

pub(crate) fn request_with(op: OperationKind, path: &str, value: serde_json::Value) -> OperationRequest {
    OperationRequest {
        value: Some(serde_json::from_value(value).unwrap()),
        ..request(op, path)
    }
}

/// A device on a socket of its own.
pub(crate) struct Device {
    pub(crate) socket: UdpSocket,
    server: SocketAddr,
    message_id: u16,
    received: VecDeque<Message>,
    session: Option<Session>,
}

impl Device {
    pub(crate) async fn new(server: &Server) -> Device {
        Device::at(server.address()).await
    }

    pub(crate) async fn at(server: SocketAddr) -> Device {
        Device {
            socket: UdpSocket::bind(("127.0.0.1", 0)).await.unwrap(),
            server,
            message_id: 1,
            received: VecDeque::new(),
            session: None,
        }
    }

    pub(crate) fn address(&self) -> String {
        self.socket.local_addr().unwrap().to_string()
    }

    /// The same device behind a new address.
    pub(crate) async fn rebind(&mut self) {
        self.socket = UdpSocket::bind(("127.0.0.1", 0)).await.unwrap();
    }

    pub(crate) fn redirect(&mut self, server: SocketAddr) {
        self.server = server;
    }

    /// Gives the device a DTLS session at the server; or says why there is none.
    pub(crate) async fn connect(&mut self, config: dtls::Config) -> Result<(), String> {
        self.session = Some(Session::begin(&self.socket, self.server, config).await?);
        Ok(())
    }

    pub(crate) async fn send_bytes(&self, bytes: &[u8]) {
        match &self.session {
            None => {
                self.socket.send_to(bytes, self.server).await.unwrap();
            }
            Some(session) => session.send(&self.socket, self.server, bytes).await,
        }
    }

    /// Every datagram of its session so far, the first ClientHello first.
    pub(crate) fn datagrams_sent(&self) -> Vec<Vec<u8>> {
        self.session.as_ref().unwrap().sent()
    }

    /// Sends a datagram past its session, as somebody at its address may.
    pub(crate) async fn send_raw(&self, bytes: &[u8]) {
        self.socket.send_to(bytes, self.server).await.unwrap();
    }

    /// Whether something came that nobody asked for.
    pub(crate) fn has_unread(&self) -> bool {
        !self.received.is_empty() || self.socket.try_recv(&mut [0; 2048]).is_ok()
    }

    pub(crate) async fn send(&self, message: &Message) {
        self.send_bytes(&message.encode()).await;
    }

    async fn receive_any(&self) -> Message {
        let mut buffer = vec![0; 65_535];
        loop {
            let received = tokio::time::timeout(PATIENCE, self.socket.recv(&mut buffer)).await;
            let length = received.expect("nothing came").unwrap();
            match &self.session {
                None => return Message::parse(&buffer[..length]).unwrap(),
                Some(session) => {
                    if let Some(bytes) = session.open(self.server, &mut buffer[..length]) {
                        return Message::parse(&bytes).unwrap();
                    }
                }
            }
        }
    }

    /// The next message that fits; others wait for their turn.
    pub(crate) async fn receive(&mut self, fits: impl Fn(&Message) -> bool) -> Message {
        if let Some(index) = self.received.iter().position(&fits) {
            return self.received.remove(index).unwrap();
        }
        loop {
            let message = self.receive_any().await;
            if fits(&message) {
                return message;
            }
            self.received.push_back(message);
        }
    }

    pub(crate) fn confirmable(&mut self, code: Code, path: &str, queries: &[&str]) -> Message {
        self.message_id += 1;
        let mut options = Options::new();
        options.set_path(path);
        for query in queries {
            options.add_query(query);
        }
        Message {
            kind: Kind::Confirmable,
            code,
            message_id: self.message_id,
            token: Token::new(&self.message_id.to_be_bytes()).unwrap(),
            options,
            payload: Vec::new(),
        }
    }

    /// Sends a request and returns its answer.
    pub(crate) async fn ask(&mut self, message: Message) -> Message {
        self.send(&message).await;
        self.receive(|answer| answer.token == message.token && answer.code.is_response())
            .await
    }

    /// Registers and returns the location.
    pub(crate) async fn register(&mut self, queries: &[&str], links: &str) -> String {
        let answer = self.try_register(queries, links).await;
        assert_eq!(answer.code, Code::CREATED, "{}", words(&answer));
        answer.options.location_path().unwrap()
    }

    pub(crate) async fn try_register(&mut self, queries: &[&str], links: &str) -> Message {
        let mut message = self.confirmable(Code::POST, "rd", queries);
        message.options.set_content_format(Some(40));
        message.payload = links.as_bytes().to_vec();
        self.ask(message).await
    }

    /// The next request of the server.
    pub(crate) async fn asked(&mut self) -> Message {
        self.receive(|message| message.code.is_request()).await
    }

    /// Answers a request in its acknowledgement.
    pub(crate) async fn answer(
        &mut self,
        request: &Message,
        code: Code,
        format: Option<u16>,
        payload: &[u8],
    ) {
        self.answer_with(request, code, format, payload, None).await;
    }

    pub(crate) async fn answer_with(
        &mut self,
        request: &Message,
        code: Code,
        format: Option<u16>,
        payload: &[u8],
        observe: Option<u32>,
    ) {
        let mut options = Options::new();
        options.set_content_format(format);
        options.set_observe(observe);
        let message = Message {
            kind: Kind::Acknowledgement,
            code,
            message_id: request.message_id,
            token: request.token,
            options,
            payload: payload.to_vec(),
        };
        self.send(&message).await;
    }

    /// Notifies, and returns what the server says to it: an acknowledgement or a reset.
    pub(crate) async fn notify(
        &mut self,
        token: Token,
        sequence: u32,
        format: u16,
        payload: &[u8],
    ) -> Message {
        self.message_id += 1;
        let message_id = self.message_id;
        let mut options = Options::new();
        options.set_observe(Some(sequence));
        options.set_content_format(Some(format));
        let message = Message {
            kind: Kind::Confirmable,
            code: Code::CONTENT,
            message_id,
            token,
            options,
            payload: payload.to_vec(),
        };
        self.send(&message).await;
        self.receive(|answer| {
            answer.message_id == message_id && matches!(answer.kind, Kind::Acknowledgement | Kind::Reset)
        })
        .await
    }
}

/// A message's payload as text.
pub(crate) fn words(message: &Message) -> String {
    String::from_utf8_lossy(&message.payload).into_owned()
}

pub(crate) fn path(message: &Message) -> String {
    message.options.path()
}

pub(crate) fn queries(message: &Message) -> Vec<String> {
    let texts = message.options.all(number::URI_QUERY);
    texts
        .map(|text| String::from_utf8_lossy(text).into_owned())
        .collect()
}

/// SenML JSON of one float.
pub(crate) fn senml(path: &str, value: f64) -> Vec<u8> {
    format!("[{{\"n\":\"{path}\",\"v\":{value}}}]").into_bytes()
}
