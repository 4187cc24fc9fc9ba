//! The rows of the object browser: what the device registered, what is known of it, and what the models say about
//! it. Nothing here is a hand-made profile of a device. Pure, so that it can be tested without a page.

use super::super::view::{Values, below};
use shared::api::RegistrationView;
use shared::model::{DeviceModels, ObjectModel, Registry, ResourceModel};
use shared::sort::sort_dedup;
use shared::sorted::{SortedMap, SortedSet};
use shared::{Path, Value};
use std::ops::Deref;
use std::rc::Rc;

/// What kind of row it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// An object with its instances below.
    Object,
    /// An object instance; of an object that can have only one, also the object.
    Instance,
    Resource,
    ResourceInstance,
    /// Stands for this many resources that the model allows and the device has not shown.
    More(usize),
}

/// What can be done with a path.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Actions {
    pub(crate) read: bool,
    pub(crate) write: bool,
    pub(crate) execute: bool,
    pub(crate) observe: bool,
    pub(crate) create: bool,
    pub(crate) delete: bool,
    pub(crate) discover: bool,
    pub(crate) attributes: bool,
}

/// One row, and whether what is below it is shown, if anything can be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Row {
    pub(crate) item: Rc<Item>,
    pub(crate) open: Option<bool>,
}

impl Deref for Row {
    type Target = Item;

    fn deref(&self) -> &Item {
        &self.item
    }
}

/// What a row shows. Two that are equal look the same, apart from the value.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Item {
    pub(crate) path: Path,
    pub(crate) kind: Kind,
    /// 1 for the outermost.
    pub(crate) level: u8,
    pub(crate) name: String,
    /// `"version 1.1"` of an object, the application type of an instance.
    pub(crate) note: Option<String>,
    pub(crate) unit: Option<String>,
    pub(crate) actions: Actions,
    /// Whether a model describes it.
    pub(crate) modelled: bool,
}

impl Item {
    fn new(path: Path, kind: Kind, level: u8, name: String) -> Item {
        Item {
            path,
            kind,
            level,
            name,
            note: None,
            unit: None,
            actions: Actions::default(),
            modelled: true,
        }
    }

    fn row(self, open: Option<bool>) -> Row {
        let item = Rc::new(self);
        Row { item, open }
    }
}

/// What the tree is made from.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Source<'a> {
    pub(crate) registration: Option<&'a RegistrationView>,
    pub(crate) registry: &'a Registry,
    pub(crate) values: &'a Values,
    /// What Discover brought.
    pub(crate) discovered: &'a SortedSet<Path>,
    /// Rows a person opened or closed.
    pub(crate) toggled: &'a SortedMap<Path, bool>,
    /// Instances whose unseen resources are shown.
    pub(crate) unfolded: &'a SortedSet<Path>,
    /// Lower case; empty shows everything.
    pub(crate) filter: &'a str,
}

/// Instances are open from the start while there are at most this many.
const OPEN_INSTANCES: usize = 14;
/// The resource that says what an instance is for, of many sensor objects: Application Type.
const APPLICATION_TYPE: u16 = 5750;

/// The rows of the tree, in order.
pub(crate) fn rows(source: Source<'_>) -> Vec<Row> {
    let no_versions = SortedMap::new();
    let versions = source
        .registration
        .map_or(&no_versions, |registration| &registration.object_versions);
    let parts = parts(&source);
    let builder = Builder {
        models: DeviceModels::new(source.registry, versions),
        versions,
        open: parts.iter().filter(|path| path.depth() == 2).count() <= OPEN_INSTANCES,
        source,
    };
    let mut rows = Vec::new();
    for object in parts.chunk_by(|one, other| one.object_id() == other.object_id()) {
        builder.object(object, &mut rows);
    }
    rows
}

/// The objects and their instances in order, from the registration and from Discover; from the values when there is no
/// registration.
fn parts(source: &Source<'_>) -> Vec<Path> {
    let mut parts = match source.registration {
        Some(registration) => registration.objects.clone(),
        None => source.values.keys().copied().collect(),
    };
    parts.extend(source.discovered.iter());
    for path in &mut parts {
        *path = path.truncated(2);
    }
    sort_dedup(&mut parts);
    parts
}

struct Builder<'a> {
    source: Source<'a>,
    models: DeviceModels<'a>,
    versions: &'a SortedMap<u16, String>,
    open: bool,
}

