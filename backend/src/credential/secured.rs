//! What a session proved, as registrations and people see it.

use serde::{Deserialize, Serialize};
use shared::Timestamp;
use shared::api::{SecurityView, Transport};

/// How the other side proved who it is. LwM2M Transport 1.2 §5.2.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum SecurityMode {
    Psk,
    Rpk,
    X509,
}

impl SecurityMode {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            SecurityMode::Psk => "psk",
            SecurityMode::Rpk => "rpk",
            SecurityMode::X509 => "x509",
        }
    }
}

/// A security session, whatever transport it runs over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Secured {
    pub(crate) mode: SecurityMode,
    /// The endpoint that the credential belongs to.
    pub(crate) endpoint: Box<str>,
    /// For people: the PSK identity, the beginning of the public key, or what the certificate is known by.
    pub(crate) identity: Box<str>,
    pub(crate) suite: Box<str>,
    pub(crate) since: Timestamp,
    /// Its records carry a connection id, so that it outlives a change of address.
    pub(crate) connection_id: bool,
    /// An earlier session went on, without a new proof.
    pub(crate) resumed: bool,
}

impl Secured {
    /// What began, in a sentence.
    pub(crate) fn sentence(&self, transport: Transport) -> String {
        let what = match self.mode {
            SecurityMode::Psk => "with the pre-shared key of",
            SecurityMode::Rpk => "with the raw",
            SecurityMode::X509 => "with the certificate of",
        };
        let id = match transport {
            Transport::Tcp | Transport::Tls => "",
            _ if self.connection_id => "with a connection id, ",
            _ => "without a connection id, ",
        };
        let how = if self.resumed {
            "an earlier session goes on"
        } else {
            "a full handshake"
        };
        format!(
            "A session of '{}' began {what} {}: {}, {id}{how}",
            self.endpoint, self.identity, self.suite
        )
    }

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
