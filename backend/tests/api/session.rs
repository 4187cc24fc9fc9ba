//! Logging in, the cookie, CSRF, logging out.

use crate::support::{PASSWORD, Server, log_in};
use axum::http::{Method, StatusCode, header};
use shared::api::Role;

#[tokio::test]
async fn a_log_in_gives_a_cookie_that_only_the_browser_sees() {
    let server = Server::start().await;
    let answer = server
        .stranger()
        .post("/api/v1/session", &log_in("admin", PASSWORD))
        .await;
    assert_eq!(answer.status, StatusCode::OK);
    let json = answer.json();
    assert_eq!(
        (json["username"].as_str(), json["role"].as_str()),
        (Some("admin"), Some("admin"))
    );
    let cookie = answer.headers[header::SET_COOKIE].to_str().unwrap();
    for attribute in ["Path=/", "HttpOnly", "SameSite=Strict"] {
        assert!(cookie.contains(attribute), "{cookie}");
    }
    assert!(!cookie.contains("Secure"), "the page came without TLS: {cookie}");
}

#[tokio::test]
async fn the_cookie_of_a_page_over_tls_never_goes_without() {
    let server = Server::start().await;
    let mut client = server.stranger();
    client.header("origin", "https://muster.example");
    client.header("host", "muster.example");
    let answer = client.post("/api/v1/session", &log_in("admin", PASSWORD)).await;
    assert!(
        answer.headers[header::SET_COOKIE]
            .to_str()
            .unwrap()
            .ends_with("; Secure")
    );
}

#[tokio::test]
async fn a_wrong_name_and_a_wrong_password_are_told_alike() {
    let server = Server::start().await;
    let client = server.stranger();
    let wrong_password = client.post("/api/v1/session", &log_in("admin", "wrong")).await;
    let wrong_name = client.post("/api/v1/session", &log_in("nobody", PASSWORD)).await;
    assert_eq!(wrong_password.error(), (401, "unauthorized".into()));
    assert_eq!(wrong_name.error(), (401, "unauthorized".into()));
    assert_eq!(wrong_password.json()["message"], wrong_name.json()["message"]);
    assert!(wrong_name.headers.get(header::SET_COOKIE).is_none());
}

#[tokio::test]
async fn guessing_ends_with_429_and_a_time() {
    let server = Server::start_with(|config| config.auth.login_failures = 1).await;
    let client = server.stranger();
    client.post("/api/v1/session", &log_in("admin", "wrong")).await;
    let answer = client.post("/api/v1/session", &log_in("admin", PASSWORD)).await;
    assert_eq!(answer.error(), (429, "too_many".into()));
    assert!(answer.headers.contains_key(header::RETRY_AFTER));
}

#[tokio::test]
async fn what_a_page_changes_needs_the_csrf_token() {
    let server = Server::start().await;
    let mut page = server.page().await;
    let token = page.headers()["x-csrf-token"].to_str().unwrap().to_owned();
    page.header("x-csrf-token", "");
    assert_eq!(
        page.get("/api/v1/session").await.json()["csrf_token"].as_str(),
        Some(token.as_str())
    );
    let path = "/api/v1/devices/none";
    assert_eq!(page.delete(path).await.error(), (403, "forbidden".into()));
    page.header("x-csrf-token", &"0".repeat(64));
    assert_eq!(page.delete(path).await.error(), (403, "forbidden".into()));
    page.header("x-csrf-token", &token);
    assert_eq!(page.delete(path).await.error(), (404, "not_found".into()));
    page.header("sec-fetch-site", "cross-site");
    assert_eq!(page.delete(path).await.error(), (403, "forbidden".into()));
}

#[tokio::test]
async fn a_foreign_page_cannot_log_in() {
    let server = Server::start().await;
    let mut client = server.stranger();
    client.header("origin", "http://evil.example");
    client.header("host", "127.0.0.1:8080");
    let answer = client.post("/api/v1/session", &log_in("admin", PASSWORD)).await;
    assert_eq!(answer.error(), (403, "forbidden".into()));
}

#[tokio::test]
async fn logging_out_ends_the_session() {
    let server = Server::start().await;
    let page = server.page().await;
    let answer = page.delete("/api/v1/session").await;
    assert_eq!(answer.status, StatusCode::NO_CONTENT);
    assert!(
        answer.headers[header::SET_COOKIE]
            .to_str()
            .unwrap()
            .contains("Max-Age=0")
    );
    assert_eq!(
        page.get("/api/v1/session").await.error(),
        (401, "unauthorized".into())
    );
}

#[tokio::test]
async fn a_token_needs_no_csrf_and_has_no_session() {
    let server = Server::start().await;
    let client = server.with_role(Role::Operator).await;
    let who = client.get("/api/v1/session").await.json();
    assert_eq!(
        who,
        serde_json::json!({ "username": "token:test", "role": "operator" })
    );
    assert_eq!(
        client.delete("/api/v1/devices/none").await.error(),
        (404, "not_found".into())
    );
    assert_eq!(
        client.delete("/api/v1/session").await.error(),
        (409, "conflict".into())
    );
}

#[tokio::test]
async fn changes_are_in_the_audit_log() {
    let server = Server::start().await;
    let admin = server.with_role(Role::Admin).await;
    server
        .stranger()
        .post("/api/v1/session", &log_in("eve", "guess"))
        .await;
    let body = r#"{"label":"pump"}"#;
    admin
        .send(Method::PATCH, "/api/v1/devices/urn:x", "application/json", body)
        .await;
    let items = admin.get("/api/v1/audit").await.json()["items"].clone();
    let told = |index: usize| {
        let text = |field: &str| items[index][field].as_str().unwrap_or("-").to_owned();
        let status = items[index]["status"].as_u64().unwrap();
        (
            text("who"),
            text("action"),
            text("device"),
            text("detail"),
            status,
        )
    };
    let action = "PATCH /api/v1/devices/{endpoint}";
    assert_eq!(
        told(0),
        (
            "token:test".into(),
            action.into(),
            "urn:x".into(),
            "label".into(),
            404
        )
    );
    let action = "POST /api/v1/session";
    assert_eq!(
        told(1),
        ("-".into(), action.into(), "-".into(), "as eve".into(), 401)
    );
    let of_device = admin.get("/api/v1/audit?device=urn:x&limit=1").await.json();
    assert_eq!(of_device["items"].as_array().unwrap().len(), 1);
    assert!(of_device["next"].is_number());
}
