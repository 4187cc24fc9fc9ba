//! The live feed over a real socket.

use crate::support::{Client, Server};
use axum::http::{Method, StatusCode, header};
use backend::http;
use futures_util::{SinkExt, StreamExt};
use shared::api::Role;
use shared::live::{ClientFrame, PROTOCOL, ServerFrame, Topic, decode, encode};
use std::net::SocketAddr;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

/// The page's side of a feed.
struct Feed(WebSocketStream<MaybeTlsStream<TcpStream>>);

async fn listen(server: &Server) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(http::serve(
        listener,
        server.router.clone(),
        16,
        server.stop.subscribe(),
    ));
    address
}

async fn connect(address: SocketAddr, client: &Client, query: &str) -> Result<Feed, Box<Error>> {
    let mut request = format!("ws://{address}/ws{query}").into_client_request().unwrap();
    request.headers_mut().extend(client.headers().clone());
    connect_async(request)
        .await
        .map(|(socket, _)| Feed(socket))
        .map_err(Box::new)
}

fn refusal(result: Result<Feed, Box<Error>>) -> StatusCode {
    match result.map_err(|error| *error) {
        Err(Error::Http(response)) => response.status(),
        Err(error) => panic!("{error}"),
        Ok(_) => panic!("the feed was opened"),
    }
}

impl Feed {
    async fn greeted(address: SocketAddr, client: &Client) -> Feed {
        let mut feed = connect(address, client, "").await.unwrap();
        assert!(matches!(
            feed.next().await,
            ServerFrame::Hello {
                protocol: PROTOCOL,
                ..
            }
        ));
        let build = String::new();
        feed.send(&ClientFrame::Hello {
            protocol: PROTOCOL,
            build,
        })
        .await;
        feed
    }

    async fn send(&mut self, frame: &ClientFrame) {
        self.0
            .send(Message::Binary(encode(frame).unwrap().into()))
            .await
            .unwrap();
    }

    async fn message(&mut self) -> Message {
        let next = tokio::time::timeout(Duration::from_secs(5), self.0.next()).await;
        next.expect("a message in time").expect("an open feed").unwrap()
    }

    async fn next(&mut self) -> ServerFrame {
        match self.message().await {
            Message::Binary(bytes) => decode(&bytes).unwrap(),
            other => panic!("{other:?}"),
        }
    }

