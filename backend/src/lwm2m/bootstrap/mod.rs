//! The bootstrap interface without sockets and clock: what a device asks, and what it is sent. LwM2M Core 1.2 §6.1.

#[cfg(test)]
mod pair;
mod request;
mod session;
#[cfg(test)]
mod tests;

pub(crate) use request::{Asked, parse};
pub(crate) use session::{Answer, Ended, Job, Recipe, Session, Todo};
