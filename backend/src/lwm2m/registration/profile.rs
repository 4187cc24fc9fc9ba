//! Profile IDs: a short name in a registration that stands for an object list. LwM2M Core 1.2 §6.2.1.3.
//!
//! No way to compute an identifier from a list is defined, so what one stands for is learnt from registrations that carry
//! both, or told by a person. A list beside the identifier is added to what it stands for.

use crate::lwm2m::{Refusal, quote};
use coap::Code;
use shared::codec::link::{self, Link};
use std::collections::BTreeMap;
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

/// The most identifiers that are known.
pub(crate) const MAX_PROFILES: usize = 10_000;
/// The longest identifier, and the most in one registration.
const LONGEST: usize = 128;
const MAX_IN_ONE: usize = 8;
/// The longest object list.
pub(crate) const LONGEST_LIST: usize = 65_536;

/// What an identifier stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Profile {
    /// An object list in link format.
    pub(crate) links: String,
    /// From a registration, not from a person.
    pub(crate) learnt: bool,
}

/// All identifiers that are known.
#[derive(Debug, Default)]
pub(crate) struct Profiles {
    known: RwLock<BTreeMap<String, Profile>>,
}

/// The object list of a registration with Profile IDs.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Resolved {
    pub(crate) payload: Vec<u8>,
    /// An identifier that the server did not know before, with its list.
    pub(crate) learnt: Option<(String, String)>,
}

impl Profiles {
    /// False if there are as many as may be.
    pub(crate) fn set(&self, id: &str, profile: Profile) -> bool {
        let mut known = self.write();
        if known.len() >= MAX_PROFILES && !known.contains_key(id) {
            return false;
        }
        known.insert(id.to_owned(), profile);
        true
    }

    /// Whether there was one.
    pub(crate) fn remove(&self, id: &str) -> bool {
        self.write().remove(id).is_some()
    }

    /// All of them, by identifier.
    pub(crate) fn all(&self) -> Vec<(String, Profile)> {
        let known = self.read();
        known
            .iter()
            .map(|(id, profile)| (id.clone(), profile.clone()))
            .collect()
    }

    /// The list that `pid` and the payload are together. One identifier that is not known is learnt if the list beside it
    /// has what every device has, the Server and the Device object: a list of a few extra objects is not what it stands for.
    ///
    /// # Errors
    /// 4.00 if `pid` is malformed, 4.09 if an identifier is not known: the device registers with its list then.
    pub(crate) fn resolve(&self, pid: &str, payload: &[u8]) -> Result<Resolved, Refusal> {
        let ids = parse(pid)?;
        let text = std::str::from_utf8(payload)
            .map_err(|_| Refusal::bad_request("the object list is not UTF-8 text"))?;
        let mut beside = link::parse(text).map_err(|error| {
            Refusal::bad_request(format!("the object list is not in link format: {error}"))
        })?;
        let known = self.read();
        let unknown = ids.iter().find(|id| !known.contains_key(**id));
        if let Some(unknown) = unknown {
            if !is_whole(&beside) {
                return Err(Refusal::new(
                    Code::CONFLICT,
                    format!(
                        "the Profile ID {} is not known here: register with the object list",
                        quote(unknown)
                    ),
                ));
            }
            let learnt = match ids.as_slice() {
                [only] => Some(((*only).to_owned(), text.to_owned())),
                _ => None,
            };
            return Ok(Resolved {
                payload: payload.to_vec(),
                learnt,
            });
        }
        for id in ids {
            let links = known.get(id).map(|profile| profile.links.as_str());
            let links = links
                .and_then(|links| link::parse(links).ok())
                .unwrap_or_default();
            add(&mut beside, links);
        }
        Ok(Resolved {
            payload: link::write(&beside).into_bytes(),
            learnt: None,
        })
    }

