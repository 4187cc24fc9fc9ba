//! Who gets what: configurations, which devices they are for, who waits, and how sessions went.
//!
//! Kept in memory, and in the store by [`Keeper`]; shared by the listener and the REST interface.

use super::keys::Keys;
use super::records::{Keeper, Recent, Records, Stored};
use super::sender::Sender;
use super::variables::{self, GROUP};
use super::{BootstrapError, Settings, Uris};
use crate::core::Models;
use crate::lwm2m::bootstrap::Recipe;
use crate::registry::{self, Device, DeviceNumber, Registry, Report, What};
use crate::shard::Directory;
use crate::store::Store;
use shared::api::{Approval, ApprovalRule, DevicePatch, WaitingDevice};
use shared::bootstrap::{
    Awaited, BootstrapConfiguration, Draft, Finding, SessionState, SessionView, StepKind, StepView,
    Variables, check,
};
use shared::model::DeviceModels;
use shared::{DeviceState, Timestamp};
use std::net::SocketAddr;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use tokio::sync::{oneshot, watch};

/// How many unknown devices may wait; beyond that the oldest is forgotten.
const MOST_WAITING: usize = 10_000;
/// How many sessions are kept in memory.
const MOST_SESSIONS: usize = 2_000;

#[derive(Debug)]
pub(crate) struct Desk {
    records: RwLock<Records>,
    pub(super) keeper: Keeper,
    pub(super) registry: Registry,
    pub(super) directory: Arc<Directory>,
    pub(super) models: Models,
    pub(super) settings: Settings,
    pub(super) uris: Uris,
    pub(super) keys: Keys,
    /// The number of the last change of a session.
    changes: watch::Sender<u64>,
    /// The waiting list changed.
    pub(super) waiting_changes: watch::Sender<()>,
}

/// What there is new of a session.
#[derive(Debug, Default)]
pub(super) struct News {
    pub(super) steps: Vec<StepView>,
    pub(super) awaits: Option<Awaited>,
    /// How it ended, and why if it failed.
    pub(super) ended: Option<(SessionState, Option<String>)>,
}

impl News {
    /// It ended so.
    pub(super) fn ended(state: SessionState, words: &str) -> News {
        News {
            steps: vec![note(registry::now(), words)],
            awaits: None,
            ended: Some((state, Some(words.to_owned()))),
        }
    }
}

/// What is done about a device that asks.
#[derive(Debug)]
pub(super) enum Decision {
    Configure {
        device: DeviceNumber,
        name: String,
        configuration: Arc<Stored>,
    },
    /// It left, and what it still has of this server's is to be deleted.
    Retire(Vec<u16>),
    /// In words, with the device if it is known.
    Refuse(Option<DeviceNumber>, String),
}

impl Desk {
    pub(super) fn new(
        store: Store,
        registry: Registry,
        directory: Arc<Directory>,
        models: Models,
        settings: Settings,
        uris: Uris,
        keys: Keys,
    ) -> Result<Desk, crate::store::StoreError> {
        let records = store.read_now(Records::read)?;
        Ok(Desk {
            records: RwLock::new(records),
            keeper: Keeper::new(store),
            registry,
            directory,
            models,
            settings,
            uris,
            keys,
            changes: watch::Sender::new(0),
            waiting_changes: watch::Sender::new(()),
        })
    }

    pub(super) fn read(&self) -> RwLockReadGuard<'_, Records> {
        self.records.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn write(&self) -> RwLockWriteGuard<'_, Records> {
        self.records.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sessions that were under way when the server stopped have ended; the devices will ask again.
    pub(super) async fn end_interrupted(&self) {
        let interrupted: Vec<u64> = {
            let records = self.read();
            let running = records
                .sessions
                .values()
                .filter(|recent| recent.view.state == SessionState::Running);
            running.map(|recent| recent.view.id).collect()
        };
        for id in interrupted {
            let words = "The server ended in the middle, without warning. What was said after the first message is not kept here; \
                         the device's timeline has it in short.";
            self.step(id, News::ended(SessionState::Failed, words)).await;
        }
    }

