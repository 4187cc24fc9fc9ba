//! The protocol trace as a ladder: what each datagram is in words, which request an answer belongs to, and how long
//! it took. Pure, so that it can be tested without a page.

use shared::api::{Direction, TraceRecord, TraceStep, Transport};

/// Option numbers the words depend on. RFC 7252 §5.10, RFC 7641 §2.
const OBSERVE: u16 = 6;
const ACCEPT: u16 = 17;
const LINK_FORMAT: &str = "40";

/// What the ladder says of a record besides what the record says itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Rung {
    /// What it is, in the words of LwM2M: `"Register"`, `"Read"`, `"Content"`.
    pub(crate) words: String,
    /// Records of one exchange carry the same number.
    pub(crate) exchange: u64,
    /// From the request to this answer.
    pub(crate) round_trip_ms: Option<i64>,
}

/// What is remembered of a request until its answers came.
#[derive(Debug)]
struct Asked {
    from_device: bool,
    token: String,
    exchange: u64,
    at: i64,
    uri: String,
    words: &'static str,
    answered: bool,
}

/// What is remembered of a message, for what is acknowledged by its id alone.
#[derive(Debug)]
struct Sent {
    from_device: bool,
    id: u16,
    exchange: u64,
    at: i64,
}

/// Reads records in order and pairs them. Remembers the newest requests only.
#[derive(Debug, Default)]
pub(crate) struct Ladder {
    by_token: Vec<Asked>,
    by_message_id: Vec<Sent>,
    /// The handshake under way: its exchange, its address, and when it began.
    handshake: Option<(u64, String, i64)>,
}

/// How many requests are remembered.
const REMEMBERED: usize = 4_000;

impl Ladder {
    /// The rung of the next record.
    pub(crate) fn next(&mut self, record: &TraceRecord) -> Rung {
        if let Some(step) = &record.step {
            return self.step(record, step);
        }
        if record.error.is_some() {
            return Rung {
                words: "Unreadable".into(),
                exchange: record.id,
                round_trip_ms: None,
            };
        }
        if is_request(record) {
            self.request(record)
        } else if record.code == "0.00" {
            self.empty(record)
        } else {
            self.response(record)
        }
    }

    /// All messages of a handshake and what came of it are one exchange.
    fn step(&mut self, record: &TraceRecord, step: &TraceStep) -> Rung {
        let mut rung = Rung {
            words: step.words.clone(),
            exchange: record.id,
            round_trip_ms: None,
        };
        let mut began = record.at.0;
        if let Some((exchange, address, at)) = self.handshake.take()
            && address == record.address
        {
            (rung.exchange, began) = (exchange, at);
            rung.round_trip_ms = step.last.then(|| record.at.0 - at);
        }
        if !step.last {
            self.handshake = Some((rung.exchange, record.address.clone(), began));
        }
        rung
    }

    fn request(&mut self, record: &TraceRecord) -> Rung {
        let words = request_words(record);
        let from_device = record.direction == Direction::Up;
        let known = self.asked(from_device, &record.token);
        // A request with the token of an observation continues that exchange: its cancellation, or a retransmission.
        let exchange = match &known {
            Some(asked)
                if record.retransmission || asked.uri == record.uri && words == "Cancel observation" =>
            {
                asked.exchange
            }
            _ => record.id,
        };
        if !record.retransmission {
            let asked = Asked {
                from_device,
                token: record.token.clone(),
                exchange,
                at: record.at.0,
                uri: record.uri.clone(),
                words,
                answered: false,
            };
            match known {
                Some(known) => *known = asked,
                None => {
                    if self.by_token.len() >= REMEMBERED {
                        self.by_token.drain(..REMEMBERED / 2);
                    }
                    self.by_token.push(asked);
                }
            }
        }
        self.note(record, exchange, false);
        Rung {
            words: words.into(),
            exchange,
            round_trip_ms: None,
        }
    }

