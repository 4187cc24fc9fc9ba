//! Which notifications are due when: pmin, pmax, gt, lt, st and what they make together. LwM2M Core 1.2 §7.3.

use crate::support::Pair;
use coap::{Code, Request};
use shared::{Value, Version};

/// What is attached, what the value does, which notifications come.
struct Case {
    name: &'static str,
    /// Path and query of each Write-Attributes.
    attached: &'static [(&'static str, &'static str)],
    /// The value at these seconds.
    course: &'static [(u64, f64)],
    /// The notifications by second.
    expect: &'static [(u64, &'static str)],
}

const VALUE: &str = "/3442/0/130";

const CASES: &[Case] = &[
    Case {
        name: "without attributes every change is told",
        attached: &[],
        course: &[(1, 1.0), (2, 2.0), (3, 2.0), (4, 3.0)],
        expect: &[(1, "1"), (2, "2"), (4, "3")],
    },
    Case {
        name: "pmin holds changes back, and the last one is told",
        attached: &[(VALUE, "pmin=5")],
        course: &[(1, 1.0), (2, 2.0), (3, 3.0), (12, 4.0), (13, 5.0)],
        expect: &[(5, "3"), (12, "4"), (17, "5")],
    },
    Case {
        name: "a change that is taken back within pmin is no news",
        attached: &[(VALUE, "pmin=5")],
        course: &[(1, 1.0), (2, 0.0)],
        expect: &[],
    },
    Case {
        name: "pmax tells without a change",
        attached: &[(VALUE, "pmax=10")],
        course: &[(4, 1.0)],
        expect: &[(4, "1"), (14, "1"), (24, "1")],
    },
    Case {
        name: "pmax of 0 means never",
        attached: &[(VALUE, "pmax=0")],
        course: &[(4, 1.0)],
        expect: &[(4, "1")],
    },
    Case {
        name: "pmax below pmin is ignored",
        attached: &[(VALUE, "pmin=8&pmax=3")],
        course: &[(4, 1.0)],
        expect: &[(8, "1")],
    },
    Case {
        name: "gt tells the crossing, both ways",
        attached: &[(VALUE, "gt=10")],
        course: &[(1, 9.0), (2, 10.0), (3, 10.5), (4, 12.0), (5, 10.0), (6, 3.0)],
        expect: &[(3, "10.5"), (5, "10")],
    },
    Case {
        name: "lt tells the crossing, both ways",
        attached: &[(VALUE, "lt=-5")],
        course: &[(1, -5.0), (2, -5.5), (3, -9.0), (4, -5.0), (5, 3.0)],
        expect: &[(2, "-5.5"), (4, "-5")],
    },
    Case {
        name: "st tells steps from what was last told",
        attached: &[(VALUE, "st=2")],
        course: &[(1, 1.0), (2, 1.9), (3, 2.0), (4, 3.9), (5, 0.0)],
        expect: &[(3, "2"), (5, "0")],
    },
    Case {
        name: "one of several conditions is enough",
        attached: &[(VALUE, "lt=5&gt=20&st=4")],
        course: &[(1, 4.0), (2, 6.0), (3, 9.0), (4, 10.0), (5, 21.0)],
        expect: &[(1, "4"), (2, "6"), (4, "10"), (5, "21")],
    },
    Case {
        name: "pmin holds a crossing back, pmax tells without one",
        attached: &[(VALUE, "pmin=3&pmax=8&gt=10")],
        course: &[(1, 11.0), (2, 12.0), (5, 13.0)],
        expect: &[(3, "12"), (11, "13"), (19, "13"), (27, "13")],
    },
    Case {
        name: "a crossing that is taken back within pmin is no news",
        attached: &[(VALUE, "pmin=3&gt=10")],
        course: &[(1, 11.0), (2, 9.0)],
        expect: &[],
    },
    Case {
        name: "what the instance has is in force at its resources",
        attached: &[("/3442/0", "pmin=6")],
        course: &[(1, 1.0)],
        expect: &[(6, "1")],
    },
    Case {
        name: "the lower level takes the place of the higher",
        attached: &[
            ("/3442", "pmin=20&pmax=25"),
            ("/3442/0", "pmin=6"),
            (VALUE, "pmin=3"),
        ],
        course: &[(1, 1.0)],
        expect: &[(3, "1"), (28, "1")],
    },
    Case {
        name: "epmin holds the evaluation back",
        attached: &[(VALUE, "epmin=4")],
        course: &[(1, 1.0), (2, 2.0)],
        expect: &[(4, "2")],
    },
    Case {
        name: "an attribute without a value is taken away",
        attached: &[(VALUE, "pmin=9&gt=100"), (VALUE, "pmin&gt=")],
        course: &[(1, 1.0)],
        expect: &[(1, "1")],
    },
];

