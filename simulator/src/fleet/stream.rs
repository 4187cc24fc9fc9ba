//! One device on one connection at a time, over TCP or TLS.

use super::drive::{End, Farewell, WayBack, told, wait_until};
use crate::client::{Client, Connection};
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::ClientConfig;
use tokio_rustls::rustls::pki_types::ServerName;

/// How much is read at once.
const BUFFER: usize = 4_096;
/// How long a connection, or a message on its way into it, may take.
pub(super) const PATIENCE: Duration = Duration::from_secs(10);

/// Makes connections to the server.
#[derive(Clone)]
pub(super) struct Connector {
    address: SocketAddr,
    tls: Option<(TlsConnector, ServerName<'static>)>,
}

pub(super) trait Bytes: AsyncRead + AsyncWrite + Send + Unpin {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin> Bytes for S {}

impl Connector {
    pub(super) fn tcp(address: SocketAddr) -> Connector {
        Connector { address, tls: None }
    }

    pub(super) fn tls(
        address: SocketAddr,
        config: Arc<ClientConfig>,
        name: ServerName<'static>,
    ) -> Connector {
        Connector {
            address,
            tls: Some((TlsConnector::from(config), name)),
        }
    }

    pub(super) async fn connect(&self) -> io::Result<Box<dyn Bytes>> {
        let stream = TcpStream::connect(self.address).await?;
        stream.set_nodelay(true)?;
        Ok(match &self.tls {
            None => Box::new(stream),
            Some((connector, name)) => Box::new(connector.connect(name.clone(), stream).await?),
        })
    }
}

/// Drives the client, with as many connections one after the other as it takes, until it is told to stop, or until it
/// takes its way back.
pub(super) async fn drive(
    mut client: Client,
    connector: Connector,
    mut stopping: watch::Receiver<bool>,
    way_back: Option<WayBack<'_>>,
) -> End {
    let mut farewell = Farewell::default();
    let taken = |client: &Client| way_back.as_ref().and_then(|way_back| way_back.taken(client));
    loop {
        farewell.proceed(&mut client);
        if farewell.is_over(&client) {
            return End::Stopped;
        }
        if let Some(end) = taken(&client) {
            return end;
        }
        let now = Instant::now();
        let at = match client.connection(now) {
            Connection::ConnectAt(at) => at,
            Connection::Stay(_) | Connection::Close => {
                client.disconnected(now);
                continue;
            }
        };
        if at.is_some_and(|at| at <= now) {
            match tokio::time::timeout(PATIENCE, connector.connect()).await {
                Ok(Ok(stream)) => {
                    client.connected(Instant::now());
                    if let Err(error) = serve(&mut client, stream, &mut farewell, &mut stopping, &taken).await
                    {
                        tracing::info!(endpoint = %client.options().endpoint, %error, "the connection broke");
                    }
                    client.disconnected(Instant::now());
                }
                failed => {
                    let error = failed.map_or_else(io::Error::from, |it| {
                        it.err().unwrap_or_else(|| io::ErrorKind::Other.into())
                    });
                    let wait = client.not_connected(Instant::now());
                    tracing::info!(endpoint = %client.options().endpoint, %error, ?wait, "no connection");
                }
            }
            continue;
        }
        let due = at
            .into_iter()
            .chain(client.poll_timeout())
            .chain(farewell.deadline())
            .min();
        tokio::select! {
            () = wait_until(due) => client.handle_timeout(Instant::now()),
            () = told(&mut stopping), if !farewell.has_begun() => farewell.begin(),
        }
    }
}

/// Serves one connection until one side ends it.
async fn serve(
    client: &mut Client,
    stream: Box<dyn Bytes>,
    farewell: &mut Farewell,
    stopping: &mut watch::Receiver<bool>,
    taken: &(impl Fn(&Client) -> Option<End> + Sync),
) -> io::Result<()> {
    let (mut reader, mut writer) = tokio::io::split(stream);
    let mut buffer = vec![0; BUFFER];
    loop {
        farewell.proceed(client);
        while let Some(transmit) = client.poll_transmit(Instant::now()) {
            tokio::time::timeout(PATIENCE, writer.write_all(&transmit.datagram)).await??;
        }
        tokio::time::timeout(PATIENCE, writer.flush()).await??;
        let until = match client.connection(Instant::now()) {
            Connection::Stay(until) if !farewell.is_over(client) && taken(client).is_none() => until,
            _ => return tokio::time::timeout(PATIENCE, writer.shutdown()).await?,
        };
        let due = until
            .into_iter()
            .chain(client.poll_timeout())
            .chain(farewell.deadline())
            .min();
        tokio::select! {
            received = reader.read(&mut buffer) => match received? {
                0 => return Ok(()),
                length => client.handle_stream(Instant::now(), &buffer[..length]),
            },
            () = wait_until(due) => client.handle_timeout(Instant::now()),
            () = told(stopping), if !farewell.has_begun() => farewell.begin(),
        }
    }
}
