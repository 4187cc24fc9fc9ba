//! Devices that are made known before they come, in files of many, and that leave for good.

use crate::support::{Client, Server};
use axum::http::Method;
use serde_json::Value;
use shared::api::Role;
use std::fmt::Write;

const JSON: &str = "application/json";

async fn import(client: &Client, id: &str, csv: &str) -> crate::support::Answer {
    client
        .send(
            Method::POST,
            &format!("/api/v1/devices/import?id={id}"),
            "text/csv",
            csv,
        )
        .await
}

#[tokio::test]
async fn one_device_is_provisioned_and_described_anew() {
    let server = Server::start().await;
    let operator = server.with_role(Role::Operator).await;
    let body = r#"{"endpoint":"pump-1","label":"Cellar","tags":{"site":"north"},"group":"pumps","metadata":{"owner":"ann"}}"#;
    let answer = operator.post("/api/v1/devices", body).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    let device = operator.get("/api/v1/devices/pump-1").await.json();
    assert_eq!(device["state"], "never_seen");
    assert_eq!(device["label"], "Cellar");
    assert_eq!(
        device["tags"],
        serde_json::json!({"site": "north", "group": "pumps"})
    );
    assert_eq!(device["metadata"]["owner"], "ann");
    let again = operator
        .post("/api/v1/devices", r#"{"endpoint":"pump-1","label":"Attic"}"#)
        .await;
    assert_eq!(
        (again.status.as_u16(), again.json()["created"].clone()),
        (200, false.into())
    );
    let device = operator.get("/api/v1/devices/pump-1").await.json();
    assert_eq!(
        (&device["label"], &device["tags"]["site"]),
        (&"Attic".into(), &"north".into())
    );
    for bad in [
        r#"{}"#,
        r#"{"endpoint":"a\u0007"}"#,
        r#"{"endpoint":"a","mode":"magic"}"#,
        r#"{"endpoint":"a","configuration":"missing"}"#,
        r#"{"endpoint":"a","key":"00"}"#,
    ] {
        assert_eq!(
            operator.post("/api/v1/devices", bad).await.error().0,
            400,
            "{bad}"
        );
    }
    assert_eq!(operator.get("/api/v1/devices/a").await.status, 404);
}

#[tokio::test]
async fn a_file_is_imported_with_its_bad_rows_told_by_line() {
    let server = Server::start().await;
    let operator = server.with_role(Role::Operator).await;
    let mut csv = String::from("label,endpoint,tags,group\n");
    for number in 0..5_000 {
        let line = number + 2;
        if line % 500 == 0 {
            csv.push_str("no endpoint,,,\n");
        } else {
            writeln!(
                csv,
                "Meter {number},meter-{number:05},floor={},meters",
                number % 7
            )
            .unwrap();
        }
    }
    let answer = import(&operator, "first", &csv).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let report = answer.json();
    assert_eq!(
        (&report["created"], &report["updated"]),
        (&4_990.into(), &0.into())
    );
    let lines: Vec<u64> = report["refused"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["line"].as_u64().unwrap())
        .collect();
    assert_eq!(lines, (1..=10).map(|number| number * 500).collect::<Vec<u64>>());
    assert_eq!(report["refused"][0]["reason"], "the endpoint name is missing");
    let list = operator
        .get("/api/v1/devices?limit=1&query=tag:group=meters")
        .await
        .json();
    assert_eq!(list["total"], 4_990);
    let progress = operator.get("/api/v1/imports/first").await.json();
    assert_eq!(
        (&progress["state"], &progress["bytes"]),
        (&"done".into(), &csv.len().into())
    );
    assert_eq!(progress["refused"].as_array().map(Vec::len), Some(10));
    // The list has no rows: they may be thousands for each import.
    let list = operator.get("/api/v1/imports").await.json();
    assert_eq!(list["items"][0]["refused_total"], 10, "{list}");
    assert!(list["items"][0]["refused"].is_null(), "{list}");
    assert_eq!(import(&operator, "first", &csv).await.error().0, 409);
    let again = import(&operator, "second", &csv).await.json();
    assert_eq!((&again["created"], &again["updated"]), (&0.into(), &4_990.into()));
    for (id, csv) in [("a", ""), ("b", "label\nx\n"), ("c", "endpoint,colour\nx,y\n")] {
        assert_eq!(import(&operator, id, csv).await.error().0, 400, "{csv:?}");
        assert_eq!(
            operator.get(&format!("/api/v1/imports/{id}")).await.json()["state"],
            "failed"
        );
    }
    let json = operator.post("/api/v1/devices/import", "{}").await;
    assert_eq!(json.error().0, 415);
}

#[tokio::test]
async fn a_file_is_looked_at_without_being_taken() {
    let server = Server::start().await;
    let operator = server.with_role(Role::Operator).await;
    let look =
        |csv: &'static str| operator.send(Method::POST, "/api/v1/devices/import/check", "text/csv", csv);
    let found = look("endpoint,key,mode\npump-1,000102030405060708090a0b0c0d0e0f,psk\npump-2,,magic\n").await;
    assert_eq!(found.status, 200, "{found:?}");
    let found = found.json();
    assert_eq!((&found["rows"], &found["refused_total"]), (&2.into(), &1.into()));
    assert_eq!(found["refused"][0]["line"], 3);
    assert_eq!(
        found["first"][0]["fields"],
        serde_json::json!(["pump-1", "•••", "psk"])
    );
    assert_eq!(operator.get("/api/v1/devices").await.json()["total"], 0);
    assert_eq!(look("colour\nred\n").await.error().0, 400);
}

#[tokio::test]
async fn a_device_that_is_decommissioned_leaves_an_archive_and_may_not_come_back() {
    let directory = tempfile::tempdir().unwrap();
    let data_dir = directory.path().to_owned();
    let server = Server::start_with(move |config| config.data_dir = data_dir).await;
    let operator = server.with_role(Role::Operator).await;
    let endpoint = server.devices(1).await.remove(0);
    let path = format!("/api/v1/devices/{endpoint}");
    let labelled = operator
        .send(Method::PATCH, &path, JSON, r#"{"label":"Old"}"#)
        .await;
    assert_eq!(labelled.status, 200);
    assert_eq!(operator.delete(&path).await.status, 204);
    assert_eq!(operator.get(&path).await.status, 404);
    let list = operator.get("/api/v1/decommissioned").await.json();
    assert_eq!(list["items"][0]["endpoint"], endpoint.as_str());
    let archive = format!("/api/v1/decommissioned/{endpoint}/archive");
    let archive = operator.get(&archive).await;
    let text = String::from_utf8(archive.body.clone()).unwrap();
    let lines: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines[0]["type"], "device");
    assert_eq!(lines[0]["content"]["label"], "Old");
    for kind in ["event", "audit"] {
        assert!(lines.iter().any(|line| line["type"] == kind), "{kind}: {text}");
    }
    let readmitted = operator
        .delete(&format!("/api/v1/decommissioned/{endpoint}"))
        .await;
    assert_eq!(readmitted.status, 204);
    assert_eq!(
        operator.get("/api/v1/decommissioned").await.json()["items"],
        serde_json::json!([])
    );
    assert_eq!(operator.delete(&path).await.status, 404);
}

#[tokio::test]
async fn key_pairs_and_certificates_are_made_and_told_once() {
    let server = Server::start().await;
    let operator = server.with_role(Role::Operator).await;
    let made = |body: &'static str| {
        let operator = &operator;
        async move {
            let answer = operator.post("/api/v1/devices", body).await;
            assert_eq!(answer.status, 201, "{answer:?}");
            answer.json()
        }
    };
    let made_pair = made(r#"{"endpoint":"pair","mode":"rpk","bootstrap_mode":"rpk"}"#).await;
    let (pair, for_bootstrap) = (&made_pair["generated"], &made_pair["generated_bootstrap"]);
    assert_eq!(pair["mode"], "rpk");
    assert_ne!(pair["public_key"], for_bootstrap["public_key"]);
    let pem = pair["pem"].as_str().unwrap();
    let own = rcgen::KeyPair::from_pem(pem).unwrap();
    let spki: String = rcgen::PublicKeyData::subject_public_key_info(&own)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    assert_eq!(pair["public_key"], spki.as_str());
    let known = operator.get("/api/v1/credentials/pair").await.json();
    assert_eq!(
        (&known["mode"], &known["public_key"]),
        (&"rpk".into(), &spki.as_str().into())
    );
    // What was told is not told again.
    assert!(!known.to_string().contains(pair["private_key"].as_str().unwrap()));

    let signed = made(r#"{"endpoint":"signed","mode":"x509","generate":true}"#).await;
    let certificate = signed["generated"]["certificate"].as_str().unwrap();
    let der: Vec<u8> = (0..certificate.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&certificate[at..at + 2], 16).unwrap())
        .collect();
    let names = dtls::CertificateNames::of(&der).unwrap();
    assert_eq!(names.common_name.as_deref(), Some("signed"));
    assert!(
        signed["generated"]["pem"]
            .as_str()
            .unwrap()
            .contains("BEGIN CERTIFICATE")
    );
    let own = made(r#"{"endpoint":"own","mode":"x509"}"#).await;
    assert!(own["generated"].is_null(), "{own}");
    for bad in [
        r#"{"endpoint":"a","generate":true}"#,
        r#"{"endpoint":"a","mode":"none","generate":true}"#,
        r#"{"endpoint":"a","mode":"psk","key":"000102030405060708090a0b0c0d0e0f","generate":true}"#,
    ] {
        assert_eq!(
            operator.post("/api/v1/devices", bad).await.error().0,
            400,
            "{bad}"
        );
    }
    let csv = "endpoint,mode,generate,metadata\n\
        one,rpk,,owner=ann\n\
        two,x509,yes,\n\
        three,x509,no,\n\
        four,x509,perhaps,\n";
    let report = import(&operator, "pairs", csv).await.json();
    assert_eq!(
        (&report["created"], &report["generated"]),
        (&3.into(), &2.into()),
        "{report}"
    );
    assert_eq!(report["refused"][0]["reason"], "'perhaps' is neither yes nor no");
    let told = operator.post("/api/v1/imports/pairs/credentials", "").await;
    let told = String::from_utf8(told.body).unwrap();
    let rows: Vec<Vec<&str>> = told
        .lines()
        .skip(1)
        .map(|line| line.split(',').collect())
        .collect();
    let shape: Vec<(&str, &str, bool, bool)> = rows
        .iter()
        .map(|row| (row[0], row[2], row[6].len() > 200, row[7].len() > 200))
        .collect();
    assert_eq!(
        shape,
        [("one", "rpk", true, false), ("two", "x509", true, true)],
        "{told}"
    );
    let device = operator.get("/api/v1/devices/one").await.json();
    assert_eq!(device["metadata"]["owner"], "ann");
}

#[tokio::test]
async fn a_certificate_that_does_not_name_the_endpoint_is_known_by_its_name() {
    let server = Server::start().await;
    let operator = server.with_role(Role::Operator).await;
    let csv = "endpoint,mode,certificate_name,bootstrap_certificate_name,generate\n\
        one,x509,WM-110 4711,,\n\
        two,,WM-110 4712,WM-110 0815,\n\
        three,x509,WM-110 4711,,\n\
        four,psk,WM-110 4714,,\n\
        five,x509,WM-110 4715,,yes\n";
    let report = import(&operator, "named", csv).await.json();
    let lines: Vec<&Value> = report["refused"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| &row["line"])
        .collect();
    assert_eq!(lines, [4, 5, 6], "{report}");
    let by_name = |list: &Value| {
        let items = list["items"].as_array().unwrap().iter();
        let pair = |item: &Value| format!("{} {}", item["endpoint"], item["certificate_name"]);
        items.map(pair).collect::<Vec<_>>()
    };
    let kept = operator.get("/api/v1/credentials").await.json();
    assert_eq!(
        by_name(&kept),
        ["\"one\" \"WM-110 4711\"", "\"two\" \"WM-110 4712\""]
    );
    let kept = operator.get("/api/v1/bootstrap/credentials").await.json();
    assert_eq!(by_name(&kept), ["\"two\" \"WM-110 0815\""]);
}

#[tokio::test]
async fn access_is_told_for_each_instance() {
    let server = Server::start().await;
    let viewer = server.with_role(Role::Viewer).await;
    let endpoint = server.devices(1).await.remove(0);
    let access = viewer
        .get(&format!("/api/v1/devices/{endpoint}/access"))
        .await
        .json();
    // A device with one server has no access control: all is allowed.
    assert_eq!(
        (&access["controlled"], &access["known"]),
        (&false.into(), &true.into())
    );
}

/// Answers reads of object 1 and 2 of a device with two servers, of which 101 is this one; everything else is not there.
async fn two_servers(socket: tokio::net::UdpSocket) {
    let mut buffer = [0; 1500];
    loop {
        let (length, from) = socket.recv_from(&mut buffer).await.unwrap();
        let request = coap::Message::parse(&buffer[..length]).unwrap();
        if !request.code.is_request() {
            continue;
        }
        let payload: &[u8] = match request.options.path().as_str() {
            "/1" => br#"[{"bn":"/1/0/","n":"0","v":101},{"n":"1","v":300}]"#,
            "/2" => {
                br#"[{"bn":"/2/0/","n":"0","v":3},{"n":"1","v":0},{"n":"2/101","v":15},{"n":"2/102","v":1},{"n":"3","v":101},
                {"bn":"/2/1/","n":"0","v":5},{"n":"1","v":0},{"n":"2/0","v":1},{"n":"3","v":102}]"#
            }
            _ => b"",
        };
        let mut options = coap::Options::new();
        options.set_content_format((!payload.is_empty()).then_some(110));
        let answer = coap::Message {
            kind: coap::Kind::Acknowledgement,
            code: if payload.is_empty() {
                coap::Code::NOT_FOUND
            } else {
                coap::Code::CONTENT
            },
            message_id: request.message_id,
            token: request.token,
            options,
            payload: payload.to_vec(),
        };
        socket.send_to(&answer.encode(), from).await.unwrap();
    }
}

#[tokio::test]
async fn a_change_of_rights_is_shown_before_it_is_written() {
    let server = Server::start().await;
    let support = server.with_role(Role::Support).await;
    let links = "</>;rt=\"oma.lwm2m\";ct=110,</1/0>,</2/0>,</2/1>,</3/0>,</5/0>";
    let socket = server.device("shared", &[], links).await;
    tokio::spawn(two_servers(socket));
    for object in ["/1", "/2"] {
        let read = format!(r#"{{"op":"read","path":"{object}"}}"#);
        let answer = support
            .post("/api/v1/devices/shared/operations?wait=10", &read)
            .await
            .json();
        assert_eq!(answer["state"], "done", "{answer}");
    }
    let access = support.get("/api/v1/devices/shared/access").await.json();
    assert_eq!(
        (
            &access["known"],
            &access["single_server"],
            &access["short_server_id"]
        ),
        (&true.into(), &false.into(), &101.into()),
        "{access}"
    );
    let rights = |path: &str| {
        let rows = access["rights"].as_array().unwrap();
        let row = rows.iter().find(|row| row["path"] == path).unwrap();
        row["rights"].clone()
    };
    assert_eq!(rights("/3/0"), serde_json::json!({"101": "RWED", "102": "R"}));
    assert_eq!(rights("/5/0"), serde_json::json!({"101": "R", "102": "RWED"}));
    let preview = |body: &'static str| {
        let support = &support;
        async move { support.post("/api/v1/devices/shared/access/preview", body).await }
    };
    let shown = preview(r#"{"path":"/3/0","list":{"102":"RWE","0":"R"}}"#)
        .await
        .json();
    assert_eq!(
        shown["operations"],
        serde_json::json!([{"op": "write", "path": "/2/0/2", "value": {"0": 1, "102": 7}}]),
        "{shown}"
    );
    assert_eq!(shown["rights"], serde_json::json!({"101": "RWED", "102": "RWE"}));
    assert_eq!(
        (&shown["refused"], &shown["warnings"]),
        (&Value::Null, &serde_json::json!([]))
    );
    let blind = preview(r#"{"path":"/3/0","list":{"101":"-","102":"R"}}"#)
        .await
        .json();
    assert!(
        blind["warnings"][0].as_str().unwrap().contains("could not read"),
        "{blind}"
    );
    for (body, reason) in [
        (r#"{"path":"/5/0","list":{}}"#, "belongs to server 102"),
        (r#"{"path":"/3303","list":{"102":"C"}}"#, "no entry of /2"),
        (r#"{"path":"/3/0","list":{"102":"C"}}"#, "right to create"),
    ] {
        let shown = preview(body).await.json();
        assert!(shown["refused"].as_str().unwrap().contains(reason), "{shown}");
        assert_eq!(shown["operations"], serde_json::json!([]));
    }
    for bad in [
        r#"{"path":"/2/0","list":{}}"#,
        r#"{"path":"/3/0/1","list":{}}"#,
        r#"{"path":"/3/0","list":{"102":"X"}}"#,
    ] {
        assert_eq!(preview(bad).await.error().0, 400, "{bad}");
    }
    // What it shows can be asked as it is, by those who may write.
    let operator = server.with_role(Role::Operator).await;
    let write = shown["operations"][0].to_string();
    let answer = operator
        .post("/api/v1/devices/shared/operations?wait=10", &write)
        .await
        .json();
    assert_eq!(
        (&answer["state"], &answer["code"]),
        (&"failed".into(), &"4.04".into()),
        "{answer}"
    );
}

#[tokio::test]
async fn credentials_come_with_the_row_and_generated_keys_are_told_once() {
    let server = Server::start().await;
    let operator = server.with_role(Role::Operator).await;
    let csv = "endpoint,mode,identity,key,bootstrap_mode\n\
        given,psk,one,000102030405060708090a0b0c0d0e0f,\n\
        made,psk,,,psk\n\
        twice,psk,one,000102030405060708090a0b0c0d0e0f,\n\
        short,psk,two,0001,\n\
        subject,x509,,,\n\
        free,none,,,\n";
    let report = import(&operator, "keys", csv).await.json();
    assert_eq!(report["created"], 4, "{report}");
    assert_eq!(report["generated"], 2);
    let refused: Vec<(u64, &str)> = report["refused"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| (row["line"].as_u64().unwrap(), row["reason"].as_str().unwrap()))
        .collect();
    assert_eq!((refused[0].0, refused[1].0), (4, 5));
    assert!(refused[0].1.contains("'given' has this identity"), "{refused:?}");
    // What was refused left nothing behind.
    assert_eq!(operator.get("/api/v1/credentials/twice").await.status, 404);
    assert_eq!(operator.get("/api/v1/devices/twice").await.status, 404);
    for (endpoint, mode) in [
        ("given", "psk"),
        ("made", "psk"),
        ("subject", "x509"),
        ("free", "none"),
    ] {
        let found = operator
            .get(&format!("/api/v1/credentials/{endpoint}"))
            .await
            .json();
        assert_eq!(found["mode"], mode);
    }
    let keys = |answer: crate::support::Answer| String::from_utf8(answer.body).unwrap();
    let told = keys(operator.post("/api/v1/imports/keys/credentials", "").await);
    let lines: Vec<&str> = told.lines().collect();
    assert_eq!(lines.len(), 3, "{told}");
    assert_eq!(
        lines[0],
        "endpoint,use,mode,identity,key,public_key,private_key,certificate"
    );
    assert!(lines[1].starts_with("made,server,psk,made,"), "{told}");
    assert!(lines[2].starts_with("made,bootstrap,psk,made,"), "{told}");
    let again = keys(operator.post("/api/v1/imports/keys/credentials", "").await);
    assert_eq!(again.lines().count(), 1, "{again}");
    let bootstrap = operator.get("/api/v1/bootstrap/credentials").await.json();
    assert_eq!(
        (&bootstrap["total"], &bootstrap["items"][0]["endpoint"]),
        (&1.into(), &"made".into())
    );
    // They go with the device.
    for forget in ["", "?forget=true"] {
        let endpoint = if forget.is_empty() { "made" } else { "given" };
        let path = format!("/api/v1/devices/{endpoint}{forget}");
        assert_eq!(operator.delete(&path).await.status, 204);
        let credential = format!("/api/v1/credentials/{endpoint}");
        assert_eq!(operator.get(&credential).await.status, 404);
    }
    let bootstrap = operator.get("/api/v1/bootstrap/credentials").await.json();
    assert_eq!(bootstrap["total"], 0);
}
