//! What a session and a stranger cost in memory.
#![allow(unsafe_code, clippy::unwrap_used)]

#[path = "../benches/support/allocator.rs"]
mod allocator;

use allocator::in_use;
use dtls::{Answer, Config, Endpoint, Event, PskCredential};
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

#[global_allocator]
static ALLOCATOR: allocator::Counting = allocator::Counting;

const SERVER: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::new(198, 51, 100, 1)), 5684);

/// Passes datagrams on until neither side has any; answers the server's questions.
fn exchange(
    now: Instant,
    client: &mut Endpoint<SocketAddr>,
    server: &mut Endpoint<SocketAddr>,
    from: SocketAddr,
) {
    loop {
        let mut quiet = true;
        while let Some(mut transmit) = client.poll_transmit() {
            quiet = false;
            server.handle_datagram(now, &from, &mut transmit.bytes);
        }
        while let Some(event) = server.poll_event() {
            if let Event::Question { handshake, .. } = event {
                server.answer(now, handshake, Answer::Psk(b"key".to_vec().into()));
            }
        }
        while let Some(mut transmit) = server.poll_transmit() {
            quiet = false;
            client.handle_datagram(now, &SERVER, &mut transmit.bytes);
        }
        if quiet {
            return;
        }
    }
}

/// The measurement disturbs itself if tests run side by side, so there is one.
#[test]
fn a_session_takes_four_hundred_bytes_and_a_stranger_none() {
    allocator::count();
    let now = Instant::now();
    let psk = PskCredential {
        identity: b"urn:dev:os:1".to_vec(),
        key: b"key".to_vec().into(),
    };
    let config = Arc::new(Config {
        psk: Some(psk),
        ..Config::default()
    });
    let mut server = Endpoint::new(now, Arc::new(Config::default())).unwrap();
    let address = |number: u32| SocketAddr::from((Ipv4Addr::from(0x0a00_0000 + number), 5684));
    let begin = |number: u32, server: &mut Endpoint<SocketAddr>| {
        let mut client = Endpoint::new(now, Arc::clone(&config)).unwrap();
        client.connect(now, SERVER, None).unwrap();
        exchange(now, &mut client, server, address(number));
        while let Some(event) = client.poll_event() {
            if let Event::Connected(connected) = event {
                client.send(connected.session, b"hello").unwrap();
            }
        }
        exchange(now, &mut client, server, address(number));
    };
    begin(0, &mut server);

    // One more than fits half the indexes: they have just doubled, which is the dearest moment.
    const SESSIONS: usize = 897;
    let before = in_use();
    (1..=SESSIONS as u32).for_each(|number| begin(number, &mut server));
    assert_eq!(server.session_count(), SESSIONS + 1);
    assert_eq!(server.handshake_count(), 0);
    let each = (in_use() - before) / SESSIONS;
    println!("{each} bytes a session");
    assert!(each <= 400, "{each} bytes a session");

    let mut client = Endpoint::new(now, Arc::clone(&config)).unwrap();
    client.connect(now, SERVER, None).unwrap();
    let hello = client.poll_transmit().unwrap().bytes;
    let spoof = |number: u32, server: &mut Endpoint<SocketAddr>| {
        server.handle_datagram(now + Duration::from_secs(1), &address(number), &mut hello.clone());
        server.poll_transmit().unwrap();
    };
    spoof(100_000, &mut server);
    let before = in_use();
    (100_000..200_000).for_each(|number| spoof(number, &mut server));
    assert_eq!(in_use(), before);
}
