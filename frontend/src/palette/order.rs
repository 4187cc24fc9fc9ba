//! Which of all that could be told is told, and in which order. Pure.

use super::Entry;
use super::rank::{GOOD, rank};
use shared::sort::sort_by_key;

/// So many of one group when something is typed.
const MOST: usize = 4;

/// What is told for what is typed, group by group. `places` are the pages and actions, `devices` what the server found.
///
/// With nothing typed: the devices opened last, then what can be done here and where one can go. Else what matches, the group
/// with the best match first. The devices stand behind what matches at the begin of a word, and before what matches by less;
/// last if there are none but the way to the list of them.
pub(super) fn told(typed: &str, recent: &[Entry], places: &[Entry], devices: Vec<Entry>) -> Vec<Entry> {
    if typed.is_empty() {
        let loud = places.iter().filter(|entry| !entry.quiet);
        return recent.iter().chain(loud).cloned().collect();
    }
    let mut groups: Vec<(u32, Vec<(u32, &Entry)>)> = Vec::new();
    for entry in places {
        let Some(rank) = rank(typed, &entry.title, entry.words) else {
            continue;
        };
        match groups
            .iter_mut()
            .find(|(_, group)| group.first().is_some_and(|(_, first)| first.group == entry.group))
        {
            Some((best, group)) => {
                *best = (*best).max(rank);
                group.push((rank, entry));
            }
            None => groups.push((rank, vec![(rank, entry)])),
        }
    }
    sort_by_key(&mut groups, |(best, _)| std::cmp::Reverse(*best));
    let mut told = Vec::new();
    let any = devices.len() > 1;
    let mut devices = Some(devices);
    for (best, mut group) in groups {
        if any && best < GOOD {
            told.extend(devices.take().into_iter().flatten());
        }
        sort_by_key(&mut group, |(rank, _)| std::cmp::Reverse(*rank));
        told.extend(group.into_iter().take(MOST).map(|(_, entry)| entry.clone()));
    }
    told.extend(devices.into_iter().flatten());
    told
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::Deed;

    fn entry(group: &'static str, title: &str) -> Entry {
        Entry::new(group, "", title, Deed::Go(String::new()))
    }

    fn titles(typed: &str) -> Vec<String> {
        let recent = [entry("Recent", "pump")];
        let places = [
            entry("Pages", "Devices"),
            entry("Pages", "Settings › Server"),
            Entry {
                quiet: true,
                ..entry("Pages", "Devices › Late")
            },
            entry("Actions", "Import devices"),
        ];
        let mut devices = vec![entry("Found", "all")];
        if typed != "srvr" {
            devices.insert(0, entry("Found", "urn:dev:1"));
        }
        let told = told(
            typed,
            &recent,
            &places,
            if typed.is_empty() { Vec::new() } else { devices },
        );
        told.into_iter().map(|entry| entry.title).collect()
    }

    #[test]
    fn with_nothing_typed_the_last_devices_come_first() {
        assert_eq!(
            titles(""),
            ["pump", "Devices", "Settings › Server", "Import devices"]
        );
    }

    #[test]
    fn what_begins_so_comes_before_the_devices_and_what_only_has_the_letters_behind() {
        assert_eq!(
            titles("dev"),
            ["Devices", "Devices › Late", "Import devices", "urn:dev:1", "all"]
        );
        assert_eq!(titles("import"), ["Import devices", "urn:dev:1", "all"]);
        assert_eq!(titles("svr"), ["urn:dev:1", "all", "Settings › Server"]);
        assert_eq!(titles("srvr"), ["Settings › Server", "all"]);
        assert_eq!(titles("zebra"), ["urn:dev:1", "all"]);
    }
}
