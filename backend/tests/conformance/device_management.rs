//! Device management and service enablement. LwM2M Core 1.2 §6.3, §7.3.

use super::simulated::{
    in_format, of_several, pair, pair_of, read, refused, succeeds, values, write, write_composite,
};
use crate::support::{request, request_with};
use backend::core::OperateError;
use serde_json::json;
use shared::api::{OperationKind, OperationRequest};
use shared::{Value, Version};

/// A Read of `path` in this format has to bring these values.
async fn reads(version: Version, format: &str, path: &str, expect: serde_json::Value) {
    let (server, _client) = pair_of(version).await;
    let asked = in_format(format, request(OperationKind::Read, path));
    let view = succeeds(&server, asked, "2.05").await;
    assert_eq!(values(&view), expect, "{version} {format}");
}

#[tokio::test]
async fn ets_201_read_plain_text() {
    for (path, value) in [
        ("/3/0/0", "Example Works"),
        ("/3/0/1", "X1"),
        ("/3/0/2", "000001"),
    ] {
        reads(Version::V1_0, "text", path, json!({path: value})).await;
    }
}

#[tokio::test]
async fn ets_203_read_tlv() {
    reads(
        Version::V1_0,
        "tlv",
        "/3442/0/1110",
        json!({"/3442/0/1110/0": "initial value", "/3442/0/1110/1": "initial value"}),
    )
    .await;
}

#[tokio::test]
async fn ets_204_read_old_json() {
    reads(
        Version::V1_0,
        "json",
        "/3/0/0",
        json!({"/3/0/0": "Example Works"}),
    )
    .await;
}

#[tokio::test]
async fn ets_205_write_plain_text_and_read_it_back() {
    let (server, _client) = pair_of(Version::V1_0).await;
    let asked = in_format(
        "text",
        request_with(OperationKind::Write, "/3/0/15", json!("Europe/Berlin")),
    );
    succeeds(&server, asked, "2.04").await;
    assert_eq!(
        read(&server, "/3/0/15").await,
        json!({"/3/0/15": "Europe/Berlin"})
    );
}

#[tokio::test]
async fn ets_211_read_cbor() {
    reads(
        Version::V1_1,
        "cbor",
        "/3/0/0",
        json!({"/3/0/0": "Example Works"}),
    )
    .await;
}

#[tokio::test]
async fn ets_212_write_cbor() {
    let (server, _client) = pair_of(Version::V1_1).await;
    let asked = in_format(
        "cbor",
        request_with(OperationKind::Write, "/3442/0/120", json!(-7)),
    );
    succeeds(&server, asked, "2.04").await;
    assert_eq!(read(&server, "/3442/0/120").await, json!({"/3442/0/120": -7}));
}

#[tokio::test]
async fn ets_215_write_tlv_partially_then_replacing() {
    let (server, client) = pair_of(Version::V1_0).await;
    let partial = request_with(OperationKind::Update, "/3442/0", json!({"110": "one", "120": 2}));
    succeeds(&server, in_format("tlv", partial), "2.04").await;
    assert_eq!(client.get("/3442/0/110").await, Some(Value::String("one".into())));
    let replacing = request_with(OperationKind::Write, "/3442/0", json!({"110": "two"}));
    succeeds(&server, in_format("tlv", replacing), "2.04").await;
    assert_eq!(client.get("/3442/0/110").await, Some(Value::String("two".into())));
    assert_eq!(client.get("/3442/0/120").await, None);
}

#[tokio::test]
async fn ets_220_write_old_json() {
    let (server, client) = pair_of(Version::V1_0).await;
    let asked = request_with(
        OperationKind::Update,
        "/3/0",
        json!({"14": "+03:00", "15": "Asia/Riyadh"}),
    );
    succeeds(&server, in_format("json", asked), "2.04").await;
    assert_eq!(client.get("/3/0/14").await, Some(Value::String("+03:00".into())));
}

#[tokio::test]
async fn ets_221_the_security_object_is_out_of_reach() {
    let (server, _client) = pair(|_| {}).await;
    for object in [0, 21, 23] {
        let asked = request(OperationKind::Read, &format!("/{object}/0"));
        let error = server.core.operate("a", asked, "tester").await.unwrap_err();
        assert!(matches!(error, OperateError::BadRequest(_)), "{error}");
    }
}

#[tokio::test]
async fn ets_222_to_225_read_object_instance_resource_and_resource_instance() {
    let (server, _client) = pair(|_| {}).await;
    let object = read(&server, "/1").await;
    assert_eq!(object["/1/0/1"], json!(300));
    assert_eq!(object, read(&server, "/1/0").await);
    assert_eq!(read(&server, "/1/0/1").await, json!({"/1/0/1": 300}));
    assert_eq!(read(&server, "/3/0/11/0").await, json!({"/3/0/11/0": 0}));
    refused(&server, request(OperationKind::Read, "/3/0/11/9"), "4.04").await;
}

