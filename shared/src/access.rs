//! Who may do what on a device: object 2, Access Control. LwM2M Core 1.2 §8.
//!
//! The device decides; this says beforehand what it will decide.

use crate::compact::Compact;
use crate::sorted::SortedMap;
use crate::{Path, Value};
use serde::{Deserialize, Serialize};
use std::fmt;

/// Rights on an object instance, or on an object as far as creating goes. LwM2M Core 1.2, appendix E.3.
#[derive(Clone, Copy, PartialEq, Eq, Default, Hash)]
pub struct Rights(u16);

impl Rights {
    pub const NONE: Rights = Rights(0);
    /// Read, Observe, Write-Attributes.
    pub const READ: Rights = Rights(1);
    pub const WRITE: Rights = Rights(2);
    pub const EXECUTE: Rights = Rights(4);
    pub const DELETE: Rights = Rights(8);
    pub const CREATE: Rights = Rights(16);
    /// What the owner of an instance may do.
    pub const OWNER: Rights = Rights(15);
    /// What the only server of a device may do.
    pub const ALL: Rights = Rights(31);

    const LETTERS: [(char, Rights); 5] = [
        ('R', Rights::READ),
        ('W', Rights::WRITE),
        ('E', Rights::EXECUTE),
        ('D', Rights::DELETE),
        ('C', Rights::CREATE),
    ];

    /// The rights of an access control list; bits without a meaning are dropped.
    pub const fn from_bits(bits: u16) -> Rights {
        Rights(bits & Rights::ALL.0)
    }

    pub const fn bits(self) -> u16 {
        self.0
    }

    /// The rights that the letters name; `None` if one names nothing.
    pub fn from_letters(letters: &str) -> Option<Rights> {
        letters.chars().try_fold(Rights::NONE, |rights, letter| {
            let found = Rights::LETTERS.into_iter().find(|(known, _)| *known == letter);
            found.map(|(_, right)| Rights(rights.0 | right.0))
        })
    }

    pub const fn contains(self, right: Rights) -> bool {
        self.0 & right.0 == right.0
    }

    /// These with others.
    pub const fn with(self, others: Rights) -> Rights {
        Rights(self.0 | others.0)
    }

    /// These without others.
    pub const fn without(self, others: Rights) -> Rights {
        Rights(self.0 & !others.0)
    }

    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// What they allow, as verbs: `"read, write or execute"`; empty for none.
    pub fn in_words(self, last: &str) -> String {
        const VERBS: [&str; 5] = ["read", "write", "execute", "delete", "create"];
        let held = Rights::LETTERS.into_iter().zip(VERBS);
        let verbs: Vec<&str> = held
            .filter(|((_, right), _)| self.contains(*right))
            .map(|(_, verb)| verb)
            .collect();
        match verbs.split_last() {
            Some((verb, before)) if !before.is_empty() => {
                format!("{} {last} {verb}", before.join(", "))
            }
            _ => verbs.concat(),
        }
    }
}

/// The letters, `"RWE"`; `"-"` for none.
impl fmt::Display for Rights {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 == 0 {
            return f.write_str("-");
        }
        Rights::LETTERS
            .into_iter()
            .filter(|(_, right)| self.contains(*right))
            .try_for_each(|(letter, _)| write!(f, "{letter}"))
    }
}

impl fmt::Debug for Rights {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for Rights {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Rights {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Rights, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        Rights::from_letters(text.trim_matches('-'))
            .ok_or_else(|| serde::de::Error::custom("letters of RWEDC are wanted"))
    }
}

impl Compact for Rights {
    fn read(reader: &mut crate::compact::Reader<'_>) -> Self {
        let letters = |text: &str| Rights::from_letters(text.trim_matches('-'));
        reader.parsed(letters, Rights::NONE)
    }
}

/// An instance of object 2.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Compact)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AccessControl {
    /// Its own instance id.
    pub id: u16,
    pub object: u16,
    /// 65535: the entry is about creating instances of the object.
    pub instance: u16,
    /// Short server id → rights; id 0 is for those that are not named.
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub list: SortedMap<u16, Rights>,
    /// Short server id; 65535 is the bootstrap server.
    pub owner: u16,
}

