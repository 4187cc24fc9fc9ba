//! One device, live: asked for once by REST, kept true by the feed, shared by every part of its page.

use super::operate::{Busy, Outcome};
use super::view::{Known, Observed, Touched, Values, View, Waiting, learn};
use crate::api::{Api, Asked, Failure, device_path};
use crate::clock::{Clock, local};
use crate::dom::prelude::*;
use crate::live::{Live, Subscription};
use crate::routing::{DeviceTab, Route};
use crate::session::Session;
use crate::ui::{Toasts, Tone};
use gloo_timers::callback::Timeout;
use shared::api::{
    DeviceDetail, DeviceModelList, ErrorCode, ObservationList, OperationList, Role, ValueList, ValueView,
};
use shared::compact::Compact;
use shared::event::{Event, EventKind};
use shared::live::{ServerFrame, Topic};
use shared::model::{DeviceModels, Registry, ResourceModel};
use shared::sorted::SortedMap;
use shared::sorted::SortedSet;
use shared::{Path, Timestamp, Value};
use std::collections::VecDeque;
use std::rc::Rc;

/// The newest events that are kept for the timeline and the chart.
const KEPT_EVENTS: usize = 500;
/// Changes that come together are asked for once.
const RELOAD_AFTER_MS: u32 = 400;

/// Where the models of the device's objects are.
const MODELS: &str = "/models";

/// How far the page is with a device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Progress {
    Asking,
    Ready,
    /// There is no such device.
    Unknown,
    Failed(String),
}

