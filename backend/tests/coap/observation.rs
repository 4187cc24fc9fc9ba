//! LwM2M Core 1.2 §6.4.

use crate::support::{Device, LINKS, Server, config, path, queries, request, senml};
use coap::{Code, Kind, Token};
use serde_json::json;
use shared::api::{OperationKind, OperationRequest, OperationState};
use shared::event::EventKind;

const REGISTER: [&str; 4] = ["ep=a", "lt=300", "lwm2m=1.1", "b=U"];
const PATH: &str = "/3303/0/5700";

/// A device whose temperature is observed, with the observation's token.
pub(crate) async fn observed(server: &mut Server) -> (Device, Token) {
    let mut device = Device::new(server).await;
    device.register(&REGISTER, LINKS).await;
    server.event("registered").await;
    let token = observe(server, &mut device).await;
    (device, token)
}

async fn observe(server: &mut Server, device: &mut Device) -> Token {
    let operation = server.operate("a", request(OperationKind::Observe, PATH));
    let answer = async {
        let asked = device.asked().await;
        assert_eq!((path(&asked).as_str(), asked.options.observe()), (PATH, Some(0)));
        device
            .answer_with(&asked, Code::CONTENT, Some(110), &senml(PATH, 20.0), Some(1))
            .await;
        asked.token
    };
    let (view, token) = tokio::join!(operation, answer);
    assert_eq!(view.state, OperationState::Done, "{view:?}");
    token
}

#[tokio::test]
async fn notifications_bring_values_until_the_observation_is_cancelled() {
    let mut server = Server::start();
    let (mut device, token) = observed(&mut server).await;
    for (sequence, value) in [(2, 21.0), (3, 22.5)] {
        let answer = device.notify(token, sequence, 110, &senml(PATH, value)).await;
        assert_eq!(answer.kind, Kind::Acknowledgement);
        server
            .event_that(|event| match &event.kind {
                EventKind::Values { values, .. } => values[0].value.as_number() == Some(value),
                _ => false,
            })
            .await;
    }
    let observations = server.core.observations("a").unwrap();
    assert_eq!((observations.len(), observations[0].notifications), (1, 2));
    assert!(observations[0].established);
    let numbers: Vec<f64> = server
        .core
        .samples("a", PATH.parse().unwrap())
        .into_iter()
        .map(|(_, number)| number)
        .collect();
    assert_eq!(numbers, [20.0, 21.0, 22.5]);

    let operation = server.operate("a", request(OperationKind::CancelObserve, PATH));
    let answer = async {
        let asked = device.asked().await;
        assert_eq!((asked.options.observe(), asked.token), (Some(1), token));
        device
            .answer(&asked, Code::CONTENT, Some(110), &senml(PATH, 23.0))
            .await;
    };
    let (view, ()) = tokio::join!(operation, answer);
    assert_eq!(view.state, OperationState::Done, "{view:?}");
    assert_eq!(server.core.observations("a").unwrap(), []);
    let answer = device.notify(token, 9, 110, &senml(PATH, 24.0)).await;
    assert_eq!(answer.kind, Kind::Reset);
}

#[tokio::test]
async fn a_cancellation_that_is_refused_ends_by_a_reset() {
    let mut server = Server::start();
    let (mut device, token) = observed(&mut server).await;
    let operation = server.operate("a", request(OperationKind::CancelObserve, PATH));
    let answer = async {
        let asked = device.asked().await;
        device.answer(&asked, Code::METHOD_NOT_ALLOWED, None, b"").await;
    };
    let (view, ()) = tokio::join!(operation, answer);
    assert_eq!(view.state, OperationState::Done);
    assert!(
        view.message
            .unwrap()
            .ends_with("which ends the observation there.")
    );
    let answer = device.notify(token, 2, 110, &senml(PATH, 21.0)).await;
    assert_eq!(answer.kind, Kind::Reset);
}

#[tokio::test]
async fn a_notification_that_cannot_be_read_is_told_and_the_observation_stays() {
    let mut server = Server::start();
    let (mut device, token) = observed(&mut server).await;
    device.notify(token, 2, 110, b"[{").await;
    let event = server.event("refused").await;
    assert_eq!(event.endpoint, "a");
    device.notify(token, 3, 110, &senml(PATH, 5.0)).await;
    server.event("values").await;
    assert_eq!(server.value("a", PATH), Some(json!(5.0)));
}

