//! A simulated client on a socket of its own, and what the tests do with server and client.

use crate::support::{PATIENCE, Server, request, request_with};
use serde_json::{Value as Json, json};
use shared::api::{OperationKind, OperationRequest, OperationState, OperationView};
use shared::{Path, Timestamp, Value, Version};
use simulator::objects::{
    Behaviour, Device, Firmware, Light, Nameplate, Sensor, Server as Account, Supply, TEMPERATURE, TestObject,
};
use simulator::{Client, ClientOptions, ClientState, Clock, Daily, DeviceBehind};
use std::net::SocketAddr;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use tokio::net::UdpSocket;
use tokio::sync::{mpsc, oneshot};

type Command = Box<dyn FnOnce(&mut Client, Instant) + Send>;

/// A client that runs until this is dropped.
pub(super) struct Simulated {
    commands: mpsc::Sender<Command>,
}

impl Simulated {
    async fn start(server: SocketAddr, change: impl FnOnce(&mut ClientOptions)) -> Simulated {
        let clock = Clock {
            instant: Instant::now(),
            time: now(),
        };
        let mut options = ClientOptions::new("a", server, clock);
        options.tick = Duration::from_millis(50);
        change(&mut options);
        let behaviours = objects(&options);
        let client = Client::new(options, behaviours, Instant::now(), [7; 32]);
        Simulated::run(client).await
    }

    /// A client with these objects besides the usual ones.
    async fn holding(server: SocketAddr, more: Vec<Box<dyn Behaviour>>) -> Simulated {
        let clock = Clock {
            instant: Instant::now(),
            time: now(),
        };
        let mut options = ClientOptions::new("a", server, clock);
        options.tick = Duration::from_millis(50);
        let mut behaviours = objects(&options);
        behaviours.extend(more);
        Simulated::run(Client::new(options, behaviours, Instant::now(), [7; 32])).await
    }

    /// A gateway with two sensors behind it.
    pub(super) async fn gateway(server: SocketAddr, change: impl FnOnce(&mut ClientOptions)) -> Simulated {
        let clock = Clock {
            instant: Instant::now(),
            time: now(),
        };
        let mut options = ClientOptions::new("a", server, clock);
        options.tick = Duration::from_millis(50);
        change(&mut options);
        let behaviours = objects(&options);
        let sensor = |number: u16| DeviceBehind {
            device_id: format!("sensor-{number}"),
            prefix: format!("d{number:02}"),
            behaviours: vec![device(number + 1), temperature()],
        };
        let client = Client::new(options, behaviours, Instant::now(), [7; 32]);
        Simulated::run(client.with_devices_behind(vec![sensor(1), sensor(2)])).await
    }

    async fn run(client: Client) -> Simulated {
        let socket = UdpSocket::bind(("127.0.0.1", 0)).await.unwrap();
        let (commands, queue) = mpsc::channel(16);
        tokio::spawn(drive(client, socket, queue));
        Simulated { commands }
    }

    /// Does something with the client and returns what came of it.
    pub(super) async fn with<T: Send + 'static>(
        &self,
        act: impl FnOnce(&mut Client, Instant) -> T + Send + 'static,
    ) -> T {
        let (reply, answer) = oneshot::channel();
        let command: Command = Box::new(move |client, now| {
            let _ = reply.send(act(client, now));
        });
        self.commands.send(command).await.ok().unwrap();
        answer.await.unwrap()
    }

    /// Sets a value as the device itself does.
    pub(super) async fn set(&self, path: &str, value: Value) {
        let path: Path = path.parse().unwrap();
        self.with(move |client, now| client.change(now, |tree| tree.set(path, value)))
            .await;
    }

    pub(super) async fn get(&self, path: &str) -> Option<Value> {
        let path: Path = path.parse().unwrap();
        self.with(move |client, _| client.tree().get(path).cloned()).await
    }

    pub(super) async fn observations(&self) -> usize {
        self.with(|client, _| client.observations()).await
    }

    pub(super) async fn state(&self) -> ClientState {
        self.with(|client, _| client.state()).await
    }
}

async fn drive(mut client: Client, socket: UdpSocket, mut commands: mpsc::Receiver<Command>) {
    let mut buffer = vec![0; 65_535];
    loop {
        while let Some(transmit) = client.poll_transmit(Instant::now()) {
            socket.send_to(&transmit.datagram, transmit.peer).await.unwrap();
        }
        let due = client.poll_timeout().unwrap_or_else(|| Instant::now() + PATIENCE);
        tokio::select! {
            received = socket.recv_from(&mut buffer) => {
                // An ICMP error of a server that is gone is no datagram.
                if let Ok((length, from)) = received {
                    client.handle_datagram(Instant::now(), from, &buffer[..length]);
                }
            }
            command = commands.recv() => match command {
                Some(act) => act(&mut client, Instant::now()),
                None => return,
            },
            () = tokio::time::sleep_until(due.into()) => client.handle_timeout(Instant::now()),
        }
    }
}

fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    Timestamp(since.as_millis() as i64)
}

