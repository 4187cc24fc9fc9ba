//! The page, and what answers without a log-in.

use crate::support::Server;
use axum::http::{StatusCode, header};
use shared::api::Role;

const INDEX: &str = r#"<script type="module" nonce="{{__TRUNK NONCE__}}">go()</script>"#;

async fn server() -> (Server, tempfile::TempDir) {
    let dist = tempfile::tempdir().unwrap();
    std::fs::write(dist.path().join("index.html"), INDEX).unwrap();
    std::fs::write(dist.path().join("app.js"), "export {}").unwrap();
    let directory = dist.path().to_owned();
    (Server::start_with(|config| config.ui.dir = directory).await, dist)
}

#[tokio::test]
async fn every_answer_has_a_nonce_of_its_own() {
    let (server, _dist) = server().await;
    let mut seen = Vec::new();
    for path in ["/", "/login", "/devices/urn:imei:1.2/objects", "/index.html"] {
        let answer = server.stranger().get(path).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}");
        assert_eq!(answer.headers[header::CONTENT_TYPE], "text/html; charset=utf-8");
        let html = String::from_utf8(answer.body.clone()).unwrap();
        let nonce = html
            .split("nonce=\"")
            .nth(1)
            .unwrap()
            .split('"')
            .next()
            .unwrap()
            .to_owned();
        let policy = answer.headers[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
        assert!(
            policy.contains(&format!("script-src 'self' 'nonce-{nonce}' 'wasm-unsafe-eval'")),
            "{policy}"
        );
        assert!(
            !policy.contains("unsafe-inline") && !policy.contains("'unsafe-eval'"),
            "{policy}"
        );
        assert!(!seen.contains(&nonce), "{nonce} twice");
        seen.push(nonce);
    }
}

#[tokio::test]
async fn files_are_files_and_missing_ones_are_missing() {
    let (server, dist) = server().await;
    let stranger = server.stranger();
    let script = stranger.get("/app.js").await;
    assert_eq!(
        script.headers[header::CONTENT_TYPE],
        "text/javascript; charset=utf-8"
    );
    assert_eq!(script.headers[header::X_CONTENT_TYPE_OPTIONS], "nosniff");
    assert_eq!(stranger.get("/gone.js").await.error(), (404, "not_found".into()));
    std::fs::write(dist.path().parent().unwrap().join("muster-outside.js"), "secret").unwrap();
    for path in [
        "/../muster-outside.js",
        "/%2e%2e/muster-outside.js",
        "//muster-outside.js",
    ] {
        let answer = stranger.get(path).await;
        assert!(!answer.body.starts_with(b"secret"), "{path}");
    }
    std::fs::remove_file(dist.path().parent().unwrap().join("muster-outside.js")).unwrap();
}

#[tokio::test]
async fn the_watchers_routes_need_no_log_in() {
    let server = Server::start().await;
    let stranger = server.stranger();
    assert_eq!(stranger.get("/healthz").await.status, StatusCode::OK);
    assert_eq!(stranger.get("/readyz").await.status, StatusCode::OK);
    let metrics = String::from_utf8(stranger.get("/metrics").await.body).unwrap();
    for name in [
        "muster_http_requests_total{",
        "muster_registrations 0",
        "muster_coap_datagrams_received_total 0",
    ] {
        assert!(metrics.contains(name), "{name} is not in\n{metrics}");
    }
    assert!(metrics.ends_with("# EOF\n"));
    server.stop.send_replace(true);
    assert_eq!(stranger.get("/readyz").await.error(), (503, "unavailable".into()));
    assert_eq!(stranger.get("/healthz").await.status, StatusCode::OK);
}

#[tokio::test]
async fn metrics_can_be_closed() {
    let server = Server::start_with(|config| config.http.public_metrics = false).await;
    assert_eq!(
        server.stranger().get("/metrics").await.error(),
        (401, "unauthorized".into())
    );
    let viewer = server.with_role(Role::Viewer).await;
    assert_eq!(viewer.get("/metrics").await.status, StatusCode::OK);
}