    fn response(&mut self, record: &TraceRecord) -> Rung {
        let down = record.direction == Direction::Down;
        let asked = self.asked(down, &record.token);
        let exchange = asked.map_or(record.id, |asked| asked.exchange);
        self.note(record, exchange, true);
        let observe = option_text(record, OBSERVE);
        let mut rung = Rung {
            words: record.code_name.clone(),
            exchange,
            round_trip_ms: None,
        };
        let Some(asked) = self.asked(down, &record.token) else {
            if observe.is_some() {
                rung.words = "Notification".into();
            }
            return rung;
        };
        if !asked.answered {
            asked.answered = true;
            rung.round_trip_ms = Some(record.at.0 - asked.at);
        } else if let Some(number) = observe {
            rung.words = ["Notification ", number].concat();
        }
        let of = match asked.words {
            "Register" | "Update" | "De-register" | "Send" => asked.words,
            _ => without_query(&asked.uri),
        };
        if !of.is_empty() {
            rung.words += ", ";
            rung.words += of;
        }
        rung
    }

    fn empty(&mut self, record: &TraceRecord) -> Rung {
        let down = record.direction == Direction::Down;
        let sent = record.message_id.and_then(|id| self.sent(down, id));
        let words = match record.message_type.as_str() {
            "ACK" => "Received",
            "RST" => "Refused: reset",
            _ => "Ping",
        };
        Rung {
            words: words.into(),
            exchange: sent.as_ref().map_or(record.id, |sent| sent.exchange),
            round_trip_ms: sent.map(|sent| record.at.0 - sent.at),
        }
    }

    fn asked(&mut self, from_device: bool, token: &str) -> Option<&mut Asked> {
        let mut newest_first = self.by_token.iter_mut().rev();
        let is_it = |asked: &&mut Asked| asked.from_device == from_device && asked.token == token;
        newest_first.find(is_it)
    }

    fn sent(&mut self, from_device: bool, id: u16) -> Option<&mut Sent> {
        let mut newest_first = self.by_message_id.iter_mut().rev();
        let is_it = |sent: &&mut Sent| sent.from_device == from_device && sent.id == id;
        newest_first.find(is_it)
    }

    /// Notes the id of a message; `anew` also if it was used before.
    fn note(&mut self, record: &TraceRecord, exchange: u64, anew: bool) {
        let Some(id) = record.message_id else { return };
        let sent = Sent {
            from_device: record.direction == Direction::Up,
            id,
            exchange,
            at: record.at.0,
        };
        match self.sent(sent.from_device, id) {
            Some(known) if anew => *known = sent,
            Some(_) => {}
            None => {
                if self.by_message_id.len() >= REMEMBERED {
                    self.by_message_id.clear();
                }
                self.by_message_id.push(sent);
            }
        }
    }
}

fn is_request(record: &TraceRecord) -> bool {
    record.code.starts_with("0.") && record.code != "0.00"
}

fn without_query(uri: &str) -> &str {
    uri.split('?').next().unwrap_or(uri)
}

fn option_text(record: &TraceRecord, number: u16) -> Option<&str> {
    record
        .options
        .iter()
        .find(|option| option.number == number)
        .map(|option| option.text.as_str())
}

/// What a request is in LwM2M's words, from its method, its place and its options. LwM2M Core 1.2 §6, Transport §6.
fn request_words(record: &TraceRecord) -> &'static str {
    let path = without_query(&record.uri);
    let mut segments = path.rsplit('/').filter(|segment| !segment.is_empty());
    if record.direction == Direction::Up {
        let last = segments.next().unwrap_or("");
        return match (record.code.as_str(), segments.next().unwrap_or(""), last) {
            ("0.02", _, "rd") => "Register",
            ("0.02", "rd", _) => "Update",
            ("0.04", "rd", _) => "De-register",
            ("0.02", _, "dp") => "Send",
            ("0.02", _, "bs") => "Bootstrap-Request",
            _ => "Request",
        };
    }
    let depth = segments
        .take_while(|segment| segment.parse::<u16>().is_ok())
        .count();
    let observe = option_text(record, OBSERVE);
    let wants_links = option_text(record, ACCEPT)
        .is_some_and(|text| text.starts_with(LINK_FORMAT) || shared::text::holds(text, "link-format"));
    match record.code.as_str() {
        "0.01" if observe.is_some_and(|text| text.starts_with('1')) => "Cancel observation",
        "0.01" | "0.05" if observe.is_some() => "Observe",
        "0.01" if wants_links => "Discover",
        "0.01" => "Read",
        "0.05" => "Read-Composite",
        "0.07" => "Write-Composite",
        "0.03" if record.payload.is_none() && shared::text::has(&record.uri, '?') => "Write-Attributes",
        "0.03" => "Write",
        "0.02" if depth == 3 => "Execute",
        "0.02" if depth == 1 => "Create",
        "0.02" => "Write, partial",
        "0.04" => "Delete",
        _ => "Request",
    }
}

