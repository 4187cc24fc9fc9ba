//! A sans-IO DTLS 1.2 endpoint for constrained devices.
#![forbid(unsafe_code)]

mod alert;
mod config;
mod crypto;
mod endpoint;
mod handshake;
mod identity;
mod message;
mod record;
mod resumption;
mod suite;
mod x509;

pub use alert::AlertDescription;
pub use config::{Config, KeyCredential, PskCredential};
pub use crypto::p256::{NotASigningKey, SigningKey};
pub use endpoint::{
    ConnectError, Connected, Direction, Endpoint, Event, HandshakeFailed, HandshakeId, ImportError,
    NoRandomness, PeerAddress, SendError, SessionId, Transmit,
};
pub use handshake::{Answer, Question};
pub use identity::PeerIdentity;
pub use message::DecodeError;
pub use record::ConnectionId;
pub use resumption::Resumption;
pub use suite::{CipherSuite, KeyExchange};
pub use x509::{Untrusted, Usage, verify_chain};
