//! LwM2M Core 1.2 §6.2.

use crate::support::{Device, LINKS, Server, config, path, words};
use coap::Code;
use shared::DeviceState;
use shared::event::{DeregistrationReason, EventKind};
use std::time::Duration;

#[tokio::test]
async fn a_device_registers_renews_and_signs_off() {
    let mut server = Server::start();
    let mut device = Device::new(&server).await;
    let location = device
        .register(
            &["ep=urn:dev:1", "lt=300", "lwm2m=1.1", "b=U", "color=red"],
            LINKS,
        )
        .await;
    assert_eq!(location.split('/').count(), 3);
    assert!(location.starts_with("/rd/") && location.len() <= 4 + 16);
    server.event("registered").await;
    let detail = server.core.device("urn:dev:1").unwrap();
    assert_eq!(detail.row.state, DeviceState::Online);
    assert!(
        detail.evidence.starts_with("Online. Last message "),
        "{}",
        detail.evidence
    );
    let registration = detail.registration.unwrap();
    assert_eq!(format!("/rd/{}", registration.id), location);
    assert_eq!(registration.address, device.address());
    assert_eq!(registration.extra.get("color").map(String::as_str), Some("red"));
    assert_eq!(
        registration
            .objects
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>(),
        ["/1/0", "/3/0", "/5", "/3303/0", "/3303/1"]
    );
    assert_eq!(registration.object_versions[&3], "1.1");

    let update = device.confirmable(Code::POST, &location, &[]);
    assert_eq!(device.ask(update).await.code, Code::CHANGED);
    let event = server.event("updated").await;
    assert!(matches!(
        event.kind,
        EventKind::Updated {
            registration: None,
            ..
        }
    ));

    let mut update = device.confirmable(Code::POST, &location, &["lt=600"]);
    update.options.set_content_format(Some(40));
    update.payload = b"</1/0>,</3/0>".to_vec();
    assert_eq!(device.ask(update).await.code, Code::CHANGED);
    let event = server.event("updated").await;
    let EventKind::Updated {
        registration: Some(registration),
        ..
    } = &event.kind
    else {
        panic!("{event:?}");
    };
    assert_eq!((registration.lifetime, registration.objects.len()), (600, 2));
    assert_eq!(registration.content_formats.len(), 3);

    let goodbye = device.confirmable(Code::DELETE, &location, &[]);
    assert_eq!(device.ask(goodbye).await.code, Code::DELETED);
    server.event("deregistered").await;
    assert_eq!(
        server.core.device("urn:dev:1").unwrap().row.state,
        DeviceState::SignedOff
    );
    let update = device.confirmable(Code::POST, &location, &[]);
    assert_eq!(device.ask(update).await.code, Code::NOT_FOUND);
}

#[tokio::test]
async fn a_new_register_replaces_the_old_one() {
    let mut server = Server::start();
    let mut device = Device::new(&server).await;
    let first = device
        .register(&["ep=a", "lt=300", "lwm2m=1.0", "b=U"], "</1/0>,</3/0>")
        .await;
    let mut again = Device::new(&server).await;
    let second = again
        .register(&["ep=a", "lt=300", "lwm2m=1.0", "b=U"], "</1/0>,</3/0>")
        .await;
    assert_ne!(first, second);
    server.event("registered").await;
    let event = server.event("registered").await;
    assert!(matches!(event.kind, EventKind::Registered { replaced: true, .. }));
    let update = device.confirmable(Code::POST, &first, &[]);
    assert_eq!(device.ask(update).await.code, Code::NOT_FOUND);
    let update = again.confirmable(Code::POST, &second, &[]);
    assert_eq!(again.ask(update).await.code, Code::CHANGED);
    assert_eq!(server.core.fleet().total, 1);
}

