//! The connections of a shard: what arrives on them, and the ways out to them.

use super::connection::Arrival;
use crate::credential::Secured;
use crate::shard::peer::Stream;
use dtls::PeerIdentity;
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
pub(crate) struct Streams {
    arrivals: mpsc::Receiver<Arrival>,
    open: HashMap<Stream, Open>,
    /// How many of them proved something.
    proven: usize,
    listeners: Vec<JoinHandle<()>>,
}

/// A connection, until its task has ended.
#[derive(Debug)]
struct Open {
    /// The way out to it; none once it is being closed.
    outgoing: Option<mpsc::Sender<Arc<[u8]>>>,
    proven: Option<(PeerIdentity, Arc<Secured>)>,
    /// Why it is being closed, if there is more to say than that.
    reason: Option<&'static str>,
}

impl Streams {
    /// No connections, and the way by which listeners bring them.
    pub(crate) fn new() -> (Streams, mpsc::Sender<Arrival>) {
        let (sender, arrivals) = mpsc::channel(ARRIVALS);
        let streams = Streams {
            arrivals,
            open: HashMap::new(),
            proven: 0,
            listeners: Vec::new(),
        };
        (streams, sender)
    }

    /// Keeps a listener for as long as the connections are kept.
    pub(crate) fn listen(&mut self, listener: JoinHandle<()>) {
        self.listeners.push(listener);
    }

    /// The next thing that happens to a connection. Where nothing listens, that is never.
    pub(crate) async fn next(&mut self) -> Arrival {
        match self.arrivals.recv().await {
            Some(arrival) => arrival,
            None => std::future::pending().await,
        }
    }

    /// The next thing that happened already.
    pub(crate) fn try_next(&mut self) -> Option<Arrival> {
        self.arrivals.try_recv().ok()
    }

    pub(crate) fn opened(
        &mut self,
        stream: Stream,
        outgoing: mpsc::Sender<Arc<[u8]>>,
        proven: Option<(PeerIdentity, Arc<Secured>)>,
    ) {
        self.proven += usize::from(proven.is_some());
        let open = Open {
            outgoing: Some(outgoing),
            proven,
            reason: None,
        };
        self.open.insert(stream, open);
    }

    pub(crate) fn is_open(&self, stream: Stream) -> bool {
        self.open.get(&stream).is_some_and(|open| open.outgoing.is_some())
    }

    /// What the device at the other end proved, as long as it can be spoken to.
    pub(crate) fn secured(&self, stream: Stream) -> Option<&Arc<Secured>> {
        let open = self.open.get(&stream).filter(|open| open.outgoing.is_some())?;
        open.proven.as_ref().map(|(_, secured)| secured)
    }

    /// The connections of whoever proved to be this.
    pub(crate) fn of_identity(&self, identity: &PeerIdentity) -> Vec<Stream> {
        let is_it = |open: &Open| open.proven.as_ref().is_some_and(|(proven, _)| proven == identity);
        let of_it = self.open.iter().filter(|(_, open)| is_it(open));
        of_it.map(|(stream, _)| *stream).collect()
    }

    /// Whether somebody proved anything over a connection.
    pub(crate) const fn any_secured(&self) -> bool {
        self.proven > 0
    }

    /// A connection has ended. What was proven over it, and why it ended if there is more to say than that it did.
    pub(crate) fn gone(&mut self, stream: Stream) -> (Option<Arc<Secured>>, Option<&'static str>) {
        let Some(open) = self.open.remove(&stream) else {
            return (None, None);
        };
        self.proven -= usize::from(open.proven.is_some());
        (open.proven.map(|(_, secured)| secured), open.reason)
    }

    pub(crate) fn count(&self) -> usize {
        self.open.len()
    }

    pub(crate) fn all(&self) -> Vec<Stream> {
        self.open
            .iter()
            .filter(|(_, open)| open.outgoing.is_some())
            .map(|(stream, _)| *stream)
            .collect()
    }

    /// Writes a message behind those that wait.
    ///
    /// # Errors
    /// [`io::ErrorKind::NotConnected`]; or [`io::ErrorKind::WouldBlock`] if the peer takes too little of what is sent to
    /// it: the connection is closed then.
    pub(crate) fn send(&mut self, stream: Stream, message: Arc<[u8]>) -> io::Result<()> {
        let open = self.open.get(&stream).and_then(|open| open.outgoing.as_ref());
        let outgoing = open.ok_or(io::ErrorKind::NotConnected)?;
        if outgoing.try_send(message).is_err() {
            self.close(stream);
            return Err(io::ErrorKind::WouldBlock.into());
        }
        Ok(())
    }

    /// Has a connection closed after what waits to be written. It tells when it is.
    pub(crate) fn close(&mut self, stream: Stream) {
        if let Some(open) = self.open.get_mut(&stream) {
            open.outgoing = None;
        }
    }

    /// The same, for a reason that people are told.
    pub(crate) fn close_for(&mut self, stream: Stream, reason: &'static str) {
        if let Some(open) = self.open.get_mut(&stream) {
            (open.outgoing, open.reason) = (None, Some(reason));
        }
    }

    /// Closes all connections and waits a moment for what is to be written to them.
    pub(crate) async fn finish(mut self) {
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
