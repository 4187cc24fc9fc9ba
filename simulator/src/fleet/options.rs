//! What a fleet is made of.

use super::{DtlsOptions, FleetError};
use crate::client::Dialect;
use shared::Version;
use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

/// A fleet of simulated devices.
#[derive(Debug, Clone, PartialEq)]
pub struct FleetOptions {
    /// The server: `coap://`, `coaps://`, `coap+tcp://` or `coaps+tcp://host[:port]`.
    pub server: String,
    /// A bootstrap server, `scheme://host[:port]`, that tells them their server in place of `server`. With coaps and
    /// coaps+tcp `dtls` and `tls` are what they have for that server.
    pub bootstrap: Option<String>,
    /// Certificates and keys for `coaps+tcp`, and for `coaps`.
    pub tls: TlsFiles,
    /// What else `coaps` needs.
    pub dtls: DtlsOptions,
    /// How many devices, at most [`FleetOptions::MAX_DEVICES`].
    pub devices: u32,
    /// Only these of them, by their numbers from 0; all without it.
    pub only: Option<Vec<u32>>,
    /// What they are.
    pub profile: Profile,
    /// The endpoint name of a device that is alone; goes before the prefix.
    pub endpoint: Option<String>,
    /// The endpoint names are this and a number; without it each kind of device has names of its own.
    pub endpoint_prefix: Option<String>,
    /// The lifetime in seconds that they register with; without it what suits the kind of device.
    pub lifetime: Option<u32>,
    /// Whether all of them register in queue mode; some kinds always do.
    pub queue_mode: bool,
    /// The version of the enabler they speak; without it what suits the kind of device.
    pub version: Option<Version>,
    /// Which of the forms that the specification allows they use.
    pub dialect: Dialect,
    /// How often they send their values of their own accord, in seconds; without it they do not.
    pub send_every: Option<u32>,
    /// With `bootstrap`: how many times in a row a device tries to register before it asks its bootstrap server anew.
    pub registration_tries: u32,
    /// Equal seeds give equal devices with equal values at equal times.
    pub seed: u64,
}

impl FleetOptions {
    /// More sockets than this are a matter for the load generator.
    pub const MAX_DEVICES: u32 = 5_000;

    /// Devices of all kinds in turn.
    pub fn new(server: impl Into<String>, devices: u32) -> FleetOptions {
        FleetOptions {
            server: server.into(),
            bootstrap: None,
            tls: TlsFiles::default(),
            dtls: DtlsOptions::default(),
            devices,
            only: None,
            profile: Profile::Mixed,
            endpoint: None,
            endpoint_prefix: None,
            lifetime: None,
            queue_mode: false,
            version: None,
            dialect: Dialect::default(),
            send_every: None,
            registration_tries: 5,
            seed: 1,
        }
    }

    /// The few devices of `muster serve --demo`, each with a character of its own.
    pub fn demo(server: impl Into<String>) -> FleetOptions {
        FleetOptions {
            profile: Profile::Demo,
            ..FleetOptions::new(server, 8)
        }
    }

    /// The numbers of the devices.
    pub(super) fn numbers(&self) -> impl Iterator<Item = u32> {
        let is_one = |index: &u32| self.only.as_ref().is_none_or(|only| only.contains(index));
        (0..self.devices).filter(is_one)
    }

    pub(super) fn check(&self) -> Result<(), FleetError> {
        if self.devices > FleetOptions::MAX_DEVICES {
            return Err(FleetError::TooManyDevices { asked: self.devices });
        }
        Ok(())
    }
}

/// Files in PEM for TLS and DTLS. Over TLS the server is believed only by its certificate.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TlsFiles {
    /// The certificates of the authorities that the server's certificate is checked against.
    pub authorities: Option<PathBuf>,
    /// The devices' own certificate, with those between it and its authority.
    pub certificate: Option<PathBuf>,
    /// Its private key.
    pub key: Option<PathBuf>,
}

/// The kinds of simulated devices.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Profile {
    /// Meters, street lights, trackers and sensors in turn.
    #[default]
    Mixed,
    /// The devices of the demonstration in turn.
    Demo,
    /// A room sensor on the mains: temperature.
    Meter,
    /// A street light: on, off, dimmer; lamps can be added and removed.
    StreetLight,
    /// A tracker: it moves, its signal wanders, its battery drains.
    Tracker,
    /// A sensor on a battery that sleeps between its reports.
    SleepySensor,
    /// A gateway with three sensors behind it, which do not register themselves.
    Gateway,
    /// A street light that two servers share: access control, object 2, says what each may do.
    Shared,
    /// A device with the test object of LwM2M 1.1, which has a resource of every type.
    TestObject,
}

impl Profile {
    /// Every profile with the name it has on the command line.
    pub const NAMED: [(Profile, &'static str); 9] = [
        (Profile::Mixed, "mixed"),
        (Profile::Demo, "demo"),
        (Profile::Meter, "meter"),
        (Profile::StreetLight, "street-light"),
        (Profile::Tracker, "tracker"),
        (Profile::SleepySensor, "sleepy-sensor"),
        (Profile::Gateway, "gateway"),
        (Profile::Shared, "shared"),
        (Profile::TestObject, "test-object"),
    ];
}

impl fmt::Display for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = Profile::NAMED.iter().find(|(profile, _)| profile == self);
        f.write_str(name.map_or("", |(_, name)| name))
    }
}

/// There is no such profile.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "'{0}' is no profile; there are mixed, demo, meter, street-light, tracker, sleepy-sensor, gateway, shared and test-object"
)]
pub struct UnknownProfile(pub String);

impl FromStr for Profile {
    type Err = UnknownProfile;

    fn from_str(text: &str) -> Result<Profile, UnknownProfile> {
        Profile::NAMED
            .iter()
            .find(|(_, name)| *name == text)
            .map(|(profile, _)| *profile)
            .ok_or_else(|| UnknownProfile(text.chars().take(40).collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_profile_reads_back_from_its_name() {
        for (profile, name) in Profile::NAMED {
            assert_eq!(name.parse(), Ok(profile));
            assert_eq!(profile.to_string(), name);
        }
        assert!("toaster".parse::<Profile>().is_err());
    }
}
