//! The option numbers this crate knows, with what the registry says of each. RFC 7252 §5.10, RFC 7641 §2, RFC 7959 §2.1.

/// How an option's value is to be read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Format {
    /// No value.
    Empty,
    /// Bytes.
    Opaque,
    /// An unsigned integer in network byte order without leading zeros.
    Uint,
    /// UTF-8 text.
    String,
    /// A Block1 or Block2 value.
    Block,
}

/// What is known of an option.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Definition {
    /// The option's number.
    pub number: u16,
    /// The name in the registry.
    pub name: &'static str,
    /// How its value reads.
    pub format: Format,
    /// The shortest value, in bytes.
    pub min: u16,
    /// The longest value, in bytes.
    pub max: u16,
    /// Whether it may occur more than once.
    pub repeatable: bool,
    /// Whether this crate, or an application on it, can honour it in a request.
    pub understood: bool,
}

macro_rules! numbers {
    ($($constant:ident = $number:literal, $name:literal, $format:ident, $min:literal..=$max:literal, $repeatable:literal, $understood:literal;)*) => {
        $(
            #[doc = concat!("The number of ", $name, ".")]
            pub const $constant: u16 = $number;
        )*

        /// Every option with a name here, by number.
        pub const DEFINITIONS: &[Definition] = &[$(Definition {
            number: $number, name: $name, format: Format::$format, min: $min, max: $max,
            repeatable: $repeatable, understood: $understood,
        }),*];
    };
}

numbers! {
    IF_MATCH = 1, "If-Match", Opaque, 0..=8, true, true;
    URI_HOST = 3, "Uri-Host", String, 1..=255, false, true;
    ETAG = 4, "ETag", Opaque, 1..=8, true, true;
    IF_NONE_MATCH = 5, "If-None-Match", Empty, 0..=0, false, true;
    OBSERVE = 6, "Observe", Uint, 0..=3, false, true;
    URI_PORT = 7, "Uri-Port", Uint, 0..=2, false, true;
    LOCATION_PATH = 8, "Location-Path", String, 0..=255, true, true;
    OSCORE = 9, "OSCORE", Opaque, 0..=255, false, false;
    URI_PATH = 11, "Uri-Path", String, 0..=255, true, true;
    CONTENT_FORMAT = 12, "Content-Format", Uint, 0..=2, false, true;
    MAX_AGE = 14, "Max-Age", Uint, 0..=4, false, true;
    URI_QUERY = 15, "Uri-Query", String, 0..=255, true, true;
    HOP_LIMIT = 16, "Hop-Limit", Uint, 1..=1, false, true;
    ACCEPT = 17, "Accept", Uint, 0..=2, false, true;
    Q_BLOCK1 = 19, "Q-Block1", Block, 0..=3, false, false;
    LOCATION_QUERY = 20, "Location-Query", String, 0..=255, true, true;
    BLOCK2 = 23, "Block2", Block, 0..=3, false, true;
    BLOCK1 = 27, "Block1", Block, 0..=3, false, true;
    SIZE2 = 28, "Size2", Uint, 0..=4, false, true;
    Q_BLOCK2 = 31, "Q-Block2", Block, 0..=3, true, false;
    PROXY_URI = 35, "Proxy-Uri", String, 1..=1034, false, false;
    PROXY_SCHEME = 39, "Proxy-Scheme", String, 1..=255, false, false;
    SIZE1 = 60, "Size1", Uint, 0..=4, false, true;
    ECHO = 252, "Echo", Opaque, 1..=40, false, true;
    NO_RESPONSE = 258, "No-Response", Uint, 0..=1, false, true;
    REQUEST_TAG = 292, "Request-Tag", Opaque, 0..=8, true, true;
}

/// The definition of an option, or `None` for a number that has no name here.
pub fn definition(number: u16) -> Option<&'static Definition> {
    DEFINITIONS
        .binary_search_by_key(&number, |definition| definition.number)
        .ok()
        .map(|at| &DEFINITIONS[at])
}

/// Whether a receiver that does not know the option has to refuse the message. RFC 7252 §5.4.1.
pub const fn is_critical(number: u16) -> bool {
    number & 1 == 1
}

/// Whether the option is left out of a cache key. RFC 7252 §5.4.2.
pub const fn is_no_cache_key(number: u16) -> bool {
    number & 0x1e == 0x1c
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_definitions_are_sorted_so_that_they_can_be_searched() {
        assert!(DEFINITIONS.is_sorted_by_key(|definition| definition.number));
        assert_eq!(definition(BLOCK1).map(|it| it.name), Some("Block1"));
        assert_eq!(definition(2), None);
    }

    #[test]
    fn the_bits_of_the_number_say_what_it_is() {
        assert!(is_critical(URI_PATH) && !is_critical(OBSERVE));
        assert!(is_no_cache_key(SIZE1) && !is_no_cache_key(BLOCK1));
    }
}
