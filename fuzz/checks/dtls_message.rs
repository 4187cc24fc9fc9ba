//! Records, handshake messages, certificates, saved sessions: what is read is written and read as the same.

pub(crate) fn check(data: &[u8]) {
    dtls::fuzzing::parse(data);
}
