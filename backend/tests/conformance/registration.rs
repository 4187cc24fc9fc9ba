//! The registration interface. LwM2M Core 1.2 §6.2.

use super::simulated::{arrives, pair, pair_with, read, succeeds, write};
use crate::support::{Device, PATIENCE, Server, request, words};
use coap::Code;
use serde_json::json;
use shared::Version;
use shared::api::{OperationKind, OperationState};
use shared::event::{DeregistrationReason, EventKind};
use simulator::ClientState;
use std::time::Duration;

const LIST: &str = "</>;rt=\"oma.lwm2m\";ct=112,</1/0>,</3/0>,</3303/0>";

#[tokio::test]
async fn ets_101_register() {
    for version in [Version::V1_0, Version::V1_1, Version::V1_2] {
        let (server, client) = pair(|options| options.version = version).await;
        let registration = server.core.device("a").unwrap().registration.unwrap();
        assert_eq!(registration.version, version);
        assert_eq!((registration.lifetime, registration.binding.as_str()), (300, "U"));
        assert_eq!(registration.objects.len(), 6, "{:?}", registration.objects);
        assert_eq!(registration.lint, []);
        assert_eq!(read(&server, "/3/0/0").await, json!({"/3/0/0": "Example Works"}));
        assert_eq!(client.state().await, ClientState::Registered);
    }
}

#[tokio::test]
async fn ets_102_update_and_expiry() {
    let mut server = Server::start();
    let mut device = Device::new(&server).await;
    let location = device
        .register(&["ep=a", "lt=300", "lwm2m=1.1", "b=U"], LIST)
        .await;
    let update = device.confirmable(Code::POST, &location, &["lt=1"]);
    assert_eq!(device.ask(update).await.code, Code::CHANGED);
    let event = server.event("deregistered").await;
    assert_eq!(
        event.kind,
        EventKind::Deregistered {
            reason: DeregistrationReason::Expired
        }
    );
    let late = device.confirmable(Code::POST, &location, &[]);
    assert_eq!(device.ask(late).await.code, Code::NOT_FOUND);
}

#[tokio::test]
async fn ets_103_disable_makes_the_client_deregister() {
    let (mut server, client) = pair(|_| {}).await;
    succeeds(&server, request(OperationKind::Execute, "/1/0/4"), "2.04").await;
    let event = server.event("deregistered").await;
    assert_eq!(
        event.kind,
        EventKind::Deregistered {
            reason: DeregistrationReason::Deregistered
        }
    );
    assert_eq!(server.core.observations("a").unwrap(), []);
    assert_ne!(client.state().await, ClientState::Registered);
}

#[tokio::test]
async fn ets_104_update_trigger() {
    let (mut server, _client) = pair(|_| {}).await;
    succeeds(&server, request(OperationKind::Execute, "/1/0/8"), "2.04").await;
    server.event("updated").await;
}

#[tokio::test]
async fn ets_105_an_update_after_the_registration_is_gone_makes_the_client_register_anew() {
    let (mut server, client) = pair(|_| {}).await;
    // Whoever knows the location may end a registration without security: here, another socket does.
    let location = server.core.device("a").unwrap().registration.unwrap().id;
    let mut stranger = Device::new(&server).await;
    let delete = stranger.confirmable(Code::DELETE, &format!("/rd/{location}"), &[]);
    assert_eq!(stranger.ask(delete).await.code, Code::DELETED);
    server.event("deregistered").await;
    client
        .with(|client, now| client.change(now, |tree| assert!(tree.create(3311, 7))))
        .await;
    server.event("registered").await;
    let registration = server.core.device("a").unwrap().registration.unwrap();
    assert_ne!(registration.id, location);
    assert!(registration.objects.contains(&"/3311/7".parse().unwrap()));
}

#[tokio::test]
async fn ets_107_a_new_lifetime_is_told_by_an_update() {
    let (mut server, _client) = pair(|_| {}).await;
    write(&server, "/1/0/1", json!(600)).await;
    server
        .event_that(|event| matches!(&event.kind, EventKind::Updated { registration: Some(now), .. } if now.lifetime == 600))
        .await;
}

