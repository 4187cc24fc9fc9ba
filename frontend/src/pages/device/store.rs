//! One device, live: asked for once by REST, kept true by the feed, shared by every part of its page.

use super::operate::{Busy, Outcome};
use super::view::{Known, Observed, Touched, Values, View, Waiting, learn};
use crate::api::{Answer, Api, Asked, Failure, device_path};
use crate::clock::{Clock, local};
use crate::dom::prelude::*;
use crate::live::{Live, Subscription};
use crate::session::Session;
use crate::ui::{Toasts, Tone};
use gloo_timers::callback::Timeout;
use shared::api::{
    DeviceDetail, DeviceModelList, ErrorCode, ObservationList, OperationList, Role, ValueList, ValueView,
};
use shared::compact::Compact;
use shared::event::{Event, EventKind};
use shared::live::{ServerFrame, Topic};
use shared::model::{DeviceModels, Registry};
use shared::sorted::SortedMap;
use shared::sorted::SortedSet;
use shared::{Path, Timestamp, Value};
use std::collections::VecDeque;

/// The newest events that are kept for the timeline and the chart.
const KEPT_EVENTS: usize = 500;
/// Changes that come together are asked for once.
const RELOAD_AFTER_MS: u32 = 400;

/// How far the page is with a device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Progress {
    Asking,
    Ready,
    /// There is no such device.
    Unknown,
    Failed(String),
}

/// Found with `expect_context::<Device>()` in every part of the page.
#[derive(Clone, Copy)]
pub(crate) struct Device {
    pub(crate) endpoint: StoredValue<String>,
    pub(crate) loading: RwSignal<Progress>,
    pub(crate) busy: Busy,
    pub(crate) clock: Clock,
    api: Api,
    live: Live,
    session: Session,
    toasts: Toasts,
    view: StoredValue<Option<View>>,
    registry: RwSignal<Registry>,
    discovered: RwSignal<SortedSet<Path>>,
    events: RwSignal<VecDeque<Event>>,
    detail_changed: Trigger,
    values_changed: Trigger,
    observed_changed: Trigger,
    waiting_changed: Trigger,
    subscription: StoredValue<Option<Subscription>>,
    reload: StoredValue<Option<Timeout>>,
}

impl std::fmt::Debug for Device {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Device").finish_non_exhaustive()
    }
}

impl Device {
    /// Starts to load the device and to follow it; ends with the reactive owner.
    pub(crate) fn open(endpoint: String) -> Device {
        let device = Device {
            endpoint: StoredValue::new(endpoint),
            loading: RwSignal::new(Progress::Asking),
            busy: Busy::new(),
            clock: expect_context(),
            api: expect_context(),
            live: expect_context(),
            session: expect_context(),
            toasts: expect_context(),
            view: StoredValue::new(None),
            registry: RwSignal::new(Registry::new()),
            discovered: RwSignal::new(SortedSet::new()),
            events: RwSignal::new(VecDeque::new()),
            detail_changed: Trigger::new(),
            values_changed: Trigger::new(),
            observed_changed: Trigger::new(),
            waiting_changed: Trigger::new(),
            subscription: StoredValue::new(None),
            reload: StoredValue::new(None),
        };
        device.load();
        device
    }

    /// Asks for everything, and follows the feed from there.
    pub(crate) fn load(self) {
        crate::reactive::spawn_local(async move {
            match self.fetch().await {
                Ok((view, registry)) => self.take(view, registry),
                Err(failure) if self.is_gone() => drop(failure),
                Err(failure) if failure.is(ErrorCode::NotFound) => self.loading.set(Progress::Unknown),
                // What is on the page stays there while the server cannot be reached.
                Err(failure) if self.loading.get_untracked() == Progress::Ready => drop(failure),
                Err(failure) => self.loading.set(Progress::Failed(failure.to_string())),
            }
        });
    }

    async fn fetch(self) -> Answer<(View, Registry)> {
        let detail: DeviceDetail = self.get("").await?;
        let values: ValueList = self.get("/values/").await?;
        let observed: ObservationList = self.get("/observations").await?;
        let operations: OperationList = self.get("/operations").await?;
        let registry = self.fetch_models().await?;
        Ok((
            View::new(detail, &values.items, observed.items, &operations.items),
            registry,
        ))
    }

    async fn fetch_models(self) -> Answer<Registry> {
        let models: DeviceModelList = self.get("/models").await?;
        Ok(models.items.into_iter().collect())
    }

