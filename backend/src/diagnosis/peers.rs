//! Whether others that share something with it are silent too: then the reason is likely in what they share.

use super::{Facts, More, PeerGroup, found, is_silent};
use shared::api::{Check, CheckKind, CheckVerdict, Remedy};

const LOOKED_AT: &str = "the state of all devices of its model, firmware, cell and address range";
/// From how many others on a group says something.
const TELLING: u32 = 3;

pub(super) fn check(facts: &Facts) -> Check {
    let say = |verdict, finding: String| found(CheckKind::Peers, verdict, finding, LOOKED_AT);
    let telling: Vec<&PeerGroup> = facts
        .peers
        .iter()
        .filter(|group| group.others >= TELLING)
        .collect();
    let Some(worst) = telling.iter().max_by_key(|group| share(group)) else {
        return say(
            CheckVerdict::Unknown,
            "Too few other devices share its model, firmware, cell or address range to tell.".into(),
        );
    };
    let this_is_silent = facts.state.is_some_and(is_silent);
    let fine: Vec<&str> = telling
        .iter()
        .filter(|group| share(group) < 200)
        .map(|group| group.what.as_str())
        .collect();
    let (verdict, finding) = match share(worst) {
        0..200 => (
            CheckVerdict::Pass,
            format!(
                "Others are heard: {} of {} with the same {}.",
                worst.others - worst.silent,
                worst.others,
                worst.what
            ),
        ),
        500.. if this_is_silent => (
            CheckVerdict::Fail,
            format!(
                "{} of {} others with the same {} are silent too{}.",
                worst.silent,
                worst.others,
                worst.what,
                if fine.is_empty() {
                    String::new()
                } else {
                    format!("; those with the same {} are fine", fine.join(" or "))
                }
            ),
        ),
        _ => (
            CheckVerdict::Warning,
            format!(
                "{} of {} others with the same {} are silent.",
                worst.silent, worst.others, worst.what
            ),
        ),
    };
    say(verdict, finding).remedy(Remedy::Devices {
        query: worst.query.clone(),
    })
}

/// How many of a thousand are silent.
fn share(group: &PeerGroup) -> u32 {
    (u64::from(group.silent) * 1000 / u64::from(group.others.max(1))) as u32
}
