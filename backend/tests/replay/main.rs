//! What was ever found by fuzzing, and the seeds it began with, held to the checks of the fuzz targets again.

#[path = "../../../fuzz/checks/mod.rs"]
mod checks;

use std::path::Path;

// The checks name each other as modules of the root, for in a fuzz target they are.
use checks::{payload, script};

/// Runs every input of a target that is kept in the repository; its name is told if the check panics.
fn replay(target: &str, check: fn(&[u8])) {
    let fuzz = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz");
    let mut inputs = 0;
    for folder in ["seeds", "regressions"] {
        // A target of which nothing was found has no folder of regressions.
        let Ok(entries) = std::fs::read_dir(fuzz.join(folder).join(target)) else {
            continue;
        };
        for entry in entries {
            let path = entry.expect("the folder can be read").path();
            let data = std::fs::read(&path).expect("the input can be read");
            if let Err(panic) = std::panic::catch_unwind(|| check(&data)) {
                let words = panic
                    .downcast_ref::<String>()
                    .map_or("it panicked", String::as_str);
                panic!("{}: {words}", path.display());
            }
            inputs += 1;
        }
    }
    assert!(inputs > 0, "there are seeds of {target}");
}

macro_rules! replays {
    ($($target:ident),* $(,)?) => { $(
        #[test]
        fn $target() {
            replay(stringify!($target), checks::$target::check);
        }
    )* };
}

replays!(
    coap_message,
    coap_endpoint,
    coap_stream,
    payload_binary,
    payload_text,
    words,
    live,
    dtls_message,
    dtls_endpoint,
    server,
);