    /// The configuration a device would get, and why.
    pub(super) fn configuration_of(
        &self,
        endpoint: &str,
        device: Option<&Device>,
    ) -> (Option<(String, Arc<Stored>)>, String) {
        let records = self.read();
        if let Some(name) = records.choices.get(endpoint) {
            return match records.configurations.get(&**name) {
                Some(stored) => {
                    let words = "It was chosen for this device.".to_owned();
                    (Some((name.to_string(), stored.clone())), words)
                }
                None => (
                    None,
                    format!("The configuration '{name}' that was chosen for it does not exist."),
                ),
            };
        }
        let mut fitting: Vec<(&String, &Arc<Stored>)> = records
            .configurations
            .iter()
            .filter(|(_, stored)| applies(stored, device))
            .collect();
        // Names are in order already, and the sort keeps that among equals.
        fitting.sort_by_key(|(_, stored)| std::cmp::Reverse(stored.body.priority));
        match fitting.first() {
            Some((name, stored)) => {
                let words = match fitting.len() {
                    1 => "It is the only one that is for this device.".to_owned(),
                    count => format!("Of {count} that are for this device it has the highest priority."),
                };
                (Some(((*name).clone(), (*stored).clone())), words)
            }
            None => (None, "No configuration is for this device.".into()),
        }
    }

    /// What to do about a device that asks for its bootstrap.
    pub(super) async fn decide(&self, endpoint: &str, sender: &Sender) -> Decision {
        if self.directory.is_barred(endpoint) {
            if let Some(ids) = self.read().retiring.get(endpoint) {
                return Decision::Retire(ids.clone());
            }
            let number = self.number(endpoint);
            return Decision::Refuse(number, "the device was decommissioned".into());
        }
        let number = match self.number(endpoint) {
            Some(number) => number,
            None => match self.admit(endpoint, sender).await {
                Ok(number) => number,
                Err(reason) => return Decision::Refuse(None, reason),
            },
        };
        let (found, because) = {
            let rows = self.registry.rows();
            self.configuration_of(endpoint, rows.get(number))
        };
        match found {
            Some((name, configuration)) => Decision::Configure {
                device: number,
                name,
                configuration,
            },
            None => Decision::Refuse(Some(number), because),
        }
    }

    fn number(&self, endpoint: &str) -> Option<DeviceNumber> {
        self.registry.rows().find(endpoint).map(|(number, _)| number)
    }

    /// Lets an unknown device in by a rule or the policy, or has it wait.
    async fn admit(&self, endpoint: &str, sender: &Sender) -> Result<DeviceNumber, String> {
        let rule = self
            .read()
            .rules
            .items
            .iter()
            .find(|rule| fits(rule, endpoint, sender))
            .cloned();
        let approval = match (rule, self.settings.unknown_devices) {
            (Some(rule), _) => Some((rule.approval, "a rule")),
            (None, super::UnknownDevices::Accept) => Some((Approval::default(), "the configuration")),
            (None, super::UnknownDevices::Wait) => {
                self.have_wait(endpoint, sender).await;
                return Err("the device is not known; it waits for approval".into());
            }
            (None, super::UnknownDevices::Refuse) => None,
        };
        let Some((approval, by)) = approval else {
            return Err("the device is not known".into());
        };
        self.let_in(endpoint, approval, by)
            .await
            .map_err(|error| error.to_string())
    }

    /// Makes an unknown device known.
    pub(super) async fn let_in(
        &self,
        endpoint: &str,
        approval: Approval,
        by: &str,
    ) -> Result<DeviceNumber, BootstrapError> {
        if let Some(name) = &approval.configuration {
            self.choose(endpoint, Some(name)).await?;
        }
        let (number, name, _) = self
            .directory
            .provide(endpoint)
            .ok_or(BootstrapError::TooManyDevices)?;
        let mut tags = approval.tags;
        if let Some(group) = approval.group {
            tags.insert(GROUP.into(), group);
        }
        let patch = DevicePatch {
            label: approval.label,
            tags: (!tags.is_empty()).then_some(tags),
            metadata: (!approval.metadata.is_empty()).then_some(approval.metadata),
            ..DevicePatch::default()
        };
        let (done, applied) = oneshot::channel();
        let what = What::Provision {
            endpoint: name,
            patch,
            by: by.to_owned(),
            done: Some(done),
        };
        self.report(Report {
            at: registry::now(),
            device: Some(number),
            what,
        })
        .await;
        applied.await.map_err(|_| BootstrapError::Stopping)?;
        if self.write().waiting.remove(endpoint).is_some() {
            self.waiting_changes.send_replace(());
            self.keeper.waiting_gone(endpoint).await?;
        }
        Ok(number)
    }

