//! What a session proved, as registrations and people see it.

use serde::{Deserialize, Serialize};
use shared::Timestamp;
use shared::api::{CredentialMode, SecurityView};
use std::sync::Arc;

/// A security session, whatever transport it runs over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Secured {
    pub(crate) mode: CredentialMode,
    /// The endpoint that the credential belongs to.
    #[serde(with = "name")]
    pub(crate) endpoint: Arc<str>,
    /// For people: the PSK identity, the fingerprint of the public key, or the name in the certificate.
    pub(crate) identity: Box<str>,
    pub(crate) suite: Box<str>,
    pub(crate) since: Timestamp,
    /// Its records carry a connection id, so that it outlives a change of address.
    pub(crate) connection_id: bool,
    /// An earlier session went on, without a new proof.
    pub(crate) resumed: bool,
}

impl Secured {
    pub(crate) fn view(&self) -> SecurityView {
        SecurityView {
            mode: self.mode.name().into(),
            identity: self.identity.to_string(),
            suite: self.suite.to_string(),
            since: self.since,
            connection_id: self.connection_id,
            resumed: self.resumed,
        }
    }
}

/// An `Arc<str>` as text.
mod name {
    use serde::{Deserialize, Deserializer, Serializer};
    use std::sync::Arc;

    pub(super) fn serialize<S: Serializer>(name: &Arc<str>, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(name)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Arc<str>, D::Error> {
        String::deserialize(deserializer).map(Into::into)
    }
}
