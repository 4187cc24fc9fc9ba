//! The handshake messages, one file each, with their parsing and writing. RFC 5246 §7.4, RFC 6347 §4.2.

mod certificate;
mod certificate_request;
mod client_hello;
mod client_key_exchange;
mod extension;
mod hello_verify_request;
mod new_session_ticket;
mod server_hello;
mod server_key_exchange;
mod signature;
mod wire;

pub(crate) use certificate::{CertificateMessage, read_certificate, write_certificate};
pub(crate) use certificate_request::CertificateRequest;
pub(crate) use client_hello::ClientHello;
pub(crate) use client_key_exchange::ClientKeyExchange;
pub(crate) use extension::{CertificateType, ClientExtensions, SECP256R1, ServerExtensions};
pub(crate) use hello_verify_request::HelloVerifyRequest;
pub(crate) use new_session_ticket::NewSessionTicket;
pub(crate) use server_hello::ServerHello;
pub(crate) use server_key_exchange::{EcdheServerKeyExchange, read_psk_hint};
pub(crate) use signature::{ECDSA_SHA256, Signature};
pub use wire::DecodeError;
pub(crate) use wire::Reader;

/// The types of handshake messages. RFC 5246 §7.4, RFC 6347 §4.3.2, RFC 5077 §3.3.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub(crate) enum HandshakeType {
    HelloRequest = 0,
    ClientHello = 1,
    ServerHello = 2,
    HelloVerifyRequest = 3,
    NewSessionTicket = 4,
    Certificate = 11,
    ServerKeyExchange = 12,
    CertificateRequest = 13,
    ServerHelloDone = 14,
    CertificateVerify = 15,
    ClientKeyExchange = 16,
    Finished = 20,
}

impl HandshakeType {
    pub(crate) const ALL: [HandshakeType; 12] = [
        HandshakeType::HelloRequest,
        HandshakeType::ClientHello,
        HandshakeType::ServerHello,
        HandshakeType::HelloVerifyRequest,
        HandshakeType::NewSessionTicket,
        HandshakeType::Certificate,
        HandshakeType::ServerKeyExchange,
        HandshakeType::CertificateRequest,
        HandshakeType::ServerHelloDone,
        HandshakeType::CertificateVerify,
        HandshakeType::ClientKeyExchange,
        HandshakeType::Finished,
    ];

    pub(crate) fn from_byte(byte: u8) -> Option<HandshakeType> {
        HandshakeType::ALL.into_iter().find(|known| *known as u8 == byte)
    }

    /// The name in the specification, for people who read a trace.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            HandshakeType::HelloRequest => "HelloRequest",
            HandshakeType::ClientHello => "ClientHello",
            HandshakeType::ServerHello => "ServerHello",
            HandshakeType::HelloVerifyRequest => "HelloVerifyRequest",
            HandshakeType::NewSessionTicket => "NewSessionTicket",
            HandshakeType::Certificate => "Certificate",
            HandshakeType::ServerKeyExchange => "ServerKeyExchange",
            HandshakeType::CertificateRequest => "CertificateRequest",
            HandshakeType::ServerHelloDone => "ServerHelloDone",
            HandshakeType::CertificateVerify => "CertificateVerify",
            HandshakeType::ClientKeyExchange => "ClientKeyExchange",
            HandshakeType::Finished => "Finished",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::ConnectionId;
    use crate::suite::KeyExchange;
    use proptest::collection::vec;
    use proptest::option;
    use proptest::prelude::*;

    fn client_hello() -> impl Strategy<Value = ClientHello> {
        let first = (
            any::<u16>(),
            any::<[u8; 32]>(),
            vec(any::<u8>(), 0..=32),
            vec(any::<u8>(), 0..=255),
        );
        let lists = (
            vec(any::<u16>(), 0..20),
            vec(any::<u8>(), 0..4),
            option::of("[a-z.]{0,40}"),
        );
        let numbers = (
            option::of(vec(any::<u16>(), 0..5)),
            option::of(vec(any::<u16>(), 0..5)),
        );
        let bytes = || option::of(vec(any::<u8>(), 0..20));
        let flags = (any::<bool>(), any::<bool>());
        let rest = (bytes(), bytes(), bytes(), bytes(), bytes());
        (first, lists, numbers, flags, rest).prop_map(|(first, lists, numbers, flags, rest)| ClientHello {
            version: first.0,
            random: first.1,
            session_id: first.2,
            cookie: first.3,
            suites: lists.0,
            compression: lists.1,
            extensions: ClientExtensions {
                server_name: lists.2,
                groups: numbers.0,
                signature_algorithms: numbers.1,
                client_certificate_types: rest.0,
                server_certificate_types: rest.1,
                encrypt_then_mac: flags.0,
                extended_master_secret: flags.1,
                session_ticket: rest.2,
                connection_id: rest.3.and_then(|bytes| ConnectionId::new(&bytes)),
                renegotiation_info: rest.4,
            },
        })
    }

    proptest! {
        #[test]
        fn a_client_hello_reads_back(hello in client_hello()) {
            let mut bytes = Vec::new();
            hello.encode(&mut bytes);
            prop_assert_eq!(ClientHello::decode(&bytes), Ok(hello));
            for length in 0..bytes.len() {
                // Without the extensions, or cut between two, it may be whole again; it never panics.
                let _ = ClientHello::decode(&bytes[..length]);
            }
        }

        #[test]
        fn no_bytes_panic(bytes in vec(any::<u8>(), 0..200)) {
            let _ = ClientHello::decode(&bytes);
            let _ = ServerHello::decode(&bytes);
            let _ = HelloVerifyRequest::decode(&bytes);
            let _ = NewSessionTicket::decode(&bytes);
            let _ = CertificateRequest::decode(&bytes);
            let _ = EcdheServerKeyExchange::decode(&bytes);
            let _ = read_psk_hint(&bytes);
            let _ = Signature::decode(&bytes);
            for kind in [CertificateType::X509, CertificateType::RawPublicKey] {
                let _ = read_certificate(kind, &bytes);
            }
            for kind in [KeyExchange::Psk, KeyExchange::EcdheEcdsa] {
                let _ = ClientKeyExchange::decode(kind, &bytes);
            }
            let _ = crate::PeerIdentity::decode(&mut Reader::new(&bytes));
            let one = std::slice::from_ref(&bytes);
            let _ = crate::verify_chain(one, one, 0, crate::Usage::Client);
        }

        #[test]
        fn hellos_of_the_right_shape_with_any_extensions_do_not_panic(bytes in vec(any::<u8>(), 0..200)) {
            let mut reader = Reader::new(&bytes);
            let _ = ClientExtensions::read(&mut reader);
            let mut reader = Reader::new(&bytes);
            let _ = ServerExtensions::read(&mut reader);
        }
    }
}
