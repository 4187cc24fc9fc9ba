//! Devices, with simulated ones that register over CoAP.

use crate::support::{Client, Server};
use axum::http::{Method, StatusCode};
use serde_json::{Value, json};
use shared::api::Role;
use std::time::Duration;

#[tokio::test]
async fn an_empty_server_has_an_empty_list() {
    let server = Server::start().await;
    let viewer = server.with_role(Role::Viewer).await;
    let list = viewer
        .get("/api/v1/devices?limit=50&sort=-last_seen&query=x")
        .await
        .json();
    assert_eq!(list["items"], json!([]));
    assert_eq!(
        (list["total"].as_u64(), &list["next_cursor"]),
        (Some(0), &Value::Null)
    );
    let fleet = viewer.get("/api/v1/fleet").await.json();
    assert_eq!(fleet, json!({ "total": 0, "by_state": {} }));
    let about = viewer.get("/api/v1/server").await.json();
    assert_eq!(
        (&about["devices"], &about["version"]),
        (&json!(0), &json!(env!("CARGO_PKG_VERSION")))
    );
}

#[tokio::test]
async fn the_answers_carry_what_keeps_a_browser_safe() {
    let server = Server::start().await;
    let answer = server.with_role(Role::Viewer).await.get("/api/v1/devices").await;
    for (name, value) in [
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "DENY"),
        ("referrer-policy", "same-origin"),
        ("cache-control", "no-store"),
        (
            "content-security-policy",
            "default-src 'none'; frame-ancestors 'none'; base-uri 'none'",
        ),
    ] {
        assert_eq!(answer.headers[name], value);
    }
}

/// Asks for an operation on the device and waits for its end.
async fn operate(client: &Client, endpoint: &str, body: Value) -> (StatusCode, Value) {
    let path = format!("/api/v1/devices/{endpoint}/operations?wait=10");
    let answer = client.post(&path, &body.to_string()).await;
    (answer.status, answer.json())
}

#[tokio::test]
async fn a_device_is_listed_described_and_removed() {
    let server = Server::start().await;
    let endpoint = &server.devices(1).await[0];
    let operator = server.with_role(Role::Operator).await;
    let path = format!("/api/v1/devices/{endpoint}");

    let list = operator.get("/api/v1/devices").await.json();
    assert_eq!(
        (&list["total"], &list["items"][0]["endpoint"]),
        (&json!(1), &json!(endpoint))
    );
    let device = operator.get(&path).await.json();
    assert_eq!(device["state"], "online");
    assert!(
        device["evidence"]
            .as_str()
            .unwrap()
            .starts_with("Online. Last message "),
        "{device}"
    );
    let objects = device["registration"]["objects"].as_array().unwrap();
    assert!(objects.contains(&json!("/3/0")), "{device}");

    let patch = json!({ "label": "Pump 7", "tags": { "site": "berlin" } }).to_string();
    let changed = operator
        .send(Method::PATCH, &path, "application/json", &patch)
        .await
        .json();
    assert_eq!(
        (&changed["label"], &changed["tags"]["site"]),
        (&json!("Pump 7"), &json!("berlin"))
    );
    let found = operator.get("/api/v1/devices?query=pump").await.json();
    assert_eq!(found["total"], 1);
    assert_eq!(
        operator.get("/api/v1/fleet").await.json(),
        json!({ "total": 1, "by_state": { "online": 1 } })
    );

    let events = format!("{path}/events?kinds=described,registered");
    // What happened is on disk a moment after it is in the registry.
    let told = async {
        loop {
            let events = operator.get(&events).await.json();
            let kinds = events["items"].as_array().unwrap().iter();
            let kinds: Vec<String> = kinds
                .flat_map(|event| event["kind"].as_object().unwrap().keys().cloned())
                .collect();
            if kinds == ["described", "registered"] {
                break;
            }
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), told)
        .await
        .expect("both are told, newest first");

    assert_eq!(operator.delete(&path).await.status, StatusCode::NO_CONTENT);
    assert_eq!(operator.get(&path).await.error(), (404, "not_found".into()));
    assert_eq!(operator.delete(&path).await.error(), (404, "not_found".into()));
}

