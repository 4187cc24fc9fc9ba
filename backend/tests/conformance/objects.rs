//! Other objects of the enabler and of OMA's registry: connectivity, location, statistics, portfolio, data, log.

use super::simulated::{arrives, in_format, notifies, pair_holding, read, refused, succeeds, values, write};
use crate::support::{request, request_with};
use serde_json::json;
use shared::Value;
use shared::api::OperationKind;
use simulator::objects::{Connectivity, EventLog, Location, Records, Statistics};

#[tokio::test]
async fn ets_701_and_710_connectivity_is_read_and_observed() {
    let (mut server, client) = pair_holding(vec![Box::new(Connectivity::narrow_band(-90.0, 1))]).await;
    let found = read(&server, "/4/0").await;
    assert_eq!((&found["/4/0/0"], &found["/4/0/1/0"]), (&json!(7), &json!(7)));
    assert!(
        found["/4/0/2"]
            .as_i64()
            .is_some_and(|signal| (-130..=-50).contains(&signal))
    );
    assert!(found["/4/0/4/0"].is_string(), "{found}");
    succeeds(&server, request(OperationKind::Observe, "/4/0"), "2.05").await;
    client.set("/4/0/8", Value::Integer(99)).await;
    notifies(&mut server, "/4/0").await;
}

#[tokio::test]
async fn ets_801_and_810_a_location_is_read_and_observed() {
    let tour = Location {
        around: (52.5, 13.4),
        radius: 500.0,
        period: 600.0,
        seed: 1,
    };
    let (mut server, _client) = pair_holding(vec![Box::new(tour)]).await;
    let found = read(&server, "/6/0").await;
    assert!(
        found["/6/0/0"]
            .as_f64()
            .is_some_and(|latitude| (52.4..52.6).contains(&latitude))
    );
    assert!(found["/6/0/5"].is_string(), "its time of fix: {found}");
    succeeds(&server, request(OperationKind::Observe, "/6/0"), "2.05").await;
    notifies(&mut server, "/6/0").await;
}

#[tokio::test]
async fn ets_901_905_and_910_statistics_are_counted_stopped_and_observed() {
    let (mut server, _client) = pair_holding(vec![Box::new(Statistics::default())]).await;
    assert_eq!(read(&server, "/7/0/2").await, json!({"/7/0/2": 0}));
    succeeds(&server, request(OperationKind::Observe, "/7/0/2"), "2.05").await;
    succeeds(&server, request(OperationKind::Execute, "/7/0/6"), "2.04").await;
    arrives(&mut server, "notify", "/7/0/2", json!(4)).await;
    succeeds(&server, request(OperationKind::Execute, "/7/0/7"), "2.04").await;
    let stopped = read(&server, "/7/0/2").await;
    assert!(
        stopped["/7/0/2"].as_i64().is_some_and(|sent| sent >= 4),
        "{stopped}"
    );
    // A period ends it by itself: one second, and no more is counted.
    write(&server, "/7/0/8", json!(1)).await;
    succeeds(&server, request(OperationKind::Execute, "/7/0/6"), "2.04").await;
    arrives(&mut server, "notify", "/7/0/2", json!(0)).await;
    arrives(&mut server, "notify", "/7/0/2", json!(4)).await;
    assert_eq!(read(&server, "/7/0/2").await, json!({"/7/0/2": 4}));
}

#[tokio::test]
async fn ets_1200_to_1204_cellular_connectivity_is_read_written_and_observed() {
    let (mut server, _client) = pair_holding(vec![Box::new(Records::cellular())]).await;
    let found = read(&server, "/10/0").await;
    assert_eq!(
        (&found["/10/0/4"], &found["/10/0/11/0"], &found["/10/0/12"]),
        (&json!(14_400), &json!("11:0"), &json!(3))
    );
    // The release assistance indication: ETS 1202, whose TLV is C1 0E 02.
    let release = request_with(OperationKind::Write, "/10/0/14", json!(2));
    succeeds(&server, in_format("tlv", release), "2.04").await;
    assert_eq!(read(&server, "/10/0/14").await, json!({"/10/0/14": 2}));
    succeeds(&server, request(OperationKind::Observe, "/10/0"), "2.05").await;
    let timers = request_with(OperationKind::Update, "/10/0", json!({"4": 7200, "5": 60}));
    succeeds(&server, timers, "2.04").await;
    arrives(&mut server, "notify", "/10/0/4", json!(7200)).await;
    assert_eq!(read(&server, "/10/0/5").await, json!({"/10/0/5": 60}));
}

