//! The WebSocket under the live feed: connects, greets, resubscribes, notices silence, waits and tries again.

use super::FeedState;
use super::backoff::delay_ms;
use super::subscriptions::{Subscriptions, frame_id};
use crate::api::Api;
use crate::clock::{Clock, browser_now};
use crate::dom::WindowListener;
use crate::dom::prelude::*;
use crate::session::{Session, SessionState};
use gloo_timers::callback::{Interval, Timeout};
use shared::api::ErrorCode;
use shared::compact::decode;
use shared::live::{ClientFrame, PROTOCOL, ServerFrame, encode};
use shared::sorted::SortedMap;
use std::cell::RefCell;
use std::rc::{Rc, Weak};
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{BinaryType, CloseEvent, MessageEvent, WebSocket};

/// The server's heartbeat comes every 10 s; after two and a half of them the connection is taken for dead.
const SILENCE_MS: i64 = 25_000;
/// A page that nobody looks at lets go of its connection after this.
const HIDDEN_MS: u32 = 60_000;
/// The server's close code for a session that was ended or is over.
const SESSION_OVER: u16 = 4401;
/// Where it is noted for which build the page was loaded again.
const RELOADED: &str = "muster.reloaded-for";

type Receive = Rc<dyn Fn(ServerFrame)>;

pub(super) struct Connection {
    me: Weak<RefCell<Connection>>,
    state: RwSignal<FeedState>,
    clock: Clock,
    session: Session,
    subscriptions: Subscriptions,
    receivers: SortedMap<u32, Receive>,
    socket: Option<Socket>,
    /// Attempts since the last time the server greeted.
    attempts: u32,
    /// The server's build when the page first met it.
    build: Option<String>,
    heard_ms: i64,
    retry: Option<Timeout>,
    hide: Option<Timeout>,
    watchdog: Option<Interval>,
    visibility: Option<WindowListener>,
}

/// An open or opening socket with the closures it calls; both end together.
struct Socket {
    socket: WebSocket,
    greeted: bool,
    _on_message: Closure<dyn FnMut(MessageEvent)>,
    _on_close: Closure<dyn FnMut(CloseEvent)>,
    _on_open: Closure<dyn FnMut()>,
}

impl Drop for Socket {
    fn drop(&mut self) {
        self.socket.set_onmessage(None);
        self.socket.set_onclose(None);
        self.socket.set_onopen(None);
        // Refused only for a bad close code; there is none.
        drop(self.socket.close());
    }
}

impl Connection {
    pub(super) fn start(
        state: RwSignal<FeedState>,
        clock: Clock,
        session: Session,
    ) -> Rc<RefCell<Connection>> {
        let connection = Rc::new_cyclic(|me| {
            RefCell::new(Connection {
                me: me.clone(),
                state,
                clock,
                session,
                subscriptions: Subscriptions::default(),
                receivers: SortedMap::new(),
                socket: None,
                attempts: 0,
                build: None,
                heard_ms: 0,
                retry: None,
                hide: None,
                watchdog: None,
                visibility: None,
            })
        });
        let mut this = connection.borrow_mut();
        let me = this.me.clone();
        this.watchdog = Some(Interval::new(5000, move || with(&me, Connection::watch)));
        let me = this.me.clone();
        this.visibility = Some(window_event_listener::<web_sys::Event>(
            "visibilitychange",
            move |_| {
                with(&me, Connection::visibility_changed);
            },
        ));
        this.connect();
        drop(this);
        connection
    }

    /// Ends the connection and everything that could bring it back.
    pub(super) fn stop(connection: &Rc<RefCell<Connection>>) {
        let mut this = connection.borrow_mut();
        this.socket = None;
        this.retry = None;
        this.hide = None;
        this.watchdog = None;
        this.receivers.clear();
        if let Some(listener) = this.visibility.take() {
            listener.remove();
        }
    }

    pub(super) fn subscribe(&mut self, topic: shared::live::Topic, receive: Receive) -> u32 {
        let id = self.subscriptions.add(topic);
        self.receivers.insert(id, receive);
        if let Some(request) = self.subscriptions.request(id) {
            self.send_if_greeted(&request);
        }
        id
    }

