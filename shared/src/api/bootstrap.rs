//! Bootstrap: configurations, which devices they are for, sessions, the waiting list.

use crate::Timestamp;
use crate::bootstrap::{BootstrapConfiguration, Finding, Message, SessionState, SessionView};
use crate::compact::Compact;
use crate::sorted::SortedMap;
use serde::{Deserialize, Serialize};

/// Which devices a configuration is for, unless one was chosen for them. All that is given has to fit; nothing given
/// is nobody.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, Compact)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default, deny_unknown_fields)]
pub struct AppliesTo {
    /// Every device.
    pub all: bool,
    /// Devices whose tag `group` is this.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// Devices that the query of the device list finds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub query: Option<String>,
}

/// The body of `PUT /bootstrap/configurations/{name}`, and of a check.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default, deny_unknown_fields)]
pub struct ConfigurationBody {
    pub description: String,
    pub applies_to: AppliesTo,
    /// Of several that fit, the one with the highest priority is taken; of equals, the first by name.
    pub priority: i32,
    /// Secrets that are `"(stored)"` keep what is stored.
    pub configuration: BootstrapConfiguration,
}

/// A stored configuration. Its secrets are not shown.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ConfigurationView {
    pub name: String,
    pub description: String,
    pub applies_to: AppliesTo,
    pub priority: i32,
    pub configuration: BootstrapConfiguration,
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub updated_at: Timestamp,
    pub updated_by: String,
    /// For how many devices it was chosen by hand.
    pub chosen_for: u64,
    /// Warnings.
    pub findings: Vec<Finding>,
}

/// `GET /bootstrap/configurations`: by name.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ConfigurationList {
    pub items: Vec<ConfigurationView>,
}

/// What is wrong with a configuration.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, Compact)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FindingList {
    pub items: Vec<Finding>,
    /// Whether one of them forbids to send it.
    pub refused: bool,
    /// Whether one of them says that devices would be locked out.
    pub locks_out: bool,
}

/// What a dry run is asked.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default, deny_unknown_fields)]
pub struct DryRunRequest {
    /// The device. One that is not known has no label and no tags.
    pub endpoint: String,
    /// A configuration that need not be stored; absent: the one the device would get.
    pub configuration: Option<BootstrapConfiguration>,
    /// A stored one by name, in place of the one the device would get.
    pub name: Option<String>,
    /// What the device answers to Discover, `</>;lwm2m=1.1,</0/0>;…`; absent: nothing is known of it.
    pub discovered: Option<String>,
    /// The format by name; absent: as the configuration says, else TLV.
    pub format: Option<String>,
}

/// The exact messages a device would get.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DryRun {
    /// The stored configuration that was used.
    pub name: Option<String>,
    pub findings: Vec<Finding>,
    /// Whether one of them says that the device would be locked out: that it could not register, or not be bootstrapped again.
    pub locks_out: bool,
    /// Empty if it is refused. Secrets are zero bytes of the right length.
    pub messages: Vec<Message>,
}

/// How a device comes by its configuration.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Compact)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DeviceBootstrap {
    /// The configuration it would get now.
    pub configuration: Option<String>,
    /// Why this one, in words.
    pub because: String,
    /// The one that was chosen for it.
    pub chosen: Option<String>,
    /// Its sessions, newest first.
    pub sessions: Vec<SessionView>,
}

/// The body of `PUT /devices/{endpoint}/bootstrap`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default, deny_unknown_fields)]
pub struct ChooseConfiguration {
    /// Null: by rule again.
    pub configuration: Option<String>,
}

/// The body of `POST /devices/{endpoint}/bootstrap`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default, deny_unknown_fields)]
pub struct BeginBootstrap {
    /// Begin to write without asking the device to ask for it: the way of LwM2M 1.0.
    pub direct: bool,
    /// The instance of Server whose Bootstrap-Request Trigger is executed; absent: the only one there is.
    pub instance: Option<u16>,
    /// Until when the device may come, for a device that sleeps.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub expires: Option<Timestamp>,
}

/// What came of it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, Compact)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BootstrapBegun {
    /// The operation that executes the trigger.
    pub operation: Option<u64>,
    /// The session that was begun.
    pub session: Option<u64>,
}

/// `GET /bootstrap/sessions`: newest first.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, Compact)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SessionList {
    pub items: Vec<SessionView>,
}

/// What `GET /bootstrap/sessions` is asked.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::IntoParams))]
#[cfg_attr(feature = "openapi", into_params(parameter_in = Query))]
#[serde(default, deny_unknown_fields)]
pub struct SessionQuery {
    pub endpoint: Option<String>,
    pub state: Option<SessionState>,
    /// Only sessions with a smaller id.
    pub before: Option<u64>,
    /// At most 500; 50 if absent.
    pub limit: Option<u32>,
}

/// A device that asked for its bootstrap and is not known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Compact)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct WaitingDevice {
    pub endpoint: String,
    pub address: String,
    /// `"none"`, `"psk"`, `"rpk"`, `"x509"`. With `"none"` it may be anybody.
    pub security: String,
    /// What it showed, in words.
    pub identity: Option<String>,
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub first_asked: Timestamp,
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub last_asked: Timestamp,
    pub times: u64,
}

/// `GET /bootstrap/waiting`: those that asked last come first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, Compact)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct WaitingList {
    pub items: Vec<WaitingDevice>,
}

/// The body of `POST /bootstrap/waiting/{endpoint}`: let it in.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, Compact)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Approval {
    pub configuration: Option<String>,
    pub label: Option<String>,
    #[cfg_attr(feature = "openapi", schema(value_type = BTreeMap<String, String>))]
    pub tags: SortedMap<String, String>,
    #[cfg_attr(feature = "openapi", schema(value_type = BTreeMap<String, String>))]
    pub metadata: SortedMap<String, String>,
    pub group: Option<String>,
}

/// A rule by which unknown devices are let in without a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Compact)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ApprovalRule {
    /// Which endpoint names; `*` stands for any text.
    pub endpoint: String,
    /// Whether a device without security is let in too. Anybody can claim a name then.
    #[serde(default)]
    pub without_security: bool,
    #[serde(default)]
    pub approval: Approval,
}

/// The rules in order; the first that fits is taken. `GET` and `PUT /bootstrap/rules`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, Compact)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ApprovalRules {
    pub items: Vec<ApprovalRule>,
}
