//! LwM2M Core 1.2 §6.4.

use crate::support::{Device, LINKS, Server, path, request, senml};
use coap::{Code, Kind, Token};
use serde_json::json;
use shared::api::{OperationKind, OperationState};
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
