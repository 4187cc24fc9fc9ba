//! `/credentials`: what goes in, what is told, and what never is.

use crate::support::Server;
use axum::http::Method;
use serde_json::json;
use shared::api::Role;

const KEY: &str = "000102030405060708090a0b0c0d0e0f";

#[tokio::test]
async fn a_credential_makes_its_device_known_and_its_key_is_never_told() {
    let server = Server::start().await;
    let client = server.with_role(Role::Operator).await;
    let body = json!({"endpoint": "lamp", "mode": "psk", "identity": "lamp-1", "key": KEY}).to_string();
    let answer = client.post("/api/v1/credentials", &body).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    let list = client.get("/api/v1/credentials").await.json();
    assert_eq!(list["total"], 1);
    assert_eq!(list["items"][0]["identity"], "lamp-1");
    let one = client.get("/api/v1/credentials/lamp").await;
    assert_eq!(one.json()["mode"], "psk");
    for answer in [&answer, &one] {
        assert!(!format!("{answer:?}").contains(KEY), "{answer:?}");
    }
    let device = client.get("/api/v1/devices/lamp").await.json();
    assert_eq!(
        (&device["state"], &device["security"]),
        (&json!("never_seen"), &json!(null))
    );
    assert_eq!(device["protection"]["credential"]["identity"], "lamp-1");
    let audit = server.with_role(Role::Admin).await.get("/api/v1/audit").await;
    assert_eq!(audit.json()["items"][0]["device"], "lamp");
    assert!(!format!("{audit:?}").contains(KEY));

    assert_eq!(client.delete("/api/v1/credentials/lamp").await.status, 204);
    assert_eq!(client.get("/api/v1/credentials/lamp").await.error().0, 404);
    assert_eq!(client.delete("/api/v1/credentials/lamp").await.error().0, 404);
    assert_eq!(client.get("/api/v1/devices/lamp").await.status, 200);
}

#[tokio::test]
async fn a_key_that_the_server_made_is_told_once() {
    let server = Server::start().await;
    let client = server.with_role(Role::Operator).await;
    let answer = client.post("/api/v1/credentials/lamp/generate", "{}").await;
    assert_eq!(answer.status, 201, "{answer:?}");
    let key = answer.json()["key"].as_str().unwrap().to_owned();
    assert_eq!(
        (key.len(), &answer.json()["credential"]["identity"]),
        (32, &json!("lamp"))
    );
    let one = client.get("/api/v1/credentials/lamp").await;
    assert!(!format!("{one:?}").contains(&key));
    let again = client.post("/api/v1/credentials/lamp/generate", "{}").await;
    assert_ne!(again.json()["key"], json!(key));
}

#[tokio::test]
async fn what_is_no_credential_is_refused_in_words() {
    let server = Server::start().await;
    let client = server.with_role(Role::Operator).await;
    let psk = json!({"endpoint": "a", "mode": "psk", "identity": "one", "key": KEY}).to_string();
    assert_eq!(client.post("/api/v1/credentials", &psk).await.status, 201);
    for (body, expect) in [
        (
            json!({"endpoint": "b", "mode": "psk", "identity": "one", "key": KEY}),
            409,
        ),
        (json!({"endpoint": "b", "mode": "psk", "identity": "two"}), 400),
        (
            json!({"endpoint": "b", "mode": "psk", "identity": "two", "key": "0g"}),
            400,
        ),
        (
            json!({"endpoint": "b", "mode": "psk", "identity": "two", "key": "00"}),
            400,
        ),
        (json!({"endpoint": "b", "mode": "rpk", "public_key": "3059"}), 400),
        (json!({"endpoint": "b", "mode": "x509", "key": KEY}), 400),
        (json!({"endpoint": "", "mode": "none"}), 400),
        (
            json!({"endpoint": "b", "mode": "none", "expires": "2020-01-01T00:00:00Z"}),
            400,
        ),
        (json!({"endpoint": "b", "mode": "quantum"}), 400),
    ] {
        let answer = client.post("/api/v1/credentials", &body.to_string()).await;
        assert_eq!(answer.error().0, expect, "{body}: {answer:?}");
    }
    for mode in ["none", "x509"] {
        let body = json!({"endpoint": "b", "mode": mode}).to_string();
        let answer = client
            .send(Method::PUT, "/api/v1/credentials/b", "application/json", &body)
            .await;
        assert_eq!(
            (answer.status.as_u16(), &answer.json()["mode"]),
            (200, &json!(mode))
        );
    }
    let other = client
        .send(Method::PUT, "/api/v1/credentials/c", "application/json", &psk)
        .await;
    assert_eq!(other.error().0, 400);
}

#[tokio::test]
async fn the_server_tells_devices_who_it_is() {
    let server = Server::start().await;
    let client = server.with_role(Role::Viewer).await;
    let identity = client.get("/api/v1/server/identity").await.json();
    assert_eq!(identity["public_key"].as_str().unwrap().len(), 2 * 91);
    assert!(identity["certificate"].as_str().unwrap().starts_with("30"));
}
