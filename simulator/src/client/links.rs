//! The object list of a registration. LwM2M Core 1.2 §6.2.1, §7.2.

use super::options::Quirks;
use super::payload;
use super::resources::Resources;
use shared::Version;

/// The payload of a Register or Update.
pub(super) fn registration(resources: &Resources, quirks: Quirks) -> String {
    let mut links = Vec::new();
    let root = resources.root();
    let formats = payload::listed(resources);
    let numbers: Vec<String> = formats.iter().map(|format| format.0.to_string()).collect();
    // 1.0 has no ct and expects TLV everywhere.
    let ct = match numbers.as_slice() {
        [] => String::new(),
        [one] => format!(";ct={one}"),
        several => format!(";ct=\"{}\"", several.join(" ")),
    };
    let target = if root.is_empty() { "/" } else { root };
    links.push(format!("<{target}>;rt=\"oma.lwm2m\"{ct}"));
    links.extend(objects(resources, root, quirks));
    if quirks.link_twice
        && let Some(last) = links.last().cloned()
    {
        links.push(last);
    }
    links.join(",")
}

/// What a gateway lists of a device behind it: its objects as it would register them, without the prefix.
pub(super) fn behind_gateway(resources: &Resources) -> String {
    objects(resources, "", Quirks::default()).join(",")
}

fn objects(resources: &Resources, root: &str, quirks: Quirks) -> Vec<String> {
    let mut links = Vec::new();
    for object in resources.tree.objects() {
        let id = object.definition.id;
        let version = version_of(
            id,
            object.definition.version(resources.version),
            resources.version,
        );
        let on_object = !quirks.version_on_instance;
        if object.instances.is_empty() || (on_object && !version.is_empty()) {
            links.push(format!("<{root}/{id}>{version}"));
        }
        for instance in object.instances.keys() {
            let version = if on_object { "" } else { &version };
            links.push(format!("<{root}/{id}/{instance}>{version}"));
        }
    }
    links
}

/// `ver` where the server could not know it: always for the enabler's own objects since 1.1, whose default versions
/// depend on the release of the specification, and for others unless it is 1.0.
fn version_of(object: u16, version: &str, enabler: Version) -> String {
    let own = object < 8 && enabler >= Version::V1_1;
    if own || version != "1.0" {
        format!(";ver={version}")
    } else {
        String::new()
    }
}
