//! `/devices/{endpoint}/transmission`.

use crate::support::Server;
use axum::http::Method;
use serde_json::json;
use shared::api::Role;

#[tokio::test]
async fn how_a_device_is_talked_to_is_set_shown_and_taken_back() {
    let server = Server::start().await;
    let _device = server.device("slow", &[], "</1/0>,</3/0>").await;
    let operator = server.with_role(Role::Operator).await;
    let path = "/api/v1/devices/slow/transmission";
    let before = operator.get(path).await.json();
    let usual = json!({
        "ack_timeout": 2.0, "ack_random_factor": 1.5, "max_retransmit": 4, "block_size": 1024, "max_transmit_wait": 93.0,
    });
    assert_eq!((&before["usual"], &before["effective"]), (&usual, &usual));

    for (settings, words) in [
        (json!({"ack_timeout": 0}), "from 0.1 to 300"),
        (json!({"ack_random_factor": 0.9}), "from 1 to 4"),
        (json!({"max_retransmit": 11}), "from 0 to 10"),
        (json!({"block_size": 100}), "16, 32, 64"),
        (
            json!({"content_format": "text"}),
            "none of those that carry several values",
        ),
        (json!({"quirks": ["one_format"]}), "needs content_format"),
        (json!({"quirks": ["no_such"]}), "no_such"),
        (json!({"nstart": 2}), "nstart"),
    ] {
        let answer = operator
            .send(Method::PUT, path, "application/json", &settings.to_string())
            .await;
        assert_eq!(answer.error(), (400, "bad_request".into()), "{settings}");
        let message = answer.json()["message"].as_str().unwrap().to_owned();
        assert!(message.contains(words), "{message}");
    }
    assert_eq!(operator.get(path).await.json(), before);

    let settings = json!({
        "ack_timeout": 10.0, "max_retransmit": 2, "block_size": 256, "content_format": "tlv", "quirks": ["no_composite"],
    });
    let set = operator
        .send(Method::PUT, path, "application/json", &settings.to_string())
        .await
        .json();
    assert_eq!(
        set["effective"],
        json!({
            "ack_timeout": 10.0, "ack_random_factor": 1.5, "max_retransmit": 2, "block_size": 256, "max_transmit_wait": 105.0,
        })
    );
    assert_eq!(set["settings"]["quirks"], json!(["no_composite"]));
    let viewer = server.with_role(Role::Viewer).await;
    assert_eq!(viewer.get(path).await.json(), set);

    assert_eq!(operator.delete(path).await.json()["effective"], usual);
    for path in ["/api/v1/devices/nobody/transmission"] {
        assert_eq!(operator.get(path).await.error().0, 404);
        let answer = operator.send(Method::PUT, path, "application/json", "{}").await;
        assert_eq!(answer.error().0, 404);
    }
    let admin = server.with_role(Role::Admin).await;
    let audit = admin.get("/api/v1/audit").await.json().to_string();
    assert!(audit.contains("transmission as usual"), "{audit}");
}
