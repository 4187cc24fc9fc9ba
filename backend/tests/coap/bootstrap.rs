//! The bootstrap server over real sockets, LwM2M Core 1.2 §6.1: what devices ask, what they are sent, how it ends.

use crate::support::{Device, PATIENCE, Server, words};
use backend::bootstrap::{Settings, UnknownDevices};
use coap::{Code, Message};
use shared::DeviceState;
use shared::api::{Approval, ApprovalRule, ApprovalRules, ConfigurationBody, SessionQuery};
use shared::bootstrap::{SessionState, SessionView};
use shared::event::EventKind;
use std::net::SocketAddr;

const ACCOUNT: &str = r#"{"servers":[{"short_server_id":101,"uri":"${server_uri}","lifetime":60}]}"#;

fn server(unknown_devices: UnknownDevices) -> Server {
    Server::with(|config| {
        config.bootstrap = Settings {
            coap: Some(SocketAddr::from(([127, 0, 0, 1], 0))),
            unknown_devices,
            ..Settings::default()
        };
    })
}

async fn with_configuration(unknown_devices: UnknownDevices, json: &str) -> Server {
    let server = server(unknown_devices);
    server
        .core
        .bootstrap()
        .put("plain", body(json), "tester")
        .await
        .unwrap();
    server
}

pub(crate) fn body(json: &str) -> ConfigurationBody {
    let mut body = ConfigurationBody {
        configuration: serde_json::from_str(json).unwrap(),
        ..ConfigurationBody::default()
    };
    body.applies_to.all = true;
    body
}

fn port(server: &Server) -> SocketAddr {
    let addresses = server.core.local_addresses();
    let found = addresses.iter().find(|(scheme, _)| *scheme == "bootstrap_coap");
    found.unwrap().1
}

async fn device(server: &Server) -> Device {
    Device::at(port(server)).await
}

pub(crate) async fn ask(device: &mut Device, queries: &[&str]) -> Message {
    let request = device.confirmable(Code::POST, "bs", queries);
    device.ask(request).await
}

/// The line of a request, as in `PUT /0/1`.
fn line(request: &Message) -> String {
    format!("{} {}", request.code.name().unwrap(), request.options.path())
}

/// Answers as a device does that obeys, up to the Finish or so many commands.
pub(crate) async fn obey(device: &mut Device, most: usize) -> Vec<String> {
    obey_each(device, most, |_| {}).await
}

/// As [`obey`]; the payload that is written to this path.
pub(crate) async fn obey_and_take(device: &mut Device, most: usize, path: &str) -> Vec<u8> {
    let mut taken = Vec::new();
    let take = |request: &Message| {
        if request.code == Code::PUT && request.options.path() == path {
            taken.clone_from(&request.payload);
        }
    };
    obey_each(device, most, take).await;
    taken
}

async fn obey_each(device: &mut Device, most: usize, mut each: impl FnMut(&Message)) -> Vec<String> {
    let mut lines = Vec::new();
    while lines.len() < most {
        let request = device.asked().await;
        lines.push(line(&request));
        each(&request);
        match (request.code, request.options.path().as_str()) {
            (Code::GET, "/") => {
                let links = b"</>;lwm2m=1.1,</0/0>;uri=\"coap://bs\",</3/0>";
                device.answer(&request, Code::CONTENT, Some(40), links).await;
            }
            (Code::DELETE, _) => device.answer(&request, Code::DELETED, None, b"").await,
            (Code::POST, "/bs") => {
                device.answer(&request, Code::CHANGED, None, b"").await;
                break;
            }
            _ => device.answer(&request, Code::CHANGED, None, b"").await,
        }
    }
    lines
}

/// The newest session, when it has this state.
pub(crate) async fn session(server: &mut Server, endpoint: &str, state: SessionState) -> SessionView {
    let wait = async {
        loop {
            let query = SessionQuery {
                endpoint: Some(endpoint.into()),
                ..SessionQuery::default()
            };
            let found = server.core.bootstrap().sessions(query, 10).await.unwrap();
            if let Some(view) = found.into_iter().find(|view| view.state == state) {
                return view;
            }
            server.event("bootstrap").await;
        }
    };
    tokio::time::timeout(PATIENCE, wait)
        .await
        .expect("a session in this state")
}