/// The entries among the values of a device. Those that lack what makes them one are left out.
pub fn entries<'a>(values: impl IntoIterator<Item = (Path, &'a Value)>) -> Vec<AccessControl> {
    #[derive(Default)]
    struct Found {
        object: Option<u16>,
        instance: Option<u16>,
        owner: Option<u16>,
        list: SortedMap<u16, Rights>,
    }
    let mut found: SortedMap<u16, Found> = SortedMap::new();
    for (path, value) in values {
        let [2, id, resource, ref index @ ..] = *path.ids() else {
            continue;
        };
        let number = match value {
            Value::Integer(number) => u16::try_from(*number).ok(),
            Value::Unsigned(number) => u16::try_from(*number).ok(),
            _ => None,
        };
        let entry = found.get_or_insert_with(id, Found::default);
        match (resource, index, number) {
            (0, [], number) => entry.object = number,
            (1, [], number) => entry.instance = number,
            (2, [server], Some(bits)) => {
                entry.list.insert(*server, Rights::from_bits(bits));
            }
            (3, [], number) => entry.owner = number,
            _ => {}
        }
    }
    found
        .into_iter()
        .filter_map(|(id, found)| {
            Some(AccessControl {
                id,
                object: found.object?,
                instance: found.instance?,
                list: found.list,
                owner: found.owner?,
            })
        })
        .collect()
}

/// The right to create instances has this for an instance id.
pub const OBJECT_LEVEL: u16 = u16::MAX;

/// What a server may do with an object instance.
///
/// On a device without access control everything is allowed. Otherwise: what the list says of the server; all for an
/// owner of whom it says nothing; else what it says of everybody; else nothing. LwM2M Core 1.2 §8.2.
pub fn rights(entries: &[AccessControl], server: u16, object: u16, instance: u16) -> Rights {
    if entries.is_empty() {
        return Rights::ALL;
    }
    let about = entries
        .iter()
        .find(|entry| entry.object == object && entry.instance == instance);
    let Some(entry) = about else { return Rights::NONE };
    let own = entry.list.get(&server).copied();
    let owner = (entry.owner == server).then_some(Rights::OWNER);
    own.or(owner)
        .or_else(|| entry.list.get(&0).copied())
        .unwrap_or(Rights::NONE)
}

/// What a server may do with an object instance of a device with these servers. With one server alone, access control
/// is not in force. LwM2M Core 1.2 §8.1.
pub fn rights_among(
    entries: &[AccessControl],
    servers: usize,
    server: u16,
    object: u16,
    instance: u16,
) -> Rights {
    if servers == 1 {
        return Rights::ALL;
    }
    rights(entries, server, object, instance)
}

/// Why an access control list cannot be changed by this server.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ChangeRefusal {
    #[error(
        "no entry of /2 is about it; entries are made by a bootstrap, or by the device when a server creates an instance"
    )]
    NoEntry,
    #[error("/2/{entry} belongs to {}, and only its owner may change it", owner_in_words(*.owner))]
    NotOwner { entry: u16, owner: u16 },
    #[error("a short server id is 1 to 65534, or 0 for all servers that are not named")]
    BadServer,
    #[error("the right to create (C) is one on an object, and R, W, E and D are rights on an instance")]
    WrongLevel,
}

fn owner_in_words(owner: u16) -> String {
    match owner {
        u16::MAX => "the bootstrap server".into(),
        owner => format!("server {owner}"),
    }
}

