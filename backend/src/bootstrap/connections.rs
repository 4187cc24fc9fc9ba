//! The bootstrap server's connections: CoAP over TCP and TLS, with the machinery of the other listeners.

use super::keys::Keys;
use super::sender::Sender;
use crate::shard::{Accept, Arrival, ConnectionLimits, Stream, Streams, listen};
use crate::tls::{Proven, Tls};
use dtls::PeerIdentity;
use shared::Timestamp;
use std::collections::HashMap;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;

/// A connection over which nothing comes for so long is closed: longer than a session may be silent.
const IDLE: Duration = Duration::from_secs(15 * 60);

/// The listeners and what stands of them.
pub(super) struct Connections {
    accept: Accept,
    streams: Streams,
    /// What was proven over them.
    proven: HashMap<Stream, PeerIdentity>,
    /// Bound, and not listened at before there is a runtime.
    bound: Vec<(std::net::TcpListener, Option<Tls>)>,
    /// Connections of which the last message is to be written before they are closed.
    ending: Vec<Stream>,
}

impl std::fmt::Debug for Connections {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Connections")
            .field("streams", &self.streams)
            .finish_non_exhaustive()
    }
}

impl Connections {
    pub(super) fn new(limits: ConnectionLimits) -> Connections {
        let (streams, arrivals) = Streams::new();
        Connections {
            accept: Accept {
                arrivals,
                limits,
                idle: IDLE,
                last: Arc::default(),
            },
            streams,
            proven: HashMap::new(),
            bound: Vec::new(),
            ending: Vec::new(),
        }
    }

    /// Binds an address; over TLS if there is an acceptor.
    ///
    /// # Errors
    /// What the system says.
    pub(super) fn bind(&mut self, address: SocketAddr, tls: Option<Tls>) -> io::Result<SocketAddr> {
        let listener = listen(address, 1)?.swap_remove(0);
        let address = listener.local_addr()?;
        self.bound.push((listener, tls));
        Ok(address)
    }

    /// Begins to accept.
    ///
    /// # Errors
    /// What the system says.
    pub(super) fn begin(&mut self) -> io::Result<()> {
        for (listener, tls) in std::mem::take(&mut self.bound) {
            let listener = TcpListener::from_std(listener)?;
            self.streams
                .listen(tokio::spawn(self.accept.clone().run(listener, tls)));
        }
        Ok(())
    }

    /// The next thing that happens to a connection.
    pub(super) async fn next(&mut self) -> Arrival {
        self.streams.next().await
    }

    /// Who is at the other end of a connection; none if it is gone, or if the credential went meanwhile.
    pub(super) fn sender(&self, stream: Stream, keys: &Keys, now: Timestamp) -> Option<Sender> {
        if !self.streams.is_open(stream) {
            return None;
        }
        let Some(identity) = self.proven.get(&stream) else {
            return Some(Sender::unsecured(stream.address));
        };
        let whose = keys.whose(identity, now).ok()?;
        Some(Keys::sender(stream.address, whose, identity))
    }

    /// Keeps a connection that was opened.
    pub(super) fn opened(
        &mut self,
        stream: Stream,
        outgoing: tokio::sync::mpsc::Sender<Arc<[u8]>>,
        proven: Option<Proven>,
    ) {
        let identity = proven.map(|proven| proven.identity);
        if let Some(identity) = identity.filter(|identity| *identity != PeerIdentity::Anonymous) {
            self.proven.insert(stream, identity);
        }
        self.streams.opened(stream, outgoing, None);
    }

    pub(super) fn send(&mut self, stream: Stream, message: Arc<[u8]>) {
        if let Err(error) = self.streams.send(stream, message) {
            tracing::debug!(%error, address = %stream.address, "a message was not written");
        }
    }

    /// Has a connection closed once its last message is handed over.
    pub(super) fn end(&mut self, stream: Stream) {
        self.ending.push(stream);
    }

    /// Closes those that were to end.
    pub(super) fn close_ended(&mut self) {
        for stream in std::mem::take(&mut self.ending) {
            self.streams.close(stream);
        }
    }

    /// A connection is gone.
    pub(super) fn gone(&mut self, stream: Stream) {
        self.proven.remove(&stream);
        self.streams.gone(stream);
    }

    pub(super) fn all(&self) -> Vec<Stream> {
        self.streams.all()
    }

    /// Closes all after what waits to be written.
    pub(super) async fn finish(self) {
        let Connections { accept, streams, .. } = self;
        // It holds a way to the streams, whose end is waited for.
        drop(accept);
        streams.finish().await;
    }
}
