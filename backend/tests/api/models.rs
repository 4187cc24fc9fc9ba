//! Object definitions: those that come with the program, and those that people upload.

use crate::support::{Answer, Client, Server};
use axum::http::{Method, StatusCode};
use serde_json::{Value, json};
use shared::api::Role;

/// A definition of an object of our own, with one resource.
pub(crate) fn definition(id: u32, version: &str, name: &str, kind: &str) -> String {
    format!(
        "<LWM2M>\n<Object ObjectType=\"MODefinition\">\n<Name>{name}</Name>\n<Description1>Ours.</Description1>\n\
         <ObjectID>{id}</ObjectID>\n<ObjectVersion>{version}</ObjectVersion>\n\
         <MultipleInstances>Multiple</MultipleInstances>\n<Mandatory>Optional</Mandatory>\n<Resources>\n\
         <Item ID=\"1\"><Name>Level</Name><Operations>RW</Operations>\
         <MultipleInstances>Single</MultipleInstances><Mandatory>Mandatory</Mandatory>\n<Type>{kind}</Type>\
         <RangeEnumeration>0..100</RangeEnumeration><Units>%</Units></Item>\n</Resources></Object></LWM2M>"
    )
}

async fn upload(client: &Client, xml: &str) -> Answer {
    client
        .send(
            Method::POST,
            "/api/v1/models",
            "application/xml; charset=utf-8",
            xml,
        )
        .await
}

async fn changes(client: &Client, xml: &str) -> Value {
    let answer = upload(client, xml).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    let items = answer.json()["items"].as_array().unwrap().clone();
    items
        .iter()
        .map(|item| json!([item["id"], item["version"], item["change"]]))
        .collect()
}

#[tokio::test]
async fn an_uploaded_definition_is_in_effect_at_once_and_until_it_is_removed() {
    let server = Server::start().await;
    let operator = server.with_role(Role::Operator).await;
    let links = |version: &str| format!("</1/0>,</3/0>,</33000>;ver={version},</33000/0>");
    let _one = server.device("one", &[], &links("1.0")).await;
    let _two = server.device("two", &[], &links("1.1")).await;
    let names = async |endpoint: &str| -> Vec<String> {
        let models = operator
            .get(&format!("/api/v1/devices/{endpoint}/models"))
            .await
            .json();
        let items = models["items"].as_array().unwrap().clone();
        let ours = items.iter().filter(|model| model["id"] == 33000);
        ours.map(|model| model["name"].as_str().unwrap().to_owned())
            .collect()
    };
    assert!(names("one").await.is_empty());

    let first = definition(33000, "1.0", "Tank", "Integer");
    let second = definition(33000, "1.1", "Better tank", "Float");
    assert_eq!(changes(&operator, &first).await, json!([[33000, "1.0", "added"]]));
    assert_eq!(
        changes(&operator, &second).await,
        json!([[33000, "1.1", "added"]])
    );
    assert_eq!(
        changes(&operator, &second).await,
        json!([[33000, "1.1", "unchanged"]])
    );
    assert_eq!(names("one").await, ["Tank"]);
    assert_eq!(names("two").await, ["Better tank"]);

    let write = |value: Value| json!({ "op": "write", "path": "/33000/0/1", "value": value }).to_string();
    for (endpoint, value, status) in [
        ("one", json!(7.5), 422),
        ("two", json!(7.5), 202),
        ("two", json!(101), 422),
        ("two", json!("full"), 422),
    ] {
        let path = format!("/api/v1/devices/{endpoint}/operations");
        let answer = operator.post(&path, &write(value.clone())).await;
        assert_eq!(answer.status.as_u16(), status, "{endpoint} {value}: {answer:?}");
    }

    let listed = operator.get("/api/v1/models?uploaded=true").await.json();
    assert_eq!(listed["total"], 2);
    assert_eq!(listed["items"][1]["uploaded"], true);
    let found = operator.get("/api/v1/models?query=better%20tank").await.json();
    assert_eq!(found["items"][0]["version"], "1.1");
    let replaced = definition(33000, "1.1", "Best tank", "Float");
    assert_eq!(
        changes(&operator, &replaced).await,
        json!([[33000, "1.1", "replaced"]])
    );
    assert_eq!(names("two").await, ["Best tank"]);

    let ambiguous = operator.delete("/api/v1/models/33000").await;
    assert_eq!(ambiguous.error(), (409, "conflict".into()));
    let removed = operator.delete("/api/v1/models/33000?version=1.1").await;
    assert_eq!(removed.status, StatusCode::NO_CONTENT);
    // What is left is the nearest there is.
    assert_eq!(names("two").await, ["Tank"]);
    assert_eq!(
        operator.delete("/api/v1/models/33000").await.status,
        StatusCode::NO_CONTENT
    );
    assert!(names("one").await.is_empty());
    let gone = operator.delete("/api/v1/models/33000").await;
    assert_eq!(gone.error(), (404, "not_found".into()));
}

