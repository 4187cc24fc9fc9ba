//! How devices are secured.

use super::ConfigError;
use crate::core::SecurityConfig;
use crate::credential::EndpointName;
use ::dtls::CipherSuite;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

/// The section `[dtls]`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Dtls {
    pub key_file: PathBuf,
    pub server_key: PathBuf,
    pub server_certificate: PathBuf,
    pub trusted_certificates: Vec<PathBuf>,
    pub endpoint_name: EndpointName,
    pub names: Vec<String>,
    pub allow_unsecured: bool,
    pub allow_unknown_certificates: bool,
    pub suites: Vec<String>,
    pub connection_id_bytes: u32,
    pub require_extended_master_secret: bool,
    pub handshakes: u32,
    pub handshake_seconds: u32,
    pub sessions: u32,
    pub session_idle_hours: u32,
    pub resumption_hours: u32,
}

impl Default for Dtls {
    fn default() -> Dtls {
        Dtls {
            key_file: PathBuf::new(),
            server_key: PathBuf::new(),
            server_certificate: PathBuf::new(),
            trusted_certificates: Vec::new(),
            endpoint_name: EndpointName::default(),
            names: Vec::new(),
            allow_unsecured: true,
            allow_unknown_certificates: false,
            suites: CipherSuite::ALL
                .iter()
                .map(|suite| suite.name().to_owned())
                .collect(),
            connection_id_bytes: 6,
            require_extended_master_secret: false,
            handshakes: 10_000,
            handshake_seconds: 90,
            sessions: 1_000_000,
            session_idle_hours: 30 * 24,
            resumption_hours: 24,
        }
    }
}

impl Dtls {
    /// What the core is told.
    pub fn security(&self) -> SecurityConfig {
        let given = |path: &PathBuf| (!path.as_os_str().is_empty()).then(|| path.clone());
        SecurityConfig {
            key_file: given(&self.key_file),
            server_key: given(&self.server_key),
            server_certificate: given(&self.server_certificate),
            trusted_certificates: self.trusted_certificates.clone(),
            endpoint_name: self.endpoint_name,
            names: self.mapping(),
            suites: self.suites.iter().filter_map(|name| suite(name)).collect(),
            connection_id_length: (self.connection_id_bytes > 0).then_some(self.connection_id_bytes as usize),
            require_extended_master_secret: self.require_extended_master_secret,
            max_handshakes: self.handshakes as usize,
            max_sessions: self.sessions as usize,
            handshake_timeout: Duration::from_secs(self.handshake_seconds.into()),
            idle_timeout: Duration::from_secs(u64::from(self.session_idle_hours) * 3600),
            resumption: Duration::from_secs(u64::from(self.resumption_hours) * 3600),
            allow_unsecured: self.allow_unsecured,
            allow_unknown_certificates: self.allow_unknown_certificates,
        }
    }

    /// Endpoint names by the names in certificates.
    fn mapping(&self) -> BTreeMap<String, String> {
        let pairs = self.names.iter().filter_map(|pair| pair.rsplit_once('='));
        pairs
            .map(|(name, endpoint)| (name.to_owned(), endpoint.to_owned()))
            .collect()
    }

    pub(super) fn problems(&self) -> Vec<ConfigError> {
        let mut problems = Vec::new();
        if self.server_key.as_os_str().is_empty() != self.server_certificate.as_os_str().is_empty() {
            let words = "a key and its certificate are given together, or neither";
            problems.push(ConfigError::value("dtls.server_certificate", words));
        }
        for pair in self.names.iter().filter(|pair| !pair.contains('=')) {
            let words = format!("'{pair}' is not 'NAME IN THE CERTIFICATE=ENDPOINT NAME'");
            problems.push(ConfigError::value("dtls.names", words));
        }
        for name in self.suites.iter().filter(|name| suite(name).is_none()) {
            problems.push(ConfigError::value(
                "dtls.suites",
                format!("'{name}' is not spoken here"),
            ));
        }
        if self.suites.is_empty() {
            problems.push(ConfigError::value(
                "dtls.suites",
                "without a suite nobody can connect",
            ));
        }
        for (key, value, least, most) in [
            ("dtls.connection_id_bytes", self.connection_id_bytes, 0, 20),
            ("dtls.handshakes", self.handshakes, 1, 10_000_000),
            ("dtls.handshake_seconds", self.handshake_seconds, 5, 3_600),
            ("dtls.sessions", self.sessions, 1, 100_000_000),
            ("dtls.session_idle_hours", self.session_idle_hours, 1, 87_600),
            ("dtls.resumption_hours", self.resumption_hours, 1, 720),
        ] {
            let short_id = key == "dtls.connection_id_bytes" && (1..4).contains(&value);
            if value < least || value > most || short_id {
                let words = if short_id {
                    "a connection id has at least 4 bytes, one of which is the shard; 0 turns them off"
                        .to_owned()
                } else {
                    format!("{value} is not between {least} and {most}")
                };
                problems.push(ConfigError::value(key, words));
            }
        }
        problems
    }
}

fn suite(name: &str) -> Option<CipherSuite> {
    CipherSuite::ALL.into_iter().find(|suite| suite.name() == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_are_those_of_the_core() {
        let (ours, theirs) = (Dtls::default().security(), SecurityConfig::default());
        assert_eq!(format!("{ours:?}"), format!("{theirs:?}"));
        assert!(Dtls::default().problems().is_empty());
    }

    #[test]
    fn what_cannot_be_is_told_with_its_key() {
        let wrong = Dtls {
            names: vec!["device".into()],
            suites: vec!["TLS_NULL".into()],
            connection_id_bytes: 2,
            server_key: "key.pem".into(),
            ..Dtls::default()
        };
        let text: Vec<String> = wrong.problems().iter().map(ToString::to_string).collect();
        for key in [
            "dtls.names",
            "dtls.suites",
            "dtls.connection_id_bytes",
            "dtls.server_certificate",
        ] {
            assert!(
                text.iter().any(|problem| problem.contains(key)),
                "{key}: {text:?}"
            );
        }
        let named = Dtls {
            names: vec!["O=ACME,CN=7=urn:dev:7".into()],
            ..Dtls::default()
        };
        assert_eq!(named.security().names["O=ACME,CN=7"], "urn:dev:7");
    }
}
