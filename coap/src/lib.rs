//! A sans-IO CoAP endpoint.

mod block;
mod clock;
mod code;
mod config;
mod endpoint;
mod event;
mod layout;
mod message;
pub mod options;
mod parameters;
mod random;
mod request;
mod response;
mod statistics;
mod timers;
mod token;
pub mod trace;
mod wire;

pub use block::{Block, BlockSize};
pub use code::Code;
pub use config::Config;
pub use endpoint::{Endpoint, Observation, Peer};
pub use event::{
    Event, ExchangeId, FailureReason, IncomingId, NotificationId, Refusal, RequestError, Transmit,
};
pub use message::{Kind, MalformedMessage, Message};
pub use options::{Options, number};
pub use parameters::Parameters;
pub use request::{Request, RequestOptions};
pub use response::Response;
pub use statistics::Statistics;
pub use token::Token;
