//! The characters that fleets are made of. All names are invented; 32473 is the enterprise number for examples (RFC 5612).

use super::options::{FleetOptions, Profile};
use crate::client::{ClientOptions, Clock, DeviceBehind, Quirks, Reports, Transport};
use crate::motion::{Daily, Random};
use crate::objects::{
    AccessControl, Behaviour, CURRENT, Connectivity, Device, Firmware, HUMIDITY, Light, Location, Nameplate,
    POWER, Sensor, Server, Supply, TEMPERATURE, TestObject,
};
use crate::tree::ObjectDefinition;
use shared::{Path, Version};
use std::net::SocketAddr;
use std::time::Duration;

/// What a device is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Character {
    RoomClimate,
    ElectricityMeter,
    StreetLight,
    Tracker,
    SoilProbe,
    HeatingValve,
    FreezerMonitor,
    /// A gateway, with sensors behind it.
    RadioGateway,
    /// A street light with a second server.
    SharedLight,
    TestBoard,
    /// A board whose maker read the specification in a hurry.
    HastyBoard,
}

use Character::*;

const EVERYDAY: [Character; 7] = [
    RoomClimate,
    ElectricityMeter,
    StreetLight,
    Tracker,
    SoilProbe,
    HeatingValve,
    FreezerMonitor,
];

impl Character {
    fn of(profile: Profile, index: u32) -> Character {
        let index = index as usize;
        match profile {
            Profile::Mixed => EVERYDAY[index % EVERYDAY.len()],
            Profile::Demo => match index % (EVERYDAY.len() + 1) {
                7 => HastyBoard,
                other => EVERYDAY[other],
            },
            Profile::Meter => [RoomClimate, ElectricityMeter][index % 2],
            Profile::StreetLight => StreetLight,
            Profile::Tracker => Tracker,
            Profile::SleepySensor => SoilProbe,
            Profile::Gateway => RadioGateway,
            Profile::Shared => SharedLight,
            Profile::TestObject => TestBoard,
        }
    }

    fn nameplate(self, serial: String) -> Nameplate {
        let (manufacturer, model, kind, firmware, hardware) = match self {
            RoomClimate => ("Norrvik Instruments", "TH20", "Room climate sensor", "2.4.1", "C"),
            ElectricityMeter => ("Kestrel Metering", "EM3", "Electricity meter", "5.0.3", "2.1"),
            StreetLight | SharedLight => ("Lumenhaus", "SL40", "Street light controller", "1.9.0", "B2"),
            Tracker => ("Wayfarer Devices", "T5", "Asset tracker", "3.2.7", "1.0"),
            SoilProbe => ("Feldmark Sensors", "SP1", "Soil probe", "0.8.12", "A"),
            HeatingValve => ("Boreal Controls", "HV7", "Radiator valve", "1.0.2", "R3"),
            FreezerMonitor => ("Polaris Cold Chain", "FM2", "Freezer monitor", "4.1.0", "D"),
            RadioGateway => ("Boreal Controls", "GW2", "Radio gateway", "6.0.1", "B"),
            TestBoard | HastyBoard => ("Quickstart Labs", "QB1", "Development board", "0.1.0", "0"),
        };
        Nameplate {
            manufacturer,
            model,
            kind,
            serial,
            firmware,
            hardware,
        }
    }

    fn version(self) -> Version {
        match self {
            HeatingValve => Version::V1_0,
            Tracker => Version::V1_2,
            _ => Version::V1_1,
        }
    }

    /// In seconds.
    fn lifetime(self) -> u32 {
        match self {
            ElectricityMeter | StreetLight | SharedLight => 300,
            SoilProbe => 360,
            HastyBoard => 30,
            _ => 120,
        }
    }

    fn supply(self) -> Supply {
        match self {
            Tracker => Supply::Rechargeable {
                draining: 36_000.0,
                charging: 7_200.0,
            },
            FreezerMonitor => Supply::Rechargeable {
                draining: 14_400.0,
                charging: 3_600.0,
            },
            SoilProbe | HeatingValve => Supply::PrimaryCell,
            _ => Supply::Mains,
        }
    }

