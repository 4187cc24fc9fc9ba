//! The live feed: one WebSocket for the whole page, which comes back by itself.
//!
//! A page subscribes with [`Live::subscribe`] and holds the [`Subscription`] as long as it wants frames. After a lost
//! connection a device's events resume from the last one seen; every other subscription gets a
//! [`ServerFrame::Resync`], which always means: read the state by REST again.

mod backoff;
mod connection;
mod subscriptions;

use crate::clock::Clock;
use crate::dom::prelude::*;
use crate::session::Session;
use connection::Connection;
use shared::live::{ServerFrame, Topic};
use std::cell::RefCell;
use std::rc::Rc;

/// How the feed is, for the bar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FeedState {
    Connecting,
    /// Connected; what was missed is on its way.
    CatchingUp,
    Live,
    /// Lost; the next attempt is at this time of this computer's clock, in milliseconds.
    Reconnecting {
        at_ms: i64,
    },
    /// Ended because nobody looks at the page; begins again when somebody does.
    Paused,
    /// The server speaks another version of the feed, and loading the page again did not help.
    Incompatible,
}

/// Found with `expect_context::<Live>()`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Live {
    state: RwSignal<FeedState>,
    connection: StoredValue<Rc<RefCell<Connection>>>,
}

impl Live {
    /// Connects. Called once there is a session; the connection ends with the reactive owner.
    pub(crate) fn start(clock: Clock, session: Session) -> Live {
        let state = RwSignal::new(FeedState::Connecting);
        let connection = StoredValue::new(Connection::start(state, clock, session));
        on_cleanup(move || {
            connection.try_with_value(Connection::stop);
        });
        Live { state, connection }
    }

    pub(crate) const fn state(self) -> RwSignal<FeedState> {
        self.state
    }

    /// Asks for a topic. `receive` gets its frames until the subscription is dropped.
    pub(crate) fn subscribe(self, topic: Topic, receive: impl Fn(ServerFrame) + 'static) -> Subscription {
        let connection = self.connection.get_value();
        let receive: Rc<dyn Fn(ServerFrame)> = Rc::new(receive);
        let id = connection.borrow_mut().subscribe(topic, Rc::clone(&receive));
        Subscription {
            id,
            connection,
            receive,
        }
    }
}

/// A running subscription; ends when dropped. Keep it in a `StoredValue::new`, which drops it with the view.
pub(crate) struct Subscription {
    id: u32,
    connection: Rc<RefCell<Connection>>,
    receive: Rc<dyn Fn(ServerFrame)>,
}

impl Subscription {
    /// Asks for another topic in place of this one: other visible devices, or a device from another sequence number.
    pub(crate) fn replace(&mut self, topic: Topic) {
        let mut connection = self.connection.borrow_mut();
        connection.unsubscribe(self.id);
        self.id = connection.subscribe(topic, Rc::clone(&self.receive));
    }
}

impl std::fmt::Debug for Subscription {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Subscription")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        // While a frame is being delivered the connection is not borrowed, so this cannot fail.
        if let Ok(mut connection) = self.connection.try_borrow_mut() {
            connection.unsubscribe(self.id);
        }
    }
}