impl Builder<'_> {
    /// Of one object, itself and its instances, as far as they were told.
    fn object(&self, parts: &[Path], rows: &mut Vec<Row>) {
        let Some(id) = parts.first().and_then(Path::object_id) else {
            return;
        };
        let instances = parts.iter().filter(|path| path.depth() == 2);
        let model = self.models.object(id);
        let name = model.map_or_else(|| format!("Object {id}"), |model| model.name.to_string());
        let note = self.versions.get(&id).map(|version| format!("version {version}"));
        let single = model.is_some_and(|model| !model.multiple);
        let first = Path::instance(id, 0);
        if single && instances.clone().eq([&first]) {
            self.instance(Item::new(first, Kind::Instance, 1, name), note, model, rows);
            return;
        }
        let path = Path::object(id);
        let mut below = Vec::new();
        let matched = self.matches(&name, path);
        let mut any = false;
        for instance in instances {
            any = true;
            let name = format!("Instance {}", instance.instance_id().unwrap_or_default());
            let item = Item::new(*instance, Kind::Instance, 2, name);
            self.instance(item, self.application(*instance), model, &mut below);
        }
        if !self.source.filter.is_empty() && below.is_empty() && !matched {
            return;
        }
        let open = self.is_open(path, true);
        let mut item = Item::new(path, Kind::Object, 1, name);
        item.note = note;
        item.actions = Actions {
            read: true,
            observe: true,
            discover: true,
            attributes: true,
            create: !single || !any,
            ..Actions::default()
        };
        item.modelled = model.is_some();
        rows.push(item.row(any.then_some(open)));
        if open {
            rows.append(&mut below);
        }
    }

    fn instance(
        &self,
        mut item: Item,
        note: Option<String>,
        model: Option<&ObjectModel>,
        rows: &mut Vec<Row>,
    ) {
        let (path, level) = (item.path, item.level + 1);
        let whole =
            self.matches(&item.name, path) || model.is_some_and(|model| self.matches(&model.name, path));
        let filtered = !self.source.filter.is_empty();
        let mut below = Vec::new();
        let mut unseen = 0;
        for child in self.resources(path, model) {
            let about = model.and_then(|model| model.resource(child.resource_id()?));
            let shown = if filtered {
                let name = about.map_or("", |about| &about.name);
                self.matches(name, child) || whole && self.is_known(child)
            } else {
                about.is_none_or(|about| about.mandatory)
                    || self.is_known(child)
                    || self.source.unfolded.contains(&path)
            };
            if shown {
                self.resource(child, level, about, &mut below);
            } else {
                unseen += 1;
            }
        }
        if filtered && below.is_empty() && !whole {
            return;
        }
        if unseen > 0 && !filtered {
            below.push(more(path, level, unseen));
        }
        let open = self.is_open(path, self.open);
        item.note = note;
        item.actions = Actions {
            read: true,
            write: true,
            observe: true,
            discover: true,
            attributes: true,
            delete: model.is_none_or(|model| model.multiple || !model.mandatory),
            ..Actions::default()
        };
        item.modelled = model.is_some();
        rows.push(item.row(Some(open)));
        if open {
            rows.append(&mut below);
        }
    }

    fn resource(&self, path: Path, level: u8, about: Option<&ResourceModel>, rows: &mut Vec<Row>) {
        let mut instances = self.below(path);
        instances.retain(|path| path.depth() == 4);
        let any = !instances.is_empty();
        let many = about.map_or(any, |about| about.multiple);
        let open = self.is_open(path, instances.len() <= 6);
        let item = of_model(about, path, Kind::Resource, level, resource_name(about, path));
        rows.push(item.row((many && any).then_some(open)));
        if open && many {
            for path in instances {
                let name = format!("[{}]", path.resource_instance_id().unwrap_or_default());
                let mut item = of_model(about, path, Kind::ResourceInstance, level + 1, name);
                item.actions.discover = false;
                rows.push(item.row(None));
            }
        }
    }

    /// The resources an instance may have: by the model, by what is known, by what was discovered.
    fn resources(&self, path: Path, model: Option<&ObjectModel>) -> Vec<Path> {
        let mut resources = self.below(path);
        resources.retain(|path| path.depth() >= 3);
        for path in &mut resources {
            *path = path.truncated(3);
        }
        for resource in model.iter().flat_map(|model| &model.resources) {
            resources.extend(path.child(resource.id));
        }
        sort_dedup(&mut resources);
        resources
    }

    /// Known and discovered paths below this one, in order.
    #[inline(never)]
    fn below(&self, path: Path) -> Vec<Path> {
        let known = below(self.source.values, path);
        let mut found: Vec<Path> = known.iter().map(|(below, _)| *below).collect();
        let discovered = self.source.discovered.iter();
        found.extend(discovered.filter(|below| path.contains(below)));
        sort_dedup(&mut found);
        found
    }

    fn is_known(&self, path: Path) -> bool {
        let discovered = || self.source.discovered.range(path..).next();
        !below(self.source.values, path).is_empty() || discovered().is_some_and(|next| path.contains(next))
    }

    fn is_open(&self, path: Path, usually: bool) -> bool {
        !self.source.filter.is_empty() || *self.source.toggled.get(&path).unwrap_or(&usually)
    }

    fn matches(&self, name: &str, path: Path) -> bool {
        let filter = self.source.filter;
        !filter.is_empty()
            && (shared::text::holds(&crate::words::lower(name), filter)
                || filter.starts_with('/') && path.to_string().starts_with(filter))
    }

    fn application(&self, path: Path) -> Option<String> {
        let known = self.source.values.get(&path.child(APPLICATION_TYPE)?)?;
        match &known.value {
            Value::String(text) if !text.is_empty() => Some(text.clone()),
            _ => None,
        }
    }
}

