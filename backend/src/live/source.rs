//! What subscriptions ask the core.

use crate::core::{Core, Told};
use shared::api::{DeviceRow, FleetSummary};
use std::sync::Arc;

/// The part of [`Core`] that subscriptions need, so that their tests need no more.
pub(super) trait Source {
    fn rows(&self, endpoints: &[String]) -> Vec<DeviceRow>;
    fn recent_events(&self, endpoint: &str, since: u64) -> Option<Vec<Arc<Told>>>;
    fn fleet(&self) -> FleetSummary;
    fn sequence(&self) -> u64;
}

impl Source for Core {
    fn rows(&self, endpoints: &[String]) -> Vec<DeviceRow> {
        Core::rows(self, endpoints)
    }

    fn recent_events(&self, endpoint: &str, since: u64) -> Option<Vec<Arc<Told>>> {
        Core::recent_events(self, endpoint, since)
    }

    fn fleet(&self) -> FleetSummary {
        Core::fleet(self)
    }

    fn sequence(&self) -> u64 {
        Core::sequence(self)
    }
}
