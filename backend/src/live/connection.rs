//! One feed: the task between a page's socket and the core.

use super::bootstrap::Bootstrap;
use super::codec::Codec;
use super::device::Device;
use super::fleet::Fleet;
use super::list::{List, MOST_ROWS};
use super::provisioning::Provisioning;
use super::subscriptions::{Subscription, Subscriptions};
use super::trace::Trace;
use crate::app::{App, stopped};
use crate::auth::{Ended, Identity};
use crate::clock;
use crate::core::Batch;
use axum::extract::ws::{CloseFrame, Message, WebSocket};
use shared::api::Role;
use shared::live::{ClientFrame, PROTOCOL, ServerFrame, Topic};
use std::future::poll_fn;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{broadcast, watch};

/// At most twenty flushes a second: with the browser's own frame a change is on the screen within 100 ms.
const FLUSH: Duration = Duration::from_millis(50);
const HEARTBEAT: Duration = Duration::from_secs(10);
/// How long a page may take to greet, and to take a frame.
const PATIENCE: Duration = Duration::from_secs(10);

/// Why a feed ends: a close code of WebSocket (RFC 6455 §7.4) and a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    /// The page left, or its connection did.
    Gone,
    Stopping,
    /// The session was ended or is over.
    LoggedOut,
    /// What came is no frame, or not the one that has to come.
    Protocol,
    /// The page does not take what is sent.
    TooSlow,
}

impl End {
    const fn close(self) -> Option<(u16, &'static str)> {
        match self {
            End::Gone => None,
            End::Stopping => Some((1001, "the server is stopping")),
            End::LoggedOut => Some((4401, "the session is over")),
            End::Protocol => Some((4400, "a Hello of this protocol, then frames, are wanted")),
            End::TooSlow => Some((4408, "the page does not take what is sent")),
        }
    }
}

pub(super) async fn run(app: App, socket: WebSocket, codec: Codec, identity: Identity) {
    app.metrics.live_feeds.inc();
    let metrics = app.metrics.clone();
    let mut feed = Feed {
        // Subscribed before anything is read, so that nothing falls between.
        batches: app.core.subscribe(),
        bootstraps: app.core.bootstrap().changes(),
        waiting: app.core.bootstrap().waiting_changes(),
        imports: app.imports.changes(),
        ended: app.accounts.ended(),
        presence: app.presence.changes(),
        stopping: app.stopping.clone(),
        subscriptions: Subscriptions::default(),
        flushed: None,
        app,
        socket,
        codec,
        identity,
    };
    let end = match feed.greet().await {
        Ok(()) => feed.serve().await,
        Err(end) => end,
    };
    feed.close(end).await;
    metrics.live_feeds.dec();
}

struct Feed {
    app: App,
    socket: WebSocket,
    codec: Codec,
    identity: Identity,
    batches: broadcast::Receiver<Arc<Batch>>,
    /// The number of the last change of a bootstrap session.
    bootstraps: watch::Receiver<u64>,
    /// Changes of the waiting list.
    waiting: watch::Receiver<()>,
    /// Imports that go on.
    imports: watch::Receiver<()>,
    ended: broadcast::Receiver<Ended>,
    presence: broadcast::Receiver<Arc<str>>,
    stopping: watch::Receiver<bool>,
    subscriptions: Subscriptions,
    flushed: Option<Instant>,
}

/// What woke the task.
enum Wake {
    Message(Option<Result<Message, axum::Error>>),
    Batch(Result<Arc<Batch>, RecvError>),
    Bootstraps(Result<(), watch::error::RecvError>),
    Provisioning(Result<(), watch::error::RecvError>),
    Ended(Result<Ended, RecvError>),
    Presence(Result<Arc<str>, RecvError>),
    Traces,
    Flush,
    Heartbeat,
    Stopping,
}

impl Feed {
    /// The first frame each way is a Hello.
    async fn greet(&mut self) -> Result<(), End> {
        let hello = ServerFrame::Hello {
            protocol: PROTOCOL,
            build: self.app.build(),
            sequence: self.app.core.sequence(),
            now: clock::now(),
        };
        self.send(&hello).await?;
        let greeting = async {
            loop {
                let message = self
                    .socket
                    .recv()
                    .await
                    .ok_or(End::Gone)?
                    .map_err(|_| End::Gone)?;
                match self.codec.decode(&message) {
                    Some(Ok(ClientFrame::Hello {
                        protocol: PROTOCOL, ..
                    })) => return Ok(()),
                    Some(_) => return Err(End::Protocol),
                    None => {}
                }
            }
        };
        tokio::time::timeout(PATIENCE, greeting)
            .await
            .unwrap_or(Err(End::Protocol))
    }

