//! Many devices behind one socket: each has a loopback address of its own, chosen for every datagram.

use super::echo::bound;
use anyhow::{Context, Result, bail};
use coap::{Kind, Message};
use quinn_udp::{RecvMeta, Transmit, UdpSockRef, UdpSocketState};
use std::io::{ErrorKind, IoSliceMut};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket};
use std::time::{Duration, Instant};

/// How many exchanges are under way at once.
pub(super) const WINDOW: usize = 64;
/// The address of device 0.
const FIRST: u32 = u32::from_be_bytes([127, 1, 0, 1]);
const RECEIVE_TIMEOUT: Duration = Duration::from_millis(100);
/// A datagram is sent again after this, which is what RFC 7252 has as ACK_TIMEOUT.
const ANSWER_WITHIN: Duration = Duration::from_secs(2);
const MOST_ATTEMPTS: u32 = 4;

/// A datagram that waits for its answer.
#[derive(Debug)]
struct Waiting {
    device: u32,
    message_id: [u8; 2],
    datagram: Vec<u8>,
    sent: Instant,
    attempts: u32,
}

/// How an exchange of many datagrams went.
#[derive(Debug, Clone, Copy)]
pub(super) struct Exchanged {
    /// How many had to be sent again.
    pub(super) repeated: u64,
    pub(super) elapsed: Duration,
}

/// What the devices do with what comes.
pub(super) trait Devices {
    /// The next datagram to send, from which device; none if all are sent.
    fn next(&mut self) -> Option<(u32, Message)>;

    /// An answer to a datagram of this device.
    ///
    /// # Errors
    /// If it is not what was hoped for; the measurement ends.
    fn answered(&mut self, device: u32, answer: &[u8]) -> Result<()>;

    /// The server asks the device something.
    fn asked(&mut self, device: u32, request: &Message) -> Option<Message>;
}

/// The socket.
#[derive(Debug)]
pub(super) struct Generator {
    socket: UdpSocket,
    state: UdpSocketState,
    buffer: Vec<u8>,
}

impl Generator {
    pub(super) fn new() -> Result<Generator> {
        let socket = bound((Ipv4Addr::UNSPECIFIED, 0).into())?;
        let state = UdpSocketState::new(UdpSockRef::from(&socket))
            .context("this system does not let a datagram choose its source")?;
        socket.set_nonblocking(false)?;
        socket.set_read_timeout(Some(RECEIVE_TIMEOUT))?;
        Ok(Generator {
            socket,
            state,
            buffer: vec![0; 1 << 16],
        })
    }

    /// Exchanges datagrams with the server until the devices have no more and all are answered.
    pub(super) fn exchange(&mut self, server: SocketAddr, devices: &mut impl Devices) -> Result<Exchanged> {
        // Made beforehand: the generator must be quicker than what it measures, or it measures how a server wakes up.
        let prepared: Vec<Waiting> = std::iter::from_fn(|| devices.next())
            .map(|(device, message)| Waiting {
                device,
                message_id: message.message_id.to_be_bytes(),
                datagram: message.encode(),
                sent: Instant::now(),
                attempts: 1,
            })
            .collect();
        let begun = Instant::now();
        let mut prepared = prepared.into_iter();
        let mut waiting: Vec<Waiting> = Vec::with_capacity(WINDOW);
        let mut repeated = 0;
        loop {
            while waiting.len() < WINDOW {
                let Some(mut next) = prepared.next() else {
                    break;
                };
                self.send(server, next.device, &next.datagram)?;
                next.sent = Instant::now();
                waiting.push(next);
            }
            if waiting.is_empty() {
                return Ok(Exchanged {
                    repeated,
                    elapsed: begun.elapsed(),
                });
            }
            if !self.take(server, devices, &mut waiting)? {
                repeated += self.send_again(server, &mut waiting)?;
            }
        }
    }

    /// Lets the devices answer until this is true.
    pub(super) fn answer_until(
        &mut self,
        server: SocketAddr,
        devices: &mut impl Devices,
        mut done: impl FnMut() -> bool,
    ) -> Result<()> {
        while !done() {
            self.take(server, devices, &mut Vec::new())?;
        }
        Ok(())
    }

    /// Takes what came; false if nothing did for a while.
    fn take(
        &mut self,
        server: SocketAddr,
        devices: &mut impl Devices,
        waiting: &mut Vec<Waiting>,
    ) -> Result<bool> {
        let mut buffer = std::mem::take(&mut self.buffer);
        let mut meta = [RecvMeta::default()];
        let received = self.state.recv(
            UdpSockRef::from(&self.socket),
            &mut [IoSliceMut::new(&mut buffer)],
            &mut meta,
        );
        let outcome = match received {
            Ok(_) => self
                .take_all(server, devices, waiting, &buffer, &meta[0])
                .map(|()| true),
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => Ok(false),
            Err(error) => Err(error).context("the generator hears nothing"),
        };
        self.buffer = buffer;
        outcome
    }

    /// The system may hand over several datagrams of one sender at once.
    fn take_all(
        &mut self,
        server: SocketAddr,
        devices: &mut impl Devices,
        waiting: &mut Vec<Waiting>,
        buffer: &[u8],
        meta: &RecvMeta,
    ) -> Result<()> {
        let Some(device) = meta.dst_ip.and_then(device_at) else {
            return Ok(());
        };
        for datagram in buffer[..meta.len].chunks(meta.stride.max(1)) {
            let [first, code, high, low, ..] = *datagram else {
                continue;
            };
            let place = waiting
                .iter()
                .position(|it| it.device == device && it.message_id == [high, low]);
            let kind = (first >> 4) & 3;
            // An echo comes back as it went; a server's own request is of a class 0 and no acknowledgement.
            if let Some(place) = place {
                waiting.swap_remove(place);
                devices.answered(device, datagram)?;
            } else if kind < 2 && (1..32).contains(&code) {
                let request = Message::parse(datagram).context("the server's request does not read")?;
                let answer = devices.asked(device, &request);
                if let Some(answer) = answer.filter(|_| request.kind == Kind::Confirmable) {
                    self.send(server, device, &answer.encode())?;
                }
            }
        }
        Ok(())
    }

    fn send(&self, server: SocketAddr, device: u32, datagram: &[u8]) -> Result<()> {
        let transmit = Transmit {
            destination: server,
            ecn: None,
            contents: datagram,
            segment_size: None,
            src_ip: Some(IpAddr::V4(address_of(device))),
        };
        self.state
            .try_send(UdpSockRef::from(&self.socket), &transmit)
            .context("the generator cannot send")
    }

    fn send_again(&self, server: SocketAddr, waiting: &mut [Waiting]) -> Result<u64> {
        let mut repeated = 0;
        for waiting in waiting.iter_mut().filter(|it| it.sent.elapsed() >= ANSWER_WITHIN) {
            if waiting.attempts >= MOST_ATTEMPTS {
                bail!("the server does not answer device {}", waiting.device);
            }
            waiting.attempts += 1;
            waiting.sent = Instant::now();
            self.send(server, waiting.device, &waiting.datagram)?;
            repeated += 1;
        }
        Ok(repeated)
    }
}

fn address_of(device: u32) -> Ipv4Addr {
    Ipv4Addr::from(FIRST.saturating_add(device))
}

fn device_at(address: IpAddr) -> Option<u32> {
    match address {
        IpAddr::V4(address) => u32::from(address).checked_sub(FIRST),
        IpAddr::V6(_) => None,
    }
}
