//! What the server does to a device on somebody's behalf, and what came of it.

use super::{JsonValue, ValueView};
use crate::compact::Compact;
use crate::{DataType, Path, Timestamp};
use serde::{Deserialize, Serialize};

/// The operations of LwM2M's device management and information reporting interfaces. LwM2M Core 1.2 §6.3, §6.4.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, Compact)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum OperationKind {
    Read,
    /// Write in replace mode (PUT).
    Write,
    /// Write in partial update mode (POST).
    Update,
    Execute,
    Create,
    Delete,
    Discover,
    WriteAttributes,
    Observe,
    CancelObserve,
    ReadComposite,
    WriteComposite,
    ObserveComposite,
}

impl OperationKind {
    pub const fn name(self) -> &'static str {
        match self {
            OperationKind::Read => "read",
            OperationKind::Write => "write",
            OperationKind::Update => "update",
            OperationKind::Execute => "execute",
            OperationKind::Create => "create",
            OperationKind::Delete => "delete",
            OperationKind::Discover => "discover",
            OperationKind::WriteAttributes => "write_attributes",
            OperationKind::Observe => "observe",
            OperationKind::CancelObserve => "cancel_observe",
            OperationKind::ReadComposite => "read_composite",
            OperationKind::WriteComposite => "write_composite",
            OperationKind::ObserveComposite => "observe_composite",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, Compact)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum OperationState {
    Queued,
    Sent,
    Done,
    /// The device refused it (`code` and `message` say how), or it could not be carried out.
    Failed,
    /// Its time ran out before the device answered.
    Expired,
    Cancelled,
}

impl OperationState {
    pub const fn is_final(self) -> bool {
        !matches!(self, OperationState::Queued | OperationState::Sent)
    }
}

/// The body of `POST /devices/{endpoint}/operations`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct OperationRequest {
    pub op: OperationKind,
    /// The target. Absent only for composite operations, which have `paths`.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<Path>,
    /// The targets of a composite operation; of cancel observe, those of the composite observation.
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<String>))]
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub paths: Vec<Path>,
    /// Write, update, create: the value of a resource; for an instance an object of resource id → value, where a
    /// multiple resource is an object of resource instance id → value. Execute: the arguments, `"0='a',1"`.
    /// Write attributes: an object such as `{"pmin": 10, "gt": null}`, null unsets. Observe and observe composite: the
    /// attributes of this observation alone, in the same form (LwM2M 1.2). Discover: `{"depth": 1}` (LwM2M 1.2).
    /// Write composite: an object of path → value; null for a resource instance takes it away (LwM2M 1.2). Cancel
    /// observe: `"reset"` sends nothing and answers the next notification with a reset.
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<JsonValue>,
    /// The type of `value`, for a resource that no known model describes.
    #[serde(default, rename = "type", skip_serializing_if = "Option::is_none")]
    pub data_type: Option<DataType>,
    /// The content format by name, `"senml_cbor"`; absent: negotiated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<String>,
    /// Seconds to wait for the device's answer once the request went out; 1 to 3600.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout: Option<u32>,
    /// When the operation is given up if it could not be sent.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<Timestamp>,
}

/// What the first request for an operation is on the wire.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Compact)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OperationPreview {
    /// The CoAP method, `"PUT"`.
    pub method: String,
    /// The target as it is sent, `"/3/0/14"`.
    pub path: String,
    /// The content format of the payload in words, if there is one.
    pub format: Option<String>,
    /// The length of the payload.
    pub bytes: u64,
    /// In how many messages it goes out (RFC 7959).
    pub blocks: u32,
    /// For a device that cannot be reached now: when it is expected.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub expected_at: Option<Timestamp>,
}

/// An operation and its result.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Compact)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OperationView {
    pub id: u64,
    pub op: OperationKind,
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub path: Path,
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<String>))]
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub paths: Vec<Path>,
    pub state: OperationState,
    /// The device's CoAP response code, `"2.05"`.
    pub code: Option<String>,
    /// What happened, in a sentence, when the state is not done; what was done differently, when it is.
    pub message: Option<String>,
    /// What a read, observe or composite read brought.
    #[serde(default)]
    pub values: Vec<ValueView>,
    /// What a discover brought, as link format.
    pub links: Option<String>,
    /// Where a create put the new instance.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub location: Option<Path>,
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub created_at: Timestamp,
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub finished_at: Option<Timestamp>,
    /// From sending the request to the answer.
    pub round_trip_ms: Option<u32>,
    /// Who asked for it.
    pub by: String,
    /// While it waits: 1 for the one that is sent next.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub position: Option<u32>,
    /// While it waits: when the device is expected to be heard of, by its rhythm or else by its lifetime. Absent where
    /// nothing says when.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected_at: Option<Timestamp>,
    /// When it is given up if it could not be sent until then.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
    /// The operation that this one does again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_of: Option<u64>,
}

/// The body of `POST /devices/{endpoint}/observations`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ObservationRequest {
    /// What is to be observed; or `paths`.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<Path>,
    /// Several paths to be observed together (Observe-Composite, LwM2M 1.1).
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<String>))]
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub paths: Vec<Path>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<String>,
    /// Attributes of this observation alone (LwM2M 1.2), as in `{"pmin": 10}`.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Object>))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attributes: Option<JsonValue>,
}

/// A running observation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Compact)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ObservationView {
    /// The root for one of several paths.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub path: Path,
    /// The paths that are observed together; empty for an observation of one.
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<String>))]
    #[serde(default)]
    pub paths: Vec<Path>,
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub since: Timestamp,
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub last_notification: Option<Timestamp>,
    pub notifications: u64,
    /// Whether the device has confirmed it; false while it is being asked for again after a new registration.
    pub established: bool,
}
