//! Configurations from the words of a person to the messages of a device.

use super::*;
use crate::model::{DeviceModels, ObjectModel, ObjectVersion, Operations, Registry, ResourceModel};
use crate::sorted::SortedMap;
use crate::{ContentFormat, DataType, Path, Timestamp, Value};

fn configuration(json: &str) -> BootstrapConfiguration {
    serde_json::from_str(json).unwrap()
}

/// As much of the definitions as these tests need.
fn registry() -> Registry {
    let resource = |id, data_type, multiple| ResourceModel {
        id,
        name: format!("R{id}").into(),
        operations: Operations::default(),
        multiple,
        mandatory: false,
        data_type,
        range: None,
        unit: None,
        description: None,
    };
    let object = |id: u16, resources: &[(u16, DataType)]| ObjectModel {
        id,
        version: ObjectVersion::V1_0,
        name: format!("O{id}").into(),
        lwm2m_version: "".into(),
        multiple: true,
        mandatory: false,
        description: None,
        resources: resources
            .iter()
            .map(|(id, data_type)| resource(*id, *data_type, false))
            .collect(),
    };
    use DataType::{Boolean, Float, Integer, Opaque, String, Unsigned};
    let mut access = object(2, &[(0, Integer), (1, Integer), (2, Integer), (3, Integer)]);
    access.resources[2].multiple = true;
    [
        object(
            0,
            &[
                (0, String),
                (1, Boolean),
                (2, Integer),
                (3, Opaque),
                (4, Opaque),
                (5, Opaque),
                (10, Integer),
                (11, Integer),
                (15, Unsigned),
            ],
        ),
        object(1, &[(0, Integer), (1, Integer), (6, Boolean), (7, String)]),
        access,
        object(3303, &[(5700, Float), (5750, String)]),
    ]
    .into_iter()
    .collect()
}

fn variables() -> Variables {
    let mut variables = Variables::new();
    variables
        .text("endpoint", "pump-7")
        .text("coap_uri", "coap://192.0.2.1:5683")
        .text("coaps_uri", "coaps://192.0.2.1:5684")
        .text("identity", "pump-7.1")
        .text("lifetime", "600")
        .text("tag.site", "north")
        .bytes("key", [7u8; 16]);
    variables
}

fn filled(configuration: &BootstrapConfiguration) -> (Draft, Vec<Finding>) {
    let registry = registry();
    let versions = SortedMap::new();
    let models = DeviceModels::new(&registry, &versions);
    let (draft, mut findings) = Draft::fill(configuration, &variables(), &models);
    findings.extend(check(&draft, &models));
    (draft, findings)
}

fn rules(configuration: &BootstrapConfiguration, severity: Severity) -> Vec<String> {
    let (_, findings) = filled(configuration);
    let found = findings.iter().filter(|finding| finding.severity == severity);
    found.map(|finding| finding.rule.clone()).collect()
}

const ONE: &str =
    r#"{"servers": [{"short_server_id": 101, "uri": "${server_uri}", "lifetime": "${lifetime}"}]}"#;

#[test]
fn an_account_becomes_a_pair_of_instances() {
    let (draft, findings) = filled(&configuration(ONE));
    assert_eq!(findings, []);
    let arrangement = Arrangement::of(&draft, None);
    assert_eq!(arrangement.deletes, [Path::object(0), Path::object(1)]);
    let [security, server] = &arrangement.writes[..] else {
        panic!()
    };
    // Nothing is known of the device, so instance 0 is left to its bootstrap account.
    assert_eq!(security.node.base, Path::instance(0, 1));
    assert_eq!(server.node.base, Path::instance(1, 0));
    let at = |path: &str| security.node.get(path.parse().unwrap()).cloned();
    assert_eq!(at("/0/1/0"), Some(Value::String("coap://192.0.2.1:5683".into())));
    assert_eq!(at("/0/1/2"), Some(Value::Integer(3)));
    assert_eq!(at("/0/1/10"), Some(Value::Integer(101)));
    assert_eq!(
        server.node.get("/1/0/1".parse().unwrap()),
        Some(&Value::Integer(600))
    );
    assert_eq!(
        server.node.get("/1/0/7".parse().unwrap()),
        Some(&Value::String("U".into()))
    );
}

