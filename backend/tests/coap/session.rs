//! The device's side of a DTLS session, for devices of which every message is written by hand.

use crate::support::PATIENCE;
use dtls::{Answer, Config, Endpoint, Event, SessionId};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Instant;
use tokio::net::UdpSocket;

pub(crate) struct Session {
    endpoint: Mutex<Endpoint<SocketAddr>>,
    id: SessionId,
    /// Every datagram that went out, the first ClientHello first, for those who send them again.
    sent: Mutex<Vec<Vec<u8>>>,
}

impl Session {
    /// Makes a session; or says why there is none.
    pub(crate) async fn begin(
        socket: &UdpSocket,
        server: SocketAddr,
        config: Config,
    ) -> Result<Session, String> {
        let mut endpoint = Endpoint::new(Instant::now(), Arc::new(config)).unwrap();
        endpoint.connect(Instant::now(), server, None).unwrap();
        let mut buffer = vec![0; 65_535];
        let mut sent = Vec::new();
        loop {
            while let Some(datagram) = endpoint.poll_transmit() {
                socket.send_to(&datagram.bytes, datagram.peer).await.unwrap();
                sent.push(datagram.bytes);
            }
            while let Some(event) = endpoint.poll_event() {
                match event {
                    // The server's certificate is not what these tests are about.
                    Event::Question { handshake, .. } => {
                        endpoint.answer(Instant::now(), handshake, Answer::Accept);
                    }
                    Event::Connected(connected) => {
                        while let Some(datagram) = endpoint.poll_transmit() {
                            socket.send_to(&datagram.bytes, datagram.peer).await.unwrap();
                            sent.push(datagram.bytes);
                        }
                        return Ok(Session {
                            endpoint: Mutex::new(endpoint),
                            id: connected.session,
                            sent: Mutex::new(sent),
                        });
                    }
                    Event::HandshakeFailed(failed) => return Err(failed.reason),
                    _ => {}
                }
            }
            let due = endpoint.poll_timeout().unwrap_or(Instant::now() + PATIENCE);
            match tokio::time::timeout_at(due.into(), socket.recv(&mut buffer)).await {
                Ok(received) => {
                    let length = received.unwrap();
                    endpoint.handle_datagram(Instant::now(), &server, &mut buffer[..length]);
                }
                Err(_) => endpoint.handle_timeout(Instant::now()),
            }
        }
    }

    pub(crate) async fn send(&self, socket: &UdpSocket, server: SocketAddr, bytes: &[u8]) {
        let datagrams: Vec<Vec<u8>> = {
            let mut endpoint = self.endpoint.lock().unwrap();
            endpoint.send(self.id, bytes).unwrap();
            std::iter::from_fn(|| endpoint.poll_transmit().map(|datagram| datagram.bytes)).collect()
        };
        for datagram in datagrams {
            socket.send_to(&datagram, server).await.unwrap();
            self.sent.lock().unwrap().push(datagram);
        }
    }

    pub(crate) fn sent(&self) -> Vec<Vec<u8>> {
        self.sent.lock().unwrap().clone()
    }

    /// The message in a datagram, if it carries one.
    pub(crate) fn open(&self, server: SocketAddr, datagram: &mut [u8]) -> Option<Vec<u8>> {
        let mut endpoint = self.endpoint.lock().unwrap();
        endpoint.handle_datagram(Instant::now(), &server, datagram);
        std::iter::from_fn(|| endpoint.poll_event()).find_map(|event| match event {
            Event::Data { bytes, .. } => Some(bytes),
            _ => None,
        })
    }
}
