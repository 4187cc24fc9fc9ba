//! Gathers what the diagnosis of an endpoint goes by.

use super::{Core, EventQuery};
use crate::diagnosis::{
    CredentialFacts, Facts, LastAnswer, Measured, PeerGroup, Refusal, diagnose, is_silent,
};
use crate::registry::{self, Device, DeviceNumber, Rows};
use crate::store::StoreError;
use shared::api::{CredentialMode, Diagnosis, Expectation, OperationState, OperationView, Transport};
use shared::event::{Event, EventKind};
use shared::{Path, Value};
use std::net::IpAddr;

/// The kinds of events that say why a device is not heard.
const KINDS: [&str; 4] = ["refused", "session_started", "session_ended", "address_changed"];
/// How far back changes of the address count, in milliseconds.
const DAY: i64 = 86_400_000;

impl Core {
    /// Why a device is in the state it is in. `None` for an endpoint that is no device, has no credential, and of which
    /// nothing was refused.
    ///
    /// # Errors
    /// [`StoreError`] if the journal cannot be read.
    pub async fn diagnosis(&self, endpoint: &str) -> Result<Option<Diagnosis>, StoreError> {
        let now = registry::now();
        let mut facts = Facts {
            now,
            insecure_allowed: self.inner.config.dtls.allow_unsecured,
            credential: self.credential_facts(endpoint),
            ..Facts::default()
        };
        if self.device_facts(endpoint, &mut facts).is_some() {
            let query = EventQuery {
                endpoint: Some(endpoint.to_owned()),
                kinds: KINDS.map(str::to_owned).to_vec(),
                limit: 200,
                ..EventQuery::default()
            };
            note_events(&mut facts, &self.events(query).await?);
            let operations = self.operations(endpoint).await?.unwrap_or_default();
            note_operations(&mut facts, &operations);
        }
        if facts.last_seen.is_none() {
            let query = EventQuery {
                kinds: vec!["refused".to_owned()],
                limit: 500,
                ..EventQuery::default()
            };
            note_strangers(&mut facts, endpoint, &self.events(query).await?);
        }
        let known = facts.state.is_some()
            || facts.credential.is_some()
            || facts.refused.is_some()
            || facts.refused_handshake.is_some();
        Ok(known.then(|| diagnose(endpoint, &facts)))
    }

    fn credential_facts(&self, endpoint: &str) -> Option<CredentialFacts> {
        let credential = self.inner.credentials.get(endpoint)?;
        let named = |mode: &&CredentialMode| mode.name() == credential.proof.mode();
        Some(CredentialFacts {
            mode: *CredentialMode::ALL.iter().find(named)?,
            certificate_name: credential.proof.certificate_name().map(ToString::to_string),
            created: credential.created,
            expires: credential.expires,
        })
    }

    /// What the registry knows.
    fn device_facts(&self, endpoint: &str, facts: &mut Facts) -> Option<()> {
        let rows = self.inner.registry.rows();
        let (number, device) = rows.find(endpoint)?;
        note_contact(facts, device);
        note_values(facts, &rows, number, device);
        facts.peers = peers(&rows, number, device);
        Some(())
    }
}

fn note_contact(facts: &mut Facts, device: &Device) {
    facts.state = Some(device.state);
    facts.queue_mode = device.queue_mode();
    facts.last_seen = device.last_seen;
    facts.next_due = device.next_due();
    facts.next_contact = device.next_contact(facts.now);
    facts.unanswered = device.unanswered;
    facts.expectation = device.rhythm.learnt().map(|(interval, learnt_from)| Expectation {
        interval: u64::try_from(interval / 1000).unwrap_or_default(),
        learnt_from,
        due: device.next_due(),
    });
    let Some(registration) = &device.registration else {
        return;
    };
    if let Some(peer) = device.peer {
        let view = registration.view(peer, device.updated_at);
        facts.lints = view.lint.len();
        facts.session = view.session;
        facts.over_stream = matches!(view.transport, Transport::Tcp | Transport::Tls);
        facts.has_device = view.objects.iter().any(|path| path.object_id() == Some(3));
        facts.has_connectivity = view.objects.iter().any(|path| path.object_id() == Some(4));
    }
    facts.unsecured = registration.security() == "none";
    facts.registered_at = Some(registration.registered_at);
    facts.updated_at = Some(device.updated_at);
    facts.lifetime = Some(registration.lifetime);
    facts.lifetime_ends = device.finite_lifetime();
}

