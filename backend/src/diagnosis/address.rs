//! Whether its address changes under it, as behind a NAT that forgets.

use super::{Facts, More, found};
use shared::api::{Check, CheckKind, CheckVerdict};

const LOOKED_AT: &str = "the changes of its address in the last 24 hours, and its connection id";

pub(super) fn check(facts: &Facts) -> Check {
    let newest = facts.address_changes.first().copied();
    let keeps = facts
        .session
        .as_ref()
        .is_some_and(|session| session.connection_id);
    let (verdict, finding) = match (facts.address_changes.len(), newest, keeps) {
        (0, ..) | (_, None, _) => (CheckVerdict::Pass, "Its address did not change.".to_owned()),
        (count, Some(at), true) => (
            CheckVerdict::Pass,
            format!(
                "Its address changed {}, last {}; its connection id kept the session.",
                times(count),
                facts.ago(at)
            ),
        ),
        (count, Some(at), false) => (
            CheckVerdict::Warning,
            format!(
                "Its address changed {}, last {}, as behind a NAT, and it has no connection id: what is sent to it between \
                 a change and its next message is lost. A connection id or more frequent Updates would help.",
                times(count),
                facts.ago(at)
            ),
        ),
    };
    found(CheckKind::Address, verdict, finding, LOOKED_AT).at(newest)
}

fn times(count: usize) -> String {
    if count == 1 {
        "once".into()
    } else {
        format!("{count} times")
    }
}
