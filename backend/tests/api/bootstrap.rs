//! Bootstrap over REST: configurations are checked, kept without showing secrets, tried out and chosen.

use crate::support::Server;
use axum::http::Method;
use shared::api::Role;

const JSON: &str = "application/json";

#[tokio::test]
async fn a_configuration_is_kept_without_showing_its_secrets() {
    let server = Server::start().await;
    let operator = server.with_role(Role::Operator).await;
    let body = r#"{"description":"for pumps","applies_to":{"group":"pumps"},"priority":5,"configuration":{
        "servers":[{"short_server_id":101,"uri":"coaps://192.0.2.1","security":
            {"mode":"psk","identity":"${endpoint}","key":"hex:00112233445566778899aabbccddeeff"}}]}}"#;
    let path = "/api/v1/bootstrap/configurations/pumps";
    let answer = operator.send(Method::PUT, path, JSON, body).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let shown = operator.get(path).await.json();
    assert_eq!(
        shown["configuration"]["servers"][0]["security"]["key"],
        "(stored)"
    );
    // Sent back as it was shown, with another lifetime, it keeps its key.
    let mut again = shown.clone();
    again["configuration"]["servers"][0]["lifetime"] = 600.into();
    for field in ["name", "updated_at", "updated_by", "chosen_for", "findings"] {
        again.as_object_mut().unwrap().remove(field);
    }
    let answer = operator.send(Method::PUT, path, JSON, &again.to_string()).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let run = serde_json::json!({"endpoint": "p1", "name": "pumps"}).to_string();
    let run = operator.post("/api/v1/bootstrap/dry-run", &run).await.json();
    let messages = run["messages"].as_array().unwrap();
    let paths: Vec<&str> = messages.iter().map(|it| it["path"].as_str().unwrap()).collect();
    assert_eq!(paths, ["/", "/0", "/1", "/0/1", "/1/0", "/bs"]);
    assert!(!run.to_string().contains("00112233"));
    // 16 bytes of key are there, as zeros.
    assert!(
        messages[3]["payload"]
            .as_str()
            .unwrap()
            .contains(&"00".repeat(16))
    );
    let other = operator
        .send(
            Method::PUT,
            "/api/v1/bootstrap/configurations/other",
            JSON,
            &again.to_string(),
        )
        .await;
    assert_eq!(other.error().0, 400);
    let listed = operator.get("/api/v1/bootstrap/configurations").await.json();
    assert_eq!(listed["items"].as_array().unwrap().len(), 1);
    assert_eq!(operator.delete(path).await.status, 204);
    assert_eq!(operator.get(path).await.status, 404);
}

