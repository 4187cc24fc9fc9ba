//! Captures that were armed for a time: what passes of one device is kept beside the ring that all devices share, so that
//! the rare event of a night is still there in the morning. In memory; a restart of the server ends them.

use super::Core;
use crate::registry::{self, DeviceNumber};
use crate::shard::Command;
use crate::trace::{Raw, Seen, Watcher};
use shared::Timestamp;
use shared::api::CaptureView;
use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::mpsc;

/// How many bytes a capture keeps; the oldest go first.
const BYTES: usize = 8 * 1024 * 1024;
/// What a message costs beside its bytes.
const EACH: usize = 96;
/// How many captures there may be at a time, running or not yet thrown away.
const MOST: usize = 32;
/// How many datagrams may wait to be kept.
const LAG: usize = 1024;

/// All captures, by device.
#[derive(Debug, Clone, Default)]
pub(super) struct Captures {
    all: Arc<Mutex<HashMap<DeviceNumber, Capture>>>,
}

#[derive(Debug)]
struct Capture {
    by: String,
    started: Timestamp,
    until: Timestamp,
    messages: VecDeque<Raw>,
    bytes: usize,
    dropped: u64,
    /// Tells the capture from one that was begun later for the same device.
    turn: u64,
}

/// Why a capture was not begun.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CaptureRefusal {
    UnknownDevice,
    /// There are as many as may be.
    Full,
}

impl Captures {
    fn lock(&self) -> MutexGuard<'_, HashMap<DeviceNumber, Capture>> {
        self.all.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps a datagram; whether that capture still wants more.
    fn keep(&self, device: DeviceNumber, turn: u64, raw: Raw) -> bool {
        let mut all = self.lock();
        let Some(capture) = all.get_mut(&device).filter(|capture| capture.turn == turn) else {
            return false;
        };
        capture.bytes += raw.bytes.len() + EACH;
        capture.messages.push_back(raw);
        while capture.bytes > BYTES
            && let Some(oldest) = capture.messages.pop_front()
        {
            capture.bytes -= oldest.bytes.len() + EACH;
            capture.dropped += 1;
        }
        true
    }

    /// What was kept of a device.
    pub(super) fn of(&self, device: DeviceNumber) -> Vec<Raw> {
        let all = self.lock();
        all.get(&device)
            .map(|capture| capture.messages.iter().cloned().collect())
            .unwrap_or_default()
    }
}

impl Capture {
    fn view(&self, now: Timestamp) -> CaptureView {
        CaptureView {
            by: self.by.clone(),
            started: self.started,
            until: self.until,
            running: now < self.until,
            messages: self.messages.len() as u64,
            bytes: self.bytes as u64,
            dropped: self.dropped,
        }
    }
}

impl Core {
    /// Keeps what passes of a device for so many seconds, in place of what an earlier capture kept.
    ///
    /// # Errors
    /// [`CaptureRefusal`].
    pub fn capture(&self, endpoint: &str, seconds: u32, by: &str) -> Result<CaptureView, CaptureRefusal> {
        let found = self.with_device(endpoint, |number, device| (number, device.addresses()));
        let (device, addresses) = found.ok_or(CaptureRefusal::UnknownDevice)?;
        let captures = self.inner.captures.clone();
        let now = registry::now();
        let turn = {
            let mut all = captures.lock();
            if all.len() >= MOST && !all.contains_key(&device) {
                // One that is over and that nobody fetched for a day makes room.
                let old = all.iter().filter(|(_, one)| now.since(one.until) > 86_400_000);
                let old = old.min_by_key(|(_, one)| one.until).map(|(number, _)| *number);
                all.remove(&old.ok_or(CaptureRefusal::Full)?);
            }
            let turn = all.get(&device).map_or(0, |before| before.turn + 1);
            all.insert(
                device,
                Capture {
                    by: by.to_owned(),
                    started: now,
                    until: now.plus_seconds(i64::from(seconds)),
                    messages: VecDeque::new(),
                    bytes: 0,
                    dropped: 0,
                    turn,
                },
            );
            turn
        };
        let (sender, mut datagrams) = mpsc::channel(LAG);
        for shard in 0..self.inner.shards.count() {
            let watcher = Watcher {
                device,
                addresses: addresses.clone(),
                sender: sender.clone(),
            };
            if !self.inner.shards.try_send(shard as u16, Command::Watch(watcher)) {
                tracing::warn!(endpoint, shard, "a busy shard does not take part in this capture");
            }
        }
        drop(sender);
        let over = tokio::time::Instant::now() + Duration::from_secs(seconds.into());
        tokio::spawn(async move {
            while let Ok(Some(seen)) = tokio::time::timeout_at(over, datagrams.recv()).await {
                // What went before is in the ring.
                if let Seen::Now(raw) = seen
                    && !captures.keep(device, turn, raw)
                {
                    return;
                }
            }
            // Without a shard that sends, the channel ends early; the capture then says what it has.
        });
        self.captured(endpoint).ok_or(CaptureRefusal::UnknownDevice)
    }

    /// The capture of a device, running or over.
    pub fn captured(&self, endpoint: &str) -> Option<CaptureView> {
        let device = self.number(endpoint)?;
        let all = self.inner.captures.lock();
        all.get(&device).map(|capture| capture.view(registry::now()))
    }

    /// Ends the capture of a device and throws away what it kept; whether there was one.
    pub fn end_capture(&self, endpoint: &str) -> bool {
        let device = self.number(endpoint);
        device.is_some_and(|device| self.inner.captures.lock().remove(&device).is_some())
    }
}