pub(crate) const ORDER: [&str; 6] = [
    "GET /",
    "DELETE /0",
    "DELETE /1",
    "PUT /0/1",
    "PUT /1/0",
    "POST /bs",
];

#[tokio::test]
async fn a_device_asks_is_configured_and_registers() {
    let mut server = with_configuration(UnknownDevices::Accept, ACCOUNT).await;
    let mut device = device(&server).await;
    let answer = ask(&mut device, &["ep=pump", "pct=112"]).await;
    assert_eq!(answer.code, Code::CHANGED, "{}", words(&answer));
    assert_eq!(obey(&mut device, 99).await, ORDER);
    let view = session(&mut server, "pump", SessionState::Finished).await;
    assert_eq!(
        (view.configuration.as_deref(), view.by_server),
        (Some("plain"), false)
    );
    let codes: Vec<&str> = view
        .steps
        .iter()
        .filter_map(|step| step.code.as_deref())
        .collect();
    assert_eq!(codes, ["2.04", "2.05", "2.02", "2.02", "2.04", "2.04", "2.04"]);
    let detail = server.core.device("pump").unwrap();
    assert_eq!(detail.row.state, DeviceState::Bootstrapping);
    let mut registered = Device::new(&server).await;
    registered
        .register(&["ep=pump", "lwm2m=1.1", "lt=60"], "</1/0>,</3/0>")
        .await;
    server.event("registered").await;
    assert_eq!(server.core.device("pump").unwrap().row.state, DeviceState::Online);
    server.core.flush().await.unwrap();
    let journal = server.journal("pump").await;
    assert!(matches!(journal.first(), Some(EventKind::Provisioned { .. })));
    assert!(journal.iter().any(|kind| matches!(
        kind,
        EventKind::Bootstrap {
            state: SessionState::Finished,
            ..
        }
    )));
}

#[tokio::test]
async fn who_is_not_known_is_refused_and_waits_until_let_in() {
    let mut server = with_configuration(UnknownDevices::Wait, ACCOUNT).await;
    let mut device = device(&server).await;
    let answer = ask(&mut device, &["ep=stranger"]).await;
    assert_eq!(answer.code, Code::BAD_REQUEST);
    assert!(
        words(&answer).contains("waits for approval"),
        "{}",
        words(&answer)
    );
    let refused = server.event("refused").await;
    assert!(matches!(&refused.kind, EventKind::Refused { what, .. } if what == "bootstrap request"));
    let bootstrap = server.core.bootstrap().clone();
    let waiting = bootstrap.waiting();
    assert_eq!(
        (waiting[0].endpoint.as_str(), waiting[0].security.as_str()),
        ("stranger", "none")
    );
    let approval = Approval {
        configuration: Some("plain".into()),
        label: Some("The new one".into()),
        group: Some("cellar".into()),
        ..Approval::default()
    };
    assert!(bootstrap.approve("stranger", approval, "ann").await.unwrap());
    assert!(bootstrap.waiting().is_empty());
    let row = server.core.device("stranger").unwrap().row;
    assert_eq!(
        (row.label.as_deref(), row.tags["group"].as_str()),
        (Some("The new one"), "cellar")
    );
    assert_eq!(ask(&mut device, &["ep=stranger"]).await.code, Code::CHANGED);
    assert_eq!(obey(&mut device, 99).await, ORDER);
    session(&mut server, "stranger", SessionState::Finished).await;
}

#[tokio::test]
async fn a_rule_lets_devices_in() {
    let server = with_configuration(UnknownDevices::Refuse, ACCOUNT).await;
    let rules = ApprovalRules {
        items: vec![ApprovalRule {
            endpoint: "urn:dev:*".into(),
            without_security: true,
            approval: Approval::default(),
        }],
    };
    server.core.bootstrap().set_rules(rules).await.unwrap();
    let mut device = device(&server).await;
    assert_eq!(ask(&mut device, &["ep=other"]).await.code, Code::BAD_REQUEST);
    assert!(server.core.bootstrap().waiting().is_empty());
    assert_eq!(ask(&mut device, &["ep=urn:dev:1"]).await.code, Code::CHANGED);
}

