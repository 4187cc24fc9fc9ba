//! Random secrets, and what is kept of them.

use super::AuthError;
use sha2::{Digest, Sha256};
use std::fmt;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// 256 random bits that a browser or a script shows to be recognised.
#[derive(Clone)]
pub struct Secret([u8; 32]);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

impl Secret {
    /// # Errors
    /// [`AuthError::Randomness`] if the system has none.
    pub fn random() -> Result<Secret, AuthError> {
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes).map_err(|error| AuthError::Randomness(error.to_string()))?;
        Ok(Secret(bytes))
    }

    /// The secret of this text, if it is one.
    pub fn from_text(text: &str) -> Option<Secret> {
        let mut bytes = [0; 32];
        if text.len() != 64 {
            return None;
        }
        for (byte, pair) in bytes.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
            *byte = hex_digit(pair[0])? << 4 | hex_digit(pair[1])?;
        }
        Some(Secret(bytes))
    }

    /// 64 hexadecimal digits.
    pub fn text(&self) -> String {
        hex(&self.0)
    }

    /// What is kept of it.
    pub fn hash(&self) -> [u8; 32] {
        Sha256::digest(self.0).into()
    }

    /// A second secret that belongs to this one and does not tell it.
    pub fn derive(&self, purpose: &str) -> String {
        let mut hasher = Sha256::new();
        hasher.update(purpose.as_bytes());
        hasher.update([0]);
        hasher.update(self.0);
        hex(&hasher.finalize())
    }

    /// A password that can be read out: 20 letters and digits, about 100 bits, in groups of five.
    pub fn readable_password() -> Result<String, AuthError> {
        // No letter or digit that is taken for another; 32 of them, so that every byte's low bits choose evenly.
        const ALPHABET: &[u8; 32] = b"abcdefghijkmnopqrstuvwxyz2345678";
        let secret = Secret::random()?;
        let letters = secret
            .0
            .iter()
            .take(20)
            .map(|byte| char::from(ALPHABET[usize::from(byte & 31)]));
        let mut text = String::with_capacity(23);
        for (index, letter) in letters.enumerate() {
            if index > 0 && index % 5 == 0 {
                text.push('-');
            }
            text.push(letter);
        }
        Ok(text)
    }
}

/// Whether two texts are equal, in a time that does not tell where they differ.
pub(super) fn same(left: &str, right: &str) -> bool {
    left.as_bytes().ct_eq(right.as_bytes()).into()
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    use fmt::Write;
    bytes
        .iter()
        .fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
            // Writing into a String cannot fail.
            let _ = write!(text, "{byte:02x}");
            text
        })
}

/// Bytes from hexadecimal digits, with or without spaces or colons between bytes.
pub(crate) fn from_hex(text: &str) -> Option<Zeroizing<Vec<u8>>> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(text.len() / 2));
    let mut high: Option<u8> = None;
    for character in text.chars() {
        if high.is_none() && matches!(character, ' ' | ':') {
            continue;
        }
        let digit = character.to_digit(16)? as u8;
        match high.take() {
            None => high = Some(digit),
            Some(high) => bytes.push(high << 4 | digit),
        }
    }
    (high.is_none() && !bytes.is_empty()).then_some(bytes)
}

const fn hex_digit(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_reads_back_and_shows_itself_nowhere() {
        let secret = Secret::random().unwrap();
        let text = secret.text();
        assert_eq!(Secret::from_text(&text).unwrap().hash(), secret.hash());
        assert_ne!(hex(&secret.hash()), text);
        assert_ne!(secret.derive("csrf"), text);
        assert_ne!(secret.derive("csrf"), secret.derive("other"));
        assert_eq!(format!("{secret:?}"), "Secret(…)");
    }

    #[test]
    fn what_is_no_secret_is_none() {
        let upper = "A".repeat(64);
        let long = "a".repeat(65);
        for text in ["", "ab", &upper, &long, &"é".repeat(32)] {
            assert!(Secret::from_text(text).is_none(), "{text}");
        }
    }

    #[test]
    fn passwords_can_be_read_out() {
        let password = Secret::readable_password().unwrap();
        assert_eq!(password.len(), 23);
        assert!(password.split('-').all(|group| group.len() == 5));
    }
}