#[tokio::test]
async fn a_registration_ends_with_its_lifetime() {
    let mut server = Server::start();
    let mut device = Device::new(&server).await;
    let location = device
        .register(&["ep=a", "lt=1", "lwm2m=1.1", "b=U"], LINKS)
        .await;
    let event = server.event("deregistered").await;
    let EventKind::Deregistered { reason } = event.kind else {
        unreachable!()
    };
    assert_eq!(reason, DeregistrationReason::Expired);
    let detail = server.core.device("a").unwrap();
    assert_eq!(detail.row.state, DeviceState::Offline);
    assert!(detail.evidence.contains("lifetime ended"), "{}", detail.evidence);
    let update = device.confirmable(Code::POST, &location, &[]);
    assert_eq!(device.ask(update).await.code, Code::NOT_FOUND);
}

#[tokio::test]
async fn what_is_slightly_wrong_is_served_and_listed() {
    for (queries, links, rules) in [
        (&["lt=300", "lwm2m=1.1", "b=U"][..], LINKS, &[][..]),
        (
            &["lt=300", "lwm2m=1.1", "b=U"],
            "</1/0>,</3/0>;ver=1.1",
            &["ver_on_instance"],
        ),
        (
            &["lt=300", "lwm2m=1.1", "b=U"],
            "</1/0>,</3/0>,</3/0>",
            &["duplicate_link"],
        ),
        (&["lt=300", "lwm2m=1.1"], "</1/0>,</3/0>", &["no_binding"]),
        (&["lt=300", "lwm2m=1.1", "b=U"], "</3/0>", &["no_server_object"]),
        (&["lt=300", "lwm2m=1.1", "b=U"], "</1/0>", &["no_device_object"]),
        (
            &["lt=20", "lwm2m=1.1", "b=U"],
            "</1/0>,</3/0>",
            &["short_lifetime"],
        ),
        (
            &["lt=300", "lwm2m=1.1", "b=U"],
            "</0/0>,</1/0>,</3/0>",
            &["hidden_object"],
        ),
        (
            &["lt=300", "lwm2m=1.1", "b=U"],
            "</1/0>,</3/0>,</well/known>",
            &["not_an_object"],
        ),
        (
            &["lt=300", "lwm2m=1.1", "b=U"],
            "</1/0>,</3/0>,</3/0/1>",
            &["link_too_deep"],
        ),
        (
            &["lt=300", "lwm2m=1.1", "b=U"],
            "</lwm2m>;rt=\"oma.lwm2m\",</1/0>,</lwm2m/3/0>",
            &["outside_alternate_path"],
        ),
        (&["lt=300", "lwm2m=1.1", "b=U"], "", &["no_objects"]),
    ] {
        let mut server = Server::start();
        let mut device = Device::new(&server).await;
        device.register(&[&["ep=a"], queries].concat(), links).await;
        server.event("registered").await;
        let registration = server.core.device("a").unwrap().registration.unwrap();
        let found: Vec<&str> = registration.lint.iter().map(|lint| lint.rule.as_str()).collect();
        assert_eq!(found, rules, "{links}");
        assert!(
            registration
                .lint
                .iter()
                .all(|lint| !lint.message.is_empty() && !lint.section.is_empty())
        );
    }
}

#[tokio::test]
async fn an_object_list_without_its_format_is_read_and_noted() {
    let mut server = Server::start();
    let mut device = Device::new(&server).await;
    let mut message = device.confirmable(Code::POST, "rd", &["ep=a", "lt=300", "lwm2m=1.1", "b=U"]);
    message.payload = LINKS.as_bytes().to_vec();
    assert_eq!(device.ask(message).await.code, Code::CREATED);
    server.event("registered").await;
    let registration = server.core.device("a").unwrap().registration.unwrap();
    assert_eq!(registration.lint[0].rule, "no_content_format");
}

