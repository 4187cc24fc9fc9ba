//! What may be spent at most: the aims with room for a busy machine, so that what fails here has become worse, not slower.

use super::fleet::Load;
use super::report::Result;
use anyhow::bail;

/// Times the CPU of the echo.
const REGISTER: f64 = 4.0;
const UPDATE: f64 = 3.5;
const NOTIFICATION: f64 = 4.0;
/// Resident bytes of a registered device, where there are many.
const DEVICE: u64 = 1_300;
/// Seconds until an empty server is ready, and CPU seconds until one with all its devices is after a kill.
const START: f64 = 1.0;
const RESTART: f64 = 1.5;
/// Resident bytes of a server with a few devices that do nothing.
const IDLE: u64 = 40_000_000;
/// Seconds for a page of the list.
const LIST: f64 = 0.3;

/// Fails with all that is over its budget.
pub(super) fn check(result: &Result) -> anyhow::Result<()> {
    let mut over = Vec::new();
    let mut hold = |what: String, is: f64, most: f64| {
        if is > most {
            over.push(format!("{what}: {is:.2}, at most {most:.2}"));
        }
    };
    for row in &result.rows {
        let most = match row.load {
            Load::Register => REGISTER,
            Load::Update => UPDATE,
            Load::Notification => NOTIFICATION,
        };
        let what = format!("{} of {} devices, times the echo", row.load.name(), row.devices);
        hold(what, row.server / row.echo, most);
    }
    for memory in &result.memory {
        if memory.devices >= 50_000 {
            hold("bytes a device".into(), memory.each() as f64, DEVICE as f64);
        }
        hold(
            format!("CPU seconds to restart with {} devices", memory.devices),
            memory.restart.cpu,
            RESTART,
        );
    }
    for list in &result.lists {
        hold(
            format!("seconds for the list {}", list.what),
            list.took.as_secs_f64(),
            LIST,
        );
    }
    hold("seconds to start".into(), result.idle.start.as_secs_f64(), START);
    hold(
        "bytes of an idle server".into(),
        result.idle.resident as f64,
        IDLE as f64,
    );
    if !over.is_empty() {
        bail!("over budget:\n  {}", over.join("\n  "));
    }
    Ok(())
}
