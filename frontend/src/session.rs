//! Who is logged in, and what happens when nobody is any more.

use crate::dom::prelude::*;
use shared::api::{Role, SessionView};

/// What the page knows of its session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum SessionState {
    /// The server has not said yet.
    Restoring,
    /// The server could not be asked, in words.
    Unknown(String),
    Nobody,
    LoggedIn(SessionView),
    /// The server ended the session while the page was open. The page stays; the password is asked for over it.
    Expired(SessionView),
}

/// Found with `expect_context::<Session>()`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Session {
    state: RwSignal<SessionState>,
}

impl Session {
    pub(crate) fn new() -> Session {
        Session {
            state: RwSignal::new(SessionState::Restoring),
        }
    }

    pub(crate) const fn state(self) -> RwSignal<SessionState> {
        self.state
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

    pub(crate) fn csrf_token(self) -> Option<String> {
        self.state.with_untracked(|state| match state {
            SessionState::LoggedIn(view) | SessionState::Expired(view) => view.csrf_token.clone(),
            _ => None,
        })
    }

    /// The server said that the session is over.
    pub(crate) fn expire(self) {
        if let SessionState::LoggedIn(view) = self.state.get_untracked() {
            self.state.set(SessionState::Expired(view));
        }
    }
}
