//! One device on one socket.

use crate::client::{Client, ClientState};
use std::time::{Duration, Instant};
use tokio::net::UdpSocket;
use tokio::sync::watch;

/// The largest datagram that is taken whole: a block of 1024 bytes with its options.
const BUFFER: usize = 2_048;
/// How long a device takes at most to leave.
const FAREWELL: Duration = Duration::from_secs(1);

/// Drives the client until it is told to stop.
pub(super) async fn drive(mut client: Client, socket: UdpSocket, mut stopping: watch::Receiver<bool>) {
    let mut buffer = vec![0; BUFFER];
    let mut give_up: Option<Instant> = None;
    let mut said_goodbye = false;
    loop {
        // A registration that is on its way is waited for; the server would keep it otherwise.
        if give_up.is_some() && !said_goodbye && client.state() != ClientState::Registering {
            client.deregister(Instant::now());
            said_goodbye = true;
        }
        flush(&mut client, &socket).await;
        if client.state() == ClientState::Gone || give_up.is_some_and(|at| at <= Instant::now()) {
            return;
        }
        let due = client.poll_timeout().into_iter().chain(give_up).min();
        tokio::select! {
            received = socket.recv_from(&mut buffer) => match received {
                Ok((length, from)) => client.handle_datagram(Instant::now(), from, &buffer[..length]),
                Err(error) => tracing::debug!(%error, "nothing received"),
            },
            () = wait_until(due) => client.handle_timeout(Instant::now()),
            () = told(&mut stopping), if give_up.is_none() => give_up = Some(Instant::now() + FAREWELL),
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

async fn wait_until(due: Option<Instant>) {
    match due {
        Some(due) => tokio::time::sleep_until(due.into()).await,
        None => std::future::pending().await,
    }
}

/// Ends when the fleet stops, which is also when nobody is left to say so.
async fn told(stopping: &mut watch::Receiver<bool>) {
    let _ = stopping.wait_for(|stop| *stop).await;
}
