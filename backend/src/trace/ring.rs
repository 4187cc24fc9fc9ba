//! The last datagrams, messages of streams and steps of handshakes of a shard in one ring of bytes: writing one costs a
//! copy and no allocation.

use coap::Token;
use shared::api::{Direction, Transport};
use shared::{Path, Timestamp};
use std::collections::VecDeque;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use tokio::sync::mpsc;

/// How much of a datagram is kept.
pub(crate) const KEPT: usize = 2048;
/// id 8, time 8, address 16, port 2, length 2, direction, transport and kind 1.
const HEADER: usize = 37;

/// What the bytes of an entry are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Passed {
    /// A CoAP message.
    Message,
    /// A [`Step`](super::Step) of the security layer.
    Step,
}

/// A datagram as it passed, or a step between them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Raw {
    pub(crate) id: u64,
    pub(crate) at: Timestamp,
    pub(crate) peer: SocketAddr,
    pub(crate) transport: Transport,
    pub(crate) direction: Direction,
    pub(crate) passed: Passed,
    /// At most [`KEPT`] bytes.
    pub(crate) bytes: Box<[u8]>,
}

/// Somebody who looks at one device's datagrams as they pass.
#[derive(Debug)]
pub(crate) struct Watcher {
    pub(crate) device: crate::registry::DeviceNumber,
    /// Where the device was lately.
    pub(crate) addresses: Vec<SocketAddr>,
    pub(crate) sender: mpsc::Sender<Seen>,
}

/// What a watcher is sent.
#[derive(Debug)]
pub(crate) enum Seen {
    /// What went before, and what the tokens of the device's observations stand for; once, from each shard.
    Before(Vec<Raw>, Vec<(Token, Path)>),
    Now(Raw),
}

/// The ring of one shard.
#[derive(Debug)]
pub(crate) struct Ring {
    bytes: VecDeque<u8>,
    limit: usize,
    next_id: u64,
    /// Ids of different shards differ: each counts in steps of their number.
    step: u64,
}

impl Ring {
    pub(crate) fn new(limit: usize, shard: u16, shards: u64) -> Ring {
        Ring {
            bytes: VecDeque::new(),
            limit,
            next_id: u64::from(shard) + 1,
            step: shards,
        }
    }

    /// Keeps a datagram and returns its id.
    pub(crate) fn push(
        &mut self,
        at: Timestamp,
        (transport, peer): (Transport, SocketAddr),
        direction: Direction,
        (passed, bytes): (Passed, &[u8]),
    ) -> u64 {
        let id = self.next_id;
        self.next_id += self.step;
        let kept = &bytes[..bytes.len().min(KEPT)];
        let size = HEADER + kept.len();
        if size > self.limit {
            return id;
        }
        while self.bytes.len() + size > self.limit {
            let oldest = HEADER + self.length_at(0);
            self.bytes.drain(..oldest);
        }
        let mut header = [0u8; HEADER];
        header[..8].copy_from_slice(&id.to_be_bytes());
        header[8..16].copy_from_slice(&at.0.to_be_bytes());
        header[16..32].copy_from_slice(&in_ipv6(peer.ip()).octets());
        header[32..34].copy_from_slice(&peer.port().to_be_bytes());
        header[34..36].copy_from_slice(&(kept.len() as u16).to_be_bytes());
        header[36] = u8::from(direction == Direction::Down)
            | transport_bits(transport)
            | if passed == Passed::Step { STEP } else { 0 };
        self.bytes.extend(header);
        self.bytes.extend(kept);
        id
    }

    /// The datagrams of these addresses, oldest first.
    pub(crate) fn of(&self, addresses: &[SocketAddr]) -> Vec<Raw> {
        let wanted: Vec<([u8; 16], u16)> = addresses
            .iter()
            .map(|address| (in_ipv6(address.ip()).octets(), address.port()))
            .collect();
        let mut found = Vec::new();
        let mut at = 0;
        while at < self.bytes.len() {
            let length = self.length_at(at);
            let key = (self.array::<16>(at + 16), u16::from_be_bytes(self.array(at + 32)));
            let [last] = self.array::<1>(at + 36);
            if let Some(index) = wanted.iter().position(|wanted| *wanted == key) {
                found.push(Raw {
                    id: u64::from_be_bytes(self.array(at)),
                    at: Timestamp(i64::from_be_bytes(self.array(at + 8))),
                    peer: addresses[index],
                    transport: transport_of(last),
                    direction: if last & 1 == 1 {
                        Direction::Down
                    } else {
                        Direction::Up
                    },
                    passed: if last & STEP == 0 {
                        Passed::Message
                    } else {
                        Passed::Step
                    },
                    bytes: self
                        .bytes
                        .range(at + HEADER..at + HEADER + length)
                        .copied()
                        .collect(),
                });
            }
            at += HEADER + length;
        }
        found
    }

    fn length_at(&self, at: usize) -> usize {
        usize::from(u16::from_be_bytes(self.array(at + 34)))
    }

    fn array<const N: usize>(&self, at: usize) -> [u8; N] {
        let mut array = [0; N];
        for (slot, byte) in array.iter_mut().zip(self.bytes.range(at..at + N)) {
            *slot = *byte;
        }
        array
    }
}

/// The bit of a step, above those of the transport.
const STEP: u8 = 8;

/// The transport beside the direction, which is the lowest bit.
const fn transport_bits(transport: Transport) -> u8 {
    match transport {
        Transport::Udp => 0,
        Transport::Dtls => 2,
        Transport::Tcp => 4,
        Transport::Tls => 6,
    }
}

const fn transport_of(bits: u8) -> Transport {
    match bits & 6 {
        0 => Transport::Udp,
        2 => Transport::Dtls,
        4 => Transport::Tcp,
        _ => Transport::Tls,
    }
}

fn in_ipv6(ip: IpAddr) -> Ipv6Addr {
    match ip {
        IpAddr::V4(ip) => ip.to_ipv6_mapped(),
        IpAddr::V6(ip) => ip,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ring_keeps_the_newest_and_finds_them_by_address() {
        let mut ring = Ring::new(1000, 1, 2);
        let (a, b) = (
            SocketAddr::from(([192, 0, 2, 1], 5683)),
            SocketAddr::from(([0x2001, 0xdb8, 0, 0, 0, 0, 0, 1], 5683)),
        );
        for number in 0..100u8 {
            let peer = if number % 2 == 0 { a } else { b };
            ring.push(
                Timestamp(i64::from(number)),
                (Transport::Tls, peer),
                Direction::Up,
                (Passed::Message, &[number; 20]),
            );
        }
        let found = ring.of(&[a]);
        assert!(found.len() > 5 && found.len() < 20);
        assert_eq!(found.last().unwrap().bytes[..], [98; 20]);
        assert_eq!(found.last().unwrap().id, 98 * 2 + 2);
        assert_eq!(found.last().unwrap().transport, Transport::Tls);
        assert!(found.is_sorted_by_key(|raw| raw.id));
        assert_eq!(ring.of(&[b]).last().unwrap().peer, b);
        assert_eq!(ring.of(&[]), []);
        ring.push(
            Timestamp(0),
            (Transport::Udp, a),
            Direction::Down,
            (Passed::Step, &[1; 2000]),
        );
        assert_eq!(ring.of(&[a]).len(), found.len());
    }
}