fn attach(pair: &mut Pair, path: &str, query: &str) -> coap::Response {
    let queries = query.split('&');
    let request = queries.fold(Request::put(path), |request, query| request.with_query(query));
    pair.ask(request)
}

#[test]
fn notifications_follow_the_attributes() {
    for case in CASES {
        let mut pair = Pair::with(|options| options.lifetime = 0).register();
        pair.set(VALUE, Value::Float(0.0));
        for (path, query) in case.attached {
            let response = attach(&mut pair, path, query);
            assert_eq!(response.code, Code::CHANGED, "{}: {query}", case.name);
        }
        pair.observe(VALUE);
        pair.start = pair.now;
        let mut second = 0;
        for (at, value) in case.course {
            pair.advance((at - second) as f64);
            second = *at;
            pair.set(VALUE, Value::Float(*value));
        }
        pair.advance((30 - second) as f64);
        let expect: Vec<_> = case
            .expect
            .iter()
            .map(|(at, text)| (*at, String::from(*text)))
            .collect();
        assert_eq!(pair.texts(), expect, "{}", case.name);
    }
}

#[test]
fn the_server_objects_defaults_hold_where_nothing_is_attached() {
    let mut pair = Pair::with(|options| options.lifetime = 0).register();
    pair.ask(Request::put("/1/0/2").with_payload(0, "4"));
    pair.ask(Request::put("/1/0/3").with_payload(0, "9"));
    pair.set(VALUE, Value::Float(0.0));
    pair.observe(VALUE);
    pair.start = pair.now;
    pair.set(VALUE, Value::Float(1.0));
    pair.advance(15.0);
    assert_eq!(pair.texts(), [(4, "1".into()), (13, "1".into())]);
}

#[test]
fn edge_tells_one_direction_only() {
    for (edge, expect) in [("1", "1"), ("0", "0")] {
        let mut pair = Pair::of(Version::V1_2);
        pair.set("/3442/0/140", Value::Boolean(edge == "0"));
        assert_eq!(
            attach(&mut pair, "/3442/0/140", &format!("edge={edge}")).code,
            Code::CHANGED
        );
        pair.observe("/3442/0/140");
        for value in [true, false, true, false] {
            pair.set("/3442/0/140", Value::Boolean(value));
        }
        assert!(!pair.notifications.is_empty());
        assert!(
            pair.texts().iter().all(|(_, text)| text == expect),
            "{:?}",
            pair.texts()
        );
    }
}

#[test]
fn con_makes_every_notification_confirmable() {
    let mut pair = Pair::of(Version::V1_2);
    attach(&mut pair, VALUE, "con=1");
    pair.observe(VALUE);
    for value in 1..4 {
        pair.set(VALUE, Value::Float(f64::from(value)));
    }
    assert_eq!(pair.notifications.len(), 3);
    assert!(pair.notifications.iter().all(|it| it.confirmable));
}

