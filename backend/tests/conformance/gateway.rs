//! Devices behind a gateway. LwM2M Gateway 1.1.

use super::simulated::{Simulated, of_several, write_composite};
use crate::restart::killed;
use crate::support::{Device, Server, config, path, request, request_with, words};
use coap::{Code, Kind};
use serde_json::{Value as Json, json};
use shared::api::{DeviceQuery, OperationKind, OperationRequest, OperationState, OperationView};
use shared::event::{DeregistrationReason, EventKind, Origin};
use shared::{DeviceState, Value, Version};
use std::time::Duration;

const FIRST: &str = "a:sensor-1";
const SECOND: &str = "a:sensor-2";
const LINKS: &str = "</>;rt=\"oma.lwm2m\";ct=\"110 112\",</1/0>,</3/0>,</25>;ver=2.0,</25/0>,</25/1>";

async fn pair_of(version: Version) -> (Server, Simulated) {
    let mut server = Server::start();
    let gateway = Simulated::gateway(server.address(), |options| options.version = version).await;
    server.event("registered").await;
    for _ in 0..2 {
        server
            .event_that(|event| registered(event) && event.endpoint.starts_with("a:"))
            .await;
    }
    (server, gateway)
}

fn registered(event: &shared::event::Event) -> bool {
    matches!(event.kind, EventKind::Registered { .. })
}

async fn done(server: &Server, endpoint: &str, request: OperationRequest) -> OperationView {
    let view = server.operate(endpoint, request).await;
    assert_eq!(view.state, OperationState::Done, "{view:?}");
    view
}

fn value_of(view: &OperationView, path: &str) -> Option<Json> {
    let found = view.values.iter().find(|value| value.path.to_string() == path);
    found.map(|value| json!(value.value))
}

#[tokio::test]
async fn the_devices_behind_a_gateway_are_shown_as_its_children() {
    for version in [Version::V1_1, Version::V1_2] {
        let (server, _gateway) = pair_of(version).await;
        let detail = server.core.device("a").unwrap();
        let children: Vec<_> = detail
            .children
            .iter()
            .map(|child| (child.endpoint.as_str(), child.prefix.as_str(), child.state))
            .collect();
        let online = DeviceState::Online;
        assert_eq!(children, [(FIRST, "d01", online), (SECOND, "d02", online)]);
        let child = server.core.device(FIRST).unwrap();
        let behind = child.gateway.unwrap();
        assert_eq!(
            (behind.endpoint.as_str(), behind.device_id.as_str()),
            ("a", "sensor-1")
        );
        assert_eq!(child.row.parent.as_deref(), Some("a"));
        let registration = child.registration.unwrap();
        let objects: Vec<_> = registration.objects.iter().map(ToString::to_string).collect();
        assert_eq!(objects, ["/3/0", "/3303/0"]);
        assert_eq!(registration.lint, []);
        let query = DeviceQuery {
            query: Some("parent:a".into()),
            ..DeviceQuery::default()
        };
        let found = server.core.devices(&query).unwrap();
        let names: Vec<_> = found.items.iter().map(|row| row.endpoint.as_str()).collect();
        assert_eq!(names, [FIRST, SECOND]);
    }
}

