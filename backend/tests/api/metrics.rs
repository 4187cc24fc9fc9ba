//! `/metrics` counts what happens: here the handshakes of devices over DTLS.

use crate::support::Server;
use axum::http::StatusCode;
use serde_json::json;
use shared::api::Role;
use simulator::{DtlsOptions, FleetOptions, Profile, Secret};
use std::time::Duration;

const KEY: [u8; 16] = [7; 16];

/// Simulated devices over coaps with this key; they end with the test.
fn simulate(server: &Server, prefix: &str, key: [u8; 16]) {
    let addresses = server.app.core.local_addresses();
    let (_, coaps) = addresses.iter().find(|(scheme, _)| *scheme == "coaps").unwrap();
    let options = FleetOptions {
        profile: Profile::Meter,
        endpoint_prefix: Some(prefix.into()),
        dtls: DtlsOptions {
            psk: Some(Secret::from(key.to_vec())),
            ..DtlsOptions::default()
        },
        ..FleetOptions::new(format!("coaps://{coaps}"), 1)
    };
    tokio::spawn(simulator::run(options, std::future::pending()));
}

#[tokio::test]
async fn handshakes_are_counted_by_what_came_of_them() {
    let server = Server::start_as(
        |_| {},
        |config| config.coaps = Some("127.0.0.1:0".parse().unwrap()),
    )
    .await;
    let operator = server.with_role(Role::Operator).await;
    for name in ["right-00000", "wrong-00000"] {
        let key: String = KEY.iter().map(|byte| format!("{byte:02x}")).collect();
        let body = json!({ "endpoint": name, "mode": "psk", "identity": name, "key": key });
        let made = operator.post("/api/v1/credentials", &body.to_string()).await;
        assert_eq!(made.status, StatusCode::CREATED);
    }
    simulate(&server, "right-", KEY);
    simulate(&server, "wrong-", [8; 16]);
    simulate(&server, "nobody-", KEY);
    let wanted = [
        "muster_dtls_handshakes_total 1\n",
        "muster_dtls_keys_differ_total 1\n",
        "muster_dtls_handshakes_failed_total 1\n",
        "muster_registrations 1\n",
        "muster_tls_handshakes_total 0\n",
    ];
    let stranger = server.stranger();
    // The counters are published now and then, as Prometheus asks now and then.
    let mut asking = tokio::time::interval(Duration::from_millis(100));
    let counted = async {
        loop {
            asking.tick().await;
            let metrics = String::from_utf8(stranger.get("/metrics").await.body).unwrap();
            if wanted.iter().all(|line| metrics.contains(line)) {
                return;
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(20), counted)
        .await
        .unwrap();
    let refused = server
        .with_role(Role::Support)
        .await
        .get("/api/v1/server/refused")
        .await
        .json();
    let refused = refused["items"].to_string();
    assert!(
        refused.contains("the key does not match the identity 'wrong-00000'"),
        "{refused}"
    );
    assert!(refused.contains("'nobody-00000'"), "{refused}");
}