    fn own_objects(self, random: &mut Random) -> Vec<Box<dyn Behaviour>> {
        match self {
            RoomClimate => vec![
                temperature(vec![
                    ("Living room", daily(21.5, 1.8, 0.5, random)),
                    ("Outside", daily(9.0, 5.0, 1.2, random)),
                ]),
                sensor(
                    &HUMIDITY,
                    "%RH",
                    (0.0, 100.0),
                    "Living room",
                    daily(48.0, -6.0, 3.0, random),
                ),
            ],
            ElectricityMeter => vec![
                sensor(
                    &POWER,
                    "W",
                    (0.0, 20_000.0),
                    "House",
                    daily(900.0, 500.0, 350.0, random),
                ),
                sensor(&CURRENT, "A", (0.0, 63.0), "House", daily(4.0, 2.2, 1.5, random)),
            ],
            StreetLight | SharedLight => vec![
                Box::new(Light::new(2, 38.0, random.next_u64())),
                temperature(vec![("Driver", daily(41.0, -6.0, 2.0, random))]),
            ],
            Tracker => vec![Box::new(Location {
                around: (59.913, 10.739),
                radius: random.between(900.0, 3_000.0),
                period: random.between(1_500.0, 2_700.0),
                seed: random.next_u64(),
            })],
            SoilProbe => vec![temperature(vec![
                ("10 cm", daily(11.0, 1.2, 0.3, random)),
                ("40 cm", daily(10.2, 0.3, 0.1, random)),
            ])],
            HeatingValve => vec![temperature(vec![("Radiator", daily(38.0, 9.0, 2.5, random))])],
            FreezerMonitor => vec![temperature(vec![("Freezer", daily(-18.5, 0.8, 1.1, random))])],
            RadioGateway => Vec::new(),
            TestBoard | HastyBoard => vec![
                Box::new(TestObject::new(random.next_u64())),
                temperature(vec![("Board", daily(27.0, 1.0, 1.5, random))]),
            ],
        }
    }
}

fn daily(mean: f64, swing: f64, noise: f64, random: &mut Random) -> Daily {
    Daily {
        mean: mean + swing * random.between(-0.2, 0.2),
        swing,
        peak_hour: random.between(13.0, 16.0),
        noise,
        seed: random.next_u64(),
    }
}

