//! The server of a fleet, as its URI names it. RFC 7252 §6.1, RFC 8323 §8.

use super::stream::Connector;
use super::{DtlsOptions, FleetError, TlsFiles, raw_public_key, tls};
use crate::client::Transport;
use std::net::SocketAddr;
use std::sync::Arc;

/// How the server is spoken to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scheme {
    Coap,
    Coaps,
    CoapTcp,
    CoapsTcp,
}

impl Scheme {
    const ALL: [(Scheme, &'static str, u16); 4] = [
        (Scheme::Coap, "coap://", 5683),
        (Scheme::Coaps, "coaps://", 5684),
        (Scheme::CoapTcp, "coap+tcp://", 5683),
        (Scheme::CoapsTcp, "coaps+tcp://", 5684),
    ];
}

/// A server with its address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Server {
    pub(super) scheme: Scheme,
    /// The host as it was written, without brackets.
    pub(super) host: String,
    pub(super) address: SocketAddr,
}

impl Server {
    /// The first address of `scheme://host[:port]`.
    pub(super) async fn resolve(uri: &str) -> Result<Server, FleetError> {
        let bad = || FleetError::ServerUri(uri.into());
        let (scheme, authority, default_port) = Scheme::ALL
            .into_iter()
            .find_map(|(scheme, prefix, port)| Some((scheme, uri.strip_prefix(prefix)?, port)))
            .ok_or_else(bad)?;
        let authority = authority.trim_end_matches('/');
        if authority.is_empty() || authority.contains('/') {
            return Err(bad());
        }
        let (host, port) = match authority.rsplit_once(':') {
            Some((host, port)) if !port.contains(']') => (host, port.parse().map_err(|_| bad())?),
            _ => (authority, default_port),
        };
        let host = host.trim_start_matches('[').trim_end_matches(']').to_owned();
        let found = tokio::net::lookup_host((host.as_str(), port)).await;
        let found = found.map(|mut addresses| addresses.next());
        let address = match found {
            Ok(address) => address.ok_or_else(bad)?,
            Err(source) => return Err(FleetError::Resolve { host, source }),
        };
        Ok(Server {
            scheme,
            host,
            address,
        })
    }

    pub(super) fn transport(&self) -> Transport {
        match self.scheme {
            Scheme::Coap | Scheme::Coaps => Transport::Datagrams,
            Scheme::CoapTcp | Scheme::CoapsTcp => Transport::Stream,
        }
    }

    /// What makes connections to it; `None` for datagrams.
    pub(super) fn connector(
        &self,
        files: &TlsFiles,
        dtls: &DtlsOptions,
    ) -> Result<Option<Connector>, FleetError> {
        Ok(match self.scheme {
            Scheme::Coap | Scheme::Coaps => None,
            Scheme::CoapTcp => Some(Connector::tcp(self.address)),
            Scheme::CoapsTcp => {
                let config = match (&files.certificate, &dtls.server_public_key) {
                    (None, Some(server)) => raw_public_key::client(files, dtls, server)?,
                    _ => tls::client(files)?,
                };
                let (tls, name) = (Arc::new(config), tls::name(&self.host)?);
                Some(Connector::tls(self.address, tls, name))
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_server_is_an_address_with_or_without_a_port() {
        for (uri, scheme, expect) in [
            ("coap://127.0.0.1", Scheme::Coap, "127.0.0.1:5683"),
            ("coap://127.0.0.1:15683", Scheme::Coap, "127.0.0.1:15683"),
            ("coap://127.0.0.1:15683/", Scheme::Coap, "127.0.0.1:15683"),
            ("coap://[::1]", Scheme::Coap, "[::1]:5683"),
            ("coap://[::1]:99", Scheme::Coap, "[::1]:99"),
            ("coaps://127.0.0.1", Scheme::Coaps, "127.0.0.1:5684"),
            ("coap+tcp://127.0.0.1", Scheme::CoapTcp, "127.0.0.1:5683"),
            ("coaps+tcp://127.0.0.1", Scheme::CoapsTcp, "127.0.0.1:5684"),
            ("coaps+tcp://[::1]:99", Scheme::CoapsTcp, "[::1]:99"),
        ] {
            let server = Server::resolve(uri).await.unwrap();
            assert_eq!(
                (server.scheme, server.address),
                (scheme, expect.parse().unwrap()),
                "{uri}"
            );
        }
        for uri in [
            "",
            "127.0.0.1",
            "http://127.0.0.1",
            "coap://",
            "coap://127.0.0.1/rd",
            "coap+tcp://127.0.0.1:x",
        ] {
            assert!(
                matches!(Server::resolve(uri).await, Err(FleetError::ServerUri(_))),
                "{uri}"
            );
        }
    }
}
