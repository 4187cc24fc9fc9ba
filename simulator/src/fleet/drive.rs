//! One device on one socket.

use super::line::Line;
use crate::bootstrap::{BootstrapClient, BootstrapState};
use crate::client::{Client, ClientState};
use std::time::{Duration, Instant};
use tokio::sync::watch;

/// How long a device takes at most to leave.
const FAREWELL: Duration = Duration::from_secs(1);

/// How a device takes its leave once the fleet stops.
#[derive(Debug, Default)]
pub(super) struct Farewell {
    give_up: Option<Instant>,
    said: bool,
}

impl Farewell {
    /// The fleet stops.
    pub(super) fn begin(&mut self) {
        self.give_up = Some(Instant::now() + FAREWELL);
    }

    /// Whether it stops.
    pub(super) fn has_begun(&self) -> bool {
        self.give_up.is_some()
    }

    /// When it is given up.
    pub(super) fn deadline(&self) -> Option<Instant> {
        self.give_up
    }

    /// Says goodbye when it is time. A registration that is on its way is waited for; the server would keep it
    /// otherwise.
    pub(super) fn proceed(&mut self, client: &mut Client) {
        if self.has_begun() && !self.said && client.state() != ClientState::Registering {
            client.deregister(Instant::now());
            self.said = true;
        }
    }

    /// Whether the device has left, or takes too long to.
    pub(super) fn is_over(&self, client: &Client) -> bool {
        client.state() == ClientState::Gone || self.give_up.is_some_and(|at| at <= Instant::now())
    }
}

/// Why a device is no longer driven.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// The fleet stops.
    Stopped,
    /// The server had it ask for its bootstrap, or it could not register.
    WantsBootstrap,
    /// Its bootstrap server gave it another configuration without being asked.
    Configured,
}

/// How a device comes back to its bootstrap server.
#[derive(Debug)]
pub(super) struct WayBack<'a> {
    pub(super) bootstrap: &'a mut BootstrapClient,
    /// How many times in a row it tries to register before it goes there.
    pub(super) tries: u32,
}

impl WayBack<'_> {
    /// Why it goes there, if it does.
    pub(super) fn taken(&self, client: &Client) -> Option<End> {
        match self.bootstrap.state() {
            // It begins in this state; a session that came unasked and failed leaves it in another.
            BootstrapState::Done | BootstrapState::InSession => {
                let back = client.wants_bootstrap() || client.failures() >= self.tries;
                back.then_some(End::WantsBootstrap)
            }
            BootstrapState::Waiting | BootstrapState::Asking => Some(End::WantsBootstrap),
        }
    }
}

/// Drives the client until it is told to stop, or until it takes its way back.
pub(super) async fn drive(
    mut client: Client,
    mut line: Line,
    mut stopping: watch::Receiver<bool>,
    mut way_back: Option<WayBack<'_>>,
) -> End {
    let mut farewell = Farewell::default();
    let mut registered = false;
    let mut in_session = false;
    loop {
        farewell.proceed(&mut client);
        flush(&mut client, &mut line).await;
        if farewell.is_over(&client) {
            return End::Stopped;
        }
        if let Some(way_back) = &mut way_back {
            while let Some(transmit) = way_back.bootstrap.poll_transmit() {
                line.send(Instant::now(), transmit).await;
            }
            let was_in_session = in_session;
            in_session = way_back.bootstrap.state() == BootstrapState::InSession;
            if was_in_session && way_back.bootstrap.state() == BootstrapState::Done {
                return End::Configured;
            }
            if let Some(end) = way_back.taken(&client) {
                return end;
            }
        }
        let has_registered = matches!(client.state(), ClientState::Registered | ClientState::Registering);
        if std::mem::replace(&mut registered, has_registered) && client.state() == ClientState::Unregistered {
            line.give_up_session();
        }
        let of_session = way_back
            .as_ref()
            .filter(|_| in_session)
            .and_then(|way_back| way_back.bootstrap.poll_timeout());
        let due = [
            client.poll_timeout(),
            line.poll_timeout(),
            farewell.deadline(),
            of_session,
        ];
        let due = due.into_iter().flatten().min();
        tokio::select! {
            received = line.receive() => match received {
                Ok((from, messages)) => for message in messages {
                    let now = Instant::now();
                    match &mut way_back {
                        Some(way_back) if way_back.bootstrap.server() == from => {
                            way_back.bootstrap.handle_datagram(now, from, &message);
                        }
                        _ => client.handle_datagram(now, from, &message),
                    }
                },
                Err(error) => tracing::debug!(%error, "nothing received"),
            },
            () = wait_until(due) => {
                let now = Instant::now();
                line.handle_timeout(now).await;
                client.handle_timeout(now);
                if let Some(way_back) = way_back.as_mut().filter(|_| in_session) {
                    way_back.bootstrap.handle_timeout(now);
                }
            },
            () = told(&mut stopping), if !farewell.has_begun() => farewell.begin(),
        }
    }
}

async fn flush(client: &mut Client, line: &mut Line) {
    if line.take_renewed() {
        client.session_renewed(Instant::now());
    }
    while let Some(transmit) = client.poll_transmit(Instant::now()) {
        line.send(Instant::now(), transmit).await;
    }
    line.flush().await;
}

pub(super) async fn wait_until(due: Option<Instant>) {
    match due {
        Some(due) => tokio::time::sleep_until(due.into()).await,
        None => std::future::pending().await,
    }
}

/// Ends when the fleet stops, which is also when nobody is left to say so.
pub(super) async fn told(stopping: &mut watch::Receiver<bool>) {
    let _ = stopping.wait_for(|stop| *stop).await;
}
