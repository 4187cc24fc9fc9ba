//! What a query sees of a device.

use super::Device;
use shared::query::{FlagField, NumberField, Subject, TextField, TimeField};
use shared::sorted::SortedMap;
use shared::{DeviceState, Path, Timestamp, Value};

impl Subject for Device {
    fn state(&self) -> DeviceState {
        self.state
    }

    fn text(&self, field: TextField, look: &mut dyn FnMut(&str)) {
        let text = match field {
            TextField::Endpoint => Some(&*self.endpoint),
            TextField::Label => self.label(),
            TextField::Manufacturer => self.manufacturer(),
            TextField::Model => self.model(),
            TextField::Serial => self.serial(),
            TextField::Firmware => self.firmware(),
            TextField::Version => self
                .registration
                .as_ref()
                .map(|registration| registration.version.as_str()),
            TextField::Security => self
                .registration
                .as_ref()
                .map(|registration| registration.security()),
            TextField::Address => {
                if let Some(peer) = self.peer {
                    look(&peer.to_string());
                }
                None
            }
            TextField::Parent => self.behind().map(|behind| &*behind.endpoint),
        };
        if let Some(text) = text {
            look(text);
        }
    }

    fn number(&self, field: NumberField) -> Option<f64> {
        match field {
            NumberField::Lifetime => self
                .registration
                .as_ref()
                .map(|registration| f64::from(registration.lifetime)),
            NumberField::Pending => Some(f64::from(self.pending)),
        }
    }

    fn time(&self, field: TimeField) -> Option<Timestamp> {
        match field {
            TimeField::Seen => self.last_seen,
            TimeField::Registered => self
                .registration
                .as_ref()
                .map(|registration| registration.registered_at),
        }
    }

    fn flag(&self, field: FlagField) -> bool {
        match field {
            FlagField::QueueMode => self.queue_mode(),
        }
    }

    fn tags(&self) -> Option<&SortedMap<String, String>> {
        self.described.as_ref().map(|described| &described.tags)
    }

    fn value(&self, path: Path) -> Option<&Value> {
        self.values.get(path)
    }
}
