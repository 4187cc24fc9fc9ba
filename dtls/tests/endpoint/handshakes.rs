//! Handshakes that succeed: every suite and credential, with and without extensions, in fair and foul weather.

use crate::network::*;
use dtls::{CipherSuite, Config, KeyExchange, PeerIdentity};

/// A client and a server that speak this suite, and what each should find out about the other.
fn pair(suite: CipherSuite) -> (Config, Config, PeerIdentity, PeerIdentity) {
    match suite.key_exchange() {
        KeyExchange::Psk => {
            let identity = PeerIdentity::Psk(IDENTITY.to_vec());
            (
                with_suite(suite, psk_client()),
                with_suite(suite, Config::default()),
                identity.clone(),
                identity,
            )
        }
        KeyExchange::EcdheEcdsa => {
            let (client, server) = (raw_public_key(), raw_public_key());
            let (client_is, server_is) = (public_key(&client), public_key(&server));
            (
                with_suite(suite, client),
                with_suite(suite, server),
                client_is,
                server_is,
            )
        }
    }
}

fn check(
    world: &mut World,
    suite: CipherSuite,
    client_is: &PeerIdentity,
    server_is: &PeerIdentity,
    resumed: bool,
) {
    assert!(
        world.establish(),
        "{suite:?}: {:?} {:?}",
        world.client.failed,
        world.server.failed
    );
    let (client, server) = (
        world.client.connected.last().unwrap(),
        world.server.connected.last().unwrap(),
    );
    assert_eq!((client.suite, server.suite), (suite, suite));
    assert_eq!((client.resumed, server.resumed), (resumed, resumed));
    assert_eq!((&client.identity, &server.identity), (server_is, client_is));
    assert_eq!(client.extended_master_secret, server.extended_master_secret);
    world.talk();
}

#[test]
fn every_suite_connects_with_and_without_connection_ids() {
    for suite in CipherSuite::ALL {
        for (ours, theirs) in [
            (Some(6), Some(6)),
            (Some(0), Some(6)),
            (Some(6), Some(0)),
            (None, Some(6)),
            (Some(6), None),
        ] {
            let (client, server, client_is, server_is) = pair(suite);
            let client = Config {
                connection_id_length: ours,
                ..client
            };
            let server = Config {
                connection_id_length: theirs,
                connection_id_prefix: Some(0xab),
                ..server
            };
            let mut world = World::new(1, FAIR, client, server);
            world.connect(None);
            check(&mut world, suite, &client_is, &server_is, false);
            let id = world.server.connected[0].connection_id;
            let expected = if ours.is_some() { theirs.unwrap_or(0) } else { 0 };
            assert_eq!(id.as_bytes().len(), expected, "{ours:?} {theirs:?}");
            assert!(id.is_empty() || id.as_bytes()[0] == 0xab);
        }
    }
}

#[test]
fn sessions_resume_by_ticket_and_by_id() {
    for (suite, offer_tickets) in CipherSuite::ALL
        .into_iter()
        .flat_map(|suite| [(suite, true), (suite, false)])
    {
        let (client, server, client_is, server_is) = pair(suite);
        let client = Config {
            offer_tickets,
            ..client
        };
        let mut world = World::new(2, FAIR, client, server);
        world.connect(None);
        check(&mut world, suite, &client_is, &server_is, false);
        for _ in 0..3 {
            let resumption = world.client.connected.last().unwrap().resumption.clone();
            assert!(resumption.is_some());
            world.connect(resumption);
            check(&mut world, suite, &client_is, &server_is, true);
        }
        // A new session of the same device at the same address replaces the old one.
        assert_eq!(world.server.endpoint.session_count(), 1);
    }
}

#[test]
fn older_devices_connect_and_resume_without_the_extended_master_secret() {
    for suite in CipherSuite::ALL {
        let (client, server, client_is, server_is) = pair(suite);
        let client = Config {
            offer_extended_master_secret: false,
            ..client
        };
        let mut world = World::new(3, FAIR, client.clone(), server);
        world.connect(None);
        check(&mut world, suite, &client_is, &server_is, false);
        assert!(!world.server.connected[0].extended_master_secret);
        let resumption = world.client.connected[0].resumption.clone();
        world.connect(resumption.clone());
        check(&mut world, suite, &client_is, &server_is, true);
        // A session that began without it must not go on with it. RFC 7627 §5.3.
        let (now, address) = (world.now, world.server.address);
        let newer = Config {
            offer_extended_master_secret: true,
            ..client
        };
        world
            .client
            .endpoint
            .connect_with(now, address, newer.into(), resumption)
            .unwrap();
        check(&mut world, suite, &client_is, &server_is, false);
    }
}

#[test]
fn foul_weather_delays_but_does_not_prevent() {
    for seed in 0..70 {
        let suite = CipherSuite::ALL[seed as usize % 7];
        let (client, server, client_is, server_is) = pair(suite);
        let weather = if seed % 2 == 0 { FOUL } else { LOSSY };
        let max_datagram = if seed % 3 == 0 { 100 } else { 1200 };
        let limit = |config| Config {
            max_datagram,
            ..config
        };
        let mut world = World::new(seed, weather, limit(client), limit(server));
        // What is corrupted in epoch 0 nobody notices until the Finished messages: then the client tries again.
        for attempt in 0.. {
            assert!(
                attempt < 8,
                "{seed}: {:?} {:?}",
                world.client.failed,
                world.server.failed
            );
            world.connect(
                world
                    .client
                    .connected
                    .last()
                    .and_then(|connected| connected.resumption.clone()),
            );
            if world.establish() {
                break;
            }
        }
        assert_eq!(world.client.connected.last().unwrap().identity, server_is);
        assert_eq!(world.server.connected.last().unwrap().identity, client_is);
        world.talk();
        assert!(
            world
                .sent
                .iter()
                .all(|(_, transmit)| transmit.bytes.len() <= max_datagram),
            "{seed}"
        );
    }
}
