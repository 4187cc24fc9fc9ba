//! Why something about bootstrap is not done.

use crate::store::StoreError;
use shared::bootstrap::Finding;

#[derive(Debug, thiserror::Error)]
pub enum BootstrapError {
    #[error("there is no bootstrap configuration '{0}'")]
    UnknownConfiguration(String),
    #[error("a configuration's name has 1 to 64 letters, digits, dots, dashes and underscores")]
    BadName,
    #[error("the secret of {0} is to be kept, but none is stored")]
    NoStoredSecret(String),
    #[error("{}", words(.0))]
    Unfit(Vec<Finding>),
    #[error("the query of 'applies_to': {0}")]
    Query(String),
    #[error("the configuration '{name}' is chosen for {devices} devices; choose another for them first")]
    InUse { name: String, devices: usize },
    #[error("{0}")]
    BadRequest(String),
    #[error("no address of the device is known: it is not registered")]
    NoAddress,
    #[error("no bootstrap listener is on (listen.bootstrap_coap, listen.bootstrap_coaps)")]
    NotServed,
    #[error("{0}")]
    Refused(String),
    /// A key or certificate cannot be made or kept.
    #[error("{0}")]
    Key(String),
    #[error("as many devices are known as may be")]
    TooManyDevices,
    #[error("the server is stopping")]
    Stopping,
    #[error(transparent)]
    Store(#[from] StoreError),
}

fn words(findings: &[Finding]) -> String {
    let refused = findings
        .iter()
        .filter(|finding| finding.severity == shared::bootstrap::Severity::Refusal);
    let words: Vec<String> = refused
        .map(|finding| match finding.place.as_str() {
            "" => finding.message.clone(),
            place => format!("{place}: {}", finding.message),
        })
        .collect();
    words.join(" ")
}
