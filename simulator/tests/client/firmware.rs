//! The states and results of Firmware Update. LwM2M Core 1.2, appendix E.6.

use crate::support::{Pair, agreeable};
use coap::{Code, Request, Response};
use simulator::ClientState;

const IMAGE: &str = "muster-image name=radio version=2.0.0\n\u{1}\u{2}\u{3}";

fn read(pair: &mut Pair, path: &str) -> String {
    let response = pair.ask(Request::get(path).with_accept(0));
    String::from_utf8(response.payload).unwrap()
}

fn state_and_result(pair: &mut Pair) -> (String, String) {
    (read(pair, "/5/0/3"), read(pair, "/5/0/5"))
}

fn package(payload: &[u8]) -> Request {
    Request::put("/5/0/0").with_payload(42, payload)
}

fn uri(text: &str) -> Request {
    Request::put("/5/0/1").with_payload(0, text)
}

fn is(pair: &mut Pair, state: &str, result: &str) {
    assert_eq!(state_and_result(pair), (state.into(), result.into()));
}

#[test]
fn a_pushed_package_is_installed_and_runs_after_a_restart() {
    let mut pair = Pair::registered();
    is(&mut pair, "0", "0");
    let mut image = IMAGE.as_bytes().to_vec();
    image.resize(50_000, 0x5a);
    assert_eq!(pair.ask(package(&image)).code, Code::CHANGED);
    is(&mut pair, "2", "0");
    assert_eq!(read(&mut pair, "/5/0/7"), "2.0.0");
    assert_eq!(pair.ask(package(&image)).code, Code::METHOD_NOT_ALLOWED);
    assert_eq!(pair.ask(Request::post("/5/0/2")).code, Code::CHANGED);
    is(&mut pair, "3", "0");
    pair.advance(20.0);
    assert_eq!(pair.client.state(), ClientState::Registered);
    assert_eq!(pair.requests[0].request.path(), "/rd");
    is(&mut pair, "0", "1");
    assert_eq!(read(&mut pair, "/3/0/3"), "2.0.0");
}

#[test]
fn a_download_is_taken_back_by_an_empty_uri_or_a_nul() {
    for reset in [uri(""), package(&[0])] {
        let mut pair = Pair::registered();
        pair.ask(package(b"anything"));
        is(&mut pair, "2", "0");
        assert_eq!(pair.ask(reset).code, Code::CHANGED);
        is(&mut pair, "0", "0");
        assert_eq!(pair.ask(Request::post("/5/0/2")).code, Code::METHOD_NOT_ALLOWED);
    }
}

#[test]
fn an_image_can_fail_in_words_of_its_own() {
    let mut pair = Pair::registered();
    pair.ask(package(b"muster-image fail=8\n"));
    pair.ask(Request::post("/5/0/2"));
    pair.advance(10.0);
    is(&mut pair, "0", "8");
    assert_eq!(read(&mut pair, "/3/0/3"), "1.0.0");
    pair.ask(package(b"muster-image nonsense\n"));
    is(&mut pair, "0", "5");
}

#[test]
fn a_package_is_pulled_from_the_server() {
    let mut pair = Pair::registered();
    pair.answer = Box::new(|request| match request.path().as_str() {
        "/firmware/7" => Some(Response::new(Code::CONTENT).with_payload(42, vec![0x42; 30_000])),
        _ => agreeable(request),
    });
    assert_eq!(
        pair.ask(uri("coap://192.0.2.1:5683/firmware/7")).code,
        Code::CHANGED
    );
    pair.advance(5.0);
    is(&mut pair, "2", "0");
}

#[test]
fn what_cannot_be_pulled_is_told_by_the_result() {
    for (text, result) in [
        ("nonsense", "7"),
        ("coap://nowhere.example/x", "7"),
        ("https://192.0.2.1/x", "9"),
        ("coap://192.0.2.1/missing", "4"),
    ] {
        let mut pair = Pair::registered();
        pair.answer = Box::new(|request| match request.path().as_str() {
            "/missing" => Some(Response::new(Code::NOT_FOUND)),
            _ => agreeable(request),
        });
        assert_eq!(pair.ask(uri(text)).code, Code::CHANGED);
        pair.advance(1.0);
        is(&mut pair, "0", result);
    }
}
