//! Whose certificate it is, and whether it is trusted.

use dtls::{AlertDescription, CertificateNames, Untrusted, Usage};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Where in a device's certificate its endpoint name stands. LwM2M Transport 1.2 §5.2.8.7 has the common name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EndpointName {
    /// The subject's common name.
    #[default]
    CommonName,
    /// The first URI of the subjectAltName extension.
    SanUri,
    /// The first DNS name of the subjectAltName extension.
    SanDns,
}

/// What certificates are held against.
#[derive(Debug, Clone, Default)]
pub(crate) struct Trust {
    /// DER certificates of the authorities that devices' certificates may come from.
    pub(crate) authorities: Vec<Vec<u8>>,
    pub(crate) endpoint_name: EndpointName,
    /// Endpoint names of certificates whose own name is another one.
    pub(crate) names: BTreeMap<String, String>,
}

impl Trust {
    /// The endpoint name of a chain that is trusted at this time, and the name in it.
    ///
    /// # Errors
    /// [`Untrusted`], with the alert to send and words for people.
    pub(crate) fn endpoint(
        &self,
        chain: &[Vec<u8>],
        unix_seconds: u64,
    ) -> Result<(String, String), Untrusted> {
        if self.authorities.is_empty() {
            return Err(Untrusted {
                alert: AlertDescription::UnknownCa,
                words: "no certificate authority is trusted: name one in dtls.trusted_certificates".into(),
            });
        }
        dtls::verify_chain(chain, &self.authorities, unix_seconds, Usage::Client)?;
        self.claimed(chain)
    }

    /// The same of any chain: what it claims to be.
    ///
    /// # Errors
    /// [`Untrusted`] if there is no name where it has to stand.
    pub(crate) fn claimed(&self, chain: &[Vec<u8>]) -> Result<(String, String), Untrusted> {
        let names = CertificateNames::of(chain.first().map(Vec::as_slice).unwrap_or_default())?;
        let (name, place) = match self.endpoint_name {
            EndpointName::CommonName => (names.common_name, "common name"),
            EndpointName::SanUri => (names.uris.into_iter().next(), "URI in its subjectAltName"),
            EndpointName::SanDns => (
                names.dns_names.into_iter().next(),
                "DNS name in its subjectAltName",
            ),
        };
        let name = name.ok_or_else(|| Untrusted {
            alert: AlertDescription::BadCertificate,
            words: format!("the certificate has no {place} to take the endpoint name from"),
        })?;
        let endpoint = self.names.get(&name).unwrap_or(&name).clone();
        Ok((endpoint, name))
    }
}
