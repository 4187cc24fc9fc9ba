//! Bytes as a person reads them: sixteen to a line with their offset and their text.

/// Bytes to a line.
pub(crate) const WIDTH: usize = 16;

/// The bytes of a hexadecimal text; an odd digit or anything else ends it.
pub(crate) fn bytes(hex: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(hex.len() / 2);
    let mut high = None;
    for digit in hex.chars().map_while(|digit| digit.to_digit(16)) {
        let digit = digit as u8;
        match high.take() {
            Some(high) => bytes.push(high << 4 | digit),
            None => high = Some(digit),
        }
    }
    bytes
}

/// A byte as text: itself if it can be printed, else a dot.
pub(crate) fn printable(byte: u8) -> char {
    match byte {
        0x20..=0x7e => char::from(byte),
        _ => '·',
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hexadecimal_reads_back() {
        assert_eq!(bytes("48fF0"), vec![0x48, 0xff]);
        assert_eq!(bytes("4 8"), Vec::<u8>::new());
        assert_eq!(bytes("é"), Vec::<u8>::new());
    }

    #[test]
    fn only_ascii_is_printed() {
        assert_eq!([printable(b'a'), printable(0), printable(0xff)], ['a', '·', '·']);
    }
}