#[tokio::test]
async fn bad_requests_get_their_codes() {
    let server = with_configuration(UnknownDevices::Accept, ACCOUNT).await;
    let mut device = device(&server).await;
    for (queries, code) in [
        (&[][..], "4.00"),
        (&["ep="], "4.00"),
        (&["ep=a", "ep=b"], "4.00"),
        (&["ep=a", "pct=60"], "4.15"),
    ] {
        let answer = ask(&mut device, queries).await;
        assert_eq!(answer.code.to_string(), code, "{queries:?}");
    }
}

#[tokio::test]
async fn a_device_without_a_configuration_is_told() {
    let server = server(UnknownDevices::Accept);
    let mut device = device(&server).await;
    let answer = ask(&mut device, &["ep=pump"]).await;
    assert_eq!(answer.code, Code::BAD_REQUEST);
    assert!(words(&answer).contains("No configuration is for this device"));
}

#[tokio::test]
async fn a_device_that_asks_anew_begins_anew_wherever_it_was() {
    for answered in 0..ORDER.len() {
        let mut server = with_configuration(UnknownDevices::Accept, ACCOUNT).await;
        let mut device = device(&server).await;
        ask(&mut device, &["ep=pump"]).await;
        obey(&mut device, answered).await;
        // It restarts: it has another port, and forgets what it was asked.
        if answered < ORDER.len() - 1 {
            device.asked().await;
        }
        let mut again = Device::at(port(&server)).await;
        assert_eq!(ask(&mut again, &["ep=pump"]).await.code, Code::CHANGED);
        assert_eq!(obey(&mut again, 99).await, ORDER, "after {answered}");
        session(&mut server, "pump", SessionState::Finished).await;
        if answered < ORDER.len() - 1 {
            let old = session(&mut server, "pump", SessionState::Superseded).await;
            assert!(old.reason.is_some_and(|reason| reason.contains("anew")));
        }
    }
}

#[tokio::test]
async fn a_server_that_restarts_in_the_middle_begins_anew_when_asked() {
    for answered in 0..ORDER.len() {
        let directory = tempfile::tempdir().unwrap();
        let start = || {
            let mut config = crate::support::config(directory.path());
            config.bootstrap = Settings {
                coap: Some(SocketAddr::from(([127, 0, 0, 1], 0))),
                unknown_devices: UnknownDevices::Accept,
                ..Settings::default()
            };
            Server::of(config)
        };
        let server = start();
        server
            .core
            .bootstrap()
            .put("plain", body(ACCOUNT), "tester")
            .await
            .unwrap();
        let mut device = device(&server).await;
        ask(&mut device, &["ep=pump"]).await;
        obey(&mut device, answered).await;
        // The next one is on its way when the server ends.
        device.asked().await;
        server.core.shutdown().await.unwrap();
        let mut server = start();
        device.redirect(port(&server));
        assert_eq!(ask(&mut device, &["ep=pump"]).await.code, Code::CHANGED);
        assert_eq!(obey(&mut device, 99).await, ORDER, "after {answered}");
        session(&mut server, "pump", SessionState::Finished).await;
        let failed = session(&mut server, "pump", SessionState::Failed).await;
        assert!(
            failed
                .reason
                .is_some_and(|reason| reason.contains("server stopped"))
        );
    }
}

