//! Who may do what: every route of the interface, for nobody and for each role.

use crate::support::Server;
use axum::http::Method;
use shared::api::Role;
use std::collections::BTreeSet;

/// Every route with the least role that may use it.
const ROUTES: &[(&str, &str, Role)] = &[
    ("GET", "/api/v1/session", Role::Viewer),
    ("DELETE", "/api/v1/session", Role::Viewer),
    ("POST", "/api/v1/session/password", Role::Viewer),
    ("GET", "/api/v1/sessions", Role::Viewer),
    ("DELETE", "/api/v1/sessions/{id}", Role::Viewer),
    ("GET", "/api/v1/users", Role::Admin),
    ("POST", "/api/v1/users", Role::Admin),
    ("PATCH", "/api/v1/users/{name}", Role::Admin),
    ("DELETE", "/api/v1/users/{name}", Role::Admin),
    ("POST", "/api/v1/users/{name}/password", Role::Admin),
    ("GET", "/api/v1/tokens", Role::Admin),
    ("POST", "/api/v1/tokens", Role::Admin),
    ("DELETE", "/api/v1/tokens/{id}", Role::Admin),
    ("GET", "/api/v1/links", Role::Operator),
    ("DELETE", "/api/v1/links/{id}", Role::Operator),
    ("GET", "/api/v1/devices/{endpoint}/links", Role::Operator),
    ("POST", "/api/v1/devices/{endpoint}/links", Role::Operator),
    ("GET", "/api/v1/devices", Role::Viewer),
    ("GET", "/api/v1/devices/{endpoint}", Role::Viewer),
    ("PATCH", "/api/v1/devices/{endpoint}", Role::Operator),
    ("DELETE", "/api/v1/devices/{endpoint}", Role::Operator),
    ("GET", "/api/v1/devices/{endpoint}/diagnosis", Role::Viewer),
    ("GET", "/api/v1/devices/{endpoint}/transmission", Role::Viewer),
    ("PUT", "/api/v1/devices/{endpoint}/transmission", Role::Operator),
    (
        "DELETE",
        "/api/v1/devices/{endpoint}/transmission",
        Role::Operator,
    ),
    ("GET", "/api/v1/devices/{endpoint}/values", Role::Viewer),
    ("GET", "/api/v1/devices/{endpoint}/values/{path}", Role::Viewer),
    ("GET", "/api/v1/devices/{endpoint}/operations", Role::Viewer),
    ("POST", "/api/v1/devices/{endpoint}/operations", Role::Support),
    ("GET", "/api/v1/devices/{endpoint}/operations/{id}", Role::Viewer),
    (
        "DELETE",
        "/api/v1/devices/{endpoint}/operations/{id}",
        Role::Support,
    ),
    (
        "POST",
        "/api/v1/devices/{endpoint}/operations/{id}/retry",
        Role::Support,
    ),
    (
        "POST",
        "/api/v1/devices/{endpoint}/operations/preview",
        Role::Support,
    ),
    ("GET", "/api/v1/devices/{endpoint}/observations", Role::Viewer),
    ("POST", "/api/v1/devices/{endpoint}/observations", Role::Support),
    ("DELETE", "/api/v1/devices/{endpoint}/observations", Role::Support),
    ("GET", "/api/v1/devices/{endpoint}/events", Role::Viewer),
    ("GET", "/api/v1/devices/{endpoint}/trace", Role::Support),
    ("GET", "/api/v1/devices/{endpoint}/trace.pcapng", Role::Support),
    ("GET", "/api/v1/devices/{endpoint}/capture", Role::Support),
    ("POST", "/api/v1/devices/{endpoint}/capture", Role::Support),
    ("DELETE", "/api/v1/devices/{endpoint}/capture", Role::Support),
    ("GET", "/api/v1/devices/{endpoint}/bundle", Role::Support),
    ("GET", "/api/v1/path-sets", Role::Viewer),
    ("POST", "/api/v1/path-sets", Role::Support),
    ("DELETE", "/api/v1/path-sets/{id}", Role::Support),
    ("GET", "/api/v1/views", Role::Viewer),
    ("POST", "/api/v1/views", Role::Viewer),
    ("PUT", "/api/v1/views/columns", Role::Viewer),
    ("DELETE", "/api/v1/views/{id}", Role::Viewer),
    ("GET", "/api/v1/devices.csv", Role::Viewer),
    ("GET", "/api/v1/devices/{endpoint}/samples", Role::Viewer),
    ("GET", "/api/v1/devices/{endpoint}/models", Role::Viewer),
    ("GET", "/api/v1/profiles", Role::Viewer),
    ("PUT", "/api/v1/profiles/{id}", Role::Operator),
    ("DELETE", "/api/v1/profiles/{id}", Role::Operator),
    ("GET", "/api/v1/models", Role::Viewer),
    ("POST", "/api/v1/models", Role::Operator),
    ("GET", "/api/v1/models/{id}", Role::Viewer),
    ("DELETE", "/api/v1/models/{id}", Role::Operator),
    ("GET", "/api/v1/fleet", Role::Viewer),
    ("GET", "/api/v1/events", Role::Viewer),
    ("GET", "/api/v1/fleet/facets", Role::Viewer),
    ("GET", "/api/v1/fleet/activity", Role::Viewer),
    ("GET", "/api/v1/credentials", Role::Operator),
    ("POST", "/api/v1/credentials", Role::Operator),
    ("POST", "/api/v1/credentials/generate", Role::Operator),
    ("GET", "/api/v1/credentials/{endpoint}", Role::Operator),
    ("DELETE", "/api/v1/credentials/{endpoint}", Role::Operator),
    ("DELETE", "/api/v1/devices/{endpoint}/session", Role::Operator),
    ("GET", "/api/v1/server", Role::Viewer),
    ("GET", "/api/v1/server/identity", Role::Viewer),
    ("GET", "/api/v1/server/refused", Role::Support),
    ("GET", "/api/v1/audit", Role::Admin),
    ("POST", "/api/v1/devices", Role::Operator),
    ("POST", "/api/v1/devices/import", Role::Operator),
    ("POST", "/api/v1/devices/import/check", Role::Operator),
    ("GET", "/api/v1/imports", Role::Viewer),
    ("GET", "/api/v1/imports/{id}", Role::Viewer),
    ("POST", "/api/v1/imports/{id}/credentials", Role::Operator),
    ("GET", "/api/v1/decommissioned", Role::Viewer),
    ("DELETE", "/api/v1/decommissioned/{endpoint}", Role::Operator),
    ("GET", "/api/v1/decommissioned/{endpoint}/archive", Role::Operator),
    ("GET", "/api/v1/devices/{endpoint}/access", Role::Viewer),
    ("GET", "/api/v1/bootstrap/configurations", Role::Viewer),
    ("GET", "/api/v1/bootstrap/configurations/{name}", Role::Viewer),
    ("PUT", "/api/v1/bootstrap/configurations/{name}", Role::Operator),
    (
        "DELETE",
        "/api/v1/bootstrap/configurations/{name}",
        Role::Operator,
    ),
    (
        "POST",
        "/api/v1/bootstrap/configurations/{name}/check",
        Role::Support,
    ),
    ("POST", "/api/v1/bootstrap/dry-run", Role::Support),
    ("GET", "/api/v1/bootstrap/sessions", Role::Viewer),
    ("GET", "/api/v1/bootstrap/sessions/{id}", Role::Viewer),
    ("GET", "/api/v1/bootstrap/waiting", Role::Viewer),
    ("POST", "/api/v1/bootstrap/waiting/{endpoint}", Role::Operator),
    ("DELETE", "/api/v1/bootstrap/waiting/{endpoint}", Role::Operator),
    ("GET", "/api/v1/bootstrap/rules", Role::Viewer),
    ("PUT", "/api/v1/bootstrap/rules", Role::Operator),
    ("POST", "/api/v1/devices/{endpoint}/access/preview", Role::Support),
    ("GET", "/api/v1/devices/{endpoint}/bootstrap", Role::Viewer),
    ("PUT", "/api/v1/devices/{endpoint}/bootstrap", Role::Operator),
    ("POST", "/api/v1/devices/{endpoint}/bootstrap", Role::Operator),
    ("GET", "/api/v1/bootstrap/credentials", Role::Operator),
    ("POST", "/api/v1/bootstrap/credentials", Role::Operator),
    (
        "DELETE",
        "/api/v1/bootstrap/credentials/{endpoint}",
        Role::Operator,
    ),
];

