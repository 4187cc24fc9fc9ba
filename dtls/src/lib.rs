//! A sans-IO DTLS 1.2 endpoint for constrained devices and the servers that manage them.
//!
//! One [`Endpoint`] holds all sessions and handshakes of a port, as server, as client or as both. It does no I/O and
//! reads no clock: its owner hands in datagrams and the time, and takes out datagrams and events. So it fits any
//! runtime, and a test can run a million handshakes over a bad network in simulated time.
//!
//! # What it speaks
//! - DTLS 1.2 (RFC 6347) with the seven [`CipherSuite`]s of LwM2M and its profile (RFC 7925): pre-shared keys, and
//!   ECDHE with ECDSA, both on P-256, with AES-128 in CCM, CCM_8, GCM and CBC.
//! - Pre-shared keys, raw public keys (RFC 7250) and X.509 certificates, on one port.
//! - Connection ids (RFC 9146): a device keeps its session when a NAT gives it a new address.
//! - Resumption by session id and by ticket (RFC 5077), the extended master secret (RFC 7627), encrypt-then-MAC
//!   (RFC 7366), SNI in a ClientHello.
//!
//! It does not speak DTLS 1.3 or 1.0, other curves, RSA keys at the ends of a chain, compression, or renegotiation.
//!
//! # What it costs
//! An address that has not proven that it receives costs no memory: the HelloVerifyRequest is computed from a rotating
//! secret. The state of a handshake, a few kilobytes, is freed when it ends. A session takes about 240 bytes with the
//! entries by which it is found. `cargo bench` measures that, and the CPU time of handshakes and records at a server.
//!
//! # A pair in memory
//! ```
//! use dtls::{Answer, Config, Endpoint, Event, PskCredential, Question};
//! use std::{net::SocketAddr, sync::Arc, time::Instant};
//!
//! let now = Instant::now();
//! let (here, there): (SocketAddr, SocketAddr) = ("192.0.2.1:40000".parse()?, "192.0.2.2:5684".parse()?);
//! let psk = PskCredential { identity: b"urn:dev:os:1".to_vec(), key: b"a secret".to_vec().into() };
//! let mut client = Endpoint::new(now, Arc::new(Config { psk: Some(psk), ..Config::default() }))?;
//! let mut server = Endpoint::new(now, Arc::new(Config::default()))?;
//! client.connect(now, there, None)?;
//!
//! let mut received = Vec::new();
//! while received.is_empty() {
//!     while let Some(mut datagram) = client.poll_transmit() {
//!         server.handle_datagram(now, &here, &mut datagram.bytes);
//!     }
//!     while let Some(event) = server.poll_event() {
//!         match event {
//!             // The answer may also come later: until then the handshake waits.
//!             Event::Question { handshake, question: Question::Psk { identity }, .. } => {
//!                 assert_eq!(identity, b"urn:dev:os:1");
//!                 server.answer(now, handshake, Answer::Psk(b"a secret".to_vec().into()));
//!             }
//!             Event::Data { bytes, .. } => received = bytes,
//!             _ => {}
//!         }
//!     }
//!     while let Some(mut datagram) = server.poll_transmit() {
//!         client.handle_datagram(now, &there, &mut datagram.bytes);
//!     }
//!     while let Some(event) = client.poll_event() {
//!         if let Event::Connected(connected) = event {
//!             client.send(connected.session, b"hello")?;
//!         }
//!     }
//! }
//! assert_eq!(received, b"hello");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What the owner decides
//! The endpoint asks ([`Question`]) which key an identity has, whether a proven public key or certificate is let in
//! ([`verify_chain`] validates chains), and whether a session may be resumed. Whatever it is not asked for it decides
//! by the RFCs: what is not authentic is dropped, and ends or moves nothing.
#![forbid(unsafe_code)]
#![warn(missing_docs)]

mod alert;
mod config;
mod crypto;
mod endpoint;
#[doc(hidden)]
pub mod fuzzing;
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
    KeysMayDiffer, NEW_SESSION, NoRandomness, PeerAddress, SendError, SessionId, Transmit,
};
pub use handshake::{Answer, Question};
pub use identity::PeerIdentity;
pub use message::DecodeError;
pub use record::ConnectionId;
pub use resumption::Resumption;
pub use suite::{CipherSuite, KeyExchange};
pub use x509::{CertificateNames, Untrusted, Usage, verify_chain, verify_name};
