//! What the interface answers to requests that are wrong.

use crate::support::Server;
use axum::http::{Method, header};
use shared::api::Role;

#[tokio::test]
async fn each_gets_the_status_http_has_for_it() {
    let server = Server::start().await;
    let admin = server.with_role(Role::Admin).await;
    let operations = "/api/v1/devices/none/operations";
    let json = "application/json";
    let large = format!(
        r#"{{"op":"write","path":"/3/0/14","value":"{}"}}"#,
        "x".repeat(5_000_000)
    );
    let long_label = format!(r#"{{"label":"{}"}}"#, "x".repeat(257));
    let deep = "[".repeat(100_000);
    for (method, path, content_type, body, status, code) in [
        ("GET", "/api/v1/nothing", json, "", 404, "not_found"),
        ("GET", "/api/nothing", json, "", 404, "not_found"),
        ("GET", "/api/v1", json, "", 404, "not_found"),
        ("PUT", "/api/v1/devices", json, "", 405, "method_not_allowed"),
        ("POST", "/devices", json, "", 405, "method_not_allowed"),
        ("GET", "/api/v1/devices/none", json, "", 404, "not_found"),
        ("GET", "/api/v1/devices/%ff", json, "", 400, "bad_request"),
        ("GET", "/api/v1/devices?limit=many", json, "", 400, "bad_request"),
        ("GET", "/api/v1/devices?colour=red", json, "", 400, "bad_request"),
        (
            "GET",
            "/api/v1/devices/none/values/3/x",
            json,
            "",
            400,
            "bad_request",
        ),
        (
            "GET",
            "/api/v1/devices/none/values/1/2/3/4/5",
            json,
            "",
            400,
            "bad_request",
        ),
        (
            "GET",
            "/api/v1/devices/none/values/3/0",
            json,
            "",
            404,
            "not_found",
        ),
        ("GET", "/api/v1/devices/none/values/", json, "", 404, "not_found"),
        (
            "GET",
            "/api/v1/devices/none/events?limit=0",
            json,
            "",
            400,
            "bad_request",
        ),
        (
            "GET",
            "/api/v1/devices/none/events?from=yesterday",
            json,
            "",
            400,
            "bad_request",
        ),
        (
            "GET",
            "/api/v1/devices/none/samples",
            json,
            "",
            400,
            "bad_request",
        ),
        (
            "GET",
            "/api/v1/devices/none/samples?path=3303",
            json,
            "",
            400,
            "bad_request",
        ),
        (
            "GET",
            "/api/v1/devices/none/operations/x",
            json,
            "",
            400,
            "bad_request",
        ),
        (
            "GET",
            "/api/v1/devices/none/operations/1",
            json,
            "",
            404,
            "not_found",
        ),
        ("GET", "/api/v1/models/70000", json, "", 400, "bad_request"),
        (
            "GET",
            "/api/v1/models/3?version=new",
            json,
            "",
            400,
            "bad_request",
        ),
        ("GET", "/api/v1/audit?before=x", json, "", 400, "bad_request"),
        ("POST", operations, json, "", 400, "bad_request"),
        ("POST", operations, json, "{\"op\":", 400, "bad_request"),
        ("POST", operations, json, "[]", 400, "bad_request"),
        ("POST", operations, json, &deep, 400, "bad_request"),
        (
            "POST",
            operations,
            json,
            r#"{"op":"explode","path":"/3"}"#,
            400,
            "bad_request",
        ),
        (
            "POST",
            operations,
            json,
            r#"{"op":"read","path":"/3/x"}"#,
            400,
            "bad_request",
        ),
        (
            "POST",
            operations,
            json,
            r#"{"op":"read","path":"/3","loud":1}"#,
            400,
            "bad_request",
        ),
        (
            "POST",
            operations,
            "text/plain",
            "{}",
            415,
            "unsupported_media_type",
        ),
        (
            "POST",
            operations,
            json,
            r#"{"op":"read","path":"/3"}"#,
            404,
            "not_found",
        ),
        ("POST", operations, json, &large, 413, "too_large"),
        (
            "PATCH",
            "/api/v1/devices/none",
            json,
            &long_label,
            400,
            "bad_request",
        ),
        (
            "PATCH",
            "/api/v1/devices/none",
            json,
            r#"{"tags":{"":"x"}}"#,
            400,
            "bad_request",
        ),
        (
            "DELETE",
            "/api/v1/devices/none/observations",
            json,
            "",
            400,
            "bad_request",
        ),
        ("GET", "/ws", json, "", 400, "bad_request"),
    ] {
        let method: Method = method.parse().unwrap();
        let answer = admin.send(method.clone(), path, content_type, body).await;
        assert_eq!(
            answer.error(),
            (status, code.to_owned()),
            "{method} {path} {}: {answer:?}",
            &body[..body.len().min(60)]
        );
    }
}

#[tokio::test]
async fn a_refusal_is_never_kept_by_a_cache_and_says_what_is_possible() {
    let server = Server::start().await;
    let admin = server.with_role(Role::Admin).await;
    let answer = admin
        .send(Method::PUT, "/api/v1/devices", "application/json", "")
        .await;
    assert_eq!(answer.headers[header::CACHE_CONTROL], "no-store");
    assert_eq!(answer.headers[header::CONTENT_TYPE], "application/json");
    assert!(answer.headers[header::ALLOW].to_str().unwrap().contains("GET"));
}

#[tokio::test]
async fn an_endpoint_name_may_hold_any_character() {
    let server = Server::start().await;
    let admin = server.with_role(Role::Admin).await;
    for (path, name) in [
        ("urn:imei:1", "urn:imei:1"),
        ("a%2Fb", "a/b"),
        ("a%20b%25", "a b%"),
        ("%E2%82%AC", "€"),
        ("a%3Fb%23", "a?b#"),
    ] {
        let answer = admin.get(&format!("/api/v1/devices/{path}")).await;
        let message = answer.json()["message"].as_str().unwrap().to_owned();
        assert_eq!(message, format!("there is no device '{name}'"));
    }
}