fn more(path: Path, level: u8, unseen: usize) -> Row {
    let name = match unseen {
        1 => "1 more resource that the model allows".into(),
        many => format!("{many} more resources that the model allows"),
    };
    Item::new(path, Kind::More(unseen), level, name).row(None)
}

/// A resource, or one of its instances.
fn of_model(about: Option<&ResourceModel>, path: Path, kind: Kind, level: u8, name: String) -> Item {
    let mut item = Item::new(path, kind, level, name);
    item.unit = about.and_then(|about| Some(unit_word(about.unit.as_ref()?)));
    item.actions = resource_actions(about);
    item.modelled = about.is_some();
    item
}

/// The name of a resource, or its number where no model names it.
pub(crate) fn resource_name(about: Option<&ResourceModel>, path: Path) -> String {
    match about {
        Some(about) => about.name.to_string(),
        None => format!("Resource {}", path.resource_id().unwrap_or_default()),
    }
}

/// The name of any path: `"Device"`, `"Manufacturer"`.
pub(crate) fn name_of(models: &DeviceModels<'_>, path: Path) -> Option<String> {
    match path.depth() {
        0 => None,
        1 | 2 => models
            .object(path.object_id()?)
            .map(|model| model.name.to_string()),
        _ => models.resource_model(path).map(|model| model.name.to_string()),
    }
}

/// Everything may be tried where no model says what is allowed.
fn resource_actions(about: Option<&ResourceModel>) -> Actions {
    let Some(about) = about else {
        return Actions {
            read: true,
            write: true,
            execute: true,
            observe: true,
            discover: true,
            attributes: true,
            ..Actions::default()
        };
    };
    Actions {
        read: about.operations.read,
        write: about.operations.write,
        execute: about.operations.execute,
        observe: about.operations.read,
        attributes: about.operations.read,
        discover: true,
        ..Actions::default()
    }
}

/// A SenML unit as people write it.
pub(crate) fn unit_word(unit: &str) -> String {
    match unit {
        "Cel" => "°C",
        "Far" => "°F",
        "%RH" => "% RH",
        "deg" | "lat" | "lon" => "°",
        "/100" => "%",
        "/" => "ratio",
        other => other,
    }
    .to_owned()
}

#[cfg(test)]
mod tests {
    use super::super::super::view::{Known, tests::registration};
    use super::*;
    use shared::event::Origin;
    use shared::model::{ObjectVersion, Operations};
    use shared::{DataType, Timestamp};

    fn resource(
        id: u16,
        name: &'static str,
        letters: &str,
        mandatory: bool,
        multiple: bool,
    ) -> ResourceModel {
        ResourceModel {
            id,
            name: name.into(),
            operations: Operations::from_letters(letters).unwrap(),
            multiple,
            mandatory,
            data_type: DataType::Integer,
            range: None,
            unit: None,
            description: None,
        }
    }

