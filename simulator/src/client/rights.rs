//! What the server may do with each object instance of a device that several servers share: object 2, Access Control.
//! A device without it lets its server do everything. LwM2M Core 1.2 §8.2.

use super::resources::Resources;
use crate::objects::{access_control, server_resource};
use crate::refusal::Refusal;
use crate::tree::Operations;
use coap::{Code, Request};
use shared::{ContentFormat, Path, Value};

/// The object itself: anybody reads its instances, only the owner of one writes it.
const ACCESS_CONTROL: u16 = 2;

/// One right, as it stands in a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Right {
    /// Read, Observe and Write-Attributes.
    Read = 1,
    Write = 2,
    Execute = 4,
    Delete = 8,
    /// Of instances of an object.
    Create = 16,
}

/// What the owner of an instance may do without a word in the list.
const OF_THE_OWNER: i64 = 15;

impl Resources {
    /// Whether the server may; of what is not there it is not said.
    pub(crate) fn may(&self, path: Path, right: Right) -> bool {
        let about = match right {
            Right::Create => path.truncated(1),
            _ => path.truncated(2),
        };
        if !self.is_shared() || !self.tree.contains(about) {
            return true;
        }
        let own = self.short_server_id();
        if about.object_id() == Some(ACCESS_CONTROL) {
            let owner = about.child(access_control::OWNER);
            let owned = owner.and_then(|path| self.number(path)) == Some(own);
            return right == Right::Read || (right == Right::Write && owned);
        }
        let Some(entry) = access_control::entry_about(&self.tree, about) else {
            return false;
        };
        let list = Path::resource(ACCESS_CONTROL, entry, access_control::LIST);
        let said = |server: i64| {
            let server = u16::try_from(server).ok()?;
            self.number(list.child(server)?)
        };
        let owner = self.number(Path::resource(ACCESS_CONTROL, entry, access_control::OWNER));
        let of_owner = (owner == Some(own)).then_some(OF_THE_OWNER);
        let rights = said(own).or(of_owner).or_else(|| said(0)).unwrap_or(0);
        rights & right as i64 != 0
    }

    /// Refuses a request for one path that the server has no right to.
    pub(crate) fn authorize(&self, path: Path, request: &Request) -> Result<(), Refusal> {
        let attributes = request.payload.is_empty()
            && request.content_format().is_none()
            && request.queries().next().is_some();
        let right = match (request.code, path.depth()) {
            // Discover takes no right.
            (Code::GET, _) if request.accept() == Some(ContentFormat::LINK.0) => return Ok(()),
            (Code::GET, _) => return self.authorize_read(path),
            (Code::PUT, 2..) if attributes => Right::Read,
            (Code::PUT, 2..) | (Code::POST, 2) => Right::Write,
            (Code::POST, 1) => Right::Create,
            (Code::POST, 3) if self.operations(path) == Some(Operations::Execute) => Right::Execute,
            (Code::POST, 3..) | (Code::DELETE, 3..) => Right::Write,
            (Code::DELETE, 2) => Right::Delete,
            _ => return Ok(()),
        };
        self.demand(path, right)
    }

    /// Refuses if the server may not.
    pub(crate) fn demand(&self, path: Path, right: Right) -> Result<(), Refusal> {
        if self.may(path, right) {
            return Ok(());
        }
        let own = self.short_server_id();
        let reason = format!("server {own} has no right to do this with {path} (access control)");
        Err(Refusal::new(Code::UNAUTHORIZED, reason))
    }

    /// Refuses a Read of what the server may read nothing of.
    pub(crate) fn authorize_read(&self, path: Path) -> Result<(), Refusal> {
        if path.depth() != 1 {
            return self.demand(path, Right::Read);
        }
        let held = path.object_id().and_then(|id| self.tree.object(id));
        let instances = held.into_iter().flat_map(|held| held.instances.keys());
        let mut first = Ok(());
        for instance in instances.filter_map(|id| path.child(*id)) {
            match self.demand(instance, Right::Read) {
                Ok(()) => return Ok(()),
                refused => first = first.and(refused),
            }
        }
        first
    }

    /// The server created an instance.
    pub(crate) fn note_created(&mut self, instance: Path) {
        if let Ok(owner) = u16::try_from(self.short_server_id()) {
            access_control::created(&mut self.tree, instance, owner);
        }
    }

    /// The server deleted an instance.
    pub(crate) fn note_deleted(&mut self, instance: Path) {
        access_control::deleted(&mut self.tree, instance);
    }

    fn is_shared(&self) -> bool {
        let held = self.tree.object(ACCESS_CONTROL);
        held.is_some_and(|held| !held.instances.is_empty())
    }

    fn short_server_id(&self) -> i64 {
        self.number(server_resource::SHORT_SERVER_ID).unwrap_or_default()
    }

    fn number(&self, path: Path) -> Option<i64> {
        match self.tree.get(path)? {
            Value::Integer(number) => Some(*number),
            _ => None,
        }
    }
}
