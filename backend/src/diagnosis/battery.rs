//! Whether it has power, and for how long. Object 3, Device.

use super::{Facts, More, found};
use shared::Path;
use shared::api::{Check, CheckKind, CheckVerdict, Remedy};
use shared::span::span;

const LOOKED_AT: &str = "battery level /3/0/9 and its past, battery status /3/0/20, error codes /3/0/11";
const DEVICE: Path = Path::instance(3, 0);
const LOW: f64 = 20.0;
const EMPTY: f64 = 5.0;

pub(super) fn check(facts: &Facts) -> Check {
    let say = |verdict, finding: String| found(CheckKind::Battery, verdict, finding, LOOKED_AT);
    let read = Remedy::Read { path: DEVICE };
    if !facts.has_device {
        return say(
            CheckVerdict::Unknown,
            "It does not tell: it has no object 3.".into(),
        );
    }
    let mut worst = CheckVerdict::Pass;
    let mut parts = Vec::new();
    if let Some(battery) = &facts.battery {
        let charging = matches!(facts.battery_status, Some(1 | 2));
        let rate = battery.per_day().filter(|rate| *rate < -0.5 && !charging);
        let mut part = format!("{} %, {}", battery.value, facts.ago(battery.at));
        if let Some(rate) = rate {
            let left = battery.value / -rate * 86_400_000.0;
            part = format!("{part}; at the rate of late it is empty in {}", span(left as i64));
            if left < 7.0 * 86_400_000.0 {
                worst = worst.max(CheckVerdict::Warning);
            }
        }
        parts.push(part);
        if !charging {
            worst = worst.max(match battery.value {
                level if level <= EMPTY => CheckVerdict::Fail,
                level if level <= LOW => CheckVerdict::Warning,
                _ => CheckVerdict::Pass,
            });
        }
    }
    if let Some((verdict, word)) = facts.battery_status.and_then(status) {
        worst = worst.max(verdict);
        parts.push(word.into());
    }
    for code in &facts.error_codes {
        if let Some(word) = error(*code) {
            worst = worst.max(CheckVerdict::Warning);
            parts.push(format!("it reports: {word}"));
        }
    }
    let Some(mut finding) = (!parts.is_empty()).then(|| parts.join("; ")) else {
        return say(
            CheckVerdict::Unknown,
            "Its battery and its error codes were not read yet, or it has none.".into(),
        )
        .remedy(read);
    };
    if let Some(first) = finding.get(..1) {
        finding = first.to_uppercase() + finding.get(1..).unwrap_or_default();
    }
    say(worst, finding + ".")
        .at(facts.battery.as_ref().map(|battery| battery.at))
        .remedy(read)
}

/// Battery Status. OMA object 3, resource 20.
const fn status(status: i64) -> Option<(CheckVerdict, &'static str)> {
    Some(match status {
        0 => (CheckVerdict::Pass, "runs on its battery, which is fine"),
        1 => (CheckVerdict::Pass, "charging"),
        2 => (CheckVerdict::Pass, "charged and on external power"),
        3 => (CheckVerdict::Fail, "its battery is damaged"),
        4 => (CheckVerdict::Warning, "its battery is low"),
        5 => (CheckVerdict::Pass, "no battery is installed"),
        _ => return None,
    })
}

/// Error Code. OMA object 3, resource 11; 0 is none.
const fn error(code: i64) -> Option<&'static str> {
    Some(match code {
        1 => "low battery",
        2 => "external power is off",
        3 => "its GPS module failed",
        4 => "low radio signal",
        5 => "out of memory",
        6 => "SMS failed",
        7 => "IP connectivity failed",
        8 => "a peripheral does not work",
        _ => return None,
    })
}
