//! By which way a device sends datagrams: as they are, or sealed by DTLS.

use super::channel::Channel;
use super::security::Security;
use super::{FleetError, any_address};
use coap::Transmit;
use std::io;
use std::net::SocketAddr;
use std::time::{Duration, Instant};
use tokio::net::UdpSocket;

/// The largest datagram that is taken whole: a block of 1024 bytes with its options, in a record.
const BUFFER: usize = 2_048;

/// A device's socket, and its session if it has security.
#[derive(Debug)]
pub(super) struct Line {
    socket: UdpSocket,
    server: SocketAddr,
    channel: Option<Channel>,
    buffer: Vec<u8>,
    /// A new source port every so often, and next at this time.
    rebind: Option<(Duration, Instant)>,
}

impl Line {
    /// A socket for the device of this name.
    ///
    /// # Errors
    /// If the system has no more sockets or no random bytes.
    pub(super) async fn open(
        server: SocketAddr,
        name: &str,
        security: Option<&Security>,
    ) -> Result<Line, FleetError> {
        let now = Instant::now();
        let socket = UdpSocket::bind(any_address(server)).await;
        let channel = match security {
            Some(security) => {
                let channel = Channel::new(now, name, server, security);
                Some(channel.ok_or_else(|| FleetError::Dtls("the system gives no random numbers".into()))?)
            }
            None => None,
        };
        let every = security.and_then(|security| security.rebind_every);
        Ok(Line {
            socket: socket.map_err(FleetError::Socket)?,
            server,
            channel,
            buffer: vec![0; BUFFER],
            rebind: every.map(|every| (every, now + every)),
        })
    }

    /// Sends a message; to anyone but the server as it is.
    pub(super) async fn send(&mut self, now: Instant, transmit: Transmit<SocketAddr>) {
        match &mut self.channel {
            Some(channel) if transmit.peer == self.server => {
                channel.send(now, transmit.datagram);
                self.flush().await;
            }
            _ => self.put(&transmit.datagram, transmit.peer).await,
        }
    }

    /// Waits for a datagram and gives the messages in it with their sender.
    ///
    /// # Errors
    /// What the system says of an earlier datagram.
    pub(super) async fn receive(&mut self) -> io::Result<(SocketAddr, Vec<Vec<u8>>)> {
        let (length, from) = self.socket.recv_from(&mut self.buffer).await?;
        let datagram = &mut self.buffer[..length];
        let messages = match &mut self.channel {
            Some(channel) if from == self.server => channel.receive(Instant::now(), datagram),
            _ => vec![datagram.to_vec()],
        };
        Ok((from, messages))
    }

    /// When [`Line::handle_timeout`] wants to be called.
    pub(super) fn poll_timeout(&self) -> Option<Instant> {
        let channel = self.channel.as_ref().and_then(Channel::poll_timeout);
        channel.into_iter().chain(self.rebind.map(|(_, at)| at)).min()
    }

    /// Does what is due.
    pub(super) async fn handle_timeout(&mut self, now: Instant) {
        if let Some(channel) = &mut self.channel {
            channel.handle_timeout(now);
        }
        if let Some((every, at)) = self.rebind
            && at <= now
        {
            self.rebind = Some((every, now + every));
            match UdpSocket::bind(any_address(self.server)).await {
                Ok(socket) => self.socket = socket,
                Err(error) => tracing::warn!(%error, "no new port for a device"),
            }
        }
    }

    /// Sends what the session has to send of its own accord.
    pub(super) async fn flush(&mut self) {
        while let Some(datagram) = self.channel.as_mut().and_then(Channel::poll_transmit) {
            self.put(&datagram, self.server).await;
        }
    }

    /// The server does not answer: it may have lost the session.
    pub(super) fn give_up_session(&mut self) {
        if let Some(channel) = &mut self.channel {
            channel.give_up();
        }
    }

    /// Whether a new session took the place of an earlier one since it was last asked.
    pub(super) fn take_renewed(&mut self) -> bool {
        self.channel.as_mut().is_some_and(Channel::take_renewed)
    }

    async fn put(&self, datagram: &[u8], peer: SocketAddr) {
        if let Err(error) = self.socket.send_to(datagram, peer).await {
            // As lost on the way: it is sent again if it matters.
            tracing::debug!(%error, %peer, "not sent");
        }
    }
}
