//! What is refused, with its code, in words, and as an event; and nothing else changes.

use crate::support::{Device, LINKS, Server, words};
use coap::{Code, Kind, Message};
use shared::event::EventKind;

#[tokio::test]
async fn each_bad_register_gets_its_code_and_an_event() {
    let mut server = Server::start();
    for (queries, format, links, code) in [
        (&["lt=300", "lwm2m=1.1"][..], Some(40), LINKS, "4.00"),
        (&["ep=", "lwm2m=1.1"], Some(40), LINKS, "4.00"),
        (&["ep=a", "ep=b"], Some(40), LINKS, "4.00"),
        (&["ep=a", "lt=soon"], Some(40), LINKS, "4.00"),
        (&["ep=a", "lwm2m=9.9"], Some(40), LINKS, "4.12"),
        (&["ep=a", "lt=60", "lwm2m=1.1"], Some(40), "hello, world", "4.00"),
        (&["ep=a", "lt=60", "lwm2m=1.1"], Some(40), "</3/0", "4.00"),
        (&["ep=a", "lt=60", "lwm2m=1.1"], Some(0), LINKS, "4.15"),
        (
            &["ep=a", "lt=60", "lwm2m=1.2", "pid=6:27354b9a"],
            None,
            "",
            "4.09",
        ),
    ] {
        let mut device = Device::new(&server).await;
        let mut message = device.confirmable(Code::POST, "rd", queries);
        message.options.set_content_format(format);
        message.payload = links.as_bytes().to_vec();
        let answer = device.ask(message).await;
        assert_eq!(answer.code.to_string(), code, "{queries:?} {links}");
        assert!(!words(&answer).is_empty());
        let event = server.event("refused").await;
        assert_eq!(event.endpoint, device.address());
        let EventKind::Refused {
            what,
            code: told,
            reason,
        } = &event.kind
        else {
            unreachable!()
        };
        assert_eq!((what.as_str(), told.as_deref()), ("register", Some(code)));
        assert_eq!(*reason, words(&answer));
    }
    assert_eq!(server.core.fleet().total, 0);
}

#[tokio::test]
async fn requests_that_lead_nowhere_get_their_code() {
    let mut server = Server::start();
    let mut device = Device::new(&server).await;
    let location = device
        .register(&["ep=a", "lt=300", "lwm2m=1.1", "b=U"], LINKS)
        .await;
    for (code, target, queries, expect) in [
        (Code::POST, "/rd/aaaaaaaaaaaa", &[][..], "4.04"),
        (Code::POST, "/rd/not-an-id", &[], "4.04"),
        (Code::DELETE, "/rd/aaaaaaaaaaaa", &[], "4.04"),
        (Code::GET, "/rd", &[], "4.05"),
        (Code::PUT, &location, &[], "4.05"),
        (Code::GET, "/3/0", &[], "4.04"),
        (Code::POST, "/bs", &["ep=a"], "4.04"),
        (Code::POST, &location, &["lt=-5"], "4.00"),
        (Code::POST, "/dp", &[], "4.15"),
    ] {
        let message = device.confirmable(code, target, queries);
        let answer = device.ask(message).await;
        assert_eq!(answer.code.to_string(), expect, "{code:?} {target}");
        let event = server.event("refused").await;
        assert_eq!(event.endpoint, "a", "{target}");
    }
    let registration = server.core.device("a").unwrap().registration.unwrap();
    assert_eq!(
        (registration.lifetime, format!("/rd/{}", registration.id)),
        (300, location)
    );
}

#[tokio::test]
async fn malformed_datagrams_are_told_and_change_nothing() {
    let mut server = Server::start();
    let mut device = Device::new(&server).await;
    device
        .register(&["ep=a", "lt=300", "lwm2m=1.1", "b=U"], LINKS)
        .await;
    let mut unknown_critical = device.confirmable(Code::POST, "rd", &["ep=b"]);
    unknown_critical.options.add(65_001, b"x");
    for bytes in [
        &b""[..],
        b"\x40",
        b"\x00\x01\x02\x03",
        b"\x4f\x01\x00\x01",
        b"\x40\x01\x00\x01\xff",
        b"\x40\x01\x00\x01\xd3",
        b"\x40\x00\x00\x01\x01",
        b"GET / HTTP/1.1\r\n\r\n",
        &unknown_critical.encode(),
    ] {
        device.send_bytes(bytes).await;
        let event = server.event("refused").await;
        assert_eq!(event.endpoint, "a", "{bytes:?}");
    }
    let refused = device.receive(|message| message.code == Code::BAD_OPTION).await;
    assert_eq!(refused.kind, Kind::Acknowledgement);
    assert_eq!(server.core.fleet().total, 1);
}

#[tokio::test]
async fn a_ping_is_answered_with_a_reset_and_a_stray_notification_too() {
    let server = Server::start();
    let mut device = Device::new(&server).await;
    device.send(&Message::empty(Kind::Confirmable, 77)).await;
    let pong = device.receive(|message| message.message_id == 77).await;
    assert_eq!(pong.kind, Kind::Reset);
    let token = coap::Token::new(b"stray").unwrap();
    let answer = device.notify(token, 3, 0, b"1").await;
    assert_eq!(answer.kind, Kind::Reset);
}

#[tokio::test]
async fn a_device_beyond_the_limit_is_told_that_there_are_too_many() {
    let mut server = Server::with(|config| config.max_devices = 1);
    let mut device = Device::new(&server).await;
    device
        .register(&["ep=a", "lt=300", "lwm2m=1.1", "b=U"], LINKS)
        .await;
    let mut other = Device::new(&server).await;
    let answer = other
        .try_register(&["ep=b", "lt=300", "lwm2m=1.1", "b=U"], LINKS)
        .await;
    assert_eq!(answer.code, Code::SERVICE_UNAVAILABLE);
    server.event("refused").await;
    device
        .register(&["ep=a", "lt=300", "lwm2m=1.1", "b=U"], LINKS)
        .await;
}