#[tokio::test]
async fn a_device_behind_a_gateway_is_operated_under_its_prefix() {
    for version in [Version::V1_1, Version::V1_2] {
        let (mut server, gateway) = pair_of(version).await;
        for (endpoint, serial) in [(FIRST, "000002"), (SECOND, "000003"), ("a", "000001")] {
            let view = done(&server, endpoint, request(OperationKind::Read, "/3/0/2")).await;
            assert_eq!(value_of(&view, "/3/0/2"), Some(json!(serial)));
        }
        let place = json!("+02:00");
        done(
            &server,
            SECOND,
            request_with(OperationKind::Write, "/3/0/14", place.clone()),
        )
        .await;
        let written = gateway
            .with(|client, _| {
                let tree = client.tree_behind("d02").unwrap();
                tree.get("/3/0/14".parse().unwrap()).cloned()
            })
            .await;
        assert_eq!(written, Some(Value::String("+02:00".into())));
        assert_eq!(server.value(FIRST, "/3/0/14"), None);

        let view = done(&server, FIRST, request(OperationKind::Discover, "/3303")).await;
        assert!(view.links.unwrap().contains("</3303/0/5700>"));
        done(&server, FIRST, request(OperationKind::Execute, "/3303/0/5605")).await;
        let attributes = json!({"pmin": 0, "pmax": 300});
        done(
            &server,
            FIRST,
            request_with(OperationKind::WriteAttributes, "/3303/0/5700", attributes),
        )
        .await;

        let several = of_several(OperationKind::ReadComposite, &["/3/0/0", "/3/0/14"]);
        let view = done(&server, SECOND, several).await;
        assert_eq!(value_of(&view, "/3/0/14"), Some(place));
        let values = json!({"/3/0/14": "-05:00"});
        done(&server, FIRST, write_composite(values)).await;
        server
            .event_that(|event| {
                event.endpoint == FIRST
                    && matches!(
                        event.kind,
                        EventKind::Values {
                            origin: Origin::Written,
                            ..
                        }
                    )
            })
            .await;
        assert_eq!(server.value(FIRST, "/3/0/14"), Some(json!("-05:00")));
    }
}

#[tokio::test]
async fn a_device_behind_a_gateway_notifies_and_sends() {
    for version in [Version::V1_1, Version::V1_2] {
        let (mut server, gateway) = pair_of(version).await;
        done(&server, SECOND, request(OperationKind::Observe, "/3303/0/5700")).await;
        done(
            &server,
            FIRST,
            of_several(OperationKind::ObserveComposite, &["/3303/0"]),
        )
        .await;
        for (prefix, endpoint, value) in [("d02", SECOND, 33.5), ("d01", FIRST, 11.25)] {
            gateway
                .with(move |client, now| {
                    client.change_behind(now, prefix, |tree| {
                        tree.set("/3303/0/5700".parse().unwrap(), Value::Float(value));
                    });
                })
                .await;
            server
                .event_that(|event| {
                    event.endpoint == endpoint
                        && matches!(&event.kind, EventKind::Values { origin: Origin::Notify, values }
                            if values.iter().any(|it| it.value == Value::Float(value)))
                })
                .await;
        }
        gateway
            .with(|client, now| client.send_behind(now, "d01", &["/3303/0/5701".parse().unwrap()]))
            .await;
        server
            .event_that(|event| {
                event.endpoint == FIRST
                    && matches!(
                        event.kind,
                        EventKind::Values {
                            origin: Origin::Send,
                            ..
                        }
                    )
            })
            .await;
        assert_eq!(server.value(FIRST, "/3303/0/5701"), Some(json!("Cel")));
        assert_eq!(server.value("a", "/3303/0/5701"), None);
        done(
            &server,
            SECOND,
            request(OperationKind::CancelObserve, "/3303/0/5700"),
        )
        .await;
        assert_eq!(server.core.observations(SECOND).unwrap(), []);
    }
}

#[tokio::test]
async fn children_come_and_go_with_the_instances_of_the_gateway_object() {
    let (mut server, gateway) = pair_of(Version::V1_1).await;
    let remove = |instance: &'static str| {
        gateway.with(move |client, now| {
            client.change(now, |tree| {
                tree.remove(instance.parse().unwrap());
            });
        })
    };
    remove("/25/1").await;
    let gone = server
        .event_that(|event| event.kind.name() == "deregistered")
        .await;
    assert_eq!(gone.endpoint, SECOND);
    assert_eq!(
        server.core.device(SECOND).unwrap().row.state,
        DeviceState::SignedOff
    );
    // What is known of it stays, and what is asked of it waits no more than of any device that signed off.
    let refused = server
        .core
        .operate(SECOND, request(OperationKind::Read, "/3/0/0"), "tester")
        .await;
    assert!(refused.is_err());
    // The gateway leaves, and what is behind it with it.
    gateway.with(|client, now| client.deregister(now)).await;
    let gone = server
        .event_that(|event| event.endpoint == FIRST && event.kind.name() == "deregistered")
        .await;
    let reason = DeregistrationReason::Deregistered;
    assert_eq!(gone.kind, EventKind::Deregistered { reason });
}

