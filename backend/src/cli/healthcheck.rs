//! `muster healthcheck`: for containers and service managers, without any other program.

use super::Common;
use anyhow::{Context, bail};
use clap::Args;
use std::io::{Read, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream};
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(5);

#[derive(Debug, Args)]
pub(super) struct Healthcheck {
    #[command(flatten)]
    common: Common,
    /// The address to ask; the configured one if absent.
    #[arg(long, value_name = "ADDRESS")]
    listen_http: Option<SocketAddr>,
}

impl Healthcheck {
    pub(super) fn run(&self) -> anyhow::Result<()> {
        let configured = match self.listen_http {
            Some(address) => Some(address),
            None => self.common.load(Vec::new())?.listen.http.address(),
        };
        let mut address = configured.context("the HTTP listener is off")?;
        if address.ip().is_unspecified() {
            address.set_ip(match address.ip() {
                IpAddr::V4(_) => IpAddr::V4(Ipv4Addr::LOCALHOST),
                IpAddr::V6(_) => IpAddr::V6(Ipv6Addr::LOCALHOST),
            });
        }
        let status = ask(address).with_context(|| format!("{address} does not answer"))?;
        if !status.contains(" 200 ") {
            bail!("the server is not ready: {status}");
        }
        Ok(())
    }
}

/// The status line of `/readyz`.
fn ask(address: SocketAddr) -> std::io::Result<String> {
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    stream.write_all(
        format!("GET /readyz HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n").as_bytes(),
    )?;
    let mut answer = Vec::new();
    stream.take(4096).read_to_end(&mut answer)?;
    let text = String::from_utf8_lossy(&answer);
    Ok(text.lines().next().unwrap_or_default().to_owned())
}
