//! What each check says of which facts.

use super::*;
use shared::api::{CredentialMode, Expectation, SecurityView};

const NOW: Timestamp = Timestamp(100 * 86_400_000);
const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

fn ago(milliseconds: i64) -> Timestamp {
    Timestamp(NOW.0 - milliseconds)
}

/// A device that is online and well.
fn well() -> Facts {
    Facts {
        now: NOW,
        state: Some(DeviceState::Online),
        last_seen: Some(ago(MINUTE)),
        next_due: Some(ago(-HOUR)),
        expectation: Some(Expectation {
            interval: 3600,
            learnt_from: 31,
            due: None,
        }),
        credential: Some(CredentialFacts {
            mode: CredentialMode::Psk,
            certificate_name: None,
            created: ago(3 * DAY),
            expires: None,
        }),
        session: Some(SecurityView {
            mode: "psk".into(),
            identity: "meter-7".into(),
            suite: "TLS_PSK_WITH_AES_128_CCM_8".into(),
            since: ago(2 * HOUR),
            connection_id: true,
            resumed: false,
        }),
        session_started: Some(ago(2 * HOUR)),
        registered_at: Some(ago(2 * HOUR)),
        updated_at: Some(ago(MINUTE)),
        lifetime: Some(86_400),
        lifetime_ends: Some(ago(-23 * HOUR)),
        last_answer: Some(LastAnswer {
            at: ago(MINUTE),
            round_trip_ms: 41,
        }),
        has_connectivity: true,
        has_device: true,
        bearer: Some(6),
        signal: Some(Measured {
            value: -90.0,
            at: ago(MINUTE),
            history: Vec::new(),
        }),
        battery: Some(Measured {
            value: 80.0,
            at: ago(MINUTE),
            history: Vec::new(),
        }),
        peers: vec![group("model X1", 14, 0)],
        ..Facts::default()
    }
}

fn group(what: &str, others: u32, silent: u32) -> PeerGroup {
    PeerGroup {
        what: what.into(),
        query: String::new(),
        others,
        silent,
    }
}

/// The verdict and finding of one check.
fn check(facts: &Facts, kind: CheckKind) -> (CheckVerdict, String) {
    let diagnosis = diagnose("a", facts);
    let found = diagnosis.checks.into_iter().find(|check| check.kind == kind);
    let found = found.expect("a check of this kind");
    (found.verdict, found.finding)
}

#[test]
fn nothing_is_wrong_with_a_device_that_is_well() {
    let diagnosis = diagnose("a", &well());
    assert_eq!(
        diagnosis.verdict,
        "Nothing is wrong, as far as the server can see."
    );
    for check in diagnosis.checks {
        assert_eq!(check.verdict, CheckVerdict::Pass, "{check:?}");
        assert!(
            check.finding.ends_with('.') && !check.looked_at.is_empty(),
            "{check:?}"
        );
    }
}

#[test]
fn an_expired_credential_is_the_first_reason() {
    let facts = Facts {
        state: Some(DeviceState::Offline),
        credential: Some(CredentialFacts {
            mode: CredentialMode::Psk,
            certificate_name: None,
            created: ago(30 * DAY),
            expires: Some(ago(DAY)),
        }),
        ..well()
    };
    assert_eq!(
        diagnose("a", &facts).verdict,
        "Its credential expired 1 d ago, so its handshakes are refused."
    );
    let soon = Facts {
        credential: Some(CredentialFacts {
            mode: CredentialMode::Psk,
            certificate_name: None,
            created: ago(30 * DAY),
            expires: Some(ago(-DAY)),
        }),
        ..well()
    };
    let (verdict, finding) = check(&soon, CheckKind::Credential);
    assert_eq!(verdict, CheckVerdict::Warning);
    assert!(finding.ends_with("It expires in 1 d."), "{finding}");
}

#[test]
fn a_device_without_credential_is_held_against_what_is_allowed() {
    for (insecure_allowed, state, verdict) in [
        (false, None, CheckVerdict::Fail),
        (true, None, CheckVerdict::Unknown),
        (true, Some(DeviceState::Online), CheckVerdict::Warning),
    ] {
        let facts = Facts {
            credential: None,
            insecure_allowed,
            state,
            ..well()
        };
        assert_eq!(check(&facts, CheckKind::Credential).0, verdict);
    }
}

#[test]
fn a_handshake_that_was_refused_after_the_last_that_succeeded_fails() {
    let refusal = |at| Refusal {
        at,
        what: "handshake".into(),
        code: None,
        reason: "no credential has the identity 'meter-8'".into(),
    };
    let facts = Facts {
        refused_handshake: Some(refusal(ago(MINUTE))),
        ..well()
    };
    assert_eq!(
        check(&facts, CheckKind::Handshake),
        (
            CheckVerdict::Fail,
            "The last handshake was refused 1 min ago: no credential has the identity 'meter-8'.".into()
        )
    );
    let overcome = Facts {
        refused_handshake: Some(refusal(ago(3 * HOUR))),
        ..well()
    };
    assert_eq!(check(&overcome, CheckKind::Handshake).0, CheckVerdict::Pass);
    let plain = Facts {
        session: None,
        unsecured: true,
        ..well()
    };
    assert_eq!(check(&plain, CheckKind::Handshake).0, CheckVerdict::Unknown);
}