    fn read(&self) -> RwLockReadGuard<'_, BTreeMap<String, Profile>> {
        self.known.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, BTreeMap<String, Profile>> {
        self.known.write().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Adds the links whose targets are not there yet; what the device says itself goes before what its profile says.
fn add(links: &mut Vec<Link>, more: Vec<Link>) {
    for link in more {
        let target = link.target.trim_matches('/').to_owned();
        if !links.iter().any(|known| known.target.trim_matches('/') == target) {
            links.push(link);
        }
    }
}

/// Whether the list has the objects that every device has.
fn is_whole(links: &[Link]) -> bool {
    let has = |end: &str| {
        links.iter().any(|link| {
            let target = link.target.trim_matches('/');
            target == end || target.ends_with(&format!("/{end}"))
        })
    };
    has("3/0")
        && links.iter().any(|link| {
            let target = link.target.trim_matches('/');
            let instance = target.rsplit_once('/').map(|(object, _)| object);
            instance.is_some_and(|object| object == "1" || object.ends_with("/1"))
        })
}

/// The identifiers in the value of `pid`: one, or a list with commas in quotes.
///
/// # Errors
/// 4.00 if there is none, too many, or one that is none.
pub(crate) fn parse(pid: &str) -> Result<Vec<&str>, Refusal> {
    let list = pid
        .strip_prefix('"')
        .and_then(|text| text.strip_suffix('"'))
        .unwrap_or(pid);
    let ids: Vec<&str> = list.split(',').map(str::trim).collect();
    let wrong = ids.len() > MAX_IN_ONE || ids.iter().any(|id| !is_id(id));
    if wrong {
        return Err(Refusal::bad_request(format!(
            "pid={} is no Profile ID, which has the form 6:27354b9a, and no list of at most {MAX_IN_ONE} in quotes",
            quote(pid)
        )));
    }
    Ok(ids)
}

/// A suite or name space, a colon, and the rest, without spaces. RFC 6920 §6.
pub(crate) fn is_id(id: &str) -> bool {
    let plain = |text: &str| {
        !text.is_empty()
            && text
                .bytes()
                .all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'"' | b','))
    };
    id.len() <= LONGEST
        && id
            .split_once(':')
            .is_some_and(|(space, rest)| plain(space) && plain(rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIST: &[u8] = b"</>;ct=112,</1/0>,</3/0>,</3303/0>";

    #[test]
    fn an_identifier_is_learnt_from_a_whole_list_and_stands_for_it_then() {
        let profiles = Profiles::default();
        let unknown = profiles.resolve("6:27354b9a", b"").unwrap_err();
        assert_eq!(unknown.code, Code::CONFLICT);
        let extra_only = profiles.resolve("6:27354b9a", b"</3311/0>").unwrap_err();
        assert_eq!(extra_only.code, Code::CONFLICT);
        let first = profiles.resolve("6:27354b9a", LIST).unwrap();
        assert_eq!(first.payload, LIST);
        let (id, links) = first.learnt.unwrap();
        assert!(profiles.set(&id, Profile { links, learnt: true }));
        let alone = profiles.resolve("6:27354b9a", b"").unwrap();
        assert_eq!(alone.payload, LIST);
        let more = profiles.resolve("6:27354b9a", b"</3311/0>,</3303/0>").unwrap();
        assert_eq!(
            String::from_utf8(more.payload).unwrap(),
            "</3311/0>,</3303/0>,</>;ct=112,</1/0>,</3/0>"
        );
        assert_eq!(more.learnt, None);
        let quoted = profiles.resolve("\"6:27354b9a, oma:x\"", b"").unwrap_err();
        assert!(quoted.reason.contains("'oma:x'"), "{}", quoted.reason);
        assert!(profiles.remove("6:27354b9a"));
    }

    #[test]
    fn what_is_no_identifier_is_refused() {
        for pid in ["", "abc", "6:", ":a", "6:a b", "\"6:a,\"", "6:\u{1}"] {
            assert_eq!(parse(pid).unwrap_err().code, Code::BAD_REQUEST, "{pid}");
        }
        assert_eq!(parse("\"6:a,oma:b\"").unwrap(), ["6:a", "oma:b"]);
        assert_eq!(parse("v:b").unwrap(), ["v:b"]);
    }

    #[test]
    fn there_are_no_more_than_may_be() {
        let profiles = Profiles::default();
        let profile = || Profile {
            links: String::new(),
            learnt: true,
        };
        assert!((0..MAX_PROFILES).all(|number| profiles.set(&format!("6:{number}"), profile())));
        assert!(!profiles.set("6:more", profile()));
        assert!(profiles.set("6:0", profile()));
    }
}
