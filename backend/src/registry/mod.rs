//! The read model: every known device as the API shows it, kept in memory.
//!
//! One thread applies what the shards report ([`thread`]); readers take a read lock. Nothing else changes it.

mod apply;
mod cursor;
mod detail;
mod device;
mod events;
mod facets;
mod history;
mod journal;
mod link_sets;
mod names;
mod numbers;
mod order;
mod persist;
mod query;
mod refusals;
mod report;
mod restore;
mod rows;
mod samples;
mod state;
mod subject;
mod thread;
mod told;
mod values;

pub(crate) use device::Device;
pub(crate) use events::{Events, Feed};
pub(crate) use facets::facets;
pub(crate) use history::HISTORY;
pub(crate) use history::read as read_history;
pub(crate) use journal::read as read_journal;
pub(crate) use numbers::Numbers;
pub(crate) use persist::{address_bytes, keep_profile};
pub(crate) use query::{in_order, page};
pub(crate) use refusals::{Refusal, Refusals};
pub(crate) use report::{Progress, Report, What};
pub(crate) use restore::{Restored, RestoredOperation, RestoredRegistration};
pub(crate) use rows::Rows;
pub(crate) use samples::Samples;
pub(crate) use state::Windows;
pub(crate) use thread::{Input, Registry, Settings, Surroundings, now};
pub use told::Told;

/// A device's number: the key of its row here, in the store, and in its registration's location. Never used again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct DeviceNumber(pub(crate) u32);

impl DeviceNumber {
    pub(crate) const fn index(self) -> usize {
        self.0 as usize
    }
}