fn note_values(facts: &mut Facts, rows: &Rows, number: DeviceNumber, device: &Device) {
    let integer = |path| match device.values.get(path) {
        Some(Value::Integer(number)) => Some(*number),
        Some(Value::Unsigned(number)) => i64::try_from(*number).ok(),
        _ => None,
    };
    let measured = |path: Path| {
        let known = device.values.below(path).first()?;
        Some(Measured {
            value: known.value.as_number()?,
            at: known.at,
            history: rows.samples.of(number, path),
        })
    };
    facts.bearer = integer(Path::resource(4, 0, 0));
    facts.cell = integer(CELL);
    facts.signal = measured(Path::resource(4, 0, 2));
    facts.battery = measured(Path::resource(3, 0, 9));
    facts.battery_status = integer(Path::resource(3, 0, 20));
    facts.error_codes = device
        .values
        .below(Path::resource(3, 0, 11))
        .iter()
        .filter_map(|known| match known.value {
            Value::Integer(code) if code != 0 => Some(code),
            _ => None,
        })
        .collect();
}

const CELL: Path = Path::resource(4, 0, 8);

/// `events` are newest first.
fn note_events(facts: &mut Facts, events: &[Event]) {
    for event in events {
        let at = event.at;
        match &event.kind {
            EventKind::Refused { what, code, reason } => {
                let slot = if what == "handshake" {
                    &mut facts.refused_handshake
                } else {
                    &mut facts.refused
                };
                slot.get_or_insert_with(|| Refusal {
                    at,
                    what: what.clone(),
                    code: code.clone(),
                    reason: reason.clone(),
                });
            }
            EventKind::SessionStarted { .. } => {
                facts.session_started.get_or_insert(at);
            }
            EventKind::SessionEnded { reason } => {
                facts.session_ended.get_or_insert_with(|| (at, reason.clone()));
            }
            EventKind::AddressChanged { .. } if facts.now.since(at) < DAY => facts.address_changes.push(at),
            _ => {}
        }
    }
}

/// What was refused of senders that are no device, and names this endpoint. `events` are newest first.
fn note_strangers(facts: &mut Facts, endpoint: &str, events: &[Event]) {
    let named: Vec<Event> = events
        .iter()
        .filter(|event| match &event.kind {
            EventKind::Refused { what, reason, .. } => names(what, endpoint) || names(reason, endpoint),
            _ => false,
        })
        .cloned()
        .collect();
    note_events(facts, &named);
}

/// Whether a text has this name in it, and not as a part of a longer one.
fn names(text: &str, name: &str) -> bool {
    let part_of_name = |character: char| character.is_alphanumeric() || "-_.:".contains(character);
    !name.is_empty()
        && text.match_indices(name).any(|(at, _)| {
            let before = text[..at].chars().next_back();
            let after = text[at + name.len()..].chars().next();
            !before.is_some_and(part_of_name) && !after.is_some_and(part_of_name)
        })
}

/// `operations` are newest first.
fn note_operations(facts: &mut Facts, operations: &[OperationView]) {
    for one in operations {
        let ended = one.finished_at.unwrap_or(one.created_at);
        match (one.state, one.round_trip_ms) {
            (_, Some(round_trip_ms)) => {
                facts.last_answer.get_or_insert(LastAnswer {
                    at: ended,
                    round_trip_ms,
                });
            }
            (OperationState::Expired, None) => {
                facts.last_timeout.get_or_insert(ended);
            }
            _ => {}
        }
    }
}

