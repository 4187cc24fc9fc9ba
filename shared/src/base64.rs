//! Bytes as text. RFC 4648 §4 and §5.

const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// With padding.
pub fn encode(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for part in bytes.chunks(3) {
        let [first, second, third] = [0, 1, 2].map(|place| part.get(place).copied().unwrap_or_default());
        let bits = u32::from_be_bytes([0, first, second, third]);
        for place in 0..4 {
            // One byte makes two digits, two make three.
            text.push(if place > part.len() {
                '='
            } else {
                char::from(DIGITS[(bits >> (18 - 6 * place) & 63) as usize])
            });
        }
    }
    text
}

/// In the alphabet for addresses, without padding.
pub fn encode_url(bytes: &[u8]) -> String {
    let digits = encode(bytes);
    let digits = digits.trim_end_matches('=');
    digits.replace('+', "-").replace('/', "_")
}

/// The bytes of a text with its padding.
pub fn decode(text: &str) -> Option<Vec<u8>> {
    text.len().is_multiple_of(4).then(|| decode_unpadded(text))?
}

/// The bytes of a text whose padding may be missing.
pub fn decode_unpadded(text: &str) -> Option<Vec<u8>> {
    read(text, false)
}

/// The bytes of a text in either alphabet, padded or not, whatever the last digit has beyond the last byte.
pub fn decode_any(text: &str) -> Option<Vec<u8>> {
    read(text, true)
}

fn read(text: &str, any: bool) -> Option<Vec<u8>> {
    let digits = text.trim_end_matches('=');
    let padding = text.len() - digits.len();
    if padding > digits.len().next_multiple_of(4) - digits.len() {
        return None;
    }
    let mut bytes = Vec::with_capacity(digits.len() / 4 * 3 + 2);
    let (mut bits, mut count) = (0u32, 0);
    for digit in digits.bytes() {
        let value = match digit {
            b'A'..=b'Z' => digit - b'A',
            b'a'..=b'z' => digit - b'a' + 26,
            b'0'..=b'9' => digit - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            b'-' if any => 62,
            b'_' if any => 63,
            _ => return None,
        };
        bits = bits << 6 | u32::from(value);
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count) as u8);
            bits &= (1 << count) - 1;
        }
    }
    // A single digit is no byte.
    (count < 6 && (any || bits == 0)).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ::base64::Engine;
    use ::base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
    use ::base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
    use proptest::prelude::*;

    fn lenient(url: bool) -> GeneralPurpose {
        let padding = GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
        if url {
            GeneralPurpose::new(
                &::base64::alphabet::URL_SAFE,
                padding.with_decode_allow_trailing_bits(true),
            )
        } else {
            GeneralPurpose::new(&::base64::alphabet::STANDARD, padding)
        }
    }

    proptest! {
        #[test]
        fn bytes_are_written_as_the_crate_writes_them(bytes in proptest::collection::vec(any::<u8>(), 0..40)) {
            prop_assert_eq!(encode(&bytes), STANDARD.encode(&bytes));
            prop_assert_eq!(encode_url(&bytes), URL_SAFE_NO_PAD.encode(&bytes));
            prop_assert_eq!(decode(&encode(&bytes)), Some(bytes.clone()));
            prop_assert_eq!(decode_any(&encode_url(&bytes)), Some(bytes));
        }

        #[test]
        fn texts_are_read_as_the_crate_reads_them(text in "[AQgw9z+/_-]{0,6}[Aw9 *é]?={0,4}") {
            prop_assert_eq!(decode(&text), STANDARD.decode(&text).ok(), "{}", text);
            prop_assert_eq!(decode_unpadded(&text), lenient(false).decode(&text).ok(), "{}", text);
            let url = text.replace('+', "-").replace('/', "_");
            prop_assert_eq!(decode_any(&text), lenient(true).decode(url).ok(), "{}", text);
        }
    }
}
