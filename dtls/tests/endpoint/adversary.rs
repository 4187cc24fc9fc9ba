//! What others send: it must cost nothing, end nothing and move nothing.

use crate::network::*;
use dtls::Config;
use std::net::SocketAddr;
use std::time::Duration;

const STRANGER: &str = "203.0.113.66:666";

fn stranger() -> SocketAddr {
    STRANGER.parse().unwrap()
}

fn connected(client: Config, server: Config) -> World {
    let mut world = World::new(11, FAIR, client, server);
    world.connect(None);
    assert!(world.establish());
    world.talk();
    world
}

fn without_ids(config: Config) -> Config {
    Config {
        connection_id_length: None,
        ..config
    }
}

/// Hands a datagram to the server as if it came from `from`.
fn spoof(world: &mut World, from: SocketAddr, bytes: &[u8]) {
    world
        .server
        .endpoint
        .handle_datagram(world.now, &from, &mut bytes.to_vec());
    world.server.listen(world.now);
}

/// The datagrams that the client sent to the server so far.
fn of_client(world: &World) -> Vec<Vec<u8>> {
    let client = world.client.address;
    world
        .sent
        .iter()
        .filter(|(from, _)| *from == client)
        .map(|(_, transmit)| transmit.bytes.clone())
        .collect()
}

#[test]
fn a_repeated_record_is_taken_once() {
    for client in [psk_client(), without_ids(psk_client())] {
        let mut world = connected(client, Config::default());
        let before = world.server.data.len();
        let address = world.client.address;
        for bytes in of_client(&world) {
            spoof(&mut world, address, &bytes);
            spoof(&mut world, stranger(), &bytes);
        }
        assert_eq!(world.server.data.len(), before);
        assert!(world.server.moved.is_empty());
        world.talk();
    }
}

#[test]
fn a_client_hello_from_the_address_of_a_session_does_not_end_it() {
    for client in [psk_client(), without_ids(psk_client())] {
        let mut world = connected(client, Config::default());
        let address = world.client.address;
        // The second one carries a cookie that is right.
        for bytes in of_client(&world).iter().take(2) {
            spoof(&mut world, address, bytes);
        }
        assert_eq!(world.server.endpoint.session_count(), 1);
        // While that handshake is pending the session goes on, and after it was given up too.
        world.talk();
        world.run_for(Duration::from_secs(200));
        assert_eq!(world.server.endpoint.handshake_count(), 0);
        assert_eq!(world.server.connected.len(), 1);
        world.talk();
    }
}

#[test]
fn a_client_that_begins_anew_replaces_its_session() {
    let mut world = connected(without_ids(psk_client()), Config::default());
    world.connect(None);
    assert!(world.establish());
    world.talk();
    assert_eq!(world.server.endpoint.session_count(), 1);
    assert_eq!(world.server.closed.len(), 1);
    assert!(world.server.closed[0].1.contains("a new session"));
}

/// A fatal alert in epoch 0: anyone can send it.
fn alert(description: u8) -> Vec<u8> {
    vec![21, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 9, 0, 2, 2, description]
}

#[test]
fn an_alert_that_nothing_proves_ends_neither_session_nor_handshake() {
    let mut world = connected(without_ids(psk_client()), Config::default());
    let address = world.client.address;
    spoof(&mut world, address, &alert(0));
    spoof(&mut world, address, &alert(40));
    let mut sealed = alert(40);
    sealed[4] = 1;
    spoof(&mut world, address, &sealed);
    assert!(world.server.closed.is_empty());
    world.talk();

    let mut world = World::new(12, FAIR, psk_client(), Config::default());
    world.connect(None);
    assert!(world.run_until(|world| world.server.endpoint.handshake_count() == 1));
    let address = world.client.address;
    spoof(&mut world, address, &alert(40));
    assert!(world.establish());
}