#[tokio::test]
async fn the_device_can_end_an_observation() {
    let mut server = Server::start();
    let (mut device, token) = observed(&mut server).await;
    server.event("observation_started").await;
    let mut message = device.confirmable(Code::NOT_FOUND, "", &[]);
    message.token = token;
    device.send(&message).await;
    let event = server.event("observation_ended").await;
    let EventKind::ObservationEnded { reason, .. } = &event.kind else {
        unreachable!()
    };
    assert_eq!(
        reason,
        "The device ended it. The device has nothing at this path."
    );
    assert_eq!(server.core.observations("a").unwrap(), []);
}

#[tokio::test]
async fn a_device_that_does_not_notify_is_told_so() {
    let mut server = Server::start();
    let mut device = Device::new(&server).await;
    device.register(&REGISTER, LINKS).await;
    server.event("registered").await;
    let operation = server.operate("a", request(OperationKind::Observe, PATH));
    let answer = async {
        let asked = device.asked().await;
        device
            .answer(&asked, Code::CONTENT, Some(110), &senml(PATH, 20.0))
            .await;
    };
    let (view, ()) = tokio::join!(operation, answer);
    assert_eq!(view.state, OperationState::Failed);
    assert_eq!(server.value("a", PATH), Some(json!(20.0)));
    assert_eq!(server.core.observations("a").unwrap(), []);
}

#[tokio::test]
async fn what_was_observed_is_observed_again_after_a_register() {
    let mut server = Server::start();
    let (mut device, old) = observed(&mut server).await;
    device.register(&REGISTER, LINKS).await;
    server.event("registered").await;
    assert!(!server.core.observations("a").unwrap()[0].established);
    let asked = device.asked().await;
    assert_eq!((path(&asked).as_str(), asked.options.observe()), (PATH, Some(0)));
    assert_ne!(asked.token, old);
    device
        .answer_with(&asked, Code::CONTENT, Some(110), &senml(PATH, 30.0), Some(1))
        .await;
    server.event("observation_started").await;
    server.event("values").await;
    assert_eq!(server.value("a", PATH), Some(json!(30.0)));
    assert_eq!(
        device.notify(old, 8, 110, &senml(PATH, 1.0)).await.kind,
        Kind::Reset
    );
    let answer = device.notify(asked.token, 2, 110, &senml(PATH, 31.0)).await;
    assert_eq!(answer.kind, Kind::Acknowledgement);
    server.event("values").await;
    assert_eq!(server.value("a", PATH), Some(json!(31.0)));
}

fn together(paths: &[&str], value: serde_json::Value) -> OperationRequest {
    OperationRequest {
        path: None,
        paths: paths.iter().map(|path| path.parse().unwrap()).collect(),
        value: (!value.is_null()).then(|| serde_json::from_value(value).unwrap()),
        ..request(OperationKind::ObserveComposite, "/")
    }
}

const NEW: [&str; 4] = ["ep=a", "lt=300", "lwm2m=1.2", "b=U"];
const PATHS: [&str; 2] = [PATH, "/3303/1/5700"];

/// The body of a composite request, and everything else that its cancellation has to repeat.
fn repeated(message: &coap::Message) -> (Code, Vec<u8>, Option<u16>, Vec<String>) {
    (
        message.code,
        message.payload.clone(),
        message.options.accept(),
        queries(message),
    )
}

#[tokio::test]
async fn several_paths_are_observed_together_and_cancelled_by_the_same_body() {
    let mut server = Server::start();
    let mut device = Device::new(&server).await;
    device.register(&NEW, LINKS).await;
    server.event("registered").await;
    let operation = server.operate("a", together(&PATHS, json!({"pmin": 5, "con": true})));
    let answer = async {
        let asked = device.asked().await;
        assert_eq!((asked.code, path(&asked).as_str()), (Code::FETCH, "/"));
        assert_eq!(asked.options.observe(), Some(0));
        assert_eq!(asked.options.content_format(), Some(112));
        let mut sent = queries(&asked);
        sent.sort();
        assert_eq!(sent, ["con=1", "pmin=5"]);
        device
            .answer_with(&asked, Code::CONTENT, Some(110), &senml(PATH, 20.0), Some(1))
            .await;
        asked
    };
    let (view, asked) = tokio::join!(operation, answer);
    assert_eq!(view.state, OperationState::Done, "{view:?}");
    let observations = server.core.observations("a").unwrap();
    assert_eq!(observations[0].paths.len(), 2);
    device.notify(asked.token, 2, 110, &senml(PATHS[1], 7.0)).await;
    server
        .event_that(|event| match &event.kind {
            EventKind::Values { values, .. } => values[0].path == PATHS[1].parse().unwrap(),
            _ => false,
        })
        .await;
    assert_eq!(server.core.observations("a").unwrap()[0].notifications, 1);

    let cancel = OperationRequest {
        path: None,
        paths: together(&PATHS, json!(null)).paths,
        ..request(OperationKind::CancelObserve, "/")
    };
    let operation = server.operate("a", cancel);
    let answer = async {
        let cancelled = device.asked().await;
        assert_eq!(
            (cancelled.options.observe(), cancelled.token),
            (Some(1), asked.token)
        );
        assert_eq!(repeated(&cancelled), repeated(&asked));
        device.answer(&cancelled, Code::CONTENT, None, b"").await;
    };
    let (view, ()) = tokio::join!(operation, answer);
    assert_eq!(view.state, OperationState::Done, "{view:?}");
    assert_eq!(server.core.observations("a").unwrap(), []);
}

