//! One device on one socket.

use crate::client::{Client, ClientState};
use std::time::{Duration, Instant};
use tokio::net::UdpSocket;
use tokio::sync::watch;

/// The largest datagram that is taken whole: a block of 1024 bytes with its options.
const BUFFER: usize = 2_048;
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
    socket: UdpSocket,
    mut stopping: watch::Receiver<bool>,
    mut farewell: Farewell,
) -> bool {
    let mut buffer = vec![0; BUFFER];
    loop {
        farewell.proceed(&mut client);
        flush(&mut client, &socket).await;
        if farewell.is_over(&client) {
            return false;
        }
        if client.wants_bootstrap() {
            return true;
        }
        let due = client.poll_timeout().into_iter().chain(farewell.deadline()).min();
        tokio::select! {
            received = socket.recv_from(&mut buffer) => match received {
                Ok((length, from)) => client.handle_datagram(Instant::now(), from, &buffer[..length]),
                Err(error) => tracing::debug!(%error, "nothing received"),
            },
            () = wait_until(due) => client.handle_timeout(Instant::now()),
            () = told(&mut stopping), if !farewell.has_begun() => farewell.begin(),
        }
    }
}

async fn flush(client: &mut Client, socket: &UdpSocket) {
    while let Some(transmit) = client.poll_transmit(Instant::now()) {
        if let Err(error) = socket.send_to(&transmit.datagram, transmit.peer).await {
            // As lost on the way: it is sent again if it matters.
            tracing::debug!(%error, peer = %transmit.peer, "not sent");
        }
    }
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
