//! Who is logged in, and what happens when nobody is any more.

use crate::dom::prelude::*;
use shared::api::{Role, SessionView};
use std::future::poll_fn;
use std::task::{Poll, Waker};

/// What the page knows of its session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum SessionState {
    /// The server has not said yet.
    Restoring,
    /// The server could not be asked, in words.
    Unknown(String),
    /// A link did not open a device, in words.
    LinkRefused(String),
    Nobody,
    LoggedIn(SessionView),
    /// The server ended the session while the page was open. The page stays; the password is asked for over it.
    Expired(SessionView),
}

/// Found with `expect_context::<Session>()`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Session {
    state: RwSignal<SessionState>,
    /// What waits for the password to be given again.
    waiting: StoredValue<Vec<Waker>>,
}

impl Session {
    pub(crate) fn new() -> Session {
        Session {
            state: RwSignal::new(SessionState::Restoring),
            waiting: StoredValue::new(Vec::new()),
        }
    }

    /// To look at; [`Session::set`] changes it.
    pub(crate) const fn state(self) -> RwSignal<SessionState> {
        self.state
    }

    /// Something else holds from now on; what waited for it goes on.
    pub(crate) fn set(self, state: SessionState) {
        self.state.set(state);
        let mut waiting = Vec::new();
        self.waiting
            .update_value(|kept| std::mem::swap(kept, &mut waiting));
        waiting.into_iter().for_each(Waker::wake);
    }

    /// Waits while the session is expired; true once the same account is logged in again, false if it is given up.
    pub(crate) async fn renewed(self) -> bool {
        poll_fn(|context| {
            let renewed = self.state.with_untracked(|state| match state {
                SessionState::Expired(_) => None,
                SessionState::LoggedIn(_) => Some(true),
                _ => Some(false),
            });
            match renewed {
                Some(renewed) => Poll::Ready(renewed),
                None => {
                    let waker = context.waker().clone();
                    self.waiting.update_value(|waiting| waiting.push(waker));
                    Poll::Pending
                }
            }
        })
        .await
    }

    /// The account, also while its session is expired.
    pub(crate) fn account(self) -> Option<SessionView> {
        self.state.with(|state| match state {
            SessionState::LoggedIn(view) | SessionState::Expired(view) => Some(view.clone()),
            _ => None,
        })
    }

    /// Whether the account may do what `role` may.
    pub(crate) fn may(self, role: Role) -> bool {
        self.account().is_some_and(|view| view.role >= role)
    }

    /// The only device that is shown, for who came by a link.
    pub(crate) fn only_device(self) -> Option<String> {
        let view = self.account()?;
        // One with an account is told a device when opening a link, but no time at which it ends.
        view.expires.and(view.device)
    }

    pub(crate) fn csrf_token(self) -> Option<String> {
        self.state.with_untracked(|state| match state {
            SessionState::LoggedIn(view) | SessionState::Expired(view) => view.csrf_token.clone(),
            _ => None,
        })
    }

    /// The server said that the session is over.
    pub(crate) fn expire(self) {
        if let SessionState::LoggedIn(view) = self.state.get_untracked() {
            self.set(SessionState::Expired(view));
        }
    }
}