#[tokio::test]
async fn a_pack_brings_all_at_once() {
    let mut server = with_configuration(UnknownDevices::Accept, ACCOUNT).await;
    let mut device = device(&server).await;
    for (format, acc, path) in [(112, None, "/0/100/0"), (110, Some("acc=</0/0>"), "/0/1/0")] {
        let mut request = device.confirmable(Code::GET, "bspack", &["ep=pump"]);
        if let Some(acc) = acc {
            request.options.add_query(acc);
        }
        request.options.set_accept(Some(format));
        let answer = device.ask(request).await;
        assert_eq!(answer.code, Code::CONTENT, "{}", words(&answer));
        assert_eq!(answer.options.content_format(), Some(format));
        let models = shared::codec::NoTypes;
        let context = shared::codec::Context::new(&models, shared::Timestamp(0));
        let node = shared::codec::decode(
            shared::ContentFormat(format),
            shared::Path::ROOT,
            &answer.payload,
            &context,
        )
        .unwrap();
        assert!(node.get(path.parse().unwrap()).is_some(), "{node:?}");
    }
    session(&mut server, "pump", SessionState::Finished).await;
    // A configuration can say no; the device then asks the long way.
    let without = ACCOUNT.replacen('{', r#"{"pack":false,"#, 1);
    server
        .core
        .bootstrap()
        .put("plain", body(&without), "tester")
        .await
        .unwrap();
    let mut request = device.confirmable(Code::GET, "bspack", &["ep=pump"]);
    request.options.set_accept(Some(112));
    assert_eq!(device.ask(request).await.code, Code::NOT_IMPLEMENTED);
    assert_eq!(ask(&mut device, &["ep=pump"]).await.code, Code::CHANGED);
    assert_eq!(obey(&mut device, 99).await, ORDER);
}

#[tokio::test]
async fn the_server_begins_as_lwm2m_1_0_has_it() {
    let mut server = with_configuration(UnknownDevices::Refuse, ACCOUNT).await;
    let mut device = Device::new(&server).await;
    device.register(&["ep=old", "lt=600"], "</1/0>,</3/0>").await;
    server.event("registered").await;
    server.core.bootstrap().begin("old").await.unwrap();
    assert_eq!(obey_from(&mut device, &server).await, ORDER);
    let view = session(&mut server, "old", SessionState::Finished).await;
    assert!(view.by_server);
    assert!(server.core.bootstrap().begin("nobody").await.is_err());
}

/// As [`obey`], for commands that come from the bootstrap port.
async fn obey_from(device: &mut Device, server: &Server) -> Vec<String> {
    device.redirect(port(server));
    obey(device, 99).await
}

#[tokio::test]
async fn a_device_that_left_is_refused_and_its_account_is_deleted_when_it_asks() {
    let mut server = with_configuration(UnknownDevices::Accept, ACCOUNT).await;
    let mut asking = device(&server).await;
    ask(&mut asking, &["ep=pump"]).await;
    obey(&mut asking, 99).await;
    session(&mut server, "pump", SessionState::Finished).await;
    let folder = tempfile::tempdir().unwrap();
    let left = server
        .core
        .decommission("pump", folder.path(), "ann")
        .await
        .unwrap();
    assert!(left);
    let mut registering = Device::new(&server).await;
    let answer = registering
        .try_register(&["ep=pump", "lwm2m=1.1", "lt=60"], "</1/0>")
        .await;
    assert_eq!(answer.code, Code::FORBIDDEN);
    assert!(words(&answer).contains("decommissioned"));
    assert_eq!(ask(&mut asking, &["ep=pump"]).await.code, Code::CHANGED);
    let mut lines = Vec::new();
    while lines.last().map(String::as_str) != Some("POST /bs") {
        let request = asking.asked().await;
        lines.push(line(&request));
        match request.code {
            Code::GET => {
                let links =
                    b"</>;lwm2m=1.1,</0/0>,</0/1>;ssid=101,</0/2>;ssid=7,</1/0>;ssid=101,</1/1>;ssid=7";
                asking.answer(&request, Code::CONTENT, Some(40), links).await;
            }
            Code::POST => asking.answer(&request, Code::CHANGED, None, b"").await,
            _ => asking.answer(&request, Code::DELETED, None, b"").await,
        }
    }
    assert_eq!(lines, ["GET /", "DELETE /0/1", "DELETE /1/0", "POST /bs"]);
    // That was all it was let in for.
    let answer = ask(&mut asking, &["ep=pump"]).await;
    assert_eq!(answer.code, Code::BAD_REQUEST, "{}", words(&answer));
}
