//! One connection: a task that reads when there is room for what it reads, writes in order, and ends after a silence.

use super::limits::Permit;
use crate::shard::peer::Stream;
use crate::tls::{Proven, Refused};
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout};

/// How many messages may wait to be written. One device is asked one thing at a time, and what it asks itself is not
/// read while its answers cannot be written.
const OUTGOING: usize = 64;
/// How much is read at once.
const READ: usize = 2048;
/// How long a message may take into the connection.
const WRITE: Duration = Duration::from_secs(30);
/// How long the end of a connection may take.
const END: Duration = Duration::from_secs(5);

/// What happened to a connection.
#[derive(Debug)]
pub(crate) enum Arrival {
    Opened {
        stream: Stream,
        outgoing: mpsc::Sender<Arc<[u8]>>,
        /// What the handshake of TLS proved.
        proven: Option<Proven>,
    },
    Bytes {
        stream: Stream,
        bytes: Vec<u8>,
    },
    /// It is gone; why, if it was not by agreement.
    Closed {
        stream: Stream,
        reason: Option<String>,
    },
    /// It did not come about.
    Refused(NoConnection),
}

/// A connection that did not come about.
#[derive(Debug)]
pub(crate) enum NoConnection {
    Limit { address: SocketAddr, reason: String },
    Handshake { address: SocketAddr, refused: Refused },
}

/// What holds for every connection.
#[derive(Debug, Clone)]
pub(crate) struct Line {
    pub(crate) stream: Stream,
    pub(crate) arrivals: mpsc::Sender<Arrival>,
    /// After how long a silence of the peer it ends.
    pub(crate) idle: Duration,
}

impl Line {
    /// Serves a connection until one side ends it. The permit is held as long.
    pub(crate) async fn serve<S>(self, mut io: S, proven: Option<Proven>, permit: Permit)
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let (outgoing, waiting) = mpsc::channel(OUTGOING);
        let opened = Arrival::Opened {
            stream: self.stream,
            outgoing,
            proven,
        };
        if self.arrivals.send(opened).await.is_err() {
            return;
        }
        let reason = self.carry(&mut io, waiting).await.err();
        let reason = reason.map(|error| error.to_string());
        drop(io);
        drop(permit);
        let closed = Arrival::Closed {
            stream: self.stream,
            reason,
        };
        // A shard that has ended needs no news.
        let _ = self.arrivals.send(closed).await;
    }

    async fn carry<S>(&self, io: &mut S, mut waiting: mpsc::Receiver<Arc<[u8]>>) -> io::Result<()>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let mut buffer = vec![0; READ];
        let mut heard = Instant::now();
        loop {
            tokio::select! {
                biased;
                message = waiting.recv() => match message {
                    Some(message) => {
                        timeout(WRITE, io.write_all(&message)).await??;
                        while let Ok(message) = waiting.try_recv() {
                            timeout(WRITE, io.write_all(&message)).await??;
                        }
                        timeout(WRITE, io.flush()).await??;
                    }
                    None => return timeout(END, io.shutdown()).await?,
                },
                received = io.read(&mut buffer) => match received? {
                    0 => return Ok(()),
                    length => {
                        heard = Instant::now();
                        let bytes = Arrival::Bytes {
                            stream: self.stream,
                            bytes: buffer[..length].to_vec(),
                        };
                        if self.arrivals.send(bytes).await.is_err() {
                            return Ok(());
                        }
                    }
                },
                () = tokio::time::sleep_until(heard + self.idle) => {
                    return Err(io::Error::new(io::ErrorKind::TimedOut, "nothing came for too long"));
                }
            }
        }
    }
}
