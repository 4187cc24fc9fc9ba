//! The protocol trace: the last datagrams of each shard as they came, taken apart when somebody looks.

mod dissect;
mod ring;

pub(crate) use dissect::Dissector;
pub(crate) use ring::{KEPT, Raw, Ring, Seen, Watcher};
