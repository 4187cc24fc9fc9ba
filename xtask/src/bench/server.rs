//! The server under measurement: built, started with a data directory of its own, and stopped.

use super::meter::{Measured, Pinning};
use super::rest::Rest;
use crate::{process, workspace};
use anyhow::{Context, Result, bail};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, UdpSocket};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Builds the server for release. The page is of no interest here.
pub(super) fn build() -> Result<PathBuf> {
    process::say("building the server for release");
    process::run(process::cargo().args(["build", "--locked", "--release", "--package", "muster"]))?;
    Ok(workspace::target().join("release").join("muster"))
}

/// Of the first account.
pub(super) const PASSWORD: &str = "not-used-outside-this-measurement";

/// A running server.
#[derive(Debug)]
pub(super) struct Server {
    pub(super) process: Measured,
    pub(super) coap: SocketAddr,
    pub(super) http: SocketAddr,
    pub(super) token: String,
    /// From the start of the process until it was ready.
    pub(super) took: Duration,
    binary: PathBuf,
    pinning: Pinning,
    /// A built page, in place of the one in the binary.
    page: Option<PathBuf>,
    // Last, so that it is removed when the process has ended.
    data: DataDir,
}

impl Server {
    pub(super) fn start(binary: &Path, pinning: Pinning) -> Result<Server> {
        Server::start_with(binary, pinning, None)
    }

    /// As [`Server::start`], with a page to look at.
    pub(super) fn start_with_page(binary: &Path, pinning: Pinning, page: &Path) -> Result<Server> {
        Server::start_with(binary, pinning, Some(page.into()))
    }

    fn start_with(binary: &Path, pinning: Pinning, page: Option<PathBuf>) -> Result<Server> {
        let data = DataDir::new()?;
        let (coap, http) = free_ports()?;
        let token = token(binary, &data.0)?;
        let begun = Instant::now();
        let process = spawn(binary, pinning, page.as_deref(), &data, coap, http)?;
        let mut server = Server {
            process,
            coap,
            http,
            token,
            took: Duration::ZERO,
            binary: binary.into(),
            pinning,
            page,
            data,
        };
        server.wait_until_ready(begun)?;
        Ok(server)
    }

    /// Kills the process without a word and starts another one on the same data.
    pub(super) fn kill_and_start(&mut self) -> Result<()> {
        self.process.kill();
        let begun = Instant::now();
        self.process = spawn(
            &self.binary,
            self.pinning,
            self.page.as_deref(),
            &self.data,
            self.coap,
            self.http,
        )?;
        self.wait_until_ready(begun)
    }

    fn wait_until_ready(&mut self, begun: Instant) -> Result<()> {
        const PATIENCE: Duration = Duration::from_secs(20);
        loop {
            let asked = Rest::connect(self.http, "").and_then(|mut rest| rest.call("GET", "/readyz", ""));
            if let Ok((200, _)) = asked {
                self.took = begun.elapsed();
                return Ok(());
            }
            if let Some(status) = self.process.child().try_wait()? {
                bail!("the server ended with {status}:\n{}", self.data.log());
            }
            if begun.elapsed() > PATIENCE {
                bail!("the server is not ready after {PATIENCE:?}:\n{}", self.data.log());
            }
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

fn spawn(
    binary: &Path,
    pinning: Pinning,
    page: Option<&Path>,
    data: &DataDir,
    coap: SocketAddr,
    http: SocketAddr,
) -> Result<Measured> {
    let log = std::fs::File::create(data.0.join("server.log"))?;
    let mut command = pinning.command(binary);
    command.arg("serve");
    if let Some(page) = page {
        command.arg("--ui-dir").arg(page);
    }
    let child = command
        .arg("--data-dir")
        .arg(&data.0)
        .env("MUSTER__LISTEN__COAP", coap.to_string())
        .env("MUSTER__LISTEN__COAPS", "off")
        .env("MUSTER__LISTEN__HTTP", http.to_string())
        .env("MUSTER__LISTEN__BOOTSTRAP_COAP", "off")
        .env("MUSTER__LISTEN__BOOTSTRAP_COAPS", "off")
        // One shard on one core, as the echo is one thread on one core.
        .env("MUSTER__LWM2M__SHARDS", "1")
        .env("MUSTER__LOG__LEVEL", "warn")
        .env("MUSTER_ADMIN_PASSWORD", PASSWORD)
        .stdin(Stdio::null())
        .stdout(log.try_clone()?)
        .stderr(log)
        .spawn()
        .with_context(|| format!("cannot start {}", binary.display()))?;
    Ok(Measured::new(child))
}

fn token(binary: &Path, data: &Path) -> Result<String> {
    let output = Command::new(binary)
        .args([
            "token",
            "create",
            "--name",
            "bench",
            "--role",
            "admin",
            "--data-dir",
        ])
        .arg(data)
        .stderr(Stdio::inherit())
        .output()
        .context("cannot make a token")?;
    if !output.status.success() {
        bail!("`muster token create` ended with {}", output.status);
    }
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// Ports that are free now; nobody else is expected to take them before the server does.
fn free_ports() -> Result<(SocketAddr, SocketAddr)> {
    let udp = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?;
    let tcp = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    Ok((udp.local_addr()?, tcp.local_addr()?))
}

/// A directory that is removed in the end.
#[derive(Debug)]
struct DataDir(PathBuf);

impl DataDir {
    fn new() -> Result<DataDir> {
        let mut suffix = [0; 8];
        getrandom::fill(&mut suffix).map_err(|error| anyhow::anyhow!("no random bytes: {error}"))?;
        let name = format!("muster-bench-{:016x}", u64::from_ne_bytes(suffix));
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir(&path).with_context(|| format!("cannot make {}", path.display()))?;
        Ok(DataDir(path))
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.0.join("server.log")).unwrap_or_default()
    }
}

impl Drop for DataDir {
    fn drop(&mut self) {
        // What stays behind is in the directory for temporary files.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
