//! Sessions after the handshake: new addresses, restarts, silence, and the end.

use crate::network::*;
use dtls::{Config, ImportError, PeerIdentity, SendError};
use std::time::Duration;

fn connected(client: Config, server: Config) -> World {
    let mut world = World::new(21, FAIR, client, server);
    world.connect(None);
    assert!(world.establish());
    world.talk();
    world
}

#[test]
fn a_session_with_a_connection_id_follows_its_peer() {
    let mut world = connected(psk_client(), Config::default());
    let session = world.client.session();
    let old = world.client.address;
    world.client.address = "192.0.2.200:1024".parse().unwrap();
    let new = world.client.address;
    world.talk();
    assert_eq!(world.server.moved, [(old, new)]);
    // A record that was late does not move it back.
    world.client.endpoint.send(session, b"late").unwrap();
    let mut late = world.client.endpoint.poll_transmit().unwrap();
    world.talk();
    let now = world.now;
    world.server.endpoint.handle_datagram(now, &old, &mut late.bytes);
    world.server.listen(now);
    assert!(world.server.data.last().unwrap().1 == b"late");
    assert_eq!(world.server.moved.len(), 1);
    let session = world.server.session();
    assert_eq!(world.server.endpoint.peer(session), Some(&new));
}

#[test]
fn a_session_without_a_connection_id_stays_where_it_is() {
    let client = Config {
        connection_id_length: None,
        ..psk_client()
    };
    let mut world = connected(client, Config::default());
    let session = world.client.session();
    world.client.address = "192.0.2.200:1024".parse().unwrap();
    let before = world.server.data.len();
    world.client.endpoint.send(session, b"from elsewhere").unwrap();
    world.run_for(Duration::from_secs(1));
    assert_eq!((world.server.data.len(), world.server.moved.len()), (before, 0));
}

#[test]
fn a_session_survives_a_restart_of_the_server() {
    for id in [Some(6), None] {
        let server = || Config {
            connection_id_length: id,
            ..Config::default()
        };
        let mut world = connected(psk_client(), server());
        let session = world.server.session();
        let saved = world.server.endpoint.export(session).unwrap();
        // It goes on after it was saved, until the server stops.
        world.talk();
        let connected = world.server.connected.pop().unwrap();
        world.server = Side::new(world.now, "198.51.100.1:5684", server());
        let now = world.now;
        let session = world.server.endpoint.import(now, &saved).unwrap();
        world
            .server
            .connected
            .push(dtls::Connected { session, ..connected });
        world.talk();
        assert_eq!(world.server.endpoint.session_count(), 1);
        if id.is_some() {
            assert_eq!(
                world.server.endpoint.import(now, &saved),
                Err(ImportError::ConnectionId)
            );
        }
        let malformed = |bytes: &[u8], endpoint: &mut dtls::Endpoint<_>| {
            assert!(matches!(
                endpoint.import(now, bytes),
                Err(ImportError::Malformed(_))
            ));
        };
        (0..saved.len()).for_each(|length| malformed(&saved[..length], &mut world.server.endpoint));
    }
}

#[test]
fn a_silent_session_ends() {
    let server = Config {
        idle_timeout: Some(Duration::from_secs(3600)),
        ..Config::default()
    };
    let mut world = connected(psk_client(), server);
    world.run_for(Duration::from_secs(3000));
    world.talk();
    world.run_for(Duration::from_secs(3000));
    assert_eq!(world.server.endpoint.session_count(), 1);
    world.run_for(Duration::from_secs(700));
    assert_eq!(world.server.endpoint.session_count(), 0);
    assert!(world.server.closed[0].1.contains("nothing was heard"));
}

#[test]
fn a_limit_of_silence_can_be_set_later() {
    let mut world = connected(psk_client(), Config::default());
    world.run_for(Duration::from_secs(100_000));
    assert_eq!(
        (
            world.server.endpoint.poll_timeout(),
            world.server.endpoint.session_count()
        ),
        (None, 1)
    );
    let config = Config {
        idle_timeout: Some(Duration::from_secs(3600)),
        ..Config::default()
    };
    world.server.endpoint.set_config(config.into());
    world.run_for(Duration::from_secs(60));
    assert_eq!(world.server.endpoint.session_count(), 0);
}

#[test]
fn a_closed_session_is_closed_on_both_sides() {
    let mut world = connected(psk_client(), Config::default());
    let session = world.client.session();
    world.client.endpoint.close(session);
    world.run_for(Duration::from_secs(1));
    assert_eq!(
        world.server.closed,
        [(world.server.session(), "the peer closed it")]
    );
    assert_eq!(
        world.server.endpoint.session_count() + world.client.endpoint.session_count(),
        0
    );
    assert_eq!(
        world.client.endpoint.send(session, b"?"),
        Err(SendError::NoSession)
    );
}

#[test]
fn a_withdrawn_credential_ends_its_sessions() {
    let mut world = connected(psk_client(), Config::default());
    world
        .server
        .endpoint
        .end_identity(&PeerIdentity::Psk(b"another".to_vec()));
    world.talk();
    world
        .server
        .endpoint
        .end_identity(&PeerIdentity::Psk(IDENTITY.to_vec()));
    world.run_for(Duration::from_secs(1));
    assert_eq!(world.server.closed.len(), 1);
    assert_eq!(
        world.client.closed,
        [(world.client.session(), "the identity is valid but not let in")]
    );
}

#[test]
fn a_session_id_is_not_used_twice() {
    let mut world = connected(psk_client(), Config::default());
    let first = world.server.session();
    world.server.endpoint.close(first);
    world.connect(None);
    assert!(world.establish());
    assert_ne!(world.server.session(), first);
    assert!(world.server.endpoint.peer(first).is_none());
}

#[test]
fn records_that_are_too_long_are_not_sent() {
    let mut world = connected(psk_client(), Config::default());
    let session = world.client.session();
    assert_eq!(
        world.client.endpoint.send(session, &[0; 16_385]),
        Err(SendError::TooLong)
    );
    world.client.endpoint.send(session, &[7; 16_384]).unwrap();
    world.run_for(Duration::from_secs(1));
    assert_eq!(world.server.data.last().unwrap().1, [7; 16_384]);
}
