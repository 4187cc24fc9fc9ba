//! What helps to look after one device: diagnosis, history, captures, capture files, bundles, sets of paths.

use crate::support::{Client, Server};
use axum::http::StatusCode;
use serde_json::{Value, json};
use shared::api::Role;

async fn read(client: &Client, endpoint: &str, path: &str) {
    let body = json!({ "op": "read", "path": path }).to_string();
    let answer = client
        .post(&format!("/api/v1/devices/{endpoint}/operations?wait=10"), &body)
        .await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
}

fn check<'a>(diagnosis: &'a Value, kind: &str) -> &'a Value {
    let checks = diagnosis["checks"].as_array().unwrap();
    let found = checks.iter().find(|check| check["kind"] == kind);
    found.unwrap_or_else(|| panic!("no check {kind} in {diagnosis}"))
}

#[tokio::test]
async fn a_diagnosis_says_what_it_looked_at() {
    let server = Server::start().await;
    let endpoint = &server.devices(1).await[0];
    let operator = server.with_role(Role::Operator).await;
    read(&operator, endpoint, "/3/0/13").await;
    let path = format!("/api/v1/devices/{endpoint}/diagnosis");
    let diagnosis = operator.get(&path).await.json();
    assert_eq!(diagnosis["state"], "online");
    for check in diagnosis["checks"].as_array().unwrap() {
        assert!(
            check["looked_at"].as_str().is_some_and(|text| !text.is_empty()),
            "{check}"
        );
    }
    assert_eq!(
        check(&diagnosis, "registration")["verdict"],
        "pass",
        "{diagnosis}"
    );
    let reached = check(&diagnosis, "reachability");
    assert!(
        reached["finding"]
            .as_str()
            .unwrap()
            .contains("The last answer took"),
        "{reached}"
    );
    assert_eq!(reached["remedy"], json!({ "round_trip": { "path": "/3/0/11" } }));

    assert_eq!(
        operator.get("/api/v1/devices/nobody/diagnosis").await.error(),
        (404, "not_found".into())
    );
    let kept = json!({ "endpoint": "new", "mode": "psk", "key": "00112233445566778899aabbccddeeff" });
    let kept = operator.post("/api/v1/credentials", &kept.to_string()).await;
    assert_eq!(kept.status, StatusCode::CREATED);
    let diagnosis = operator.get("/api/v1/devices/new/diagnosis").await.json();
    assert_eq!(check(&diagnosis, "credential")["verdict"], "pass");
    assert_eq!(check(&diagnosis, "registration")["verdict"], "fail");
}

#[tokio::test]
async fn an_operation_is_shown_as_it_is_on_the_wire() {
    let server = Server::start().await;
    let endpoint = &server.devices(1).await[0];
    let support = server.with_role(Role::Support).await;
    let path = format!("/api/v1/devices/{endpoint}/operations/preview");
    let body = json!({ "op": "write", "path": "/3/0/14", "value": "+02:00", "format": "text" }).to_string();
    let preview = support.post(&path, &body).await;
    assert_eq!(preview.status, StatusCode::OK, "{preview:?}");
    let preview = preview.json();
    assert_eq!(
        (
            &preview["method"],
            &preview["path"],
            &preview["bytes"],
            &preview["blocks"]
        ),
        (&json!("PUT"), &json!("/3/0/14"), &json!(6), &json!(1)),
        "{preview}"
    );
    let unfit = json!({ "op": "write", "path": "/3/0/14", "value": 7 }).to_string();
    assert_eq!(
        support.post(&path, &unfit).await.error(),
        (422, "does_not_fit_model".into())
    );
    let admin = server.with_role(Role::Admin).await;
    let log = admin.get("/api/v1/audit").await.json().to_string();
    let logged = log.matches("operations/preview").count();
    assert_eq!(
        logged, 1,
        "what was refused is logged, what only asked is not: {log}"
    );
}

#[tokio::test]
async fn numbers_have_a_history_in_ranges() {
    let server = Server::start().await;
    let endpoint = &server.devices(1).await[0];
    let operator = server.with_role(Role::Operator).await;
    for _ in 0..3 {
        read(&operator, endpoint, "/3/0/10").await;
    }
    server.app.core.flush().await.unwrap();
    let path = format!("/api/v1/devices/{endpoint}/samples?path=/3/0/10");
    let recent = operator.get(&path).await.json();
    let all = operator
        .get(&format!("{path}&from=2020-01-01T00:00:00Z"))
        .await
        .json();
    // The server itself reads the object after the registration.
    let count = recent["items"].as_array().unwrap().len();
    assert!(count >= 3, "{recent}");
    assert_eq!(all["items"], recent["items"]);
    let one = operator
        .get(&format!("{path}&from=2020-01-01T00:00:00Z&limit=1"))
        .await
        .json();
    assert_eq!(
        one["items"][0],
        all["items"][count - 1],
        "the newest is always there"
    );
    let before = operator
        .get(&format!("{path}&until=2020-01-01T00:00:00Z"))
        .await
        .json();
    assert_eq!(before["items"], json!([]));
    let wrong = operator.get(&format!("{path}&from=yesterday")).await;
    assert_eq!(wrong.error(), (400, "bad_request".into()));
}

