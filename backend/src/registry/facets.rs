//! The words that the fleet knows, with how many devices have each.

use super::Rows;
use shared::api::{Counted, FleetFacets};
use std::collections::HashMap;

/// The most words of a kind.
const MOST: usize = 100;

/// Counts models, firmware versions, LwM2M versions and tags; the most frequent first.
pub(crate) fn facets(rows: &Rows) -> FleetFacets {
    let mut models = HashMap::new();
    let mut firmwares = HashMap::new();
    let mut versions = HashMap::new();
    let mut tags: HashMap<(&str, &str), u64> = HashMap::new();
    for (_, device) in rows.iter() {
        count(&mut models, device.model());
        count(&mut firmwares, device.firmware());
        let version = device
            .registration
            .as_ref()
            .map(|registration| registration.version);
        count(&mut versions, version.map(|version| version.as_str()));
        for (name, value) in device.described.iter().flat_map(|described| &described.tags) {
            *tags.entry((name, value)).or_default() += 1;
        }
    }
    FleetFacets {
        models: most(models, str::to_owned),
        firmwares: most(firmwares, str::to_owned),
        versions: most(versions, str::to_owned),
        tags: most(tags, |(name, value)| {
            if value.is_empty() {
                name.to_owned()
            } else {
                format!("{name}={value}")
            }
        }),
    }
}

fn count<'a>(counts: &mut HashMap<&'a str, u64>, text: Option<&'a str>) {
    if let Some(text) = text {
        *counts.entry(text).or_default() += 1;
    }
}

fn most<K: Ord>(counts: HashMap<K, u64>, write: impl Fn(K) -> String) -> Vec<Counted> {
    let mut counts: Vec<(K, u64)> = counts.into_iter().collect();
    counts.sort_unstable_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    counts
        .into_iter()
        .take(MOST)
        .map(|(key, count)| Counted {
            text: write(key),
            count,
        })
        .collect()
}
