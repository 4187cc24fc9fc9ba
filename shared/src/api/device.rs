//! Devices: the list, one device, and what a person may change of it.

use super::RegistrationView;
use crate::compact::Compact;
use crate::sorted::SortedMap;
use crate::{Contact, DeviceState, Timestamp, Version};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// One line of the device list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Compact)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DeviceRow {
    pub endpoint: String,
    pub label: Option<String>,
    pub state: DeviceState,
    /// `/3/0/0`, once known.
    pub manufacturer: Option<String>,
    /// `/3/0/1`, once known.
    pub model: Option<String>,
    /// `/3/0/3`, once known.
    pub firmware: Option<String>,
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub last_seen: Option<Timestamp>,
    /// When the next message is expected at the latest.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub next_due: Option<Timestamp>,
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub lifetime_ends: Option<Timestamp>,
    /// Seconds, of the current or last registration.
    pub lifetime: Option<u32>,
    pub version: Option<Version>,
    pub queue_mode: bool,
    /// `"none"`, `"psk"`, `"rpk"`, `"x509"`; `None` before any contact.
    pub security: Option<String>,
    /// How many operations wait for the device.
    pub pending: u32,
    #[cfg_attr(feature = "openapi", schema(value_type = BTreeMap<String, String>))]
    pub tags: SortedMap<String, String>,
    /// The gateway that it is behind, by its endpoint name.
    pub parent: Option<String>,
    /// Percent, `/3/0/9`, once known.
    pub battery: Option<i32>,
    /// Radio signal strength in dBm, `/4/0/2`, once known.
    pub signal: Option<i32>,
}

impl DeviceRow {
    pub const fn contact(&self) -> Contact {
        Contact {
            state: self.state,
            last_seen: self.last_seen,
            next_due: self.next_due,
            lifetime_ends: self.lifetime_ends,
        }
    }
}

/// The answer to `GET /devices/{endpoint}`: the row's fields and what only one device needs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Compact)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
// The derived code is for JSON; the form without names follows below.
#[serde(remote = "Self")]
pub struct DeviceDetail {
    #[serde(flatten)]
    pub row: DeviceRow,
    /// The state and what it rests on, as a sentence with times in UTC.
    pub evidence: String,
    /// The current registration, or the last one of a device that is gone.
    pub registration: Option<RegistrationView>,
    /// `/3/0/2`, once known.
    pub serial: Option<String>,
    #[cfg_attr(feature = "openapi", schema(value_type = BTreeMap<String, String>))]
    pub metadata: SortedMap<String, String>,
    /// When the device can be reached; absent for one that is not in queue mode.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub queue: Option<QueueView>,
    /// How it is reached, for a device behind a gateway.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gateway: Option<GatewayView>,
    /// The devices behind it, for a gateway, in the order of their Device IDs.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub children: Vec<ChildView>,
    /// The sequence number up to which this answer is true; subscribe to the live feed from here.
    pub sequence: u64,
}

/// When a device in queue mode can be reached. LwM2M Core 1.2 §6.5.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Compact)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct QueueView {
    /// For how many seconds after each of its messages it is taken to listen.
    pub awake_window: u32,
    /// Whether that was set for this device.
    pub overridden: bool,
    /// Until when it listens; absent while it sleeps.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub awake_until: Option<Timestamp>,
    /// While it sleeps: when its next message is expected, by its rhythm or else by its lifetime.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub expected_at: Option<Timestamp>,
    /// How many operations wait for it or are on their way.
    pub waiting: u32,
}

/// The gateway that a device is behind. LwM2M Gateway 1.1 §6.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Compact)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GatewayView {
    /// Its endpoint name.
    pub endpoint: String,
    /// What the gateway calls this device (`/25/x/0`).
    pub device_id: String,
    /// What stands before this device's paths, `"d01"` (`/25/x/1`).
    pub prefix: String,
}

/// A device behind a gateway.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Compact)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ChildView {
    /// Its endpoint name here: that of the gateway, a colon, and the Device ID.
    pub endpoint: String,
    pub device_id: String,
    pub prefix: String,
    pub state: DeviceState,
}

