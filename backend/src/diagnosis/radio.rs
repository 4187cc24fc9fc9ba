//! How well its radio hears. Object 4, Connectivity Monitoring.

use super::{Facts, Measured, More, found};
use shared::Path;
use shared::api::{Check, CheckKind, CheckVerdict, Remedy};

const LOOKED_AT: &str = "network bearer /4/0/0, radio signal strength /4/0/2 and its past, cell /4/0/8";
const CONNECTIVITY: Path = Path::instance(4, 0);

pub(super) fn check(facts: &Facts) -> Check {
    let say = |verdict, finding: String| found(CheckKind::Radio, verdict, finding, LOOKED_AT);
    if !facts.has_connectivity {
        return say(
            CheckVerdict::Unknown,
            "It does not tell: it has no object 4.".into(),
        );
    }
    let Some(signal) = &facts.signal else {
        return say(
            CheckVerdict::Unknown,
            "Its signal strength was not read yet.".into(),
        )
        .remedy(Remedy::Read { path: CONNECTIVITY });
    };
    let (bearer, weak, bad) = bearer(facts.bearer);
    let cell = facts
        .cell
        .map(|cell| format!(", cell {cell}"))
        .unwrap_or_default();
    let (verdict, word) = match signal.value {
        value if value <= bad => (CheckVerdict::Fail, "hardly any signal"),
        value if value <= weak => (CheckVerdict::Warning, "a weak signal"),
        _ => (CheckVerdict::Pass, "a good signal"),
    };
    let finding = format!(
        "{} dBm over {bearer}{cell}, {}: {word}{}.",
        signal.value,
        facts.ago(signal.at),
        trend(signal)
    );
    say(verdict, finding)
        .at(Some(signal.at))
        .remedy(Remedy::Read { path: CONNECTIVITY })
}

/// The word for a network bearer, and the strengths in dBm from which down the signal is weak, and bad. OMA object 4,
/// resource 0; the limits are those that network planners use for RSSI (GSM, WLAN) and RSRP (LTE, NB-IoT).
const fn bearer(bearer: Option<i64>) -> (&'static str, f64, f64) {
    match bearer {
        Some(0) => ("GSM", -95.0, -107.0),
        Some(3) => ("WCDMA", -95.0, -110.0),
        Some(6) => ("LTE", -110.0, -120.0),
        Some(7) => ("NB-IoT", -115.0, -130.0),
        Some(21) => ("WLAN", -75.0, -85.0),
        Some(22) => ("Bluetooth", -85.0, -95.0),
        Some(23) => ("IEEE 802.15.4", -85.0, -97.0),
        Some(41) => ("Ethernet", -1000.0, -1000.0),
        Some(_) => ("another bearer", -105.0, -118.0),
        None => ("a bearer that it did not tell", -105.0, -118.0),
    }
}

fn trend(signal: &Measured) -> &'static str {
    match signal.per_day() {
        Some(change) if change <= -3.0 => ", and falling",
        Some(change) if change >= 3.0 => ", and rising",
        _ => "",
    }
}
