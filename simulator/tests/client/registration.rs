//! Register, Update, De-register, and what happens when the server is silent or refuses. LwM2M Core 1.2 §6.2.

use crate::support::{Pair, agreeable};
use coap::{Code, Request, Response};
use shared::Version;
use simulator::{ClientState, Quirks};

fn queries(request: &Request) -> Vec<&str> {
    request.queries().collect()
}

fn links(request: &Request) -> &str {
    std::str::from_utf8(&request.payload).unwrap()
}

#[test]
fn a_register_carries_what_the_version_asks_for() {
    for (version, queue_mode, expect) in [
        (Version::V1_0, false, &["lt=300", "lwm2m=1.0", "b=U"][..]),
        (Version::V1_0, true, &["lt=300", "lwm2m=1.0", "b=UQ"]),
        (Version::V1_1, false, &["lt=300", "lwm2m=1.1", "b=U"]),
        (Version::V1_1, true, &["lt=300", "lwm2m=1.1", "b=U", "Q"]),
        (Version::V1_2, true, &["lt=300", "lwm2m=1.2", "b=U", "Q"]),
    ] {
        let mut pair = Pair::with(|options| {
            options.version = version;
            options.queue_mode = queue_mode;
        });
        pair.advance(0.1);
        let register = &pair.requests[0].request;
        assert_eq!((register.code, register.path().as_str()), (Code::POST, "/rd"));
        assert_eq!(queries(register)[0], "ep=urn:dev:ops:32473-X1-000001");
        assert_eq!(&queries(register)[1..], expect);
        assert_eq!(register.content_format(), Some(40));
        assert_eq!(pair.client.state(), ClientState::Registered);
    }
}

#[test]
fn the_object_list_has_versions_and_instances() {
    let mut pair = Pair::new();
    pair.advance(0.1);
    assert_eq!(
        links(&pair.requests[0].request),
        "</>;rt=\"oma.lwm2m\";ct=\"60 110 112 11542\",</1>;ver=1.1,</1/0>,</3>;ver=1.1,</3/0>,\
         </5>;ver=1.0,</5/0>,</3303/0>,</3311/0>,</3442/0>"
    );
    let mut pair = Pair::with(|options| {
        options.version = Version::V1_0;
        options.quirks = Quirks {
            link_twice: true,
            no_binding: true,
            ..Quirks::default()
        };
    });
    pair.advance(0.1);
    let register = &pair.requests[0].request;
    assert_eq!(
        links(register),
        "</>;rt=\"oma.lwm2m\",</1/0>,</3/0>,</5/0>,</3303/0>,</3311/0>,</3442/0>,</3442/0>"
    );
    assert!(!queries(register).iter().any(|query| query.starts_with("b=")));
}

#[test]
fn updates_come_before_the_lifetime_ends_and_are_empty() {
    for lifetime in [20, 300, 3_600] {
        let mut pair = Pair::with(|options| options.lifetime = lifetime).register();
        pair.advance(f64::from(lifetime) * 10.0);
        assert!(pair.requests.len() >= 9, "{lifetime}: {}", pair.requests.len());
        let mut last = 0.0;
        for seen in &pair.requests {
            assert_eq!(seen.request.path(), "/rd/a1");
            assert!(seen.request.payload.is_empty() && queries(&seen.request).is_empty());
            assert!(seen.at - last < f64::from(lifetime), "{lifetime}: {}", seen.at);
            last = seen.at;
        }
    }
}

#[test]
fn a_lifetime_without_end_needs_no_update() {
    let mut pair = Pair::with(|options| options.lifetime = 0).register();
    pair.advance(1e6);
    assert!(pair.requests.is_empty());
}

