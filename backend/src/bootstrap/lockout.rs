//! Whether this server would let the device in that a configuration sends to it.

use super::keys::Keys;
use crate::credential;
use dtls::PeerIdentity;
use shared::Timestamp;
use shared::bootstrap::{
    AccountSecurity, BootstrapConfiguration, Finding, ServerAccount, Severity, Variables,
};
use subtle::ConstantTimeEq;

/// How a device finds this server.
const OWN_URIS: [&str; 5] = [
    "server_uri",
    "coap_uri",
    "coaps_uri",
    "coap_tcp_uri",
    "coaps_tcp_uri",
];

impl Keys {
    /// What this server would have against the device if it came with the accounts of this configuration. What is made
    /// for the device fits by itself; what stands in the configuration may be another's, or nobody's.
    pub(super) fn findings(
        &self,
        endpoint: &str,
        configuration: &BootstrapConfiguration,
        variables: &Variables,
        now: Timestamp,
    ) -> Vec<Finding> {
        let accounts = configuration.servers.iter().enumerate();
        accounts
            .filter(|(_, account)| leads_here(account, variables))
            .filter_map(|(index, account)| {
                let words = self.refuses(endpoint, &account.security, variables, now)?;
                let place = format!("servers[{index}].security");
                Some(Finding::new(Severity::Warning, "other_credential", place, words))
            })
            .collect()
    }

    /// Why a device that comes with this is not let in, in words.
    fn refuses(
        &self,
        endpoint: &str,
        security: &AccountSecurity,
        variables: &Variables,
        now: Timestamp,
    ) -> Option<String> {
        let shown = match security {
            AccountSecurity::None {} => {
                let mode = self.server.demands(endpoint).filter(|mode| *mode != "none")?;
                return Some(format!(
                    "This server lets {} in by {mode} only; without security it is refused.",
                    crate::lwm2m::quote(endpoint)
                ));
            }
            AccountSecurity::Psk { identity, key } => {
                let identity = variables.expand(identity).ok()?;
                if is_made(key) {
                    return None;
                }
                let given = variables.expand_bytes(key).ok()?;
                let known = self.server.psk(identity.as_bytes(), now);
                if known.is_some_and(|known| !bool::from(known.as_slice().ct_eq(&given))) {
                    return Some(format!(
                        "This server knows another key for the identity {}.",
                        crate::lwm2m::quote(&identity)
                    ));
                }
                PeerIdentity::Psk(identity.into_bytes())
            }
            AccountSecurity::Rpk { public_key, .. } if is_made(public_key) => return None,
            AccountSecurity::Rpk { public_key, .. } => {
                PeerIdentity::RawPublicKey(variables.expand_bytes(public_key).ok()?)
            }
            AccountSecurity::X509 { certificate, .. } if is_made(certificate) => return None,
            AccountSecurity::X509 { certificate, .. } => {
                PeerIdentity::Certificate(vec![variables.expand_bytes(certificate).ok()?])
            }
        };
        match credential::owner(&self.server, &self.trust, &shown, now) {
            Ok((_, owner)) if *owner == *endpoint => None,
            Ok((_, owner)) => Some(format!(
                "On this server it is the credential of {}, not of {}.",
                crate::lwm2m::quote(&owner),
                crate::lwm2m::quote(endpoint)
            )),
            Err(untrusted) => Some(format!(
                "This server does not take the credential: {}.",
                untrusted.words
            )),
        }
    }
}

/// Whether the account is one of this server's.
fn leads_here(account: &ServerAccount, variables: &Variables) -> bool {
    let filled = variables.expand(&account.uri);
    OWN_URIS.iter().any(|name| {
        let own = variables.expand(&format!("${{{name}}}"));
        own.is_ok_and(|own| filled.as_ref().is_ok_and(|filled| *filled == own))
    })
}

/// Whether it is made for each device.
fn is_made(text: &str) -> bool {
    text.contains("${")
}
