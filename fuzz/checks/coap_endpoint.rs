//! A CoAP endpoint among peers that send whatever they like: it answers with well-formed messages, ends every exchange
//! exactly once, keeps to its limits, and holds nothing when time has passed.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use coap::{
    Block, BlockSize, Code, Config, Endpoint, Event, ExchangeId, IncomingId, Kind, Message, Request,
    RequestOptions, Response, Token, number,
};

use crate::script::Script;

const MAX_PEERS: usize = 3;
const MAX_BODY: usize = 4096;

pub(crate) fn check(data: &[u8]) {
    let mut script = Script(data);
    let mut run = Run::new();
    while !script.is_over() {
        run.step(&mut script);
        run.collect();
    }
    run.end();
}

struct Run {
    now: Instant,
    endpoint: Endpoint<u8>,
    /// How many final events each exchange had.
    exchanges: HashMap<ExchangeId, u32>,
    unanswered: Vec<IncomingId>,
    observers: Vec<(u8, Token)>,
    /// The last message that the endpoint sent, which a peer can answer without knowing how to guess.
    last: Option<(u8, Message)>,
}

impl Run {
    fn new() -> Run {
        let config = Config {
            max_peers: MAX_PEERS,
            max_body_size: MAX_BODY,
            max_reassembly_bytes: 2 * MAX_BODY,
            max_served_bytes: 2 * MAX_BODY,
            max_duplicates_per_peer: 8,
            max_duplicates: 16,
            max_duplicate_bytes: 2048,
            max_queued_per_peer: 4,
            max_unanswered: 8,
            max_observations_per_peer: 3,
            max_observers_per_peer: 3,
            ..Config::default()
        };
        Run {
            now: Instant::now(),
            endpoint: Endpoint::new(config, [7; 32]),
            exchanges: HashMap::new(),
            unanswered: Vec::new(),
            observers: Vec::new(),
            last: None,
        }
    }

    fn step(&mut self, script: &mut Script<'_>) {
        let what = script.byte();
        let peer = what >> 6;
        match what & 15 {
            0..=2 => self.endpoint.handle_datagram(self.now, peer, script.counted()),
            3..=5 => self.reply(script),
            6 => self.wait(Duration::from_millis(u64::from(script.short()))),
            7 => self.wait(Duration::from_secs(u64::from(script.byte()))),
            8 | 9 => self.request(peer, script),
            10 | 11 => self.respond(script),
            12 => self.notify(script),
            13 => {
                let exchange = self.exchanges.keys().next().copied();
                if let Some(exchange) = exchange {
                    self.endpoint.cancel(self.now, exchange);
                }
            }
            14 => {
                let token = self
                    .endpoint
                    .observations(peer)
                    .next()
                    .map(|observation| observation.token);
                if let Some(token) = token {
                    let asked =
                        self.endpoint
                            .cancel_observation(self.now, peer, token, RequestOptions::default());
                    self.asked(asked.ok());
                }
            }
            _ => {
                if what & 16 == 0 {
                    self.endpoint.forget_peer(peer);
                } else {
                    let asked = self.endpoint.ping(self.now, peer, RequestOptions::default());
                    self.asked(asked.ok());
                }
            }
        }
    }

    /// A peer answers what it was sent last, with the ID and token that fit, and otherwise as the script says.
    fn reply(&mut self, script: &mut Script<'_>) {
        let Some((peer, last)) = &self.last else { return };
        let how = script.byte();
        let kind = match how & 3 {
            0 => Kind::Confirmable,
            1 => Kind::NonConfirmable,
            2 => Kind::Acknowledgement,
            _ => Kind::Reset,
        };
        let mut message = Message::empty(kind, last.message_id);
        if how & 4 == 0 {
            message.code = Code(script.byte());
            message.token = last.token;
            if how & 8 != 0 {
                message
                    .options
                    .set_uint(number::OBSERVE, u32::from(script.byte()));
            }
            if how & 16 != 0 {
                message
                    .options
                    .set_uint(number::BLOCK1, u32::from(script.short()));
            }
            if how & 32 != 0 {
                message
                    .options
                    .set_uint(number::BLOCK2, u32::from(script.short()));
            }
            if how & 64 != 0 {
                message.options.set(number::ETAG, script.piece(1));
            }
            let block = message.options.block2().or(message.options.block1());
            message.payload = match block {
                // Mostly of the length that the block says, so that a transfer goes on.
                Some(block) if how & 128 == 0 => vec![script.byte(); block.size.bytes()],
                _ => script.counted().to_vec(),
            };
        }
        let peer = *peer;
        self.endpoint.handle_datagram(self.now, peer, &message.encode());
    }

    fn request(&mut self, peer: u8, script: &mut Script<'_>) {
        let how = script.byte();
        let mut request = Request::new(if how & 1 == 0 { Code::GET } else { Code::POST }, "/3/0");
        if how & 2 != 0 {
            request = request.observing();
        }
        if how & 4 != 0 {
            request = request.with_payload(42, vec![how; 16 * usize::from(script.byte())]);
        }
        let options = RequestOptions {
            confirmable: how & 8 == 0,
            ..RequestOptions::default()
        };
        let asked = self.endpoint.request(self.now, peer, request, options);
        self.asked(asked.ok());
    }

