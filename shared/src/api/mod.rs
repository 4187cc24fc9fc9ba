//! The types of the REST interface under `/api/v1`, as JSON. Shapes here are extended, never broken.
//!
//! The page asks for the same answers in postcard ([`COMPACT`]), which it reads with a fifth of the code. Only a page of the
//! server's own build may, for that form knows no names.

mod account;
mod activity;
mod audit;
mod bootstrap;
mod column;
mod credential;
mod device;
mod diagnosis;
mod error;
mod list;
mod operation;
mod path_set;
mod profile;
mod provisioning;
mod registration;
mod saved_view;
mod server;
mod trace;
mod transmission;
mod value;

/// The media type of answers in postcard, for pages of the server's own build.
pub const COMPACT: &str = "application/vnd.muster+postcard";

pub use account::{
    AccountSession, AccountSessionList, ChangePassword, LinkCreated, LinkList, LinkView, NewLink, NewToken,
    NewUser, OpenLink, PasswordSet, ResetPassword, TokenCreated, TokenList, TokenView, UserList, UserPatch,
    UserView,
};
pub use activity::{ActivityCount, ActivityQuery, FleetActivity};
pub use audit::{AuditEntry, AuditList};
pub use bootstrap::{
    AppliesTo, Approval, ApprovalRule, ApprovalRules, BeginBootstrap, BootstrapBegun, ChooseConfiguration,
    ConfigurationBody, ConfigurationList, ConfigurationView, DeviceBootstrap, DryRun, DryRunRequest,
    FindingList, SessionList, SessionQuery, WaitingDevice, WaitingList,
};
pub use column::DeviceColumn;
pub use credential::{
    CredentialList, CredentialMode, CredentialRequest, CredentialView, GenerateCredential,
    GeneratedCredential,
};
pub use device::{
    ChildView, Counted, DeviceDetail, DeviceExport, DeviceList, DevicePatch, DeviceQuery, DeviceRow,
    FleetFacets, FleetSummary, GatewayView, QueueView,
};
pub use diagnosis::{Check, CheckKind, CheckVerdict, Diagnosis, Expectation, Remedy};
pub use error::{ApiError, ErrorCode};
pub use list::{
    DeviceModelList, EventList, ModelChange, ModelList, ModelSummary, ModelUpload, ModelUploadList,
    ObservationList, OperationList, Sample, SampleList, TraceList, ValueList,
};
pub use operation::{
    ObservationRequest, ObservationView, OperationKind, OperationPreview, OperationRequest, OperationState,
    OperationView,
};
pub use path_set::{PathSet, PathSetList, PathSetRequest};
pub use profile::{ProfileList, ProfileRequest, ProfileView};
pub use provisioning::{
    AccessChange, AccessPreview, AccessQuery, CheckedRow, DecommissionedDevice, DecommissionedList,
    DeviceAccess, GeneratedKey, ImportCheck, ImportList, ImportState, ImportView, InstanceRights,
    ProvisionRequest, Provisioned, RefusedRow,
};
pub use registration::{Lint, ObjectRef, RegistrationView, SecurityView, Transport};
pub use saved_view::{ColumnChoice, SavedView, SavedViewList, SavedViewRequest};
pub use server::{Listener, LogIn, RefusalList, RefusalView, Role, ServerIdentity, ServerView, SessionView};
pub use trace::{
    CaptureRequest, CaptureState, CaptureView, Direction, TraceField, TraceOption, TraceRecord, TraceStep,
};
pub use transmission::{PREFERABLE, Quirk, Transmission, TransmissionSettings, TransmissionView};
pub use value::{JsonValue, ValueError, ValueView};
