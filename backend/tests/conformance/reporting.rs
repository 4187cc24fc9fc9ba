//! Information reporting: Observe, Observe-Composite, Send. LwM2M Core 1.2 §6.4, §7.3.

use super::simulated::{arrives, in_format, of_several, pair, pair_of, succeeds, write};
use crate::support::{Device, Server, request, request_with};
use coap::{Code, Kind};
use serde_json::json;
use shared::api::{OperationKind, OperationRequest, OperationState};
use shared::event::{EventKind, Origin};
use shared::{ContentFormat, Value, Version};
use simulator::Reports;
use std::time::Duration;

const TEXT: &str = "/3442/0/110";
const NUMBER: &str = "/3442/0/120";

fn text(value: &str) -> Value {
    Value::String(value.into())
}

#[tokio::test]
async fn ets_301_observe_and_notify() {
    for version in [Version::V1_0, Version::V1_1, Version::V1_2] {
        let (mut server, client) = pair_of(version).await;
        succeeds(&server, request(OperationKind::Observe, TEXT), "2.05").await;
        for value in ["one", "two"] {
            client.set(TEXT, text(value)).await;
            arrives(&mut server, "notify", TEXT, json!(value)).await;
        }
        let observed = &server.core.observations("a").unwrap()[0];
        assert!(
            observed.established && observed.notifications >= 2,
            "{observed:?}"
        );
    }
}

#[tokio::test]
async fn ets_302_cancel_by_reset() {
    let (server, client) = pair(|_| {}).await;
    succeeds(&server, request(OperationKind::Observe, TEXT), "2.05").await;
    let silent = request_with(OperationKind::CancelObserve, TEXT, json!("reset"));
    let view = server.operate("a", silent).await;
    assert_eq!(view.state, OperationState::Done, "{view:?}");
    assert_eq!(client.observations().await, 1);
    client.set(TEXT, text("news")).await;
    // The reset is on its way back: a Read, which comes after it on the same socket, finds it done.
    succeeds(&server, request(OperationKind::Read, TEXT), "2.05").await;
    assert_eq!(client.observations().await, 0);
}

#[tokio::test]
async fn ets_303_cancel_by_observe_1() {
    let (server, client) = pair(|_| {}).await;
    succeeds(&server, request(OperationKind::Observe, TEXT), "2.05").await;
    succeeds(&server, request(OperationKind::CancelObserve, TEXT), "2.05").await;
    assert_eq!(client.observations().await, 0);
    assert_eq!(server.core.observations("a").unwrap(), []);
}

#[tokio::test]
async fn ets_304_and_305_observe_composite_and_cancel() {
    for version in [Version::V1_1, Version::V1_2] {
        let (mut server, client) = pair_of(version).await;
        let paths = [TEXT, NUMBER, "/3442/9"];
        let view = succeeds(
            &server,
            of_several(OperationKind::ObserveComposite, &paths),
            "2.05",
        )
        .await;
        assert_eq!(view.values.len(), 2, "{view:?}");
        client.set(NUMBER, Value::Integer(5)).await;
        // Every notification has all that is listed.
        arrives(&mut server, "notify", TEXT, json!("initial value")).await;
        let observed = server.core.observations("a").unwrap();
        assert_eq!(observed[0].paths.len(), 3);
        succeeds(&server, of_several(OperationKind::CancelObserve, &paths), "2.05").await;
        assert_eq!(client.observations().await, 0);
        assert_eq!(server.core.observations("a").unwrap(), []);
    }
}

#[tokio::test]
async fn ets_306_and_311_send() {
    for (version, format) in [
        (Version::V1_1, ContentFormat::SENML_JSON),
        (Version::V1_1, ContentFormat::SENML_CBOR),
        (Version::V1_2, ContentFormat::LWM2M_CBOR),
    ] {
        let change = |options: &mut simulator::ClientOptions| {
            options.version = version;
            options.dialect.format = Some(format);
        };
        let (mut server, _client) = pair(change).await;
        write(&server, "/3442/0/6", json!({"0": NUMBER, "1": TEXT})).await;
        succeeds(&server, request(OperationKind::Execute, "/3442/0/5"), "2.04").await;
        arrives(&mut server, "send", TEXT, json!("initial value")).await;
    }
}