    pub(super) fn unsubscribe(&mut self, id: u32) {
        self.subscriptions.remove(id);
        self.receivers.remove(&id);
        self.send_if_greeted(&ClientFrame::Unsubscribe { id });
    }

    fn connect(&mut self) {
        self.retry = None;
        let host = window().location().host().unwrap_or_default();
        let secure = window()
            .location()
            .protocol()
            .is_ok_and(|protocol| protocol == "https:");
        let scheme = if secure { "wss" } else { "ws" };
        let Ok(socket) = WebSocket::new(&format!("{scheme}://{host}/ws")) else {
            self.lost();
            return;
        };
        socket.set_binary_type(BinaryType::Arraybuffer);
        let me = self.me.clone();
        let on_message = Closure::new(move |event: MessageEvent| {
            let Ok(buffer) = event.data().dyn_into::<js_sys::ArrayBuffer>() else {
                return;
            };
            let bytes = js_sys::Uint8Array::new(&buffer).to_vec();
            receive(&me, &bytes);
        });
        let me = self.me.clone();
        let on_close = Closure::new(move |event: CloseEvent| with(&me, |this| this.closed(event.code())));
        let me = self.me.clone();
        let on_open = Closure::new(move || with(&me, |this| this.greet()));
        socket.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        socket.set_onclose(Some(on_close.as_ref().unchecked_ref()));
        socket.set_onopen(Some(on_open.as_ref().unchecked_ref()));
        self.heard_ms = now_ms();
        self.socket = Some(Socket {
            socket,
            greeted: false,
            _on_message: on_message,
            _on_close: on_close,
            _on_open: on_open,
        });
    }

    /// The first frame each way is a Hello. The page's own build is the one that the server told it first.
    fn greet(&self) {
        let build = self.build.clone().unwrap_or_default();
        self.send(&ClientFrame::Hello {
            protocol: PROTOCOL,
            build,
        });
    }

    fn closed(&mut self, code: u16) {
        if code == SESSION_OVER {
            self.session.expire();
        }
        self.lost();
    }

    /// The connection is gone: says so, and comes back after a while.
    fn lost(&mut self) {
        let greeted = self.socket.take().is_some_and(|socket| socket.greeted);
        if self.state.get_untracked() == FeedState::Incompatible {
            return;
        }
        if !greeted {
            self.check_session();
        }
        if document().hidden() {
            self.state.set(FeedState::Paused);
            return;
        }
        let delay = delay_ms(self.attempts, js_sys::Math::random());
        self.attempts = self.attempts.saturating_add(1);
        let me = self.me.clone();
        self.retry = Some(Timeout::new(delay, move || with(&me, Connection::connect)));
        self.state.set(FeedState::Reconnecting {
            at_ms: now_ms() + i64::from(delay),
        });
    }

    /// A browser does not say why a WebSocket was refused; the session may be over.
    fn check_session(&self) {
        let session = self.session;
        if !matches!(session.state().get_untracked(), SessionState::LoggedIn(_)) {
            return;
        }
        Api::new(session).who_am_i().then(move |answer| {
            if let Err(failure) = answer
                && failure.is(ErrorCode::Unauthorized)
            {
                session.expire();
            }
        });
    }

    fn watch(&mut self) {
        if self.socket.is_some() && now_ms() - self.heard_ms > SILENCE_MS {
            self.lost();
        }
    }

    fn visibility_changed(&mut self) {
        if document().hidden() {
            let me = self.me.clone();
            self.hide = Some(Timeout::new(HIDDEN_MS, move || {
                with(&me, |this| {
                    this.socket = None;
                    this.retry = None;
                    this.state.set(FeedState::Paused);
                });
            }));
        } else {
            self.hide = None;
            if self.socket.is_none() && self.state.get_untracked() != FeedState::Incompatible {
                self.attempts = 0;
                self.connect();
            }
        }
    }

