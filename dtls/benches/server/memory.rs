//! Bytes of the server's heap: for an established session, a handshake under way, and an address that proves nothing.

use crate::allocator::{count, in_use};
use crate::credentials::{Credentials, Kind};
use crate::fleet::{BATCH, Fleet, address};
use crate::print;
use dtls::CipherSuite;

const SESSIONS: u32 = 100_000;
const HANDSHAKES: u32 = 5_000;
const STRANGERS: u32 = 100_000;

pub(crate) fn measure() {
    count();
    for (with, length) in [("with connection id", Some(6)), ("without connection id", None)] {
        for (name, kind, suite) in [
            ("psk", Kind::Psk, CipherSuite::PskAes128Ccm8),
            (
                "certificate",
                Kind::Certificate,
                CipherSuite::EcdheEcdsaAes128Ccm8,
            ),
        ] {
            let mut credentials = Credentials::new(kind, suite);
            credentials.server.connection_id_length = length;
            session(&format!("{name} session, {with}"), credentials);
        }
    }
    let mut by_id = Credentials::new(Kind::Psk, CipherSuite::PskAes128Ccm8);
    by_id.client.offer_tickets = false;
    session("psk session, resumable by id", by_id);
    handshake("psk handshake", Kind::Psk, CipherSuite::PskAes128Ccm8);
    handshake(
        "certificate handshake",
        Kind::Certificate,
        CipherSuite::EcdheEcdsaAes128Ccm8,
    );
    strangers();
}

/// What the server's sessions take, when the devices are gone.
fn session(name: &str, credentials: Credentials) {
    let mut fleet = Fleet::new(credentials);
    let before = in_use();
    fleet.connect(0..SESSIONS);
    fleet.expect(SESSIONS as usize, 0);
    fleet.forget_devices();
    let each = (in_use() - before) as f64 / f64::from(SESSIONS);
    assert_eq!(fleet.server.session_count(), SESSIONS as usize);
    print(name, each, "bytes");
}

/// What a server holds of clients whose cookie was right and who say nothing more.
fn handshake(name: &str, kind: Kind, suite: CipherSuite) {
    let mut fleet = Fleet::new(Credentials::new(kind, suite));
    let before = in_use();
    for first in (0..HANDSHAKES).step_by(BATCH as usize) {
        for number in first..first + BATCH {
            fleet.devices.connect(fleet.now, address(number), None).unwrap();
        }
        // Without cookie, and with.
        fleet.round();
        fleet.round();
        fleet.forget_devices();
    }
    assert_eq!(fleet.server.handshake_count(), HANDSHAKES as usize);
    print(name, (in_use() - before) as f64 / f64::from(HANDSHAKES), "bytes");
}

/// What is left of ClientHellos from addresses that never answer.
fn strangers() {
    let mut fleet = Fleet::new(Credentials::new(Kind::Psk, CipherSuite::PskAes128Ccm8));
    fleet.devices.connect(fleet.now, address(0), None).unwrap();
    let hello = fleet.devices.poll_transmit().unwrap().bytes;
    let spoof = |fleet: &mut Fleet, number: u32| {
        fleet
            .server
            .handle_datagram(fleet.now, &address(number), &mut hello.clone());
        assert!(fleet.server.poll_transmit().is_some());
    };
    spoof(&mut fleet, 1);
    let before = in_use();
    (1..=STRANGERS).for_each(|number| spoof(&mut fleet, number));
    let each = (in_use() - before) as f64 / f64::from(STRANGERS);
    print("unverified address", each, "bytes");
}