#[tokio::test]
async fn ets_307_a_muted_client_sends_nothing() {
    let (mut server, client) = pair(|_| {}).await;
    write(&server, "/3442/0/6", json!({"0": TEXT})).await;
    for (muted, value) in [(true, "muted"), (false, "heard")] {
        write(&server, "/1/0/23", json!(muted)).await;
        client.set(TEXT, text(value)).await;
        succeeds(&server, request(OperationKind::Execute, "/3442/0/5"), "2.04").await;
    }
    let first = server
        .event_that(|event| {
            matches!(
                &event.kind,
                EventKind::Values {
                    origin: Origin::Send,
                    ..
                }
            )
        })
        .await;
    let EventKind::Values { values, .. } = &first.kind else {
        unreachable!()
    };
    assert_eq!(values[0].value, text("heard"));
}

#[tokio::test]
async fn ets_308_and_309_an_observed_object_follows_create_and_delete() {
    let (mut server, _client) = pair_of(Version::V1_2).await;
    let paths = ["/3311", NUMBER];
    succeeds(
        &server,
        of_several(OperationKind::ObserveComposite, &paths),
        "2.05",
    )
    .await;
    let create = request_with(OperationKind::Create, "/3311/4", json!({"5850": true}));
    succeeds(&server, create, "2.01").await;
    arrives(&mut server, "notify", "/3311/4/5850", json!(true)).await;
    succeeds(&server, request(OperationKind::Delete, "/3311/4"), "2.02").await;
    arrives(&mut server, "notify", NUMBER, json!(1024)).await;
}

#[tokio::test]
async fn ets_1_2_312_and_313_attributes_in_the_request_go_before_attached_ones() {
    let (mut server, client) = pair_of(Version::V1_2).await;
    // Attached: nothing for an hour. In the request: at once, from a step of 5 on.
    let attached = json!({"pmin": 3600});
    succeeds(
        &server,
        request_with(OperationKind::WriteAttributes, NUMBER, attached),
        "2.04",
    )
    .await;
    let own = json!({"pmin": 0, "st": 5});
    succeeds(&server, request_with(OperationKind::Observe, NUMBER, own), "2.05").await;
    client.set(NUMBER, Value::Integer(1025)).await;
    client.set(NUMBER, Value::Integer(1030)).await;
    arrives(&mut server, "notify", NUMBER, json!(1030)).await;
    assert_eq!(server.core.observations("a").unwrap()[0].notifications, 1);
    let (older, _client) = pair_of(Version::V1_1).await;
    let asked = request_with(OperationKind::Observe, NUMBER, json!({"pmin": 1}));
    let error = older.core.operate("a", asked, "tester").await.unwrap_err();
    assert!(error.to_string().contains("since LwM2M 1.2"), "{error}");
}

#[tokio::test]
async fn ets_310_an_observe_composite_has_attributes_of_its_own() {
    let (mut server, client) = pair_of(Version::V1_2).await;
    let asked = OperationRequest {
        value: serde_json::from_value(json!({"pmax": 1, "con": true})).ok(),
        ..of_several(OperationKind::ObserveComposite, &[TEXT, NUMBER])
    };
    succeeds(&server, asked, "2.05").await;
    // Without a change, after pmax.
    arrives(&mut server, "notify", NUMBER, json!(1024)).await;
    client.set(TEXT, text("news")).await;
    arrives(&mut server, "notify", TEXT, json!("news")).await;
    // The cancellation repeats the attributes.
    succeeds(
        &server,
        of_several(OperationKind::CancelObserve, &[TEXT, NUMBER]),
        "2.05",
    )
    .await;
    assert_eq!(client.observations().await, 0);
}

#[tokio::test]
async fn ets_950_and_951_attributes_change_what_is_notified() {
    let (mut server, client) = pair(|_| {}).await;
    let attributes = json!({"gt": 2000, "lt": 100});
    succeeds(
        &server,
        request_with(OperationKind::WriteAttributes, NUMBER, attributes),
        "2.04",
    )
    .await;
    succeeds(&server, request(OperationKind::Observe, NUMBER), "2.05").await;
    client.set(NUMBER, Value::Integer(1500)).await;
    client.set(NUMBER, Value::Integer(2500)).await;
    arrives(&mut server, "notify", NUMBER, json!(2500)).await;
    assert_eq!(server.core.observations("a").unwrap()[0].notifications, 1);
}