#[test]
fn forged_records_are_counted_and_only_very_many_end_a_session() {
    let server = Config {
        max_forgeries: 100,
        ..Config::default()
    };
    let mut world = connected(psk_client(), server);
    let address = world.client.address;
    let mut forged = of_client(&world).pop().unwrap();
    let last = forged.len() - 1;
    forged[last] ^= 1;
    // Its number was seen: it is not even looked at.
    (0..300).for_each(|_| spoof(&mut world, address, &forged));
    forged[8] = 0x77;
    (0..100).for_each(|_| spoof(&mut world, address, &forged));
    world.talk();
    spoof(&mut world, address, &forged);
    assert_eq!(world.server.closed.len(), 1);
    assert_eq!(world.server.endpoint.session_count(), 0);
}

/// A record in the place of a client's Finished: it is told as a key that may be wrong, and the handshake has all the time
/// that it had before.
#[test]
fn a_forged_end_of_a_handshake_neither_ends_nor_hurries_it() {
    let mut world = World::new(14, FAIR, psk_client(), Config::default());
    world.connect(None);
    let is_key_exchange = |world: &World| {
        let sent = world.sent.last();
        sent.is_some_and(|(from, sent)| *from == world.client.address && sent.bytes[13] == 16)
    };
    assert!(world.run_until(is_key_exchange));
    // The client's last flight has the key exchange and the Finished, which are taken apart: the forged one comes between.
    let (_, flight) = world.sent.last().unwrap().clone();
    let length = 13 + usize::from(u16::from_be_bytes([flight.bytes[11], flight.bytes[12]]));
    let (key_exchange, rest) = flight.bytes.split_at(length);
    let mut forged = rest.to_vec();
    *forged.last_mut().unwrap() ^= 1;
    world.silence();
    let address = world.client.address;
    spoof(&mut world, address, key_exchange);
    assert!(world.server.doubted.is_empty());
    for _ in 0..3 {
        spoof(&mut world, address, &forged);
    }
    assert_eq!(world.server.doubted.len(), 1);
    world.now += Duration::from_secs(60);
    world.server.endpoint.handle_timeout(world.now);
    world.server.listen(world.now);
    assert!(world.server.failed.is_empty());
    spoof(&mut world, address, rest);
    assert_eq!(world.server.connected.len(), 1);
    assert_eq!(world.server.doubted.len(), 1);
}

#[test]
fn many_spoofed_client_hellos_leave_nothing() {
    let mut world = connected(psk_client(), Config::default());
    let hello = of_client(&world)[0].clone();
    for number in 0..2_000u32 {
        let from = SocketAddr::from((std::net::Ipv4Addr::from(0x0a00_0000 + number), 5684));
        spoof(&mut world, from, &hello);
        let answer = world.server.endpoint.poll_transmit().unwrap();
        assert!(answer.peer == from && answer.bytes.len() < hello.len());
        assert!(world.server.endpoint.poll_transmit().is_none());
    }
    assert_eq!(world.server.endpoint.handshake_count(), 0);
    world.talk();
}

#[test]
fn no_more_handshakes_and_sessions_than_allowed() {
    let server = Config {
        max_sessions: 1,
        ..Config::default()
    };
    let mut world = connected(psk_client(), server);
    world.client.address.set_port(50_000);
    world.connect(None);
    assert!(!world.establish());
    assert_eq!(world.server.endpoint.session_count(), 1);
}

/// Every single byte of a handshake is corrupted once, and it comes to an end all the same.
#[test]
fn no_corrupted_byte_does_harm() {
    let lengths: Vec<usize> = {
        let mut world = World::new(13, FAIR, psk_client(), Config::default());
        world.connect(None);
        assert!(world.establish());
        world
            .sent
            .iter()
            .map(|(_, transmit)| transmit.bytes.len())
            .collect()
    };
    for (datagram, length) in lengths.iter().enumerate() {
        for position in (0..*length).step_by(3) {
            let mut world = World::new(13, FAIR, psk_client(), Config::default());
            world.mishap = Some((datagram, position));
            world.connect(None);
            if !world.establish() {
                // A hello that was changed on its way is noticed by the Finished messages, or by its answer.
                world.connect(None);
                assert!(world.establish(), "{datagram} {position}");
            }
            world.talk();
        }
    }
}
