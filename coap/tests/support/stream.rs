//! Endpoints on byte streams: one spoken to message by message, and two connected ones.

use std::time::{Duration, Instant};

use coap::{Code, Config, Endpoint, Event, Options, StreamMessage, Token};

use super::Peer;

/// One endpoint with one connection, number 0.
pub struct StreamBench {
    pub now: Instant,
    pub endpoint: Endpoint<Peer>,
}

impl StreamBench {
    /// A connection on which both CSMs went, with a peer that takes messages of `max_message_size` and does blocks.
    pub fn connected(max_message_size: u32) -> StreamBench {
        let mut bench = StreamBench::fresh(Config::default());
        bench.receive(&csm(Some(max_message_size), true));
        bench.sent();
        bench
    }

    /// A connection on which nothing came yet; the endpoint's CSM waits to be sent.
    pub fn fresh(config: Config) -> StreamBench {
        let mut bench = StreamBench {
            now: Instant::now(),
            endpoint: Endpoint::new(config, [7; 32]),
        };
        assert!(bench.endpoint.connected(bench.now, 0));
        bench
    }

    pub fn after(&mut self, time: Duration) {
        self.now += time;
        while self.endpoint.poll_timeout().is_some_and(|due| due <= self.now) {
            self.endpoint.handle_timeout(self.now);
        }
    }

    pub fn receive(&mut self, message: &StreamMessage) {
        self.endpoint.handle_stream(self.now, 0, &message.encode());
    }

    pub fn sent(&mut self) -> Vec<StreamMessage> {
        std::iter::from_fn(|| self.endpoint.poll_transmit())
            .map(|transmit| {
                StreamMessage::parse(&transmit.datagram).expect("only well-formed messages go out")
            })
            .collect()
    }

    pub fn sent_one(&mut self) -> StreamMessage {
        let mut sent = self.sent();
        assert_eq!(sent.len(), 1, "{sent:#?}");
        sent.remove(0)
    }

    pub fn events(&mut self) -> Vec<Event<Peer>> {
        std::iter::from_fn(|| self.endpoint.poll_event()).collect()
    }

    pub fn event(&mut self) -> Event<Peer> {
        let mut events = self.events();
        assert_eq!(events.len(), 1, "{events:#?}");
        events.remove(0)
    }
}

pub fn csm(max_message_size: Option<u32>, block_wise: bool) -> StreamMessage {
    let mut message = StreamMessage::new(Code::CSM);
    if let Some(size) = max_message_size {
        message
            .options
            .add_uint(coap::stream::signal::MAX_MESSAGE_SIZE, size);
    }
    if block_wise {
        message
            .options
            .add(coap::stream::signal::BLOCK_WISE_TRANSFER, &[]);
    }
    message
}

/// A message with a token.
pub fn stream_message(code: Code, token: Token) -> StreamMessage {
    StreamMessage {
        code,
        token,
        options: Options::new(),
        payload: Vec::new(),
    }
}

/// Two endpoints with one connection between them, whose bytes arrive in pieces of a fixed size.
pub struct StreamPair {
    pub now: Instant,
    pub client: Endpoint<Peer>,
    pub server: Endpoint<Peer>,
    pub piece: usize,
}

impl StreamPair {
    pub fn new(piece: usize) -> StreamPair {
        StreamPair::with_configs(piece, Config::default(), Config::default())
    }

    pub fn with_configs(piece: usize, client: Config, server: Config) -> StreamPair {
        let mut pair = StreamPair {
            now: Instant::now(),
            client: Endpoint::new(client, [1; 32]),
            server: Endpoint::new(server, [2; 32]),
            piece,
        };
        assert!(pair.client.connected(pair.now, 0) && pair.server.connected(pair.now, 0));
        pair
    }

    /// Carries bytes until there are none; `serve` acts on the server's events, those of the client are returned.
    pub fn run(
        &mut self,
        mut serve: impl FnMut(&mut Endpoint<Peer>, Instant, Event<Peer>),
    ) -> Vec<Event<Peer>> {
        let mut events = Vec::new();
        loop {
            while let Some(event) = self.server.poll_event() {
                serve(&mut self.server, self.now, event);
            }
            events.extend(std::iter::from_fn(|| self.client.poll_event()));
            let up = bytes(&mut self.client);
            let down = bytes(&mut self.server);
            if up.is_empty() && down.is_empty() {
                return events;
            }
            for piece in up.chunks(self.piece) {
                self.server.handle_stream(self.now, 0, piece);
            }
            for piece in down.chunks(self.piece) {
                self.client.handle_stream(self.now, 0, piece);
            }
        }
    }

    pub fn run_serving(
        &mut self,
        mut answer: impl FnMut(&coap::Request) -> coap::Response,
    ) -> Vec<Event<Peer>> {
        self.run(|server, now, event| {
            if let Event::Request { id, request, .. } = event {
                server.respond(now, id, answer(&request));
            }
        })
    }
}

fn bytes(endpoint: &mut Endpoint<Peer>) -> Vec<u8> {
    std::iter::from_fn(|| endpoint.poll_transmit())
        .flat_map(|transmit| transmit.datagram.to_vec())
        .collect()
}
