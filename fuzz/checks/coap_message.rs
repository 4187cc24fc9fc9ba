//! One CoAP message, as a datagram and as a message of a stream: what is read is written and read again as the same.

use coap::{Message, StreamMessage, trace};

pub(crate) fn check(data: &[u8]) {
    let parsed = Message::parse(data);
    assert_eq!(
        parsed.is_ok(),
        trace::dissect(data).is_ok(),
        "the trace reads what the endpoint reads"
    );
    if let Ok(message) = parsed {
        read_options(&message.options);
        assert_eq!(Message::parse(&message.encode()), Ok(message));
    }
    let parsed = StreamMessage::parse(data);
    assert_eq!(
        parsed.is_ok(),
        trace::dissect_stream(data).is_ok(),
        "the trace reads what the endpoint reads"
    );
    if let Ok(message) = parsed {
        read_options(&message.options);
        assert_eq!(StreamMessage::parse(&message.encode()), Ok(message));
    }
}

/// Every reading of options that the endpoint and the server do.
fn read_options(options: &coap::Options) {
    for (number, value) in options.iter() {
        let _ = trace::option_name(number);
        let _ = trace::option_text(number, value);
        let _ = trace::describe(number, value);
    }
    let _ = (options.path(), options.queries().count(), options.location_path());
    let _ = (
        options.content_format(),
        options.accept(),
        options.observe(),
        options.max_age(),
    );
    let _ = (options.etag(), options.size1(), options.size2());
    for block in [options.block1(), options.block2()].into_iter().flatten() {
        let _ = block.offset();
        let _ = block.encode();
    }
}
