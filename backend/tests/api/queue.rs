//! What waits for a device that sleeps.

use crate::support::Server;
use axum::http::{Method, StatusCode};
use serde_json::json;
use shared::api::Role;
use std::time::Duration;

#[tokio::test]
async fn an_operation_that_waits_says_its_place_and_when_it_is_expected() {
    let server = Server::start().await;
    let mut events = server.app.core.subscribe();
    let _device = server.device("sleepy", &["Q"], "</1/0>,</3/0>").await;
    let operator = server.with_role(Role::Operator).await;
    let device = "/api/v1/devices/sleepy";

    for (window, words) in [
        (json!(0), "from 1 to"),
        (json!(90_000), "from 1 to"),
        (json!("x"), ""),
    ] {
        let patch = json!({ "awake_window": window }).to_string();
        let refused = operator
            .send(Method::PATCH, device, "application/json", &patch)
            .await;
        assert_eq!(refused.error(), (400, "bad_request".into()));
        assert!(refused.json()["message"].as_str().unwrap().contains(words));
    }
    let patch = json!({ "awake_window": 1 }).to_string();
    let changed = operator
        .send(Method::PATCH, device, "application/json", &patch)
        .await
        .json();
    assert_eq!(changed["queue"]["awake_window"], 1);
    assert_eq!(changed["queue"]["overridden"], true);
    let asleep = async {
        loop {
            let batch = events.recv().await.unwrap();
            if batch.events.iter().any(|event| event.name() == "asleep") {
                return;
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(10), asleep)
        .await
        .expect("the device to fall asleep");

    let operations = format!("{device}/operations");
    let mut ids = Vec::new();
    for position in 1..=3 {
        let body = json!({ "op": "read", "path": "/3/0/0" }).to_string();
        let queued = operator.post(&operations, &body).await;
        assert_eq!(queued.status, StatusCode::ACCEPTED);
        let queued = queued.json();
        assert_eq!(
            (&queued["state"], &queued["position"]),
            (&json!("queued"), &json!(position))
        );
        assert!(
            queued["expected_at"].is_string() && queued["expires_at"].is_string(),
            "{queued}"
        );
        ids.push(queued["id"].as_u64().unwrap());
    }
    let shown = operator.get(device).await.json();
    assert_eq!(
        (&shown["state"], &shown["queue"]["waiting"]),
        (&json!("asleep"), &json!(3))
    );
    assert!(shown["queue"]["awake_until"].is_null() && shown["queue"]["expected_at"].is_string());

    let retry = format!("{operations}/{}/retry", ids[0]);
    assert_eq!(
        operator.post(&retry, "").await.error(),
        (400, "bad_request".into())
    );
    let cancelled = operator.delete(&format!("{operations}/{}", ids[0])).await.json();
    assert_eq!(cancelled["state"], "cancelled");
    let again = operator.post(&retry, "").await;
    assert_eq!(again.status, StatusCode::ACCEPTED);
    let again = again.json();
    assert_eq!(
        (&again["retry_of"], &again["position"]),
        (&json!(ids[0]), &json!(3))
    );
    let list = operator.get(&operations).await.json();
    let places: Vec<_> = list["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| item["position"].as_u64())
        .collect();
    assert_eq!(places, [Some(3), Some(2), Some(1), None]);

    let usual = json!({ "awake_window": null }).to_string();
    let changed = operator
        .send(Method::PATCH, device, "application/json", &usual)
        .await
        .json();
    assert_eq!(changed["queue"]["awake_window"], 93);
    let unknown = operator.post(&format!("{operations}/99999/retry"), "").await;
    assert_eq!(unknown.error(), (404, "not_found".into()));
}
