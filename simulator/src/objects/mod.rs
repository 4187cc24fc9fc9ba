//! The objects of the simulated devices: what they hold, how their values move, what their executables do.

pub(crate) mod access_control;
mod connectivity;
mod device;
mod event_log;
mod firmware;
mod light;
mod location;
mod records;
mod sensor;
mod server;
mod statistics;
mod test_object;

pub use access_control::{AccessControl, Entry as AccessEntry};
pub use connectivity::Connectivity;
pub use device::{Device, Nameplate, Supply};
pub use event_log::EventLog;
pub use firmware::Firmware;
pub use light::Light;
pub use location::Location;
pub use records::Records;
pub use sensor::{CURRENT, HUMIDITY, POWER, Sensor, TEMPERATURE};
pub use server::{Server, resource as server_resource};
pub use statistics::Statistics;
pub use test_object::TestObject;

use crate::arguments::Arguments;
use crate::refusal::Refusal;
use crate::tree::{ObjectDefinition, ObjectTree};
use shared::{Path, Timestamp, Value};
use std::fmt::Debug;

/// What an object asks of the client that holds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Start anew, as after a power cut: without de-registering, with all observations lost.
    Reboot,
    /// Send an Update now.
    Update,
    /// De-register and stay away for so many seconds.
    Disable(u32),
    /// Fetch a firmware package and give it to [`Behaviour::fetched`].
    Fetch(String),
    /// Ask for the bootstrap anew.
    Bootstrap,
    /// Send these paths with the Send operation.
    Send(Vec<Path>),
}

/// The life of an object: all its instances.
///
/// Times are the device's true time; nothing here waits or asks a clock.
pub trait Behaviour: Debug + Send {
    /// What it is.
    fn definition(&self) -> &'static ObjectDefinition;

    /// Puts the object and its first values into the tree.
    fn install(&mut self, now: Timestamp, tree: &mut ObjectTree);

    /// Brings the values to the time.
    fn advance(&mut self, _now: Timestamp, _tree: &mut ObjectTree) -> Option<Action> {
        None
    }

    /// Whether [`Behaviour::advance`] has to be called though nobody watches.
    fn is_busy(&self) -> bool {
        false
    }

    /// Executes a resource that is there and executable.
    ///
    /// # Errors
    /// What the server is answered.
    fn execute(
        &mut self,
        path: Path,
        _arguments: &Arguments,
        _now: Timestamp,
        _tree: &mut ObjectTree,
    ) -> Result<Option<Action>, Refusal> {
        Err(Refusal::not_allowed(format!("{path} does nothing here")))
    }

    /// Looks at a value of right type and range before it is written.
    ///
    /// # Errors
    /// What the server is answered; nothing is written then.
    fn check(&self, _path: Path, _value: &Value, _tree: &ObjectTree) -> Result<(), Refusal> {
        Ok(())
    }

    /// A value was written by the server.
    fn written(&mut self, _path: Path, _now: Timestamp, _tree: &mut ObjectTree) -> Option<Action> {
        None
    }

    /// An instance was created by the server.
    fn created(&mut self, _instance: u16, _now: Timestamp, _tree: &mut ObjectTree) {}

    /// The package of [`Action::Fetch`] is here, or it is known why not.
    fn fetched(
        &mut self,
        _package: Result<Vec<u8>, FetchError>,
        _now: Timestamp,
        _tree: &mut ObjectTree,
    ) -> Option<Action> {
        None
    }

    /// The device has started again after [`Action::Reboot`].
    fn restarted(&mut self, _now: Timestamp, _tree: &mut ObjectTree) {}
}

/// Why a package could not be fetched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FetchError {
    /// The text is no URI, or its host is not an address.
    Uri,
    /// The scheme is not CoAP.
    Protocol,
    /// The server does not have it, or the connection was lost.
    Connection,
}