#[tokio::test]
async fn a_query_sees_every_field_of_a_device() {
    let server = Server::start().await;
    let endpoint = &server.devices(1).await[0];
    let operator = server.with_role(Role::Operator).await;
    let patch = json!({ "label": "Pump 7", "tags": { "site": "berlin" } }).to_string();
    let path = format!("/api/v1/devices/{endpoint}");
    operator
        .send(Method::PATCH, &path, "application/json", &patch)
        .await;
    operate(&operator, endpoint, json!({ "op": "read", "path": "/3/0" })).await;

    for (query, total) in [
        ("state:online", 1),
        ("-state:online", 0),
        ("label:pump tag:site=berlin", 1),
        ("tag:site=bonn", 0),
        ("model:* fw:* manufacturer:* serial:*", 1),
        ("fw>=0 fw<999", 1),
        ("seen<1h registered<1h", 1),
        ("seen>1h", 0),
        ("lifetime>0 pending:0", 1),
        ("address:127.0.0.1", 1),
        ("parent:*", 0),
        ("/3/0/13>1700000000", 1),
        ("/3/0/13<1700000000", 0),
        ("/3/0/0", 1),
    ] {
        let url = format!("/api/v1/devices?query={}", url_encoded(query));
        assert_eq!(operator.get(&url).await.json()["total"], total, "{query}");
    }
    let wrong = operator
        .get("/api/v1/devices?query=pump%20sate:late")
        .await
        .json();
    assert_eq!(
        wrong["message"],
        "there is no field 'sate'; did you mean state? (at character 6)"
    );

    let facets = operator.get("/api/v1/fleet/facets").await.json();
    assert_eq!(facets["tags"], json!([{ "text": "site=berlin", "count": 1 }]));
    let device = operator.get(&path).await.json();
    assert_eq!(facets["models"], json!([{ "text": device["model"], "count": 1 }]));
    assert_eq!(
        facets["firmwares"],
        json!([{ "text": device["firmware"], "count": 1 }])
    );
}

#[tokio::test]
async fn what_devices_do_is_counted_over_time() {
    let server = Server::start().await;
    let endpoint = &server.devices(1).await[0];
    let viewer = server.with_role(Role::Support).await;
    operate(&viewer, endpoint, json!({ "op": "read", "path": "/3/0" })).await;
    for (span, interval) in [
        ("?span=60", 10),
        ("?span=3600", 10),
        ("?span=3601", 300),
        ("", 300),
    ] {
        let path = format!("/api/v1/fleet/activity{span}");
        let sum = |told: &Value, what: &str| -> u64 {
            let items = told["items"].as_array().into_iter().flatten();
            items.filter_map(|item| item[what].as_u64()).sum()
        };
        // Shards publish their counters now and then.
        let mut asking = tokio::time::interval(Duration::from_millis(100));
        let counted = async {
            loop {
                asking.tick().await;
                let told = viewer.get(&path).await.json();
                if sum(&told, "registered") == 1 && sum(&told, "received") >= 2 {
                    return told;
                }
            }
        };
        let told = tokio::time::timeout(Duration::from_secs(20), counted)
            .await
            .unwrap();
        assert_eq!(told["interval"], interval, "{told}");
        assert!(sum(&told, "sent") >= 2, "{told}");
    }
    for span in ["59", "86401", "-1", "day"] {
        let refused = viewer.get(&format!("/api/v1/fleet/activity?span={span}")).await;
        assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{span}");
    }
}

fn url_encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

