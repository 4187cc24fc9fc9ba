//! The record layer: headers, connection ids, and the replay window. RFC 6347 §4.1, RFC 9146.

mod header;
mod window;

pub use header::ConnectionId;
pub(crate) use header::{ContentType, Header, MAX_CONNECTION_ID, VERSION_1_0, VERSION_1_2, next_record};
pub(crate) use window::ReplayWindow;
