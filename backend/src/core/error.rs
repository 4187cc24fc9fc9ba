//! Why the core does not do what it is asked.

use crate::credential::{CredentialError, KeyError};
use crate::store::StoreError;
use shared::DeviceState;
use shared::api::DeviceColumn;
use std::net::SocketAddr;

/// Why the server does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("cannot listen on {address}/udp: {source}")]
    Bind {
        address: SocketAddr,
        source: std::io::Error,
    },
    #[error("cannot listen on {address}/tcp: {source}")]
    BindTcp {
        address: SocketAddr,
        source: std::io::Error,
    },
    #[error("TLS: {0}")]
    Tls(String),
    #[error(transparent)]
    Credential(#[from] CredentialError),
    #[error(transparent)]
    Key(#[from] KeyError),
    #[error("cannot start a thread: {0}")]
    Thread(std::io::Error),
    #[error("the system gives no randomness: {0}")]
    Randomness(String),
}

/// What a device query says wrongly.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum QueryError {
    #[error("there is no column '{0}' to sort by; there are {names}", names = sortable_columns())]
    UnknownColumn(String),
    #[error(transparent)]
    Syntax(#[from] shared::query::SyntaxError),
    #[error("a page has 1 to 500 devices, not {0}")]
    Limit(u32),
    #[error("the cursor is not one that this list gave out")]
    Cursor,
}

fn sortable_columns() -> String {
    let columns: Vec<DeviceColumn> = DeviceColumn::all()
        .filter(|column| column.is_sortable())
        .collect();
    DeviceColumn::join(&columns).replace(',', ", ")
}

/// Why an operation is not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OperateError {
    #[error("there is no such device")]
    UnknownDevice,
    #[error("the device is not registered (it is {}); with 'expires' the operation would wait for it", .0.word())]
    NotRegistered(DeviceState),
    /// The request does not say what it must, or says it wrongly.
    #[error("{0}")]
    BadRequest(String),
    /// The value, or the operation itself, is not what the object's definition allows.
    #[error("{0}")]
    DoesNotFitModel(String),
    #[error("{0} operations wait for the device already")]
    QueueFull(usize),
    #[error("the server is stopping")]
    Stopping,
}