#[tokio::test]
async fn a_dry_run_warns_of_what_locks_the_device_out() {
    let server = Server::start().await;
    let operator = server.with_role(Role::Operator).await;
    let key = "000102030405060708090a0b0c0d0e0f";
    let device = format!(r#"{{"endpoint":"pump","mode":"psk","identity":"pump","key":"{key}"}}"#);
    assert_eq!(operator.post("/api/v1/devices", &device).await.status, 201);
    let run = |account: &'static str| {
        let operator = &operator;
        async move {
            let body = format!(r#"{{"endpoint":"pump","configuration":{{"servers":[{account}]}}}}"#);
            let answer = operator.post("/api/v1/bootstrap/dry-run", &body).await;
            assert_eq!(answer.status, 200, "{answer:?}");
            answer.json()
        }
    };
    for (account, rule) in [
        (r#"{"short_server_id":1,"uri":"${coap_uri}"}"#, "other_credential"),
        (
            r#"{"short_server_id":1,"uri":"coap://0.0.0.0"}"#,
            "unreachable_uri",
        ),
        (
            r#"{"short_server_id":1,"uri":"coap://localhost"}"#,
            "loopback_uri",
        ),
        (
            r#"{"short_server_id":1,"uri":"coaps://192.0.2.1"}"#,
            "uri_needs_security",
        ),
        (
            r#"{"short_server_id":1,"uri":"${coap_uri}","security":{"mode":"psk","identity":"other","key":"hex:000102030405060708090a0b0c0d0e0f"}}"#,
            "other_credential",
        ),
        (
            r#"{"short_server_id":1,"uri":"${coap_uri}","security":{"mode":"psk","identity":"pump","key":"hex:ff0102030405060708090a0b0c0d0e0f"}}"#,
            "other_credential",
        ),
    ] {
        let ran = run(account).await;
        let findings = ran["findings"].as_array().unwrap();
        let found = findings.iter().find(|finding| finding["rule"] == rule);
        assert!(
            found.is_some_and(|it| it["locks_out"] == true),
            "{account}: {ran}"
        );
        assert_eq!(ran["locks_out"], true);
    }
    for account in [
        r#"{"short_server_id":1,"uri":"coap://192.0.2.1"}"#,
        r#"{"short_server_id":1,"uri":"coaps://192.0.2.1","security":{"mode":"psk"}}"#,
        r#"{"short_server_id":1,"uri":"coaps://192.0.2.1","security":{"mode":"psk","identity":"pump","key":"hex:000102030405060708090a0b0c0d0e0f"}}"#,
    ] {
        let ran = run(account).await;
        assert_eq!(ran["locks_out"], false, "{account}: {ran}");
    }
}

#[tokio::test]
async fn what_would_lock_devices_out_is_not_kept() {
    let server = Server::start().await;
    let operator = server.with_role(Role::Operator).await;
    let path = "/api/v1/bootstrap/configurations/bad";
    for configuration in [
        r#"{"servers":[]}"#,
        r#"{"servers":[{"short_server_id":1,"uri":"coap://0.0.0.0"}]}"#,
        r#"{"servers":[{"short_server_id":1,"uri":"coaps://a"}]}"#,
    ] {
        let body = format!(r#"{{"configuration":{configuration}}}"#);
        let answer = operator.send(Method::PUT, path, JSON, &body).await;
        assert_eq!(
            answer.error(),
            (422, "does_not_fit_model".into()),
            "{configuration}"
        );
        let check = operator.post(&format!("{path}/check"), &body).await.json();
        assert_eq!(check["refused"], true);
    }
    let query = r#"{"applies_to":{"query":"state:nonsense"},"configuration":{"servers":[{"short_server_id":1,"uri":"coap://a"}]}}"#;
    assert_eq!(operator.send(Method::PUT, path, JSON, query).await.error().0, 400);
    let name = "/api/v1/bootstrap/configurations/a%20b";
    let good = r#"{"configuration":{"servers":[{"short_server_id":1,"uri":"coap://a"}]}}"#;
    assert_eq!(operator.send(Method::PUT, name, JSON, good).await.error().0, 400);
    let viewer = server.with_role(Role::Viewer).await;
    assert_eq!(viewer.send(Method::PUT, path, JSON, good).await.status, 403);
}

#[tokio::test]
async fn a_configuration_is_for_devices_by_choice_group_query_or_all() {
    let server = Server::start().await;
    let operator = server.with_role(Role::Operator).await;
    let endpoint = server.devices(1).await.remove(0);
    let device = format!("/api/v1/devices/{endpoint}");
    let patch = r#"{"tags":{"group":"pumps"}}"#;
    assert_eq!(
        operator.send(Method::PATCH, &device, JSON, patch).await.status,
        200
    );
    for (name, applies, priority) in [
        ("all", r#"{"all":true}"#, 0),
        ("group", r#"{"group":"pumps"}"#, 1),
        ("query", r#"{"query":"tag:group=pumps"}"#, 2),
        ("other", r#"{"group":"valves"}"#, 9),
        ("nobody", "{}", 9),
    ] {
        let body = format!(
            r#"{{"applies_to":{applies},"priority":{priority},"configuration":{{"servers":[{{"short_server_id":1,"uri":"coap://a"}}]}}}}"#
        );
        let path = format!("/api/v1/bootstrap/configurations/{name}");
        assert_eq!(operator.send(Method::PUT, &path, JSON, &body).await.status, 200);
    }
    let bootstrap = format!("{device}/bootstrap");
    for (gone, next) in [("query", "query"), ("group", "group"), ("all", "all")] {
        assert_eq!(operator.get(&bootstrap).await.json()["configuration"], next);
        operator
            .delete(&format!("/api/v1/bootstrap/configurations/{gone}"))
            .await;
    }
    assert!(operator.get(&bootstrap).await.json()["configuration"].is_null());
    let chosen = operator
        .send(Method::PUT, &bootstrap, JSON, r#"{"configuration":"nobody"}"#)
        .await;
    assert_eq!(chosen.json()["configuration"], "nobody");
    let gone = operator.delete("/api/v1/bootstrap/configurations/nobody").await;
    assert_eq!(gone.error().0, 409);
    let missing = r#"{"configuration":"missing"}"#;
    assert_eq!(
        operator.send(Method::PUT, &bootstrap, JSON, missing).await.status,
        404
    );
    // The simulated device has no trigger of its own; it says so, and the operation tells it.
    let begun = operator.post(&bootstrap, "{}").await;
    assert_eq!(begun.status, 202, "{begun:?}");
    assert!(begun.json()["operation"].is_u64());
    let direct = operator.post(&bootstrap, r#"{"direct":true}"#).await;
    assert_eq!(direct.error().0, 409);
}
