//! Object 3442, LwM2M v1.1 Test Object: a resource of every type, single and multiple, and executables for trying.

use super::{Action, Behaviour};
use crate::arguments::Arguments;
use crate::motion::Random;
use crate::refusal::Refusal;
use crate::tree::{ObjectDefinition, ObjectTree, ResourceDefinition};
use shared::DataType::{
    Boolean, CoreLink, Float, Integer, ObjectLink, Opaque, String as Text, Time, Unsigned,
};
use shared::{DataType, Path, Timestamp, Value};

static DEFINITION: ObjectDefinition = ObjectDefinition {
    id: 3442,
    versions: ["1.0"; 3],
    multiple: true,
    creatable: true,
    resources: &[
        ResourceDefinition::execute(RESET),
        ResourceDefinition::execute(RANDOMIZE),
        ResourceDefinition::execute(CLEAR),
        ResourceDefinition::execute(WITH_ARGUMENTS),
        ResourceDefinition::read(ARGUMENTS, Text).multiple(),
        ResourceDefinition::execute(SEND),
        ResourceDefinition::read_write(TO_SEND, Text).multiple(),
        ResourceDefinition::read_write(110, Text),
        ResourceDefinition::read_write(120, Integer),
        ResourceDefinition::read_write(125, Unsigned),
        ResourceDefinition::read_write(130, Float),
        ResourceDefinition::read_write(140, Boolean),
        ResourceDefinition::read_write(150, Opaque),
        ResourceDefinition::read_write(160, Time),
        ResourceDefinition::read_write(170, ObjectLink),
        ResourceDefinition::read_write(180, CoreLink),
        ResourceDefinition::read_write(1110, Text).multiple(),
        ResourceDefinition::read_write(1120, Integer).multiple(),
        ResourceDefinition::read_write(1125, Unsigned).multiple(),
        ResourceDefinition::read_write(1130, Float).multiple(),
        ResourceDefinition::read_write(1140, Boolean).multiple(),
        ResourceDefinition::read_write(1150, Opaque).multiple(),
        ResourceDefinition::read_write(1160, Time).multiple(),
        ResourceDefinition::read_write(1170, ObjectLink).multiple(),
        ResourceDefinition::read_write(1180, CoreLink).multiple(),
    ],
};

const RESET: u16 = 0;
const RANDOMIZE: u16 = 1;
const CLEAR: u16 = 2;
const WITH_ARGUMENTS: u16 = 3;
const ARGUMENTS: u16 = 4;
const SEND: u16 = 5;
const TO_SEND: u16 = 6;
const FIRST_VALUE: u16 = 110;

/// The test object with one instance; the server may make more.
#[derive(Debug, Clone)]
pub struct TestObject {
    random: Random,
}

impl TestObject {
    /// A test object whose Randomize follows from the seed.
    pub fn new(seed: u64) -> TestObject {
        TestObject {
            random: Random::new(seed),
        }
    }

    fn fill(&mut self, instance: u16, tree: &mut ObjectTree, value: impl Fn(&mut Random, DataType) -> Value) {
        let values = DEFINITION.resources.iter().filter(|it| it.id >= FIRST_VALUE);
        for definition in values {
            let path = Path::resource(3442, instance, definition.id);
            if definition.multiple {
                let values = [0, 1].map(|id| (id, value(&mut self.random, definition.data_type)));
                tree.set_all(path, values);
            } else {
                tree.set(path, value(&mut self.random, definition.data_type));
            }
        }
    }

    fn reset(&mut self, instance: u16, tree: &mut ObjectTree) {
        self.fill(instance, tree, |_, data_type| initial(data_type));
        tree.set_all(Path::resource(3442, instance, ARGUMENTS), []);
        tree.set_all(Path::resource(3442, instance, TO_SEND), []);
    }
}