    async fn serve(&mut self) -> End {
        let mut heartbeat = tokio::time::interval(HEARTBEAT);
        heartbeat.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        heartbeat.reset();
        loop {
            let wake = self.wait(&mut heartbeat).await;
            if let Err(end) = self.handle(wake).await {
                return end;
            }
        }
    }

    async fn wait(&mut self, heartbeat: &mut tokio::time::Interval) -> Wake {
        let now = Instant::now();
        let earliest = self.flushed.map_or(now, |flushed| flushed + FLUSH);
        let due = self.subscriptions.due(now).map(|due| due.max(earliest));
        let subscriptions = &mut self.subscriptions;
        tokio::select! {
            message = self.socket.recv() => Wake::Message(message),
            batch = self.batches.recv() => Wake::Batch(batch),
            changed = self.bootstraps.changed() => Wake::Bootstraps(changed),
            changed = self.waiting.changed() => Wake::Provisioning(changed),
            changed = self.imports.changed() => Wake::Provisioning(changed),
            ended = self.ended.recv() => Wake::Ended(ended),
            endpoint = self.presence.recv() => Wake::Presence(endpoint),
            () = poll_fn(|context| subscriptions.poll_traces(context)) => Wake::Traces,
            () = until(due) => Wake::Flush,
            _ = heartbeat.tick() => Wake::Heartbeat,
            () = stopped(&mut self.stopping) => Wake::Stopping,
        }
    }

    async fn handle(&mut self, wake: Wake) -> Result<(), End> {
        match wake {
            Wake::Message(Some(Ok(message))) => self.message(&message).await,
            Wake::Message(_) => Err(End::Gone),
            Wake::Batch(Ok(batch)) => {
                self.subscriptions.apply(&batch);
                Ok(())
            }
            Wake::Batch(Err(RecvError::Lagged(_))) => {
                self.subscriptions.lagged(&self.app.core);
                Ok(())
            }
            Wake::Batch(Err(RecvError::Closed))
            | Wake::Bootstraps(Err(_))
            | Wake::Provisioning(Err(_))
            | Wake::Stopping => Err(End::Stopping),
            Wake::Provisioning(Ok(())) => {
                self.subscriptions.provisioning_changed();
                Ok(())
            }
            Wake::Bootstraps(Ok(())) => {
                self.subscriptions.bootstraps_changed();
                Ok(())
            }
            Wake::Ended(Ok(ended)) if self.identity.proof.is_ended_by(ended) => Err(End::LoggedOut),
            Wake::Ended(Ok(_)) => Ok(()),
            Wake::Ended(Err(_)) => self.check_session().await,
            Wake::Presence(endpoint) => {
                self.subscriptions.presence_changed(endpoint.as_deref().ok());
                Ok(())
            }
            Wake::Traces => Ok(()),
            Wake::Flush => self.flush().await,
            Wake::Heartbeat => {
                self.check_session().await?;
                let sequence = self.app.core.sequence();
                let now = clock::now();
                self.send(&ServerFrame::Heartbeat { sequence, now }).await
            }
        }
    }

    /// A session that was ended elsewhere, or whose time is over, ends its feeds.
    async fn check_session(&mut self) -> Result<(), End> {
        match self.app.accounts.still_holds(&self.identity.proof).await {
            Ok(true) => Ok(()),
            Ok(false) => Err(End::LoggedOut),
            Err(error) => {
                tracing::warn!(%error, "a session could not be checked");
                Ok(())
            }
        }
    }

    async fn message(&mut self, message: &Message) -> Result<(), End> {
        match self.codec.decode(message) {
            None => Ok(()),
            Some(Ok(ClientFrame::Subscribe { id, topic })) => match self.subscription(id, topic) {
                Ok(subscription) => {
                    self.subscriptions.insert(id, subscription);
                    Ok(())
                }
                Err(message) => {
                    self.subscriptions.remove(id);
                    self.send(&ServerFrame::Refused { id, message }).await
                }
            },
            Some(Ok(ClientFrame::Unsubscribe { id })) => {
                self.subscriptions.remove(id);
                Ok(())
            }
            Some(Ok(ClientFrame::Hello { .. }) | Err(_)) => Err(End::Protocol),
        }
    }

