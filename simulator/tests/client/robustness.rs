//! Whatever comes, the client answers and goes on.

use crate::support::{Pair, client_address, server_address};
use coap::{Code, Request};
use proptest::prelude::*;
use shared::Version;
use simulator::ClientState;

const METHODS: [Code; 7] = [
    Code::GET,
    Code::POST,
    Code::PUT,
    Code::DELETE,
    Code::FETCH,
    Code::PATCH,
    Code::IPATCH,
];
const FORMATS: [u16; 12] = [0, 40, 42, 60, 110, 112, 320, 322, 11542, 11543, 11544, 50];

fn versions() -> impl Strategy<Value = Version> {
    prop_oneof![Just(Version::V1_0), Just(Version::V1_1), Just(Version::V1_2)]
}

fn segment() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => prop::sample::select(vec!["0", "1", "3", "5", "3303", "3311", "3442", "5700", "5850", "110", "1120"])
            .prop_map(String::from),
        1 => "[0-9a-z]{0,6}",
        1 => any::<u16>().prop_map(|id| id.to_string()),
    ]
}

fn query() -> impl Strategy<Value = String> {
    prop_oneof![
        "(pmin|pmax|epmin|epmax|gt|lt|st|edge|con|hqmax|depth)(=[-0-9.e]{0,6})?",
        "[ -~]{0,12}",
    ]
}

prop_compose! {
    fn requests()(
        method in prop::sample::select(METHODS.to_vec()),
        segments in prop::collection::vec(segment(), 0..6),
        queries in prop::collection::vec(query(), 0..3),
        format in prop::option::of(prop::sample::select(FORMATS.to_vec())),
        accept in prop::option::of(prop::sample::select(FORMATS.to_vec())),
        observe in prop::option::of(0u32..2),
        payload in prop_oneof![
            prop::collection::vec(any::<u8>(), 0..60),
            "[0-9.a-z='\",\\[\\]{}:/-]{0,60}".prop_map(String::into_bytes),
        ],
    ) -> Request {
        let mut request = Request::new(method, &segments.join("/"));
        for query in queries {
            request = request.with_query(&query);
        }
        request.options.set_content_format(format);
        request.options.set_accept(accept);
        request.options.set_observe(observe);
        request.payload = payload;
        request
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn every_request_is_answered(
        version in versions(),
        requests in prop::collection::vec(requests(), 1..12),
    ) {
        let mut pair = Pair::of(version);
        for request in requests {
            let response = pair.ask(request);
            prop_assert!(response.code.class() == 2 || response.code.class() == 4 || response.code.class() == 5);
            // Reboot, Disable and the like are requests as well: wait until the device is back.
            pair.advance(10.0);
            while pair.client.state() != ClientState::Registered {
                pair.advance(10_000.0);
            }
        }
    }

    #[test]
    fn no_datagram_stops_it(datagrams in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..80), 1..20)) {
        let mut pair = Pair::registered();
        for datagram in datagrams {
            pair.client.handle_datagram(pair.now, server_address(), &datagram);
            pair.client.handle_datagram(pair.now, client_address(), &datagram);
            pair.exchange();
        }
        prop_assert_eq!(pair.ask(Request::get("/3/0/0")).code, Code::CONTENT);
    }
}
