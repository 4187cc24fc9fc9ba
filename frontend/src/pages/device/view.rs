//! What the page knows of one device, and how events change it. The page asks REST once; from then on events alone
//! keep this true. Pure, so that it can be tested without a page.

use shared::api::{
    DeviceDetail, ObservationView, OperationKind, OperationState, OperationView, RegistrationView, ValueView,
};
use shared::event::{DeregistrationReason, Event, EventKind, Origin, TimedValue, belongs_to_the_past};
use shared::sorted::SortedMap;
use shared::{DeviceState, Path, Timestamp, Value};

/// A value the page knows.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Known {
    pub(crate) value: Value,
    pub(crate) at: Timestamp,
    /// Whether the device gave the time.
    pub(crate) stamped: bool,
    pub(crate) origin: Origin,
    /// Counts the changes seen by this page; a change lights up its row.
    pub(crate) revision: u32,
}

/// An operation that waits for the device or for its answer.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Pending {
    pub(crate) op: OperationKind,
    pub(crate) path: Path,
    pub(crate) state: OperationState,
}

pub(crate) type Values = SortedMap<Path, Known>;
pub(crate) type Observed = SortedMap<Path, ObservationView>;
pub(crate) type Waiting = SortedMap<u64, Pending>;

/// Which part of the page an event touched, so that only that part is drawn again.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Touched {
    pub(crate) detail: bool,
    pub(crate) values: bool,
    pub(crate) observed: bool,
    pub(crate) waiting: bool,
    /// The server knows more of this change than the event says: ask for the detail again.
    pub(crate) reload: bool,
}

impl Touched {
    pub(crate) const fn add(&mut self, other: Touched) {
        self.detail |= other.detail;
        self.values |= other.values;
        self.observed |= other.observed;
        self.waiting |= other.waiting;
        self.reload |= other.reload;
    }
}

/// One device as the page knows it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct View {
    pub(crate) detail: DeviceDetail,
    pub(crate) values: Values,
    pub(crate) observed: Observed,
    pub(crate) waiting: Waiting,
}

impl View {
    /// A device of which nothing but the detail is known.
    pub(crate) const fn of(detail: DeviceDetail) -> View {
        View {
            detail,
            values: Values::new(),
            observed: Observed::new(),
            waiting: Waiting::new(),
        }
    }

    pub(crate) fn take_values(&mut self, values: &[ValueView]) {
        for one in values {
            learn(&mut self.values, one);
        }
        // What was there when the page opened is no change.
        self.values.values_mut().for_each(|known| known.revision = 0);
    }

    pub(crate) fn take_observed(&mut self, observed: Vec<ObservationView>) {
        for one in observed {
            self.observed.insert(one.path, one);
        }
    }

    pub(crate) fn take_operations(&mut self, operations: &[OperationView]) {
        for one in operations.iter().filter(|one| !one.state.is_final()) {
            self.wait(one.id, one.op, one.path, one.state);
        }
    }

    #[inline(never)]
    fn take_registration(&mut self, registration: &RegistrationView) {
        self.detail.row.lifetime = Some(registration.lifetime);
        self.detail.registration = Some(registration.clone());
    }

    fn wait(&mut self, id: u64, op: OperationKind, path: Path, state: OperationState) {
        self.waiting.insert(id, Pending { op, path, state });
    }