#[tokio::test]
async fn ets_226_to_228_write_partially_replacing_and_a_resource_instance() {
    let (server, client) = pair(|_| {}).await;
    let partial = request_with(OperationKind::Update, "/1/0", json!({"2": 5, "3": 60}));
    succeeds(&server, partial, "2.04").await;
    assert_eq!(client.get("/1/0/2").await, Some(Value::Integer(5)));
    let all = json!({"0": "a", "1": "b"});
    write(&server, "/3442/0/1110", all).await;
    write(&server, "/3442/0/1110/1", json!("c")).await;
    assert_eq!(
        read(&server, "/3442/0/1110").await,
        json!({"/3442/0/1110/0": "a", "/3442/0/1110/1": "c"})
    );
    write(&server, "/3442/0/1110", json!({"5": "d"})).await;
    assert_eq!(
        read(&server, "/3442/0/1110").await,
        json!({"/3442/0/1110/5": "d"})
    );
}

#[tokio::test]
async fn the_instances_of_one_resource_are_written_partially_since_1_2() {
    let (server, _client) = pair_of(Version::V1_2).await;
    write(&server, "/3442/0/1120", json!({"0": 1})).await;
    let partial = request_with(OperationKind::Update, "/3442/0/1120", json!({"3": 4}));
    succeeds(&server, partial.clone(), "2.04").await;
    assert_eq!(
        read(&server, "/3442/0/1120").await,
        json!({"/3442/0/1120/0": 1, "/3442/0/1120/3": 4})
    );
    let (older, _client) = pair_of(Version::V1_1).await;
    let error = older.core.operate("a", partial, "tester").await.unwrap_err();
    assert!(error.to_string().contains("since LwM2M 1.2"), "{error}");
}

#[tokio::test]
async fn ets_230_and_257_write_composite_to_two_objects() {
    for version in [Version::V1_1, Version::V1_2] {
        let (server, client) = pair_of(version).await;
        let asked = write_composite(json!({"/1/0/2": 10, "/3/0/14": "+05:00", "/3442/0/1110/0": "x"}));
        succeeds(&server, asked, "2.04").await;
        assert_eq!(client.get("/1/0/2").await, Some(Value::Integer(10)));
        assert_eq!(
            client.get("/3442/0/1110/0").await,
            Some(Value::String("x".into()))
        );
        // All or nothing.
        let asked = OperationRequest {
            data_type: Some(shared::DataType::Integer),
            ..write_composite(json!({"/1/0/2": 99, "/33000/0/1": 1}))
        };
        refused(&server, asked, "4.04").await;
        assert_eq!(client.get("/1/0/2").await, Some(Value::Integer(10)));
    }
}

#[tokio::test]
async fn a_write_composite_takes_a_resource_instance_away_since_1_2() {
    let (server, client) = pair_of(Version::V1_2).await;
    write(&server, "/3442/0/1110", json!({"0": "a", "1": "b"})).await;
    let asked = write_composite(json!({"/3442/0/1110/1": null, "/3442/0/120": 5}));
    succeeds(&server, asked.clone(), "2.04").await;
    assert_eq!(client.get("/3442/0/1110/1").await, None);
    assert_eq!(client.get("/3442/0/120").await, Some(Value::Integer(5)));
    let (older, _client) = pair_of(Version::V1_1).await;
    assert!(older.core.operate("a", asked, "tester").await.is_err());
}

#[tokio::test]
async fn ets_231_and_232_read_senml() {
    for format in ["senml_json", "senml_cbor"] {
        reads(
            Version::V1_1,
            format,
            "/3442/0/1110",
            json!({"/3442/0/1110/0": "initial value", "/3442/0/1110/1": "initial value"}),
        )
        .await;
    }
}

#[tokio::test]
async fn ets_233_and_234_write_senml() {
    for format in ["senml_json", "senml_cbor"] {
        let (server, client) = pair_of(Version::V1_1).await;
        let asked = request_with(OperationKind::Write, "/3/0/14", json!("+09:00"));
        succeeds(&server, in_format(format, asked), "2.04").await;
        assert_eq!(client.get("/3/0/14").await, Some(Value::String("+09:00".into())));
    }
}

#[tokio::test]
async fn ets_235_read_composite_of_the_root() {
    let (server, _client) = pair_of(Version::V1_1).await;
    let view = succeeds(&server, of_several(OperationKind::ReadComposite, &["/"]), "2.05").await;
    let found = values(&view);
    assert_eq!(found["/1/0/1"], json!(300));
    assert_eq!(found["/3/0/0"], json!("Example Works"));
    assert!(
        !found
            .as_object()
            .unwrap()
            .keys()
            .any(|path| path.starts_with("/0/"))
    );
}

