//! The answer to a Bootstrap-Discover. LwM2M Core 1.2 §6.1.7.6.

use super::holdings::Holdings;
use shared::{Path, Value, Version};

/// What is at and below the path, as links.
pub(super) fn discover(holdings: &Holdings, objects: &[u16], path: Path, version: Version) -> String {
    let mut links = Vec::new();
    links.push(if version == Version::V1_0 {
        format!("lwm2m=\"{version}\"")
    } else {
        format!("</>;lwm2m={version}")
    });
    for object in objects.iter().copied() {
        if !path.contains(&Path::object(object)) {
            continue;
        }
        let mut instances = holdings.of_object(object).peekable();
        if instances.peek().is_none() {
            links.push(format!("</{object}>"));
        }
        for instance in instances {
            links.push(link(holdings, object, instance, version));
        }
    }
    links.join(",")
}

fn link(holdings: &Holdings, object: u16, instance: u16, version: Version) -> String {
    let mut link = format!("</{object}/{instance}>");
    if object <= 1
        && let Some(id) = holdings.short_server_id(object, instance)
        && !(object == 0 && holdings.is_bootstrap_account(instance))
    {
        link.push_str(&format!(";ssid={id}"));
    }
    // The URI came with LwM2M 1.1.
    if object == 0
        && version > Version::V1_0
        && let Some(Value::String(uri)) = holdings.get(0, instance, 0)
    {
        link.push_str(&format!(";uri=\"{uri}\""));
    }
    link
}