    /// Applies an event; one that is older than what is known changes nothing.
    pub(crate) fn apply(&mut self, event: &Event) -> Touched {
        let mut touched = Touched::default();
        if event.sequence <= self.detail.sequence {
            return touched;
        }
        self.detail.sequence = event.sequence;
        let row = &mut self.detail.row;
        match &event.kind {
            EventKind::Registered { registration, .. } => {
                row.state = DeviceState::Online;
                row.last_seen = Some(event.at);
                row.lifetime_ends = lifetime_end(event.at, registration.lifetime);
                row.next_due = row.lifetime_ends;
                self.take_registration(registration);
                touched.detail = true;
                touched.reload = true;
            }
            EventKind::Updated {
                registration,
                lifetime_ends,
            } => {
                row.state = DeviceState::Online;
                row.last_seen = Some(event.at);
                row.lifetime_ends = Some(*lifetime_ends);
                row.next_due = row.next_due.max(Some(*lifetime_ends));
                if let Some(now) = registration {
                    self.take_registration(now);
                }
                if let Some(current) = &mut self.detail.registration {
                    current.updated_at = event.at;
                }
                touched.detail = true;
                touched.reload = true;
            }
            EventKind::Deregistered { reason } => {
                row.state = match reason {
                    DeregistrationReason::Deregistered => DeviceState::SignedOff,
                    DeregistrationReason::Expired => DeviceState::Offline,
                    DeregistrationReason::Replaced => row.state,
                    DeregistrationReason::Removed => DeviceState::Decommissioned,
                };
                if *reason == DeregistrationReason::Deregistered {
                    row.last_seen = Some(event.at);
                }
                touched.detail = true;
                touched.reload = *reason != DeregistrationReason::Removed;
            }
            EventKind::Values { origin, values } => {
                for one in values {
                    know(
                        &mut self.values,
                        one.path,
                        one.value.clone(),
                        (one.at, *origin),
                        Some(event.at),
                    );
                    touched.detail |= is_identity(one.path);
                    touched.reload |= is_identity(one.path);
                }
                if *origin == Origin::Notify {
                    touched.observed = note_notification(&mut self.observed, event.at, values);
                }
                if *origin != Origin::Written {
                    row.last_seen = Some(event.at);
                    touched.detail = true;
                }
                touched.values = true;
            }
            EventKind::ObservationStarted { path } => {
                let observation = self.observed.get_or_insert_with(*path, || ObservationView {
                    path: *path,
                    paths: Vec::new(),
                    since: event.at,
                    last_notification: None,
                    notifications: 0,
                    established: true,
                });
                observation.established = true;
                touched.observed = true;
            }
            EventKind::ObservationEnded { path, .. } => {
                touched.observed = self.observed.remove(path).is_some();
            }
            EventKind::Operation {
                id, op, path, state, ..
            } => {
                if state.is_final() {
                    self.waiting.remove(id);
                    match (op, state) {
                        (OperationKind::Delete, OperationState::Done) => {
                            self.values.retain(|known, _| !path.contains(known));
                            touched.values = true;
                        }
                        (OperationKind::Read | OperationKind::Write, OperationState::Done) => {
                            touched.values |= forget_instances(&mut self.values, *path, event.at);
                        }
                        _ => {}
                    }
                } else {
                    self.wait(*id, *op, *path, *state);
                }
                touched.waiting = true;
            }
            EventKind::Awake => (row.state, touched.detail) = (DeviceState::Online, true),
            EventKind::Asleep => (row.state, touched.detail) = (DeviceState::Asleep, true),
            EventKind::Late => (row.state, touched.detail) = (DeviceState::Late, true),
            EventKind::Decommissioned { .. } => {
                (row.state, touched.detail) = (DeviceState::Decommissioned, true);
            }
            EventKind::Described { .. }
            | EventKind::Restored
            | EventKind::CompositeObservationStarted { .. }
            | EventKind::CompositeObservationEnded { .. }
            | EventKind::SessionStarted { .. }
            | EventKind::SessionEnded { .. }
            | EventKind::AddressChanged { .. } => touched.reload = true,
            EventKind::Refused { .. } => {}
            EventKind::Provisioned { .. } | EventKind::Bootstrap { .. } => touched.reload = true,
        }
        touched
    }
}

/// What is known at a path and below it.
#[inline(never)]
pub(crate) fn below(values: &Values, path: Path) -> &[(Path, Known)] {
    let known = values.as_slice();
    let from = known.partition_point(|(known, _)| *known < path);
    let known = known.get(from..).unwrap_or_default();
    let end = known.iter().position(|(known, _)| !path.contains(known));
    known.get(..end.unwrap_or(known.len())).unwrap_or_default()
}

/// Takes in a value that was asked for unless a newer one is known. Returns whether it changed anything.
pub(crate) fn learn(values: &mut Values, one: &ValueView) -> bool {
    one.typed()
        .is_ok_and(|value| know(values, one.path, value, (one.at, one.origin), None))
}

/// Takes in a value with its time and origin, asked for or `arrived` by itself, unless a newer one is known. Returns whether
/// it changed anything.
fn know(
    values: &mut Values,
    path: Path,
    value: Value,
    (at, origin): (Timestamp, Origin),
    arrived: Option<Timestamp>,
) -> bool {
    let stamped = arrived.is_some_and(|arrived| arrived != at);
    let past = |known: &Known| {
        let (value, known) = ((at, stamped), (known.at, known.stamped));
        arrived.is_some_and(|arrived| belongs_to_the_past(value, known, arrived))
    };
    let revision = match values.get(&path) {
        // An answer may be here before the event of the one before it.
        Some(known) if !stamped && !known.stamped && known.at > at => return false,
        Some(known) if past(known) => return false,
        Some(known) if known.at == at && known.value == value && known.origin == origin => return false,
        Some(known) => known.revision + 1,
        None => 1,
    };
    values.insert(
        path,
        Known {
            value,
            at,
            stamped,
            origin,
            revision,
        },
    );
    true
}

