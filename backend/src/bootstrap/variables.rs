//! What stands for `${…}` in a configuration for one device.

use super::Uris;
use crate::registry::Device;
use shared::bootstrap::Variables;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket};

/// The tag that says which group a device is in.
pub(crate) const GROUP: &str = "group";

/// The variables of a device that is known, or of a name alone.
pub(super) fn of(
    endpoint: &str,
    device: Option<&Device>,
    uris: &Uris,
    peer: Option<SocketAddr>,
) -> Variables {
    let mut variables = Variables::new();
    variables.text("endpoint", endpoint).text("lifetime", "86400");
    let described = device.and_then(|device| device.described.as_deref());
    let label = described.and_then(|described| described.label.as_deref());
    variables.text("label", label.unwrap_or_default());
    let mut group = "";
    if let Some(described) = described {
        for (name, value) in &described.tags {
            if name == GROUP {
                group = value;
            }
            variables.text(format!("tag.{name}"), value.as_str());
        }
        for (name, value) in &described.metadata {
            variables.text(format!("metadata.{name}"), value.as_str());
        }
        // A lifetime of the device's own goes before the usual one.
        if let Some(lifetime) = described
            .tags
            .get("lifetime")
            .or(described.metadata.get("lifetime"))
        {
            variables.text("lifetime", lifetime.as_str());
        }
    }
    variables.text("group", group);
    if let Some(uri) = uri(uris.coap_uri.as_deref(), "coap", uris.coap, peer) {
        variables.text("server_uri", uri.clone());
        variables.text("coap_uri", uri);
    }
    if let Some(uri) = uri(uris.coaps_uri.as_deref(), "coaps", uris.coaps, peer) {
        variables.text("coaps_uri", uri);
    }
    if let Some(uri) = uri(None, "coap+tcp", uris.coap_tcp, peer) {
        variables.text("coap_tcp_uri", uri);
    }
    if let Some(uri) = uri(None, "coaps+tcp", uris.coaps_tcp, peer) {
        variables.text("coaps_tcp_uri", uri);
    }
    variables
}

/// The URI of one of our listeners: as it was configured, else the address by which this machine is seen by the device.
fn uri(
    configured: Option<&str>,
    scheme: &str,
    listener: Option<SocketAddr>,
    peer: Option<SocketAddr>,
) -> Option<String> {
    if let Some(uri) = configured.filter(|uri| !uri.is_empty()) {
        return Some(uri.to_owned());
    }
    let listener = listener?;
    let ip = if listener.ip().is_unspecified() {
        peer.and_then(own_address)
            .unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST))
    } else {
        listener.ip()
    };
    Some(format!(
        "{scheme}://{}",
        SocketAddr::new(ip.to_canonical(), listener.port())
    ))
}

/// The address of this machine on the way to the peer. Nothing is sent.
fn own_address(peer: SocketAddr) -> Option<IpAddr> {
    let any = if peer.is_ipv4() { "0.0.0.0:0" } else { "[::]:0" };
    let socket = UdpSocket::bind(any).ok()?;
    socket.connect(peer).ok()?;
    let address = socket.local_addr().ok()?.ip();
    (!address.is_unspecified()).then_some(address)
}
