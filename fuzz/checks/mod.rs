//! What must hold for any bytes, one function `check` for each target. Panics where it does not.
//!
//! The fuzz targets call them with what the fuzzer makes up, and a test of the server's calls them with the seeds and with
//! everything that was ever found.

pub(crate) mod coap_endpoint;
pub(crate) mod coap_message;
pub(crate) mod coap_stream;
pub(crate) mod dtls_endpoint;
pub(crate) mod dtls_message;
pub(crate) mod live;
pub(crate) mod payload;
pub(crate) mod payload_binary;
pub(crate) mod payload_text;
pub(crate) mod script;
pub(crate) mod server;
pub(crate) mod words;
