//! Several sockets on one port: a registration follows its device.

use crate::support::{Device, LINKS, Server, request};
use coap::Code;
use serde_json::json;
use shared::api::{OperationKind, OperationState};

const SHARDS: usize = 4;

#[tokio::test]
async fn a_device_that_changes_its_address_is_served_by_whichever_shard_it_reaches() {
    let mut server = Server::with(|config| config.shards = SHARDS);
    let mut device = Device::new(&server).await;
    let location = device
        .register(&["ep=a", "lt=300", "lwm2m=1.1", "b=U"], LINKS)
        .await;
    server.event("registered").await;
    // The system deals by address: sixteen of them reach another shard for certain (but for one run in 4^15).
    for round in 0..16 {
        device.rebind().await;
        let update = device.confirmable(Code::POST, &location, &[]);
        assert_eq!(device.ask(update).await.code, Code::CHANGED, "round {round}");
        server.event("updated").await;
        let operation = server.operate("a", request(OperationKind::Read, "/3/0/0"));
        let answer = async {
            let asked = device.asked().await;
            let text = format!("round {round}");
            device
                .answer(&asked, Code::CONTENT, Some(0), text.as_bytes())
                .await;
        };
        assert_eq!(tokio::join!(operation, answer).0.state, OperationState::Done);
        assert_eq!(server.value("a", "/3/0/0"), Some(json!(format!("round {round}"))));
    }
    server.core.shutdown().await.unwrap();
    assert!(server.core.statistics().adopted > 0);
    assert_eq!(server.core.fleet().total, 1);
}

#[tokio::test]
async fn many_devices_register_on_all_shards_and_again_elsewhere() {
    let mut server = Server::with(|config| config.shards = SHARDS);
    let mut devices = Vec::new();
    for number in 0..40 {
        let mut device = Device::new(&server).await;
        let endpoint = format!("ep=device-{number:02}");
        device
            .register(&[&endpoint, "lt=300", "lwm2m=1.1", "b=U"], LINKS)
            .await;
        device.rebind().await;
        let location = device
            .register(&[&endpoint, "lt=300", "lwm2m=1.1", "b=U"], LINKS)
            .await;
        devices.push((device, location));
    }
    for (device, location) in &mut devices {
        let update = device.confirmable(Code::POST, location, &[]);
        assert_eq!(device.ask(update).await.code, Code::CHANGED);
        let goodbye = device.confirmable(Code::DELETE, location, &[]);
        assert_eq!(device.ask(goodbye).await.code, Code::DELETED);
    }
    for _ in 0..40 {
        server.event("deregistered").await;
    }
    let fleet = server.core.fleet();
    assert_eq!(fleet.by_state.get("signed_off"), Some(&40), "{fleet:?}");
}
