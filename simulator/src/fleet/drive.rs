//! One device on one socket.

use super::line::Line;
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

/// Drives the client until it is told to stop, or until it wants to be bootstrapped: true then.
pub(super) async fn drive(
    mut client: Client,
    mut line: Line,
    mut stopping: watch::Receiver<bool>,
    mut farewell: Farewell,
) -> bool {
    let mut registered = false;
    loop {
        farewell.proceed(&mut client);
        flush(&mut client, &mut line).await;
        if farewell.is_over(&client) {
            return false;
        }
        if client.wants_bootstrap() {
            return true;
        }
        let has_registered = matches!(client.state(), ClientState::Registered | ClientState::Registering);
        if std::mem::replace(&mut registered, has_registered) && client.state() == ClientState::Unregistered {
            line.give_up_session();
        }
        let due = [client.poll_timeout(), line.poll_timeout(), farewell.deadline()];
        let due = due.into_iter().flatten().min();
        tokio::select! {
            received = line.receive() => match received {
                Ok((from, messages)) => for message in messages {
                    client.handle_datagram(Instant::now(), from, &message);
                },
                Err(error) => tracing::debug!(%error, "nothing received"),
            },
            () = wait_until(due) => {
                line.handle_timeout(Instant::now()).await;
                client.handle_timeout(Instant::now());
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
