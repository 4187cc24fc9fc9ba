//! Objects of the enabler itself, driven by the operations of the server. LwM2M Core 1.2, appendix E.

use super::simulated::{arrives, in_format, pair, read, refused, succeeds, write};
use crate::support::{request, request_with};
use serde_json::json;
use shared::Value;
use shared::api::OperationKind;

/// An image the simulated client installs, filled up to several blocks. In base64, as the interface has bytes.
fn image() -> (String, usize) {
    let mut bytes = b"muster-image name=radio version=2.0.0\n".to_vec();
    bytes.resize(30_000, 0x5a);
    (
        Value::Opaque(bytes.clone())
            .to_json()
            .as_str()
            .unwrap()
            .to_owned(),
        bytes.len(),
    )
}

#[tokio::test]
async fn ets_751_760_and_770_a_package_is_pushed_and_its_state_observed() {
    let (mut server, client) = pair(|_| {}).await;
    assert_eq!(read(&server, "/5/0/3").await, json!({"/5/0/3": 0}));
    succeeds(&server, request(OperationKind::Observe, "/5/0/3"), "2.05").await;
    // Nothing was downloaded yet. ETS 772.
    refused(&server, request(OperationKind::Execute, "/5/0/2"), "4.05").await;
    let (package, length) = image();
    let push = request_with(OperationKind::Write, "/5/0/0", json!(package));
    succeeds(&server, in_format("opaque", push), "2.04").await;
    assert!(length > 20 * 1024, "it goes in many blocks");
    arrives(&mut server, "notify", "/5/0/3", json!(2)).await;
    assert_eq!(read(&server, "/5/0/7").await, json!({"/5/0/7": "2.0.0"}));
    succeeds(&server, request(OperationKind::Execute, "/5/0/2"), "2.04").await;
    arrives(&mut server, "notify", "/5/0/3", json!(3)).await;
    assert_eq!(client.observations().await, 1);
}

#[tokio::test]
async fn ets_755_and_756_a_package_and_its_uri_are_written_and_taken_back() {
    let (server, client) = pair(|_| {}).await;
    let (package, _) = image();
    let push = request_with(OperationKind::Write, "/5/0/0", json!(package));
    succeeds(&server, in_format("tlv", push), "2.04").await;
    assert_eq!(client.get("/5/0/3").await, Some(Value::Integer(2)));
    write(&server, "/5/0/1", json!("")).await;
    assert_eq!(client.get("/5/0/3").await, Some(Value::Integer(0)));
    // A scheme that the client does not have. ETS 779.
    write(&server, "/5/0/1", json!("http://192.0.2.1/image")).await;
    assert_eq!(read(&server, "/5/0/5").await, json!({"/5/0/5": 9}));
}