#[tokio::test]
async fn attributes_in_the_request_are_left_out_for_a_device_that_refuses_them() {
    for (code, op) in [
        (Code::BAD_OPTION, together(&PATHS, json!({"pmin": 5}))),
        (
            Code::BAD_REQUEST,
            OperationRequest {
                value: serde_json::from_value(json!({"pmin": 5})).ok(),
                ..request(OperationKind::Observe, PATH)
            },
        ),
    ] {
        let mut server = Server::start();
        let mut device = Device::new(&server).await;
        device.register(&NEW, LINKS).await;
        server.event("registered").await;
        let operation = server.operate("a", op);
        let answer = async {
            let asked = device.asked().await;
            assert_eq!(queries(&asked), ["pmin=5"]);
            device.answer(&asked, code, None, b"").await;
            let again = device.asked().await;
            assert_eq!(
                (queries(&again), again.options.accept()),
                (vec![], asked.options.accept())
            );
            device
                .answer_with(&again, Code::CONTENT, Some(110), &senml(PATH, 20.0), Some(1))
                .await;
        };
        let (view, ()) = tokio::join!(operation, answer);
        assert_eq!(view.state, OperationState::Done, "{view:?}");
        assert_eq!(
            view.message.as_deref(),
            Some("The device takes no attributes in the request; it is observed without pmin=5.")
        );
    }
}

#[tokio::test]
async fn an_observation_can_be_ended_by_the_reset_of_its_next_notification() {
    let mut server = Server::start();
    let (mut device, token) = observed(&mut server).await;
    let silent = OperationRequest {
        value: serde_json::from_value(json!("reset")).ok(),
        ..request(OperationKind::CancelObserve, PATH)
    };
    let view = server.operate("a", silent).await;
    assert_eq!(view.state, OperationState::Done, "{view:?}");
    assert_eq!(
        device.notify(token, 2, 110, &senml(PATH, 21.0)).await.kind,
        Kind::Reset
    );
    assert_eq!(server.core.observations("a").unwrap(), []);
}

#[tokio::test]
async fn after_a_restart_the_cancellation_still_repeats_the_request() {
    let directory = tempfile::tempdir().unwrap();
    let mut server = Server::of(config(directory.path()));
    let mut device = Device::new(&server).await;
    device.register(&NEW, LINKS).await;
    server.event("registered").await;
    let operation = server.operate("a", together(&PATHS, json!({"pmin": 5})));
    let answer = async {
        let asked = device.asked().await;
        device
            .answer_with(&asked, Code::CONTENT, Some(110), &senml(PATH, 20.0), Some(1))
            .await;
        asked
    };
    let (_, asked) = tokio::join!(operation, answer);
    server.event("observation_started").await;
    server.core.shutdown().await.unwrap();

    let server = Server::of(config(directory.path()));
    device.redirect(server.address());
    assert!(server.core.observations("a").unwrap()[0].established);
    let cancel = OperationRequest {
        path: None,
        paths: together(&PATHS, json!(null)).paths,
        ..request(OperationKind::CancelObserve, "/")
    };
    let operation = server.operate("a", cancel);
    let answer = async {
        let cancelled = device.asked().await;
        assert_eq!(
            (cancelled.options.observe(), cancelled.token),
            (Some(1), asked.token)
        );
        assert_eq!(repeated(&cancelled), repeated(&asked));
        device.answer(&cancelled, Code::CONTENT, None, b"").await;
    };
    let (view, ()) = tokio::join!(operation, answer);
    assert_eq!(view.state, OperationState::Done, "{view:?}");
}