#[tokio::test]
async fn ets_108_queue_mode_is_told_by_its_parameter() {
    for version in [Version::V1_0, Version::V1_1, Version::V1_2] {
        let change = |options: &mut simulator::ClientOptions| {
            options.version = version;
            options.queue_mode = true;
        };
        let (server, _client) = pair(change).await;
        let registration = server.core.device("a").unwrap().registration.unwrap();
        assert!(registration.queue_mode);
        assert_eq!((registration.binding.as_str(), registration.lint.len()), ("U", 0));
    }
}

#[tokio::test]
async fn ets_109_a_request_for_a_sleeping_client_follows_its_next_update() {
    let window = Duration::from_millis(300);
    let server = Server::with(|config| config.awake_window = window);
    let change = |options: &mut simulator::ClientOptions| {
        options.queue_mode = true;
        options.awake_time = window;
    };
    let (mut server, client) = pair_with(server, change).await;
    server.event("asleep").await;
    let read = request(OperationKind::Read, "/3/0/0");
    let ticket = server.core.operate("a", read, "tester").await.unwrap();
    assert_eq!(ticket.view().state, OperationState::Queued);
    client
        .with(|client, now| client.change(now, |tree| assert!(tree.create(3311, 7))))
        .await;
    let view = ticket.wait(PATIENCE).await.unwrap();
    assert_eq!(view.state, OperationState::Done, "{view:?}");
    assert_eq!(json!(view.values[0].value), json!("Example Works"));
}

fn of_profile(options: &mut simulator::ClientOptions) {
    options.version = Version::V1_2;
    options.dialect.profile_id = Some("6:27354b9a".into());
}

#[tokio::test]
async fn ets_1_2_110_a_profile_id_stands_for_the_object_list() {
    let (mut server, client) = pair(of_profile).await;
    // The first time it was refused with 4.09, and the client registered with both.
    let refused = server.journal("a").await;
    let learnt = server.core.profiles();
    assert_eq!(
        (learnt.len(), learnt[0].id.as_str()),
        (1, "6:27354b9a"),
        "{refused:?}"
    );
    assert!(learnt[0].learnt);
    let objects = server.core.device("a").unwrap().registration.unwrap().objects;
    client.with(|client, now| client.deregister(now)).await;
    server.event("deregistered").await;
    drop(client);
    // The second time the identifier is enough.
    let (server, _client) = pair_with(server, of_profile).await;
    let registration = server.core.device("a").unwrap().registration.unwrap();
    assert_eq!(registration.objects, objects);
    assert_eq!(
        registration.extra.get("pid").map(String::as_str),
        Some("6:27354b9a")
    );
    assert_eq!(read(&server, "/3/0/0").await, json!({"/3/0/0": "Example Works"}));
}

#[tokio::test]
async fn ets_1_2_111_a_list_beside_a_profile_id_is_added() {
    let mut server = Server::start();
    let mut device = Device::new(&server).await;
    let queries = ["ep=a", "lt=300", "lwm2m=1.2", "b=U", "pid=6:27354b9a"];
    let unknown = device.try_register(&queries, "</3311/0>").await;
    assert_eq!(unknown.code, Code::CONFLICT, "{}", words(&unknown));
    server.core.set_profile("6:27354b9a", LIST).await.unwrap();
    let location = device.register(&queries, "</3311/0>").await;
    server.event("registered").await;
    let objects = |server: &Server| -> Vec<String> {
        let registration = server.core.device("a").unwrap().registration.unwrap();
        registration.objects.iter().map(|path| path.to_string()).collect()
    };
    assert_eq!(objects(&server), ["/1/0", "/3/0", "/3303/0", "/3311/0"]);
    let update = device.confirmable(Code::POST, &location, &["pid=6:27354b9a"]);
    assert_eq!(device.ask(update).await.code, Code::CHANGED);
    server.event("updated").await;
    assert_eq!(objects(&server), ["/1/0", "/3/0", "/3303/0"]);
    let other = device.confirmable(Code::POST, &location, &["pid=6:00000000"]);
    assert_eq!(device.ask(other).await.code, Code::CONFLICT);
    assert!(server.core.remove_profile("6:27354b9a").await.unwrap());
    assert_eq!(server.core.profiles(), []);
}

