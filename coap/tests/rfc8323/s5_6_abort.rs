//! §5.6 Abort.

use coap::{ClosingReason, Code, Config, Event, StreamMessage};

use crate::support::stream::StreamBench;

#[test]
fn an_abort_ends_the_connection_with_the_text_of_the_peer() {
    for mut bench in [
        StreamBench::connected(1152),
        StreamBench::fresh(Config::default()),
    ] {
        bench.sent();
        let mut abort = StreamMessage::new(Code::ABORT);
        abort.payload = b"bad weather".to_vec();
        bench.receive(&abort);
        assert!(bench.sent().is_empty(), "an Abort is not answered");
        let reason = ClosingReason::Aborted("bad weather".into());
        assert_eq!(bench.event(), Event::Closing { peer: 0, reason });
    }
}

#[test]
fn of_a_long_text_the_beginning_is_kept() {
    let mut bench = StreamBench::connected(1152);
    let mut abort = StreamMessage::new(Code::ABORT);
    abort.payload = vec![0xff; 1000];
    bench.receive(&abort);
    let Event::Closing {
        reason: ClosingReason::Aborted(text),
        ..
    } = bench.event()
    else {
        panic!()
    };
    assert_eq!(text.chars().count(), 200);
}
