//! The resource model of LwM2M as Muster's server, page and simulated devices share it.
//!
//! Everything here is pure: no socket, no clock, no task, no global. It compiles for the server and for
//! `wasm32-unknown-unknown`, so a payload is decoded in the browser by the very code that decoded it at the server.
//!
//! - [`Path`], [`Value`], [`Node`]: what a device holds and where.
//! - [`ContentFormat`] and [`codec`]: how it travels.
//! - [`model`]: what the object definitions say about it.
//! - [`bootstrap`] and [`access`]: what a bootstrap server tells a device, and who may do what on it.
//! - [`event`]: everything that can happen to a device, as one type.
//! - [`query`]: how a device list is filtered.
//! - [`span`]: how long something lasted, in words.
//! - [`text`]: looking for a text in another.
//! - [`sorted`]: a small map and set for what a page holds.
//! - [`compact`]: how a page reads what the server sends.
//! - [`api`] and [`live`]: what the page and scripts exchange with the server.

pub mod access;
pub mod api;
pub mod base64;
pub mod bootstrap;
pub mod codec;
pub mod compact;
pub mod content_format;
pub mod event;
pub mod float;
pub mod json;
pub mod live;
pub mod model;
pub mod node;
pub mod path;
pub mod query;
mod quoted;
pub mod sort;
pub mod sorted;
pub mod span;
pub mod state;
pub mod text;
pub mod timestamp;
pub mod value;
pub mod version;

pub use content_format::ContentFormat;
pub use node::{Entry, Node};
pub use path::{Path, PathError};
pub use quoted::quoted;
pub use state::{Contact, DeviceState};
pub use timestamp::Timestamp;
pub use value::{DataType, Value};
pub use version::Version;