#[test]
fn a_new_lifetime_and_new_instances_are_told_by_an_update() {
    let mut pair = Pair::registered();
    let written = pair.ask(Request::put("/1/0/1").with_payload(0, "60"));
    assert_eq!(written.code, Code::CHANGED);
    assert_eq!(queries(&pair.requests[0].request), ["lt=60"]);
    assert!(pair.requests[0].request.payload.is_empty());

    let created =
        pair.ask(Request::post("/3311").with_payload(110, r#"[{"bn":"/3311/7/","n":"5850","vb":true}]"#));
    assert_eq!(created.code, Code::CREATED, "{:?}", created.diagnostic_text());
    let update = &pair.requests[1].request;
    assert!(queries(update).is_empty());
    assert!(links(update).contains("</3311/0>,</3311/7>"), "{}", links(update));
}

#[test]
fn a_silent_server_is_asked_again_less_and_less_often() {
    let mut pair = Pair::new();
    pair.answer = Box::new(|_| None);
    pair.deaf = true;
    pair.advance(3_600.0);
    let starts: Vec<f64> = pair.requests.iter().map(|seen| seen.at).collect();
    assert!((5..20).contains(&starts.len()), "{starts:?}");
    let waits: Vec<f64> = starts.windows(2).map(|pair| pair[1] - pair[0]).collect();
    assert!(waits[3] > waits[0]);

    pair.answer = Box::new(agreeable);
    pair.deaf = false;
    pair.advance(500.0);
    assert_eq!(pair.client.state(), ClientState::Registered);
}

#[test]
fn a_server_that_forgot_the_registration_gets_a_new_one() {
    let mut pair = Pair::with(|options| options.lifetime = 60).register();
    pair.observe("/3442/0/120");
    assert_eq!(pair.client.observations(), 1);
    pair.answer = Box::new(|request| match request.path().as_str() {
        "/rd/a1" => Some(Response::new(Code::NOT_FOUND)),
        "/rd" => Some(Response::new(Code::CREATED).with_location("/rd/b2")),
        _ => agreeable(request),
    });
    pair.advance(70.0);
    let paths: Vec<_> = pair.requests.iter().map(|seen| seen.request.path()).collect();
    assert_eq!(&paths[..2], ["/rd/a1", "/rd"]);
    // A new registration begins without observations.
    assert_eq!(pair.client.observations(), 0);
    pair.advance(60.0);
    assert_eq!(pair.requests.last().unwrap().request.path(), "/rd/b2");
}

#[test]
fn an_update_without_answer_is_followed_by_a_register() {
    let mut pair = Pair::with(|options| options.lifetime = 60).register();
    pair.deaf = true;
    pair.advance(200.0);
    pair.deaf = false;
    pair.advance(300.0);
    assert!(pair.requests.iter().any(|seen| seen.request.path() == "/rd"));
    assert_eq!(pair.client.state(), ClientState::Registered);
}

#[test]
fn a_refused_registration_waits_as_long_as_the_server_says() {
    let mut pair = Pair::new();
    pair.answer = Box::new(|_| Some(Response::new(Code::SERVICE_UNAVAILABLE).with_max_age(120)));
    pair.advance(119.0);
    assert_eq!(pair.requests.len(), 1);
    pair.advance(60.0);
    assert_eq!(pair.requests.len(), 2);
}

#[test]
fn it_takes_its_leave() {
    let mut pair = Pair::registered();
    pair.client.deregister(pair.now);
    pair.exchange();
    let last = &pair.requests[0].request;
    assert_eq!((last.code, last.path().as_str()), (Code::DELETE, "/rd/a1"));
    assert_eq!(pair.client.state(), ClientState::Gone);
    pair.advance(10_000.0);
    assert_eq!(pair.requests.len(), 1);
}

#[test]
fn disable_stays_away_for_its_time_and_comes_back() {
    let mut pair = Pair::registered();
    pair.ask(Request::put("/1/0/5").with_payload(0, "50"));
    assert_eq!(pair.ask(Request::post("/1/0/4")).code, Code::CHANGED);
    assert_eq!(pair.requests[0].request.code, Code::DELETE);
    pair.advance(49.0);
    assert_eq!(pair.requests.len(), 1);
    pair.advance(2.0);
    assert_eq!(pair.requests[1].request.path(), "/rd");
}

#[test]
fn the_update_trigger_is_answered_first() {
    let mut pair = Pair::registered();
    assert_eq!(pair.ask(Request::post("/1/0/8")).code, Code::CHANGED);
    assert_eq!(pair.requests[0].request.path(), "/rd/a1");
}

#[test]
fn a_reboot_is_answered_then_the_device_is_gone_for_a_while_and_registers() {
    let mut pair = Pair::registered();
    pair.observe("/3442/0/120");
    assert_eq!(pair.ask(Request::post("/3/0/4")).code, Code::CHANGED);
    pair.advance(2.0);
    assert_eq!(pair.client.observations(), 0);
    assert!(pair.requests.is_empty());
    pair.advance(3.0);
    assert_eq!(pair.requests[0].request.path(), "/rd");
    assert_eq!(pair.client.state(), ClientState::Registered);
}

#[test]
fn in_queue_mode_it_hears_nothing_after_its_window_until_it_speaks() {
    let mut pair = Pair::with(|options| {
        options.queue_mode = true;
        options.lifetime = 3_600;
    })
    .register();
    pair.advance(50.0);
    assert_eq!(pair.ask(Request::get("/3/0/0")).code, Code::CONTENT);
    pair.advance(94.0);
    assert!(pair.try_ask(Request::get("/3/0/0")).is_err());
    while pair.requests.is_empty() {
        pair.advance(60.0);
    }
    let after_update = pair.elapsed() - pair.requests[0].at;
    assert!(after_update < 93.0, "{after_update}");
    assert_eq!(pair.ask(Request::get("/3/0/0")).code, Code::CONTENT);
}

#[test]
fn it_steps_down_to_a_version_that_the_server_serves() {
    let mut pair = Pair::with(|options| options.version = Version::V1_2);
    pair.answer = Box::new(
        |request| match request.queries().any(|query| query == "lwm2m=1.0") {
            true => agreeable(request),
            false => Some(Response::new(Code::PRECONDITION_FAILED)),
        },
    );
    pair.advance(1.0);
    assert_eq!(pair.client.state(), ClientState::Registered);
    assert_eq!(pair.requests.len(), 3);
}

#[test]
fn a_confirmation_without_a_location_is_none() {
    let mut pair = Pair::new();
    pair.answer = Box::new(|_| Some(Response::new(Code::CREATED)));
    pair.advance(1.0);
    assert_eq!(pair.client.state(), ClientState::Unregistered);
}
