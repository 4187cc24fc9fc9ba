//! Observe, Observe-Composite, their ends, and Send. LwM2M Core 1.2 §6.4; RFC 7641.

use crate::support::{Pair, client_address};
use coap::{Code, Request, RequestOptions};
use shared::{ContentFormat, Value, Version};

#[test]
fn an_observation_ends_by_a_request_with_its_token() {
    let mut pair = Pair::registered();
    let token = pair.observe("/3442/0/120");
    pair.set("/3442/0/120", Value::Integer(1));
    assert_eq!(pair.notifications.len(), 1);
    assert_eq!(pair.notifications[0].token, token);
    pair.server
        .cancel_observation(pair.now, client_address(), token, RequestOptions::default())
        .unwrap();
    pair.exchange();
    assert_eq!(pair.client.observations(), 0);
    pair.set("/3442/0/120", Value::Integer(2));
    assert_eq!(pair.notifications.len(), 1);
}

#[test]
fn an_observation_ends_by_a_reset() {
    let mut pair = Pair::registered();
    let token = pair.observe("/3442/0/120");
    pair.server.forget_observation(pair.now, client_address(), token);
    for value in 0..20 {
        pair.set("/3442/0/120", Value::Integer(value));
        pair.advance(1.0);
    }
    assert_eq!(pair.client.observations(), 0);
}

#[test]
fn some_notifications_are_confirmable_so_that_a_lost_server_is_found_out() {
    let mut pair = Pair::with(|options| options.lifetime = 0).register();
    pair.observe("/3442/0/120");
    for value in 0..30 {
        pair.set("/3442/0/120", Value::Integer(value));
        pair.advance(1.0);
    }
    let confirmable = pair.notifications.iter().filter(|it| it.confirmable).count();
    assert_eq!((pair.notifications.len(), confirmable), (30, 3));
    pair.deaf = true;
    for value in 0..30 {
        pair.set("/3442/0/120", Value::Integer(value + 100));
        pair.advance(20.0);
    }
    assert_eq!(pair.client.observations(), 0);
}

#[test]
fn moving_values_are_told_as_they_move() {
    let mut pair = Pair::with(|options| options.lifetime = 0).register();
    pair.observe("/3303/0/5700");
    pair.advance(120.0);
    assert!(pair.notifications.len() > 10, "{:?}", pair.texts());
    let values: Vec<f64> = pair
        .texts()
        .iter()
        .map(|(_, text)| text.parse().unwrap())
        .collect();
    assert!(values.iter().all(|value| (10.0..30.0).contains(value)));
}

#[test]
fn an_instance_is_observed_as_a_whole_until_it_is_deleted() {
    let mut pair = Pair::registered();
    let (response, token) = pair
        .try_ask(Request::get("/3311/0").observing())
        .expect("an answer");
    assert_eq!(response.code, Code::CONTENT);
    assert!(token.is_some());
    pair.ask(Request::put("/3311/0/5851").with_payload(0, "55"));
    assert_eq!(pair.notifications.len(), 1);
    assert_eq!(pair.ask(Request::delete("/3311/0")).code, Code::DELETED);
    assert_eq!(pair.ended.len(), 1);
    assert_eq!(pair.ended[0].code, Code::NOT_FOUND);
    assert_eq!(pair.client.observations(), 0);
}

#[test]
fn what_cannot_be_read_cannot_be_observed() {
    let mut pair = Pair::registered();
    for (path, code) in [
        ("/3/0/4", Code::METHOD_NOT_ALLOWED),
        ("/77", Code::NOT_FOUND),
        ("/0/0", Code::UNAUTHORIZED),
        ("/", Code::METHOD_NOT_ALLOWED),
        ("/3/0/9?pmin=3", Code::NOT_FOUND),
        ("/3/0/0?pmin=3", Code::BAD_REQUEST),
    ] {
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let mut request = Request::get(path).observing();
        if !query.is_empty() {
            request = request.with_query(query);
        }
        let (response, token) = pair.try_ask(request).unwrap();
        assert_eq!((response.code, token), (code, None), "{path}");
    }
}

#[test]
fn attributes_in_the_request_are_for_this_observation_alone() {
    let mut pair = Pair::with(|options| {
        options.version = Version::V1_2;
        options.lifetime = 0;
    })
    .register();
    let request = Request::get("/3442/0/120")
        .with_query("pmin=10")
        .with_accept(0)
        .observing();
    assert_eq!(pair.try_ask(request).unwrap().0.code, Code::CONTENT);
    pair.observe("/3442/0/120");
    pair.start = pair.now;
    pair.set("/3442/0/120", Value::Integer(1));
    pair.advance(12.0);
    assert_eq!(pair.texts(), [(0, "1".into()), (10, "1".into())]);
}

#[test]
fn a_composite_observation_tells_all_its_paths() {
    let mut pair = Pair::registered();
    let request = Request::new(Code::FETCH, "/")
        .with_payload(110, r#"[{"n":"/3442/0/120"},{"n":"/3/0/14"}]"#)
        .with_accept(ContentFormat::SENML_JSON.0)
        .observing();
    let (response, token) = pair.try_ask(request).unwrap();
    assert_eq!(response.code, Code::CONTENT, "{:?}", response.diagnostic_text());
    assert!(token.is_some());
    pair.set("/3442/0/120", Value::Integer(77));
    let told = String::from_utf8(pair.notifications[0].response.payload.clone()).unwrap();
    assert!(told.contains("77") && told.contains("+00:00"), "{told}");
}

#[test]
fn send_carries_what_the_test_object_is_told_to() {
    let mut pair = Pair::registered();
    assert_eq!(pair.ask(Request::post("/3442/0/5")).code, Code::BAD_REQUEST);
    pair.ask(
        Request::put("/3442/0/6").with_payload(110, r#"[{"bn":"/3442/0/6/","n":"0","vs":"/3442/0/120"}]"#),
    );
    assert_eq!(pair.ask(Request::post("/3442/0/5")).code, Code::CHANGED);
    let sent = &pair.requests[0].request;
    assert_eq!((sent.path().as_str(), sent.content_format()), ("/dp", Some(112)));

    pair.ask(Request::put("/1/0/23").with_payload(0, "1"));
    assert_eq!(pair.ask(Request::post("/3442/0/5")).code, Code::CHANGED);
    assert_eq!(pair.requests.len(), 1);
}