#[tokio::test]
async fn operations_are_carried_out_and_told() {
    let server = Server::start().await;
    let endpoint = &server.devices(1).await[0];
    let operator = server.with_role(Role::Operator).await;
    let path = format!("/api/v1/devices/{endpoint}");

    let (status, read) = operate(&operator, endpoint, json!({ "op": "read", "path": "/3/0/0" })).await;
    assert_eq!(
        (status, &read["state"], &read["code"]),
        (StatusCode::OK, &json!("done"), &json!("2.05"))
    );
    let value = &read["values"][0];
    assert_eq!(
        (&value["path"], &value["type"]),
        (&json!("/3/0/0"), &json!("string"))
    );
    let known = operator.get(&format!("{path}/values/3/0/0")).await.json();
    assert_eq!(known["items"][0]["value"], value["value"]);
    assert_eq!(known["items"][0]["origin"], "read");

    let body = json!({ "op": "write", "path": "/3/0/14", "value": "+02:00" });
    let (status, written) = operate(&operator, endpoint, body).await;
    assert_eq!(
        (status, &written["code"]),
        (StatusCode::OK, &json!("2.04")),
        "{written}"
    );
    let body = json!({ "op": "write", "path": "/3/0/14", "value": 7 });
    let (status, refused) = operate(&operator, endpoint, body).await;
    assert_eq!(
        (status.as_u16(), &refused["code"]),
        (422, &json!("does_not_fit_model")),
        "{refused}"
    );
    let (status, missing) = operate(&operator, endpoint, json!({ "op": "read", "path": "/3/7" })).await;
    assert_eq!((status, &missing["state"]), (StatusCode::OK, &json!("failed")));
    assert_eq!(missing["code"], "4.04");
    assert!(
        missing["message"]
            .as_str()
            .is_some_and(|message| !message.is_empty()),
        "{missing}"
    );

    let all = operator.get(&format!("{path}/operations")).await.json();
    assert_eq!(all["items"].as_array().unwrap().len(), 3);
    let one = operator
        .get(&format!("{path}/operations/{}", read["id"]))
        .await
        .json();
    assert_eq!(one, read);
    let ended = operator
        .delete(&format!("{path}/operations/{}", read["id"]))
        .await
        .json();
    assert_eq!(ended["state"], "done", "what has ended is not cancelled");

    let trace = operator.get(&format!("{path}/trace?limit=50")).await.json();
    let uris: Vec<&str> = trace["items"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|record| record["uri"].as_str())
        .collect();
    assert!(uris.contains(&"/3/0/14"), "{uris:?}");
}

#[tokio::test]
async fn a_path_is_observed_and_let_go() {
    let server = Server::start().await;
    let endpoint = &server.devices(1).await[0];
    let support = server.with_role(Role::Support).await;
    let path = format!("/api/v1/devices/{endpoint}/observations");
    let body = json!({ "path": "/3/0/13" }).to_string();
    let begun = support.post(&format!("{path}?wait=10"), &body).await.json();
    assert_eq!(
        (&begun["op"], &begun["state"]),
        (&json!("observe"), &json!("done")),
        "{begun}"
    );
    let running = support.get(&path).await.json();
    assert_eq!(
        (&running["items"][0]["path"], &running["items"][0]["established"]),
        (&json!("/3/0/13"), &json!(true))
    );
    let ended = support
        .delete(&format!("{path}?path=/3/0/13&wait=10"))
        .await
        .json();
    assert_eq!(
        (&ended["op"], &ended["state"]),
        (&json!("cancel_observe"), &json!("done")),
        "{ended}"
    );
    assert_eq!(support.get(&path).await.json(), json!({ "items": [] }));
}

#[tokio::test]
async fn the_models_of_a_device_are_those_it_registered() {
    let server = Server::start().await;
    let endpoint = &server.devices(1).await[0];
    let viewer = server.with_role(Role::Viewer).await;
    let device = viewer.get(&format!("/api/v1/devices/{endpoint}")).await.json();
    let models = viewer
        .get(&format!("/api/v1/devices/{endpoint}/models"))
        .await
        .json();
    for model in models["items"].as_array().unwrap() {
        let version = &device["registration"]["object_versions"][model["id"].to_string()];
        assert_eq!(&model["version"], version, "{}", model["name"]);
    }
    let ids: Vec<&Value> = models["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|model| &model["id"])
        .collect();
    assert!(
        ids.contains(&&json!(3)) && !ids.contains(&&json!(3400)),
        "{ids:?}"
    );
}

#[tokio::test]
async fn models_are_found_by_word_id_and_version() {
    let server = Server::start().await;
    let viewer = server.with_role(Role::Viewer).await;
    let by_id = viewer.get("/api/v1/models?query=3").await.json();
    let versions = by_id["items"].as_array().unwrap();
    assert!(versions.iter().any(|model| model["name"] == "Device"), "{by_id}");
    let page = viewer
        .get("/api/v1/models?query=temperature&limit=1&offset=1")
        .await
        .json();
    assert_eq!(page["items"].as_array().unwrap().len(), 1);
    assert!(page["total"].as_u64().unwrap() > 1);
    let old = viewer.get("/api/v1/models/3?version=1.0").await.json();
    let new = viewer.get("/api/v1/models/3").await.json();
    assert_eq!((&old["version"], &old["name"]), (&json!("1.0"), &json!("Device")));
    assert_ne!(new["version"], "1.0");
    assert_eq!(
        viewer.get("/api/v1/models/3?version=99.0").await.error(),
        (404, "not_found".into())
    );
    assert_eq!(
        viewer.get("/api/v1/models/60000").await.error(),
        (404, "not_found".into())
    );
}
