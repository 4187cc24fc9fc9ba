//! Links that show one device to whoever has them.

use crate::support::Server;
use axum::http::{StatusCode, header};
use serde_json::json;
use shared::api::Role;

#[tokio::test]
async fn a_link_is_made_opened_listed_and_revoked() {
    let server = Server::start().await;
    let _pump = server.device("pump", &[], "</3/0>").await;
    let operator = server.with_role(Role::Operator).await;
    let body = json!({ "hours": 24, "note": "for the installer" }).to_string();
    let answer = operator.post("/api/v1/devices/pump/links", &body).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{answer:?}");
    let made = answer.json();
    let secret = made["secret"].as_str().unwrap();

    let guest = server.opened(secret).await;
    let session = guest.get("/api/v1/session").await.json();
    assert_eq!(
        (&session["device"], &session["role"]),
        (&json!("pump"), &json!("viewer"))
    );
    assert_eq!(session["expires"], made["link"]["expires"]);
    for path in ["", "/values/", "/values/3/0"] {
        let answer = guest.get(&format!("/api/v1/devices/pump{path}")).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}");
    }

    let list = operator.get("/api/v1/devices/pump/links").await;
    assert!(list.json()["items"][0]["opened"].is_string());
    assert!(!String::from_utf8_lossy(&list.body).contains(secret));
    assert_eq!(operator.get("/api/v1/links").await.json(), list.json());

    let path = format!("/api/v1/links/{}", made["link"]["id"]);
    assert_eq!(operator.delete(&path).await.status, StatusCode::NO_CONTENT);
    assert_eq!(guest.get("/api/v1/devices/pump").await.error().0, 401);
    let body = json!({ "secret": secret }).to_string();
    let again = server.stranger().post("/api/v1/session/link", &body).await;
    assert_eq!(again.error(), (401, "unauthorized".into()));
    assert!(again.headers.get(header::SET_COOKIE).is_none());

    let admin = server.with_role(Role::Admin).await;
    let log = admin.get("/api/v1/audit?device=pump").await;
    let told = String::from_utf8_lossy(&log.body).into_owned();
    for action in [
        "POST /api/v1/devices/{endpoint}/links",
        "POST /api/v1/session/link",
        "DELETE /api/v1/links/{id}",
    ] {
        assert!(told.contains(action), "{told}");
    }
    assert!(!told.contains(secret));
}

#[tokio::test]
async fn whoever_has_an_account_keeps_it_when_opening_a_link() {
    let server = Server::start().await;
    let _pump = server.device("pump", &[], "</3/0>").await;
    let page = server.page().await;
    let made = page
        .post("/api/v1/devices/pump/links", r#"{"hours":1}"#)
        .await
        .json();
    let body = json!({ "secret": made["secret"] }).to_string();
    let answer = page.post("/api/v1/session/link", &body).await;
    assert!(answer.headers.get(header::SET_COOKIE).is_none());
    assert_eq!(
        (&answer.json()["username"], &answer.json()["device"]),
        (&json!("admin"), &json!("pump"))
    );
}

#[tokio::test]
async fn a_link_leads_to_a_device_that_is_there_for_a_bounded_time() {
    let server = Server::start().await;
    let _pump = server.device("pump", &[], "</3/0>").await;
    let operator = server.with_role(Role::Operator).await;
    let none = operator
        .post("/api/v1/devices/none/links", r#"{"hours":1}"#)
        .await;
    assert_eq!(none.error(), (404, "not_found".into()));
    for body in [r#"{"hours":0}"#, r#"{"hours":169}"#, r#"{}"#, r#"{"hours":-1}"#] {
        let answer = operator.post("/api/v1/devices/pump/links", body).await;
        assert_eq!(answer.error(), (400, "bad_request".into()), "{body}");
    }
    let guest = server.guest("pump").await;
    assert_eq!(
        operator.delete("/api/v1/devices/pump").await.status,
        StatusCode::NO_CONTENT
    );
    assert_eq!(
        guest.get("/api/v1/session").await.error().0,
        401,
        "the device is gone for good"
    );
}
