//! How well something matches what is typed. Pure.

use crate::words::lower;

/// From here on the match is good enough to stand before the devices.
pub(super) const GOOD: u32 = WORD * STEP - LONGEST;

const STEP: u32 = 100;
/// Beyond this a title counts as no longer.
const LONGEST: u32 = 99;

// What a word that is typed is worth, by where it is found.
const BEGIN: u32 = 100;
const WORD: u32 = 80;
const INSIDE: u32 = 50;
const OTHER_WORD: u32 = 40;
const LETTERS: u32 = 20;

/// The more, the better `typed` matches; `None` if one of its words does not. `others` are more words for the same thing.
/// Of two that match alike the shorter title is the better.
pub(super) fn rank(typed: &str, title: &str, others: &str) -> Option<u32> {
    let (typed, title, others) = (lower(typed), lower(title), lower(others));
    let mut sum = 0;
    let mut count = 0;
    for word in typed.split_whitespace() {
        sum += worth(word, &title, &others)?;
        count += 1;
    }
    let longer = (title.len() as u32).min(LONGEST);
    (count > 0).then(|| sum * STEP / count - longer)
}

fn worth(word: &str, title: &str, others: &str) -> Option<u32> {
    let begins = |text: &str| words(text).any(|one| one.starts_with(word));
    if title.starts_with(word) {
        Some(BEGIN)
    } else if begins(title) {
        Some(WORD)
    } else if shared::text::holds(title, word) {
        Some(INSIDE)
    } else if begins(others) {
        Some(OTHER_WORD)
    } else {
        has_letters(word, title).then_some(LETTERS)
    }
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|letter: char| letter.is_ascii() && !letter.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
}

/// Whether the letters come in their order, the first at the begin of a word: `prvimp` is in `Provisioning › Import`.
fn has_letters(word: &str, title: &str) -> bool {
    let Some(first) = word.chars().next() else {
        return true;
    };
    word.chars().count() > 1
        && words(title).filter(|one| one.starts_with(first)).any(|one| {
            // Where the word lies in the title; both are the same text.
            let from = one.as_ptr() as usize - title.as_ptr() as usize;
            let mut left = title[from..].chars();
            word.chars().all(|letter| left.any(|other| other == letter))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(typed: &str, title: &str, expect: bool) {
        assert_eq!(
            rank(typed, title, "ddf xml").is_some(),
            expect,
            "{typed} in {title}"
        );
    }

    #[test]
    fn words_their_begins_and_their_letters_match() {
        check("prov", "Provisioning › Import", true);
        check("IMPORT prov", "Provisioning › Import", true);
        check("prvimp", "Provisioning › Import", true);
        check("visio", "Provisioning › Import", true);
        check("ddf", "Upload a definition", true);
        check("mprt", "Provisioning › Import", false);
        check("z", "Provisioning › Import", false);
        check("prov zebra", "Provisioning › Import", false);
        check("", "Provisioning › Import", false);
        check("ü", "Prüfstand über", true);
    }

    #[test]
    fn the_better_match_comes_first() {
        let order = [
            rank("dev", "Devices", ""),
            rank("dev", "Devices that are late", ""),
            rank("dev", "Provision a device", ""),
            rank("dev", "Many xdevx", ""),
            rank("dev", "Import", "device"),
            rank("dev", "do everything very well", ""),
        ];
        assert!(order.iter().all(Option::is_some), "{order:?}");
        assert!(order.windows(2).all(|pair| pair[0] > pair[1]), "{order:?}");
        assert!(order[2] >= Some(GOOD) && order[3] < Some(GOOD));
    }
}
