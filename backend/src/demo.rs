//! `--demo`: a few simulated devices inside the process, so that the page is alive at once.

use crate::app::stopped;
use simulator::FleetOptions;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// Starts the devices; they sign off when the server begins to stop.
pub fn start(coap: SocketAddr, mut stopping: watch::Receiver<bool>) -> JoinHandle<()> {
    let options = FleetOptions::demo(format!("coap://{}", reachable(coap)));
    tokio::spawn(async move {
        if let Err(error) = simulator::run(options, stopped(&mut stopping)).await {
            tracing::error!(%error, "the simulated devices do not run");
        }
    })
}

/// The address by which this machine reaches a socket that listens on all of its addresses.
fn reachable(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        ip => ip,
    };
    SocketAddr::new(ip, address.port())
}
