//! A CoAP endpoint that does no I/O.
//!
//! [`Endpoint`] speaks the Constrained Application Protocol, over datagrams and over byte streams, with any number of
//! peers, in both roles at once: it asks and is asked, observes and is observed. It opens no socket, reads no clock, starts no task and keeps
//! no global: the caller hands it datagrams and the time, and takes datagrams and events out of it. So the same code
//! runs in a server, in a device and under a simulated network.
//!
//! What it does: confirmable and non-confirmable messages with retransmission and deduplication (RFC 7252 §4),
//! piggybacked and separate responses (§5.2), block-wise transfer of bodies both ways (RFC 7959), observation in both
//! roles (RFC 7641), FETCH, PATCH and iPATCH (RFC 8132); and all of that over TCP or TLS in the messages of RFC 8323, with
//! its signalling and BERT. What it does not: proxying, multicast, DTLS, OSCORE, WebSockets.
//!
//! # Driving it
//!
//! After every call (`handle_datagram`, `handle_timeout`, `request`, `respond`, …) send what
//! [`poll_transmit`](Endpoint::poll_transmit) gives until `None`, act on what [`poll_event`](Endpoint::poll_event) gives until
//! `None`, and call [`handle_timeout`](Endpoint::handle_timeout) no later than [`poll_timeout`](Endpoint::poll_timeout) says.
//! Bodies in requests and responses are always whole; blocks are the endpoint's own business.
//!
//! A peer is one of datagrams until [`connected`](Endpoint::connected) is called for it; then its bytes go to
//! [`handle_stream`](Endpoint::handle_stream), what is to be sent to it is to be written in order, and
//! [`disconnected`](Endpoint::disconnected) ends it. [`Event::Closing`] asks for the connection to be closed once what is
//! to be sent is sent. Requests, responses and observations are the same for both.
//!
//! # Example
//!
//! A client reads a value from a server; each datagram is carried by hand.
//!
//! ```
//! use std::time::Instant;
//! use coap::{Code, Config, Endpoint, Event, Request, RequestOptions, Response};
//!
//! // The peer's key is whatever tells peers apart: a socket address, or here a name.
//! let mut client = Endpoint::<&str>::new(Config::default(), [1; 32]); // use real randomness for the seed
//! let mut server = Endpoint::<&str>::new(Config::default(), [2; 32]);
//! let now = Instant::now();
//!
//! let asked = client.request(now, "server", Request::get("/3/0/0"), RequestOptions::default())?;
//! let datagram = client.poll_transmit().expect("the request goes out").datagram;
//!
//! server.handle_datagram(now, "client", &datagram);
//! let Some(Event::Request { id, request, .. }) = server.poll_event() else { panic!() };
//! assert_eq!(request.path(), "/3/0/0");
//! server.respond(now, id, Response::new(Code::CONTENT).with_payload(0, "Open Mobile Alliance"));
//! let datagram = server.poll_transmit().expect("the response goes out").datagram;
//!
//! client.handle_datagram(now, "server", &datagram);
//! let Some(Event::Response { exchange, response, .. }) = client.poll_event() else { panic!() };
//! assert_eq!((exchange, response.code), (asked, Code::CONTENT));
//! assert_eq!(response.payload, b"Open Mobile Alliance");
//! # Ok::<(), coap::RequestError>(())
//! ```
//!
//! # Limits
//!
//! Every queue and cache has a bound in [`Config`]. Per datagram the work does not depend on the number of peers. A peer
//! that was not heard of for EXCHANGE_LIFETIME, is not observed and has no parameters of its own costs nothing.
//!
//! # Choices
//!
//! - A repeated message is one with the same message ID and the same bytes within EXCHANGE_LIFETIME. RFC 7252 §4.5 looks
//!   at the ID alone, but a device that restarts and counts from the same ID again is to be served.
//! - A request that was acknowledged counts for NSTART until it is answered: many devices can do only one thing at a time.
//! - Every message of a block-wise transfer has a token of its own, so that a late block is never taken for another.

#![forbid(unsafe_code)]
#![warn(missing_docs)]

mod block;
mod clock;
mod code;
mod config;
mod endpoint;
mod event;
mod layout;
mod message;
pub mod options;
mod parameters;
mod random;
mod request;
mod response;
mod statistics;
pub mod stream;
mod timers;
mod token;
pub mod trace;
mod wire;

pub use block::{Block, BlockSize};
pub use code::Code;
pub use config::{Config, StreamConfig};
pub use endpoint::{Endpoint, Observation, Peer};
pub use event::{
    ClosingReason, Event, ExchangeId, FailureReason, IncomingId, NotificationId, Refusal, RequestError,
    Transmit,
};
pub use message::{Kind, MalformedMessage, Message};
pub use options::{Options, number};
pub use parameters::Parameters;
pub use request::{Request, RequestOptions};
pub use response::Response;
pub use statistics::{Statistics, Usage};
pub use stream::StreamMessage;
pub use token::Token;
