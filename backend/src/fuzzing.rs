//! The parsers of the server, for fuzzing and for the tests that replay what it found. No part of the interface: it may change at
//! any time.

use crate::config;
use crate::lwm2m::registration::{ObjectLinks, parameters};
use coap::{Options, number};
use shared::{Path, Version};

/// Reads query options, one for each line, as those of a Register and of an Update.
pub fn registration_parameters(bytes: &[u8]) {
    let mut options = Options::new();
    for query in bytes.split(|byte| *byte == b'\n') {
        options.add(number::URI_QUERY, query);
    }
    let _ = parameters::register(&options, None);
    let _ = parameters::register(&options, Some("urn:dev:proven"));
    let _ = parameters::update(&options);
}

/// Reads the object list of a registration in each version of the protocol.
///
/// # Panics
/// When what is said of an object list cannot be.
pub fn object_list(bytes: &[u8]) {
    for version in [Version::V1_0, Version::V1_1, Version::V1_2] {
        let Ok(links) = ObjectLinks::parse(version, bytes) else {
            continue;
        };
        for path in &links.objects {
            assert!(links.has_object(path.truncated(1)), "{path} is listed");
            let _ = links.request_path(*path);
            let _ = links.free_instance(path.truncated(1));
        }
        let _ = links.below_root("/3/0");
        let _ = links.has_instance(Path::instance(3, 0));
    }
}

/// Reads a configuration file.
///
/// # Panics
/// When it is refused without a reason.
pub fn configuration(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    if let Err(problems) = config::parse(text) {
        assert!(!problems.is_empty(), "a refusal says why");
    }
}