/// The routes that a link to a device opens.
const OF_A_LINK: &[(&str, &str)] = &[
    ("GET", "/api/v1/session"),
    ("DELETE", "/api/v1/session"),
    ("GET", "/api/v1/devices/{endpoint}"),
    ("GET", "/api/v1/devices/{endpoint}/diagnosis"),
    ("GET", "/api/v1/devices/{endpoint}/values"),
    ("GET", "/api/v1/devices/{endpoint}/values/{path}"),
    ("GET", "/api/v1/devices/{endpoint}/operations"),
    ("GET", "/api/v1/devices/{endpoint}/operations/{id}"),
    ("GET", "/api/v1/devices/{endpoint}/observations"),
    ("GET", "/api/v1/devices/{endpoint}/events"),
    ("GET", "/api/v1/devices/{endpoint}/samples"),
    ("GET", "/api/v1/devices/{endpoint}/models"),
];

fn url(path: &str) -> String {
    url_of(path, "none")
}

fn url_of(path: &str, endpoint: &str) -> String {
    path.replace("{endpoint}", endpoint)
        .replace("{name}", "none")
        .replace("{path}", "3/0")
        .replace("{id}", "1")
}

#[test]
fn the_table_has_every_route() {
    let json = serde_json::to_value(backend::openapi::document()).unwrap();
    let mut routes = BTreeSet::new();
    for (path, item) in json["paths"].as_object().unwrap() {
        for method in item.as_object().unwrap().keys() {
            routes.insert((method.to_uppercase(), path.clone()));
        }
    }
    for open in ["/api/v1/session", "/api/v1/session/link"] {
        assert!(
            routes.remove(&("POST".into(), open.into())),
            "logging in and opening a link are open"
        );
    }
    let table: BTreeSet<_> = ROUTES
        .iter()
        .map(|(method, path, _)| ((*method).to_owned(), (*path).to_owned()))
        .collect();
    assert_eq!(routes, table);
}