    /// `GET` of what is below this device's resource.
    pub(crate) fn get<T: Compact>(self, rest: &str) -> Asked<T> {
        // The page may be left between two readings; there is no address then, and nobody to answer.
        if self.is_gone() {
            return Asked::failed(Failure::unreachable());
        }
        self.api.get(&self.path(rest))
    }

    /// The address of what is below this device's resource, after `/api/v1`.
    pub(crate) fn path(self, rest: &str) -> String {
        self.endpoint.with_value(|endpoint| device_path(endpoint, rest))
    }

    pub(crate) const fn api(self) -> Api {
        self.api
    }

    pub(crate) const fn feed(self) -> Live {
        self.live
    }

    pub(crate) const fn toasts(self) -> Toasts {
        self.toasts
    }

    /// Whether the account may do what `role` may.
    pub(crate) fn may(self, role: Role) -> bool {
        untrack(|| self.session.may(role))
    }

    /// Whether who looks at it came by a link and sees nothing else.
    pub(crate) fn is_shown_by_link(self) -> bool {
        untrack(|| self.session.only_device()).is_some()
    }

    /// Who looks at it here.
    pub(crate) fn account_name(self) -> String {
        untrack(|| self.session.account())
            .map(|view| view.username)
            .unwrap_or_default()
    }

    /// Tells what came of an operation.
    pub(crate) fn say(self, outcome: &Outcome) {
        let tone = match outcome {
            Outcome::Done(_) => Tone::Good,
            Outcome::Waits(_) => Tone::Accent,
            Outcome::Failed(_) => Tone::Bad,
        };
        self.toasts.say(tone, outcome.text());
    }

    /// Whether the page was left while something was on its way.
    pub(crate) fn is_gone(self) -> bool {
        self.loading.is_disposed()
    }

    fn take(self, view: View, registry: Registry) {
        if self.is_gone() {
            return;
        }
        let topic = Topic::Device {
            endpoint: self.endpoint.get_value(),
            since: view.detail.sequence,
        };
        self.registry.set(registry);
        self.view.set_value(Some(view));
        self.changed(Touched {
            detail: true,
            values: true,
            observed: true,
            waiting: true,
            reload: false,
        });
        self.loading.set(Progress::Ready);
        let running = self.subscription.try_update_value(|subscription| {
            subscription
                .as_mut()
                .map(|subscription| subscription.replace(topic.clone()))
                .is_some()
        });
        if running != Some(true) {
            let subscription = self.live.subscribe(topic, move |frame| self.receive(frame));
            self.subscription.set_value(Some(subscription));
        }
    }

    fn receive(self, frame: ServerFrame) {
        if self.is_gone() {
            return;
        }
        match frame {
            ServerFrame::Events { events, .. } => self.apply(events),
            ServerFrame::Resync { .. } => self.load(),
            ServerFrame::Refused { message, .. } => web_sys::console::warn_1(&message.into()),
            _ => {}
        }
    }

    fn apply(self, events: Vec<Event>) {
        let mut touched = Touched::default();
        let mut fresh = Vec::with_capacity(events.len());
        self.view.update_value(|view| {
            let Some(view) = view else { return };
            for event in events {
                let known = view.detail.sequence;
                let one = view.apply(&event);
                touched.detail |= one.detail;
                touched.values |= one.values;
                touched.observed |= one.observed;
                touched.waiting |= one.waiting;
                touched.reload |= one.reload;
                if event.sequence > known {
                    fresh.push(event);
                }
            }
        });
        for event in &fresh {
            self.busy.ended(self, event);
            self.forget_removed(event);
        }
        self.events.update(|kept| {
            kept.extend(fresh);
            let surplus = kept.len().saturating_sub(KEPT_EVENTS);
            kept.drain(..surplus);
        });
        self.changed(touched);
        if touched.reload {
            self.reload_soon();
        }
    }

    /// What a device registers anew is the truth about its instances, whatever it said before.
    fn forget_removed(self, event: &Event) {
        let registration = match &event.kind {
            EventKind::Registered { registration, .. }
            | EventKind::Updated {
                registration: Some(registration),
                ..
            } => registration,
            _ => return,
        };
        let there = |path: &Path| registration.objects.iter().any(|object| object.contains(path));
        if self.discovered.with_untracked(|known| !known.iter().all(there)) {
            self.discovered.update(|known| known.retain(there));
        }
    }

    fn changed(self, touched: Touched) {
        for (changed, trigger) in [
            (touched.detail, self.detail_changed),
            (touched.values, self.values_changed),
            (touched.observed, self.observed_changed),
            (touched.waiting, self.waiting_changed),
        ] {
            if changed {
                trigger.notify();
            }
        }
    }

