//! Access control: what the server may do with the instances of a device that it shares. LwM2M Core 1.2 §8.

use crate::ask::{check, request, senml, text, values};
use crate::support::Pair;
use coap::Code;
use shared::{Path, Value};
use simulator::objects::{AccessControl, AccessEntry};

/// The short server id of this server; 102 is the other one, 65535 the bootstrap server.
const OWN: u16 = 1;

fn shared_device() -> Pair {
    let entry = |about: &str, owner, list: &[(u16, u16)]| AccessEntry {
        about: about.parse().unwrap(),
        owner,
        list: list.to_vec(),
    };
    let access = AccessControl {
        entries: vec![
            entry("/1/0", OWN, &[]),
            entry("/3/0", u16::MAX, &[(OWN, 1), (0, 31)]),
            entry("/3303/0", 102, &[(0, 4)]),
            entry("/3311/0", OWN, &[(102, 1)]),
            entry("/3311", u16::MAX, &[(OWN, 16)]),
            entry("/3442/0", OWN, &[(OWN, 6)]),
        ],
    };
    Pair::holding(|_| {}, vec![Box::new(access)]).register()
}

#[test]
fn each_operation_takes_its_right() {
    check(
        &mut shared_device(),
        vec![
            // R of its own, though the others have more.
            (request("GET", "/3/0/0"), Code::CONTENT),
            (request("PUT", "/3/0?pmin=5"), Code::CHANGED),
            (text("PUT", "/3/0/14", "+01:00"), Code::UNAUTHORIZED),
            (text("POST", "/3/0/12", ""), Code::UNAUTHORIZED),
            (request("DELETE", "/3/0"), Code::UNAUTHORIZED),
            // Of another's only what everybody has: E.
            (request("GET", "/3303/0/5700"), Code::UNAUTHORIZED),
            (request("GET", "/3303"), Code::UNAUTHORIZED),
            (request("GET", "/3303").with_accept(40), Code::CONTENT),
            (request("PUT", "/3303/0?pmin=5"), Code::UNAUTHORIZED),
            (request("POST", "/3303/0/5605"), Code::CHANGED),
            // The owner has all where the list does not name it.
            (text("PUT", "/3311/0/5851", "40"), Code::CHANGED),
            // The list goes before ownership.
            (text("PUT", "/3442/0/120", "7"), Code::CHANGED),
            (request("GET", "/3442/0/120"), Code::UNAUTHORIZED),
            // No entry, no right; but what is not there is told first.
            (request("GET", "/5/0/3"), Code::UNAUTHORIZED),
            (request("GET", "/5/7"), Code::NOT_FOUND),
            (request("GET", "/0/0"), Code::UNAUTHORIZED),
        ],
    );
}

#[test]
fn lists_are_read_by_everybody_and_written_by_their_owner() {
    let mut pair = shared_device();
    check(
        &mut pair,
        vec![
            (request("GET", "/2"), Code::CONTENT),
            (
                senml("PUT", "/2/1/2", r#"[{"bn":"/2/1/2/","n":"1","v":3}]"#),
                Code::UNAUTHORIZED,
            ),
            (
                senml("PUT", "/2/3/2", r#"[{"bn":"/2/3/2/","n":"102","v":32}]"#),
                Code::BAD_REQUEST,
            ),
            (
                senml(
                    "PUT",
                    "/2/3/2",
                    r#"[{"bn":"/2/3/2/","n":"1","v":1},{"n":"0","v":1}]"#,
                ),
                Code::CHANGED,
            ),
            // It is in force at once, against its owner too.
            (text("PUT", "/3311/0/5851", "60"), Code::UNAUTHORIZED),
            (request("GET", "/3311/0/5851"), Code::CONTENT),
            // The owner may still change the list; an empty one leaves it everything.
            (
                request("PUT", "/2/3/2").with_payload(11542, [0x80, 2]),
                Code::CHANGED,
            ),
            (text("PUT", "/3311/0/5851", "60"), Code::CHANGED),
            (request("DELETE", "/2/3"), Code::UNAUTHORIZED),
        ],
    );
}

#[test]
fn composites_read_what_may_be_read_and_write_all_or_nothing() {
    let mut pair = shared_device();
    let paths = r#"[{"n":"/3/0/0"},{"n":"/3303/0/5700"}]"#;
    let answer = pair.ask(senml("FETCH", "/", paths).with_accept(110));
    let read = values(&pair, "/", &answer);
    let read: Vec<Path> = read.entries.iter().map(|entry| entry.path).collect();
    assert_eq!(read, ["/3/0/0".parse().unwrap()]);
    check(
        &mut pair,
        vec![
            (
                senml("FETCH", "/", r#"[{"n":"/3303/0/5700"}]"#),
                Code::UNAUTHORIZED,
            ),
            (
                senml(
                    "iPATCH",
                    "/",
                    r#"[{"n":"/3311/0/5851","v":10},{"n":"/3/0/14","vs":"+02:00"}]"#,
                ),
                Code::UNAUTHORIZED,
            ),
        ],
    );
    let dimmer = pair.client.tree().get("/3311/0/5851".parse().unwrap());
    assert_ne!(dimmer, Some(&Value::Integer(10)));
}

#[test]
fn what_a_server_creates_is_its_own() {
    let mut pair = shared_device();
    let lamp = r#"[{"bn":"/3311/7/","n":"5850","vb":true}]"#;
    let own = "/2/6/3".parse().unwrap();
    check(&mut pair, vec![(senml("POST", "/3311", lamp), Code::CREATED)]);
    let owner = pair.client.tree().get(own);
    assert_eq!(owner, Some(&Value::Integer(i64::from(OWN))));
    check(
        &mut pair,
        vec![
            (text("PUT", "/3311/7/5850", "0"), Code::CHANGED),
            (request("DELETE", "/3311/7"), Code::DELETED),
        ],
    );
    assert_eq!(pair.client.tree().get(own), None);
}
