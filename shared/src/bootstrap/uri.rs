//! The URI of a server, as far as a device has to understand it. LwM2M Transport 1.2 §6.

use std::fmt;
use std::net::IpAddr;

/// A server's URI in its parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerUri {
    pub scheme: &'static str,
    /// A name, or an address without brackets.
    pub host: String,
    pub port: Option<u16>,
}

/// Why a text is no server URI.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UriError {
    #[error(
        "'{0}' is no URI of an LwM2M server: it begins with coap://, coaps://, coap+tcp:// or coaps+tcp://"
    )]
    Scheme(String),
    #[error("the URI has no host")]
    NoHost,
    #[error("'{0}' is no host name or address")]
    Host(String),
    #[error("'{0}' is no port: a number from 1 to 65535")]
    Port(String),
    #[error("the URI of a server ends after host and port")]
    Rest,
}

const SCHEMES: [&str; 6] = ["coap", "coaps", "coap+tcp", "coaps+tcp", "coap+ws", "coaps+ws"];

impl ServerUri {
    /// # Errors
    /// [`UriError`] in words.
    pub fn parse(text: &str) -> Result<ServerUri, UriError> {
        let clip = |text: &str| text.chars().take(60).collect::<String>();
        let (scheme, rest) = crate::text::cut(text, "://").ok_or_else(|| UriError::Scheme(clip(text)))?;
        let scheme = SCHEMES
            .into_iter()
            .find(|known| known.eq_ignore_ascii_case(scheme))
            .ok_or_else(|| UriError::Scheme(clip(text)))?;
        let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
        if !path.is_empty() || authority.contains(['?', '#', '@']) {
            return Err(UriError::Rest);
        }
        let (host, port) = if let Some(rest) = authority.strip_prefix('[') {
            let (host, after) = rest
                .split_once(']')
                .ok_or_else(|| UriError::Host(clip(authority)))?;
            let is_address = host.parse::<std::net::Ipv6Addr>().is_ok();
            if !is_address || !(after.is_empty() || after.starts_with(':')) {
                return Err(UriError::Host(clip(authority)));
            }
            (host, after.strip_prefix(':'))
        } else {
            let (host, port) = match authority.split_once(':') {
                Some((host, port)) => (host, Some(port)),
                None => (authority, None),
            };
            let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_');
            if !host.bytes().all(allowed) {
                return Err(UriError::Host(clip(host)));
            }
            (host, port)
        };
        if host.is_empty() {
            return Err(UriError::NoHost);
        }
        let port = port
            .map(|port| match port.parse::<u16>() {
                Ok(number) if number > 0 && port.bytes().all(|byte| byte.is_ascii_digit()) => Ok(number),
                _ => Err(UriError::Port(clip(port))),
            })
            .transpose()?;
        Ok(ServerUri {
            scheme,
            host: host.to_owned(),
            port,
        })
    }

    pub fn is_secure(&self) -> bool {
        self.scheme.starts_with("coaps")
    }

    /// The binding letter of the scheme. LwM2M Core 1.2 §6.2.1.2.
    pub fn binding(&self) -> &'static str {
        if crate::text::holds(self.scheme, "tcp") {
            "T"
        } else {
            "U"
        }
    }

    /// The address, unless the host is a name.
    pub fn address(&self) -> Option<IpAddr> {
        self.host.parse().ok()
    }
}

impl fmt::Display for ServerUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.host.contains(':') {
            write!(f, "{}://[{}]", self.scheme, self.host)?;
        } else {
            write!(f, "{}://{}", self.scheme, self.host)?;
        }
        self.port.map_or(Ok(()), |port| write!(f, ":{port}"))
    }
}
