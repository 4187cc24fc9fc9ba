//! How each device is talked to: as usual, or as a person set it for one of them. RFC 7252 §4.8, RFC 7959.

use crate::registry::DeviceNumber;
use coap::{BlockSize, Parameters};
use shared::ContentFormat;
use shared::api::{Quirk, Transmission, TransmissionSettings};
use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

/// How one device is talked to.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Manner {
    pub(crate) parameters: Parameters,
    /// The content format that is tried first.
    pub(crate) preferred: Option<ContentFormat>,
    quirks: Vec<Quirk>,
}

impl Manner {
    pub(crate) fn new(settings: &TransmissionSettings) -> Manner {
        let usual = Parameters::default();
        let seconds = |seconds| Duration::try_from_secs_f64(seconds).ok();
        Manner {
            parameters: Parameters {
                ack_timeout: settings
                    .ack_timeout
                    .and_then(seconds)
                    .unwrap_or(usual.ack_timeout),
                ack_random_factor: settings
                    .ack_random_factor
                    .map_or(usual.ack_random_factor, |factor| factor as f32),
                max_retransmit: settings.max_retransmit.unwrap_or(usual.max_retransmit),
                max_block_size: settings
                    .block_size
                    .map_or(usual.max_block_size, |size| BlockSize::at_most(size.into())),
                ..usual
            },
            preferred: settings.preferred(),
            quirks: settings.quirks.clone(),
        }
    }

    pub(crate) fn has(&self, quirk: Quirk) -> bool {
        self.quirks.contains(&quirk)
    }

    /// The parameters as the API shows them.
    pub(crate) fn view(&self) -> Transmission {
        let parameters = &self.parameters;
        // The factor has the digits that were typed, not those of its nearest binary number.
        let factor = shared::float::shortest_of_single(parameters.ack_random_factor);
        Transmission {
            ack_timeout: parameters.ack_timeout.as_secs_f64(),
            ack_random_factor: factor,
            max_retransmit: parameters.max_retransmit,
            block_size: u16::try_from(parameters.max_block_size.bytes()).unwrap_or(u16::MAX),
            max_transmit_wait: parameters.max_transmit_wait().as_secs_f64(),
        }
    }

    /// How long a request may take, for one that says nothing of it: no shorter than the message layer goes on trying.
    pub(crate) fn patience(&self, usual: Duration) -> Duration {
        usual.max(self.parameters.max_transmit_wait())
    }

    /// The formats to try for a value or several, where usually these are tried.
    pub(crate) fn formats(&self, mut usual: Vec<ContentFormat>) -> Vec<ContentFormat> {
        let Some(preferred) = self.preferred else {
            return usual;
        };
        if self.has(Quirk::OneFormat) {
            // The plain forms of a single value are no others for several.
            usual.retain(|format| format.is_single_value());
        } else {
            usual.retain(|format| *format != preferred);
        }
        usual.insert(0, preferred);
        usual
    }

    /// The same choices in the order of this device; `format_of` tells a choice's format. For what not every format can
    /// carry: what is not among the choices is not added.
    pub(crate) fn ordered<F>(&self, mut usual: Vec<F>, format_of: impl Fn(&F) -> ContentFormat) -> Vec<F> {
        let Some(preferred) = self.preferred else {
            return usual;
        };
        if self.has(Quirk::OneFormat) {
            usual.retain(|choice| format_of(choice) == preferred);
        }
        usual.sort_by_key(|choice| format_of(choice) != preferred);
        usual
    }
}

/// The manners of the devices that have their own.
#[derive(Debug, Default)]
pub(crate) struct Manners {
    own: RwLock<HashMap<DeviceNumber, Arc<Manner>>>,
    usual: Arc<Manner>,
}

impl Manners {
    pub(crate) fn of(&self, device: DeviceNumber) -> Arc<Manner> {
        self.own(device).unwrap_or_else(|| self.usual.clone())
    }

    /// That of a device which is not the usual one.
    pub(crate) fn own(&self, device: DeviceNumber) -> Option<Arc<Manner>> {
        let own = self.own.read().unwrap_or_else(PoisonError::into_inner);
        own.get(&device).cloned()
    }

    /// `None` for the usual one.
    pub(crate) fn set(&self, device: DeviceNumber, settings: Option<&TransmissionSettings>) {
        let mut own = self.own.write().unwrap_or_else(PoisonError::into_inner);
        match settings {
            Some(settings) => own.insert(device, Arc::new(Manner::new(settings))),
            None => own.remove(&device),
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_set_is_as_usual() {
        let settings = TransmissionSettings {
            ack_timeout: Some(4.5),
            block_size: Some(256),
            ..TransmissionSettings::default()
        };
        let view = Manner::new(&settings).view();
        assert_eq!((view.ack_timeout, view.block_size), (4.5, 256));
        assert_eq!((view.ack_random_factor, view.max_retransmit), (1.5, 4));
        assert!((view.max_transmit_wait - 209.25).abs() < 0.001);
        assert!((Manner::default().view().max_transmit_wait - 93.0).abs() < 0.001);
    }

    #[test]
    fn the_preferred_format_comes_first_and_may_be_the_only_one() {
        let usual = vec![ContentFormat::TEXT, ContentFormat::SENML_CBOR, ContentFormat::TLV];
        let tlv = TransmissionSettings {
            content_format: Some("tlv".into()),
            ..TransmissionSettings::default()
        };
        assert_eq!(
            Manner::new(&tlv).formats(usual.clone()),
            [ContentFormat::TLV, ContentFormat::TEXT, ContentFormat::SENML_CBOR]
        );
        let alone = TransmissionSettings {
            quirks: vec![Quirk::OneFormat],
            ..tlv
        };
        assert_eq!(
            Manner::new(&alone).formats(usual.clone()),
            [ContentFormat::TLV, ContentFormat::TEXT]
        );
        assert_eq!(Manner::default().formats(usual.clone()), usual);
    }
}
