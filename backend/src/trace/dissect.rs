//! From raw datagrams to what the page shows, with what only their neighbours tell: retransmissions, and the path a
//! response's payload is about.

use super::{Passed, Raw, step};
use coap::trace::{Dissection, dissect, dissect_stream};
use coap::{Kind, Token, number};
use shared::Path;
use shared::api::{Direction, TraceField, TraceOption, TraceRecord, Transport};
use std::collections::{HashMap, HashSet};
use std::net::SocketAddr;

/// How many requests and message ids are remembered.
const REMEMBERED: usize = 4096;

/// Reads datagrams in their order.
#[derive(Debug, Default)]
pub(crate) struct Dissector {
    /// (asked by the server, address, token) → what was asked for.
    asked: HashMap<(bool, SocketAddr, Token), String>,
    observed: HashMap<Token, String>,
    seen: HashSet<(bool, SocketAddr, u16, u8)>,
}

impl Dissector {
    /// Learns what the tokens of running observations stand for.
    pub(crate) fn observe(&mut self, tokens: impl IntoIterator<Item = (Token, Path)>) {
        let named = tokens.into_iter().map(|(token, path)| (token, path.to_string()));
        self.observed.extend(named);
    }

    pub(crate) fn record(&mut self, raw: &Raw) -> TraceRecord {
        let mut record = TraceRecord {
            id: raw.id,
            at: raw.at,
            direction: raw.direction,
            address: raw.peer.to_string(),
            transport: raw.transport,
            step: None,
            message_type: String::new(),
            code: String::new(),
            code_name: String::new(),
            message_id: None,
            token: String::new(),
            uri: String::new(),
            options: Vec::new(),
            content_format: None,
            payload: None,
            retransmission: false,
            payload_path: None,
            error: None,
            hex: String::new(),
        };
        if raw.passed == Passed::Step {
            let (step, error) = step::told(&raw.bytes, raw.direction);
            record.step = Some(step);
            record.error = error;
            return record;
        }
        record.hex = raw.bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        let dissected = match raw.transport {
            Transport::Udp | Transport::Dtls => dissect(&raw.bytes),
            Transport::Tcp | Transport::Tls => dissect_stream(&raw.bytes),
        };
        match dissected {
            Ok(seen) => self.fill(&mut record, raw, seen),
            Err(error) => record.error = Some(error.to_string()),
        }
        record
    }

    fn fill(&mut self, record: &mut TraceRecord, raw: &Raw, seen: Dissection) {
        let down = raw.direction == Direction::Down;
        record.message_type = seen.kind.map(Kind::abbreviation).unwrap_or_default().into();
        record.code_name = seen.code_name.unwrap_or_default().into();
        record.message_id = seen.message_id;
        record.token = seen.token.to_string();
        record.uri = uri(&seen);
        record.content_format = seen
            .options
            .iter()
            .find(|option| option.number == number::CONTENT_FORMAT)
            .and_then(|option| option.text.parse().ok());
        record.payload = (!seen.payload.is_empty()).then(|| field(&seen.payload));
        record.retransmission = self.saw_before(down, raw.peer, &seen);
        record.payload_path = self.payload_path(down, raw.peer, &seen, &record.uri);
        record.options = seen
            .options
            .into_iter()
            .map(|option| TraceOption {
                number: option.number,
                field: field(&option.range),
                name: option.name,
                text: option.text,
            })
            .collect();
        record.code = seen.code;
    }

    fn saw_before(&mut self, down: bool, peer: SocketAddr, seen: &Dissection) -> bool {
        // On a stream nothing is sent twice.
        let (Some(kind), Some(message_id)) = (seen.kind, seen.message_id) else {
            return false;
        };
        let class = match kind {
            Kind::Confirmable | Kind::NonConfirmable => 0,
            Kind::Acknowledgement => 1,
            Kind::Reset => 2,
        };
        if self.seen.len() >= REMEMBERED {
            self.seen.clear();
        }
        !self.seen.insert((down, peer, message_id, class))
    }

    fn payload_path(&mut self, down: bool, peer: SocketAddr, seen: &Dissection, uri: &str) -> Option<String> {
        let path = uri.split('?').next().unwrap_or_default();
        if seen.code.starts_with("0.") && seen.code != "0.00" {
            if self.asked.len() >= REMEMBERED {
                self.asked.clear();
            }
            self.asked.insert((down, peer, seen.token), path.to_owned());
            return Some(path.to_owned());
        }
        if seen.code == "0.00" {
            return None;
        }
        self.asked
            .get(&(!down, peer, seen.token))
            .or_else(|| self.observed.get(&seen.token).filter(|_| !down))
            .cloned()
    }
}

/// The path and query of a request.
fn uri(seen: &Dissection) -> String {
    let mut path = String::new();
    let mut query = String::new();
    for option in &seen.options {
        match option.number {
            number::URI_PATH => {
                path.push('/');
                path.push_str(&option.text);
            }
            number::URI_QUERY => {
                query.push(if query.is_empty() { '?' } else { '&' });
                query.push_str(&option.text);
            }
            _ => {}
        }
    }
    if path.is_empty() && seen.code.starts_with("0.") && seen.code != "0.00" {
        path.push('/');
    }
    path + &query
}

fn field(range: &std::ops::Range<usize>) -> TraceField {
    TraceField {
        start: range.start as u32,
        end: range.end as u32,
    }
}
