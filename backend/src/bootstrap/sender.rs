//! Who a request comes from, as the security layer knows it.

use std::net::SocketAddr;

/// A sender.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Sender {
    pub(crate) address: SocketAddr,
    /// `"none"`, `"psk"`, `"rpk"`, `"x509"`.
    pub(crate) security: &'static str,
    /// What it showed, in words.
    pub(crate) identity: Option<String>,
    /// The endpoint that its credential belongs to, if it belongs to one.
    pub(crate) endpoint: Option<String>,
}

impl Sender {
    /// Somebody without security, who may be anybody.
    pub(crate) const fn unsecured(address: SocketAddr) -> Sender {
        Sender {
            address,
            security: "none",
            identity: None,
            endpoint: None,
        }
    }

    pub(crate) fn is_authenticated(&self) -> bool {
        self.security != "none"
    }

    /// The endpoint that the sender speaks for. LwM2M Core 1.2 §6.1.7.1: the name must fit the identity, and may be left
    /// out where there is one.
    ///
    /// # Errors
    /// Why not, in words, to be answered 4.00.
    pub(crate) fn speaks_for(&self, claimed: Option<&str>) -> Result<String, String> {
        match (claimed, &self.endpoint) {
            (Some(claimed), Some(own)) if claimed != own => Err(format!(
                "the endpoint name is {}, and the credential is that of {}",
                crate::lwm2m::quote(claimed),
                crate::lwm2m::quote(own)
            )),
            (Some(claimed), _) => Ok(claimed.to_owned()),
            (None, Some(own)) => Ok(own.clone()),
            (None, None) => Err("the endpoint name (parameter 'ep') is missing".into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_fits_the_identity_or_is_refused() {
        let address = SocketAddr::from(([192, 0, 2, 1], 1));
        let stranger = Sender::unsecured(address);
        assert_eq!(stranger.speaks_for(Some("a")), Ok("a".into()));
        assert!(stranger.speaks_for(None).is_err());
        let known = Sender {
            security: "psk",
            endpoint: Some("a".into()),
            ..stranger
        };
        assert_eq!(known.speaks_for(Some("a")), Ok("a".into()));
        assert_eq!(known.speaks_for(None), Ok("a".into()));
        assert!(known.speaks_for(Some("b")).is_err());
    }
}
