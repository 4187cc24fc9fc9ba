//! Whose certificate it is, and whether it is trusted.

use dtls::{CertificateNames, Untrusted, Usage};
use serde::{Deserialize, Serialize};

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
pub struct Trust {
    /// DER certificates of the authorities that devices' certificates may come from.
    pub authorities: Vec<Vec<u8>>,
    pub endpoint_name: EndpointName,
}

impl Trust {
    /// The names of the authorities, as people know them.
    pub fn names(&self) -> Vec<String> {
        let name = |der: &Vec<u8>| {
            let names = CertificateNames::of(der).ok();
            names
                .and_then(|names| names.common_name)
                .unwrap_or_else(|| "an authority without a common name".into())
        };
        self.authorities.iter().map(name).collect()
    }

    /// The endpoint name of a chain that is trusted at this time.
    ///
    /// # Errors
    /// [`Untrusted`], with the alert to send and words for people.
    pub fn endpoint(&self, chain: &[Vec<u8>], unix_seconds: u64) -> Result<String, Untrusted> {
        if self.authorities.is_empty() {
            return Err(Untrusted {
                alert: dtls::AlertDescription::UnknownCa,
                words: "no certificate authority is trusted: name one in dtls.trusted_certificates".into(),
            });
        }
        dtls::verify_chain(chain, &self.authorities, unix_seconds, Usage::Client)?;
        self.name(chain)
    }

    /// The endpoint name in a chain that proves nothing yet.
    ///
    /// # Errors
    /// [`Untrusted`]: there is no name where it should be.
    pub(crate) fn name(&self, chain: &[Vec<u8>]) -> Result<String, Untrusted> {
        let leaf = chain.first().map(Vec::as_slice).unwrap_or_default();
        let names = CertificateNames::of(leaf)?;
        let (name, place) = match self.endpoint_name {
            EndpointName::CommonName => (names.common_name, "common name"),
            EndpointName::SanUri => (names.uris.into_iter().next(), "URI in its subjectAltName"),
            EndpointName::SanDns => (
                names.dns_names.into_iter().next(),
                "DNS name in its subjectAltName",
            ),
        };
        name.ok_or_else(|| Untrusted {
            alert: dtls::AlertDescription::BadCertificate,
            words: format!("the certificate has no {place} to take the endpoint name from"),
        })
    }
}
