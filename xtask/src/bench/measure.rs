//! One measurement: a fresh server and so many devices; a fresh echo beside it.

use super::datagrams;
use super::fleet::{Fleet, Load, Round};
use super::generator::Generator;
use super::lifecycle::{self, Listing, Restart};
use super::meter::{Measured, Pinning};
use super::rest::Rest;
use super::server::Server;
use anyhow::{Context, Result, anyhow};
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::Stdio;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Exchanges of each kind.
const EXCHANGES: u32 = 100_000;
/// With one device there are only 65,536 message IDs in 247 s (RFC 7252 §4.4): this many of each kind.
const EXCHANGES_OF_ONE: u32 = 20_000;
/// At most so many of the devices are observed and notify, spread evenly. All of them are registered.
const NOTIFYING: u32 = 10_000;
/// So many connections ask the server to observe.
const CONNECTIONS: usize = 8;

/// What one kind of exchange cost.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) devices: u32,
    pub(super) load: Load,
    pub(super) exchanges: u32,
    /// CPU seconds for 100,000 exchanges.
    pub(super) server: f64,
    pub(super) echo: f64,
    /// Exchanges a second, which depends on everything else the machine does.
    pub(super) rate: f64,
    pub(super) repeated: u64,
    /// The server's CPU seconds for 100,000 exchanges by kind of thread.
    pub(super) threads: BTreeMap<String, f64>,
}

/// Resident memory in bytes.
#[derive(Debug)]
pub(super) struct Memory {
    pub(super) devices: u32,
    pub(super) before: u64,
    pub(super) registered: u64,
    pub(super) notified: u64,
    pub(super) restart: Restart,
}

impl Memory {
    /// What one registered device adds, in bytes.
    pub(super) fn each(&self) -> u64 {
        self.registered.saturating_sub(self.before) / u64::from(self.devices.max(1))
    }
}

#[derive(Debug)]
pub(super) struct Outcome {
    pub(super) rows: Vec<Row>,
    pub(super) memory: Memory,
    pub(super) lists: Vec<Listing>,
}

pub(super) fn measure(binary: &Path, devices: u32, pinning: &Pinning) -> Result<Outcome> {
    let mut server = Server::start(binary, *pinning)?;
    let (echo, echo_at) = start_echo(*pinning)?;
    let mut generator = Generator::new()?;
    let mut fleet = Fleet::new(devices, NOTIFYING);
    server.process.wait_until_quiet()?;
    let mut memory = Memory {
        devices,
        before: server.process.resident()?,
        registered: 0,
        notified: 0,
        restart: Restart::default(),
    };
    let mut rows = Vec::new();
    for load in Load::ALL {
        if load == Load::Notification {
            observe(&server, &mut generator, &mut fleet)?;
            server.process.wait_until_quiet()?;
        }
        let exchanges = exchanges(load, devices);
        let mut round = fleet.load(load, exchanges, false);
        let cost = measured(
            &server.process,
            server.coap,
            &mut generator,
            &mut round,
            exchanges,
        )?;
        let mut copies = Fleet::new(devices, NOTIFYING);
        let mut round = copies.load(load, exchanges, true);
        let least = measured(&echo, echo_at, &mut generator, &mut round, exchanges)?;
        match load {
            Load::Register => memory.registered = server.process.resident()?,
            Load::Update => {}
            Load::Notification => memory.notified = server.process.resident()?,
        }
        rows.push(Row {
            devices,
            load,
            exchanges,
            server: cost.cpu,
            echo: least.cpu,
            rate: cost.rate,
            repeated: cost.repeated,
            threads: cost.threads,
        });
    }
    let lists = lifecycle::lists(&server, devices)?;
    memory.restart = lifecycle::restart(&mut server, devices)?;
    Ok(Outcome { rows, memory, lists })
}

fn exchanges(load: Load, devices: u32) -> u32 {
    match (load, devices) {
        (_, 1) => EXCHANGES_OF_ONE,
        (Load::Register, devices) => EXCHANGES.max(devices),
        _ => EXCHANGES,
    }
}

#[derive(Debug)]
struct Cost {
    cpu: f64,
    rate: f64,
    repeated: u64,
    threads: BTreeMap<String, f64>,
}

fn measured(
    process: &Measured,
    at: SocketAddr,
    generator: &mut Generator,
    round: &mut Round<'_>,
    exchanges: u32,
) -> Result<Cost> {
    let before = process.cpu()?;
    let before_by_thread = process.cpu_by_thread()?;
    let exchanged = generator.exchange(at, round)?;
    process.wait_until_quiet()?;
    let per_100_000 = |seconds: f64| seconds * 1e5 / f64::from(exchanges);
    let mut threads = process.cpu_by_thread()?;
    for (name, seconds) in &mut threads {
        *seconds = per_100_000(*seconds - before_by_thread.get(name).unwrap_or(&0.0));
    }
    Ok(Cost {
        cpu: per_100_000(process.cpu()? - before),
        threads,
        rate: f64::from(exchanges) / exchanged.elapsed.as_secs_f64(),
        repeated: exchanged.repeated,
    })
}

/// The echo is this program, started again.
fn start_echo(pinning: Pinning) -> Result<(Measured, SocketAddr)> {
    let program = std::env::current_exe().context("this program does not know where it is")?;
    let child = pinning
        .command(&program)
        .args(["bench", "echo"])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .context("cannot start the echo")?;
    let mut echo = Measured::new(child);
    let stdout = echo.child().stdout.take().context("the echo says nothing")?;
    let mut line = String::new();
    BufReader::new(stdout).read_line(&mut line)?;
    let address = line.trim().parse().context("the echo does not say its address")?;
    Ok((echo, address))
}

/// Has the server observe the notifying devices by its REST interface, while the devices answer.
fn observe(server: &Server, generator: &mut Generator, fleet: &mut Fleet) -> Result<()> {
    let notifying = fleet.notifying();
    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        let connections: Vec<_> = (0..CONNECTIONS)
            .map(|_| {
                scope.spawn(|| -> Result<()> {
                    let mut rest = Rest::connect(server.http, &server.token)?;
                    while let Some(device) = notifying.get(next.fetch_add(1, Ordering::Relaxed)) {
                        rest.observe(&datagrams::endpoint(*device), datagrams::WATCHED)?;
                    }
                    Ok(())
                })
            })
            .collect();
        let mut round = fleet.load(Load::Update, 0, false);
        generator.answer_until(server.coap, &mut round, || {
            connections.iter().all(|connection| connection.is_finished())
        })?;
        for connection in connections {
            connection
                .join()
                .map_err(|_| anyhow!("a connection panicked"))??;
        }
        Ok::<_, anyhow::Error>(())
    })?;
    match fleet.unobserved() {
        0 => Ok(()),
        missing => Err(anyhow!("{missing} devices are not observed")),
    }
}
