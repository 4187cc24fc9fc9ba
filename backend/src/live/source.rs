//! What subscriptions ask the core.

use crate::core::{Core, Told};
use shared::api::{DeviceRow, FleetSummary};
use shared::bootstrap::SessionView;
use std::sync::Arc;

/// The part of [`Core`] that subscriptions need, so that their tests need no more.
pub(super) trait Source {
    fn rows(&self, endpoints: &[String]) -> Vec<DeviceRow>;
    fn recent_events(&self, endpoint: &str, since: u64) -> Option<Vec<Arc<Told>>>;
    fn fleet(&self) -> FleetSummary;
    fn sequence(&self) -> u64;
    /// A bootstrap session of late, with the number of its last change.
    fn bootstrap(&self, session: u64) -> Option<(SessionView, u64)>;
    /// Bootstrap sessions that changed after this number, and the number of the last change.
    fn changed_bootstraps(&self, after: u64, most: usize) -> (Vec<SessionView>, u64);
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

    fn bootstrap(&self, session: u64) -> Option<(SessionView, u64)> {
        Core::bootstrap(self).recent_session(session)
    }

    fn changed_bootstraps(&self, after: u64, most: usize) -> (Vec<SessionView>, u64) {
        Core::bootstrap(self).changed_sessions(after, most)
    }
}