#[tokio::test]
async fn a_gateway_in_queue_mode_puts_its_children_to_sleep() {
    let mut server = Server::with(|config| config.awake_window = Duration::from_secs(2));
    let gateway = Simulated::gateway(server.address(), |options| options.queue_mode = true).await;
    for _ in 0..2 {
        server
            .event_that(|event| registered(event) && event.endpoint.starts_with("a:"))
            .await;
    }
    server
        .event_that(|event| event.endpoint == FIRST && event.kind == EventKind::Asleep)
        .await;
    let ticket = server
        .core
        .operate(FIRST, request(OperationKind::Read, "/3/0/2"), "tester")
        .await
        .unwrap();
    assert_eq!(ticket.view().state, OperationState::Queued);
    gateway
        .with(|client, now| client.send(now, &["/3/0/0".parse().unwrap()]))
        .await;
    let view = ticket.wait(crate::support::PATIENCE).await.unwrap();
    assert_eq!(
        (view.state, value_of(&view, "/3/0/2")),
        (OperationState::Done, Some(json!("000002")))
    );
    server
        .event_that(|event| event.endpoint == FIRST && event.kind == EventKind::Awake)
        .await;
}

/// A gateway whose every message is written by hand; it has answered the observation of its object 25.
async fn by_hand(server: &mut Server) -> (Device, coap::Token, String) {
    let mut gateway = Device::new(server).await;
    let location = gateway
        .register(&["ep=a", "lt=300", "lwm2m=1.1", "b=U"], LINKS)
        .await;
    let asked = gateway.asked().await;
    assert_eq!((path(&asked).as_str(), asked.options.observe()), ("/25", Some(0)));
    let list = r#"[{"bn":"/25/","n":"0/0","vs":"sensor-1"},{"n":"0/1","vs":"d01"},
        {"n":"0/3","vs":"</3303/0>,</d01/3303/1>"},
        {"n":"1/0","vs":"sensor-2"},{"n":"1/1","vs":"d02"},{"n":"1/3","vs":"</3303/0>"},
        {"n":"2/0","vs":"sensor-3"},{"n":"2/1","vs":"3"},{"n":"2/3","vs":"</3303/0>"}]"#;
    gateway
        .answer_with(&asked, Code::CONTENT, Some(110), list.as_bytes(), Some(1))
        .await;
    server
        .event_that(|event| event.endpoint == SECOND && registered(event))
        .await;
    (gateway, asked.token, location)
}