    fn asked(&mut self, exchange: Option<ExchangeId>) {
        if let Some(exchange) = exchange {
            assert!(
                self.exchanges.insert(exchange, 0).is_none(),
                "an exchange's id is new"
            );
        }
    }

    fn respond(&mut self, script: &mut Script<'_>) {
        let how = script.byte();
        if self.unanswered.is_empty() {
            return;
        }
        let id = self.unanswered.remove(usize::from(how) % self.unanswered.len());
        let mut response = Response::new(Code(0x40 | script.byte() & 31));
        if how & 128 != 0 {
            response = response.observed();
        }
        if how & 64 != 0 {
            response = response.with_payload(42, vec![how; 16 * usize::from(script.byte())]);
        }
        self.endpoint.respond(self.now, id, response);
    }

    fn notify(&mut self, script: &mut Script<'_>) {
        let how = script.byte();
        if let Some((peer, token)) = self.observers.get(usize::from(how & 7)) {
            let response =
                Response::new(Code::CONTENT).with_payload(42, vec![1; usize::from(script.short() & 4095)]);
            self.endpoint
                .notify(self.now, *peer, *token, response, how & 8 != 0);
        }
    }

    /// Lets time pass, with every timer when it is due.
    fn wait(&mut self, time: Duration) {
        let end = self.now + time;
        for _ in 0..100_000 {
            match self.endpoint.poll_timeout().filter(|due| *due <= end) {
                Some(due) => self.now = self.now.max(due),
                None => {
                    self.now = end;
                    return;
                }
            }
            self.endpoint.handle_timeout(self.now);
            self.collect();
        }
        panic!("the endpoint's timers stand still");
    }

    fn collect(&mut self) {
        while let Some(transmit) = self.endpoint.poll_transmit() {
            let message = Message::parse(&transmit.datagram).expect("what goes out is well formed");
            // The block of what it carries: of a request the first number, of a response the second.
            let block = if message.code.is_request() {
                message.options.block1()
            } else {
                message.options.block2()
            };
            let longest = block.map_or(BlockSize::at_most(usize::MAX).bytes(), |block: Block| {
                block.size.bytes()
            });
            assert!(message.payload.len() <= longest, "a payload keeps to its block");
            self.last = Some((transmit.peer, message));
        }
        while let Some(event) = self.endpoint.poll_event() {
            match event {
                Event::Request {
                    id,
                    peer,
                    token,
                    request,
                    ..
                } => {
                    assert!(request.payload.len() <= MAX_BODY);
                    // Every one is to be forgotten in the end: the endpoint keeps it until then.
                    if request.observe() == Some(0) && !self.observers.contains(&(peer, token)) {
                        self.observers.push((peer, token));
                    }
                    self.unanswered.push(id);
                }
                Event::Response {
                    exchange, response, ..
                } => {
                    assert!(response.payload.len() <= MAX_BODY);
                    self.ended(exchange);
                }
                Event::Pong { exchange, .. } | Event::Failed { exchange, .. } => self.ended(exchange),
                _ => {}
            }
        }
        let usage = self.endpoint.usage();
        assert!(usage.peers <= MAX_PEERS, "{usage:?}");
        assert!(usage.reassembly_bytes <= 2 * MAX_BODY, "{usage:?}");
        assert!(usage.served_bytes <= 2 * MAX_BODY, "{usage:?}");
        assert!(
            usage.answered_messages <= 16 && usage.answered_bytes <= 2048,
            "{usage:?}"
        );
        assert!(usage.unanswered_requests <= 8, "{usage:?}");
    }

    fn ended(&mut self, exchange: ExchangeId) {
        let count = self
            .exchanges
            .get_mut(&exchange)
            .expect("an exchange that ends was begun");
        *count += 1;
        assert_eq!(*count, 1, "an exchange ends once");
    }

    fn end(mut self) {
        for id in std::mem::take(&mut self.unanswered) {
            self.endpoint
                .respond(self.now, id, Response::new(Code::NOT_FOUND));
        }
        self.collect();
        for (peer, token) in std::mem::take(&mut self.observers) {
            self.endpoint.forget_observer(peer, token);
        }
        for peer in 0..4 {
            let tokens: Vec<Token> = self.endpoint.observations(peer).map(|one| one.token).collect();
            for token in tokens {
                self.endpoint.forget_observation(self.now, peer, token);
            }
        }
        self.wait(Duration::from_secs(24 * 3600));
        assert!(
            self.exchanges.values().all(|ends| *ends == 1),
            "every exchange ends"
        );
        let usage = self.endpoint.usage();
        assert_eq!(usage.peers, 0, "{usage:?}");
        assert_eq!(
            usage.reassembly_bytes + usage.served_bytes + usage.answered_bytes,
            0,
            "{usage:?}"
        );
        assert_eq!(usage.unanswered_requests, 0, "{usage:?}");
    }
}
