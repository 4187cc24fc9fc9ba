//! Frames of the live feed and bodies of the REST interface, both ways: what is read is written and read as the same.

use serde::Serialize;
use serde::de::DeserializeOwned;
use shared::api::{JsonValue, OperationRequest};
use shared::event::Event;
use shared::live::{self, ClientFrame, ServerFrame};

pub(crate) fn check(data: &[u8]) {
    let [which, bytes @ ..] = data else { return };
    match which % 7 {
        0 => postcard::<ClientFrame>(bytes),
        1 => postcard::<ServerFrame>(bytes),
        2 => postcard::<Event>(bytes),
        3 => json::<ClientFrame>(bytes),
        4 => json::<ServerFrame>(bytes),
        5 => json::<OperationRequest>(bytes),
        _ => json::<JsonValue>(bytes),
    }
}

/// Compares what is written, for what is no number is not equal to itself.
fn postcard<T: Serialize + DeserializeOwned>(bytes: &[u8]) {
    if let Ok(frame) = live::decode::<T>(bytes) {
        let written = live::encode(&frame).expect("what was read can be written");
        let again = live::decode::<T>(&written).expect("what was written can be read");
        assert_eq!(live::encode(&again), Ok(written));
    }
}

fn json<T: Serialize + DeserializeOwned>(bytes: &[u8]) {
    if let Ok(body) = serde_json::from_slice::<T>(bytes) {
        let written = serde_json::to_string(&body).expect("what was read can be written");
        let again: T = serde_json::from_str(&written).expect("what was written can be read");
        assert_eq!(
            serde_json::to_string(&again).expect("it can be written again"),
            written
        );
    }
}