/// The other devices of its model, firmware, cell and address range.
fn peers(rows: &Rows, number: DeviceNumber, device: &Device) -> Vec<PeerGroup> {
    let cell = |device: &Device| device.values.get(CELL).and_then(Value::as_number);
    let range = |device: &Device| device.peer.map(|peer| network(peer.ip()));
    let mut groups: Vec<(PeerGroup, Shares<'_>)> = Vec::new();
    if let Some(own) = device.model() {
        let shares = move |other: &Device| other.model() == Some(own);
        groups.push((
            group(format!("model {own}"), query("model", own)),
            Box::new(shares),
        ));
    }
    if let Some(own) = device.firmware() {
        let shares = move |other: &Device| other.firmware() == Some(own);
        groups.push((
            group(format!("firmware {own}"), query("fw", own)),
            Box::new(shares),
        ));
    }
    if let Some(own) = cell(device) {
        let shares = move |other: &Device| cell(other) == Some(own);
        groups.push((
            group(format!("cell {own}"), format!("{CELL}={own}")),
            Box::new(shares),
        ));
    }
    if let Some(own) = range(device) {
        let found = group(
            format!("address range {}", own.words),
            query("address", &own.prefix),
        );
        groups.push((found, Box::new(move |other| range(other).as_ref() == Some(&own))));
    }
    for (other_number, other) in rows.iter() {
        if other_number == number || other.registration.is_none() {
            continue;
        }
        for (group, shares) in &mut groups {
            if shares(other) {
                group.others += 1;
                group.silent += u32::from(is_silent(other.state));
            }
        }
    }
    groups.into_iter().map(|(group, _)| group).collect()
}

/// Whether another device has something in common with this one.
type Shares<'a> = Box<dyn Fn(&Device) -> bool + 'a>;

fn group(what: String, query: String) -> PeerGroup {
    PeerGroup {
        what,
        query,
        others: 0,
        silent: 0,
    }
}

/// A term of the query language for a text that may have spaces.
fn query(field: &str, text: &str) -> String {
    format!("{field}:\"{}\"", text.replace('"', ""))
}

/// The network that an address is taken to be of.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Network {
    /// How addresses of it begin in writing.
    prefix: String,
    words: String,
}

/// The /24 of an IPv4 address, the /48 of an IPv6 address: what one router or one site usually has.
fn network(address: IpAddr) -> Network {
    match address.to_canonical() {
        IpAddr::V4(address) => {
            let [a, b, c, _] = address.octets();
            Network {
                prefix: format!("{a}.{b}.{c}."),
                words: format!("{a}.{b}.{c}.0/24"),
            }
        }
        IpAddr::V6(address) => {
            let [a, b, c, ..] = address.segments();
            Network {
                prefix: format!("{a:x}:{b:x}:{c:x}:"),
                words: format!("{a:x}:{b:x}:{c:x}::/48"),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::Timestamp;

    #[test]
    fn networks_are_what_one_site_usually_has() {
        for (address, prefix, words) in [
            ("192.0.2.7", "192.0.2.", "192.0.2.0/24"),
            ("::ffff:192.0.2.7", "192.0.2.", "192.0.2.0/24"),
            ("2001:db8:1:2::5", "2001:db8:1:", "2001:db8:1::/48"),
        ] {
            let found = network(address.parse().unwrap());
            assert_eq!((found.prefix.as_str(), found.words.as_str()), (prefix, words));
        }
    }

    #[test]
    fn a_name_is_found_as_a_whole() {
        assert!(names("no credential has the identity 'meter-8'", "meter-8"));
        assert!(!names("no credential has the identity 'meter-81'", "meter-8"));
        assert!(!names("the identity urn:meter-8 is unknown", "meter-8"));
        assert!(!names("anything", ""));
    }

    #[test]
    fn the_newest_of_each_kind_counts() {
        let event = |sequence, at, kind| Event {
            sequence,
            at: Timestamp(at),
            endpoint: "a".into(),
            kind,
        };
        let refused = |what: &str, reason: &str| EventKind::Refused {
            what: what.into(),
            code: None,
            reason: reason.into(),
        };
        let mut facts = Facts {
            now: Timestamp(10 * DAY),
            ..Facts::default()
        };
        let moved = || EventKind::AddressChanged {
            from: "a".into(),
            to: "b".into(),
        };
        note_events(
            &mut facts,
            &[
                event(6, 10 * DAY - 5, refused("handshake", "new")),
                event(5, 10 * DAY - 6, moved()),
                event(4, 8 * DAY, moved()),
                event(3, 8 * DAY, refused("handshake", "old")),
                event(2, 7 * DAY, refused("register", "no lifetime")),
            ],
        );
        assert_eq!(facts.refused_handshake.unwrap().reason, "new");
        assert_eq!(facts.refused.unwrap().reason, "no lifetime");
        assert_eq!(facts.address_changes, [Timestamp(10 * DAY - 6)]);
    }
}