    async fn close_code(&mut self) -> u16 {
        match self.message().await {
            Message::Close(Some(frame)) => frame.code.into(),
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn only_who_is_logged_in_and_only_own_pages_get_a_feed() {
    let server = Server::start().await;
    let address = listen(&server).await;
    assert_eq!(
        refusal(connect(address, &server.stranger(), "").await),
        StatusCode::UNAUTHORIZED
    );
    let mut page = server.page().await;
    assert!(connect(address, &page, "").await.is_ok());
    page.header(header::ORIGIN.as_str(), "http://evil.example");
    assert_eq!(refusal(connect(address, &page, "").await), StatusCode::FORBIDDEN);
    let viewer = server.with_role(Role::Viewer).await;
    assert_eq!(
        refusal(connect(address, &viewer, "?codec=xml").await),
        StatusCode::BAD_REQUEST
    );
}

#[tokio::test]
async fn the_fleet_is_told_at_once() {
    let server = Server::start().await;
    let address = listen(&server).await;
    let mut feed = Feed::greeted(address, &server.page().await).await;
    feed.send(&ClientFrame::Subscribe {
        id: 7,
        topic: Topic::Fleet,
    })
    .await;
    assert!(matches!(feed.next().await, ServerFrame::Fleet { id: 7, summary } if summary.total == 0));
}

/// The next frame that is about this subscription.
async fn about(feed: &mut Feed, wanted: u32) -> ServerFrame {
    loop {
        let frame = feed.next().await;
        let id = match &frame {
            ServerFrame::Rows { id, .. } | ServerFrame::Events { id, .. } | ServerFrame::Trace { id, .. } => {
                *id
            }
            _ => continue,
        };
        if id == wanted {
            return frame;
        }
    }
}

async fn label(client: &Client, endpoint: &str, label: &str) {
    let path = format!("/api/v1/devices/{endpoint}");
    let body = serde_json::json!({ "label": label }).to_string();
    let answer = client.send(Method::PATCH, &path, "application/json", &body).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
}

#[tokio::test]
async fn rows_are_told_at_first_and_when_they_change() {
    let server = Server::start().await;
    let endpoint = server.devices(1).await[0].clone();
    let address = listen(&server).await;
    let page = server.page().await;
    let mut feed = Feed::greeted(address, &page).await;
    let endpoints = vec![endpoint.clone(), "none".into()];
    feed.send(&ClientFrame::Subscribe {
        id: 1,
        topic: Topic::Devices { endpoints },
    })
    .await;
    let ServerFrame::Rows { rows, .. } = about(&mut feed, 1).await else {
        panic!("no rows")
    };
    assert_eq!(
        rows.iter().map(|row| &row.endpoint).collect::<Vec<_>>(),
        [&endpoint]
    );
    label(&page, &endpoint, "Pump").await;
    loop {
        let ServerFrame::Rows { rows, .. } = about(&mut feed, 1).await else {
            panic!("no rows")
        };
        if rows[0].label.as_deref() == Some("Pump") {
            break;
        }
    }
}

#[tokio::test]
async fn a_device_is_followed_from_where_the_page_read_it() {
    let server = Server::start().await;
    let endpoint = server.devices(1).await[0].clone();
    let address = listen(&server).await;
    let page = server.page().await;
    let since = page.get(&format!("/api/v1/devices/{endpoint}")).await.json()["sequence"]
        .as_u64()
        .unwrap();
    label(&page, &endpoint, "one").await;
    let mut feed = Feed::greeted(address, &page).await;
    feed.send(&ClientFrame::Subscribe {
        id: 5,
        topic: Topic::Device {
            endpoint: endpoint.clone(),
            since,
        },
    })
    .await;
    label(&page, &endpoint, "two").await;
    let mut seen = Vec::new();
    let mut described = 0;
    while described < 2 {
        let ServerFrame::Events { events, .. } = about(&mut feed, 5).await else {
            panic!("no events")
        };
        described += events
            .iter()
            .filter(|event| event.kind.name() == "described")
            .count();
        seen.extend(events.into_iter().map(|event| event.sequence));
    }
    assert!(seen.iter().all(|sequence| *sequence > since));
    assert!(seen.is_sorted_by(|left, right| left < right), "{seen:?}");
}

#[tokio::test]
async fn the_datagrams_of_a_device_pass_as_they_come() {
    let server = Server::start().await;
    let endpoint = server.devices(1).await[0].clone();
    let address = listen(&server).await;
    let page = server.page().await;
    let mut feed = Feed::greeted(address, &page).await;
    feed.send(&ClientFrame::Subscribe {
        id: 2,
        topic: Topic::Trace {
            endpoint: endpoint.clone(),
        },
    })
    .await;
    // Whoever reads what is remembered now misses nothing: from here on everything comes.
    while !matches!(feed.next().await, ServerFrame::Resync { id: 2, .. }) {}
    let path = format!("/api/v1/devices/{endpoint}/operations?wait=10");
    page.post(&path, r#"{"op":"read","path":"/3/0/17"}"#).await;
    let mut uris = Vec::new();
    while !uris.iter().any(|uri| uri == "/3/0/17") {
        let ServerFrame::Trace { records, .. } = about(&mut feed, 2).await else {
            panic!("no records")
        };
        uris.extend(records.into_iter().map(|record| record.uri));
    }
}

/// The next frame with bootstrap sessions of this subscription.
async fn bootstraps(feed: &mut Feed, wanted: u32) -> Vec<shared::bootstrap::SessionView> {
    loop {
        if let ServerFrame::Bootstrap { id, sessions } = feed.next().await
            && id == wanted
        {
            return sessions;
        }
    }
}

#[tokio::test]
async fn a_bootstrap_is_followed_message_by_message_and_read_afterwards() {
    let server = Server::start_with_bootstrap().await;
    let operator = server.with_role(Role::Operator).await;
    let configuration = r#"{"applies_to":{"all":true},"configuration":{"servers":[
        {"short_server_id":101,"uri":"coaps://192.0.2.9","security":{"mode":"psk"}}]}}"#;
    let path = "/api/v1/bootstrap/configurations/main";
    let kept = operator
        .send(Method::PUT, path, "application/json", configuration)
        .await;
    assert_eq!(kept.status, StatusCode::OK, "{kept:?}");
    let address = listen(&server).await;
    let viewer = server.with_role(Role::Viewer).await;
    let mut feed = Feed::greeted(address, &viewer).await;
    let topic = Topic::Bootstrap { session: None };
    feed.send(&ClientFrame::Subscribe { id: 1, topic }).await;
    // Frames are answered in their order: when this one is, the sessions are watched.
    feed.send(&ClientFrame::Subscribe {
        id: 2,
        topic: Topic::Fleet,
    })
    .await;
    while !matches!(feed.next().await, ServerFrame::Fleet { id: 2, .. }) {}

    let addresses = server.app.core.local_addresses();
    let bootstrap = addresses
        .iter()
        .find(|(scheme, _)| *scheme == "bootstrap_coap")
        .unwrap()
        .1;
    let stop = server.stop.subscribe();
    tokio::spawn(async move {
        let mut stop = stop;
        let options = simulator::FleetOptions {
            bootstrap: Some(format!("coap://{bootstrap}")),
            ..simulator::FleetOptions::new("coap://127.0.0.1:9", 1)
        };
        let stopped = async move {
            let _ = stop.wait_for(|stopping| *stopping).await;
        };
        simulator::run(options, stopped).await.unwrap();
    });
    let begun = bootstraps(&mut feed, 1).await.remove(0);
    let topic = Topic::Bootstrap {
        session: Some(begun.id),
    };
    feed.send(&ClientFrame::Subscribe { id: 3, topic }).await;
    let followed = loop {
        let view = bootstraps(&mut feed, 3).await.remove(0);
        assert_eq!((view.id, &view.endpoint), (begun.id, &begun.endpoint));
        assert!(view.steps[0].message.starts_with("POST /bs?ep="), "{view:?}");
        if view.ended_at.is_some() {
            break view;
        }
    };
    assert_eq!(followed.awaits, None);
    let write = followed
        .steps
        .iter()
        .find(|step| step.message == "PUT /0/1")
        .unwrap();
    assert_eq!(write.code.as_deref(), Some("2.04"));
    assert!(write.took.is_some());
    assert_eq!(write.payload.len(), 2 * write.size as usize);
    // 16 bytes of key are there, as zeros: TLV of resource 5, and then of no other.
    assert!(
        write.payload.contains(&format!("c80510{}", "00".repeat(16))),
        "{write:?}"
    );
    let discover = &followed.steps[1];
    let answer: Vec<u8> = discover
        .answer
        .as_bytes()
        .chunks(2)
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap())
        .collect();
    assert!(
        String::from_utf8(answer).unwrap().contains("</0/0>"),
        "{discover:?}"
    );
    let path = format!("/api/v1/bootstrap/sessions/{}", begun.id);
    let read: shared::bootstrap::SessionView =
        serde_json::from_value(viewer.get(&path).await.json()).unwrap();
    assert_eq!(read, followed);
    let topic = Topic::Bootstrap { session: Some(999) };
    feed.send(&ClientFrame::Subscribe { id: 4, topic }).await;
    loop {
        if let ServerFrame::Refused { id: 4, message } = feed.next().await {
            assert_eq!(message, "there is no bootstrap session 999 of late");
            break;
        }
    }
}

