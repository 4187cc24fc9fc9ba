//! Handshakes a second of the server's CPU time: from the first ClientHello, which is answered with a cookie, to the first
//! 64 bytes of data and the 64 that answer them.

use crate::clock::Stopwatch;
use crate::credentials::{Credentials, Kind};
use crate::fleet::{BATCH, Fleet};
use crate::print;
use dtls::CipherSuite;

pub(crate) fn measure() {
    full("psk", Kind::Psk, CipherSuite::PskAes128Ccm8, 5_000);
    resumed("psk resumed by ticket", true);
    resumed("psk resumed by id", false);
    full(
        "raw public key",
        Kind::RawPublicKey,
        CipherSuite::EcdheEcdsaAes128Ccm8,
        1_000,
    );
    full(
        "certificate",
        Kind::Certificate,
        CipherSuite::EcdheEcdsaAes128Ccm8,
        1_000,
    );
}

fn full(name: &str, kind: Kind, suite: CipherSuite, count: u32) {
    let mut fleet = Fleet::new(Credentials::new(kind, suite));
    fleet.connect(0..BATCH);
    fleet.stopwatch = Stopwatch::default();
    fleet.connect(BATCH..BATCH + count);
    fleet.expect((BATCH + count) as usize, 0);
    print(name, f64::from(count) / fleet.stopwatch.seconds(), "handshakes/s");
}

fn resumed(name: &str, offer_tickets: bool) {
    const DEVICES: u32 = 1_000;
    const ROUNDS: u32 = 5;
    let mut credentials = Credentials::new(Kind::Psk, CipherSuite::PskAes128Ccm8);
    credentials.client.offer_tickets = offer_tickets;
    let mut fleet = Fleet::new(credentials);
    // Once in full, and once to be warm.
    fleet.connect(0..DEVICES);
    fleet.connect(0..DEVICES);
    fleet.stopwatch = Stopwatch::default();
    (0..ROUNDS).for_each(|_| fleet.connect(0..DEVICES));
    fleet.expect(
        ((2 + ROUNDS) * DEVICES) as usize,
        ((1 + ROUNDS) * DEVICES) as usize,
    );
    print(
        name,
        f64::from(ROUNDS * DEVICES) / fleet.stopwatch.seconds(),
        "handshakes/s",
    );
}