#[tokio::test]
async fn one_send_brings_values_of_a_gateway_and_of_what_is_behind_it() {
    let mut server = Server::start();
    let (mut gateway, _, _) = by_hand(&mut server).await;
    server.core.flush().await.unwrap();
    let journal = server.journal("a").await;
    let told = |kind: &EventKind| matches!(kind, EventKind::Refused { reason, .. } if reason.contains("/25/2 is left out: the prefix '3' is a number"));
    assert!(journal.iter().any(told), "{journal:?}");
    let mut send = async |payload: &str| {
        let mut message = gateway.confirmable(Code::POST, "dp", &[]);
        message.options.set_content_format(Some(110));
        message.payload = payload.as_bytes().to_vec();
        gateway.ask(message).await
    };
    let answer = send(
        r#"[{"bn":"/d01/3303/","n":"0/5700","v":21},{"bn":"/3/0/","n":"9","v":80},
            {"bn":"/d02/3303/0/","n":"5700","v":-3},{"bn":"/d01/3303/1/","n":"5700","v":22}]"#,
    )
    .await;
    assert_eq!(answer.code, Code::CHANGED, "{}", words(&answer));
    server
        .event_that(|event| event.endpoint == SECOND && event.kind.name() == "values")
        .await;
    for (endpoint, path, value) in [
        (FIRST, "/3303/0/5700", json!(21.0)),
        (FIRST, "/3303/1/5700", json!(22.0)),
        (SECOND, "/3303/0/5700", json!(-3.0)),
        ("a", "/3/0/9", json!(80)),
    ] {
        assert_eq!(server.value(endpoint, path), Some(value), "{endpoint} {path}");
    }
    for (payload, code, why) in [
        (
            r#"[{"n":"/d09/3303/0/5700","v":1}]"#,
            Code::NOT_FOUND,
            "has the prefix 'd09'",
        ),
        (
            r#"[{"n":"/d02/3303/7/5700","v":1}]"#,
            Code::NOT_FOUND,
            "/3303/7 is not in the object list",
        ),
        (
            r#"[{"n":"/3/0/9","v":1},{"n":"/d02/3303/0/5700","vs":"x"}]"#,
            Code::BAD_REQUEST,
            "holds a number",
        ),
    ] {
        let answer = send(payload).await;
        assert_eq!(answer.code, code, "{payload}");
        assert!(words(&answer).contains(why), "{}", words(&answer));
    }
    // Nothing of a Send that is refused is taken.
    assert_eq!(server.value("a", "/3/0/9"), Some(json!(80)));
}

#[tokio::test]
async fn a_gateway_is_asked_one_thing_at_a_time_whoever_it_is_about() {
    let mut server = Server::start();
    let (mut gateway, _, _) = by_hand(&mut server).await;
    let mut tickets = Vec::new();
    for endpoint in [FIRST, SECOND, "a", FIRST, SECOND] {
        let request = request(OperationKind::Read, "/3303/0/5701");
        tickets.push(server.core.operate(endpoint, request, "tester").await.unwrap());
    }
    let mut paths = Vec::new();
    for _ in 0..5 {
        let asked = gateway.asked().await;
        // Nothing else comes before this is answered.
        let nothing = tokio::time::timeout(Duration::from_millis(50), gateway.asked()).await;
        assert!(nothing.is_err_and(|_| true));
        paths.push(path(&asked));
        gateway.answer(&asked, Code::CONTENT, Some(0), b"Cel").await;
    }
    paths.sort();
    assert_eq!(
        paths,
        [
            "/3303/0/5701",
            "/d01/3303/0/5701",
            "/d01/3303/0/5701",
            "/d02/3303/0/5701",
            "/d02/3303/0/5701"
        ]
    );
    for ticket in tickets {
        let view = ticket.wait(crate::support::PATIENCE).await.unwrap();
        assert_eq!(view.state, OperationState::Done, "{view:?}");
    }
}