#[tokio::test]
async fn json_is_spoken_to_who_asks_for_it() {
    let server = Server::start().await;
    let address = listen(&server).await;
    let mut feed = connect(address, &server.page().await, "?codec=json")
        .await
        .unwrap();
    let Message::Text(text) = feed.message().await else {
        panic!("no text")
    };
    let hello: ServerFrame = serde_json::from_str(&text).unwrap();
    assert!(matches!(
        hello,
        ServerFrame::Hello {
            protocol: PROTOCOL,
            ..
        }
    ));
}

#[tokio::test]
async fn what_cannot_be_served_is_refused_in_words() {
    let server = Server::start_with(|config| config.limits.live_subscriptions = 1).await;
    let address = listen(&server).await;
    let mut feed = Feed::greeted(address, &server.with_role(Role::Viewer).await).await;
    for (topic, wanted) in [
        (
            Topic::Trace {
                endpoint: "none".into(),
            },
            "the trace takes the role support",
        ),
        (
            Topic::Devices {
                endpoints: vec!["x".into(); 501],
            },
            "a list window has at most 500 rows",
        ),
    ] {
        feed.send(&ClientFrame::Subscribe { id: 1, topic }).await;
        let ServerFrame::Refused { id: 1, message } = feed.next().await else {
            panic!("not refused")
        };
        assert_eq!(message, wanted);
    }
    feed.send(&ClientFrame::Subscribe {
        id: 1,
        topic: Topic::Fleet,
    })
    .await;
    assert!(matches!(feed.next().await, ServerFrame::Fleet { id: 1, .. }));
    feed.send(&ClientFrame::Subscribe {
        id: 2,
        topic: Topic::Fleet,
    })
    .await;
    let ServerFrame::Refused { id: 2, message } = feed.next().await else {
        panic!("not refused")
    };
    assert_eq!(message, "a feed has at most 1 subscriptions");
}