#[tokio::test]
async fn a_history_keeps_the_times_of_its_values() {
    for format in [ContentFormat::SENML_JSON, ContentFormat::SENML_CBOR] {
        let change = |options: &mut simulator::ClientOptions| {
            options.dialect.format = Some(format);
            options.reports = Some(Reports {
                every: Duration::from_millis(700),
                paths: vec![NUMBER.parse().unwrap()],
                sampled: Some(Duration::from_millis(200)),
            });
        };
        let (mut server, _client) = pair(change).await;
        arrives(&mut server, "send", NUMBER, json!(1024)).await;
        let samples = server.core.samples("a", NUMBER.parse().unwrap());
        assert!(samples.len() >= 2, "{samples:?}");
        assert!(
            samples.windows(2).all(|pair| pair[0].0 < pair[1].0),
            "each has its own time: {samples:?}"
        );
    }
}

const REGISTER: [&str; 4] = ["ep=a", "lt=300", "lwm2m=1.0", "b=U"];
const LIST: &str = "</1/0>,</3/0>,</3303/0>";

async fn sends(device: &mut Device, format: Option<u16>, payload: &[u8]) -> Code {
    let mut message = device.confirmable(Code::POST, "dp", &[]);
    message.options.set_content_format(format);
    message.payload = payload.to_vec();
    device.ask(message).await.code
}

#[tokio::test]
async fn a_send_is_taken_from_a_device_of_1_0_and_refused_by_the_rules() {
    let mut server = Server::start();
    let mut device = Device::new(&server).await;
    assert_eq!(
        sends(&mut device, Some(110), b"[{\"n\":\"/3303/0/5700\",\"v\":1}]").await,
        Code::NOT_FOUND
    );
    device.register(&REGISTER, LIST).await;
    server.event("registered").await;
    for (format, payload, code) in [
        (
            Some(110),
            &b"[{\"n\":\"/3303/0/5700\",\"v\":21.5}]"[..],
            Code::CHANGED,
        ),
        // {[3303, 0, 5700]: 22}
        (
            Some(11544),
            b"\xa1\x83\x19\x0c\xe7\x00\x19\x16\x44\x16",
            Code::CHANGED,
        ),
        // A resource that no definition describes.
        (Some(110), b"[{\"n\":\"/3303/0/9999\",\"v\":1}]", Code::CHANGED),
        (Some(110), b"[]", Code::BAD_REQUEST),
        (
            Some(110),
            b"[{\"n\":\"/3303/0/5700\",\"vs\":\"warm\"}]",
            Code::BAD_REQUEST,
        ),
        (Some(110), b"[{\"n\":\"/3303/1/5700\",\"v\":1}]", Code::NOT_FOUND),
        (
            Some(110),
            b"[{\"n\":\"/3311/0/5850\",\"vb\":true}]",
            Code::NOT_FOUND,
        ),
        (Some(110), b"[{\"n\":\"/0/0/0\",\"vs\":\"x\"}]", Code::NOT_FOUND),
        (Some(11542), b"\xc1\x09\x64", Code::UNSUPPORTED_CONTENT_FORMAT),
        (None, b"[]", Code::UNSUPPORTED_CONTENT_FORMAT),
    ] {
        let shown = String::from_utf8_lossy(payload);
        assert_eq!(
            sends(&mut device, format, payload).await,
            code,
            "{format:?} {shown}"
        );
    }
    server.event("refused").await;
    assert_eq!(server.value("a", "/3303/0/5700"), Some(json!(22.0)));
}

#[tokio::test]
async fn a_send_may_be_non_confirmable_and_have_an_empty_token() {
    let mut server = Server::start();
    let mut device = Device::new(&server).await;
    device.register(&REGISTER, LIST).await;
    let mut message = device.confirmable(Code::POST, "dp", &[]);
    message.kind = Kind::NonConfirmable;
    message.token = coap::Token::default();
    message.options.set_content_format(Some(110));
    message.payload = b"[{\"n\":\"/3303/0/5700\",\"v\":3}]".to_vec();
    device.send(&message).await;
    arrives(&mut server, "send", "/3303/0/5700", json!(3.0)).await;
}

/// A device whose temperature is observed, with the token.
async fn observed(server: &mut Server) -> (Device, coap::Token) {
    let mut device = Device::new(server).await;
    device
        .register(&["ep=a", "lt=300", "lwm2m=1.1", "b=U"], LIST)
        .await;
    server.event("registered").await;
    let operation = server.operate("a", request(OperationKind::Observe, "/3303/0/5700"));
    let answer = async {
        let asked = device.asked().await;
        let first = crate::support::senml("/3303/0/5700", 20.0);
        device
            .answer_with(&asked, Code::CONTENT, Some(110), &first, Some(10))
            .await;
        asked.token
    };
    let (_, token) = tokio::join!(operation, answer);
    (device, token)
}

