//! Object 5, Firmware Update: the state machine of LwM2M Core 1.2, appendix E.6.
//!
//! Any bytes are an image. An image may begin with a line `muster-image name=… version=… [fail=result] [refuse=result]`,
//! from which the device takes what it runs afterwards, or the result with which the update fails: when it is installed, or
//! as soon as the device has it.

use super::{Action, Behaviour, FetchError};
use crate::arguments::Arguments;
use crate::refusal::Refusal;
use crate::tree::{ObjectDefinition, ObjectTree, ResourceDefinition};
use shared::DataType::{Integer, Opaque, String as Text};
use shared::{Path, Timestamp, Value};

static DEFINITION: ObjectDefinition = ObjectDefinition {
    id: 5,
    versions: ["1.0", "1.0", "1.0"],
    multiple: false,
    creatable: false,
    resources: &[
        ResourceDefinition::write(0, Opaque).mandatory(),
        ResourceDefinition::read_write(1, Text)
            .range(0.0, 255.0)
            .mandatory(),
        ResourceDefinition::execute(2).mandatory(),
        ResourceDefinition::read(3, Integer).mandatory(),
        ResourceDefinition::read(5, Integer).mandatory(),
        ResourceDefinition::read(6, Text),
        ResourceDefinition::read(7, Text),
        ResourceDefinition::read(8, Integer).multiple(),
        ResourceDefinition::read(9, Integer).mandatory(),
    ],
};

const PACKAGE: Path = Path::resource(5, 0, 0);
const PACKAGE_URI: Path = Path::resource(5, 0, 1);
const STATE: Path = Path::resource(5, 0, 3);
const RESULT: Path = Path::resource(5, 0, 5);
const NAME: Path = Path::resource(5, 0, 6);
const VERSION: Path = Path::resource(5, 0, 7);
const RUNNING: Path = Path::resource(3, 0, 3);

const IDLE: i64 = 0;
const DOWNLOADING: i64 = 1;
const DOWNLOADED: i64 = 2;
const UPDATING: i64 = 3;

const SUCCESS: i64 = 1;
const CONNECTION_LOST: i64 = 4;
const INTEGRITY: i64 = 5;
const INVALID_URI: i64 = 7;
const UNSUPPORTED_PROTOCOL: i64 = 9;

/// How long the device writes its flash before it starts again, in seconds.
const FLASHING: i64 = 6;

/// What an image says about itself.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Image {
    name: String,
    version: String,
    result: i64,
    /// Why it is not even kept.
    refused: Option<i64>,
}

/// The update of the device's firmware.
#[derive(Debug, Clone, Default)]
pub struct Firmware {
    image: Option<Image>,
    flashed_at: Option<Timestamp>,
}

impl Firmware {
    fn settle(&mut self, state: i64, result: i64, tree: &mut ObjectTree) {
        tree.set(STATE, Value::Integer(state));
        tree.set(RESULT, Value::Integer(result));
        if state == IDLE {
            self.image = None;
            tree.set(NAME, Value::String(String::new()));
            tree.set(VERSION, Value::String(String::new()));
            tree.set(PACKAGE_URI, Value::String(String::new()));
        }
    }

    fn take(&mut self, package: &[u8], tree: &mut ObjectTree) {
        let Some(image) = read_image(package) else {
            self.settle(IDLE, INTEGRITY, tree);
            return;
        };
        if let Some(result) = image.refused {
            return self.settle(IDLE, result, tree);
        }
        tree.set(NAME, Value::String(image.name.clone()));
        tree.set(VERSION, Value::String(image.version.clone()));
        tree.set(STATE, Value::Integer(DOWNLOADED));
        tree.set(RESULT, Value::Integer(0));
        self.image = Some(image);
    }
}

/// `None` for a first line that begins as one of ours and is none.
fn read_image(package: &[u8]) -> Option<Image> {
    let mut image = Image {
        name: "image".into(),
        // Without a word of its own an image is told by its content (FNV-1a).
        version: format!(
            "0.{:08x}",
            package.iter().fold(0x811c_9dc5u32, |hash, byte| {
                (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193)
            })
        ),
        result: SUCCESS,
        refused: None,
    };
    let Some(rest) = package.strip_prefix(b"muster-image ") else {
        return Some(image);
    };
    let line = rest.split(|byte| *byte == b'\n').next()?;
    let line = std::str::from_utf8(line).ok().filter(|line| line.len() <= 255)?;
    for word in line.split_whitespace() {
        match word.split_once('=')? {
            ("name", name) => image.name = name.into(),
            ("version", version) => image.version = version.into(),
            ("fail", result) => image.result = result.parse().ok().filter(|it| (2..=9).contains(it))?,
            ("refuse", result) => {
                image.refused = Some(result.parse().ok().filter(|it| (2..=6).contains(it))?);
            }
            _ => return None,
        }
    }
    Some(image)
}