fn temperature(instances: Vec<(&'static str, Daily)>) -> Box<dyn Behaviour> {
    Box::new(Sensor {
        object: &TEMPERATURE,
        units: "Cel",
        range: (-40.0, 125.0),
        instances,
    })
}

fn sensor(
    object: &'static ObjectDefinition,
    units: &'static str,
    range: (f64, f64),
    application: &'static str,
    course: Daily,
) -> Box<dyn Behaviour> {
    Box::new(Sensor {
        object,
        units,
        range,
        instances: vec![(application, course)],
    })
}

/// The short server id of the server that a shared device has beside ours.
const OTHER_SERVER: u16 = 102;

/// What a device sends of its own accord: the objects that measure something.
const SENT: [u16; 6] = [6, 3303, 3304, 3311, 3317, 3328];

/// What decides about a device, from its number.
fn random_of(fleet: &FleetOptions, index: u32) -> Random {
    Random::new(fleet.seed ^ (u64::from(index) + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15))
}

/// The serial number; the number of the device makes it unique where it would else be so by chance only.
fn serial(random: &mut Random, index: u32) -> String {
    format!("{}{index:04}", 1_000 + random.next_u64() % 9_000)
}

fn name(fleet: &FleetOptions, index: u32, nameplate: &Nameplate) -> String {
    match (&fleet.endpoint, &fleet.endpoint_prefix) {
        (Some(endpoint), _) if fleet.devices == 1 => endpoint.clone(),
        (_, Some(prefix)) => format!("{prefix}{index:05}"),
        (_, None) => format!("urn:dev:ops:32473-{}-{}", nameplate.model, nameplate.serial),
    }
}

/// The endpoint name of the device with this number.
pub(super) fn endpoint_name(fleet: &FleetOptions, index: u32) -> String {
    let serial = serial(&mut random_of(fleet, index), index);
    name(
        fleet,
        index,
        &Character::of(fleet.profile, index).nameplate(serial),
    )
}

/// The device with this number: how it registers and what it holds.
pub(super) fn device(
    fleet: &FleetOptions,
    index: u32,
    (server, transport): (SocketAddr, Transport),
    clock: Clock,
) -> (ClientOptions, Vec<Box<dyn Behaviour>>) {
    let character = Character::of(fleet.profile, index);
    let mut random = random_of(fleet, index);
    let nameplate = character.nameplate(serial(&mut random, index));
    let endpoint = name(fleet, index, &nameplate);
    let sleeps = character == SoilProbe;
    let hasty = character == HastyBoard;
    let options = ClientOptions {
        transport,
        version: fleet.version.unwrap_or(character.version()),
        lifetime: fleet.lifetime.unwrap_or(character.lifetime()),
        queue_mode: fleet.queue_mode || sleeps,
        quirks: Quirks {
            version_on_instance: hasty,
            link_twice: hasty,
            no_binding: hasty,
        },
        dialect: fleet.dialect.clone(),
        reports: fleet.send_every.map(|seconds| Reports {
            every: Duration::from_secs(u64::from(seconds.max(1))),
            paths: SENT.map(Path::object).to_vec(),
            sampled: None,
        }),
        seed: random.next_u64(),
        ..ClientOptions::new(endpoint, server, clock)
    };
    let supply = character.supply();
    let others = match character {
        SharedLight => vec![OTHER_SERVER],
        _ => Vec::new(),
    };
    let bindings = match (transport, options.queue_mode) {
        (Transport::Datagrams, false) => "U",
        (Transport::Datagrams, true) => "UQ",
        (Transport::Stream, false) => "T",
        (Transport::Stream, true) => "TQ",
    };
    let mut behaviours: Vec<Box<dyn Behaviour>> = vec![
        Box::new(Server {
            lifetime: options.lifetime,
            binding: options.binding().into(),
            version: options.version,
            others,
        }),
        Box::new(Device::new(nameplate, supply, bindings, random.next_u64())),
        Box::new(Connectivity::narrow_band(
            random.between(-105.0, -78.0),
            random.next_u64(),
        )),
        Box::new(Firmware::default()),
    ];
    behaviours.extend(character.own_objects(&mut random));
    if character == SharedLight {
        behaviours.push(Box::new(AccessControl::street_light(1, OTHER_SERVER)));
    }
    (options, behaviours)
}

/// The devices behind a gateway.
pub(super) fn behind(fleet: &FleetOptions, index: u32) -> Vec<DeviceBehind> {
    if Character::of(fleet.profile, index) != RadioGateway {
        return Vec::new();
    }
    let mut random = Random::new(fleet.seed ^ (u64::from(index) + 1).wrapping_mul(0x517c_c1b7_2722_0a95));
    let kinds = [RoomClimate, HeatingValve, FreezerMonitor];
    let device = |(number, kind): (u32, &Character)| {
        let serial = format!("{}", 1_000 + random.next_u64() % 9_000);
        let nameplate = kind.nameplate(serial);
        let device_id = format!("{}-{}", nameplate.model, nameplate.serial);
        let device = Device::new(nameplate, kind.supply(), "", random.next_u64());
        let mut behaviours: Vec<Box<dyn Behaviour>> = vec![Box::new(device)];
        behaviours.extend(kind.own_objects(&mut random));
        DeviceBehind {
            device_id,
            prefix: format!("d{number:02}"),
            behaviours,
        }
    };
    (1..).zip(&kinds).map(device).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::Timestamp;
    use std::collections::BTreeSet;
    use std::time::Instant;

    fn fleet(profile: Profile) -> FleetOptions {
        FleetOptions {
            profile,
            ..FleetOptions::new("coap://127.0.0.1", 100)
        }
    }

    fn made(fleet: &FleetOptions) -> Vec<ClientOptions> {
        let clock = Clock {
            instant: Instant::now(),
            time: Timestamp(0),
        };
        let server = "127.0.0.1:5683".parse().unwrap();
        (0..fleet.devices)
            .map(|index| device(fleet, index, (server, Transport::Datagrams), clock).0)
            .collect()
    }

    #[test]
    fn every_device_has_a_name_of_its_own() {
        for (profile, _) in Profile::NAMED {
            let devices = made(&fleet(profile));
            let names: BTreeSet<_> = devices.iter().map(|it| it.endpoint.clone()).collect();
            assert_eq!(names.len(), devices.len(), "{profile}");
        }
    }

    #[test]
    fn a_prefix_a_lifetime_and_a_version_are_for_all() {
        let devices = made(&FleetOptions {
            endpoint_prefix: Some("load-".into()),
            lifetime: Some(77),
            version: Some(Version::V1_0),
            queue_mode: true,
            ..fleet(Profile::Mixed)
        });
        assert!(devices.iter().all(|it| it.endpoint.starts_with("load-")));
        assert!(
            devices
                .iter()
                .all(|it| it.lifetime == 77 && it.version == Version::V1_0)
        );
        assert!(devices.iter().all(|it| it.queue_mode && it.binding() == "UQ"));
    }

    #[test]
    fn the_demonstration_has_one_that_sleeps_and_one_to_be_told_something() {
        let devices = made(&FleetOptions {
            devices: 8,
            ..fleet(Profile::Demo)
        });
        assert_eq!(devices.iter().filter(|it| it.queue_mode).count(), 1);
        assert_eq!(devices.iter().filter(|it| it.quirks.no_binding).count(), 1);
    }
}
