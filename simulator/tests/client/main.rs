//! The client against a CoAP endpoint in the server's place, in simulated time.
//!
//! | module | LwM2M Core 1.2 |
//! |---|---|
//! | `registration` | §6.2 |
//! | `reading`, `writing` | §6.3 |
//! | `attributes` | §5.1.2, §7.3: which notifications are due when |
//! | `observation` | §6.4 |
//! | `firmware` | appendix E.6 |
//! | `access` | §8: what a server may do on a device that it shares |
//! | `robustness` | any bytes, any request |

#![allow(clippy::unwrap_used, reason = "a test that cannot go on panics")]

mod access;
mod ask;
mod attributes;
mod firmware;
mod observation;
mod reading;
mod registration;
mod robustness;
mod stream;
mod support;
mod writing;