/// The server takes an update back with an empty URI, or with one NUL or nothing as the package.
fn resets(value: &Value) -> bool {
    match value {
        Value::String(uri) => uri.is_empty(),
        Value::Opaque(package) => package.is_empty() || package == &[0],
        _ => false,
    }
}

fn state(tree: &ObjectTree) -> i64 {
    match tree.get(STATE) {
        Some(Value::Integer(state)) => *state,
        _ => IDLE,
    }
}

impl Behaviour for Firmware {
    fn definition(&self) -> &'static ObjectDefinition {
        &DEFINITION
    }

    fn install(&mut self, _now: Timestamp, tree: &mut ObjectTree) {
        tree.add_instance(&DEFINITION, 0);
        // 0 is CoAP; method 2 is both pull and push.
        tree.set_all(Path::resource(5, 0, 8), [(0, Value::Integer(0))]);
        tree.set(Path::resource(5, 0, 9), Value::Integer(2));
        self.settle(IDLE, 0, tree);
    }

    fn check(&self, path: Path, value: &Value, tree: &ObjectTree) -> Result<(), Refusal> {
        let state = state(tree);
        let allowed = match path {
            PACKAGE | PACKAGE_URI => state == IDLE || (resets(value) && state != UPDATING),
            _ => true,
        };
        if allowed {
            Ok(())
        } else {
            let reason = format!("an update is under way (state {state})");
            Err(Refusal::not_allowed(reason))
        }
    }

    fn written(&mut self, path: Path, _now: Timestamp, tree: &mut ObjectTree) -> Option<Action> {
        let value = tree.get(path)?.clone();
        if path == PACKAGE {
            // The package is not kept in the tree: nobody can read it.
            tree.remove(PACKAGE);
        }
        if (path == PACKAGE || path == PACKAGE_URI) && resets(&value) {
            self.settle(IDLE, 0, tree);
            return None;
        }
        match value {
            Value::Opaque(package) if path == PACKAGE => {
                self.take(&package, tree);
                None
            }
            Value::String(uri) if path == PACKAGE_URI => {
                tree.set(STATE, Value::Integer(DOWNLOADING));
                tree.set(RESULT, Value::Integer(0));
                Some(Action::Fetch(uri))
            }
            _ => None,
        }
    }

    fn fetched(
        &mut self,
        package: Result<Vec<u8>, FetchError>,
        _now: Timestamp,
        tree: &mut ObjectTree,
    ) -> Option<Action> {
        if state(tree) != DOWNLOADING {
            return None;
        }
        match package {
            Ok(package) => self.take(&package, tree),
            Err(FetchError::Uri) => self.settle(IDLE, INVALID_URI, tree),
            Err(FetchError::Protocol) => self.settle(IDLE, UNSUPPORTED_PROTOCOL, tree),
            Err(FetchError::Connection) => self.settle(IDLE, CONNECTION_LOST, tree),
        }
        None
    }

    fn execute(
        &mut self,
        path: Path,
        _arguments: &Arguments,
        now: Timestamp,
        tree: &mut ObjectTree,
    ) -> Result<Option<Action>, Refusal> {
        if path.resource_id() != Some(2) || state(tree) != DOWNLOADED {
            return Err(Refusal::not_allowed("there is no downloaded package to install"));
        }
        tree.set(STATE, Value::Integer(UPDATING));
        self.flashed_at = Some(now.plus_seconds(FLASHING));
        Ok(None)
    }

    fn advance(&mut self, now: Timestamp, tree: &mut ObjectTree) -> Option<Action> {
        self.flashed_at.take_if(|at| *at <= now)?;
        let result = self.image.as_ref().map_or(INTEGRITY, |image| image.result);
        if result == SUCCESS {
            return Some(Action::Reboot);
        }
        self.settle(IDLE, result, tree);
        None
    }

    fn is_busy(&self) -> bool {
        self.flashed_at.is_some()
    }

    fn restarted(&mut self, _now: Timestamp, tree: &mut ObjectTree) {
        if state(tree) != UPDATING {
            return;
        }
        if let Some(image) = self.image.take() {
            tree.set(RUNNING, Value::String(image.version));
        }
        self.settle(IDLE, SUCCESS, tree);
    }
}