#[test]
fn a_generated_key_goes_to_the_secure_port() {
    let json =
        r#"{"servers": [{"short_server_id": 101, "uri": "${server_uri}", "security": {"mode": "psk"}}]}"#;
    let (draft, findings) = filled(&configuration(json));
    assert_eq!(findings, []);
    let node = &Arrangement::of(&draft, None).writes[0].node;
    assert_eq!(
        node.get("/0/1/0".parse().unwrap()),
        Some(&Value::String("coaps://192.0.2.1:5684".into()))
    );
    assert_eq!(
        node.get("/0/1/3".parse().unwrap()),
        Some(&Value::Opaque(b"pump-7.1".to_vec()))
    );
    assert_eq!(
        node.get("/0/1/5".parse().unwrap()),
        Some(&Value::Opaque(vec![7; 16]))
    );
    assert!(!format!("{draft:?}").contains("7, 7"));
}

#[test]
fn what_would_lock_the_device_out_is_refused() {
    for (json, rule) in [
        (r#"{}"#, "no_server_account"),
        (
            r#"{"servers":[{"short_server_id":101,"uri":"http://x"}]}"#,
            "bad_uri",
        ),
        (
            r#"{"servers":[{"short_server_id":101,"uri":"coap://"}]}"#,
            "bad_uri",
        ),
        (
            r#"{"servers":[{"short_server_id":101,"uri":"coap://a:0"}]}"#,
            "bad_uri",
        ),
        (
            r#"{"servers":[{"short_server_id":101,"uri":"coap://0.0.0.0:5683"}]}"#,
            "unreachable_uri",
        ),
        (
            r#"{"servers":[{"short_server_id":101,"uri":"coaps://a"}]}"#,
            "uri_needs_security",
        ),
        (
            r#"{"servers":[{"short_server_id":0,"uri":"coap://a"}]}"#,
            "bad_short_id",
        ),
        (
            r#"{"servers":[{"short_server_id":65535,"uri":"coap://a"}]}"#,
            "bad_short_id",
        ),
        (
            r#"{"servers":[{"short_server_id":1,"uri":"coap://a"},{"short_server_id":1,"uri":"coap://b"}]}"#,
            "short_id_twice",
        ),
        (
            r#"{"servers":[{"short_server_id":1,"uri":"coap://a","server_resources":{"0":2}}]}"#,
            "mismatched_short_id",
        ),
        (
            r#"{"servers":[{"short_server_id":1,"uri":"coap://${nothing}"}]}"#,
            "bad_template",
        ),
        (
            r#"{"servers":[{"short_server_id":1,"uri":"coap://${endpoint"}]}"#,
            "bad_template",
        ),
        (
            r#"{"servers":[{"short_server_id":1,"uri":"coap://a","lifetime":-1}]}"#,
            "bad_lifetime",
        ),
        (
            r#"{"servers":[{"short_server_id":1,"uri":"coap://a","lifetime":"soon"}]}"#,
            "bad_value",
        ),
        (
            r#"{"servers":[{"short_server_id":1,"uri":"coap://a","binding":"X"}]}"#,
            "bad_binding",
        ),
        (
            r#"{"servers":[{"short_server_id":1,"uri":"coaps://a","security":{"mode":"psk","key":"hex:"}}]}"#,
            "no_key",
        ),
        (
            r#"{"servers":[{"short_server_id":1,"uri":"coaps://a","security":{"mode":"psk","key":"hex:0"}}]}"#,
            "bad_template",
        ),
        (
            r#"{"servers":[{"short_server_id":1,"uri":"coap://a"}],"delete":["/0/1/2"]}"#,
            "bad_delete",
        ),
        (
            r#"{"servers":[{"short_server_id":1,"uri":"coap://a"}],"read":["/0"]}"#,
            "bad_read",
        ),
        (
            r#"{"servers":[{"short_server_id":1,"uri":"coap://a"}],"format":"text"}"#,
            "unknown_format",
        ),
        (
            r#"{"servers":[{"short_server_id":1,"uri":"coap://a"}],"objects":[{"path":"/3303","values":{}}]}"#,
            "not_an_instance",
        ),
        (
            r#"{"servers":[{"short_server_id":1,"uri":"coap://a"}],"objects":[{"path":"/1/0","values":{}},{"path":"/1/0","values":{}}]}"#,
            "instance_twice",
        ),
        (
            r#"{"servers":[{"short_server_id":1,"uri":"coap://a"}],"objects":[{"path":"/3303/0","values":{"5700":"warm"}}]}"#,
            "bad_value",
        ),
        (
            r#"{"servers":[{"short_server_id":1,"uri":"coap://a"}],"access":[{"object":3,"owner":1,"rights":{"1":"RX"}}]}"#,
            "bad_rights",
        ),
    ] {
        let found = rules(&configuration(json), Severity::Refusal);
        assert!(found.iter().any(|found| found == rule), "{json}: {found:?}");
    }
}

#[test]
fn what_may_be_meant_otherwise_is_warned_about() {
    for (json, rule) in [
        (
            r#"{"servers":[{"short_server_id":1,"uri":"coap://127.0.0.1"}]}"#,
            "loopback_uri",
        ),
        (
            r#"{"servers":[{"short_server_id":1,"uri":"coap://localhost"}]}"#,
            "loopback_uri",
        ),
        (
            r#"{"servers":[{"short_server_id":1,"uri":"coap://a","security":{"mode":"psk"}}]}"#,
            "security_unused",
        ),
        (
            r#"{"servers":[{"short_server_id":1,"uri":"coaps://a","security":{"mode":"psk","key":"hex:0102"}}]}"#,
            "short_key",
        ),
        (
            r#"{"servers":[{"short_server_id":1,"uri":"coap+tcp://a","binding":"U"}]}"#,
            "binding_without_scheme",
        ),
        (
            r#"{"servers":[{"short_server_id":1,"uri":"coap://a","lifetime":0}]}"#,
            "endless_lifetime",
        ),
        (
            r#"{"servers":[{"short_server_id":1,"uri":"coap://a","lifetime":20}]}"#,
            "short_lifetime",
        ),
        (
            r#"{"servers":[{"short_server_id":1,"uri":"coap://a"},{"short_server_id":2,"uri":"coap://b"}]}"#,
            "no_access_control",
        ),
        (
            r#"{"servers":[{"short_server_id":1,"uri":"coap://a"}],"access":[{"object":3,"instance":0,"owner":9}]}"#,
            "unknown_server",
        ),
        (
            r#"{"servers":[{"short_server_id":1,"uri":"coap://a"}],"delete":["/"]}"#,
            "deletes_everything",
        ),
        (
            r#"{"servers":[{"short_server_id":1,"uri":"coap://a"}],"delete":[]}"#,
            "keeps_accounts",
        ),
        (
            r#"{"servers":[{"short_server_id":1,"uri":"coap://a"}],"objects":[{"path":"/9999/0","values":{"0":1}}]}"#,
            "unknown_object",
        ),
        (
            r#"{"servers":[{"short_server_id":1,"uri":"coap://a"}],"objects":[{"path":"/0/7","values":{"0":"coap://b","1":true,"2":3}}]}"#,
            "replaces_bootstrap_account",
        ),
    ] {
        let found = rules(&configuration(json), Severity::Warning);
        assert!(found.iter().any(|found| found == rule), "{json}: {found:?}");
        assert_eq!(
            rules(&configuration(json), Severity::Refusal),
            Vec::<String>::new(),
            "{json}"
        );
    }
}

#[test]
fn the_bootstrap_account_is_never_written_over() {
    let (draft, _) = filled(&configuration(ONE));
    for (answer, instance) in [
        ("</>;lwm2m=1.1,</0/0>;uri=\"coap://bs\",</1/0>", 1),
        ("</0/1>;uri=\"coap://bs\",</0/0>;ssid=5", 0),
        ("</0/0>,</0/1>,</0/2>;ssid=9", 2),
        ("</0/0>,</0/3>;ssid=101,</3/0>", 3),
        ("lwm2m=1.0,</0/0>,</0/1>;ssid=3", 1),
    ] {
        let discovered = Discovered::parse(answer).unwrap();
        let arrangement = Arrangement::of(&draft, Some(&discovered));
        assert_eq!(
            arrangement.writes[0].node.base,
            Path::instance(0, instance),
            "{answer}"
        );
        assert!(arrangement.conflicts.is_empty());
    }
    let fixed = r#"{"servers":[{"short_server_id":1,"uri":"coap://a","security_instance":2}]}"#;
    let (draft, _) = filled(&configuration(fixed));
    let discovered = Discovered::parse("</0/2>").unwrap();
    assert_eq!(Arrangement::of(&draft, Some(&discovered)).conflicts.len(), 1);
}

#[test]
fn what_is_not_deleted_is_not_written_over() {
    let json = r#"{"delete":[],"servers":[{"short_server_id":1,"uri":"coap://a"},{"short_server_id":2,"uri":"coap://b"}]}"#;
    let (draft, _) = filled(&configuration(json));
    let discovered = Discovered::parse("</0/0>,</0/1>;ssid=7,</0/4>;ssid=2,</1/0>,</1/1>").unwrap();
    let arrangement = Arrangement::of(&draft, Some(&discovered));
    let bases: Vec<String> = arrangement
        .writes
        .iter()
        .map(|it| it.node.base.to_string())
        .collect();
    assert_eq!(bases, ["/0/2", "/0/4", "/1/2", "/1/3"]);
}

#[test]
fn answers_to_discover_as_clients_give_them() {
    for (answer, version, security) in [
        (
            "</>;lwm2m=1.1,</0/0>;ssid=101;uri=\"coaps://x\",</0/1>,</1/0>,</3/0>,</5>",
            Some("1.1"),
            vec![(0, Some(101)), (1, None)],
        ),
        (
            "</>;lwm2m=\"1.2\", </0/0/>;uri=coap://x , </0/2>;ssid=\"7\"",
            Some("1.2"),
            vec![(0, None), (2, Some(7))],
        ),
        (
            "lwm2m=1.0,</0/0>,</0/1>;ssid=1",
            Some("1.0"),
            vec![(0, None), (1, Some(1))],
        ),
        ("lwm2m=\"1.0\"", Some("1.0"), vec![]),
        ("</0/x>,</>,</0/5>;ssid=70000", None, vec![(5, None)]),
        ("", None, vec![]),
    ] {
        let discovered = Discovered::parse(answer).unwrap();
        assert_eq!(discovered.version.map(|it| it.as_str()), version, "{answer}");
        let found: Vec<_> = discovered
            .security
            .iter()
            .map(|it| (it.instance, it.short_server_id))
            .collect();
        assert_eq!(found, security, "{answer}");
    }
    assert!(Discovered::parse("nonsense").is_err());
}

#[test]
fn a_dry_run_shows_the_exact_messages_and_no_secret() {
    let json = r#"{"read":["/1"],"servers":[{"short_server_id":101,"uri":"${server_uri}","security":{"mode":"psk","key":"hex:aabbccddeeff00112233445566778899"}}]}"#;
    let (draft, _) = filled(&configuration(json));
    let arrangement = Arrangement::of(&draft, Some(&Discovered::parse("</0/0>").unwrap()));
    let registry = registry();
    let versions = SortedMap::new();
    let models = DeviceModels::new(&registry, &versions);
    let shown = messages(&arrangement, ContentFormat::TLV, &models, Timestamp(0)).unwrap();
    let lines: Vec<String> = shown
        .iter()
        .map(|message| format!("{} {}", message.method, message.path))
        .collect();
    assert_eq!(
        lines,
        [
            "GET /",
            "GET /1",
            "DELETE /0",
            "DELETE /1",
            "PUT /0/1",
            "PUT /1/0",
            "POST /bs"
        ]
    );
    let real = payload(
        &arrangement.writes[0].node,
        ContentFormat::TLV,
        &models,
        Timestamp(0),
    )
    .unwrap();
    assert_eq!(shown[4].payload.len(), real.len() * 2);
    let all = serde_json::to_string(&shown).unwrap();
    assert!(
        !all.contains("aabbccdd") && all.contains("\"secret\":true"),
        "{all}"
    );
}

#[test]
fn every_format_carries_a_configuration_and_all_but_tlv_a_pack() {
    let (draft, _) = filled(&configuration(ONE));
    let arrangement = Arrangement::for_pack(&draft, None);
    let registry = registry();
    let versions = SortedMap::new();
    let models = DeviceModels::new(&registry, &versions);
    for format in FORMATS {
        for write in &arrangement.writes {
            let bytes = payload(&write.node, format, &models, Timestamp(0)).unwrap();
            let context = crate::codec::Context::new(&models, Timestamp(0));
            let back = crate::codec::decode(format, write.node.base, &bytes, &context).unwrap();
            assert_eq!(back.entries, write.node.entries, "{format}");
        }
        assert_eq!(
            pack(&arrangement, format, &models, Timestamp(0)).is_ok(),
            format != ContentFormat::TLV,
            "{format}"
        );
    }
    // Nothing is known of the device, so the accounts stand far from where its bootstrap account may be.
    assert_eq!(arrangement.writes[0].node.base, Path::instance(0, 100));
}

#[test]
fn secrets_are_shown_as_stored_and_kept_when_sent_back() {
    let json = r#"{"servers":[{"short_server_id":1,"uri":"coaps://a","security":{"mode":"psk","identity":"x","key":"hex:0102"}}],
        "objects":[{"path":"/21/0","values":{"0":"hex:0a","1":"hex:01"}}]}"#;
    let stored = configuration(json);
    let shown = stored.redacted();
    let text = serde_json::to_string(&shown).unwrap();
    assert!(
        !text.contains("0102") && !text.contains("hex:0a") && text.contains(STORED),
        "{text}"
    );
    let (back, missing) = shown.restored(Some(&stored));
    assert_eq!((back, missing), (stored, vec![]));
    let (_, missing) = shown.restored(None);
    assert_eq!(missing, ["server 1", "/21/0 resource 0"]);
    // A variable is no secret.
    let generated =
        configuration(r#"{"servers":[{"short_server_id":1,"uri":"coaps://a","security":{"mode":"psk"}}]}"#);
    assert_eq!(generated.redacted(), generated);
}

#[test]
fn templates_are_filled_in() {
    let variables = variables();
    for (template, text) in [
        ("${endpoint}", Ok("pump-7".to_owned())),
        ("a ${tag.site}-${endpoint} b", Ok("a north-pump-7 b".to_owned())),
        ("5$ and $$${endpoint}", Ok("5$ and $pump-7".to_owned())),
        ("${", Err(TemplateError::Unclosed)),
        ("x${key}", Err(TemplateError::BytesInText("key".into()))),
    ] {
        assert_eq!(variables.expand(template), text, "{template}");
    }
    assert!(matches!(
        variables.expand("${no}"),
        Err(TemplateError::Unknown { .. })
    ));
    for (template, bytes) in [
        ("${key}", Some(vec![7; 16])),
        ("hex:0A0b", Some(vec![10, 11])),
        ("text:${endpoint}", Some(b"pump-7".to_vec())),
        ("AQI=", Some(vec![1, 2])),
        ("", Some(vec![])),
        ("hex:0", None),
        ("hex:xy", None),
        ("???", None),
    ] {
        assert_eq!(variables.expand_bytes(template).ok(), bytes, "{template}");
    }
}
