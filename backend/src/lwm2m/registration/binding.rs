//! The binding letters. LwM2M Core 1.2 §6.2.1.2.

use std::fmt;

/// The transports a device can be reached by, a bit a letter.
#[derive(Clone, Copy, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
pub(crate) struct Binding(u8);

/// In the order in which they are written.
const LETTERS: [char; 6] = ['U', 'T', 'S', 'N', 'M', 'H'];

impl Binding {
    /// Without the parameter it is UDP.
    pub(crate) const UDP: Binding = Binding(1);

    /// The binding in this text, whether it has the `Q` of LwM2M 1.0, and the letters that mean nothing.
    pub(crate) fn parse(text: &str) -> (Binding, bool, String) {
        let mut bits = 0;
        let mut queue_mode = false;
        let mut unknown = String::new();
        for letter in text.chars() {
            match LETTERS.iter().position(|known| *known == letter) {
                Some(index) => bits |= 1 << index,
                None if letter == 'Q' => queue_mode = true,
                None => unknown.push(letter),
            }
        }
        (
            if bits == 0 { Binding::UDP } else { Binding(bits) },
            queue_mode,
            unknown,
        )
    }
}

impl fmt::Display for Binding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        LETTERS
            .iter()
            .enumerate()
            .filter(|(index, _)| self.0 & (1 << index) != 0)
            .try_for_each(|(_, letter)| write!(f, "{letter}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_are_read_in_any_order() {
        for (text, shown, queue, unknown) in [
            ("U", "U", false, ""),
            ("UQ", "U", true, ""),
            ("SU", "US", false, ""),
            ("", "U", false, ""),
            ("Q", "U", true, ""),
            ("UX", "U", false, "X"),
        ] {
            let (binding, queue_mode, rest) = Binding::parse(text);
            assert_eq!(
                (binding.to_string().as_str(), queue_mode, rest.as_str()),
                (shown, queue, unknown),
                "{text}"
            );
        }
    }
}
