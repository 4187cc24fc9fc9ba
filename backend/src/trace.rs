//! The protocol trace: the last datagrams of each shard as they came, taken apart when somebody looks; between them what
//! the security layer did.

mod dissect;
mod pcapng;
mod ring;
mod step;

pub(crate) use dissect::Dissector;
pub(crate) use pcapng::write as pcapng;
pub(crate) use ring::{KEPT, Passed, Raw, Ring, Seen, Watcher};
pub(crate) use step::Step;
