//! What is read from the server: loading, here, or failed, with the old kept in sight until the new is here.

use crate::api::{Answer, Failure, Soon};
use crate::dom::prelude::*;
use crate::reactive::spawn_local;
use crate::session::{Session, SessionState};
use shared::api::ErrorCode;
use std::future::Future;
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
    again: StoredValue<Rc<dyn Fn()>>,
}

impl<T: Send + Sync + 'static> Clone for Loader<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: Send + Sync + 'static> Copy for Loader<T> {}

impl<T: Send + Sync + 'static> Loader<T> {
    /// Reads again and keeps showing the old until the answer is here.
    pub(crate) fn again(self) {
        if let Some(again) = self.again.try_get_value() {
            again();
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
    load_boxed(Box::new(move || Box::pin(read())))
}

/// Once for each type that is read, and not for each place that reads it.
fn load_boxed<T: Clone + Send + Sync + 'static>(read: Box<dyn Fn() -> Soon<T>>) -> Loader<T> {
    let state = RwSignal::new(Load::Loading);
    let busy = RwSignal::new(false);
    let latest = StoredValue::new(0u32);
    let start = move || {
        let number = latest.get_value().wrapping_add(1);
        latest.set_value(number);
        busy.set(true);
        let answer = read();
        spawn_local(async move {
            let answer = answer.await;
            if latest.try_get_value() != Some(number) {
                return;
            }
            busy.set(false);
            match answer {
                Ok(value) => state.set(Load::Ready(value)),
                // The old stays in sight: the bar says that the server is away, a dialog that the session ended.
                Err(failure) if passing(&failure) && shows_something(state) => {}
                Err(failure) => state.set(Load::Failed(failure)),
            }
        });
    };
    let start: Rc<dyn Fn()> = Rc::new(start);
    let first = Rc::clone(&start);
    Effect::new(move |_| first());
    read_after_log_in(Rc::clone(&start));
    let quiet: Rc<dyn Fn()> = Rc::new(move || untrack(|| start()));
    Loader {
        state,
        busy,
        again: StoredValue::new(quiet),
    }
}

/// Whether a failure is about the connection or the session, and not about what was asked for.
fn passing(failure: &Failure) -> bool {
    *failure == Failure::Unreachable || failure.is(ErrorCode::Unauthorized)
}

fn shows_something<T: Send + Sync + 'static>(state: RwSignal<Load<T>>) -> bool {
    state.with_untracked(|state| matches!(state, Load::Ready(_)))
}

/// What was asked for while the session was over is asked for again once somebody logged in.
fn read_after_log_in(start: Rc<dyn Fn()>) {
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
            untrack(|| start());
        }
        now
    });
}
