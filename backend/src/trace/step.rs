//! Steps of the security layer: as they lie in the ring, and in words.

use shared::api::{Direction, TraceStep};

/// What the security layer did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step<'a> {
    /// A message of a handshake, by its name in RFC 5246 §7.
    Message(&'a str),
    /// What came of a handshake, or of a session later, in words.
    Session(&'a str),
    /// Why there will probably be no session.
    Doubt(&'a str),
    /// Why there is no session.
    Failure(&'a str),
}

impl Step<'_> {
    /// As the ring keeps it: one byte for the kind before the text.
    pub(crate) fn encode(self) -> Vec<u8> {
        let (kind, text) = match self {
            Step::Message(name) => (b'm', name),
            Step::Session(words) => (b's', words),
            Step::Doubt(words) => (b'd', words),
            Step::Failure(words) => (b'f', words),
        };
        [&[kind], text.as_bytes()].concat()
    }
}

/// A step as people see it, and the error that it is if it is one.
pub(super) fn told(bytes: &[u8], direction: Direction) -> (TraceStep, Option<String>) {
    let (kind, text) = bytes.split_first().unwrap_or((&b's', &[]));
    let text = String::from_utf8_lossy(text).into_owned();
    let step = |name: &str, words: String, last| TraceStep {
        name: name.into(),
        words,
        last,
    };
    match kind {
        b'm' => {
            let words = words(&text, direction).into();
            (step(&text, words, false), None)
        }
        b'd' => (
            step(
                "Finished",
                "What should confirm the handshake cannot be opened".into(),
                false,
            ),
            Some(text),
        ),
        b'f' => (step("Handshake", "The handshake failed".into(), true), Some(text)),
        _ => (step("Session", text, true), None),
    }
}

/// What a message is for. RFC 5246 §7.4, RFC 6347 §4.2, RFC 4279 §2, RFC 5077 §3.3.
fn words(name: &str, direction: Direction) -> &'static str {
    match (name, direction) {
        ("ClientHello", _) => "The device asks for a session",
        ("HelloVerifyRequest", _) => "The device has to show that it receives at its address",
        ("ServerHello", _) => "The server chooses the cipher suite",
        ("Certificate", Direction::Down) => "The server shows its certificate or public key",
        ("Certificate", Direction::Up) => "The device shows its certificate or public key",
        ("ServerKeyExchange", _) => "The server's part of the key agreement",
        ("CertificateRequest", _) => "The server asks for the device's certificate or public key",
        ("ServerHelloDone", _) => "It is the device's turn",
        ("ClientKeyExchange", _) => "The device's part of the key agreement, or its PSK identity",
        ("CertificateVerify", _) => "The device signs, as only the holder of its private key can",
        ("NewSessionTicket", _) => "The server hands out a ticket for a shorter handshake next time",
        ("ChangeCipherSpec", Direction::Down) => "From here on the server encrypts",
        ("ChangeCipherSpec", Direction::Up) => "From here on the device encrypts",
        ("Finished", Direction::Down) => "The server confirms the whole handshake",
        ("Finished", Direction::Up) => "The device confirms the whole handshake",
        ("Alert", Direction::Down) => "The server tells why it stops",
        ("Alert", Direction::Up) => "The device tells why it stops",
        _ => "A message of the handshake",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_is_told_as_it_was_kept() {
        let (hello, error) = told(&Step::Message("ClientHello").encode(), Direction::Up);
        assert_eq!(
            (hello.name.as_str(), hello.last, error),
            ("ClientHello", false, None)
        );
        let (began, error) = told(&Step::Session("It began").encode(), Direction::Up);
        assert_eq!(
            (began.words.as_str(), began.last, error),
            ("It began", true, None)
        );
        let (failed, error) = told(&Step::Failure("no").encode(), Direction::Up);
        assert!(failed.last);
        assert_eq!(error.as_deref(), Some("no"));
        told(&[], Direction::Up);
    }
}
