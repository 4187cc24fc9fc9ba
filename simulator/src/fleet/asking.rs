//! How a device asks its bootstrap server: over UDP, DTLS, TCP or TLS, until it knows where to register.

use super::drive::{told, wait_until};
use super::line::Line;
use super::stream::{Connector, PATIENCE};
use crate::bootstrap::{BootstrapClient, BootstrapState};
use std::io;
use std::time::Instant;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::watch;

/// How much is read at once.
const BUFFER: usize = 4_096;

fn is_done(client: &BootstrapClient) -> bool {
    client.state() == BootstrapState::Done && client.account().is_some()
}

/// Asks over datagrams until it has an account. False if it is told to stop before.
pub(super) async fn by_datagrams(
    client: &mut BootstrapClient,
    mut line: Line,
    mut stopping: watch::Receiver<bool>,
) -> bool {
    loop {
        while let Some(transmit) = client.poll_transmit() {
            line.send(Instant::now(), transmit).await;
        }
        line.flush().await;
        if is_done(client) {
            return true;
        }
        let due = [client.poll_timeout(), line.poll_timeout()];
        tokio::select! {
            received = line.receive() => match received {
                Ok((from, messages)) => for message in messages {
                    client.handle_datagram(Instant::now(), from, &message);
                },
                Err(error) => tracing::debug!(%error, "nothing received"),
            },
            () = wait_until(due.into_iter().flatten().min()) => {
                line.handle_timeout(Instant::now()).await;
                client.handle_timeout(Instant::now());
            },
            () = told(&mut stopping) => return false,
        }
    }
}

/// The same over connections, one for each attempt.
pub(super) async fn by_stream(
    client: &mut BootstrapClient,
    connector: &Connector,
    mut stopping: watch::Receiver<bool>,
) -> bool {
    loop {
        if client.wants_connection(Instant::now()) {
            match tokio::time::timeout(PATIENCE, connector.connect()).await {
                Ok(Ok(mut connection)) => {
                    client.connected(Instant::now());
                    let ended = exchange(client, &mut connection, &mut stopping).await;
                    client.disconnected(Instant::now());
                    match ended {
                        Ok(true) => {}
                        Ok(false) => return false,
                        Err(error) => tracing::info!(%error, "the connection to the bootstrap server broke"),
                    }
                }
                _ => client.not_connected(Instant::now()),
            }
        }
        if is_done(client) {
            return true;
        }
        tokio::select! {
            () = wait_until(client.poll_timeout()) => client.handle_timeout(Instant::now()),
            () = told(&mut stopping) => return false,
        }
    }
}

/// Exchanges messages until the attempt is over. False if it is told to stop before.
async fn exchange<S>(
    client: &mut BootstrapClient,
    connection: &mut S,
    stopping: &mut watch::Receiver<bool>,
) -> io::Result<bool>
where
    S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin,
{
    let mut buffer = vec![0; BUFFER];
    loop {
        while let Some(transmit) = client.poll_transmit() {
            tokio::time::timeout(PATIENCE, connection.write_all(&transmit.datagram)).await??;
        }
        tokio::time::timeout(PATIENCE, connection.flush()).await??;
        if matches!(client.state(), BootstrapState::Done | BootstrapState::Waiting) {
            tokio::time::timeout(PATIENCE, connection.shutdown()).await??;
            return Ok(true);
        }
        tokio::select! {
            received = connection.read(&mut buffer) => match received? {
                0 => return Ok(true),
                length => client.handle_stream(Instant::now(), &buffer[..length]),
            },
            () = wait_until(client.poll_timeout()) => client.handle_timeout(Instant::now()),
            () = told(stopping) => return Ok(false),
        }
    }
}