/// The entry about an object instance with another list, as `server`, which has to own it, may write it. LwM2M Core 1.2
/// §8.1, appendix E.3.
///
/// # Errors
/// [`ChangeRefusal`].
pub fn changed(
    entries: &[AccessControl],
    server: u16,
    object: u16,
    instance: u16,
    list: SortedMap<u16, Rights>,
) -> Result<AccessControl, ChangeRefusal> {
    if list.contains_key(&u16::MAX) {
        return Err(ChangeRefusal::BadServer);
    }
    let fits = |rights: &Rights| match instance {
        OBJECT_LEVEL => Rights::CREATE.contains(*rights),
        _ => Rights::OWNER.contains(*rights),
    };
    if !list.values().all(fits) {
        return Err(ChangeRefusal::WrongLevel);
    }
    let about = entries
        .iter()
        .find(|entry| entry.object == object && entry.instance == instance);
    let entry = about.ok_or(ChangeRefusal::NoEntry)?;
    if entry.owner != server {
        return Err(ChangeRefusal::NotOwner {
            entry: entry.id,
            owner: entry.owner,
        });
    }
    Ok(AccessControl {
        list,
        ..entry.clone()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn entry(object: u16, instance: u16, owner: u16, list: &[(u16, &str)]) -> AccessControl {
        AccessControl {
            id: 0,
            object,
            instance,
            list: list
                .iter()
                .map(|(server, letters)| (*server, Rights::from_letters(letters).unwrap()))
                .collect(),
            owner,
        }
    }

    #[test]
    fn the_list_goes_before_ownership_and_ownership_before_the_default() {
        let entries = [
            entry(3, 0, 101, &[(102, "R"), (0, "RW")]),
            entry(5, 0, 101, &[(101, "R")]),
            entry(6, 0, 102, &[]),
            entry(3303, OBJECT_LEVEL, 65535, &[(101, "C")]),
        ];
        for (server, object, instance, letters) in [
            (101, 3, 0, "RWED"),
            (102, 3, 0, "R"),
            (103, 3, 0, "RW"),
            (101, 5, 0, "R"),
            (102, 5, 0, "-"),
            (101, 6, 0, "-"),
            (102, 6, 0, "RWED"),
            (101, 3303, OBJECT_LEVEL, "C"),
            (102, 3303, OBJECT_LEVEL, "-"),
            (101, 9, 0, "-"),
        ] {
            let found = rights(&entries, server, object, instance);
            assert_eq!(found.to_string(), letters, "{server} on /{object}/{instance}");
        }
        assert_eq!(rights(&[], 101, 3, 0), Rights::ALL);
    }

    #[test]
    fn entries_are_read_from_values() {
        let at = |text: &str| text.parse::<Path>().unwrap();
        let values = [
            (at("/2/4/0"), Value::Integer(3)),
            (at("/2/4/1"), Value::Integer(0)),
            (at("/2/4/2/101"), Value::Integer(15)),
            (at("/2/4/2/0"), Value::Unsigned(0xff01)),
            (at("/2/4/3"), Value::Integer(101)),
            (at("/2/5/0"), Value::Integer(3)),
            (at("/3/0/1"), Value::String("x".into())),
        ];
        let found = entries(values.iter().map(|(path, value)| (*path, value)));
        let mut wanted = entry(3, 0, 101, &[(101, "RWED"), (0, "R")]);
        wanted.id = 4;
        assert_eq!(found, [wanted]);
    }

    #[test]
    fn with_one_server_alone_everything_is_allowed() {
        let entries = [entry(3, 0, 102, &[(102, "R")])];
        assert_eq!(rights_among(&entries, 1, 101, 3, 0), Rights::ALL);
        assert_eq!(rights_among(&entries, 2, 101, 3, 0), Rights::NONE);
    }

    #[test]
    fn only_the_owner_changes_a_list_and_only_what_fits_its_level() {
        let entries = [
            entry(3, 0, 101, &[(102, "R")]),
            entry(5, 0, u16::MAX, &[]),
            entry(3303, OBJECT_LEVEL, 101, &[]),
        ];
        let list = |letters: &str| SortedMap::from([(102, Rights::from_letters(letters).unwrap())]);
        let change = |server, object, instance, letters: &str| {
            changed(&entries, server, object, instance, list(letters)).map(|entry| entry.list)
        };
        assert_eq!(change(101, 3, 0, "RW"), Ok(list("RW")));
        assert_eq!(change(101, 3303, OBJECT_LEVEL, "C"), Ok(list("C")));
        assert_eq!(change(101, 3, 0, "C"), Err(ChangeRefusal::WrongLevel));
        assert_eq!(
            change(101, 3303, OBJECT_LEVEL, "R"),
            Err(ChangeRefusal::WrongLevel)
        );
        let owned_by = |owner| Err(ChangeRefusal::NotOwner { entry: 0, owner });
        assert_eq!(change(102, 3, 0, "R"), owned_by(101));
        assert_eq!(change(101, 5, 0, "R"), owned_by(u16::MAX));
        assert_eq!(change(101, 6, 0, "R"), Err(ChangeRefusal::NoEntry));
        let nobody = SortedMap::from([(u16::MAX, Rights::READ)]);
        assert_eq!(
            changed(&entries, 101, 3, 0, nobody).map(drop),
            Err(ChangeRefusal::BadServer)
        );
    }

    fn any_list() -> impl Strategy<Value = SortedMap<u16, Rights>> {
        proptest::collection::vec((0u16..6, (0u16..16).prop_map(Rights::from_bits)), 0..6)
            .prop_map(SortedMap::of_entries)
    }

    proptest! {
        /// What the rule says in words, against what is computed, whatever the entry.
        #[test]
        fn the_rule_of_the_specification_holds(
            list in any_list(),
            owner in 1u16..6,
            server in 1u16..6,
            servers in 1usize..4,
        ) {
            let entry = AccessControl { id: 9, object: 3, instance: 0, list: list.clone(), owner };
            let found = rights_among(&[entry], servers, server, 3, 0);
            let wanted = if servers == 1 {
                Rights::ALL
            } else if let Some(own) = list.get(&server) {
                *own
            } else if owner == server {
                Rights::OWNER
            } else {
                list.get(&0).copied().unwrap_or(Rights::NONE)
            };
            prop_assert_eq!(found, wanted);
        }

        /// What an owner writes is what holds then, for every server that it names and through the values on the wire.
        #[test]
        fn a_changed_list_is_in_force(before in any_list(), after in any_list(), owner in 1u16..6) {
            let entry = AccessControl { id: 9, object: 3, instance: 0, list: before, owner };
            let changed = changed(&[entry], owner, 3, 0, after.clone()).unwrap();
            let path = |resource| Path::resource(2, 9, resource);
            let number = |id: u16| Value::Integer(i64::from(id));
            let mut values = vec![
                (path(0), number(3)),
                (path(1), number(0)),
                (path(3), number(owner)),
            ];
            values.extend(changed.list.iter().map(|(server, rights)| {
                (Path::resource_instance(2, 9, 2, *server), number(rights.bits()))
            }));
            let read = entries(values.iter().map(|(path, value)| (*path, value)));
            for (server, granted) in &after {
                prop_assert_eq!(rights_among(&read, 2, *server, 3, 0), *granted);
            }
            if !after.contains_key(&owner) {
                prop_assert_eq!(rights_among(&read, 2, owner, 3, 0), Rights::OWNER);
            }
        }
    }

    #[test]
    fn rights_read_back() {
        for bits in 0..32 {
            let rights = Rights::from_bits(bits);
            let json = serde_json::to_string(&rights).unwrap();
            assert_eq!(serde_json::from_str::<Rights>(&json).unwrap(), rights);
        }
        assert_eq!(Rights::from_letters("RX"), None);
    }
}
