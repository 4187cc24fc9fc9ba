//! The device list as a page and a spreadsheet use it: places, export, saved views and columns.

use crate::support::Server;
use axum::http::{Method, StatusCode};
use serde_json::{Value, json};
use shared::api::Role;

#[tokio::test]
async fn a_page_begins_at_a_place_or_around_a_device() {
    let server = Server::start().await;
    let mut endpoints = server.devices(5).await;
    endpoints.sort();
    let viewer = server.with_role(Role::Viewer).await;
    let list = viewer.get("/api/v1/devices?offset=3&limit=50").await.json();
    assert_eq!((&list["offset"], &list["total"]), (&json!(3), &json!(5)));
    let names: Vec<&Value> = list["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| &row["endpoint"])
        .collect();
    assert_eq!(names, [&json!(endpoints[3]), &json!(endpoints[4])]);
    let around = format!("/api/v1/devices?around={}&limit=2", endpoints[3]);
    let list = viewer.get(&around).await.json();
    assert_eq!(
        (&list["offset"], &list["items"][1]["endpoint"]),
        (&json!(2), &json!(endpoints[3]))
    );
}

#[tokio::test]
async fn the_list_is_exported_in_its_order_with_the_columns_asked_for() {
    let server = Server::start().await;
    let mut endpoints = server.devices(3).await;
    endpoints.sort();
    let operator = server.with_role(Role::Operator).await;
    let patch =
        json!({ "label": "=HYPERLINK(\"x\")", "tags": { "site": "berlin", "floor": "2" } }).to_string();
    let path = format!("/api/v1/devices/{}", endpoints[2]);
    operator
        .send(Method::PATCH, &path, "application/json", &patch)
        .await;

    let viewer = server.with_role(Role::Viewer).await;
    let answer = viewer
        .get("/api/v1/devices.csv?sort=-endpoint&columns=endpoint,state,label,tags")
        .await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    assert_eq!(answer.headers["content-type"], "text/csv; charset=utf-8");
    let text = String::from_utf8(answer.body).unwrap();
    let lines: Vec<&str> = text.split("\r\n").collect();
    let expect = [
        "endpoint,state,label,tags".to_owned(),
        format!(
            "{},online,\"'=HYPERLINK(\"\"x\"\")\",floor=2;site=berlin",
            endpoints[2]
        ),
        format!("{},online,,", endpoints[1]),
        format!("{},online,,", endpoints[0]),
        String::new(),
    ];
    assert_eq!(lines, expect);

    let mut packing = viewer.clone();
    packing.header("accept-encoding", "gzip");
    let packed = packing.get("/api/v1/devices.csv").await;
    assert_eq!(
        (&packed.headers["content-encoding"], &packed.body[..2]),
        (&"gzip".parse().unwrap(), &[0x1f, 0x8b][..])
    );
    let all = viewer.get("/api/v1/devices.csv?query=pump").await;
    let text = String::from_utf8(all.body).unwrap();
    assert!(
        text.starts_with("state,endpoint,label,manufacturer,model,"),
        "{text}"
    );
    for wrong in [
        "columns=colour",
        "columns=state,state",
        "columns=",
        "query=seen%3E",
        "sort=tags",
        "x=1",
    ] {
        let answer = viewer.get(&format!("/api/v1/devices.csv?{wrong}")).await;
        assert_eq!(answer.error(), (400, "bad_request".into()), "{wrong}");
    }
}

#[tokio::test]
async fn views_and_columns_belong_to_who_chose_them() {
    let server = Server::start().await;
    let path = "/api/v1/views";
    let page = server.page().await;
    let viewer = server.with_role(Role::Viewer).await;
    for wrong in [
        json!({ "name": "  ", "sort": "endpoint" }),
        json!({ "name": "x", "sort": "tags" }),
        json!({ "name": "x", "sort": "endpoint", "query": "seen>" }),
        json!({ "name": "x", "sort": "endpoint", "columns": ["colour"] }),
        json!({ "name": "x", "sort": "endpoint", "columns": ["state", "state"] }),
    ] {
        let answer = page.post(path, &wrong.to_string()).await;
        assert_eq!(answer.error(), (400, "bad_request".into()), "{wrong}");
    }
    let late = json!({ "name": "late", "query": "state:late", "sort": "-last_seen", "columns": ["endpoint", "last_seen"] });
    let saved = page.post(path, &late.to_string()).await;
    assert_eq!(saved.status, StatusCode::CREATED, "{saved:?}");
    let again = page.post(path, &late.to_string()).await.json();
    assert_eq!(again["id"], saved.json()["id"]);
    let shared = json!({ "name": "low battery", "query": "/3/0/9<20", "sort": "battery", "shared": true });
    assert_eq!(viewer.post(path, &shared.to_string()).await.error().0, 403);
    page.post(path, &shared.to_string()).await;

    let names = |list: &Value| -> Vec<String> {
        let items = list["items"].as_array().unwrap();
        items
            .iter()
            .map(|item| item["name"].as_str().unwrap().to_owned())
            .collect()
    };
    let own = page.get(path).await.json();
    assert_eq!(names(&own), ["late", "low battery"]);
    assert_eq!(own["items"][0]["columns"], json!(["endpoint", "last_seen"]));
    let seen = viewer.get(path).await.json();
    assert_eq!(
        (names(&seen), &seen["columns"]),
        (vec!["low battery".to_owned()], &json!([]))
    );

    let columns = json!({ "columns": ["endpoint", "battery"] }).to_string();
    let put = |body: String| {
        let viewer = viewer.clone();
        async move {
            viewer
                .send(Method::PUT, "/api/v1/views/columns", "application/json", &body)
                .await
        }
    };
    assert_eq!(put(columns).await.status, StatusCode::OK);
    assert_eq!(
        viewer.get(path).await.json()["columns"],
        json!(["endpoint", "battery"])
    );
    assert_eq!(page.get(path).await.json()["columns"], json!([]));
    put(json!({ "columns": [] }).to_string()).await;
    assert_eq!(viewer.get(path).await.json()["columns"], json!([]));

    let id = format!("{path}/{}", seen["items"][0]["id"]);
    assert_eq!(viewer.delete(&id).await.error(), (404, "not_found".into()));
    let operator = server.with_role(Role::Operator).await;
    assert_eq!(operator.delete(&id).await.status, StatusCode::NO_CONTENT);
    assert_eq!(names(&page.get(path).await.json()), ["late"]);
}