#[test]
fn what_makes_no_sense_is_refused() {
    let mut pair = Pair::registered();
    for (path, query, code) in [
        (VALUE, "pmin=x", Code::BAD_REQUEST),
        (VALUE, "pmin=-1", Code::BAD_REQUEST),
        (VALUE, "pmin=4294967296", Code::BAD_REQUEST),
        (VALUE, "pmin=1&pmin=2", Code::BAD_REQUEST),
        (VALUE, "gt=nan", Code::BAD_REQUEST),
        (VALUE, "gt=inf", Code::BAD_REQUEST),
        (VALUE, "st=-1", Code::BAD_REQUEST),
        (VALUE, "lt=20&gt=10", Code::BAD_REQUEST),
        (VALUE, "lt=10&gt=20&st=5", Code::BAD_REQUEST),
        (VALUE, "lt=10&gt=20&st=4.9", Code::CHANGED),
        (VALUE, "gt=-3.5e1&lt=-40&st", Code::CHANGED),
        (VALUE, "gt=-50", Code::BAD_REQUEST),
        (VALUE, "epmin=5&epmax=5", Code::BAD_REQUEST),
        (VALUE, "colour=red", Code::BAD_REQUEST),
        (VALUE, "edge=1", Code::BAD_REQUEST),
        ("/3442/0", "gt=5", Code::BAD_REQUEST),
        ("/3442/0/110", "gt=5", Code::BAD_REQUEST),
        ("/3442/0/1120", "gt=5", Code::CHANGED),
        ("/3442/0/1120/0", "gt=6", Code::CHANGED),
        ("/3442/0/1120/9", "gt=6", Code::NOT_FOUND),
        ("/3442/0/9999", "pmin=5", Code::NOT_FOUND),
        ("/9999", "pmin=5", Code::NOT_FOUND),
        ("/0/0", "pmin=5", Code::UNAUTHORIZED),
    ] {
        let response = attach(&mut pair, path, query);
        assert_eq!(
            response.code,
            code,
            "{path} {query}: {:?}",
            response.diagnostic_text()
        );
    }
}

#[test]
fn an_older_client_does_not_know_newer_attributes() {
    for (version, query, code) in [
        (Version::V1_0, "epmin=5", Code::BAD_REQUEST),
        (Version::V1_1, "epmin=5", Code::CHANGED),
        (Version::V1_1, "con=1", Code::BAD_REQUEST),
        (Version::V1_2, "con=1", Code::CHANGED),
        (Version::V1_2, "hqmax=7", Code::CHANGED),
    ] {
        let mut pair = Pair::of(version);
        assert_eq!(attach(&mut pair, VALUE, query).code, code, "{version} {query}");
    }
}

#[test]
fn discover_shows_what_is_attached() {
    let mut pair = Pair::registered();
    attach(&mut pair, "/1", "pmin=1");
    attach(&mut pair, "/1/0", "pmax=60");
    attach(&mut pair, "/1/0/1", "gt=10.5&lt=-2");
    let discover = |pair: &mut Pair, path: &str| {
        let response = pair.ask(Request::get(path).with_accept(40));
        assert_eq!(response.content_format(), Some(40));
        String::from_utf8(response.payload).unwrap()
    };
    let resources = "</1/0/0>,</1/0/1>;gt=10.5;lt=-2,</1/0/2>,</1/0/3>,</1/0/4>,</1/0/5>,</1/0/6>,</1/0/7>,</1/0/8>,</1/0/9>,</1/0/23>";
    assert_eq!(
        discover(&mut pair, "/1"),
        format!("</1>;ver=1.1;pmin=1,</1/0>;pmax=60,{resources}")
    );
    assert_eq!(
        discover(&mut pair, "/1/0"),
        format!("</1/0>;pmin=1;pmax=60,{resources}")
    );
    assert_eq!(
        discover(&mut pair, "/1/0/1"),
        "</1/0/1>;pmin=1;pmax=60;gt=10.5;lt=-2"
    );
    assert_eq!(discover(&mut pair, "/3/0/11"), "</3/0/11>;dim=1,</3/0/11/0>");
}