/// Of a resource that was read or written whole at a time, forgets the instances that it does not have any more.
fn forget_instances(values: &mut Values, path: Path, at: Timestamp) -> bool {
    if path.depth() > 3 {
        return false;
    }
    let mut told = Vec::new();
    let mut gone = Vec::new();
    for (known, value) in below(values, path) {
        if known.depth() >= 3 && value.at == at && !value.stamped {
            told.push(known.truncated(3));
        }
    }
    for (known, value) in below(values, path) {
        let whole = path.depth() == 3 && known.depth() == 4;
        if known.depth() >= 3 && value.at < at && (whole || told.contains(&known.truncated(3))) {
            gone.push(*known);
        }
    }
    for path in &gone {
        values.remove(path);
    }
    !gone.is_empty()
}

/// The resources the header shows. Object 3.
fn is_identity(path: Path) -> bool {
    matches!(path.ids(), [3, _, 0..=3, ..])
}

fn lifetime_end(from: Timestamp, lifetime: u32) -> Option<Timestamp> {
    (lifetime > 0).then(|| from.plus_seconds(i64::from(lifetime)))
}

/// Counts a notification at every observation that it can have come from.
fn note_notification(observed: &mut Observed, at: Timestamp, values: &[TimedValue]) -> bool {
    let mut noted = false;
    for observation in observed.values_mut() {
        if values.iter().any(|one| observation.path.contains(&one.path)) {
            noted = true;
            observation.last_notification = Some(at);
            observation.notifications += 1;
        }
    }
    noted
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use shared::api::DeviceRow;

    pub(crate) fn detail() -> DeviceDetail {
        DeviceDetail {
            row: DeviceRow {
                endpoint: "ep".into(),
                label: None,
                state: DeviceState::Online,
                manufacturer: None,
                model: None,
                firmware: None,
                last_seen: Some(Timestamp(0)),
                next_due: None,
                lifetime_ends: None,
                lifetime: Some(60),
                version: None,
                queue_mode: false,
                security: None,
                pending: 0,
                tags: SortedMap::new(),
                parent: None,
                battery: None,
                signal: None,
            },
            evidence: String::new(),
            registration: None,
            serial: None,
            metadata: SortedMap::new(),
            queue: None,
            gateway: None,
            children: Vec::new(),
            sequence: 10,
        }
    }

    pub(crate) fn registration(objects: &[Path]) -> RegistrationView {
        RegistrationView {
            id: "a".into(),
            version: shared::Version::V1_1,
            lifetime: 60,
            binding: "U".into(),
            queue_mode: false,
            sms_number: None,
            address: "192.0.2.1:5683".into(),
            transport: Default::default(),
            security: "none".into(),
            session: None,
            root_path: None,
            content_formats: Vec::new(),
            objects: objects.to_vec(),
            object_versions: SortedMap::new(),
            extra: SortedMap::new(),
            registered_at: Timestamp(0),
            updated_at: Timestamp(0),
            lint: Vec::new(),
        }
    }

    fn event(sequence: u64, kind: EventKind) -> Event {
        Event {
            sequence,
            at: Timestamp(sequence as i64 * 1000),
            endpoint: "ep".into(),
            kind,
        }
    }

    fn values(origin: Origin, path: Path, value: i64, at: i64) -> EventKind {
        let values = vec![TimedValue {
            path,
            value: Value::Integer(value),
            at: Timestamp(at),
        }];
        EventKind::Values { origin, values }
    }

    #[test]
    fn what_is_older_than_the_page_changes_nothing() {
        let mut view = View::of(detail());
        let before = view.clone();
        assert_eq!(view.apply(&event(10, EventKind::Asleep)), Touched::default());
        assert_eq!(view, before);
        assert!(view.apply(&event(11, EventKind::Asleep)).detail);
        assert_eq!(view.detail.row.state, DeviceState::Asleep);
    }

    #[test]
    fn a_newer_value_replaces_an_older_one_and_lights_up() {
        let mut view = View::of(detail());
        let path = Path::resource(3303, 0, 5700);
        let known = |view: &View| {
            let known = &view.values[&path];
            (known.value.clone(), known.origin, known.revision)
        };
        // The device gives each value its time; clocks that were never set are not believed.
        let now = 1_800_000_000_000;
        let told = |sequence: u64, origin: Origin, value: i64, at: i64| Event {
            at: Timestamp(now + sequence as i64 * 1000),
            ..event(sequence, values(origin, path, value, now + at))
        };
        view.apply(&told(11, Origin::Notify, 21, 500));
        view.apply(&told(12, Origin::Send, 20, 400));
        assert_eq!(known(&view), (Value::Integer(21), Origin::Notify, 1));
        view.apply(&told(13, Origin::Written, 19, 600));
        assert_eq!(known(&view), (Value::Integer(19), Origin::Written, 2));
    }

    #[test]
    fn the_device_comes_and_goes() {
        let mut view = View::of(detail());
        let registered = EventKind::Registered {
            registration: Box::new(registration(&[Path::instance(3, 0)])),
            replaced: false,
        };
        let touched = view.apply(&event(11, registered));
        assert!(touched.detail && touched.reload);
        assert_eq!(view.detail.row.lifetime_ends, Some(Timestamp(71_000)));
        for (sequence, reason, state) in [
            (12, DeregistrationReason::Replaced, DeviceState::Online),
            (13, DeregistrationReason::Deregistered, DeviceState::SignedOff),
            (14, DeregistrationReason::Expired, DeviceState::Offline),
        ] {
            view.apply(&event(sequence, EventKind::Deregistered { reason }));
            assert_eq!(view.detail.row.state, state);
        }
    }

    #[test]
    fn observations_start_count_and_end() {
        let mut view = View::of(detail());
        let (instance, path) = (Path::instance(3303, 0), Path::resource(3303, 0, 5700));
        view.apply(&event(11, EventKind::ObservationStarted { path: instance }));
        let touched = view.apply(&event(12, values(Origin::Notify, path, 1, 1)));
        assert!(touched.observed);
        assert_eq!(view.observed[&instance].notifications, 1);
        view.apply(&event(
            13,
            EventKind::ObservationEnded {
                path: instance,
                reason: String::new(),
            },
        ));
        assert!(view.observed.is_empty());
    }

    #[test]
    fn instances_that_a_resource_does_not_have_any_more_are_gone() {
        let mut view = View::of(detail());
        let list = Path::resource(2, 0, 2);
        let (ours, theirs) = (
            Path::resource_instance(2, 0, 2, 101),
            Path::resource_instance(2, 0, 2, 102),
        );
        let done = |op| EventKind::Operation {
            id: 5,
            op,
            path: list,
            state: OperationState::Done,
            code: None,
            message: None,
            by: "admin".into(),
        };
        view.apply(&event(11, values(Origin::Read, ours, 15, 11_000)));
        view.apply(&event(12, values(Origin::Read, theirs, 1, 12_000)));
        view.apply(&event(13, values(Origin::Written, ours, 7, 14_000)));
        view.apply(&event(14, done(OperationKind::Observe)));
        assert_eq!(view.values.len(), 2);
        view.apply(&event(14, done(OperationKind::Write)));
        assert_eq!(view.values.len(), 2, "what was known already changes nothing");
        view.apply(&event(15, values(Origin::Written, ours, 7, 16_000)));
        view.apply(&event(16, done(OperationKind::Write)));
        assert_eq!(view.values.keys().copied().collect::<Vec<_>>(), [ours]);
        // Nothing was told with it: the list is empty.
        view.apply(&event(17, done(OperationKind::Write)));
        assert!(view.values.is_empty());
    }

    #[test]
    fn an_operation_waits_until_it_ended_and_a_deleted_instance_is_gone() {
        let mut view = View::of(detail());
        let instance = Path::instance(3303, 0);
        view.apply(&event(
            11,
            values(Origin::Read, Path::resource(3303, 0, 5700), 1, 1),
        ));
        let operation = |state| EventKind::Operation {
            id: 5,
            op: OperationKind::Delete,
            path: instance,
            state,
            code: None,
            message: None,
            by: "admin".into(),
        };
        view.apply(&event(12, operation(OperationState::Queued)));
        assert_eq!(view.waiting.len(), 1);
        assert_eq!(view.values.len(), 1);
        view.apply(&event(13, operation(OperationState::Done)));
        assert!(view.waiting.is_empty() && view.values.is_empty());
    }
}
