//! Looking for a text in another. A page looks in short texts, for which one plain way does; the standard library's has several,
//! and all of them would be loaded.

/// Where `part` first begins.
#[inline(never)]
pub fn place(text: &str, part: &str) -> Option<usize> {
    if part.is_empty() {
        return Some(0);
    }
    text.as_bytes()
        .windows(part.len())
        .position(|window| window == part.as_bytes())
}

/// Whether a letter stands anywhere in the text.
#[inline(never)]
pub fn has(text: &str, letter: char) -> bool {
    text.chars().any(|one| one == letter)
}

pub fn holds(text: &str, part: &str) -> bool {
    place(text, part).is_some()
}

/// What stands before the first `part`, and what after it.
pub fn cut<'a>(text: &'a str, part: &str) -> Option<(&'a str, &'a str)> {
    let place = place(text, part)?;
    Some((text.get(..place)?, text.get(place + part.len()..)?))
}

/// The text with `new` in the place of each `part`, which is not empty.
pub fn replaced(mut text: &str, part: &str, new: &str) -> String {
    let mut replaced = String::with_capacity(text.len());
    while let Some((before, after)) = cut(text, part).filter(|_| !part.is_empty()) {
        replaced += before;
        replaced += new;
        text = after;
    }
    replaced + text
}

#[cfg(test)]
mod tests {
    use super::{cut, has, holds, replaced};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn it_is_found_where_the_standard_library_finds_it(text in "[abü]{0,12}", part in "[abü]{0,3}", new in "[ax]{0,3}") {
            prop_assert_eq!(holds(&text, &part), text.contains(&part));
            prop_assert_eq!(has(&text, 'ü'), text.contains('ü'));
            prop_assert_eq!(cut(&text, &part), text.split_once(&part));
            if !part.is_empty() {
                prop_assert_eq!(replaced(&text, &part, &new), text.replace(&part, &new));
            }
        }
    }
}
