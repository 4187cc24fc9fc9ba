//! Devices behind a gateway, as its object 25 tells them. LwM2M Gateway 1.1 §6, Appendix A; in version 1.0 of the object
//! the object lists are missing.
//!
//! A device behind a gateway never registers. The gateway lists it, and its objects are under a prefix which stands
//! before their paths as an alternate path does.

use shared::event::TimedValue;
use shared::{Path, Value};
use std::collections::{BTreeMap, BTreeSet};

/// The object that lists the devices behind a gateway.
pub(crate) const OBJECT: u16 = 25;
/// The same as a path.
pub(crate) const GATEWAY_OBJECT: Path = Path::object(OBJECT);
/// The most devices behind one gateway.
const MOST: usize = 1024;
/// The longest Device ID or prefix, in bytes.
const LONGEST: usize = 128;

const DEVICE_ID: u16 = 0;
const PREFIX: u16 = 1;
const DEVICE_OBJECTS: u16 = 3;

/// What a gateway said of its object 25, as far as it is known.
#[derive(Debug, Default)]
pub(crate) struct GatewayObject {
    /// All instances were told at once, so that one that is not among them is not there.
    whole: bool,
    instances: BTreeMap<u16, Instance>,
}

#[derive(Debug, Default)]
struct Instance {
    device_id: Option<String>,
    prefix: Option<String>,
    objects: Option<String>,
}

/// A device that a gateway lists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Listed {
    pub(crate) device_id: String,
    /// Without slashes.
    pub(crate) prefix: String,
    /// Its objects in link format.
    pub(crate) objects: String,
}

impl GatewayObject {
    /// Takes values in. `whole` are the paths that they are the whole of: what is not among them is not there any more.
    /// Whether they said anything of this object.
    pub(crate) fn take(&mut self, whole: &[Path], values: &[TimedValue]) -> bool {
        let mut told = false;
        for path in whole {
            match path.ids() {
                [] | [OBJECT] => {
                    self.instances.clear();
                    self.whole = true;
                }
                [OBJECT, instance] => {
                    self.instances.remove(instance);
                }
                _ => continue,
            }
            told = true;
        }
        for value in values {
            let &[OBJECT, instance, resource] = value.path.ids() else {
                continue;
            };
            let text = match &value.value {
                Value::String(text) | Value::CoreLink(text) => text.clone(),
                _ => continue,
            };
            if self.instances.len() >= MOST && !self.instances.contains_key(&instance) {
                continue;
            }
            let known = self.instances.entry(instance).or_default();
            match resource {
                DEVICE_ID => known.device_id = Some(text),
                PREFIX => known.prefix = Some(text),
                DEVICE_OBJECTS => known.objects = Some(text),
                _ => continue,
            }
            told = true;
        }
        told
    }

    pub(crate) const fn is_whole(&self) -> bool {
        self.whole
    }

    /// The devices that are told completely, and what is wrong with the others.
    pub(crate) fn devices(&self) -> (Vec<Listed>, Vec<String>) {
        let mut listed: Vec<Listed> = Vec::new();
        let mut wrong = Vec::new();
        let mut names = BTreeSet::new();
        let mut prefixes = BTreeSet::new();
        for (id, instance) in &self.instances {
            let (Some(device_id), Some(prefix)) = (&instance.device_id, &instance.prefix) else {
                continue;
            };
            let prefix = prefix.trim_matches('/');
            let problem = problem(device_id, prefix).or_else(|| {
                let again = !names.insert(device_id.as_str()) || !prefixes.insert(prefix.to_owned());
                again.then(|| "its Device ID or prefix is that of another instance".to_owned())
            });
            match problem {
                Some(reason) => wrong.push(format!("/{OBJECT}/{id} is left out: {reason}")),
                None => listed.push(Listed {
                    device_id: device_id.clone(),
                    prefix: prefix.to_owned(),
                    objects: instance.objects.clone().unwrap_or_default(),
                }),
            }
        }
        (listed, wrong)
    }
}

/// Why a Device ID or prefix cannot be used.
fn problem(device_id: &str, prefix: &str) -> Option<String> {
    let quoted = crate::lwm2m::quote;
    if device_id.is_empty() || device_id.len() > LONGEST || device_id.chars().any(char::is_control) {
        return Some(format!(
            "the Device ID {} is empty, longer than {LONGEST} bytes or has control characters",
            quoted(device_id)
        ));
    }
    let unreserved = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    let is_name = !prefix.is_empty() && prefix.len() <= LONGEST && prefix.bytes().all(unreserved);
    if !is_name {
        return Some(format!("the prefix {} is no segment of a path", quoted(prefix)));
    }
    let is_number = prefix.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| {
        format!(
            "the prefix {} is a number, which is an object's name",
            quoted(prefix)
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::Timestamp;

    fn value(path: &str, text: &str) -> TimedValue {
        TimedValue {
            path: path.parse().unwrap(),
            value: Value::String(text.into()),
            at: Timestamp(0),
        }
    }

    fn names(object: &GatewayObject) -> Vec<String> {
        let (listed, _) = object.devices();
        listed.into_iter().map(|device| device.device_id).collect()
    }

    #[test]
    fn devices_are_told_in_pieces_and_go_with_their_instance() {
        let mut object = GatewayObject::default();
        assert!(object.take(
            &[],
            &[
                value("/25/0/0", "a"),
                value("/25/1/0", "b"),
                value("/25/1/1", "d02")
            ]
        ));
        assert_eq!(names(&object), ["b"]);
        assert!(object.take(&[], &[value("/25/0/1", "/d01/"), value("/25/0/3", "</3/0>")]));
        let (listed, wrong) = object.devices();
        assert_eq!(
            listed[0],
            Listed {
                device_id: "a".into(),
                prefix: "d01".into(),
                objects: "</3/0>".into()
            }
        );
        assert!(wrong.is_empty());
        assert!(!object.take(&["/3".parse().unwrap()], &[value("/3/0/0", "x")]));
        assert!(object.take(&["/25/1".parse().unwrap()], &[]));
        assert_eq!(names(&object), ["a"]);
        assert!(object.take(&[GATEWAY_OBJECT], &[value("/25/7/0", "c"), value("/25/7/1", "x")]));
        assert_eq!(names(&object), ["c"]);
    }

    #[test]
    fn what_cannot_be_a_device_is_left_out_in_words() {
        for (device_id, prefix, words) in [
            ("", "d01", "the Device ID '' is empty"),
            ("a\u{7}", "d01", "has control characters"),
            ("a", "", "the prefix '' is no segment of a path"),
            ("a", "a/b", "is no segment of a path"),
            ("a", "3", "is a number, which is an object's name"),
            ("first", "d02", "is that of another instance"),
            ("a", "d00", "is that of another instance"),
        ] {
            let mut object = GatewayObject::default();
            object.take(&[], &[value("/25/0/0", "first"), value("/25/0/1", "d00")]);
            object.take(&[], &[value("/25/1/0", device_id), value("/25/1/1", prefix)]);
            let (listed, wrong) = object.devices();
            assert_eq!(listed.len(), 1, "{device_id:?} {prefix:?}");
            assert!(wrong[0].starts_with("/25/1 is left out: "), "{wrong:?}");
            assert!(wrong[0].contains(words), "{wrong:?}");
        }
    }
}