#[tokio::test]
async fn a_notification_with_a_history_keeps_its_times() {
    let mut server = Server::start();
    let (mut device, token) = observed(&mut server).await;
    let history = br#"[{"bn":"/3303/0/5700","bt":1700000000,"v":1},{"t":10.5,"v":2},{"t":20,"v":3}]"#;
    device.notify(token, 11, 110, history).await;
    arrives(&mut server, "notify", "/3303/0/5700", json!(3.0)).await;
    let samples = server.core.samples("a", "/3303/0/5700".parse().unwrap());
    let found: Vec<(i64, f64)> = samples.iter().map(|(at, value)| (at.0, *value)).collect();
    assert_eq!(
        found[..3],
        [
            (1_700_000_000_000, 1.0),
            (1_700_000_010_500, 2.0),
            (1_700_000_020_000, 3.0)
        ]
    );
}

/// What was stored while the device was out of reach comes after the newest value, and does not take its place; all
/// times are kept, of numbers as samples, of the rest in the journal.
#[tokio::test]
async fn an_old_value_that_is_sent_late_does_not_stand_as_the_newest() {
    let mut server = Server::start();
    let mut device = Device::new(&server).await;
    let list = "</>;rt=\"oma.lwm2m\";ct=\"110 112 11542\",</3/0>,</3303/0>,</3441/0>";
    device.register(&REGISTER, list).await;
    server.event("registered").await;
    for (payload, last) in [
        // Half a minute ago on the device's clock, then an hour, then a minute: what counts is the first.
        (&br#"[{"bn":"/3303/0/","n":"5700","v":21.5,"t":-30},{"n":"5750","vs":"now","t":-30}]"#[..], 21.5),
        (br#"[{"bn":"/3303/0/","bt":-3600,"n":"5700","v":1},{"n":"5700","v":2,"t":60},{"n":"5750","vs":"old"},{"n":"5750","vs":"less old","t":60}]"#, 2.0),
        (br#"[{"bn":"/3303/0/","n":"5700","v":20,"t":-60},{"n":"5750","vs":"before","t":-60}]"#, 20.0),
    ] {
        assert_eq!(sends(&mut device, Some(110), payload).await, Code::CHANGED);
        arrives(&mut server, "send", "/3303/0/5700", json!(last)).await;
    }
    assert_eq!(server.value("a", "/3303/0/5700"), Some(json!(21.5)));
    assert_eq!(server.value("a", "/3303/0/5750"), Some(json!("now")));
    let samples = server.core.samples("a", "/3303/0/5700".parse().unwrap());
    let numbers: Vec<f64> = samples.iter().map(|(_, value)| *value).collect();
    assert_eq!(numbers, [1.0, 2.0, 20.0, 21.5]);
    server.core.flush().await.unwrap();
    let kept: Vec<String> = server
        .journal("a")
        .await
        .into_iter()
        .filter_map(|kind| match kind {
            EventKind::Values { values, .. } => Some(values),
            _ => None,
        })
        .flatten()
        .map(|one| one.value.to_json().to_string())
        .collect();
    assert_eq!(kept, ["\"old\"", "\"less old\"", "\"before\""]);
    // A value without a time is of now.
    sends(&mut device, Some(110), br#"[{"n":"/3303/0/5700","v":22}]"#).await;
    arrives(&mut server, "send", "/3303/0/5700", json!(22.0)).await;
    assert_eq!(server.value("a", "/3303/0/5700"), Some(json!(22.0)));
}

#[tokio::test]
async fn an_older_notification_that_comes_late_is_passed_over() {
    let mut server = Server::start();
    let (mut device, token) = observed(&mut server).await;
    for (sequence, value) in [(13, 3.0), (12, 2.0), (14, 4.0)] {
        let payload = crate::support::senml("/3303/0/5700", value);
        device.notify(token, sequence, 110, &payload).await;
    }
    arrives(&mut server, "notify", "/3303/0/5700", json!(4.0)).await;
    let samples = server.core.samples("a", "/3303/0/5700".parse().unwrap());
    let values: Vec<f64> = samples.iter().map(|(_, value)| *value).collect();
    assert_eq!(values, [20.0, 3.0, 4.0]);
}

#[tokio::test]
async fn the_rest_of_a_long_notification_is_fetched() {
    let (mut server, client) = pair(|_| {}).await;
    succeeds(
        &server,
        in_format("senml_cbor", request(OperationKind::Observe, TEXT)),
        "2.05",
    )
    .await;
    let long = "x".repeat(5000);
    client.set(TEXT, text(&long)).await;
    arrives(&mut server, "notify", TEXT, json!(long)).await;
}
