//! The types of the REST interface under `/api/v1`, as JSON. Shapes here are extended, never broken.

mod device;
mod error;
mod list;
mod operation;
mod profile;
mod registration;
mod security;
mod server;
mod trace;
mod value;

pub use device::{
    Counted, DeviceDetail, DeviceList, DevicePatch, DeviceQuery, DeviceRow, FleetFacets, FleetSummary,
    QueueView,
};
pub use error::{ApiError, ErrorCode};
pub use list::{
    DeviceModelList, EventList, ModelList, ModelSummary, ObservationList, OperationList, Sample, SampleList,
    TraceList, ValueList,
};
pub use operation::{
    ObservationRequest, ObservationView, OperationKind, OperationRequest, OperationState, OperationView,
};
pub use profile::{ProfileList, ProfileRequest, ProfileView};
pub use registration::{Lint, ObjectRef, RegistrationView, Transport};
pub use security::{
    CredentialList, CredentialMode, CredentialRequest, CredentialView, DeviceSecurity, GenerateRequest,
    GeneratedCredential, HandshakeFailure, SecurityView, ServerIdentity,
};
pub use server::{Listener, LogIn, Role, ServerView, SessionView};
pub use trace::{Direction, TraceField, TraceOption, TraceRecord};
pub use value::{JsonValue, ValueError, ValueView};