/// For a handle of one number that stands for several others: what it stands for, and a function that gives each of it, once in
/// the code.
macro_rules! parts {
    ($handle:ident($parts:ident): $($(#[$doc:meta])* $see:vis $part:ident: $kind:ty,)*) => {
        struct $parts {$(
            $part: $kind,
        )*}

        impl $handle {$(
            $(#[$doc])*
            #[inline(never)]
            $see fn $part(self) -> $kind {
                self.0.with_value(|parts| parts.$part.clone())
            }
        )*}
    };
}
pub(super) use parts;

/// Found with `expect_context::<Device>()` in every part of the page. One number, because all parts of the page pass it on.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Device(StoredValue<Parts>);

parts! {
    Device(Parts):
    pub(crate) endpoint: String,
    pub(crate) loading: RwSignal<Progress>,
    pub(crate) busy: Busy,
    pub(crate) clock: Clock,
    pub(crate) api: Api,
    pub(crate) feed: Live,
    session: Session,
    pub(crate) toasts: Toasts,
    view: StoredValue<Option<Box<View>>>,
    pub(crate) registry: RwSignal<Registry>,
    pub(crate) discovered: RwSignal<SortedSet<Path>>,
    /// The newest events since the page was opened, oldest first.
    pub(crate) events: RwSignal<VecDeque<Rc<Event>>>,
    detail_changed: Trigger,
    values_changed: Trigger,
    observed_changed: Trigger,
    waiting_changed: Trigger,
    subscription: StoredValue<Option<Subscription>>,
    reload: StoredValue<Option<Timeout>>,
}

impl Device {
    /// Starts to load the device and to follow it; ends with the reactive owner.
    pub(crate) fn open(endpoint: String) -> Device {
        let device = Device(StoredValue::new(Parts {
            endpoint,
            loading: RwSignal::new(Progress::Asking),
            busy: Busy::new(),
            clock: expect_context(),
            api: expect_context(),
            feed: expect_context(),
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
        }));
        device.load();
        device
    }

    /// Asks for everything, and follows the feed from there.
    pub(crate) fn load(self) {
        self.fetch("", move |detail| {
            let mut view = Box::new(View::of(detail));
            self.fetch("/values/", move |values: ValueList| {
                view.take_values(&values.items);
                self.fetch("/observations", move |observed: ObservationList| {
                    view.take_observed(observed.items);
                    self.fetch("/operations", move |operations: OperationList| {
                        view.take_operations(&operations.items);
                        self.fetch(MODELS, move |models| self.take(view, models));
                    });
                });
            });
        });
    }

    /// Asks for a part of what the page begins with.
    fn fetch<T: Compact + 'static>(self, rest: &str, then: impl FnOnce(T) + 'static) {
        self.get(rest).then(move |answer| match answer {
            _ if self.is_gone() => {}
            Ok(part) => then(part),
            Err(failure) => self.failed(&failure),
        });
    }

    #[inline(never)]
    fn failed(self, failure: &Failure) {
        let progress = if failure.is(ErrorCode::NotFound) {
            Progress::Unknown
        } else if self.loading().get_untracked() == Progress::Ready {
            // What is on the page stays there while the server cannot be reached.
            return;
        } else {
            Progress::Failed(failure.to_string())
        };
        self.loading().set(progress);
    }

    fn take_models(self, models: DeviceModelList) {
        self.registry().set(models.items.into_iter().collect());
    }

    /// `GET` of what is below this device's resource.
    pub(crate) fn get<T: Compact>(self, rest: &str) -> Asked<T> {
        // The page may be left between two readings; there is no address then, and nobody to answer.
        if self.is_gone() {
            return Asked::failed(Failure::unreachable());
        }
        self.api().get(&self.path(rest))
    }

    /// The address of what is below this device's resource, after `/api/v1`.
    #[inline(never)]
    pub(crate) fn path(self, rest: &str) -> String {
        self.0.with_value(|parts| device_path(&parts.endpoint, rest))
    }

    /// The address of a tab of this page.
    #[inline(never)]
    pub(crate) fn href(self, tab: DeviceTab) -> String {
        let endpoint = self.endpoint();
        Route::Device { endpoint, tab }.href()
    }

    /// Whether the account may do what `role` may.
    #[inline(never)]
    pub(crate) fn may(self, role: Role) -> bool {
        let session = self.session();
        untrack(|| session.may(role))
    }

    /// Whether who looks at it came by a link and sees nothing else.
    pub(crate) fn is_shown_by_link(self) -> bool {
        let session = self.session();
        untrack(|| session.only_device()).is_some()
    }

    /// Who looks at it here.
    pub(crate) fn account_name(self) -> String {
        let session = self.session();
        untrack(|| session.account())
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
        self.toasts().say(tone, outcome.text());
    }

    /// Whether the page was left while something was on its way.
    #[inline(never)]
    pub(crate) fn is_gone(self) -> bool {
        self.0.try_with_value(|_| ()).is_none()
    }

    fn take(self, view: Box<View>, models: DeviceModelList) {
        let topic = Topic::Device {
            endpoint: self.endpoint(),
            since: view.detail.sequence,
        };
        self.take_models(models);
        self.view().set_value(Some(view));
        self.changed(Touched {
            detail: true,
            values: true,
            observed: true,
            waiting: true,
            reload: false,
        });
        self.loading().set(Progress::Ready);
        let subscription = self.subscription();
        let running = subscription.try_update_value(|subscription| {
            subscription
                .as_mut()
                .map(|subscription| subscription.replace(topic.clone()))
                .is_some()
        });
        if running != Some(true) {
            let fresh = self.feed().subscribe(topic, move |frame| self.receive(frame));
            subscription.set_value(Some(fresh));
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
        self.view().update_value(|view| {
            let Some(view) = view else { return };
            for event in events {
                let known = view.detail.sequence;
                touched.add(view.apply(&event));
                if event.sequence > known {
                    fresh.push(Rc::new(event));
                }
            }
        });
        for event in &fresh {
            self.busy().ended(self, event);
            self.forget_removed(event);
        }
        self.events().update(|kept| {
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
        let discovered = self.discovered();
        if discovered.with_untracked(|known| !known.iter().all(there)) {
            discovered.update(|known| known.retain(there));
        }
    }

    fn changed(self, touched: Touched) {
        for (changed, part) in [
            (touched.detail, Part::Detail),
            (touched.values, Part::Values),
            (touched.observed, Part::Observed),
            (touched.waiting, Part::Waiting),
        ] {
            if changed {
                self.trigger(part).notify();
            }
        }
    }

    /// Asks for what events do not carry: the evidence learnt by the server, new models.
    fn reload_soon(self) {
        let timeout = Timeout::new(RELOAD_AFTER_MS, move || {
            self.get("").then(move |detail| {
                // The feed goes on; what fails now is asked for again after the next change.
                if let Ok(detail) = detail
                    && !self.is_gone()
                {
                    self.refresh(detail);
                }
            });
        });
        let reload = self.reload();
        reload.try_set_value(Some(timeout));
    }

    fn refresh(self, detail: DeviceDetail) {
        let other_objects = self
            .detail(|known| versions(known) != versions(&detail))
            .unwrap_or(true);
        self.replace_detail(detail);
        if other_objects {
            self.get(MODELS).then(move |models| {
                if let Ok(models) = models
                    && !self.is_gone()
                {
                    self.take_models(models);
                }
            });
        }
    }

    /// Takes a newer answer for what the page knows; the feed goes on from where it is.
    #[inline(never)]
    pub(crate) fn replace_detail(self, mut detail: DeviceDetail) {
        self.view().update_value(|view| {
            if let Some(view) = view {
                detail.sequence = view.detail.sequence;
                view.detail = detail;
            }
        });
        self.trigger(Part::Detail).notify();
    }

    /// Tells apart what changes at different times.
    fn trigger(self, part: Part) -> Trigger {
        match part {
            Part::Detail => self.detail_changed(),
            Part::Values => self.values_changed(),
            Part::Observed => self.observed_changed(),
            Part::Waiting => self.waiting_changed(),
        }
    }

    /// What is known, looked at again when this part of it changes.
    #[inline(never)]
    fn follow(self, part: Part) -> StoredValue<Option<Box<View>>> {
        self.trigger(part).track();
        self.view()
    }

    /// Looks at the device's detail, and again when it changes.
    pub(crate) fn detail<T>(self, look: impl FnOnce(&DeviceDetail) -> T) -> Option<T> {
        self.follow(Part::Detail)
            .with_value(|view| view.as_ref().map(|view| look(&view.detail)))
    }

    /// Looks at the known values, and again when one changes.
    pub(crate) fn values<T>(self, look: impl FnOnce(&Values) -> T) -> T {
        const NONE: &Values = &Values::new();
        self.follow(Part::Values)
            .with_value(|view| look(view.as_ref().map_or(NONE, |view| &view.values)))
    }

    /// The value known at exactly this path.
    #[inline(never)]
    pub(crate) fn known(self, path: Path) -> Option<Known> {
        self.values(|values| values.get(&path).cloned())
    }

    pub(crate) fn observed<T>(self, look: impl FnOnce(&Observed) -> T) -> T {
        const NONE: &Observed = &Observed::new();
        self.follow(Part::Observed)
            .with_value(|view| look(view.as_ref().map_or(NONE, |view| &view.observed)))
    }

    /// Whether the device tells changes of exactly this path.
    #[inline(never)]
    pub(crate) fn is_observed(self, path: Path) -> bool {
        self.observed(|observed| observed.contains_key(&path))
    }

    pub(crate) fn waiting<T>(self, look: impl FnOnce(&Waiting) -> T) -> T {
        const NONE: &Waiting = &Waiting::new();
        self.follow(Part::Waiting)
            .with_value(|view| look(view.as_ref().map_or(NONE, |view| &view.waiting)))
    }

    /// Looks at the models of the objects the device has, and again when it has others.
    pub(crate) fn models<T>(self, look: impl FnOnce(&DeviceModels<'_>) -> T) -> T {
        let versions = self.detail(versions).unwrap_or_default();
        self.registry()
            .with(|registry| look(&DeviceModels::new(registry, &versions)))
    }

    /// The model of a resource, as long as nobody changes it. Not tracked.
    #[inline(never)]
    pub(crate) fn resource_model(self, path: Path) -> Option<ResourceModel> {
        untrack(|| self.models(|models| models.resource_model(path).cloned()))
    }

    /// What the device has registered, and again when that changes.
    #[inline(never)]
    pub(crate) fn registered(self) -> Vec<Path> {
        let registered = self.detail(|detail| Some(detail.registration.as_ref()?.objects.clone()));
        registered.flatten().unwrap_or_default()
    }

    /// Takes the values that an operation brought; the feed brings them too, but maybe later.
    pub(crate) fn learn(self, brought: &[ValueView]) {
        let mut any = false;
        self.view().update_value(|view| {
            let Some(view) = view else { return };
            for one in brought {
                any |= learn(&mut view.values, one);
            }
        });
        if any {
            self.trigger(Part::Values).notify();
        }
    }

    /// A value in words.
    pub(crate) fn show(self, value: &Value) -> String {
        super::show::show(value, &|at| local(at).exact())
    }

    /// The name of a path, `"Manufacturer"`, if a model names it. Not tracked.
    #[inline(never)]
    pub(crate) fn name(self, path: Path) -> Option<String> {
        untrack(|| self.models(|models| super::objects::tree::name_of(models, path)))
    }

    /// Whether the device sleeps now, so that an operation waits for its next contact.
    pub(crate) fn sleeps(self) -> bool {
        self.detail(|detail| detail.row.queue_mode && detail.row.state != shared::DeviceState::Online)
            .unwrap_or(false)
    }

    /// `", expected by 13:02"`, if the next contact is expected at all. Goes after "the device's next contact".
    #[inline(never)]
    pub(crate) fn expected(self) -> String {
        self.next_due()
            .map(|at| format!(", expected by {}", self.clock().short(at)))
            .unwrap_or_default()
    }

    /// When the next contact is expected at the latest.
    fn next_due(self) -> Option<Timestamp> {
        self.detail(|detail| detail.row.next_due).flatten()
    }
}

/// What changes at different times, so that only who looks at it looks again.
#[derive(Debug, Clone, Copy)]
enum Part {
    Detail,
    Values,
    Observed,
    Waiting,
}

fn versions(detail: &DeviceDetail) -> SortedMap<u16, String> {
    let registration = detail.registration.as_ref();
    registration
        .map(|registration| registration.object_versions.clone())
        .unwrap_or_default()
}
