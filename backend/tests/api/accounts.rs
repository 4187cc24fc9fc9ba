//! Users, sessions and API tokens over REST.

use crate::support::{PASSWORD, Server, log_in};
use axum::http::StatusCode;
use serde_json::json;
use shared::api::Role;

#[tokio::test]
async fn a_user_is_added_changed_and_removed() {
    let server = Server::start().await;
    let admin = server.page().await;
    let body = json!({ "name": "ann", "role": "support", "password": "correct horse" }).to_string();
    let answer = admin.post("/api/v1/users", &body).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{answer:?}");
    assert_eq!(answer.json()["generated"], json!(null));
    assert_eq!(
        admin.post("/api/v1/users", &body).await.error(),
        (409, "conflict".into())
    );
    let ann = server.page_of("ann", "correct horse").await;
    let items = admin.get("/api/v1/users").await.json()["items"].clone();
    assert_eq!(
        (&items[1]["name"], &items[1]["role"], &items[1]["sessions"]),
        (&json!("ann"), &json!("support"), &json!(1))
    );
    assert!(items[1]["logged_in"].is_string());

    let answer = admin.patch("/api/v1/users/ann", r#"{"role":"operator"}"#).await;
    assert_eq!(answer.status, StatusCode::NO_CONTENT);
    assert_eq!(
        ann.get("/api/v1/session").await.error().0,
        401,
        "the role counts from the next log-in"
    );
    let ann = server.page_of("ann", "correct horse").await;
    assert_eq!(ann.get("/api/v1/session").await.json()["role"], "operator");

    let answer = admin.post("/api/v1/users/ann/password", "{}").await;
    let generated = answer.json()["generated"].as_str().unwrap().to_owned();
    assert_eq!(ann.get("/api/v1/session").await.error().0, 401);
    server.page_of("ann", &generated).await;
    assert_eq!(
        admin.delete("/api/v1/users/ann").await.status,
        StatusCode::NO_CONTENT
    );
    assert_eq!(admin.delete("/api/v1/users/ann").await.error().0, 404);
    let refused = server
        .stranger()
        .post("/api/v1/session", &log_in("ann", &generated))
        .await;
    assert_eq!(refused.error().0, 401);

    let log = admin.get("/api/v1/audit").await;
    let told = String::from_utf8_lossy(&log.body).into_owned();
    assert!(
        told.contains("DELETE /api/v1/users/{name}") && told.contains("ann, operator"),
        "{told}"
    );
    for secret in ["correct horse", &generated] {
        assert!(!told.contains(secret), "no password is in the audit log");
    }
}

#[tokio::test]
async fn what_does_not_do_for_a_user_is_told() {
    let server = Server::start().await;
    let admin = server.with_role(Role::Admin).await;
    for body in [
        r#"{"name":"","role":"viewer"}"#,
        r#"{"name":"ann","role":"viewer","password":"short"}"#,
        r#"{"name":"ann","role":"boss"}"#,
        r#"{"name":"ann"}"#,
    ] {
        let answer = admin.post("/api/v1/users", body).await;
        assert_eq!(answer.error(), (400, "bad_request".into()), "{body}");
    }
    for answer in [
        admin.delete("/api/v1/users/admin").await,
        admin.patch("/api/v1/users/admin", r#"{"role":"viewer"}"#).await,
    ] {
        assert_eq!(answer.error(), (409, "conflict".into()));
        assert!(
            answer.json()["message"]
                .as_str()
                .unwrap()
                .contains("last administrator")
        );
    }
}

#[tokio::test]
async fn everybody_changes_their_own_password_with_the_old_one() {
    let server = Server::start_with(|config| config.auth.login_failures = 2).await;
    let (page, other) = (server.page().await, server.page().await);
    let change = |old: &str| json!({ "old": old, "new": "battery staple" }).to_string();
    let path = "/api/v1/session/password";
    assert_eq!(
        page.post(path, &change("wrong")).await.error(),
        (400, "bad_request".into())
    );
    assert_eq!(
        page.post(path, &change(PASSWORD)).await.status,
        StatusCode::NO_CONTENT
    );
    assert_eq!(
        page.get("/api/v1/session").await.status,
        StatusCode::OK,
        "this session goes on"
    );
    assert_eq!(other.get("/api/v1/session").await.error().0, 401);
    server.page_of("admin", "battery staple").await;
    for _ in 0..2 {
        page.post(path, &change("wrong")).await;
    }
    assert_eq!(
        page.post(path, &change("battery staple")).await.error(),
        (429, "too_many".into())
    );
    let script = server.with_role(Role::Viewer).await;
    assert_eq!(
        script.post(path, &change(PASSWORD)).await.error(),
        (409, "conflict".into())
    );
}

#[tokio::test]
async fn own_sessions_are_listed_and_ended() {
    let server = Server::start().await;
    let (page, other) = (server.page().await, server.page().await);
    let items = page.get("/api/v1/sessions").await.json()["items"].clone();
    let items = items.as_array().unwrap();
    assert_eq!(items.len(), 2);
    let foreign = items.iter().find(|session| session["current"] == false).unwrap();
    assert_eq!(foreign["address"], "127.0.0.1");
    let path = format!("/api/v1/sessions/{}", foreign["id"].as_str().unwrap());
    assert_eq!(page.delete(&path).await.status, StatusCode::NO_CONTENT);
    assert_eq!(page.delete(&path).await.error().0, 404);
    assert_eq!(other.get("/api/v1/session").await.error().0, 401);
    assert_eq!(page.get("/api/v1/session").await.status, StatusCode::OK);
}

#[tokio::test]
async fn nobody_ends_the_session_of_another() {
    let server = Server::start().await;
    let admin = server.page().await;
    let body = json!({ "name": "ann", "role": "viewer", "password": "correct horse" }).to_string();
    admin.post("/api/v1/users", &body).await;
    let ann = server.page_of("ann", "correct horse").await;
    let items = admin.get("/api/v1/sessions").await.json()["items"].clone();
    assert_eq!(items.as_array().unwrap().len(), 1, "the own ones only");
    let path = format!("/api/v1/sessions/{}", items[0]["id"].as_str().unwrap());
    assert_eq!(ann.delete(&path).await.error().0, 404);
    assert_eq!(admin.get("/api/v1/session").await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_token_is_told_once_and_works_until_it_is_revoked() {
    let server = Server::start().await;
    let admin = server.page().await;
    let body =
        json!({ "name": "ci", "role": "viewer", "note": "nightly", "expires": "2100-01-01T00:00:00Z" });
    let answer = admin.post("/api/v1/tokens", &body.to_string()).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{answer:?}");
    let made = answer.json();
    let secret = made["secret"].as_str().unwrap();
    let mut script = server.stranger();
    script.header("authorization", &format!("Bearer {secret}"));
    assert_eq!(script.get("/api/v1/session").await.json()["username"], "token:ci");
    let list = admin.get("/api/v1/tokens").await;
    let item = &list.json()["items"][0];
    assert_eq!(
        (&item["note"], &item["created_by"]),
        (&json!("nightly"), &json!("admin"))
    );
    assert!(item["last_used"].is_string());
    assert!(!String::from_utf8_lossy(&list.body).contains(&secret[7..]));
    let path = format!("/api/v1/tokens/{}", made["token"]["id"]);
    assert_eq!(admin.delete(&path).await.status, StatusCode::NO_CONTENT);
    assert_eq!(script.get("/api/v1/session").await.error().0, 401);
    let over = json!({ "name": "ci", "role": "viewer", "expires": "2000-01-01T00:00:00Z" });
    assert_eq!(
        admin.post("/api/v1/tokens", &over.to_string()).await.error().0,
        400
    );
}