#[tokio::test]
async fn what_is_no_frame_ends_the_feed() {
    let server = Server::start().await;
    let address = listen(&server).await;
    let page = server.page().await;
    let mut rude = connect(address, &page, "").await.unwrap();
    rude.next().await;
    rude.send(&ClientFrame::Unsubscribe { id: 1 }).await;
    assert_eq!(rude.close_code().await, 4400);
    let mut garbled = Feed::greeted(address, &page).await;
    garbled
        .0
        .send(Message::Binary(vec![0xff; 9].into()))
        .await
        .unwrap();
    assert_eq!(garbled.close_code().await, 4400);
}

#[tokio::test]
async fn logging_out_ends_the_feeds_of_the_session_and_no_others() {
    let server = Server::start().await;
    let address = listen(&server).await;
    let (page, other) = (server.page().await, server.page().await);
    let mut feed = Feed::greeted(address, &page).await;
    let mut kept = Feed::greeted(address, &other).await;
    feed.send(&ClientFrame::Subscribe {
        id: 1,
        topic: Topic::Fleet,
    })
    .await;
    feed.next().await;
    page.delete("/api/v1/session").await;
    assert_eq!(feed.close_code().await, 4401);
    kept.send(&ClientFrame::Subscribe {
        id: 1,
        topic: Topic::Fleet,
    })
    .await;
    assert!(matches!(kept.next().await, ServerFrame::Fleet { .. }));
}

#[tokio::test]
async fn stopping_tells_the_page() {
    let server = Server::start().await;
    let address = listen(&server).await;
    let mut feed = Feed::greeted(address, &server.page().await).await;
    server.stop.send_replace(true);
    assert_eq!(feed.close_code().await, 1001);
}