    /// Asks for what events do not carry: the evidence learnt by the server, new models.
    fn reload_soon(self) {
        let timeout = Timeout::new(RELOAD_AFTER_MS, move || {
            crate::reactive::spawn_local(async move {
                // The feed goes on; what fails now is asked for again after the next change.
                if let Ok(detail) = self.get::<DeviceDetail>("").await
                    && !self.is_gone()
                {
                    self.refresh(detail).await;
                }
            });
        });
        self.reload.try_set_value(Some(timeout));
    }

    async fn refresh(self, detail: DeviceDetail) {
        let other_objects = self
            .detail(|known| versions(known) != versions(&detail))
            .unwrap_or(true);
        self.replace_detail(detail);
        if other_objects
            && let Ok(registry) = self.fetch_models().await
            && !self.is_gone()
        {
            self.registry.set(registry);
        }
    }

    /// Takes a newer answer for what the page knows; the feed goes on from where it is.
    pub(crate) fn replace_detail(self, detail: DeviceDetail) {
        self.view.update_value(|view| {
            if let Some(view) = view {
                let sequence = view.detail.sequence;
                view.detail = DeviceDetail { sequence, ..detail };
            }
        });
        self.detail_changed.notify();
    }

    /// Looks at the device's detail, and again when it changes.
    pub(crate) fn detail<T>(self, look: impl FnOnce(&DeviceDetail) -> T) -> Option<T> {
        self.detail_changed.track();
        self.view
            .with_value(|view| view.as_ref().map(|view| look(&view.detail)))
    }

    /// Looks at the known values, and again when one changes.
    pub(crate) fn values<T>(self, look: impl FnOnce(&Values) -> T) -> T {
        self.values_changed.track();
        self.view.with_value(|view| match view {
            Some(view) => look(&view.values),
            None => look(&Values::new()),
        })
    }

    /// The value known at exactly this path.
    pub(crate) fn known(self, path: Path) -> Option<Known> {
        self.values(|values| values.get(&path).cloned())
    }

    pub(crate) fn observed<T>(self, look: impl FnOnce(&Observed) -> T) -> T {
        self.observed_changed.track();
        self.view.with_value(|view| match view {
            Some(view) => look(&view.observed),
            None => look(&Observed::new()),
        })
    }

    pub(crate) fn waiting<T>(self, look: impl FnOnce(&Waiting) -> T) -> T {
        self.waiting_changed.track();
        self.view.with_value(|view| match view {
            Some(view) => look(&view.waiting),
            None => look(&Waiting::new()),
        })
    }

    /// Looks at the models of the objects the device has, and again when it has others.
    pub(crate) fn models<T>(self, look: impl FnOnce(&DeviceModels<'_>) -> T) -> T {
        let versions = self.detail(versions).unwrap_or_default();
        self.registry
            .with(|registry| look(&DeviceModels::new(registry, &versions)))
    }

    pub(crate) const fn registry(self) -> RwSignal<Registry> {
        self.registry
    }

    pub(crate) const fn discovered(self) -> RwSignal<SortedSet<Path>> {
        self.discovered
    }

    /// The newest events since the page was opened, oldest first.
    pub(crate) const fn events(self) -> RwSignal<VecDeque<Event>> {
        self.events
    }

    /// Takes the values that an operation brought; the feed brings them too, but maybe later.
    pub(crate) fn learn(self, brought: &[ValueView]) {
        let mut any = false;
        self.view.update_value(|view| {
            let Some(view) = view else { return };
            for one in brought {
                any |= learn(&mut view.values, one, None);
            }
        });
        if any {
            self.values_changed.notify();
        }
    }

    /// A value in words.
    pub(crate) fn show(self, value: &Value) -> String {
        super::show::show(value, &|at| local(at).exact())
    }

    /// The name of a path, `"Manufacturer"`, if a model names it. Not tracked.
    pub(crate) fn name(self, path: Path) -> Option<String> {
        untrack(|| self.models(|models| super::objects::tree::name_of(models, path)))
    }

    /// Whether the device sleeps now, so that an operation waits for its next contact.
    pub(crate) fn sleeps(self) -> bool {
        self.detail(|detail| detail.row.queue_mode && detail.row.state != shared::DeviceState::Online)
            .unwrap_or(false)
    }

    /// When the next contact is expected at the latest.
    pub(crate) fn next_due(self) -> Option<Timestamp> {
        self.detail(|detail| detail.row.next_due).flatten()
    }
}

fn versions(detail: &DeviceDetail) -> SortedMap<u16, String> {
    let registration = detail.registration.as_ref();
    registration
        .map(|registration| registration.object_versions.clone())
        .unwrap_or_default()
}
