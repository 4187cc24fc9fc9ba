//! The generator's devices: what each of them knows, and the load they make together.

use super::datagrams;
use super::generator::Devices;
use anyhow::{Result, bail};
use coap::{Code, Message, Token};

/// As many as have addresses between 127.1.0.1 and 127.255.255.254.
pub(super) const MOST_DEVICES: u32 = 16_000_000;

/// What the devices send.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Load {
    Register,
    Update,
    Notification,
}

impl Load {
    pub(super) const ALL: [Load; 3] = [Load::Register, Load::Update, Load::Notification];

    pub(super) const fn name(self) -> &'static str {
        match self {
            Load::Register => "Register",
            Load::Update => "Update",
            Load::Notification => "notification",
        }
    }
}

#[derive(Debug, Clone, Default)]
struct Device {
    message_id: u16,
    sequence: u32,
    location: Box<str>,
    observation: Option<Token>,
}

/// All devices.
#[derive(Debug)]
pub(super) struct Fleet {
    devices: Vec<Device>,
    /// Every so-manieth device notifies.
    notifying_every: u32,
}

impl Fleet {
    pub(super) fn new(count: u32, notifying: u32) -> Fleet {
        Fleet {
            devices: vec![Device::default(); count as usize],
            notifying_every: (count / notifying.clamp(1, count)).max(1),
        }
    }

    /// The devices that notify.
    pub(super) fn notifying(&self) -> Vec<u32> {
        (0..self.devices.len() as u32)
            .step_by(self.notifying_every as usize)
            .collect()
    }

    /// So many datagrams of one kind, by all devices in turn.
    pub(super) fn load(&mut self, load: Load, total: u32, echoed: bool) -> Round<'_> {
        Round {
            fleet: self,
            load,
            sent: 0,
            total,
            echoed,
        }
    }

    /// Which of the notifying devices the server has not yet asked to notify.
    pub(super) fn unobserved(&self) -> usize {
        let notifying = self.notifying();
        notifying
            .iter()
            .filter(|device| self.devices[**device as usize].observation.is_none())
            .count()
    }
}

/// One measurement's datagrams.
#[derive(Debug)]
pub(super) struct Round<'a> {
    fleet: &'a mut Fleet,
    load: Load,
    sent: u32,
    total: u32,
    /// The answers are the datagrams themselves.
    echoed: bool,
}

impl Devices for Round<'_> {
    fn next(&mut self) -> Option<(u32, Message)> {
        if self.sent >= self.total {
            return None;
        }
        let count = self.fleet.devices.len() as u32;
        let number = match self.load {
            Load::Notification => {
                let notifying = count.div_ceil(self.fleet.notifying_every);
                self.sent % notifying * self.fleet.notifying_every
            }
            _ => self.sent % count,
        };
        self.sent += 1;
        let device = &mut self.fleet.devices[number as usize];
        device.message_id = device.message_id.wrapping_add(1);
        let message_id = device.message_id;
        let message = match self.load {
            Load::Register => datagrams::register(number, message_id),
            Load::Update => datagrams::update(&device.location, message_id),
            Load::Notification => {
                device.sequence += 1;
                let token = device.observation.unwrap_or_default();
                datagrams::notification(token, device.sequence, message_id)
            }
        };
        Some((number, message))
    }

    fn answered(&mut self, device: u32, answer: &[u8]) -> Result<()> {
        if self.echoed {
            return Ok(());
        }
        let message = Message::parse(answer)?;
        let wanted = match self.load {
            Load::Register => Code::CREATED,
            Load::Update => Code::CHANGED,
            Load::Notification => Code::EMPTY,
        };
        if message.code != wanted || message.kind == coap::Kind::Reset {
            let text = String::from_utf8_lossy(&message.payload).into_owned();
            bail!(
                "{} of device {device}: {} {} {text}",
                self.load.name(),
                message.kind.abbreviation(),
                message.code
            );
        }
        if let Some(location) = message.options.location_path() {
            self.fleet.devices[device as usize].location = location.into();
        }
        Ok(())
    }

    fn asked(&mut self, device: u32, request: &Message) -> Option<Message> {
        let device = self.fleet.devices.get_mut(device as usize)?;
        if request.options.observe() == Some(0) {
            device.observation = Some(request.token);
        }
        device.sequence += 1;
        Some(datagrams::answer(request, device.sequence))
    }
}