    fn object(id: u16, name: &'static str, multiple: bool, resources: Vec<ResourceModel>) -> ObjectModel {
        ObjectModel {
            id,
            version: ObjectVersion::V1_0,
            name: name.into(),
            lwm2m_version: "1.0".into(),
            multiple,
            mandatory: !multiple,
            description: None,
            resources,
        }
    }

    fn registry() -> Registry {
        [
            object(
                3,
                "Device",
                false,
                vec![
                    resource(0, "Manufacturer", "R", false, false),
                    resource(4, "Reboot", "E", true, false),
                    resource(7, "Power Source Voltage", "R", false, true),
                ],
            ),
            object(
                3303,
                "Temperature",
                true,
                vec![resource(5700, "Sensor Value", "R", true, false)],
            ),
        ]
        .into_iter()
        .collect()
    }

    fn values(paths: &[&str]) -> Values {
        let known = |value| Known {
            value,
            stamped: false,
            at: Timestamp(0),
            origin: Origin::Read,
            revision: 0,
        };
        paths
            .iter()
            .map(|path| (path.parse().unwrap(), known(Value::Integer(1))))
            .collect()
    }

    fn shown(paths: &[&str], values: &Values, filter: &str) -> Vec<String> {
        let objects: Vec<Path> = paths.iter().map(|path| path.parse().unwrap()).collect();
        let registration = registration(&objects);
        rows(Source {
            registration: Some(&registration),
            registry: &registry(),
            values,
            discovered: &SortedSet::new(),
            toggled: &SortedMap::new(),
            unfolded: &SortedSet::new(),
            filter,
        })
        .into_iter()
        .map(|row| format!("{}{} {}", "-".repeat(usize::from(row.level)), row.path, row.name))
        .collect()
    }

    #[test]
    fn an_object_with_one_instance_is_one_row_and_unseen_resources_are_folded() {
        assert_eq!(
            shown(&["/3/0"], &Values::new(), ""),
            [
                "-/3/0 Device",
                "--/3/0/4 Reboot",
                "--/3/0 2 more resources that the model allows",
            ]
        );
    }

    #[test]
    fn known_resources_and_their_instances_are_shown() {
        assert_eq!(
            shown(&["/3/0"], &values(&["/3/0/7/0", "/3/0/7/1", "/3/0/99"]), ""),
            [
                "-/3/0 Device",
                "--/3/0/4 Reboot",
                "--/3/0/7 Power Source Voltage",
                "---/3/0/7/0 [0]",
                "---/3/0/7/1 [1]",
                "--/3/0/99 Resource 99",
                "--/3/0 1 more resource that the model allows",
            ]
        );
    }

    #[test]
    fn instances_of_a_multiple_or_unknown_object_are_below_it() {
        assert_eq!(
            shown(&["/3303/0", "/3303/2", "/4242/0", "/5"], &Values::new(), ""),
            [
                "-/5 Object 5",
                "-/3303 Temperature",
                "--/3303/0 Instance 0",
                "---/3303/0/5700 Sensor Value",
                "--/3303/2 Instance 2",
                "---/3303/2/5700 Sensor Value",
                "-/4242 Object 4242",
                "--/4242/0 Instance 0",
            ]
        );
    }

    #[test]
    fn the_filter_finds_names_and_paths_also_of_what_was_not_seen() {
        let paths = ["/3/0", "/3303/0"];
        assert_eq!(
            shown(&paths, &Values::new(), "manu"),
            ["-/3/0 Device", "--/3/0/0 Manufacturer"]
        );
        assert_eq!(
            shown(&paths, &Values::new(), "/3303/0/5"),
            [
                "-/3303 Temperature",
                "--/3303/0 Instance 0",
                "---/3303/0/5700 Sensor Value",
            ]
        );
        assert!(shown(&paths, &Values::new(), "nowhere").is_empty());
    }

    #[test]
    fn actions_follow_the_model() {
        let registry = registry();
        let versions = SortedMap::new();
        let models = DeviceModels::new(&registry, &versions);
        let reboot = resource_actions(models.resource_model(Path::resource(3, 0, 4)));
        assert!(reboot.execute && !reboot.read && !reboot.write && !reboot.observe);
        let unknown = resource_actions(None);
        assert!(unknown.read && unknown.write && unknown.execute);
        assert_eq!(name_of(&models, Path::instance(3, 0)).as_deref(), Some("Device"));
    }
}
