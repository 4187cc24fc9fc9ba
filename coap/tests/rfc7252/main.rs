//! The message layer and requests: RFC 7252 §3 to §5.

#[path = "../support/mod.rs"]
mod support;

mod limits;
mod rfc9175_echo;
mod s3_format;
mod s4_2_confirmable;
mod s4_4_message_ids;
mod s4_5_deduplication;
mod s4_7_congestion;
mod s5_2_responses;
mod s5_4_options;
