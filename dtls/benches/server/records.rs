//! Nanoseconds of the server's CPU time to take in a record of 100 bytes and send one of 100 bytes.

use crate::clock::Stopwatch;
use crate::credentials::{Credentials, Kind};
use crate::fleet::{Fleet, address};
use crate::print;
use dtls::{CipherSuite, Event, SessionId};

const SIZE: usize = 100;

pub(crate) fn measure() {
    for (name, suite) in [
        ("CCM_8", CipherSuite::PskAes128Ccm8),
        ("GCM", CipherSuite::PskAes128GcmSha256),
        ("CBC", CipherSuite::PskAes128CbcSha256),
    ] {
        for (kind, sessions) in [("one session", 1), ("10000 sessions", 10_000)] {
            let (open, seal) = records(suite, sessions);
            print(&format!("{name} open, {kind}"), open, "ns");
            print(&format!("{name} seal, {kind}"), seal, "ns");
            print(&format!("{name} open and seal, {kind}"), open + seal, "ns");
        }
    }
}

/// Nanoseconds to open and to seal a record, over so many sessions in turn.
fn records(suite: CipherSuite, sessions: u32) -> (f64, f64) {
    const AT_ONCE: usize = 500;
    const TIMES: usize = 120;
    let mut fleet = Fleet::new(Credentials::new(Kind::Psk, suite));
    fleet.connect(0..sessions);
    let at_device: Vec<SessionId> = (0..sessions)
        .map(|number| fleet.sessions[&address(number)])
        .collect();
    let at_server = std::mem::take(&mut fleet.accepted);
    let mut at_device = at_device.into_iter().cycle();
    let mut at_server = at_server.into_iter().cycle();
    let data = [0x5a; SIZE];
    let (mut opening, mut sealing) = (Stopwatch::default(), Stopwatch::default());
    let (mut opened, mut sealed) = (0, Vec::with_capacity(AT_ONCE));
    for _ in 0..TIMES {
        for session in at_device.by_ref().take(AT_ONCE) {
            fleet.devices.send(session, &data).unwrap();
        }
        let mut inbox: Vec<_> = std::iter::from_fn(|| fleet.devices.poll_transmit()).collect();
        opening.time(|| {
            for transmit in &mut inbox {
                fleet
                    .server
                    .handle_datagram(fleet.now, &transmit.peer, &mut transmit.bytes);
                while let Some(event) = fleet.server.poll_event() {
                    opened += usize::from(matches!(event, Event::Data { bytes, .. } if bytes == data));
                }
            }
        });
        sealing.time(|| {
            for session in at_server.by_ref().take(AT_ONCE) {
                fleet.server.send(session, &data).unwrap();
                sealed.extend(fleet.server.poll_transmit());
            }
        });
        assert_eq!(sealed.len(), AT_ONCE);
        sealed.clear();
    }
    let count = AT_ONCE * TIMES;
    assert_eq!(opened, count);
    let each = |stopwatch: &Stopwatch| stopwatch.seconds() * 1e9 / count as f64;
    (each(&opening), each(&sealing))
}
