//! The location of a registration, `rd/{id}`.

use crate::registry::DeviceNumber;
use std::fmt;
use std::str::FromStr;

/// Twelve characters of base32: 28 bits of the device's number, then 32 random bits that are new with each Register.
///
/// The number makes the way from a location to its registration an array access; the random bits make a location
/// that is no longer valid, or was guessed, a 4.04. Short, because constrained devices keep it in a few bytes.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
pub(crate) struct RegistrationId(u64);

const ALPHABET: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
const LENGTH: usize = 12;

impl RegistrationId {
    /// The largest device number that fits.
    pub(crate) const MAX_DEVICE: u32 = (1 << 28) - 1;

    pub(crate) fn new(device: DeviceNumber, random: u32) -> RegistrationId {
        RegistrationId(u64::from(device.0 & RegistrationId::MAX_DEVICE) << 32 | u64::from(random))
    }

    /// The half that is new with each Register.
    pub(crate) const fn random(self) -> u32 {
        self.0 as u32
    }

    pub(crate) const fn device(self) -> DeviceNumber {
        DeviceNumber((self.0 >> 32) as u32)
    }
}

impl fmt::Display for RegistrationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = [0u8; LENGTH];
        let mut rest = self.0;
        for slot in text.iter_mut().rev() {
            *slot = ALPHABET[(rest & 31) as usize];
            rest >>= 5;
        }
        f.write_str(std::str::from_utf8(&text).unwrap_or_default())
    }
}

impl fmt::Debug for RegistrationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The text is no location that this server gave out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NotARegistrationId;

impl FromStr for RegistrationId {
    type Err = NotARegistrationId;

    fn from_str(text: &str) -> Result<RegistrationId, NotARegistrationId> {
        if text.len() != LENGTH {
            return Err(NotARegistrationId);
        }
        text.bytes()
            .try_fold(0u64, |id, byte| {
                let digit = match byte {
                    b'a'..=b'z' => byte - b'a',
                    b'2'..=b'7' => byte - b'2' + 26,
                    _ => return None,
                };
                Some(id << 5 | u64::from(digit))
            })
            .map(RegistrationId)
            .ok_or(NotARegistrationId)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_reads_back_and_names_its_device() {
        for (device, random) in [(0, 0), (1, u32::MAX), (RegistrationId::MAX_DEVICE, 12345)] {
            let id = RegistrationId::new(DeviceNumber(device), random);
            assert_eq!(id.to_string().parse(), Ok(id));
            assert_eq!(id.to_string().len(), LENGTH);
            assert_eq!(id.device(), DeviceNumber(device));
        }
    }

    #[test]
    fn other_texts_are_no_ids() {
        for text in [
            "",
            "rd",
            "aaaaaaaaaaa",
            "aaaaaaaaaaaaa",
            "aaaaaaaaaaa1",
            "AAAAAAAAAAAA",
        ] {
            assert!(text.parse::<RegistrationId>().is_err(), "{text}");
        }
    }
}
