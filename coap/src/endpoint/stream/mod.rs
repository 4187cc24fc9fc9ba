//! Peers on byte streams: what differs from datagrams. RFC 8323.
//!
//! | file | what it does |
//! |---|---|
//! | `connection` | what is kept of one connection, its beginning and end |
//! | `receive` | bytes, messages, and what may follow what |
//! | `signalling` | CSM, Ping, Pong, Release and Abort |
//! | `cut` | how much of a body one message carries, BERT included |
//!
//! Requests, responses, blocks and observations are those of the rest of the endpoint: a message of a stream passes
//! through it as a confirmable one that needs no acknowledgement.

mod connection;
mod cut;
mod receive;
mod signalling;

pub(crate) use connection::Connection;
pub(crate) use cut::Cut;