/// What the message went over, unless that is a plain datagram.
pub(crate) fn transport(record: &TraceRecord) -> &'static str {
    match record.transport {
        Transport::Udp => "",
        Transport::Dtls => "DTLS",
        Transport::Tcp => "TCP",
        Transport::Tls => "TLS",
    }
}

/// Whether a record contains this text (lower case) in what a person sees of it.
pub(crate) fn matches(record: &TraceRecord, rung: &Rung, text: &str) -> bool {
    if text.is_empty() {
        return true;
    }
    let direction = match record.direction {
        Direction::Up => "up",
        Direction::Down => "down",
    };
    let parts = [
        record.uri.as_str(),
        &record.code,
        &record.code_name,
        &record.message_type,
        &record.token,
        &rung.words,
        record.step.as_ref().map_or("", |step| step.name.as_str()),
        transport(record),
        record.error.as_deref().unwrap_or(""),
        record.payload_path.as_deref().unwrap_or(""),
        direction,
    ];
    shared::text::holds(&crate::words::lower(&parts.join("\n")), text)
}

/// Whether a message is of a kind: `"up"`, `"down"`, `"notifications"`, `"steps"`, `"trouble"`. Others are all.
pub(crate) fn is_of(record: &TraceRecord, kind: &str) -> bool {
    match kind {
        "up" => record.direction == Direction::Up,
        "down" => record.direction == Direction::Down,
        "notifications" => {
            record.direction == Direction::Up
                && record.code.starts_with("2.")
                && option_text(record, OBSERVE).is_some()
        }
        "steps" => record.step.is_some(),
        "trouble" => {
            record.error.is_some()
                || record.retransmission
                || matches!(record.code.as_bytes(), [b'4' | b'5', ..])
        }
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::Timestamp;
    use shared::api::{TraceField, TraceOption};

    fn record(id: u64, direction: Direction, kind: &str, code: &str, uri: &str) -> TraceRecord {
        TraceRecord {
            id,
            at: Timestamp(id as i64 * 100),
            direction,
            address: "192.0.2.1:5683".into(),
            transport: Transport::Udp,
            step: None,
            message_type: kind.into(),
            code: code.into(),
            code_name: "Content".into(),
            message_id: Some(7),
            token: "aa".into(),
            uri: uri.into(),
            options: Vec::new(),
            content_format: None,
            payload: None,
            retransmission: false,
            payload_path: None,
            error: None,
            hex: String::new(),
        }
    }

    fn with_option(mut record: TraceRecord, number: u16, text: &str) -> TraceRecord {
        record.options.push(TraceOption {
            number,
            name: "Option".into(),
            text: text.into(),
            field: TraceField { start: 0, end: 0 },
        });
        record
    }

    #[test]
    fn requests_in_words() {
        use Direction::{Down, Up};
        for (direction, code, uri, words) in [
            (Up, "0.02", "/rd?ep=x&lt=60", "Register"),
            (Up, "0.02", "/rd/5a2b", "Update"),
            (Up, "0.04", "/rd/5a2b", "De-register"),
            (Up, "0.02", "/dp", "Send"),
            (Up, "0.01", "/.well-known/core", "Request"),
            (Down, "0.01", "/3/0", "Read"),
            (Down, "0.03", "/3/0/14?pmin=5", "Write-Attributes"),
            (Down, "0.02", "/3/0/4", "Execute"),
            (Down, "0.02", "/lwm2m/3/0", "Write, partial"),
            (Down, "0.02", "/3303", "Create"),
            (Down, "0.04", "/3303/1", "Delete"),
            (Down, "0.05", "/", "Read-Composite"),
        ] {
            assert_eq!(
                request_words(&record(1, direction, "CON", code, uri)),
                words,
                "{code} {uri}"
            );
        }
        let read = || record(1, Down, "CON", "0.01", "/3/0");
        assert_eq!(
            request_words(&with_option(read(), ACCEPT, "40 (link)")),
            "Discover"
        );
        assert_eq!(request_words(&with_option(read(), OBSERVE, "0")), "Observe");
        assert_eq!(
            request_words(&with_option(read(), OBSERVE, "1")),
            "Cancel observation"
        );
        let mut write = record(1, Down, "CON", "0.03", "/3/0/14");
        write.payload = Some(TraceField { start: 8, end: 9 });
        assert_eq!(request_words(&write), "Write");
    }

    #[test]
    fn an_answer_belongs_to_its_request_and_notifications_to_their_observation() {
        let mut ladder = Ladder::default();
        let ask = with_option(
            record(1, Direction::Down, "CON", "0.01", "/3303/0/5700"),
            OBSERVE,
            "0",
        );
        assert_eq!(ladder.next(&ask).exchange, 1);
        let again = TraceRecord {
            id: 2,
            retransmission: true,
            ..ask
        };
        assert_eq!(ladder.next(&again).exchange, 1);
        let answer = with_option(record(3, Direction::Up, "ACK", "2.05", ""), OBSERVE, "1");
        assert_eq!(
            ladder.next(&answer),
            Rung {
                words: "Content, /3303/0/5700".into(),
                exchange: 1,
                round_trip_ms: Some(200)
            }
        );
        let mut notification = with_option(record(4, Direction::Up, "CON", "2.05", ""), OBSERVE, "12");
        notification.message_id = Some(99);
        let rung = ladder.next(&notification);
        assert_eq!(
            (rung.words.as_str(), rung.exchange),
            ("Notification 12, /3303/0/5700", 1)
        );
        assert_eq!(rung.round_trip_ms, None);
        let mut received = record(5, Direction::Down, "ACK", "0.00", "");
        received.message_id = Some(99);
        received.token.clear();
        let rung = ladder.next(&received);
        assert_eq!((rung.words.as_str(), rung.exchange), ("Received", 1));
    }

    #[test]
    fn the_steps_of_a_handshake_are_one_exchange_that_ends() {
        let step = |id, name: &str, last| TraceRecord {
            transport: Transport::Dtls,
            step: Some(TraceStep {
                name: name.into(),
                words: format!("{name} in words"),
                last,
            }),
            ..record(id, Direction::Up, "", "", "")
        };
        let mut ladder = Ladder::default();
        let rung = ladder.next(&step(4, "ClientHello", false));
        assert_eq!((rung.words.as_str(), rung.exchange), ("ClientHello in words", 4));
        let register = record(5, Direction::Up, "CON", "0.02", "/rd");
        assert_eq!(ladder.next(&register).exchange, 5);
        let end = step(6, "Session", true);
        let rung = ladder.next(&end);
        assert_eq!((rung.exchange, rung.round_trip_ms), (4, Some(200)));
        assert!(matches(&end, &rung, "dtls") && matches(&end, &rung, "session"));
        assert_eq!(ladder.next(&step(7, "ClientHello", false)).exchange, 7);
    }

    #[test]
    fn what_cannot_be_read_says_so() {
        let mut bad = record(9, Direction::Up, "", "", "");
        bad.error = Some("version 3 is no CoAP".into());
        let rung = Ladder::default().next(&bad);
        assert_eq!((rung.words.as_str(), rung.exchange), ("Unreadable", 9));
        assert!(matches(&bad, &rung, "version 3"));
        assert!(!matches(&bad, &rung, "/3/0"));
    }

    #[test]
    fn memory_is_bounded() {
        let mut ladder = Ladder::default();
        for id in 0..20_000 {
            let mut ask = record(id, Direction::Down, "CON", "0.01", "/3/0");
            ask.token = format!("{id:x}");
            ask.message_id = Some(id as u16);
            ladder.next(&ask);
        }
        assert!(ladder.by_token.len() <= REMEMBERED && ladder.by_message_id.len() <= REMEMBERED);
    }
}