    async fn have_wait(&self, endpoint: &str, sender: &Sender) {
        let now = registry::now();
        let (waiting, dropped) = {
            let mut records = self.write();
            let dropped = (records.waiting.len() >= MOST_WAITING && !records.waiting.contains_key(endpoint))
                .then(|| {
                    let oldest = records.waiting.values().min_by_key(|waiting| waiting.last_asked);
                    oldest.map(|waiting| waiting.endpoint.clone())
                })
                .flatten();
            if let Some(oldest) = &dropped {
                records.waiting.remove(oldest);
            }
            let entry = records
                .waiting
                .entry(endpoint.to_owned())
                .or_insert_with(|| WaitingDevice {
                    endpoint: endpoint.to_owned(),
                    address: String::new(),
                    security: String::new(),
                    identity: None,
                    first_asked: now,
                    last_asked: now,
                    times: 0,
                });
            entry.address = sender.address.to_string();
            sender.security.clone_into(&mut entry.security);
            entry.identity.clone_from(&sender.identity);
            entry.last_asked = now;
            entry.times += 1;
            (entry.clone(), dropped)
        };
        self.waiting_changes.send_replace(());
        // Written on powers of two, so that a device that asks all day is no load.
        let kept = if waiting.times.is_power_of_two() {
            self.keeper.waiting(&waiting).await
        } else {
            Ok(())
        };
        let gone = match dropped {
            Some(oldest) => self.keeper.waiting_gone(&oldest).await,
            None => Ok(()),
        };
        if let Err(error) = kept.and(gone) {
            tracing::error!(%error, "the waiting list could not be written");
        }
    }

    /// Chooses a configuration for a device, or leaves it to the rules again.
    pub(super) async fn choose(&self, endpoint: &str, name: Option<&str>) -> Result<(), BootstrapError> {
        if let Some(name) = name
            && !self.read().configurations.contains_key(name)
        {
            return Err(BootstrapError::UnknownConfiguration(name.into()));
        }
        self.keeper.choice(endpoint, name).await?;
        let mut records = self.write();
        match name {
            Some(name) => records.choices.insert(endpoint.to_owned(), name.into()),
            None => records.choices.remove(endpoint),
        };
        Ok(())
    }

    /// What a device that left had of this server's is deleted.
    pub(super) async fn retired(&self, endpoint: &str) {
        if self.write().retiring.remove(endpoint).is_none() {
            return;
        }
        let noted = self.keeper.retired(endpoint).await;
        if let Err(error) = noted.and(self.keys.forget(endpoint).await) {
            tracing::error!(%error, "it could not be noted that a device that left is deleted");
        }
    }

    /// The variables of a device.
    pub(super) fn variables(&self, endpoint: &str, peer: Option<SocketAddr>) -> Variables {
        let rows = self.registry.rows();
        let device = rows.find(endpoint).map(|(_, device)| device);
        variables::of(endpoint, device, &self.uris, peer)
    }

    /// What a session writes for a device.
    pub(super) fn recipe(&self, configuration: &BootstrapConfiguration, variables: Variables) -> Recipe {
        let configuration = configuration.clone();
        Recipe::new(move |models| fill(&configuration, &variables, models))
    }

    /// Begins to keep a session and returns its number.
    pub(super) async fn open(&self, mut view: SessionView) -> u64 {
        let view = {
            let mut records = self.write();
            records.last_session += 1;
            view.id = records.last_session;
            let change = self.change();
            let recent = Recent {
                view: view.clone(),
                change,
            };
            records.sessions.insert(view.id, recent);
            while records.sessions.len() > MOST_SESSIONS {
                records.sessions.pop_first();
            }
            view
        };
        if let Err(error) = self.keeper.session(&view).await {
            tracing::error!(%error, "a bootstrap session could not be written");
        }
        view.id
    }