    fn subscription(&self, id: u32, topic: Topic) -> Result<Subscription, String> {
        let most = usize::try_from(self.app.config.limits.live_subscriptions).unwrap_or(usize::MAX);
        if !self.subscriptions.has_room(id, most) {
            return Err(format!("a feed has at most {most} subscriptions"));
        }
        if let Some(own) = self.identity.only_device()
            && !matches!(&topic, Topic::Device { endpoint, .. } if endpoint == own)
        {
            return Err(format!("this link shows the device '{own}' and nothing else"));
        }
        match topic {
            Topic::Devices { endpoints } if endpoints.len() > MOST_ROWS => {
                Err(format!("a list window has at most {MOST_ROWS} rows"))
            }
            Topic::Devices { endpoints } => Ok(Subscription::List(List::new(endpoints))),
            Topic::Device { endpoint, since } => {
                Ok(Subscription::Device(Device::new(endpoint, since, &self.app.core)))
            }
            Topic::Trace { .. } if self.identity.role < Role::Support => {
                Err("the trace takes the role support".into())
            }
            Topic::Trace { endpoint } => {
                let watch = self.app.core.watch_trace(&endpoint);
                let watch = watch.ok_or_else(|| format!("there is no device '{endpoint}'"))?;
                Ok(Subscription::Trace(Trace::new(watch)))
            }
            Topic::Fleet => Ok(Subscription::Fleet(Fleet::new())),
            Topic::Bootstrap { session } => {
                let bootstrap = self.app.core.bootstrap();
                if let Some(session) = session
                    && bootstrap.recent_session(session).is_none()
                {
                    return Err(format!("there is no bootstrap session {session} of late"));
                }
                let last = *self.bootstraps.borrow();
                Ok(Subscription::Bootstrap(Bootstrap::new(session, last)))
            }
            Topic::Provisioning => Ok(Subscription::Provisioning(Provisioning::new())),
            Topic::Presence { endpoint } if self.app.core.device(&endpoint).is_none() => {
                Err(format!("there is no device '{endpoint}'"))
            }
            Topic::Presence { endpoint } => {
                let watch = self.app.presence.enter(&endpoint, &self.identity.name);
                Ok(Subscription::Presence(watch))
            }
        }
    }

    /// Sends what has gathered, as one write.
    async fn flush(&mut self) -> Result<(), End> {
        let now = Instant::now();
        for frame in self.subscriptions.flush(&self.app.core, now) {
            if matches!(frame, ServerFrame::Resync { .. }) {
                self.app.metrics.live_resyncs.inc();
            }
            self.send(&frame).await?;
        }
        self.flushed = Some(now);
        Ok(())
    }

    async fn send(&mut self, frame: &ServerFrame) -> Result<(), End> {
        let message = match self.codec.encode(frame) {
            Ok(message) => message,
            Err(error) => {
                tracing::error!(%error, "a frame of the live feed cannot be written");
                return Err(End::Gone);
            }
        };
        self.app.metrics.live_frames.inc();
        match tokio::time::timeout(PATIENCE, self.socket.send(message)).await {
            Ok(sent) => sent.map_err(|_| End::Gone),
            Err(_) => Err(End::TooSlow),
        }
    }

    async fn close(&mut self, end: End) {
        let Some((code, reason)) = end.close() else { return };
        let frame = CloseFrame {
            code,
            reason: reason.into(),
        };
        let closing = async {
            // The page may be gone already; then there is nobody to tell.
            if self.socket.send(Message::Close(Some(frame))).await.is_ok() {
                while let Some(Ok(_)) = self.socket.recv().await {}
            }
        };
        // A page that does not answer the close frame is left.
        let _ = tokio::time::timeout(Duration::from_secs(1), closing).await;
    }
}

/// Sleeps until then; without a time, for ever.
async fn until(due: Option<Instant>) {
    match due {
        Some(due) => tokio::time::sleep_until(due.into()).await,
        None => std::future::pending().await,
    }
}
