//! How a device is talked to, where that differs from what the specifications say for all.

use crate::compact::Compact;
use crate::sort::sort_dedup;
use crate::{ContentFormat, float};
use serde::{Deserialize, Serialize};

/// What a person set for one device; what is absent is as usual.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, Compact)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default, deny_unknown_fields)]
pub struct TransmissionSettings {
    /// ACK_TIMEOUT in seconds, 0.1 to 300: how long the first acknowledgement may take. RFC 7252 §4.8.
    pub ack_timeout: Option<f64>,
    /// ACK_RANDOM_FACTOR, 1 to 4: the first wait is up to this many times longer. RFC 7252 §4.8.
    pub ack_random_factor: Option<f64>,
    /// MAX_RETRANSMIT, 0 to 10: how many times a message is sent again; each wait is twice the one before. RFC 7252 §4.8.
    pub max_retransmit: Option<u8>,
    /// The largest block of a transfer, both ways: 16, 32, 64, 128, 256, 512 or 1024 bytes. RFC 7959 §2.2.
    pub block_size: Option<u16>,
    /// The content format that is tried first, by name: one that can carry several values.
    pub content_format: Option<String>,
    /// What the device is spared.
    pub quirks: Vec<Quirk>,
}

/// Something that a client does not do as it should.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Compact)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Quirk {
    /// It does not put blocks together: what does not fit in one message is not sent to it.
    NoBlockWise,
    /// It does not answer FETCH and iPATCH: composite operations are refused here.
    NoComposite,
    /// It stumbles over Accept: the choice of the format of what it sends is left to it.
    NoAccept,
    /// It has no other format for several values than `content_format`: none other is tried.
    OneFormat,
}

impl Quirk {
    pub const ALL: [Quirk; 4] = [
        Quirk::NoBlockWise,
        Quirk::NoComposite,
        Quirk::NoAccept,
        Quirk::OneFormat,
    ];
}

/// The answer to `GET /devices/{endpoint}/transmission`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Compact)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TransmissionView {
    pub settings: TransmissionSettings,
    pub usual: Transmission,
    pub effective: Transmission,
}

/// The parameters of messages to a device. RFC 7252 §4.8.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Compact)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Transmission {
    /// Seconds.
    pub ack_timeout: f64,
    pub ack_random_factor: f64,
    pub max_retransmit: u8,
    /// Bytes.
    pub block_size: u16,
    /// MAX_TRANSMIT_WAIT in seconds: after this long without an acknowledgement a message is given up.
    pub max_transmit_wait: f64,
}

/// The formats that carry several values, which can be preferred.
pub const PREFERABLE: [ContentFormat; 5] = [
    ContentFormat::SENML_CBOR,
    ContentFormat::SENML_JSON,
    ContentFormat::LWM2M_CBOR,
    ContentFormat::TLV,
    ContentFormat::OLD_JSON,
];

impl TransmissionSettings {
    pub fn has(&self, quirk: Quirk) -> bool {
        self.quirks.contains(&quirk)
    }

    /// The content format that is tried first.
    pub fn preferred(&self) -> Option<ContentFormat> {
        ContentFormat::from_name(self.content_format.as_deref()?)
    }

    /// Whether all of this can be.
    ///
    /// # Errors
    /// A sentence about the first thing that cannot.
    pub fn check(&self) -> Result<(), String> {
        let within = |name: &str, value: Option<f64>, least: f64, most: f64, unit: &str| match value {
            Some(value) if !(least..=most).contains(&value) => Err(format!(
                "{name} is a number from {} to {}{unit}",
                float::text(least),
                float::text(most)
            )),
            _ => Ok(()),
        };
        within("ack_timeout", self.ack_timeout, 0.1, 300.0, " (seconds)")?;
        within("ack_random_factor", self.ack_random_factor, 1.0, 4.0, "")?;
        within(
            "max_retransmit",
            self.max_retransmit.map(f64::from),
            0.0,
            10.0,
            "",
        )?;
        if self
            .block_size
            .is_some_and(|size| !(16..=1024).contains(&size) || !size.is_power_of_two())
        {
            return Err("block_size is 16, 32, 64, 128, 256, 512 or 1024 (bytes)".into());
        }
        if let Some(name) = &self.content_format
            && !self
                .preferred()
                .is_some_and(|format| PREFERABLE.contains(&format))
        {
            let shown: String = name.chars().take(40).collect();
            let names: Vec<&str> = PREFERABLE.iter().filter_map(|format| format.name()).collect();
            return Err(format!(
                "content_format: '{shown}' is none of those that carry several values: {}",
                names.join(", ")
            ));
        }
        if self.has(Quirk::OneFormat) && self.content_format.is_none() {
            return Err("the quirk one_format needs content_format to say which".into());
        }
        let mut quirks = self.quirks.clone();
        sort_dedup(&mut quirks);
        if quirks.len() < self.quirks.len() {
            return Err("a quirk is there twice".into());
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_is_told_in_words() {
        let usual = TransmissionSettings::default();
        assert_eq!(usual.check(), Ok(()));
        let slow = TransmissionSettings {
            ack_timeout: Some(15.0),
            ack_random_factor: Some(1.0),
            max_retransmit: Some(0),
            block_size: Some(16),
            content_format: Some("tlv".into()),
            quirks: Quirk::ALL.to_vec(),
        };
        assert_eq!(slow.check(), Ok(()));
        for (settings, words) in [
            (
                TransmissionSettings {
                    ack_timeout: Some(0.0),
                    ..usual.clone()
                },
                "ack_timeout is a number from 0.1 to 300 (seconds)",
            ),
            (
                TransmissionSettings {
                    ack_timeout: Some(f64::NAN),
                    ..usual.clone()
                },
                "ack_timeout is a number from 0.1 to 300 (seconds)",
            ),
            (
                TransmissionSettings {
                    ack_random_factor: Some(0.5),
                    ..usual.clone()
                },
                "ack_random_factor is a number from 1 to 4",
            ),
            (
                TransmissionSettings {
                    max_retransmit: Some(11),
                    ..usual.clone()
                },
                "max_retransmit is a number from 0 to 10",
            ),
            (
                TransmissionSettings {
                    block_size: Some(100),
                    ..usual.clone()
                },
                "block_size is 16, 32, 64, 128, 256, 512 or 1024 (bytes)",
            ),
            (
                TransmissionSettings {
                    content_format: Some("text".into()),
                    ..usual.clone()
                },
                "content_format: 'text' is none of those that carry several values: senml_cbor, senml_json, lwm2m_cbor, tlv, json",
            ),
            (
                TransmissionSettings {
                    quirks: vec![Quirk::OneFormat],
                    ..usual.clone()
                },
                "the quirk one_format needs content_format to say which",
            ),
            (
                TransmissionSettings {
                    quirks: vec![Quirk::NoAccept, Quirk::NoComposite, Quirk::NoAccept],
                    ..usual
                },
                "a quirk is there twice",
            ),
        ] {
            assert_eq!(settings.check(), Err(words.to_owned()));
        }
    }
}