#[tokio::test]
async fn a_name_that_another_device_has_is_not_given_to_a_child_and_a_device_takes_its_own_back() {
    let mut server = Server::start();
    let mut other = Device::new(&server).await;
    other
        .register(&["ep=a:sensor-2", "lt=300", "lwm2m=1.1", "b=U"], "</1/0>,</3/0>")
        .await;
    let mut gateway = Device::new(&server).await;
    gateway
        .register(&["ep=a", "lt=300", "lwm2m=1.1", "b=U"], LINKS)
        .await;
    let asked = gateway.asked().await;
    let list = r#"[{"bn":"/25/","n":"0/0","vs":"sensor-1"},{"n":"0/1","vs":"d01"},
        {"n":"1/0","vs":"sensor-2"},{"n":"1/1","vs":"d02"}]"#;
    gateway
        .answer_with(&asked, Code::CONTENT, Some(110), list.as_bytes(), Some(1))
        .await;
    server
        .event_that(|event| event.endpoint == FIRST && registered(event))
        .await;
    let refused = server.event_that(|event| event.kind.name() == "refused").await;
    assert!(
        matches!(&refused.kind, EventKind::Refused { reason, .. } if reason.contains("another device has this name"))
    );
    assert_eq!(server.core.device(SECOND).unwrap().row.parent, None);

    let mut first = Device::new(&server).await;
    first
        .register(&["ep=a:sensor-1", "lt=300", "lwm2m=1.1", "b=U"], "</1/0>,</3/0>")
        .await;
    server
        .event_that(|event| event.endpoint == FIRST && registered(event))
        .await;
    let detail = server.core.device(FIRST).unwrap();
    assert_eq!((detail.row.parent, detail.gateway), (None, None));
    assert_eq!(server.core.device("a").unwrap().children, []);
    let operation = server.operate(FIRST, request(OperationKind::Read, "/3/0/0"));
    let answer = async {
        let asked = first.asked().await;
        assert_eq!(path(&asked), "/3/0/0");
        first.answer(&asked, Code::CONTENT, Some(0), b"ACME").await;
    };
    assert_eq!(tokio::join!(operation, answer).0.state, OperationState::Done);
}

#[tokio::test]
async fn children_survive_a_kill_with_their_observations_and_follow_their_gateway_to_another_shard() {
    let directory = tempfile::tempdir().unwrap();
    let mut server = Server::of(config(directory.path()));
    let (mut gateway, _, location) = by_hand(&mut server).await;
    let operation = server.operate(FIRST, request(OperationKind::Observe, "/3303/0/5700"));
    let answer = async {
        let asked = gateway.asked().await;
        assert_eq!(path(&asked), "/d01/3303/0/5700");
        let senml = br#"[{"n":"/d01/3303/0/5700","v":20}]"#;
        gateway
            .answer_with(&asked, Code::CONTENT, Some(110), senml, Some(1))
            .await;
        asked.token
    };
    let (view, token) = tokio::join!(operation, answer);
    assert_eq!(view.state, OperationState::Done, "{view:?}");
    server.core.flush().await.unwrap();
    let copy = killed(directory.path());
    drop(server);

    let mut config = config(copy.path());
    config.shards = 4;
    let mut server = Server::of(config);
    gateway.redirect(server.address());
    let detail = server.core.device(FIRST).unwrap();
    assert_eq!(detail.row.parent.as_deref(), Some("a"));
    assert_eq!(server.core.device("a").unwrap().children.len(), 2);
    let senml = br#"[{"n":"/d01/3303/0/5700","v":25.5}]"#;
    let answer = gateway.notify(token, 7, 110, senml).await;
    assert_eq!(answer.kind, Kind::Acknowledgement);
    server.event("values").await;
    assert_eq!(server.value(FIRST, "/3303/0/5700"), Some(json!(25.5)));

    // From other addresses it reaches other shards; what is behind it goes along.
    for _ in 0..8 {
        gateway.rebind().await;
        let update = gateway.confirmable(Code::POST, &location, &[]);
        assert_eq!(gateway.ask(update).await.code, Code::CHANGED);
        let operation = server.operate(SECOND, request(OperationKind::Read, "/3303/0/5701"));
        let answer = async {
            let asked = gateway.asked().await;
            assert_eq!(path(&asked), "/d02/3303/0/5701");
            gateway.answer(&asked, Code::CONTENT, Some(0), b"Cel").await;
        };
        assert_eq!(tokio::join!(operation, answer).0.state, OperationState::Done);
    }
    let answer = gateway
        .notify(token, 8, 110, br#"[{"n":"/d01/3303/0/5700","v":26}]"#)
        .await;
    assert_eq!(answer.kind, Kind::Acknowledgement);

    assert!(server.core.remove("a", "boss").await.unwrap());
    assert_eq!(server.core.device(FIRST), None);
    assert_eq!(server.core.fleet().total, 0);
}