#[tokio::test]
async fn feeds_are_counted_out() {
    let server = Server::start_with(|config| config.limits.live_connections = 1).await;
    let address = listen(&server).await;
    let page = server.page().await;
    let feed = Feed::greeted(address, &page).await;
    assert_eq!(
        refusal(connect(address, &page, "").await),
        StatusCode::SERVICE_UNAVAILABLE
    );
    drop(feed);
}

#[tokio::test]
async fn a_link_watches_its_device_alone_and_ends_with_it() {
    let server = Server::start().await;
    let address = listen(&server).await;
    let _pump = server.device("pump", &[], "</3/0>").await;
    let _valve = server.device("valve", &[], "</3/0>").await;
    let mut feed = Feed::greeted(address, &server.guest("pump").await).await;
    let device = |endpoint: &str| Topic::Device {
        endpoint: endpoint.into(),
        since: 0,
    };
    let shut = [
        device("valve"),
        Topic::Fleet,
        Topic::Trace {
            endpoint: "pump".into(),
        },
        Topic::Devices {
            endpoints: vec!["pump".into()],
        },
        Topic::Presence {
            endpoint: "pump".into(),
        },
        Topic::Provisioning,
    ];
    for (id, topic) in (2..).zip(shut) {
        feed.send(&ClientFrame::Subscribe { id, topic }).await;
        assert!(matches!(feed.next().await, ServerFrame::Refused { id: refused, .. } if refused == id));
    }
    feed.send(&ClientFrame::Subscribe {
        id: 1,
        topic: device("pump"),
    })
    .await;
    let ServerFrame::Events { events, .. } = about(&mut feed, 1).await else {
        panic!("no events")
    };
    assert!(events.iter().all(|event| event.endpoint == "pump"));
    let link = server.app.accounts.links(None).await.unwrap()[0].id;
    server.app.accounts.revoke_link(link).await.unwrap();
    assert_eq!(feed.close_code().await, 4401);
}

#[tokio::test]
async fn who_looks_at_a_device_is_told_who_else_does() {
    let server = Server::start().await;
    let address = listen(&server).await;
    let _pump = server.device("pump", &[], "</3/0>").await;
    let here = |endpoint: &str| ClientFrame::Subscribe {
        id: 1,
        topic: Topic::Presence {
            endpoint: endpoint.into(),
        },
    };
    let mut admin = Feed::greeted(address, &server.page().await).await;
    admin.send(&here("none")).await;
    assert!(matches!(admin.next().await, ServerFrame::Refused { id: 1, .. }));
    admin.send(&here("pump")).await;
    let mut script = Feed::greeted(address, &server.with_role(Role::Viewer).await).await;
    script.send(&here("pump")).await;
    let told = |names: &[&str]| ServerFrame::Presence {
        id: 1,
        names: names.iter().map(|name| (*name).to_owned()).collect(),
    };
    assert_eq!(script.next().await, told(&["admin"]));
    assert_eq!(admin.next().await, told(&["token:test"]));
    script.send(&ClientFrame::Unsubscribe { id: 1 }).await;
    assert_eq!(admin.next().await, told(&[]));
}

#[tokio::test]
async fn an_import_that_goes_on_is_told() {
    let server = Server::start().await;
    let address = listen(&server).await;
    let operator = server.with_role(Role::Operator).await;
    let mut feed = Feed::greeted(address, &server.page().await).await;
    let topic = Topic::Provisioning;
    feed.send(&ClientFrame::Subscribe { id: 1, topic }).await;
    let changed = ServerFrame::ProvisioningChanged { id: 1 };
    assert_eq!(feed.next().await, changed, "something may have changed before");
    let answer = operator
        .send(
            Method::POST,
            "/api/v1/devices/import?id=batch",
            "text/csv",
            "endpoint\npump-1\n",
        )
        .await;
    assert_eq!(answer.status, 200);
    assert_eq!(feed.next().await, changed);
}
