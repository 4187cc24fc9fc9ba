//! Bodies in blocks over a network that loses up to 30 % of the datagrams, repeats and reorders them: they come whole, both ways,
//! and are served once. RFC 7959.

use std::time::Duration;

use coap::{BlockSize, Code, Config, Event, Parameters, Request, RequestOptions, Response, Statistics};

use crate::support::{Network, Pair, body};

const DAY: Duration = Duration::from_secs(24 * 3600);

/// Endpoints that do not give up: 30 % of loss each way leave half of the round trips.
fn patient(block_size: usize) -> Config {
    Config {
        parameters: Parameters {
            // Short, so that a message ID can be used again before they run out.
            ack_timeout: Duration::from_millis(500),
            max_retransmit: 16,
            max_block_size: BlockSize::at_most(block_size),
            ..Parameters::default()
        },
        // So long a block may take at most.
        served_lifetime: 7 * DAY,
        max_body_size: 16 << 20,
        ..Config::default()
    }
}

/// A transfer from the client to the server (Block1) and back (Block2), with the sizes of blocks each side wants.
#[derive(Clone, Copy)]
struct Transfer {
    network: Network,
    seed: u64,
    client: usize,
    server: usize,
    there: usize,
    back: usize,
}

impl Transfer {
    /// Blocks of one size, and the same body both ways.
    fn echo(network: Network, seed: u64, block_size: usize, length: usize) -> Transfer {
        Transfer {
            network,
            seed,
            client: block_size,
            server: block_size,
            there: length,
            back: length,
        }
    }

    /// Runs it; both bodies have to come whole, and the request has to be served once.
    #[track_caller]
    fn run(self) -> Statistics {
        let Transfer {
            network,
            seed,
            client,
            server,
            there,
            back,
        } = self;
        let told = format!("blocks of {client} and {server}, {there} bytes there, {back} back, seed {seed}");
        let mut pair = Pair::with_configs(network, seed, patient(client), patient(server));
        let request = Request::post("/5/0/0").with_payload(42, body(there));
        pair.client
            .request(pair.now, 0, request, RequestOptions::default())
            .expect("it is taken");
        let mut served = 0;
        let events = pair.run_serving(100_000 * DAY, |request| {
            served += 1;
            assert!(
                request.payload == body(there),
                "the request's body came whole: {told}"
            );
            Response::new(Code::CHANGED).with_payload(42, body(back))
        });
        let [Event::Response { response, .. }] = &events[..] else {
            panic!("{told}: {} events, {:?}", events.len(), events.first())
        };
        assert_eq!(response.code, Code::CHANGED, "{told}");
        assert!(
            response.payload == body(back),
            "the response's body came whole: {told}"
        );
        assert_eq!(served, 1, "a request is served once: {told}");
        pair.client.statistics()
    }
}

#[test]
fn bodies_of_all_sizes_come_whole_over_a_perfect_network() {
    for length in [0, 1, 15, 16, 1023, 1024, 1025, 2048, 100_000] {
        Transfer::echo(Network::PERFECT, 1, 1024, length).run();
    }
}

/// Every size of block, with bodies around one block and of several.
#[test]
fn bodies_at_the_edges_of_blocks_come_whole_over_a_bad_network() {
    for block in [16, 32, 64, 128, 256, 512, 1024] {
        for length in [0, 1, block - 1, block, block + 1, 2 * block, 17 * block - 1] {
            for seed in 0..4 {
                Transfer::echo(Network::BAD, seed, block, length).run();
            }
        }
    }
}

/// One way only, and blocks that the two sides have to agree on.
#[test]
fn bodies_come_whole_between_sides_that_want_other_blocks() {
    for (client, server) in [(1024, 16), (16, 1024), (512, 64), (64, 512), (1024, 512)] {
        for (there, back) in [(5000, 5000), (5000, 0), (0, 5000), (1025, 1)] {
            for seed in 0..3 {
                Transfer {
                    network: Network::BAD,
                    seed,
                    client,
                    server,
                    there,
                    back,
                }
                .run();
            }
        }
    }
}

#[test]
fn bodies_come_whole_whatever_share_of_datagrams_is_lost() {
    for loss in [1, 5, 10, 20, 30] {
        for seed in 0..5 {
            let network = Network { loss, ..Network::BAD };
            Transfer::echo(network, seed, 256, 20_000).run();
        }
    }
}

/// A block's number has up to 20 bits: these need 17. With 30 % of loss one of so many blocks would be lost seventeen times.
#[test]
fn block_numbers_of_more_than_sixteen_bits_come_whole_over_a_bad_network() {
    let network = Network {
        loss: 10,
        ..Network::BAD
    };
    let statistics = Transfer::echo(network, 5, 16, 16 * 66_000 + 7).run();
    assert!(statistics.retransmitted > 10_000, "{statistics:?}");
}

#[test]
fn eight_megabytes_come_whole_both_ways_over_a_bad_network() {
    let statistics = Transfer::echo(Network::BAD, 3, 1024, 8 << 20).run();
    assert!(statistics.retransmitted > 8192, "{statistics:?}");
}

/// Sizes, sizes of blocks and networks at random from a seed.
#[test]
fn bodies_of_random_sizes_come_whole_over_random_networks() {
    let mut random = 0x9e37_79b9_7f4a_7c15_u64;
    let mut below = |bound: u64| {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        random % bound
    };
    for seed in 0..150 {
        let network = Network {
            loss: below(31),
            duplication: below(20),
            jitter: below(3000),
        };
        let (client, server) = (16 << below(7), 16 << below(7));
        let longest = 60 * client.min(server) as u64;
        Transfer {
            network,
            seed,
            client,
            server,
            there: below(longest) as usize,
            back: below(longest) as usize,
        }
        .run();
    }
}
