//! Requests as a server writes them, and tables of what comes of them.

use crate::support::{Pair, START};
use coap::{Code, Request, Response};
use shared::codec::{self, Context};
use shared::{ContentFormat, Node, Path};

pub(crate) fn request(method: &str, path: &str) -> Request {
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let code = match method {
        "GET" => Code::GET,
        "PUT" => Code::PUT,
        "POST" => Code::POST,
        "DELETE" => Code::DELETE,
        "FETCH" => Code::FETCH,
        "iPATCH" => Code::IPATCH,
        other => panic!("{other}"),
    };
    let queries = query.split('&').filter(|query| !query.is_empty());
    queries.fold(Request::new(code, path), |request, query| {
        request.with_query(query)
    })
}

pub(crate) fn text(method: &str, path: &str, payload: &str) -> Request {
    request(method, path).with_payload(0, payload)
}

pub(crate) fn senml(method: &str, path: &str, payload: &str) -> Request {
    request(method, path).with_payload(110, payload)
}

pub(crate) fn check(pair: &mut Pair, cases: Vec<(Request, Code)>) {
    for (request, expect) in cases {
        let what = format!("{} {} {:?}", request.code, request.path(), request.payload);
        let response = pair.ask(request);
        assert_eq!(response.code, expect, "{what}: {:?}", response.diagnostic_text());
    }
}

pub(crate) fn values(pair: &Pair, base: &str, response: &Response) -> Node {
    let base: Path = base.parse().unwrap();
    let format = ContentFormat(response.content_format().expect("a format"));
    let context = Context::new(pair.client.tree(), START);
    codec::decode(format, base, &response.payload, &context).expect("a readable payload")
}
