//! The result as tables for people.

use super::aims::Aim;
use super::{Measured, ROUNDS};
use anyhow::Result;
use std::fmt::Write as _;

/// A table: what its figures are called for people, and by the programs.
type Table = (&'static str, bool, &'static [(&'static str, &'static str)]);

const TABLES: [Table; 3] = [
    (
        "handshakes a second, one core",
        true,
        &[
            ("PSK, CCM_8", "psk"),
            ("PSK, CCM_8, resumed by ticket", "psk resumed by ticket"),
            ("PSK, CCM_8, resumed by id", "psk resumed by id"),
            ("ECDHE_ECDSA, CCM_8, raw public keys of both", "raw public key"),
            ("ECDHE_ECDSA, CCM_8, certificates of both", "certificate"),
        ],
    ),
    (
        "nanoseconds for a record of 100 bytes",
        false,
        &[
            ("CCM_8, open and seal", "CCM_8 open and seal, one session"),
            ("CCM_8, open", "CCM_8 open, one session"),
            ("CCM_8, seal", "CCM_8 seal, one session"),
            ("GCM, open and seal", "GCM open and seal, one session"),
            ("CBC, open and seal", "CBC open and seal, one session"),
            (
                "CCM_8, open and seal, 10,000 sessions in turn",
                "CCM_8 open and seal, 10000 sessions",
            ),
            (
                "GCM, open and seal, 10,000 sessions in turn",
                "GCM open and seal, 10000 sessions",
            ),
        ],
    ),
    (
        "bytes of heap",
        false,
        &[
            ("a session by PSK", "psk session, without connection id"),
            (
                "a session by PSK, with connection id",
                "psk session, with connection id",
            ),
            ("the same, resumable by id", "psk session, resumable by id"),
            (
                "a session by certificate",
                "certificate session, without connection id",
            ),
            (
                "a session by certificate, with connection id",
                "certificate session, with connection id",
            ),
            ("a handshake by PSK under way", "psk handshake"),
            ("a handshake by certificate under way", "certificate handshake"),
            ("an unverified address", "unverified address"),
        ],
    ),
];

pub(super) fn report(measured: &Measured) -> Result<String> {
    let mut text = String::new();
    for (heading, more_is_better, rows) in TABLES {
        // Writing to a String cannot fail.
        let _ = writeln!(
            text,
            "| {heading} | median | least to most | aim | met | OpenSSL | times better |\n|---|--:|--:|--:|---|--:|--:|"
        );
        for (words, figure) in rows {
            let is = measured.ours.median(figure)?;
            let (least, most) = measured.ours.range(figure)?;
            let range = if least == most {
                "–".into()
            } else {
                format!("{} to {}", grouped(least), grouped(most))
            };
            let (aim, met) = match Aim::of(figure) {
                Some(aim) if aim.is_met(is) => (aim.words(), "yes"),
                Some(aim) => (aim.words(), "**no**"),
                None => ("–".into(), ""),
            };
            let theirs = measured
                .openssl
                .as_ref()
                .ok()
                .and_then(|openssl| openssl.figures.median(figure).ok());
            let (theirs, ratio) = theirs.map_or_else(
                || ("–".into(), "–".into()),
                |theirs| {
                    let ratio = if more_is_better { is / theirs } else { theirs / is };
                    let ratio = if ratio < 100.0 {
                        format!("{ratio:.1}")
                    } else {
                        format!("{ratio:.0}")
                    };
                    (grouped(theirs), ratio)
                },
            );
            let _ = writeln!(
                text,
                "| {words} | {} | {range} | {aim} | {met} | {theirs} | {ratio} |",
                grouped(is)
            );
        }
        text.push('\n');
    }
    let _ = match &measured.openssl {
        Ok(openssl) => writeln!(
            text,
            "Beside {}, which has no raw public keys in DTLS before 3.2 and no connection ids. Medians of {ROUNDS} runs in turn; heap once.",
            openssl.version
        ),
        Err(why) => writeln!(
            text,
            "Without OpenSSL: {why}. Medians of {ROUNDS} runs; heap once."
        ),
    };
    Ok(text)
}

/// A whole number with commas.
pub(super) fn grouped(value: f64) -> String {
    let digits = format!("{value:.0}");
    let mut out = String::new();
    for (at, digit) in digits.char_indices() {
        if at > 0 && (digits.len() - at) % 3 == 0 {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

pub(in crate::bench) const INTRODUCTION: &str = "\
`cargo xtask bench --only dtls --write` makes this part. `dtls/benches/server` has the crate's client and server in one process
and one thread: for 250 devices at a time the datagrams of a flight are made first and then handed to the server, and only the
CPU time of the server's calls counts. `dtls/benches/openssl/server.c` does the same with OpenSSL, over datagram queues in
memory and with `DTLSv1_listen`; the two programs take turns. CPU time, because the machine has other work too; what others do
to its caches and clock frequency remains in the figures, and hardly in the ratios.

- A *handshake* is the server's whole work for a device that comes: the first ClientHello, answered with a cookie, the handshake,
  the answers to the server's questions (the key; whether the public key is the right one; the validation of the chain up to one
  authority), a ticket where the client takes one, and 64 bytes of data back and forth. Resumption is by the same address, so
  the old session ends.
- *Open* is from the datagram to the event with its data, *seal* from the data to the datagram; the session is found by its
  connection id, which OpenSSL lacks.
- *Heap* is what an allocator counts over 100,000 sessions, what it adds to every block and the indexes by address and
  connection id and the cache for resumption by id included, after the first data, which end the handshake for good. The cache
  holds 4,096 sessions. OpenSSL's is counted over 1,000 sessions, with `SSL_MODE_RELEASE_BUFFERS`. A handshake under way has
  sent the server's flight; at most 10,000 are under way by default. 100,000 ClientHellos without a cookie, each from another
  address, are the unverified ones.

";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::dtls::figures::Figures;
    use crate::bench::dtls::{OpenSsl, aims::AIMS};

    #[test]
    fn every_aim_has_a_row_and_every_row_says_whether_it_is_met() {
        let mut ours = Figures::default();
        for (_, figure) in TABLES.iter().flat_map(|(_, _, rows)| *rows) {
            ours.read(&format!("{figure}\t1500.0\tx")).unwrap();
        }
        let mut figures = Figures::default();
        figures
            .read("psk\t500.0\tx\npsk session, without connection id\t75000.0\tx")
            .unwrap();
        let version = "OpenSSL 3".into();
        let measured = Measured {
            ours,
            openssl: Ok(OpenSsl { version, figures }),
        };
        let text = report(&measured).unwrap();
        assert!(
            text.contains("| PSK, CCM_8 | 1,500 | – | at least 30,000 | **no** | 500 | 3.0 |"),
            "{text}"
        );
        assert!(
            text.contains("| a session by PSK | 1,500 | – | at most 400 | **no** | 75,000 | 50.0 |"),
            "{text}"
        );
        let met = |word: &str| text.matches(&format!("| {word} |")).count();
        assert_eq!(met("yes") + met("**no**"), AIMS.len());
    }

    #[test]
    fn thousands_are_grouped() {
        for (value, words) in [
            (0.0, "0"),
            (999.4, "999"),
            (1000.0, "1,000"),
            (1_234_567.0, "1,234,567"),
        ] {
            assert_eq!(grouped(value), words);
        }
    }
}
