//! What others send to a server with DTLS: it costs nothing, and ends, moves and repeats nothing of a device's session.
//! RFC 6347 §4.1.2.6, §4.1.2.7, §4.2.1, §4.2.8.

use crate::coaps::{KEY, REGISTER, connected, psk, server_with, with_psk};
use crate::support::{Device, LINKS, Server};
use coap::Code;
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::time::{Duration, Instant};

/// An alert that says a handshake failed, in a record of this epoch.
fn fatal_alert(epoch: u8) -> Vec<u8> {
    vec![21, 0xfe, 0xfd, 0, epoch, 0, 0, 0, 0, 0, 99, 0, 2, 2, 40]
}

/// A device with a session and a registration.
async fn registered() -> (Server, Device, String) {
    let mut server = server_with(vec![psk("a", "a")]).await;
    let mut device = connected(&server, with_psk("a", KEY)).await;
    let location = device.register(&REGISTER, LINKS).await;
    server.event("registered").await;
    (server, device, location)
}

/// The device goes on in its session at its address, and got nothing but the answer it asked for.
async fn goes_on(server: &Server, device: &mut Device, location: &str) {
    let update = device.confirmable(Code::POST, location, &[]);
    assert_eq!(device.ask(update).await.code, Code::CHANGED);
    assert!(!device.has_unread(), "nothing else came");
    let detail = server.core.device("a").unwrap();
    assert_eq!(detail.registration.unwrap().address, device.address());
    server.core.flush().await.unwrap();
    let journal = server.journal("a").await;
    let count = |name| journal.iter().filter(|kind| kind.name() == name).count();
    assert_eq!(
        ["session_started", "session_ended", "address_changed"].map(count),
        [1, 0, 0]
    );
}

/// Above DTLS it would be answered again, for it has the number of a message that was answered.
#[tokio::test]
async fn a_record_that_comes_again_is_dropped_in_silence_wherever_it_comes_from() {
    let (server, mut device, location) = registered().await;
    let sent = device.datagrams_sent();
    let stranger = UdpSocket::bind("127.0.0.1:0").unwrap();
    for datagram in &sent {
        stranger.send_to(datagram, server.secure_address()).unwrap();
    }
    let last = sent.last().unwrap();
    for _ in 0..100 {
        device.send_raw(last).await;
    }
    goes_on(&server, &mut device, &location).await;
}

#[tokio::test]
async fn an_alert_that_nothing_proves_ends_no_session() {
    let (server, mut device, location) = registered().await;
    for epoch in [0, 1] {
        device.send_raw(&fatal_alert(epoch)).await;
    }
    goes_on(&server, &mut device, &location).await;
}

/// From the address of the session, once without a cookie and once with the one that was right.
#[tokio::test]
async fn a_client_hello_from_the_address_of_a_session_does_not_end_it() {
    let (server, mut device, location) = registered().await;
    let hellos: Vec<Vec<u8>> = device.datagrams_sent().into_iter().take(2).collect();
    for hello in &hellos {
        device.send_raw(hello).await;
    }
    goes_on(&server, &mut device, &location).await;
}

/// Whoever knows an identity may claim it from as many addresses as he likes, while the device has a session and while it
/// makes another: without the key nothing comes of it but words.
#[tokio::test]
async fn a_claim_without_the_key_takes_nothing_from_who_has_it() {
    let (mut server, mut device, location) = registered().await;
    let address = server.secure_address();
    let mut claims = Vec::new();
    for _ in 0..4 {
        claims.push(tokio::spawn(async move {
            let mut stranger = Device::at(address).await;
            stranger.connect(with_psk("a", b"wrong key 123456")).await
        }));
    }
    for _ in &claims {
        server.event("refused").await;
    }
    goes_on(&server, &mut device, &location).await;

    // It makes another session from a new address, and what it sends is sent again from a stranger's.
    let mut again = connected(&server, with_psk("a", KEY)).await;
    let update = again.confirmable(Code::POST, &location, &[]);
    assert_eq!(again.ask(update).await.code, Code::CHANGED);
    let stranger = UdpSocket::bind("127.0.0.1:0").unwrap();
    for datagram in again.datagrams_sent() {
        stranger.send_to(&datagram, address).unwrap();
    }
    let update = again.confirmable(Code::POST, &location, &[]);
    assert_eq!(again.ask(update).await.code, Code::CHANGED);
    assert!(!again.has_unread(), "nothing else came");
    // The device has one session: the one that it left is over.
    let ended = server.event("session_ended").await;
    assert_eq!(ended.endpoint, "a");
    let detail = server.core.device("a").unwrap();
    assert_eq!(detail.row.state, shared::DeviceState::Online);
    assert_eq!(detail.registration.unwrap().address, again.address());
    for claim in claims {
        assert!(!claim.is_finished(), "they still wait for an answer");
        claim.abort();
    }
}

/// Every one from an address of its own on the loopback interface, as if spoofed: each is answered by fewer bytes than it has,
/// and nothing is kept or told of any.
#[tokio::test]
async fn a_hundred_thousand_client_hellos_from_as_many_addresses_leave_nothing() {
    const ADDRESSES: u32 = 100_000;
    const AT_A_TIME: usize = 100;
    let (server, mut device, location) = registered().await;
    server.core.flush().await.unwrap();
    let before = server.core.statistics();
    let hello = device.datagrams_sent().remove(0);
    let address = server.secure_address();
    let answered = tokio::task::spawn_blocking(move || {
        let mut answered = 0;
        let mut sockets = Vec::with_capacity(AT_A_TIME);
        for number in 0..ADDRESSES {
            let from = SocketAddr::from((Ipv4Addr::from(0x7f01_0001 + number), 0));
            let socket = UdpSocket::bind(from).unwrap();
            socket.send_to(&hello, address).unwrap();
            sockets.push(socket);
            if sockets.len() == AT_A_TIME {
                answered += answers(&sockets, hello.len());
                sockets.clear();
            }
        }
        answered
    })
    .await
    .unwrap();
    // Some are lost where the machine is busy; that nothing was answered would prove nothing.
    assert!(answered > ADDRESSES / 2, "{answered}");
    goes_on(&server, &mut device, &location).await;
    server.core.flush().await.unwrap();
    let after = server.core.statistics();
    assert_eq!(after.handshakes_failed, before.handshakes_failed);
    assert!(server.core.refusals().is_empty(), "nobody was worth a word");
}

/// How many of these were answered, each with less than `most` bytes.
fn answers(sockets: &[UdpSocket], most: usize) -> u32 {
    let mut buffer = [0; 2048];
    let mut answered = 0;
    let until = Instant::now() + Duration::from_secs(1);
    for socket in sockets {
        let left = until.saturating_duration_since(Instant::now());
        socket
            .set_read_timeout(Some(left.max(Duration::from_micros(1))))
            .unwrap();
        let Ok(length) = socket.recv(&mut buffer) else {
            continue;
        };
        assert!(length < most, "{length} bytes were the answer to {most}");
        answered += 1;
    }
    answered
}