#[tokio::test]
async fn what_cannot_be_used_is_refused_with_its_lines_and_changes_nothing() {
    let server = Server::start().await;
    let operator = server.with_role(Role::Operator).await;
    let good = definition(33000, "1.0", "Tank", "Integer");
    let body = |xml: &str| xml.replace("<LWM2M>", "").replace("</LWM2M>", "");
    let both = format!(
        "<LWM2M>{}{}</LWM2M>",
        body(&good),
        body(&definition(33001, "1.0", "Pipe", "Number"))
    );
    let twice = format!("<LWM2M>{0}{0}</LWM2M>", body(&good));
    for (xml, status, words) in [
        (
            good.replace("33000", "70000").replace("Integer", "Number"),
            400,
            "line 5: ObjectID cannot be \"70000\"; line 11: Type cannot be \"Number\"",
        ),
        (both, 400, "Type cannot be \"Number\""),
        (twice, 400, "object 33000 1.0 is in the file twice"),
        ("<html/>".into(), 400, "there is no Object element"),
        (
            "<!DOCTYPE a [<!ENTITY b \"c\">]><LWM2M>&b;</LWM2M>".into(),
            400,
            "line ",
        ),
        (
            definition(3303, "1.0", "Temperature", "Integer"),
            409,
            "object 3303 1.0 is built in, and the file contradicts it: resource 5601 (Min Measured Value) is missing",
        ),
        ("x".repeat(2 << 20), 413, "the body has more than"),
    ] {
        let answer = upload(&operator, &xml).await;
        assert_eq!(answer.error().0, status, "{answer:?}");
        let message = answer.json()["message"].as_str().unwrap().to_owned();
        assert!(message.contains(words), "{message}");
    }
    let json = operator.post("/api/v1/models", "{}").await;
    assert_eq!(json.error(), (415, "unsupported_media_type".into()));
    let listed = operator.get("/api/v1/models?uploaded=true").await.json();
    assert_eq!(listed["total"], 0);
    let builtin = operator.delete("/api/v1/models/3?version=1.1").await;
    assert_eq!(builtin.error(), (409, "conflict".into()));
    let version = operator.delete("/api/v1/models/3?version=x").await;
    assert_eq!(version.error(), (400, "bad_request".into()));
}

#[tokio::test]
async fn several_objects_come_in_one_file_and_every_version_is_listed_for_itself() {
    let server = Server::start().await;
    let operator = server.with_role(Role::Operator).await;
    let body = |xml: String| xml.replace("<LWM2M>", "").replace("</LWM2M>", "");
    let file = format!(
        "\u{feff}<!-- ours -->\n<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<LWM2M>{}{}</LWM2M>",
        body(definition(33000, "1.0", "Tank", "Integer")),
        body(definition(33000, "2.0", "Tank", "Float"))
    );
    assert_eq!(
        changes(&operator, &file).await,
        json!([[33000, "1.0", "added"], [33000, "2.0", "added"]])
    );
    let model = operator.get("/api/v1/models/33000").await.json();
    assert_eq!(
        (&model["version"], &model["resources"][0]["type"]),
        (&json!("2.0"), &json!("float"))
    );
    let model = operator.get("/api/v1/models/33000?version=1.0").await.json();
    assert_eq!(model["resources"][0]["type"], "integer");
    assert_eq!(
        operator.get("/api/v1/models?query=33000").await.json()["total"],
        2
    );
}