#[tokio::test]
async fn a_capture_keeps_what_passes_and_is_ended() {
    let server = Server::start().await;
    let endpoint = &server.devices(1).await[0];
    let support = server.with_role(Role::Support).await;
    let path = format!("/api/v1/devices/{endpoint}/capture");
    assert_eq!(support.get(&path).await.json(), json!({ "capture": null }));
    let wrong = support.post(&path, r#"{"seconds":0}"#).await;
    assert_eq!(wrong.error(), (400, "bad_request".into()));
    let begun = support.post(&path, r#"{"seconds":600}"#).await;
    assert_eq!(begun.status, StatusCode::CREATED, "{begun:?}");
    assert_eq!(begun.json()["running"], true);
    read(&support, endpoint, "/3/0/13").await;
    let kept = async {
        loop {
            let state = support.get(&path).await.json();
            if state["capture"]["messages"].as_u64() >= Some(2) {
                return state;
            }
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(10), kept)
        .await
        .expect("a request and its answer");
    let trace = support
        .get(&format!("/api/v1/devices/{endpoint}/trace?limit=2000"))
        .await
        .json();
    let ids: Vec<u64> = trace["items"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|record| record["id"].as_u64())
        .collect();
    let mut once = ids.clone();
    once.dedup();
    assert_eq!(ids, once, "what is in the ring too is told once");
    assert_eq!(support.delete(&path).await.status, StatusCode::NO_CONTENT);
    assert_eq!(support.delete(&path).await.error(), (404, "not_found".into()));
}

#[tokio::test]
async fn messages_are_had_as_a_capture_file() {
    let server = Server::start().await;
    let endpoint = &server.devices(1).await[0];
    let support = server.with_role(Role::Support).await;
    let answer = support
        .get(&format!("/api/v1/devices/{endpoint}/trace.pcapng"))
        .await;
    assert_eq!(answer.headers["content-type"], "application/x-pcapng");
    assert!(
        answer.headers["content-disposition"]
            .to_str()
            .unwrap()
            .ends_with(".pcapng\"")
    );
    assert_eq!(answer.body[..4], [0x0a, 0x0d, 0x0d, 0x0a]);
    let find = |needle: &[u8]| answer.body.windows(needle.len()).any(|window| window == needle);
    assert!(find(b"\xb2rd"), "the path of the registration");
}

#[tokio::test]
async fn a_bundle_has_everything_but_secrets() {
    let server = Server::start().await;
    let endpoint = &server.devices(1).await[0];
    let operator = server.with_role(Role::Operator).await;
    let key = "00112233445566778899aabbccddeeff";
    let credential = json!({ "endpoint": endpoint, "mode": "psk", "identity": "meter", "key": key });
    operator
        .post("/api/v1/credentials", &credential.to_string())
        .await;
    read(&operator, endpoint, "/3/0").await;
    let answer = operator.get(&format!("/api/v1/devices/{endpoint}/bundle")).await;
    assert_eq!((answer.status, &answer.body[..2]), (StatusCode::OK, &b"PK"[..]));
    let text = String::from_utf8_lossy(&answer.body);
    for name in [
        "README.txt",
        "device.json",
        "diagnosis.json",
        "values.json",
        "events.json",
        "messages.json",
        "messages.pcapng",
        "credential.json",
    ] {
        assert!(text.contains(name), "{name}");
    }
    assert!(text.contains("/3/0/0") && !text.contains(key));
}

#[tokio::test]
async fn a_set_of_paths_belongs_to_who_saved_it() {
    let server = Server::start().await;
    let path = "/api/v1/path-sets";
    let page = server.page().await;
    let other = server.with_role(Role::Support).await;
    for wrong in [
        json!({ "name": "  ", "paths": ["/3/0/9"] }),
        json!({ "name": "x", "paths": [] }),
        json!({ "name": "x", "paths": ["3/0"] }),
    ] {
        assert_eq!(
            page.post(path, &wrong.to_string()).await.error(),
            (400, "bad_request".into())
        );
    }
    let own = json!({ "name": "power", "paths": ["/3/0/9", "/3/0/7"] });
    let own = page.post(path, &own.to_string()).await;
    assert_eq!(own.status, StatusCode::CREATED, "{own:?}");
    let again = json!({ "name": "power", "paths": ["/3/0/9"] });
    assert_eq!(
        page.post(path, &again.to_string()).await.json()["id"],
        own.json()["id"]
    );
    let shared = json!({ "name": "radio", "paths": ["/4/0/2"], "shared": true });
    page.post(path, &shared.to_string()).await;

    let names = |list: Value| -> Vec<String> {
        let items = list["items"].as_array().unwrap().clone();
        items
            .iter()
            .map(|item| item["name"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(names(page.get(path).await.json()), ["power", "radio"]);
    let seen = other.get(path).await.json();
    assert_eq!(seen["items"][0]["owner"], "admin");
    assert_eq!(names(seen.clone()), ["radio"]);
    let shared = format!("{path}/{}", seen["items"][0]["id"]);
    assert_eq!(other.delete(&shared).await.error(), (404, "not_found".into()));
    let operator = server.with_role(Role::Operator).await;
    assert_eq!(operator.delete(&shared).await.status, StatusCode::NO_CONTENT);
    assert_eq!(names(page.get(path).await.json()), ["power"]);
}