    fn send_if_greeted(&self, frame: &ClientFrame) {
        if self.socket.as_ref().is_some_and(|socket| socket.greeted) {
            self.send(frame);
        }
    }

    fn send(&self, frame: &ClientFrame) {
        if let (Some(socket), Ok(bytes)) = (self.socket.as_ref(), encode(frame)) {
            // Refused only while connecting or closing: then everything is asked for again on the next connection.
            drop(socket.socket.send_with_u8_array(&bytes));
        }
    }

    /// The server greeted: answers, and asks for everything again. Returns the subscriptions that missed something.
    fn greeted(&mut self, protocol: u16, build: &str) -> Vec<u32> {
        let same_build = self.build.get_or_insert_with(|| build.to_owned()) == build;
        if protocol != PROTOCOL || !same_build {
            self.reload_for(build);
            return Vec::new();
        }
        if let Some(socket) = self.socket.as_mut() {
            socket.greeted = true;
        }
        for request in self.subscriptions.requests() {
            self.send_if_greeted(&request);
        }
        self.attempts = 0;
        let first = self.state.get_untracked() == FeedState::Connecting;
        self.state.set(FeedState::CatchingUp);
        if first {
            Vec::new()
        } else {
            self.subscriptions.without_replay()
        }
    }

    /// The server is of another build: this page is old. Loads it again, but not twice for the same build.
    fn reload_for(&mut self, build: &str) {
        let storage = window().session_storage().ok().flatten();
        let before = storage
            .as_ref()
            .and_then(|storage| storage.get_item(RELOADED).ok().flatten());
        if before.as_deref() == Some(build) {
            self.state.set(FeedState::Incompatible);
            self.socket = None;
            return;
        }
        if let Some(storage) = storage {
            // Without storage the worst case is one more reload.
            drop(storage.set_item(RELOADED, build));
        }
        drop(window().location().reload());
    }
}

/// Runs `act` on a connection that is still there.
fn with(me: &Weak<RefCell<Connection>>, act: impl FnOnce(&mut Connection)) {
    if let Some(connection) = me.upgrade() {
        act(&mut connection.borrow_mut());
    }
}

/// Takes one frame. Receivers run while the connection is not borrowed: they may subscribe and unsubscribe.
fn receive(me: &Weak<RefCell<Connection>>, bytes: &[u8]) {
    let Some(connection) = me.upgrade() else { return };
    let mut this = connection.borrow_mut();
    this.heard_ms = now_ms();
    let mut frame = match decode::<ServerFrame>(bytes) {
        Ok(frame) => frame,
        Err(error) => {
            web_sys::console::error_1(&error.to_string().into());
            this.lost();
            return;
        }
    };
    match &frame {
        ServerFrame::Hello {
            protocol,
            build,
            sequence,
            now,
        } => {
            let (clock, sequence, now) = (this.clock, *sequence, *now);
            let missed = this.greeted(*protocol, build);
            let receivers: Vec<(u32, Receive)> = missed
                .into_iter()
                .filter_map(|id| Some((id, this.receivers.get(&id)?.clone())))
                .collect();
            drop(this);
            clock.server_says(now);
            for (id, receiver) in receivers {
                receiver(ServerFrame::Resync { id, sequence });
            }
            let me = me.clone();
            // What was missed arrives before the next turn of the event loop that is free.
            Timeout::new(300, move || {
                with(&me, |this| {
                    if this.state.get_untracked() == FeedState::CatchingUp {
                        this.state.set(FeedState::Live);
                    }
                });
            })
            .forget();
        }
        ServerFrame::Heartbeat { now, .. } => {
            let (clock, now) = (this.clock, *now);
            drop(this);
            clock.server_says(now);
        }
        _ => {
            let receiver = frame_id(&frame).and_then(|id| this.receivers.get(&id).cloned());
            let wanted = this.subscriptions.advance(&mut frame);
            drop(this);
            if let (true, Some(receiver)) = (wanted, receiver) {
                receiver(frame);
            }
        }
    }
}

fn now_ms() -> i64 {
    browser_now().0
}
