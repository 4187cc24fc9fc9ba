//! What passes, for the protocol trace and for whoever watches a device.

use super::Peer;
use super::command::Recorded;
use super::state::{Now, Shard};
use crate::registry::DeviceNumber;
use crate::trace::{KEPT, Passed, Raw, Seen, Step, Watcher};
use shared::api::{Direction, Transport};
use std::net::SocketAddr;
use tokio::sync::mpsc;

/// How many addresses a watcher follows; a device that changes it more often than somebody looks is followed by its
/// session.
const MOST_ADDRESSES: usize = 16;

impl Shard {
    /// What is known of the datagrams of these addresses.
    pub(super) fn recorded(&self, addresses: &[SocketAddr]) -> Recorded {
        let of_them = self
            .tokens
            .iter()
            .filter(|((peer, _), _)| addresses.contains(&self.address(*peer)));
        Recorded {
            raw: self.ring.of(addresses),
            tokens: of_them
                .map(|((_, token), (_, subject))| (*token, subject.base()))
                .collect(),
        }
    }

    pub(super) fn watch(&mut self, watcher: Watcher) {
        let Recorded { raw, tokens } = self.recorded(&watcher.addresses);
        if watcher.sender.try_send(Seen::Before(raw, tokens)).is_err() {
            self.statistics.trace_lost += 1;
        }
        self.watchers.retain(|watcher| !watcher.sender.is_closed());
        self.watchers.push(watcher);
    }

    /// Keeps a CoAP message.
    pub(super) fn trace(&mut self, now: Now, peer: Peer, direction: Direction, datagram: &[u8]) {
        let way = (peer.transport(), self.address(peer));
        let device = self.by_peer.get(&peer).copied();
        self.passed(now, device, way, direction, (Passed::Message, datagram));
    }

    /// Keeps a step of DTLS.
    pub(super) fn trace_step(
        &mut self,
        now: Now,
        device: Option<DeviceNumber>,
        address: SocketAddr,
        direction: Direction,
        step: Step<'_>,
    ) {
        self.trace_step_over(now, device, (Transport::Dtls, address), direction, step);
    }

    pub(super) fn trace_step_over(
        &mut self,
        now: Now,
        device: Option<DeviceNumber>,
        way: (Transport, SocketAddr),
        direction: Direction,
        step: Step<'_>,
    ) {
        self.passed(now, device, way, direction, (Passed::Step, &step.encode()));
    }

    fn passed(
        &mut self,
        now: Now,
        device: Option<DeviceNumber>,
        (transport, peer): (Transport, SocketAddr),
        direction: Direction,
        (passed, bytes): (Passed, &[u8]),
    ) {
        let id = self
            .ring
            .push(now.at, (transport, peer), direction, (passed, bytes));
        if self.watchers.is_empty() {
            return;
        }
        let concerns =
            |watcher: &Watcher| Some(watcher.device) == device || watcher.addresses.contains(&peer);
        let raw = || Raw {
            id,
            at: now.at,
            peer,
            transport,
            direction,
            passed,
            bytes: bytes[..bytes.len().min(KEPT)].into(),
        };
        let mut lost = 0;
        self.watchers.retain(|watcher| {
            if !concerns(watcher) {
                return !watcher.sender.is_closed();
            }
            match watcher.sender.try_send(Seen::Now(raw())) {
                Ok(()) => true,
                Err(mpsc::error::TrySendError::Full(_)) => {
                    lost += 1;
                    true
                }
                Err(mpsc::error::TrySendError::Closed(_)) => false,
            }
        });
        self.statistics.trace_lost += lost;
    }

    /// It turned out which device is at an address: whoever watches it sees what came from there before, and follows.
    pub(super) fn recognise(&mut self, device: DeviceNumber, address: SocketAddr) {
        let (mut lost, ring) = (0, &self.ring);
        for watcher in &mut self.watchers {
            if watcher.device != device || watcher.addresses.contains(&address) {
                continue;
            }
            if watcher.addresses.len() >= MOST_ADDRESSES {
                watcher.addresses.remove(0);
            }
            watcher.addresses.push(address);
            for raw in ring.of(&[address]) {
                lost += u64::from(watcher.sender.try_send(Seen::Now(raw)).is_err());
            }
        }
        self.statistics.trace_lost += lost;
    }
}
