//! What a server costs that does nothing, how long it takes to start with and without a fleet, and how long the list of a
//! large fleet takes.

use super::fleet::{Fleet, Load};
use super::generator::Generator;
use super::meter::Pinning;
use super::rest::Rest;
use super::server::Server;
use anyhow::{Result, bail};
use std::path::Path;
use std::time::{Duration, Instant};

/// How many devices an idle server has.
const IDLE_DEVICES: u32 = 100;
/// How often what takes milliseconds is repeated; the middle one counts.
const REPEATED: usize = 9;

/// A server with a few devices that do nothing.
#[derive(Debug)]
pub(super) struct Idle {
    pub(super) devices: u32,
    /// From the start of the process with an empty data directory until it is ready.
    pub(super) start: Duration,
    /// Resident, in bytes.
    pub(super) resident: u64,
}

pub(super) fn idle(binary: &Path, pinning: Pinning) -> Result<Idle> {
    let mut starts = Vec::new();
    for _ in 1..REPEATED {
        starts.push(Server::start(binary, pinning)?.took);
    }
    let server = Server::start(binary, pinning)?;
    starts.push(server.took);
    let mut fleet = Fleet::new(IDLE_DEVICES, 1);
    let mut round = fleet.load(Load::Register, IDLE_DEVICES, false);
    Generator::new()?.exchange(server.coap, &mut round)?;
    server.process.wait_until_quiet()?;
    Ok(Idle {
        devices: IDLE_DEVICES,
        start: middle(starts),
        resident: server.process.resident()?,
    })
}

/// A server that was killed and is ready again with all its registrations.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Restart {
    pub(super) took: Duration,
    /// CPU seconds until then, which the machine's other work hardly changes.
    pub(super) cpu: f64,
}

pub(super) fn restart(server: &mut Server, devices: u32) -> Result<Restart> {
    server.kill_and_start()?;
    let cpu = server.process.cpu()?;
    let mut rest = Rest::connect(server.http, &server.token)?;
    let (_, list) = rest.call("GET", "/api/v1/devices?limit=1&query=state:online", "")?;
    if !list.contains(&format!("\"total\":{devices},")) && !list.contains(&format!("\"total\":{devices}}}")) {
        bail!("after the restart there are not {devices} devices online: {list}");
    }
    let took = server.took;
    Ok(Restart { took, cpu })
}

/// How long one page of the list takes.
#[derive(Debug)]
pub(super) struct Listing {
    pub(super) devices: u32,
    pub(super) what: &'static str,
    pub(super) took: Duration,
}

/// The first page by different orders and filters, as a page in the browser asks for it.
pub(super) fn lists(server: &Server, devices: u32) -> Result<Vec<Listing>> {
    const ASKED: [(&str, &str); 5] = [
        ("by name", "limit=50"),
        ("the last seen first", "limit=50&sort=-last_seen"),
        ("500 by state", "limit=500&sort=state"),
        ("a word in any text", "limit=50&query=999"),
        ("a word that is nowhere", "limit=50&query=nowhere&sort=model"),
    ];
    let mut rest = Rest::connect(server.http, &server.token)?;
    let mut listings = Vec::new();
    for (what, query) in ASKED {
        let mut times = Vec::new();
        for _ in 0..REPEATED {
            let begun = Instant::now();
            let (status, body) = rest.call("GET", &format!("/api/v1/devices?{query}"), "")?;
            times.push(begun.elapsed());
            if status != 200 {
                bail!("the list answers {status}: {body}");
            }
        }
        let took = middle(times);
        listings.push(Listing { devices, what, took });
    }
    Ok(listings)
}

fn middle(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}
