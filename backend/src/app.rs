//! What every request handler works with.

use crate::auth::Accounts;
use crate::config::Config;
use crate::core::Core;
use crate::live::Presence;
use crate::metrics::WebMetrics;
use crate::provision::Imports;
use crate::ui::Page;
use shared::api::Listener;
use std::ops::Deref;
use std::sync::Arc;
use std::time::Instant;
use tokio::sync::{Semaphore, watch};

/// The running server as the web side sees it; clones are handles to the same one.
#[derive(Clone, Debug)]
pub struct App {
    parts: Arc<Parts>,
}

/// What an [`App`] is made of.
#[derive(Debug)]
pub struct Parts {
    pub core: Core,
    pub accounts: Accounts,
    pub config: Config,
    pub page: Page,
    pub listeners: Vec<Listener>,
    pub started: Instant,
    pub metrics: WebMetrics,
    pub(crate) imports: Imports,
    /// Who has the page of a device open.
    pub presence: Presence,
    /// One permit for each live feed that may be open.
    pub live_slots: Arc<Semaphore>,
    /// Becomes true when the server begins to stop.
    pub stopping: watch::Receiver<bool>,
}

impl App {
    pub fn new(
        core: Core,
        accounts: Accounts,
        config: Config,
        listeners: Vec<Listener>,
        stopping: watch::Receiver<bool>,
    ) -> App {
        let live_connections = usize::try_from(config.limits.live_connections).unwrap_or(usize::MAX);
        App {
            parts: Arc::new(Parts {
                core,
                accounts,
                page: Page::new(config.ui.directory()),
                config,
                listeners,
                started: Instant::now(),
                metrics: WebMetrics::default(),
                imports: Imports::default(),
                presence: Presence::default(),
                live_slots: Arc::new(Semaphore::new(live_connections.min(Semaphore::MAX_PERMITS))),
                stopping,
            }),
        }
    }

    /// What tells this build from another one, for pages that are older than the server.
    pub fn build(&self) -> String {
        format!("{}-{}", env!("CARGO_PKG_VERSION"), self.page.hash())
    }

    pub fn is_stopping(&self) -> bool {
        *self.stopping.borrow()
    }
}

impl Deref for App {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.parts
    }
}

/// Waits until the server begins to stop.
pub async fn stopped(stopping: &mut watch::Receiver<bool>) {
    // An error means that the sender is gone, and with it the server.
    let _ = stopping.wait_for(|stopping| *stopping).await;
}
