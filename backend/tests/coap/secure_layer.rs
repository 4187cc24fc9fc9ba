//! DTLS under a device that is written by hand.

use crate::support::{Device, PATIENCE};
use dtls::{Answer, Endpoint, Event, SessionId};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;
use tokio::net::UdpSocket;

/// A client's side of one session.
pub(crate) struct Layer {
    endpoint: Endpoint<SocketAddr>,
    /// The server as the endpoint knows it, wherever it listens after a restart.
    peer: SocketAddr,
    session: Option<SessionId>,
    failed: Option<String>,
    closed: bool,
    /// Every datagram that went out, for those who send them again.
    sent: Vec<Vec<u8>>,
}

impl Layer {
    fn new(config: dtls::Config, peer: SocketAddr) -> Layer {
        Layer {
            endpoint: Endpoint::new(Instant::now(), Arc::new(config)).unwrap(),
            peer,
            session: None,
            failed: None,
            closed: false,
            sent: Vec::new(),
        }
    }

    pub(crate) async fn send(&mut self, socket: &UdpSocket, server: SocketAddr, bytes: &[u8]) {
        let session = self.session.expect("a session");
        self.endpoint.send(session, bytes).unwrap();
        self.flush(socket, server).await;
    }

    async fn flush(&mut self, socket: &UdpSocket, server: SocketAddr) {
        while let Some(transmit) = self.endpoint.poll_transmit() {
            socket.send_to(&transmit.bytes, server).await.unwrap();
            self.sent.push(transmit.bytes);
        }
    }

    /// Takes a datagram; the application data in it.
    pub(crate) async fn receive(
        &mut self,
        socket: &UdpSocket,
        server: SocketAddr,
        datagram: &mut [u8],
    ) -> Vec<Vec<u8>> {
        self.endpoint
            .handle_datagram(Instant::now(), &self.peer.clone(), datagram);
        let data = self.listen();
        self.flush(socket, server).await;
        data
    }

    fn listen(&mut self) -> Vec<Vec<u8>> {
        let mut data = Vec::new();
        while let Some(event) = self.endpoint.poll_event() {
            match event {
                Event::Question { handshake, .. } => {
                    self.endpoint.answer(Instant::now(), handshake, Answer::Accept);
                }
                Event::Connected(connected) => self.session = Some(connected.session),
                Event::HandshakeFailed(failed) => self.failed = Some(failed.reason),
                Event::Data { bytes, .. } => data.push(bytes),
                Event::Closed { .. } => self.closed = true,
                Event::AddressChanged { .. } | Event::Step { .. } => {}
            }
        }
        data
    }
}

impl Device {
    /// A device that has sent its first message of a handshake.
    pub(crate) async fn begin(server: SocketAddr, config: dtls::Config) -> Device {
        let mut device = Device::at(server).await;
        device.layer = Some(Box::new(Layer::new(config, server)));
        device.begin_handshake().await;
        for _ in 0..2 {
            device.go_on().await;
        }
        device
    }

    /// A device with a session, or why it has none.
    pub(crate) async fn secured(server: SocketAddr, config: dtls::Config) -> Result<Device, String> {
        let mut device = Device::at(server).await;
        device.layer = Some(Box::new(Layer::new(config, server)));
        device.connect_again().await?;
        Ok(device)
    }

    /// A new handshake, as after a restart of the device.
    pub(crate) async fn connect_again(&mut self) -> Result<(), String> {
        self.begin_handshake().await;
        loop {
            self.go_on().await;
            let layer = self.layer.as_mut().unwrap();
            if let Some(reason) = layer.failed.take() {
                return Err(reason);
            }
            if layer.session.is_some() {
                return Ok(());
            }
        }
    }

    async fn begin_handshake(&mut self) {
        let layer = self.layer.as_mut().unwrap();
        (layer.session, layer.closed) = (None, false);
        layer.endpoint.connect(Instant::now(), layer.peer, None).unwrap();
        layer.flush(&self.socket, self.server).await;
    }

    /// Takes the next datagram, or lets the time pass until the endpoint wants it.
    async fn go_on(&mut self) {
        let layer = self.layer.as_mut().unwrap();
        let last = Instant::now() + PATIENCE;
        let due = layer.endpoint.poll_timeout().unwrap_or(last).min(last);
        let mut buffer = vec![0; 65_535];
        match tokio::time::timeout_at(due.into(), self.socket.recv(&mut buffer)).await {
            Ok(received) => {
                let datagram = &mut buffer[..received.unwrap()];
                let data = layer.receive(&self.socket, self.server, datagram).await;
                self.keep(data);
            }
            Err(_) => {
                assert!(due < last, "nothing came");
                layer.endpoint.handle_timeout(Instant::now());
                layer.listen();
                layer.flush(&self.socket, self.server).await;
            }
        }
    }

    /// Every datagram of its sessions so far, the first ClientHello first.
    pub(crate) fn datagrams_sent(&self) -> Vec<Vec<u8>> {
        self.layer.as_ref().unwrap().sent.clone()
    }

    /// Sends a datagram past its session, as somebody at its address may.
    pub(crate) async fn send_raw(&self, bytes: &[u8]) {
        self.socket.send_to(bytes, self.server).await.unwrap();
    }

    /// Waits until the server has ended the session.
    pub(crate) async fn is_closed(&mut self) -> bool {
        while !self.layer.as_ref().unwrap().closed {
            self.go_on().await;
        }
        true
    }
}