#[tokio::test]
async fn ets_236_and_280_read_composite_leaves_out_what_is_not_there() {
    for version in [Version::V1_1, Version::V1_2] {
        let (server, _client) = pair_of(version).await;
        let asked = of_several(
            OperationKind::ReadComposite,
            &["/3/0/0", "/3/0/3", "/1/0/1", "/3303/9", "/4711/0/1"],
        );
        let view = succeeds(&server, asked, "2.05").await;
        assert_eq!(
            values(&view),
            json!({"/3/0/0": "Example Works", "/3/0/3": "1.0.0", "/1/0/1": 300})
        );
    }
}

#[tokio::test]
async fn ets_281_read_composite_leaves_out_what_is_executable() {
    let (server, _client) = pair_of(Version::V1_1).await;
    let asked = of_several(OperationKind::ReadComposite, &["/3/0/4", "/3/0/14"]);
    let view = succeeds(&server, asked, "2.05").await;
    assert_eq!(values(&view), json!({"/3/0/14": "+00:00"}));
}

#[tokio::test]
async fn ets_237_the_client_chooses_a_format_where_none_is_asked_for() {
    // A client that has none of the formats it is asked for is asked without Accept at last.
    let change = |options: &mut simulator::ClientOptions| {
        options.version = Version::V1_1;
        options.dialect.format = Some(shared::ContentFormat::CBOR);
        options.dialect.only = true;
    };
    let (server, _client) = pair(change).await;
    assert_eq!(read(&server, "/3/0/0").await, json!({"/3/0/0": "Example Works"}));
}

#[tokio::test]
async fn ets_241_reboot() {
    let (mut server, _client) = pair(|_| {}).await;
    succeeds(&server, request(OperationKind::Execute, "/3/0/4"), "2.04").await;
    let event = server.event("registered").await;
    assert!(matches!(
        event.kind,
        shared::event::EventKind::Registered { replaced: true, .. }
    ));
}

#[tokio::test]
async fn ets_256_a_resource_that_is_read_only_is_not_written() {
    let (server, _client) = pair(|_| {}).await;
    // The server knows the definition and does not ask; asked all the same, below one it does not know, the client refuses.
    let asked = request_with(OperationKind::Write, "/3/0/0", json!("Acme"));
    let error = server.core.operate("a", asked, "tester").await.unwrap_err();
    assert!(matches!(error, OperateError::DoesNotFitModel(_)), "{error}");
}

#[tokio::test]
async fn ets_260_discover_shows_attributes() {
    let (server, _client) = pair(|_| {}).await;
    let attributes = json!({"pmin": 10, "pmax": 60});
    succeeds(
        &server,
        request_with(OperationKind::WriteAttributes, "/3303/0", attributes),
        "2.04",
    )
    .await;
    let attributes = json!({"gt": 45.5, "lt": -5, "st": 1});
    succeeds(
        &server,
        request_with(OperationKind::WriteAttributes, "/3303/0/5700", attributes),
        "2.04",
    )
    .await;
    let view = succeeds(&server, request(OperationKind::Discover, "/3303"), "2.05").await;
    let links = view.links.unwrap();
    assert!(links.contains("</3303/0>;pmin=10;pmax=60"), "{links}");
    assert!(links.contains("</3303/0/5700>;gt=45.5;lt=-5;st=1"), "{links}");
    // What is asked for itself shows what it inherits. LwM2M 1.2.2.
    let view = succeeds(&server, request(OperationKind::Discover, "/3303/0/5700"), "2.05").await;
    let links = view.links.unwrap();
    assert!(links.contains("pmin=10") && links.contains("st=1"), "{links}");
    let unset = json!({"gt": null, "lt": null, "st": null});
    succeeds(
        &server,
        request_with(OperationKind::WriteAttributes, "/3303/0/5700", unset),
        "2.04",
    )
    .await;
    let view = succeeds(&server, request(OperationKind::Discover, "/3303/0"), "2.05").await;
    assert!(!view.links.unwrap().contains("gt="));
}

#[tokio::test]
async fn ets_261_write_attributes_on_a_resource_instance() {
    let (server, _client) = pair_of(Version::V1_2).await;
    let attributes = json!({"pmin": 5, "pmax": 0, "epmin": 1, "epmax": 2, "con": 1});
    let asked = request_with(OperationKind::WriteAttributes, "/3/0/11/0", attributes);
    succeeds(&server, asked, "2.04").await;
    let view = succeeds(&server, request(OperationKind::Discover, "/3/0/11"), "2.05").await;
    let links = view.links.unwrap();
    assert!(links.contains("</3/0/11/0>;pmin=5"), "{links}");
    assert!(links.contains("dim=1"), "{links}");
}

