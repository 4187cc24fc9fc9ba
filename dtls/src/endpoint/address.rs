//! What the endpoint must know of a peer's address: nothing but its bytes.

use std::fmt::Debug;
use std::hash::Hash;
use std::net::{IpAddr, SocketAddr};

/// Where datagrams come from and go to. [`SocketAddr`] is one; so is whatever else tells two peers apart.
pub trait PeerAddress: Clone + Eq + Hash + Debug {
    /// Appends the bytes of the address: equal addresses give equal bytes, different ones different bytes. They enter
    /// the cookie that proves that a client receives at its address, and saved sessions. At most 255 bytes.
    fn write_bytes(&self, out: &mut Vec<u8>);

    /// The address that was written; `None` if the bytes are none.
    fn read_bytes(bytes: &[u8]) -> Option<Self>;
}

impl PeerAddress for SocketAddr {
    fn write_bytes(&self, out: &mut Vec<u8>) {
        match self.ip() {
            IpAddr::V4(ip) => out.extend_from_slice(&ip.octets()),
            IpAddr::V6(ip) => out.extend_from_slice(&ip.octets()),
        }
        out.extend_from_slice(&self.port().to_be_bytes());
        if let SocketAddr::V6(address) = self {
            out.extend_from_slice(&address.scope_id().to_be_bytes());
        }
    }

    fn read_bytes(bytes: &[u8]) -> Option<SocketAddr> {
        if let Ok([a, b, c, d, port @ ..]) = <[u8; 6]>::try_from(bytes) {
            return Some((std::net::Ipv4Addr::new(a, b, c, d), u16::from_be_bytes(port)).into());
        }
        let (ip, rest) = bytes.split_first_chunk::<16>()?;
        let [port, port_low, scope @ ..] = <[u8; 6]>::try_from(rest).ok()?;
        let port = u16::from_be_bytes([port, port_low]);
        Some(std::net::SocketAddrV6::new((*ip).into(), port, 0, u32::from_be_bytes(scope)).into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_read_back() {
        for text in ["192.0.2.1:5684", "[2001:db8::1]:5684", "[fe80::1%3]:9"] {
            let (address, mut bytes) = (text.parse::<SocketAddr>().unwrap(), Vec::new());
            address.write_bytes(&mut bytes);
            assert_eq!(SocketAddr::read_bytes(&bytes), Some(address));
            assert_eq!(SocketAddr::read_bytes(&bytes[1..]), None);
        }
    }
}
