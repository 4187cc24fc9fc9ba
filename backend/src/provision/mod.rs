//! Devices that are made known before they come: one by one, or a million of them out of a CSV file.

mod check;
mod credential;
mod csv;
mod import;
mod row;

pub(crate) use check::Check;
pub(crate) use credential::Maker;
pub(crate) use import::{ImportError, Imports};
pub(crate) use row::Row;
