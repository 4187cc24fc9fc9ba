//! A CoAP endpoint on a byte stream: how the bytes are cut into pieces changes nothing of what happens.

use std::time::{Duration, Instant};

use coap::{Code, Config, Endpoint, Event, Request, RequestOptions, Response, StreamConfig, StreamMessage};

pub(crate) fn check(data: &[u8]) {
    // With requests of our own, more or fewer of them are under way when the peer's messages arrive.
    let [how, cut, bytes @ ..] = data else { return };
    let (how, cut) = (*how, 1 + usize::from(*cut));
    let now = Instant::now();
    let config = Config {
        max_body_size: 8192,
        max_pending: 1 << 20,
        stream: StreamConfig {
            max_message_size: 2048,
            ..StreamConfig::default()
        },
        ..Config::default()
    };
    let mut whole = Side::new(now, how, config.clone());
    let mut pieces = Side::new(now, how, config);
    whole.take(bytes);
    pieces.collect();
    for piece in bytes.chunks(cut) {
        pieces.take(piece);
    }
    if how & 3 == 0 {
        assert_eq!(whole.sent, pieces.sent, "the same goes out");
        assert_eq!(whole.events, pieces.events, "the same happens");
    }
    pieces.end();
}

struct Side {
    now: Instant,
    endpoint: Endpoint<u8>,
    sent: Vec<Vec<u8>>,
    events: Vec<Event<u8>>,
}

impl Side {
    fn new(now: Instant, how: u8, config: Config) -> Side {
        let mut endpoint = Endpoint::new(config, [7; 32]);
        assert!(endpoint.connected(now, 0));
        for number in 0..how & 3 {
            let request = Request::post("/3/0").with_payload(42, vec![number; 16 * usize::from(how)]);
            let request = if how & 4 == 0 {
                request
            } else {
                Request::get("/3").observing()
            };
            endpoint
                .request(now, 0, request, RequestOptions::default())
                .expect("a first request is taken");
        }
        Side {
            now,
            endpoint,
            sent: Vec::new(),
            events: Vec::new(),
        }
    }

    fn take(&mut self, bytes: &[u8]) {
        self.endpoint.handle_stream(self.now, 0, bytes);
        assert!(
            self.endpoint.usage().stream_bytes <= 2048,
            "no more is held than one message"
        );
        self.collect();
    }

    fn collect(&mut self) {
        while let Some(transmit) = self.endpoint.poll_transmit() {
            StreamMessage::parse(&transmit.datagram).expect("what goes out is well formed");
            self.sent.push(transmit.datagram.to_vec());
        }
        while let Some(event) = self.endpoint.poll_event() {
            self.events.push(event);
        }
    }

    /// Answers what was asked, ends the connection, and finds nothing left.
    fn end(mut self) {
        let asked: Vec<_> = self
            .events
            .iter()
            .filter_map(|event| match event {
                Event::Request { id, .. } => Some(*id),
                _ => None,
            })
            .collect();
        for id in asked {
            let response = Response::new(Code::CONTENT).with_payload(42, vec![1; 5000]);
            self.endpoint.respond(self.now, id, response);
        }
        self.collect();
        self.endpoint.disconnected(self.now, 0);
        self.collect();
        let end = self.now + Duration::from_secs(24 * 3600);
        for _ in 0..100_000 {
            let Some(due) = self.endpoint.poll_timeout().filter(|due| *due <= end) else {
                break;
            };
            self.now = self.now.max(due);
            self.endpoint.handle_timeout(self.now);
            self.collect();
        }
        let usage = self.endpoint.usage();
        assert_eq!(
            usage.stream_bytes + usage.reassembly_bytes + usage.served_bytes,
            0,
            "{usage:?}"
        );
        assert_eq!(usage.peers, 0, "{usage:?}");
    }
}
