//! Listening for connections: CoAP over TCP, and before CoAP the handshake of TLS. RFC 8323 §3, §8.

use super::connection::{Arrival, Line, NoConnection};
use super::limits::{ConnectionLimits, Permit};
use crate::shard::peer::Stream;
use crate::tls::{Refused, Tls};
use socket2::{Domain, Protocol, Socket, Type};
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::time::timeout;

/// How many connections wait to be accepted.
const BACKLOG: i32 = 1024;
/// How long a handshake may take.
const HANDSHAKE: Duration = Duration::from_secs(10);
/// How long to wait when the system gives no connection, as when it has no file descriptors left.
const PAUSE: Duration = Duration::from_millis(100);

/// What a shard's listeners share.
#[derive(Clone, Debug)]
pub(crate) struct Accept {
    pub(crate) arrivals: mpsc::Sender<Arrival>,
    pub(crate) limits: ConnectionLimits,
    pub(crate) idle: Duration,
    /// The last number given to a connection of the shard.
    pub(crate) last: Arc<AtomicU32>,
}

impl Accept {
    /// Takes connections until it is stopped.
    pub(crate) async fn run(self, listener: TcpListener, tls: Option<Tls>) {
        loop {
            match listener.accept().await {
                Ok((connection, address)) => self.accepted(connection, address, tls.clone()),
                Err(error) => {
                    tracing::warn!(%error, "no connection can be accepted");
                    tokio::time::sleep(PAUSE).await;
                }
            }
        }
    }

    fn accepted(&self, connection: TcpStream, address: SocketAddr, tls: Option<Tls>) {
        let permit = match self.limits.take(address.ip()) {
            Ok(permit) => permit,
            Err(reason) => return self.tell(NoConnection::Limit { address, reason }),
        };
        if let Err(error) = connection.set_nodelay(true) {
            tracing::debug!(%error, %address, "the connection is gone already");
            return;
        }
        let line = Line {
            stream: Stream {
                address,
                number: self.number(),
                tls: tls.is_some(),
            },
            arrivals: self.arrivals.clone(),
            idle: self.idle,
        };
        match tls {
            None => {
                tokio::spawn(line.serve(connection, None, permit));
            }
            Some(tls) => {
                tokio::spawn(self.clone().secure(tls, connection, line, permit));
            }
        }
    }

    async fn secure(self, tls: Tls, connection: TcpStream, line: Line, permit: Permit) {
        let address = line.stream.address;
        let refused = match timeout(HANDSHAKE, tls.accept(connection)).await {
            Ok(Ok((connection, proven))) => return line.serve(connection, Some(proven), permit).await,
            Ok(Err(refused)) => refused,
            Err(_) => Refused {
                claimed: None,
                reason: "the device did not go on with it".into(),
            },
        };
        drop(permit);
        self.tell(NoConnection::Handshake { address, refused });
    }

    fn tell(&self, refused: NoConnection) {
        tracing::debug!(?refused, "a connection is refused");
        // A shard that is busy has more important things to tell.
        let _ = self.arrivals.try_send(Arrival::Refused(refused));
    }

    fn number(&self) -> u32 {
        let number = self.last.fetch_add(1, Ordering::Relaxed).wrapping_add(1);
        // 0 names connections from before the server was restarted.
        if number == 0 { self.number() } else { number }
    }
}

/// Binds `count` listeners to one address; with port 0 to the port that the first one gets.
///
/// # Errors
/// What the system says.
pub(crate) fn listen(address: SocketAddr, count: usize) -> io::Result<Vec<std::net::TcpListener>> {
    // As with datagrams: SO_REUSEPORT would share the port with another server in silence.
    let address = std::net::TcpListener::bind(address)?.local_addr()?;
    (0..count).map(|_| listen_one(address)).collect()
}

fn listen_one(address: SocketAddr) -> io::Result<std::net::TcpListener> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    if address.is_ipv6() {
        socket.set_only_v6(false)?;
    }
    socket.set_reuse_address(true)?;
    socket.set_reuse_port(true)?;
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    Ok(socket.into())
}
