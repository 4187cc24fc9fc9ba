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
