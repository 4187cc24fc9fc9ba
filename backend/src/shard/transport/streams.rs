//! The connections of a shard: what arrives on them, and the ways out to them.

use super::connection::Arrival;
use crate::credential::Secured;
use crate::shard::peer::Stream;
use std::collections::HashMap;
use std::io;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

/// How many arrivals may wait for the shard; connections wait with reading then.
const ARRIVALS: usize = 1024;
/// How long connections have to say what is left to say when the server stops.
const FAREWELL: Duration = Duration::from_secs(1);

/// All connections of a shard.
#[derive(Debug)]
pub(in crate::shard) struct Streams {
    arrivals: mpsc::Receiver<Arrival>,
    open: HashMap<Stream, Open>,
    listeners: Vec<JoinHandle<()>>,
}

#[derive(Debug)]
struct Open {
    outgoing: mpsc::Sender<Arc<[u8]>>,
    proven: Option<Arc<Secured>>,
}

impl Streams {
    /// No connections, and the way by which listeners bring them.
    pub(in crate::shard) fn new() -> (Streams, mpsc::Sender<Arrival>) {
        let (sender, arrivals) = mpsc::channel(ARRIVALS);
        let streams = Streams {
            arrivals,
            open: HashMap::new(),
            listeners: Vec::new(),
        };
        (streams, sender)
    }

    /// Keeps a listener for as long as the connections are kept.
    pub(in crate::shard) fn listen(&mut self, listener: JoinHandle<()>) {
        self.listeners.push(listener);
    }

    /// The next thing that happened to a connection; `None` when there will be nothing more.
    pub(in crate::shard) async fn next(&mut self) -> Option<Arrival> {
        self.arrivals.recv().await
    }

    /// The next thing that happened already.
    pub(in crate::shard) fn try_next(&mut self) -> Option<Arrival> {
        self.arrivals.try_recv().ok()
    }

    pub(in crate::shard) fn opened(
        &mut self,
        stream: Stream,
        outgoing: mpsc::Sender<Arc<[u8]>>,
        proven: Option<Arc<Secured>>,
    ) {
        self.open.insert(stream, Open { outgoing, proven });
    }

    pub(in crate::shard) fn is_open(&self, stream: Stream) -> bool {
        self.open.contains_key(&stream)
    }

    /// What the other end proved.
    pub(in crate::shard) fn proven(&self, stream: Stream) -> Option<&Arc<Secured>> {
        self.open.get(&stream)?.proven.as_ref()
    }

    pub(in crate::shard) fn count(&self) -> usize {
        self.open.len()
    }

    pub(in crate::shard) fn all(&self) -> Vec<Stream> {
        self.open.keys().copied().collect()
    }

    /// Writes a message behind those that wait.
    ///
    /// # Errors
    /// [`io::ErrorKind::NotConnected`]; or [`io::ErrorKind::WouldBlock`] if the peer takes too little of what is sent to
    /// it: the connection is closed then.
    pub(in crate::shard) fn send(&mut self, stream: Stream, message: Arc<[u8]>) -> io::Result<()> {
        let open = self.open.get(&stream).ok_or(io::ErrorKind::NotConnected)?;
        if open.outgoing.try_send(message).is_err() {
            self.close(stream);
            return Err(io::ErrorKind::WouldBlock.into());
        }
        Ok(())
    }

    /// Has a connection closed after what waits to be written. It tells when it is.
    pub(in crate::shard) fn close(&mut self, stream: Stream) {
        self.open.remove(&stream);
    }

    /// Closes all connections and waits a moment for what is to be written to them.
    pub(in crate::shard) async fn finish(mut self) {
        for listener in self.listeners.drain(..) {
            listener.abort();
        }
        self.open.clear();
        // Every connection holds a way to here; none are left when that ends.
        let last = async { while self.arrivals.recv().await.is_some() {} };
        if tokio::time::timeout(FAREWELL, last).await.is_err() {
            tracing::debug!("some connections did not end in time");
        }
    }
}