#[tokio::test]
async fn profiles_survive_a_restart() {
    let directory = tempfile::tempdir().unwrap();
    let server = Server::of(crate::support::config(directory.path()));
    server.core.set_profile("oma:x", LIST).await.unwrap();
    assert!(server.core.set_profile("no id", LIST).await.is_err());
    assert!(server.core.set_profile("oma:y", "nonsense").await.is_err());
    let before = server.core.profiles();
    server.core.shutdown().await.unwrap();
    let server = Server::of(crate::support::config(directory.path()));
    assert_eq!(server.core.profiles(), before);
}

#[tokio::test]
async fn a_version_that_is_not_served_is_refused_with_4_12_so_that_the_client_steps_down() {
    let server = Server::start();
    let mut device = Device::new(&server).await;
    let answer = device
        .try_register(&["ep=a", "lt=300", "lwm2m=1.3", "b=U"], LIST)
        .await;
    assert_eq!(answer.code, Code::PRECONDITION_FAILED);
}

#[tokio::test]
async fn the_alternate_path_stands_before_everything() {
    for version in [Version::V1_1, Version::V1_2] {
        let change = |options: &mut simulator::ClientOptions| {
            options.version = version;
            options.dialect.root = Some("/lwm2m".into());
        };
        let (mut server, client) = pair(change).await;
        let registration = server.core.device("a").unwrap().registration.unwrap();
        assert_eq!(registration.root_path.as_deref(), Some("/lwm2m"));
        assert_eq!(read(&server, "/3/0/0").await, json!({"/3/0/0": "Example Works"}));
        write(&server, "/3/0/14", json!("+02:00")).await;
        let composite = super::simulated::of_several(OperationKind::ReadComposite, &["/3/0/0", "/3/0/14"]);
        let view = succeeds(&server, composite, "2.05").await;
        assert_eq!(
            super::simulated::values(&view),
            json!({"/3/0/0": "Example Works", "/3/0/14": "+02:00"})
        );
        let create = crate::support::request_with(OperationKind::Create, "/3311", json!({"5850": true}));
        let view = succeeds(&server, create, "2.01").await;
        assert_eq!(view.location, Some("/3311/1".parse().unwrap()));
        let discover = succeeds(&server, request(OperationKind::Discover, "/3311"), "2.05").await;
        assert!(discover.links.unwrap().starts_with("</3311>"));
        succeeds(&server, request(OperationKind::Observe, "/3442/0/110"), "2.05").await;
        client
            .set("/3442/0/110", shared::Value::String("news".into()))
            .await;
        arrives(&mut server, "notify", "/3442/0/110", json!("news")).await;
    }
}

#[tokio::test]
async fn observations_are_made_again_after_every_register() {
    let (mut server, client) = pair(|options| options.version = Version::V1_2).await;
    succeeds(&server, request(OperationKind::Observe, "/3442/0/110"), "2.05").await;
    let together =
        super::simulated::of_several(OperationKind::ObserveComposite, &["/3442/0/120", "/3442/0/140"]);
    succeeds(&server, together, "2.05").await;
    assert_eq!(client.observations().await, 2);
    succeeds(&server, request(OperationKind::Execute, "/3/0/4"), "2.04").await;
    server.event("registered").await;
    for _ in 0..2 {
        server.event("observation_started").await;
    }
    assert_eq!(client.observations().await, 2);
    client.set("/3442/0/120", shared::Value::Integer(77)).await;
    arrives(&mut server, "notify", "/3442/0/120", json!(77)).await;
}

#[tokio::test]
async fn a_lifetime_of_0_has_no_end_and_a_number_for_sms_is_kept() {
    let mut server = Server::start();
    let mut device = Device::new(&server).await;
    device
        .register(
            &["ep=a", "lt=0", "lwm2m=1.2", "b=US", "Q", "sms=491701234567"],
            LIST,
        )
        .await;
    server.event("registered").await;
    let detail = server.core.device("a").unwrap();
    let registration = detail.registration.unwrap();
    assert_eq!(registration.lifetime, 0);
    assert_eq!(registration.sms_number.as_deref(), Some("491701234567"));
    assert!(registration.queue_mode);
}
