//! The arguments of an Execute. LwM2M Core 1.2 §6.3.5.

/// The grammar of LwM2M Core 1.2 §6.3.5: digits, each once, with an optional text in single quotes.
pub(crate) fn check(text: &str) -> Result<(), String> {
    const GRAMMAR: &str = "arguments are digits from 0 to 9, each once, separated by commas, each with an optional text in single quotes: 0='a',1";
    let mut rest = text;
    let mut seen = [false; 10];
    while !rest.is_empty() {
        let digit = rest
            .bytes()
            .next()
            .filter(u8::is_ascii_digit)
            .map(|byte| usize::from(byte - b'0'))
            .ok_or(GRAMMAR)?;
        if std::mem::replace(&mut seen[digit], true) {
            return Err(format!("the argument {digit} is given twice"));
        }
        rest = &rest[1..];
        if let Some(quoted) = rest.strip_prefix("='") {
            let end = quoted.find('\'').ok_or(GRAMMAR)?;
            let allowed = |byte: u8| matches!(byte, b'!' | 0x23..=0x26 | 0x28..=0x5b | 0x5d..=0x7e);
            if !quoted[..end].bytes().all(allowed) {
                return Err(
                    "the text of an argument has no spaces, quotes, backslashes or characters beyond ASCII"
                        .into(),
                );
            }
            rest = &quoted[end + 1..];
        }
        rest = match rest.strip_prefix(',') {
            Some("") => return Err(GRAMMAR.into()),
            Some(more) => more,
            None if rest.is_empty() => rest,
            None => return Err(GRAMMAR.into()),
        };
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_follow_the_grammar() {
        for text in ["", "0", "0,1", "0='a'", "0='http://x/y',5,9=''"] {
            assert_eq!(check(text), Ok(()), "{text}");
        }
        for text in [
            "a", "0,", ",0", "0=a", "0='a", "0,0", "0='a b'", "10", "0 ,1", "é", "0='é'",
        ] {
            assert!(check(text).is_err(), "{text}");
        }
    }
}
