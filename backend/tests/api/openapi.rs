//! The document of the interface, held against the reviewed one in `docs/`.

use crate::support::Server;
use std::collections::BTreeSet;
use std::path::Path;

/// With `MUSTER_UPDATE_SNAPSHOTS=1` in the environment the reviewed document is written anew.
#[test]
fn the_interface_is_the_reviewed_one() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/openapi.json");
    let mut document = serde_json::to_string_pretty(&backend::openapi::document()).unwrap();
    document.push('\n');
    if std::env::var_os("MUSTER_UPDATE_SNAPSHOTS").is_some() {
        std::fs::write(&file, &document).unwrap();
    }
    let reviewed = std::fs::read_to_string(&file).unwrap_or_default();
    let differs = document
        .lines()
        .zip(reviewed.lines())
        .find(|(now, then)| now != then);
    assert!(
        document == reviewed,
        "docs/openapi.json is not what the server says (first at {differs:?}); if the change is meant, run the \
         tests with MUSTER_UPDATE_SNAPSHOTS=1 and review what changed"
    );
}

#[test]
fn every_operation_has_a_name_of_its_own_and_says_what_it_does() {
    let json = serde_json::to_value(backend::openapi::document()).unwrap();
    let mut names = BTreeSet::new();
    for (path, item) in json["paths"].as_object().unwrap() {
        assert!(!path.contains('*'), "{path}");
        for (method, operation) in item.as_object().unwrap() {
            let name = operation["operationId"].as_str().unwrap().to_owned();
            assert!(names.insert(name.clone()), "{name} twice");
            assert!(operation["summary"].is_string(), "{method} {path}");
        }
    }
}

#[tokio::test]
async fn the_document_is_served_to_everybody() {
    let server = Server::start().await;
    let answer = server.stranger().get("/api/openapi.json").await;
    assert_eq!(answer.json()["info"]["title"], "Muster");
}
