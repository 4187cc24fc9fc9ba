//! A shard's UDP socket.

use socket2::{Domain, Protocol, Socket, Type};
use std::io;
use std::net::SocketAddr;

/// The receive buffer asked for: 4 MiB hold a burst of some ten thousand datagrams.
const RECEIVE_BUFFER: usize = 4 << 20;

/// Binds `count` sockets to one address; with port 0 to the port that the first one gets.
///
/// # Errors
/// What the system says.
pub(in crate::shard) fn bind(address: SocketAddr, count: usize) -> io::Result<Vec<std::net::UdpSocket>> {
    // SO_REUSEPORT would share the port with another server in silence, also one that the system chooses; without it
    // the system says that it is taken, or chooses a free one.
    let address = std::net::UdpSocket::bind(address)?.local_addr()?;
    let first = bind_one(address)?;
    let mut sockets = vec![first];
    for _ in 1..count {
        sockets.push(bind_one(address)?);
    }
    Ok(sockets)
}

fn bind_one(address: SocketAddr) -> io::Result<std::net::UdpSocket> {
    let socket = Socket::new(Domain::for_address(address), Type::DGRAM, Some(Protocol::UDP))?;
    if address.is_ipv6() {
        socket.set_only_v6(false)?;
    }
    socket.set_reuse_port(true)?;
    socket.set_nonblocking(true)?;
    if let Err(error) = socket.set_recv_buffer_size(RECEIVE_BUFFER) {
        tracing::warn!(%error, "the receive buffer keeps its size");
    }
    let obtained = socket.recv_buffer_size()?;
    socket.bind(&address.into())?;
    tracing::info!(%address, bytes = obtained, "receive buffer of a CoAP socket");
    Ok(socket.into())
}