/// What is flat in JSON is nested in a form without names.
impl Serialize for DeviceDetail {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            return DeviceDetail::serialize(self, serializer);
        }
        let DeviceDetail {
            row,
            evidence,
            registration,
            serial,
            metadata,
            queue,
            gateway,
            children,
            sequence,
        } = self;
        let reach = (queue, gateway, children);
        (row, evidence, registration, serial, metadata, reach, sequence).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for DeviceDetail {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<DeviceDetail, D::Error> {
        if deserializer.is_human_readable() {
            return DeviceDetail::deserialize(deserializer);
        }
        let (row, evidence, registration, serial, metadata, reach, sequence) =
            Deserialize::deserialize(deserializer)?;
        let (queue, gateway, children) = reach;
        Ok(DeviceDetail {
            row,
            evidence,
            registration,
            serial,
            metadata,
            queue,
            gateway,
            children,
            sequence,
        })
    }
}

/// What `GET /devices` is asked. `sort` is a column name, with `-` before it for descending.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::IntoParams))]
#[serde(default, deny_unknown_fields)]
pub struct DeviceQuery {
    /// Terms that must all hold, such as `state:late model:X1 fw<2.1 tag:site=berlin seen>1d /3/0/9<20 pump`; a mistake in
    /// it is answered with its place.
    pub query: Option<String>,
    /// A column such as `endpoint`, `state`, `model`, `last_seen`, `next_due`, `battery`; any of them but `tags`.
    pub sort: Option<String>,
    /// At most 500; 50 if absent.
    pub limit: Option<u32>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
    /// The place of the first device in the whole list, from 0: for a list that is scrolled. A cursor is exact while devices
    /// come and go; a place is not.
    pub offset: Option<u64>,
    /// The page around this device, if it matches; else the first page.
    pub around: Option<String>,
}

/// What `GET /devices.csv` is asked.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::IntoParams))]
#[serde(default, deny_unknown_fields)]
pub struct DeviceExport {
    /// As for the list.
    pub query: Option<String>,
    /// As for the list.
    pub sort: Option<String>,
    /// Names with commas between them, in their order; all columns if absent.
    pub columns: Option<String>,
}

/// A page of the device list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Compact)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DeviceList {
    pub items: Vec<DeviceRow>,
    pub next_cursor: Option<String>,
    /// How many devices match the query, over all pages.
    pub total: u64,
    /// The place of the first item among them, from 0.
    pub offset: u64,
    /// The sequence number up to which this page is true.
    pub sequence: u64,
}

/// The fleet in numbers.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, Compact)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FleetSummary {
    pub total: u64,
    /// State name → devices in it; states without a device are absent.
    #[cfg_attr(feature = "openapi", schema(value_type = BTreeMap<String, u64>))]
    pub by_state: SortedMap<String, u64>,
}

/// `GET /fleet/facets`: the words that the fleet knows, the most frequent first, at most 100 of a kind.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, Compact)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FleetFacets {
    pub models: Vec<Counted>,
    pub firmwares: Vec<Counted>,
    /// LwM2M versions.
    pub versions: Vec<Counted>,
    /// `name=value`, or `name` alone.
    pub tags: Vec<Counted>,
}

/// A word, and how many devices have it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Compact)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Counted {
    pub text: String,
    pub count: u64,
}

/// What a person changes of a device; absent fields stay as they are.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default, deny_unknown_fields)]
pub struct DevicePatch {
    /// An empty text removes the label.
    pub label: Option<String>,
    #[cfg_attr(feature = "openapi", schema(value_type = Option<BTreeMap<String, String>>))]
    pub tags: Option<SortedMap<String, String>>,
    #[cfg_attr(feature = "openapi", schema(value_type = Option<BTreeMap<String, String>>))]
    pub metadata: Option<SortedMap<String, String>>,
    /// For how many seconds after each of its messages the device is taken to listen, in queue mode; null for the
    /// server's usual time.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<u32>))]
    #[serde(deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    pub awake_window: Option<Option<u32>>,
}

/// Tells a field that is null from one that is absent.
fn given<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    T::deserialize(deserializer).map(Some)
}
