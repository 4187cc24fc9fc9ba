//! CoAP over reliable transports: RFC 8323.

#[path = "../support/mod.rs"]
mod support;

mod s3_2_format;
mod s3_3_transmission;
mod s5_3_csm;
mod s5_4_ping;
mod s5_5_release;
mod s5_6_abort;
mod s6_block_wise;
mod s7_observe;