#[tokio::test]
async fn ets_1_2_264_and_266_discover_with_a_depth() {
    let (server, _client) = pair_of(Version::V1_2).await;
    let mut found = Vec::new();
    for depth in 0..=3 {
        let asked = request_with(OperationKind::Discover, "/3442", json!({"depth": depth}));
        let links = succeeds(&server, asked, "2.05").await.links.unwrap();
        found.push((
            links.contains("</3442/0>"),
            links.contains("</3442/0/110>"),
            links.contains("</3442/0/1110/0>"),
        ));
    }
    assert_eq!(
        found,
        [
            (false, false, false),
            (true, false, false),
            (true, true, false),
            (true, true, true)
        ]
    );
    let (older, _client) = pair_of(Version::V1_1).await;
    let asked = request_with(OperationKind::Discover, "/3442", json!({"depth": 1}));
    let error = older.core.operate("a", asked, "tester").await.unwrap_err();
    assert!(error.to_string().contains("since LwM2M 1.2"), "{error}");
}

/// ETS 270, 290, 1630 and 1635 have this with object 16; the simulated client has lamps that can be made.
#[tokio::test]
async fn ets_270_and_290_create_and_delete_an_instance() {
    for (version, format) in [
        (Version::V1_0, Some("tlv")),
        (Version::V1_1, Some("senml_json")),
        (Version::V1_1, None),
        (Version::V1_2, Some("senml_cbor")),
        (Version::V1_2, Some("lwm2m_cbor")),
    ] {
        let (server, client) = pair_of(version).await;
        for (path, location) in [("/3311", "/3311/1"), ("/3311/9", "/3311/9")] {
            let asked = OperationRequest {
                format: format.map(String::from),
                ..request_with(OperationKind::Create, path, json!({"5850": true, "5851": 30}))
            };
            let view = succeeds(&server, asked.clone(), "2.01").await;
            assert_eq!(
                view.location,
                Some(location.parse().unwrap()),
                "{version} {format:?}"
            );
            let dimmer = format!("{location}/5851");
            assert_eq!(client.get(&dimmer).await, Some(Value::Integer(30)));
            if path != "/3311" {
                refused(&server, asked, "4.00").await;
            }
            succeeds(&server, request(OperationKind::Delete, location), "2.02").await;
            assert_eq!(client.get(&dimmer).await, None);
        }
        refused(&server, request(OperationKind::Delete, "/3303/0"), "4.05").await;
    }
}

#[tokio::test]
async fn a_resource_instance_is_deleted_since_1_2() {
    let (server, client) = pair_of(Version::V1_2).await;
    write(&server, "/3442/0/1110", json!({"0": "a", "1": "b"})).await;
    succeeds(&server, request(OperationKind::Delete, "/3442/0/1110/1"), "2.02").await;
    assert_eq!(client.get("/3442/0/1110/1").await, None);
    let (older, _client) = pair_of(Version::V1_1).await;
    let asked = request(OperationKind::Delete, "/3442/0/1110/0");
    let error = older.core.operate("a", asked, "tester").await.unwrap_err();
    assert!(error.to_string().contains("since LwM2M 1.2"), "{error}");
}

#[tokio::test]
async fn ets_680_and_685_the_device_object_is_neither_made_nor_deleted() {
    let (server, _client) = pair(|_| {}).await;
    refused(
        &server,
        request_with(OperationKind::Create, "/3", json!({})),
        "4.05",
    )
    .await;
    let asked = request(OperationKind::Delete, "/3/0");
    assert!(server.core.operate("a", asked, "tester").await.is_err());
}

#[tokio::test]
async fn an_execute_carries_checked_arguments() {
    let (server, _client) = pair(|_| {}).await;
    let asked = request_with(
        OperationKind::Execute,
        "/3442/0/3",
        json!("0='http://x/y',5,9=''"),
    );
    succeeds(&server, asked, "2.04").await;
    assert_eq!(
        read(&server, "/3442/0/4").await,
        json!({"/3442/0/4/0": "0,http://x/y", "/3442/0/4/5": "5", "/3442/0/4/9": "9,"})
    );
    for wrong in ["0,0", "0='a b'", "a", "0=1"] {
        let asked = request_with(OperationKind::Execute, "/3442/0/3", json!(wrong));
        assert!(
            server.core.operate("a", asked, "tester").await.is_err(),
            "{wrong}"
        );
    }
}

#[tokio::test]
async fn ets_651_and_652_the_device_object_is_written_and_read() {
    let (server, _client) = pair(|_| {}).await;
    write(&server, "/3/0/14", json!("+01:00")).await;
    write(&server, "/3/0/15", json!("Europe/Oslo")).await;
    assert_eq!(read(&server, "/3/0/3").await, json!({"/3/0/3": "1.0.0"}));
}
