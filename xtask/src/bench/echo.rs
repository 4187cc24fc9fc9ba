//! The plain UDP echo: the least that a server on this machine can cost.

use anyhow::{Context, Result};
use socket2::{Domain, Protocol, Socket, Type};
use std::io::Write as _;
use std::net::{SocketAddr, UdpSocket};

pub(super) const RECEIVE_BUFFER: usize = 4 << 20;

/// Prints its address on a line of its own and echoes until the process is ended.
pub(super) fn serve() -> Result<()> {
    let socket = bound((std::net::Ipv4Addr::LOCALHOST, 0).into())?;
    let mut out = std::io::stdout();
    writeln!(out, "{}", socket.local_addr()?)?;
    out.flush()?;
    let mut buffer = [0; 2048];
    loop {
        let (length, from) = socket.recv_from(&mut buffer).context("the echo hears nothing")?;
        socket
            .send_to(&buffer[..length], from)
            .context("the echo cannot answer")?;
    }
}

/// A UDP socket with room for a burst.
pub(super) fn bound(address: SocketAddr) -> Result<UdpSocket> {
    let socket = Socket::new(Domain::for_address(address), Type::DGRAM, Some(Protocol::UDP))?;
    socket.set_recv_buffer_size(RECEIVE_BUFFER)?;
    socket.bind(&address.into())?;
    Ok(socket.into())
}