/// ETS 1250 (CONMGMT): the new profile is in the object list that the client sends by itself.
#[tokio::test]
async fn ets_1250_an_access_point_is_added_and_listed() {
    let more: Vec<Box<dyn simulator::objects::Behaviour>> =
        vec![Box::new(Records::cellular()), Box::new(Records::access_points())];
    let (mut server, _client) = pair_holding(more).await;
    let profile = json!({"0": "Second", "1": "second.example", "4": 0});
    let made = succeeds(
        &server,
        request_with(OperationKind::Create, "/11", profile),
        "2.01",
    )
    .await;
    assert_eq!(
        made.location.map(|path| path.to_string()).as_deref(),
        Some("/11/1")
    );
    server.event("updated").await;
    let detail = server.core.device("a").unwrap();
    let objects = detail.registration.unwrap().objects;
    assert!(
        objects.iter().any(|path| path.to_string() == "/11/1"),
        "{objects:?}"
    );
    assert_eq!(
        read(&server, "/11/1/1").await,
        json!({"/11/1/1": "second.example"})
    );
}

#[tokio::test]
async fn ets_1630_and_1635_a_portfolio_is_created_and_deleted() {
    let (server, _client) = pair_holding(vec![Box::new(Records::portfolio())]).await;
    assert_eq!(
        read(&server, "/16/0/0/3").await,
        json!({"/16/0/0/3": "Host Device Unique ID #1"})
    );
    let names = json!({"0": {"0": "Host Device ID #2", "1": "Host Device Model #2"}});
    succeeds(&server, request_with(OperationKind::Create, "/16", names), "2.01").await;
    assert_eq!(
        read(&server, "/16/1").await,
        json!({"/16/1/0/0": "Host Device ID #2", "/16/1/0/1": "Host Device Model #2"})
    );
    succeeds(&server, request(OperationKind::Delete, "/16/1"), "2.02").await;
    refused(&server, request(OperationKind::Read, "/16/1"), "4.04").await;
}

#[tokio::test]
async fn ets_1900_and_1901_application_data_is_observed_and_written() {
    let (mut server, client) = pair_holding(vec![Box::new(Records::app_data())]).await;
    let first = succeeds(&server, request(OperationKind::Observe, "/19/0"), "2.05").await;
    assert_eq!(values(&first)["/19/0/0/0"], json!("AQID"));
    client.set("/19/0/0/0", Value::Opaque(vec![9, 8, 7])).await;
    arrives(&mut server, "notify", "/19/0/0/0", json!("CQgH")).await;
    write(&server, "/19/1/0", json!({"0": "AAEC"})).await;
    assert_eq!(client.get("/19/1/0/0").await, Some(Value::Opaque(vec![0, 1, 2])));
}

#[tokio::test]
async fn ets_2000_and_2001_a_log_is_begun_and_read() {
    let (server, _client) = pair_holding(vec![Box::new(EventLog::default())]).await;
    assert_eq!(read(&server, "/20/0/4013").await, json!({"/20/0/4013": 0}));
    // Nothing is being written yet.
    refused(&server, request(OperationKind::Execute, "/20/0/4012"), "4.05").await;
    succeeds(&server, request(OperationKind::Execute, "/20/0/4011"), "2.04").await;
    assert_eq!(read(&server, "/20/0/4013").await, json!({"/20/0/4013": 1}));
    succeeds(&server, request(OperationKind::Execute, "/20/0/4012"), "2.04").await;
    let log = succeeds(
        &server,
        in_format("opaque", request(OperationKind::Read, "/20/0/4014")),
        "2.05",
    )
    .await;
    let Ok(Value::Opaque(bytes)) = log.values[0].typed() else {
        panic!("{log:?}")
    };
    let text = String::from_utf8(bytes).unwrap();
    assert!(text.contains(" start\n") && text.ends_with(" stop"), "{text}");
}
