//! The core over real UDP sockets, asked and answered by hand-made CoAP messages.

mod bad_input;
mod observation;
mod operation;
mod registration;
mod restart;
mod shards;
mod support;