#[tokio::test]
async fn the_device_object_is_read_once_the_register_is_answered() {
    let directory = tempfile::tempdir().unwrap();
    let mut config = config(directory.path());
    config.read_device_object = true;
    let mut server = Server::of(config);
    let mut device = Device::new(&server).await;
    device
        .register(&["ep=a", "lt=300", "lwm2m=1.1", "b=U"], LINKS)
        .await;
    let asked = device.asked().await;
    assert_eq!(path(&asked), "/3/0");
    device.answer(&asked, Code::METHOD_NOT_ALLOWED, None, b"").await;
    for (id, text) in [("0", "ACME"), ("1", "X1"), ("2", "345"), ("3", "2.5")] {
        let asked = device.asked().await;
        assert_eq!(path(&asked), format!("/3/0/{id}"));
        device
            .answer(&asked, Code::CONTENT, Some(0), text.as_bytes())
            .await;
        server.event("values").await;
    }
    let detail = server.core.device("a").unwrap();
    assert_eq!(detail.row.manufacturer.as_deref(), Some("ACME"));
    assert_eq!(detail.row.model.as_deref(), Some("X1"));
    assert_eq!(detail.serial.as_deref(), Some("345"));
    assert_eq!(detail.row.firmware.as_deref(), Some("2.5"));
}

#[tokio::test]
async fn an_update_from_another_address_is_taken_and_told() {
    let mut server = Server::start();
    let mut device = Device::new(&server).await;
    let location = device
        .register(&["ep=a", "lt=300", "lwm2m=1.1", "b=U"], LINKS)
        .await;
    device.rebind().await;
    let update = device.confirmable(Code::POST, &location, &[]);
    let answer = device.ask(update).await;
    assert_eq!(answer.code, Code::CHANGED, "{}", words(&answer));
    let event = server.event("updated").await;
    let EventKind::Updated {
        registration: Some(registration),
        ..
    } = &event.kind
    else {
        panic!("{event:?}");
    };
    assert_eq!(registration.address, device.address());
}

#[tokio::test]
async fn a_register_that_is_sent_twice_is_answered_twice_and_done_once() {
    let mut server = Server::start();
    let mut device = Device::new(&server).await;
    let mut message = device.confirmable(Code::POST, "rd", &["ep=a", "lt=300", "lwm2m=1.1", "b=U"]);
    message.options.set_content_format(Some(40));
    message.payload = LINKS.as_bytes().to_vec();
    let first = device.ask(message.clone()).await;
    let second = device.ask(message).await;
    assert_eq!(first, second);
    server.event("registered").await;
    let registered = server.journal("a").await.len();
    assert!(registered <= 1, "{registered}");
    assert_eq!(server.core.sequence(), 1);
}

#[tokio::test]
async fn a_sleeping_device_falls_asleep_and_wakes_with_its_next_message() {
    let mut server = Server::with(|config| config.awake_window = Duration::from_millis(50));
    let mut device = Device::new(&server).await;
    let location = device
        .register(&["ep=a", "lt=300", "lwm2m=1.1", "b=U", "Q"], LINKS)
        .await;
    server.event("asleep").await;
    assert_eq!(server.core.device("a").unwrap().row.state, DeviceState::Asleep);
    let update = device.confirmable(Code::POST, &location, &[]);
    device.ask(update).await;
    server.event("awake").await;
}

#[tokio::test]
async fn devices_that_register_all_at_once_are_told_when_to_come_again() {
    let server = Server::with(|config| config.registrations_per_second = 2);
    let mut devices = Vec::new();
    for number in 0..20 {
        let mut device = Device::new(&server).await;
        let endpoint = format!("ep=storm-{number}");
        let queries = [endpoint.as_str(), "lt=300", "lwm2m=1.1", "b=U"];
        let mut message = device.confirmable(Code::POST, "rd", &queries);
        message.options.set_content_format(Some(40));
        message.payload = LINKS.as_bytes().to_vec();
        devices.push((device, message));
    }
    for (device, message) in &devices {
        device.send(message).await;
    }
    let mut refused = 0;
    for (device, message) in &mut devices {
        let token = message.token;
        let answer = device
            .receive(|answer| answer.token == token && answer.code.is_response())
            .await;
        if answer.code == Code::SERVICE_UNAVAILABLE {
            refused += 1;
            let seconds = answer.options.max_age().expect("it says when");
            assert!((15..60).contains(&seconds), "{seconds}");
        } else {
            assert_eq!(answer.code, Code::CREATED);
        }
    }
    assert!(refused > 0, "two a second were let in");
}
