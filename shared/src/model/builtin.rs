//! The definitions that come with the program: every object of the OMA registry in every version, as facts, with
//! short descriptions of our own for the common ones.

use super::{ObjectModel, Registry, Text, facts};

const OBJECTS: &str = include_str!("../../data/objects.txt");
const DESCRIPTIONS: &str = include_str!("../../data/descriptions.txt");

/// Where descriptions with `*` for the object apply: the sensors and actuators that share resources.
const SHARING: std::ops::RangeInclusive<u16> = 3300..=3350;

impl Registry {
    /// The built-in definitions. Their texts are borrowed from the program, so that this takes milliseconds and about
    /// a megabyte. The data is fixed when the program is built, and the tests hold that all of it reads.
    pub fn builtin() -> Registry {
        let mut objects = facts::read(OBJECTS).unwrap_or_default();
        let descriptions = Descriptions::read(DESCRIPTIONS);
        objects
            .iter_mut()
            .for_each(|object| descriptions.describe(object));
        objects.into_iter().collect()
    }
}

/// Texts by object and resource, sorted. Lines are `object TAB text`, `object/resource TAB text` or
/// `*/resource TAB text`; those that begin with `#` are comments.
struct Descriptions {
    objects: Vec<(u16, &'static str)>,
    resources: Vec<((u16, u16), &'static str)>,
    shared: Vec<(u16, &'static str)>,
}

impl Descriptions {
    fn read(text: &'static str) -> Descriptions {
        let mut all = Descriptions {
            objects: Vec::new(),
            resources: Vec::new(),
            shared: Vec::new(),
        };
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            let Some((place, text)) = line.split_once('\t') else {
                continue;
            };
            match place.split_once('/') {
                None => all.objects.extend(place.parse().ok().map(|id| (id, text))),
                Some(("*", id)) => all.shared.extend(id.parse().ok().map(|id| (id, text))),
                Some((object, id)) => {
                    let place = object.parse().ok().zip(id.parse().ok());
                    all.resources.extend(place.map(|place| (place, text)));
                }
            }
        }
        all.objects.sort_unstable();
        all.resources.sort_unstable();
        all.shared.sort_unstable();
        all
    }

    fn describe(&self, object: &mut ObjectModel) {
        let Some(description) = find(&self.objects, object.id) else {
            return;
        };
        object.description = Some(Text::Borrowed(description));
        for resource in &mut object.resources {
            let own = find(&self.resources, (object.id, resource.id));
            let shared = || find(&self.shared, resource.id).filter(|_| SHARING.contains(&object.id));
            resource.description = own.or_else(shared).map(Text::Borrowed);
        }
    }
}

fn find<K: Ord + Copy>(sorted: &[(K, &'static str)], key: K) -> Option<&'static str> {
    let index = sorted.binary_search_by_key(&key, |(key, _)| *key).ok()?;
    sorted.get(index).map(|(_, text)| *text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::DataType;
    use crate::model::ObjectVersion;

    #[test]
    fn every_line_of_the_built_in_data_reads() {
        let objects = facts::read(OBJECTS).unwrap();
        assert_eq!(objects.len(), 424);
        assert_eq!(Registry::builtin().len(), 424);
        for line in DESCRIPTIONS.lines().filter(|line| !line.starts_with('#')) {
            let (place, text) = line.split_once('\t').unwrap();
            let known = place.split('/').all(|id| id == "*" || id.parse::<u16>().is_ok());
            assert!(known && !text.trim().is_empty(), "{line}");
        }
    }

    #[test]
    fn the_common_objects_are_described_to_the_last_resource() {
        let registry = Registry::builtin();
        let described = |id: &u16| matches!(id, 0..=7 | 9 | 21) || SHARING.contains(id);
        for object in registry.iter().filter(|object| described(&object.id)) {
            let place = format!("/{} {}", object.id, object.version);
            assert!(object.description.is_some(), "{place}");
            for resource in &object.resources {
                assert!(
                    resource.description.is_some(),
                    "{place}: {} {}",
                    resource.id,
                    resource.name
                );
            }
        }
    }

    #[test]
    fn versions_stand_side_by_side() {
        let registry = Registry::builtin();
        let firmware = |minor| registry.get(5, ObjectVersion::new(1, minor)).unwrap();
        assert!(firmware(0).resource(10).is_none());
        assert!(firmware(1).resource(10).is_some());
        assert_eq!(
            registry.latest(3).map(|model| model.version),
            Some(ObjectVersion::new(1, 2))
        );
        let temperature = registry.latest(3303).unwrap();
        let value = temperature.resource(5700).unwrap();
        assert_eq!((value.data_type, value.mandatory), (DataType::Float, true));
        // A version that is not there is served by the next newer, else by the newest.
        let nearest = |id, major, minor| {
            let version = ObjectVersion::new(major, minor);
            registry
                .nearest(id, version)
                .map(|model| model.version.to_string())
        };
        assert_eq!(nearest(5, 1, 0).as_deref(), Some("1.0"));
        assert_eq!(nearest(3, 1, 9).as_deref(), Some("1.2"));
        assert_eq!(nearest(3303, 7, 0).as_deref(), Some("1.1"));
        assert_eq!(nearest(60000, 1, 0), None);
    }
}