    /// Adds what is new to a session, tells it as events of the device, and ends it if it has ended.
    pub(super) async fn step(&self, id: u64, news: News) {
        let News { steps, awaits, ended } = news;
        let (endpoint, state, finished) = {
            let mut records = self.write();
            let Some(recent) = records.sessions.get_mut(&id) else {
                return;
            };
            recent.change = self.change();
            let view = &mut recent.view;
            view.steps.extend(steps.iter().cloned());
            view.awaits = awaits;
            let has_ended = ended.is_some();
            if let Some((state, reason)) = ended {
                view.state = state;
                view.reason = reason;
                view.ended_at = Some(registry::now());
            }
            (view.endpoint.clone(), view.state, has_ended.then(|| view.clone()))
        };
        if let Some(view) = finished
            && let Err(error) = self.keeper.session(&view).await
        {
            tracing::error!(%error, "a bootstrap session could not be written");
        }
        let Some(number) = self.number(&endpoint) else {
            return;
        };
        let last = steps.len().saturating_sub(1);
        for (index, step) in steps.into_iter().enumerate() {
            let state = if index == last {
                state
            } else {
                SessionState::Running
            };
            let report = Report {
                at: step.at,
                device: Some(number),
                what: What::Bootstrap {
                    session: id,
                    state,
                    step: Box::new(step.brief()),
                },
            };
            self.report(report).await;
        }
    }

    /// The number of a change that happens now. Given while the records are held, so that who is told of it sees it.
    fn change(&self) -> u64 {
        let mut number = 0;
        self.changes.send_modify(|last| {
            *last += 1;
            number = *last;
        });
        number
    }

    pub(super) fn changes(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }

    pub(super) async fn report(&self, report: Report) {
        if self.registry.input.send(vec![report]).await.is_err() {
            tracing::debug!("the registry has ended");
        }
    }

    /// Where a registered device is, for a bootstrap that begins here.
    pub(super) fn address_of(&self, endpoint: &str) -> Option<(DeviceNumber, SocketAddr, DeviceState)> {
        let rows = self.registry.rows();
        let (number, device) = rows.find(endpoint)?;
        Some((number, device.peer?, device.state))
    }
}

/// The draft of a configuration with all that is wrong with it.
pub(super) fn fill(
    configuration: &BootstrapConfiguration,
    variables: &Variables,
    models: &DeviceModels<'_>,
) -> (Draft, Vec<Finding>) {
    let (draft, mut findings) = Draft::fill(configuration, variables, models);
    findings.extend(check(&draft, models));
    (draft, findings)
}

/// A step that says how it ended.
pub(super) fn note(at: Timestamp, words: impl Into<String>) -> StepView {
    StepView::note(at, StepKind::End, words)
}

/// Whether a configuration is for the device by what it says itself.
fn applies(stored: &Stored, device: Option<&Device>) -> bool {
    let applies = &stored.body.applies_to;
    if applies.all {
        return true;
    }
    let Some(device) = device else { return false };
    let tags = device.described.as_ref().map(|described| &described.tags);
    let group = applies
        .group
        .as_ref()
        .map(|group| tags.and_then(|tags| tags.get(GROUP)) == Some(group));
    let query = applies
        .query
        .as_ref()
        // A query that no longer reads was refused when it was written; it fits nothing.
        .map(|query| {
            let query = query.parse::<shared::query::Query>();
            query.is_ok_and(|query| query.accepts(device, registry::now()))
        });
    match (group, query) {
        (None, None) => false,
        (group, query) => group.unwrap_or(true) && query.unwrap_or(true),
    }
}

fn fits(rule: &ApprovalRule, endpoint: &str, sender: &Sender) -> bool {
    (sender.is_authenticated() || rule.without_security) && matches_pattern(&rule.endpoint, endpoint)
}

/// Whether a name fits a pattern in which `*` stands for any text. Takes time in proportion to both lengths.
fn matches_pattern(pattern: &str, name: &str) -> bool {
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = name.strip_prefix(first) else {
        return false;
    };
    let mut parts = parts.peekable();
    if parts.peek().is_none() {
        return rest.is_empty();
    }
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            return rest.ends_with(part);
        }
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_name_endpoints() {
        for (pattern, name, fits) in [
            ("a", "a", true),
            ("a", "ab", false),
            ("*", "", true),
            ("*", "anything", true),
            ("urn:*", "urn:dev:1", true),
            ("urn:*", "xurn:dev:1", false),
            ("*:1", "urn:dev:1", true),
            ("u*d*1", "urn:dev:1", true),
            ("u*d*1", "urn:dev:2", false),
            ("a*a", "a", false),
            ("", "a", false),
        ] {
            assert_eq!(matches_pattern(pattern, name), fits, "{pattern} {name}");
        }
    }
}
