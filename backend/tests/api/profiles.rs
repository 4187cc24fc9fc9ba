//! `/profiles`.

use crate::support::Server;
use axum::http::Method;
use serde_json::json;
use shared::api::Role;

#[tokio::test]
async fn a_profile_is_provisioned_listed_and_forgotten() {
    let server = Server::start().await;
    let client = server.with_role(Role::Operator).await;
    let path = "/api/v1/profiles/6:27354b9a";
    let body = json!({"links": "</>;ct=112,</1/0>,</3/0>"}).to_string();
    let answer = client.send(Method::PUT, path, "application/json", &body).await;
    assert_eq!(answer.json()["learnt"], json!(false));
    let list = client.get("/api/v1/profiles").await.json();
    assert_eq!(list["items"][0]["id"], json!("6:27354b9a"));
    for (path, body) in [
        (path, json!({"links": "</3/0"})),
        (path, json!({"links": ""})),
        ("/api/v1/profiles/nothing", json!({"links": "</3/0>"})),
    ] {
        let answer = client
            .send(Method::PUT, path, "application/json", &body.to_string())
            .await;
        assert_eq!(answer.error().0, 400, "{path} {body}");
    }
    client.delete(path).await;
    assert_eq!(client.get("/api/v1/profiles").await.json()["items"], json!([]));
    assert_eq!(client.delete(path).await.error().0, 404);
    let admin = server.with_role(Role::Admin).await;
    let audit = admin.get("/api/v1/audit").await.json();
    assert!(audit.to_string().contains("profile 6:27354b9a"), "{audit}");
}
