//! The answers in postcard, which the page asks for, say what they say in JSON.

use crate::support::{Client, Server};
use axum::http::header;
use serde::de::DeserializeOwned;
use serde_json::json;
use shared::api::{
    ApiError, COMPACT, DeviceDetail, DeviceList, DeviceModelList, ErrorCode, EventList, FleetSummary,
    ModelList, ObservationList, OperationList, Role, ServerView, SessionView, TraceList, ValueList,
};
use std::fmt::Debug;

/// Asks for both forms of an answer that does not change by itself.
async fn check<T: DeserializeOwned + PartialEq + Debug>(
    readable: &Client,
    compact: &Client,
    path: &str,
) -> T {
    let path = format!("/api/v1{path}");
    let answer = readable.get(&path).await;
    assert_eq!(answer.headers[header::CONTENT_TYPE], "application/json", "{path}");
    let wanted: T = serde_json::from_slice(&answer.body).unwrap();
    let answer = compact.get(&path).await;
    assert_eq!(answer.headers[header::CONTENT_TYPE], COMPACT, "{path}");
    assert_eq!(
        shared::live::decode::<T>(&answer.body).as_ref(),
        Ok(&wanted),
        "{path}"
    );
    wanted
}

#[tokio::test]
async fn every_answer_reads_back_the_same() {
    let server = Server::start().await;
    let endpoint = &server.devices(1).await[0];
    let operator = server.with_role(Role::Operator).await;
    let mut page = server.with_role(Role::Operator).await;
    page.header("accept", COMPACT);
    for path in ["/3/0", "/1/0"] {
        let body = json!({ "op": "read", "path": path }).to_string();
        operator
            .post(&format!("/api/v1/devices/{endpoint}/operations?wait=10"), &body)
            .await;
    }
    let body = json!({ "path": "/1/0/1" }).to_string();
    operator
        .post(&format!("/api/v1/devices/{endpoint}/observations"), &body)
        .await;

    let list: DeviceList = check(&operator, &page, "/devices").await;
    assert_eq!(list.items.len(), 1);
    check::<DeviceDetail>(&operator, &page, &format!("/devices/{endpoint}")).await;
    let values: ValueList = check(&operator, &page, &format!("/devices/{endpoint}/values")).await;
    assert!(values.items.len() > 5);
    let operations: OperationList = check(&operator, &page, &format!("/devices/{endpoint}/operations")).await;
    assert!(operations.items.len() > 1);
    check::<ObservationList>(&operator, &page, &format!("/devices/{endpoint}/observations")).await;
    check::<EventList>(&operator, &page, &format!("/devices/{endpoint}/events")).await;
    check::<TraceList>(&operator, &page, &format!("/devices/{endpoint}/trace")).await;
    check::<DeviceModelList>(&operator, &page, &format!("/devices/{endpoint}/models")).await;
    check::<ModelList>(&operator, &page, "/models?limit=20").await;
    check::<FleetSummary>(&operator, &page, "/fleet").await;
    check::<SessionView>(&operator, &page, "/session").await;
    // Its uptime goes on.
    let answer = page.get("/api/v1/server").await;
    shared::live::decode::<ServerView>(&answer.body).unwrap();
}

#[tokio::test]
async fn a_refusal_has_the_form_that_was_asked_for() {
    let server = Server::start().await;
    let mut page = server.with_role(Role::Viewer).await;
    page.header("accept", COMPACT);
    let answer = page.get("/api/v1/devices/none").await;
    assert_eq!(answer.headers[header::CONTENT_TYPE], COMPACT);
    let error: ApiError = shared::live::decode(&answer.body).unwrap();
    assert_eq!(error.code, ErrorCode::NotFound);
}