fn device(serial: u16) -> Box<dyn Behaviour> {
    let nameplate = Nameplate {
        manufacturer: "Example Works",
        model: "X1",
        kind: "test",
        serial: format!("{serial:06}"),
        firmware: "1.0.0",
        hardware: "A",
    };
    Box::new(Device::new(nameplate, Supply::Mains, "U", 1))
}

fn temperature() -> Box<dyn Behaviour> {
    let still = Daily {
        mean: 20.0,
        swing: 0.0,
        peak_hour: 14.0,
        noise: 0.0,
        seed: 1,
    };
    Box::new(Sensor {
        object: &TEMPERATURE,
        units: "Cel",
        range: (-40.0, 85.0),
        instances: vec![("Room", still)],
    })
}

fn objects(options: &ClientOptions) -> Vec<Box<dyn Behaviour>> {
    let in_binding = options.queue_mode && options.version == Version::V1_0;
    vec![
        Box::new(Account {
            lifetime: options.lifetime,
            binding: if in_binding { "UQ".into() } else { "U".into() },
            version: options.version,
            others: Vec::new(),
        }),
        device(1),
        Box::new(Firmware::default()),
        temperature(),
        Box::new(Light::new(1, 40.0, 1)),
        Box::new(TestObject::new(1)),
    ]
}

/// A server and a client that is registered with it.
pub(super) async fn pair(change: impl FnOnce(&mut ClientOptions)) -> (Server, Simulated) {
    pair_with(Server::start(), change).await
}

/// A server and a client that has these objects besides the usual ones.
pub(super) async fn pair_holding(more: Vec<Box<dyn Behaviour>>) -> (Server, Simulated) {
    let mut server = Server::start();
    let client = Simulated::holding(server.address(), more).await;
    server.event("registered").await;
    (server, client)
}

pub(super) async fn pair_of(version: Version) -> (Server, Simulated) {
    pair(|options| options.version = version).await
}

pub(super) async fn pair_with(
    mut server: Server,
    change: impl FnOnce(&mut ClientOptions),
) -> (Server, Simulated) {
    let client = Simulated::start(server.address(), change).await;
    server.event("registered").await;
    (server, client)
}

/// The operation as it ended; it has to have succeeded with this code.
pub(super) async fn succeeds(server: &Server, request: OperationRequest, code: &str) -> OperationView {
    let shown = format!("{request:?}");
    let view = server.operate("a", request).await;
    assert_eq!(view.state, OperationState::Done, "{shown}: {view:?}");
    assert_eq!(view.code.as_deref(), Some(code), "{shown}: {view:?}");
    view
}

/// The operation has to be refused by the client with this code.
pub(super) async fn refused(server: &Server, request: OperationRequest, code: &str) -> OperationView {
    let shown = format!("{request:?}");
    let view = server.operate("a", request).await;
    assert_eq!(view.state, OperationState::Failed, "{shown}: {view:?}");
    assert_eq!(view.code.as_deref(), Some(code), "{shown}: {view:?}");
    view
}

/// The values of a Read as an object of path → value.
pub(super) fn values(view: &OperationView) -> Json {
    view.values
        .iter()
        .map(|value| (value.path.to_string(), json!(value.value)))
        .collect::<serde_json::Map<String, Json>>()
        .into()
}

pub(super) async fn read(server: &Server, path: &str) -> Json {
    values(&succeeds(server, request(OperationKind::Read, path), "2.05").await)
}

pub(super) async fn write(server: &Server, path: &str, value: Json) {
    succeeds(server, request_with(OperationKind::Write, path, value), "2.04").await;
}

pub(super) fn in_format(format: &str, request: OperationRequest) -> OperationRequest {
    OperationRequest {
        format: Some(format.into()),
        ..request
    }
}

/// A composite operation on these paths.
pub(super) fn of_several(op: OperationKind, paths: &[&str]) -> OperationRequest {
    OperationRequest {
        path: None,
        paths: paths.iter().map(|path| path.parse().unwrap()).collect(),
        ..request(op, "/")
    }
}

pub(super) fn write_composite(value: Json) -> OperationRequest {
    OperationRequest {
        path: None,
        value: Some(serde_json::from_value(value).unwrap()),
        ..request(OperationKind::WriteComposite, "/")
    }
}

/// Waits for a notification of this path.
pub(super) async fn notifies(server: &mut Server, path: &str) {
    let path: Path = path.parse().unwrap();
    server
        .event_that(|event| {
            matches!(&event.kind, shared::event::EventKind::Values { origin, values }
                if origin.name() == "notify" && values.iter().any(|one| path.contains(&one.path)))
        })
        .await;
}

/// Waits until values of this origin arrive that fit.
pub(super) async fn arrives(server: &mut Server, origin: &str, path: &str, value: Json) {
    let path: Path = path.parse().unwrap();
    server
        .event_that(|event| match &event.kind {
            shared::event::EventKind::Values { origin: from, values } => {
                from.name() == origin
                    && values
                        .iter()
                        .any(|one| one.path == path && json!(one.value.to_json()) == value)
            }
            _ => false,
        })
        .await;
}
