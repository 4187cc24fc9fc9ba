//! Block-wise transfers: RFC 7959.

#[path = "../support/mod.rs"]
mod support;

mod block1_in;
mod block1_out;
mod block2_in;
mod block2_out;
