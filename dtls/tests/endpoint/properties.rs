//! Whatever bytes come: no panic, no session lost.

use crate::network::*;
use dtls::Config;
use proptest::collection::vec;
use proptest::prelude::*;

/// Bytes that look like a record more often than chance would have it.
fn record() -> impl Strategy<Value = Vec<u8>> {
    let content_type = prop_oneof![20u8..=25, any::<u8>()];
    let fragment = (
        0u8..=20,
        0u16..4,
        0u32..64,
        vec(any::<u8>(), 0..64),
        any::<bool>(),
    );
    (content_type, 0u16..3, 0u16..40, fragment).prop_map(
        |(kind, epoch, sequence, (message, seq, offset, body, whole))| {
            let mut content = vec![message];
            let (offset, total) = if whole {
                (0, body.len() as u32)
            } else {
                (offset, offset + body.len() as u32)
            };
            content.extend_from_slice(&total.to_be_bytes()[1..]);
            content.extend_from_slice(&seq.to_be_bytes());
            content.extend_from_slice(&offset.to_be_bytes()[1..]);
            content.extend_from_slice(&(body.len() as u32).to_be_bytes()[1..]);
            content.extend_from_slice(&body);
            let mut out = vec![kind, 0xfe, 0xfd];
            out.extend_from_slice(&epoch.to_be_bytes());
            out.extend_from_slice(&[0, 0, 0, 0]);
            out.extend_from_slice(&sequence.to_be_bytes());
            out.extend_from_slice(&(content.len() as u16).to_be_bytes());
            out.extend_from_slice(&content);
            out
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn a_session_survives_whatever_comes_from_its_address(
        noise in vec(prop_oneof![record(), vec(any::<u8>(), 0..80)], 1..40),
    ) {
        let mut world = World::new(31, FAIR, psk_client(), Config::default());
        world.connect(None);
        prop_assert!(world.establish());
        let (now, client, server) = (world.now, world.client.address, world.server.address);
        for mut bytes in noise {
            world.server.endpoint.handle_datagram(now, &client, &mut bytes.clone());
            world.client.endpoint.handle_datagram(now, &server, &mut bytes);
        }
        world.talk();
    }

    #[test]
    fn a_handshake_meets_whatever_comes_without_panic(
        noise in vec(prop_oneof![record(), vec(any::<u8>(), 0..80)], 1..20),
        when in 0usize..8,
    ) {
        let mut world = World::new(32, FAIR, psk_client(), Config::default());
        world.connect(None);
        let limit = world.now + std::time::Duration::from_secs(60);
        (0..when).for_each(|_| { world.step(limit); });
        let (now, client, server) = (world.now, world.client.address, world.server.address);
        for mut bytes in noise {
            world.server.endpoint.handle_datagram(now, &client, &mut bytes.clone());
            world.client.endpoint.handle_datagram(now, &server, &mut bytes);
        }
        world.establish();
        prop_assert!(world.server.endpoint.handshake_count() <= 1);
    }
}