#[test]
fn the_end_of_a_registration_is_told() {
    for (state, words) in [
        (DeviceState::Offline, "no Update came within its lifetime of 1 d"),
        (DeviceState::SignedOff, "It de-registered 1 min ago"),
        (DeviceState::NeverSeen, "It has never registered"),
    ] {
        let facts = Facts {
            state: Some(state),
            lifetime_ends: Some(ago(HOUR)),
            ..well()
        };
        let (verdict, finding) = check(&facts, CheckKind::Registration);
        assert_eq!(verdict, CheckVerdict::Fail);
        assert!(finding.contains(words), "{finding}");
    }
    let refused = Facts {
        refused: Some(Refusal {
            at: ago(1000),
            what: "Register".into(),
            code: Some("4.00".into()),
            reason: "the endpoint name is missing.".into(),
        }),
        ..well()
    };
    assert_eq!(
        check(&refused, CheckKind::Registration).1,
        "The last thing it sent was refused with 4.00 1 s ago (Register): the endpoint name is missing."
    );
}

#[test]
fn a_late_device_says_what_was_expected() {
    let facts = Facts {
        state: Some(DeviceState::Late),
        last_seen: Some(ago(3 * HOUR)),
        next_due: Some(ago(2 * HOUR)),
        last_answer: None,
        ..well()
    };
    assert_eq!(
        check(&facts, CheckKind::Reachability),
        (
            CheckVerdict::Fail,
            "Heard 3 h ago; expected every 1 h (learnt from 31 contacts). Its next Update is overdue since 2 h.".into()
        )
    );
    let silent = Facts {
        unanswered: Some(ago(MINUTE)),
        ..facts
    };
    assert!(
        check(&silent, CheckKind::Reachability)
            .1
            .contains("left a request unanswered 1 min ago")
    );
}

#[test]
fn a_nat_shows_only_without_a_connection_id() {
    let moved = Facts {
        address_changes: vec![ago(HOUR), ago(2 * HOUR)],
        ..well()
    };
    assert_eq!(check(&moved, CheckKind::Address).0, CheckVerdict::Pass);
    let lost = Facts {
        session: None,
        ..moved
    };
    let (verdict, finding) = check(&lost, CheckKind::Address);
    assert_eq!(verdict, CheckVerdict::Warning);
    assert!(
        finding.starts_with("Its address changed 2 times, last 1 h ago"),
        "{finding}"
    );
}

#[test]
fn a_signal_is_judged_by_its_bearer() {
    for (bearer, value, verdict) in [
        (Some(6), -90.0, CheckVerdict::Pass),
        (Some(6), -112.0, CheckVerdict::Warning),
        (Some(6), -121.0, CheckVerdict::Fail),
        (Some(7), -112.0, CheckVerdict::Pass),
        (Some(21), -90.0, CheckVerdict::Fail),
        (None, -110.0, CheckVerdict::Warning),
    ] {
        let facts = Facts {
            bearer,
            signal: Some(Measured {
                value,
                at: NOW,
                history: Vec::new(),
            }),
            ..well()
        };
        assert_eq!(check(&facts, CheckKind::Radio).0, verdict, "{bearer:?} {value}");
    }
    let none = Facts {
        has_connectivity: false,
        ..well()
    };
    assert_eq!(check(&none, CheckKind::Radio).0, CheckVerdict::Unknown);
}

#[test]
fn a_battery_that_falls_says_when_it_is_empty() {
    let history = (0..=10)
        .map(|step| (ago((10 - step) * 12 * HOUR), 36.0 - step as f64))
        .collect();
    let facts = Facts {
        battery: Some(Measured {
            value: 26.0,
            at: NOW,
            history,
        }),
        ..well()
    };
    let (_, finding) = check(&facts, CheckKind::Battery);
    assert!(
        finding.contains("at the rate of late it is empty in 13 d"),
        "{finding}"
    );
    for (level, status, codes, verdict) in [
        (50.0, None, vec![], CheckVerdict::Pass),
        (15.0, None, vec![], CheckVerdict::Warning),
        (15.0, Some(1), vec![], CheckVerdict::Pass),
        (3.0, Some(0), vec![], CheckVerdict::Fail),
        (80.0, Some(3), vec![], CheckVerdict::Fail),
        (80.0, Some(0), vec![7], CheckVerdict::Warning),
    ] {
        let facts = Facts {
            battery: Some(Measured {
                value: level,
                at: NOW,
                history: Vec::new(),
            }),
            battery_status: status,
            error_codes: codes,
            ..well()
        };
        assert_eq!(check(&facts, CheckKind::Battery).0, verdict, "{level} {status:?}");
    }
}

#[test]
fn many_that_are_silent_point_to_what_they_share() {
    let facts = Facts {
        state: Some(DeviceState::Late),
        peers: vec![group("model X1", 40, 2), group("cell 41723", 14, 11)],
        ..well()
    };
    let (verdict, finding) = check(&facts, CheckKind::Peers);
    assert_eq!(verdict, CheckVerdict::Fail);
    assert_eq!(
        finding,
        "11 of 14 others with the same cell 41723 are silent too; those with the same model X1 are fine."
    );
    assert!(diagnose("a", &facts).verdict.starts_with("It is not alone"));
    let few = Facts {
        peers: vec![group("model X1", 2, 2)],
        ..well()
    };
    assert_eq!(check(&few, CheckKind::Peers).0, CheckVerdict::Unknown);
    let others = Facts {
        peers: vec![group("cell 41723", 14, 11)],
        ..well()
    };
    assert_eq!(check(&others, CheckKind::Peers).0, CheckVerdict::Warning);
}
