//! `/credentials`: kept, listed without what is secret, replaced, generated, removed.

use crate::support::Server;
use axum::http::StatusCode;
use serde_json::json;
use shared::api::Role;

const KEY: &str = "00112233445566778899aabbccddeeff";

#[tokio::test]
async fn the_server_tells_what_devices_have_to_know_of_it() {
    let server = Server::start().await;
    let client = server.with_role(Role::Viewer).await;
    let identity = client.get("/api/v1/server/identity").await.json();
    assert_eq!(identity["public_key"].as_str().unwrap().len(), 182);
    assert_eq!(identity["fingerprint"].as_str().unwrap().len(), 64);
    assert_eq!(identity["endpoint_name"], "common_name");
    assert_eq!(identity["allow_unsecured"], true);
    assert_eq!(identity["certificates"].as_array().unwrap().len(), 1);
    let support = server.with_role(Role::Support).await;
    let refused = support.get("/api/v1/server/refused").await.json();
    assert_eq!(refused["items"].as_array().unwrap().len(), 0);
}

#[tokio::test]
async fn a_credential_is_kept_and_its_key_is_never_told() {
    let server = Server::start().await;
    let operator = server.with_role(Role::Operator).await;
    let body = json!({ "endpoint": "a", "mode": "psk", "identity": "one", "key": KEY }).to_string();
    let made = operator.post("/api/v1/credentials", &body).await;
    assert_eq!(made.status, StatusCode::CREATED);
    let device = operator.get("/api/v1/devices/a").await.json();
    assert_eq!(device["state"], "never_seen", "{device}");

    let one = operator.get("/api/v1/credentials/a").await;
    let list = operator.get("/api/v1/credentials").await;
    assert_eq!(one.json()["identity"], "one");
    assert_eq!(list.json()["total"], 1);
    for text in [made.json(), one.json(), list.json()] {
        assert!(!text.to_string().contains(KEY), "{text}");
    }
    let audit = server
        .with_role(Role::Admin)
        .await
        .get("/api/v1/audit")
        .await
        .json();
    assert!(!audit.to_string().contains(KEY) && audit.to_string().contains("POST /api/v1/credentials"));

    assert_eq!(
        operator.delete("/api/v1/credentials/a").await.status,
        StatusCode::NO_CONTENT
    );
    assert_eq!(
        operator.delete("/api/v1/credentials/a").await.error(),
        (404, "not_found".into())
    );
}

#[tokio::test]
async fn a_certificate_is_entered_by_the_name_that_it_carries() {
    let server = Server::start().await;
    let operator = server.with_role(Role::Operator).await;
    let keep = async |endpoint: &str, name: &str| {
        let body = json!({ "endpoint": endpoint, "mode": "x509", "certificate_name": name });
        operator.post("/api/v1/credentials", &body.to_string()).await
    };
    let made = keep("pump-7", "WM-110 4711").await;
    assert_eq!(made.status, StatusCode::CREATED);
    assert_eq!(made.json()["certificate_name"], "WM-110 4711");
    let fingerprint = format!("SHA256:{}", ["0A"; 32].join(":"));
    let made = keep("pump-8", &fingerprint).await.json();
    assert_eq!(made["certificate_name"], format!("sha256:{}", "0a".repeat(32)));
    let taken = keep("pump-9", "WM-110 4711").await.json();
    assert_eq!(taken["code"], "conflict");
    assert!(
        taken["message"].as_str().unwrap().contains("'pump-7' has this"),
        "{taken}"
    );
    for wrong in ["", "sha256:0a"] {
        assert_eq!(keep("pump-9", wrong).await.error(), (400, "bad_request".into()));
    }
    // Found by either name.
    for query in ["pump-7", "4711"] {
        let found = operator
            .get(&format!("/api/v1/credentials?query={query}"))
            .await
            .json();
        assert_eq!(found["items"].as_array().unwrap().len(), 1, "{found}");
        assert_eq!(found["items"][0]["certificate_name"], "WM-110 4711");
    }
    let admin = server.with_role(Role::Admin).await;
    let audit = admin.get("/api/v1/audit").await.json().to_string();
    assert!(audit.contains("x509, known by 'WM-110 4711'"), "{audit}");
    let removed = operator.delete("/api/v1/credentials/pump-7").await;
    assert_eq!(removed.status, StatusCode::NO_CONTENT);
    assert_eq!(keep("pump-9", "WM-110 4711").await.status, StatusCode::CREATED);
}

#[tokio::test]
async fn a_generated_key_is_told_once() {
    let server = Server::start().await;
    let operator = server.with_role(Role::Operator).await;
    let body = json!({ "endpoint": "a" }).to_string();
    let first = operator.post("/api/v1/credentials/generate", &body).await.json();
    let second = operator.post("/api/v1/credentials/generate", &body).await.json();
    assert_eq!(
        (first["identity"].as_str(), first["key"].as_str().map(str::len)),
        (Some("a"), Some(32))
    );
    assert_ne!(first["key"], second["key"]);
}

#[tokio::test]
async fn what_is_no_credential_is_refused_in_words() {
    let server = Server::start().await;
    let operator = server.with_role(Role::Operator).await;
    let taken = json!({ "endpoint": "a", "mode": "psk", "identity": "one", "key": KEY });
    operator.post("/api/v1/credentials", &taken.to_string()).await;
    for (body, expect) in [
        (
            json!({ "endpoint": "b", "mode": "psk", "identity": "one", "key": KEY }),
            (409, "conflict"),
        ),
        (
            json!({ "endpoint": "b", "mode": "psk", "key": "xyz" }),
            (400, "bad_request"),
        ),
        (json!({ "endpoint": "b", "mode": "psk" }), (400, "bad_request")),
        (
            json!({ "endpoint": "b", "mode": "psk", "key": "0011" }),
            (400, "bad_request"),
        ),
        (
            json!({ "endpoint": "b", "mode": "none", "key": KEY }),
            (400, "bad_request"),
        ),
        (
            json!({ "endpoint": "b", "mode": "rpk", "public_key": "3059" }),
            (400, "bad_request"),
        ),
        (json!({ "endpoint": "", "mode": "x509" }), (400, "bad_request")),
        (
            json!({ "endpoint": "b", "mode": "psk", "key": KEY, "certificate_name": "one" }),
            (400, "bad_request"),
        ),
        (json!({ "endpoint": "b", "mode": "magic" }), (400, "bad_request")),
        (
            json!({ "endpoint": "b", "mode": "x509", "colour": "red" }),
            (400, "bad_request"),
        ),
    ] {
        let (status, code) = operator
            .post("/api/v1/credentials", &body.to_string())
            .await
            .error();
        assert_eq!((status, code.as_str()), expect, "{body}");
    }
    assert_eq!(operator.get("/api/v1/credentials").await.json()["total"], 1);
}