#[tokio::test]
async fn nobody_gets_in_without_showing_who_it_is() {
    let server = Server::start().await;
    let stranger = server.stranger();
    let mut liar = server.stranger();
    liar.header("authorization", "Bearer muster_00");
    let mut old = server.stranger();
    old.header("cookie", "muster_session=00; other=1");
    for (method, path, _) in ROUTES {
        for client in [&stranger, &liar, &old] {
            let method: Method = method.parse().unwrap();
            let answer = client
                .send(method.clone(), &url(path), "application/json", "{}")
                .await;
            assert_eq!(answer.error(), (401, "unauthorized".into()), "{method} {path}");
        }
    }
}

#[tokio::test]
async fn each_role_does_what_it_may_and_no_more() {
    let server = Server::start().await;
    for role in [Role::Viewer, Role::Support, Role::Operator, Role::Admin] {
        let client = server.with_role(role).await;
        for (method, path, least) in ROUTES {
            let method: Method = method.parse().unwrap();
            let answer = client
                .send(method.clone(), &url(path), "application/json", "{}")
                .await;
            assert_eq!(
                answer.status.as_u16() == 403,
                role < *least,
                "{role:?} {method} {path}: {answer:?}"
            );
            assert_ne!(
                answer.status.as_u16(),
                401,
                "{role:?} {method} {path}: {answer:?}"
            );
        }
    }
}

#[tokio::test]
async fn writing_takes_an_operator() {
    let server = Server::start().await;
    let support = server.with_role(Role::Support).await;
    let operator = server.with_role(Role::Operator).await;
    for (op, least) in [
        ("read", Role::Support),
        ("discover", Role::Support),
        ("observe", Role::Support),
        ("cancel_observe", Role::Support),
        ("read_composite", Role::Support),
        ("observe_composite", Role::Support),
        ("write", Role::Operator),
        ("update", Role::Operator),
        ("execute", Role::Operator),
        ("create", Role::Operator),
        ("delete", Role::Operator),
        ("write_attributes", Role::Operator),
        ("write_composite", Role::Operator),
    ] {
        let body = format!(r#"{{"op":"{op}","path":"/3/0/4"}}"#);
        let path = "/api/v1/devices/none/operations";
        let refused = support.post(path, &body).await.status.as_u16() == 403;
        assert_eq!(refused, least > Role::Support, "{op}");
        assert_ne!(operator.post(path, &body).await.status.as_u16(), 403, "{op}");
    }
}

#[tokio::test]
async fn a_link_opens_the_reading_routes_of_its_device_and_nothing_else() {
    let server = Server::start().await;
    let _pump = server.device("pump", &[], "</3/0>").await;
    let _valve = server.device("valve", &[], "</3/0>").await;
    for (method, path, _) in ROUTES {
        for (endpoint, own) in [
            ("pump", true),
            ("valve", false),
            ("none", false),
            ("pump%2F..%2Fvalve", false),
        ] {
            // One that logs out has no session for the next route.
            let guest = server.guest("pump").await;
            let answer = guest
                .send(
                    method.parse().unwrap(),
                    &url_of(path, endpoint),
                    "application/json",
                    "{}",
                )
                .await;
            let about_a_device = path.contains("{endpoint}");
            let open = OF_A_LINK.contains(&(*method, *path)) && (own || !about_a_device);
            assert_eq!(
                answer.status.as_u16() == 403,
                !open,
                "{method} {path} of {endpoint}: {answer:?}"
            );
            assert_ne!(answer.status.as_u16(), 401, "{method} {path}: {answer:?}");
        }
    }
}