fn initial(data_type: DataType) -> Value {
    match data_type {
        Text => Value::String("initial value".into()),
        Integer => Value::Integer(1024),
        Unsigned => Value::Unsigned(9_223_372_036_854_775_808),
        Float => Value::Float(std::f64::consts::PI),
        Boolean => Value::Boolean(true),
        Opaque => Value::Opaque((0..=9).collect()),
        Time => Value::Time(946_684_800),
        ObjectLink => Value::ObjectLink {
            object: 3,
            instance: 0,
        },
        CoreLink => Value::CoreLink("</3/0>".into()),
        DataType::None => Value::None,
    }
}

fn cleared(data_type: DataType) -> Value {
    match data_type {
        Text => Value::String(String::new()),
        Integer => Value::Integer(0),
        Unsigned => Value::Unsigned(0),
        Float => Value::Float(0.0),
        Boolean => Value::Boolean(false),
        Opaque => Value::Opaque(Vec::new()),
        Time => Value::Time(0),
        ObjectLink => Value::ObjectLink {
            object: u16::MAX,
            instance: u16::MAX,
        },
        CoreLink => Value::CoreLink(String::new()),
        DataType::None => Value::None,
    }
}

fn random(random: &mut Random, data_type: DataType) -> Value {
    let bits = random.next_u64();
    match data_type {
        Text => Value::String(format!("{bits:016x}")),
        Integer => Value::Integer(bits as i64),
        Unsigned => Value::Unsigned(bits),
        Float => Value::Float(random.between(-1e6, 1e6)),
        Boolean => Value::Boolean(bits & 1 == 1),
        Opaque => Value::Opaque(bits.to_be_bytes().to_vec()),
        Time => Value::Time((bits >> 32) as i64),
        ObjectLink => Value::ObjectLink {
            object: (bits % 65_535) as u16,
            instance: (bits >> 32) as u16 % 65_535,
        },
        CoreLink => Value::CoreLink(format!("</{}/0>", bits % 65_535)),
        DataType::None => Value::None,
    }
}

impl Behaviour for TestObject {
    fn definition(&self) -> &'static ObjectDefinition {
        &DEFINITION
    }

    fn install(&mut self, _now: Timestamp, tree: &mut ObjectTree) {
        tree.add_instance(&DEFINITION, 0);
        self.reset(0, tree);
    }

    fn created(&mut self, instance: u16, _now: Timestamp, tree: &mut ObjectTree) {
        for definition in DEFINITION.resources.iter().filter(|it| it.multiple) {
            let path = Path::resource(3442, instance, definition.id);
            if tree.resource(path).is_none() {
                tree.set_all(path, []);
            }
        }
    }

    fn execute(
        &mut self,
        path: Path,
        arguments: &Arguments,
        _now: Timestamp,
        tree: &mut ObjectTree,
    ) -> Result<Option<Action>, Refusal> {
        let instance = path.instance_id().unwrap_or_default();
        match path.resource_id() {
            Some(RESET) => self.reset(instance, tree),
            Some(RANDOMIZE) => self.fill(instance, tree, random),
            Some(CLEAR) => self.fill(instance, tree, |_, data_type| cleared(data_type)),
            Some(WITH_ARGUMENTS) => {
                let listed = arguments.iter().map(|(digit, text)| match text {
                    Some(text) => (u16::from(digit), Value::String(format!("{digit},{text}"))),
                    None => (u16::from(digit), Value::String(digit.to_string())),
                });
                let listed: Vec<_> = listed.collect();
                tree.set_all(Path::resource(3442, instance, ARGUMENTS), listed);
            }
            Some(SEND) => {
                let asked = tree.readable(Path::resource(3442, instance, TO_SEND));
                let paths = asked.iter().filter_map(|(_, value)| value.as_str()?.parse().ok());
                let paths: Vec<Path> = paths.collect();
                if paths.is_empty() {
                    return Err(Refusal::bad_request("no path to send is set in resource 6"));
                }
                return Ok(Some(Action::Send(paths)));
            }
            _ => return Err(Refusal::not_allowed("not executable")),
        }
        Ok(None)
    }
}
