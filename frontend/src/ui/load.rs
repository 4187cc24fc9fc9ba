//! What is read from the server: loading, here, or failed, with the old kept in sight until the new is here.

use crate::api::{Answer, Failure};
use crate::dom::prelude::*;
use crate::reactive::{AnySignal, AnyValue, spawn_local};
use crate::session::{Session, SessionState};
use shared::api::ErrorCode;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;

/// How far a reading is.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Load<T> {
    Loading,
    Ready(T),
    Failed(Failure),
}

/// A repeatable reading. [`Loader::state`] holds what was read last.
pub(crate) struct Loader<T: Send + Sync + 'static> {
    pub(crate) state: RwSignal<Load<T>>,
    /// Whether a reading is on its way, also while an old one is shown.
    pub(crate) busy: RwSignal<bool>,
    again: StoredValue<Rc<Reader>>,
}

impl<T: Send + Sync + 'static> Clone for Loader<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: Send + Sync + 'static> Copy for Loader<T> {}

impl<T: Send + Sync + 'static> Loader<T> {
    /// Looks at what was read, if it is here, and follows it.
    pub(crate) fn look<U>(self, look: impl FnOnce(&T) -> U) -> Option<U> {
        self.state.with(|state| match state {
            Load::Ready(content) => Some(look(content)),
            _ => None,
        })
    }

    /// Reads again and keeps showing the old until the answer is here.
    pub(crate) fn again(self) {
        if let Some(again) = self.again.try_get_value() {
            untrack(|| start(&again));
        }
    }
}

/// Reads at once, and again whenever a signal changes that `read` looks at, or [`Loader::again`] is called. An answer
/// that was overtaken by a newer request is dropped. A failure replaces what was shown only if nothing was; else
/// it is left to the live feed's state to tell.
pub(crate) fn load<T, F>(read: impl Fn() -> F + 'static) -> Loader<T>
where
    T: Clone + Send + Sync + 'static,
    F: Future<Output = Answer<T>> + 'static,
{
    let state = RwSignal::new(Load::<T>::Loading);
    let reader = Reader::start(state.into(), Box::new(move || reading(read())), fail::<T>);
    Loader {
        state,
        busy: reader.busy,
        again: StoredValue::new(reader),
    }
}

/// What will be the state of a loader, apart from the type of what it reads.
type Reading = Pin<Box<dyn Future<Output = Answer<AnyValue>>>>;

fn reading<T: 'static>(answer: impl Future<Output = Answer<T>> + 'static) -> Reading {
    Box::pin(async move { answer.await.map(|value| AnyValue::new(Load::Ready(value))) })
}

/// The old stays in sight when only the connection or the session failed: the bar says that the server is away, a dialog that
/// the session ended.
fn fail<T: 'static>(state: AnySignal, failure: Failure) {
    let state = state.of::<Load<T>>();
    let shows_something = state.with_untracked(|state| matches!(state, Load::Ready(_)));
    if !(shows_something && passing(&failure)) {
        state.set(Load::Failed(failure));
    }
}

/// What reads, whatever it reads.
struct Reader {
    state: AnySignal,
    busy: RwSignal<bool>,
    latest: StoredValue<u32>,
    read: Box<dyn Fn() -> Reading>,
    fail: fn(AnySignal, Failure),
}

impl Reader {
    fn start(state: AnySignal, read: Box<dyn Fn() -> Reading>, fail: fn(AnySignal, Failure)) -> Rc<Reader> {
        let reader = Rc::new(Reader {
            state,
            busy: RwSignal::new(false),
            latest: StoredValue::new(0),
            read,
            fail,
        });
        let first = Rc::clone(&reader);
        Effect::new(move |_| start(&first));
        read_after_log_in(Rc::clone(&reader));
        reader
    }
}

/// Reads once.
fn start(reader: &Rc<Reader>) {
    let reader = Rc::clone(reader);
    let number = reader.latest.get_value().wrapping_add(1);
    reader.latest.set_value(number);
    reader.busy.set(true);
    let answer = (reader.read)();
    spawn_local(async move {
        let answer = answer.await;
        if reader.latest.try_get_value() != Some(number) {
            return;
        }
        reader.busy.set(false);
        match answer {
            Ok(value) => reader.state.set(value),
            Err(failure) => (reader.fail)(reader.state, failure),
        }
    });
}

/// Whether a failure is about the connection or the session, and not about what was asked for.
fn passing(failure: &Failure) -> bool {
    failure.is_unreachable() || failure.is(ErrorCode::Unauthorized)
}

/// What was asked for while the session was over is asked for again once somebody logged in.
fn read_after_log_in(reader: Rc<Reader>) {
    let Some(session) = use_context::<Session>() else {
        return;
    };
    let expired = Memo::new(move |_| {
        session
            .state()
            .with(|state| matches!(state, SessionState::Expired(_)))
    });
    Effect::new(move |before: Option<bool>| {
        let now = expired.get();
        if before == Some(true) && !now {
            untrack(|| start(&reader));
        }
        now
    });
}
