//! Object 1, LwM2M Server: how the client keeps its registration. LwM2M Core 1.2, appendix E.2.

use super::{Action, Behaviour};
use crate::arguments::Arguments;
use crate::refusal::Refusal;
use crate::tree::{ObjectDefinition, ObjectTree, ResourceDefinition};
use shared::DataType::{Boolean, Integer, String as Text};
use shared::{Path, Timestamp, Value, Version};

/// The resources the client itself looks at.
pub mod resource {
    use shared::Path;

    /// The short server id.
    pub const SHORT_SERVER_ID: Path = Path::resource(1, 0, 0);
    /// The lifetime of the registration in seconds.
    pub const LIFETIME: Path = Path::resource(1, 0, 1);
    /// pmin where no attribute says otherwise.
    pub const DEFAULT_PMIN: Path = Path::resource(1, 0, 2);
    /// pmax where no attribute says otherwise.
    pub const DEFAULT_PMAX: Path = Path::resource(1, 0, 3);
    /// The binding.
    pub const BINDING: Path = Path::resource(1, 0, 7);
    /// Whether Send is switched off. 1.1.
    pub const MUTE_SEND: Path = Path::resource(1, 0, 23);
    pub(super) const DISABLE: u16 = 4;
    pub(super) const DISABLE_TIMEOUT: Path = Path::resource(1, 0, 5);
    pub(super) const UPDATE_TRIGGER: u16 = 8;
    pub(super) const BOOTSTRAP_TRIGGER: u16 = 9;
}

const SECONDS: (f64, f64) = (0.0, 4_294_967_295.0);

static DEFINITION: ObjectDefinition = ObjectDefinition {
    id: 1,
    versions: ["1.0", "1.1", "1.2"],
    multiple: true,
    creatable: false,
    resources: &[
        ResourceDefinition::read(0, Integer).mandatory(),
        ResourceDefinition::read_write(1, Integer)
            .range(SECONDS.0, SECONDS.1)
            .mandatory(),
        ResourceDefinition::read_write(2, Integer).range(SECONDS.0, SECONDS.1),
        ResourceDefinition::read_write(3, Integer).range(SECONDS.0, SECONDS.1),
        ResourceDefinition::execute(4),
        ResourceDefinition::read_write(5, Integer).range(SECONDS.0, SECONDS.1),
        ResourceDefinition::read_write(6, Boolean).mandatory(),
        ResourceDefinition::read_write(7, Text).mandatory(),
        ResourceDefinition::execute(8).mandatory(),
        ResourceDefinition::execute(9),
        ResourceDefinition::read_write(23, Boolean),
    ],
};

/// The server account's visible half.
#[derive(Debug, Clone)]
pub struct Server {
    /// The lifetime in seconds to begin with.
    pub lifetime: u32,
    /// The binding to begin with, as it is registered.
    pub binding: String,
    /// Which resources exist.
    pub version: Version,
    /// The short server ids of other servers that the device has accounts of, in further instances.
    pub others: Vec<u16>,
}

impl Server {
    fn account(&self, tree: &mut ObjectTree, instance: u16, short_server_id: u16) {
        tree.add_instance(&DEFINITION, instance);
        let mut set = |id, value| tree.set(Path::resource(1, instance, id), value);
        set(0, Value::Integer(i64::from(short_server_id)));
        set(1, Value::Integer(i64::from(self.lifetime)));
        set(2, Value::Integer(0));
        set(3, Value::Integer(0));
        set(5, Value::Integer(86_400));
        set(6, Value::Boolean(false));
        set(7, Value::String(self.binding.clone()));
        if self.version >= Version::V1_1 {
            set(23, Value::Boolean(false));
        }
    }
}

impl Behaviour for Server {
    fn definition(&self) -> &'static ObjectDefinition {
        &DEFINITION
    }

    fn install(&mut self, _now: Timestamp, tree: &mut ObjectTree) {
        for (instance, short_server_id) in (0..).zip([1].iter().chain(&self.others)) {
            self.account(tree, instance, *short_server_id);
        }
    }

    fn execute(
        &mut self,
        path: Path,
        _arguments: &Arguments,
        _now: Timestamp,
        tree: &mut ObjectTree,
    ) -> Result<Option<Action>, Refusal> {
        match path.resource_id() {
            Some(resource::DISABLE) => {
                let seconds = match tree.get(resource::DISABLE_TIMEOUT) {
                    Some(Value::Integer(seconds)) => u32::try_from(*seconds).unwrap_or(86_400),
                    _ => 86_400,
                };
                Ok(Some(Action::Disable(seconds)))
            }
            Some(resource::UPDATE_TRIGGER) => Ok(Some(Action::Update)),
            Some(resource::BOOTSTRAP_TRIGGER) => Ok(Some(Action::Bootstrap)),
            _ => Err(Refusal::not_allowed("not executable")),
        }
    }

    fn check(&self, path: Path, value: &Value, _tree: &ObjectTree) -> Result<(), Refusal> {
        let datagrams_only = |binding: &str| matches!(binding, "U" | "UQ");
        match value {
            Value::String(binding) if path == resource::BINDING && !datagrams_only(binding) => Err(
                Refusal::bad_request("this device has no other binding than U and UQ"),
            ),
            _ => Ok(()),
        }
    }

    fn written(&mut self, path: Path, _now: Timestamp, _tree: &mut ObjectTree) -> Option<Action> {
        // The server learns of a new lifetime or binding by an Update. LwM2M Core 1.2 §6.2.2.
        (path == resource::LIFETIME || path == resource::BINDING).then_some(Action::Update)
    }
}
