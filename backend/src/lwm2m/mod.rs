//! The LwM2M server: what devices ask of it and what it asks of them. No socket and no clock is used here.

pub(crate) mod bootstrap;
pub(crate) mod gateway;
pub(crate) mod observation;
pub(crate) mod operation;
pub(crate) mod queue_mode;
mod refusal;
pub(crate) mod registration;
pub(crate) mod reporting;
pub(crate) mod transmission;

pub(crate) use refusal::{Refusal, quote};
