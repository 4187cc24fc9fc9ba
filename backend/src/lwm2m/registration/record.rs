//! What is kept of a registration.

use super::parameters::{Changes, Parameters};
use super::{Binding, ObjectLinks, RegistrationId};
use crate::credential::Secured;
use crate::registry::DeviceNumber;
use serde::{Deserialize, Serialize};
use shared::api::{Lint, RegistrationView, Transport};
use shared::codec::Context;
use shared::model::{DeviceModels, Registry as Models};
use shared::sorted::SortedMap;
use shared::{Path, Timestamp, Version};
use std::borrow::Cow;
use std::net::SocketAddr;
use std::sync::Arc;

/// A registration as it was made or last changed; shared by the shard that serves it and the registry that shows it.
#[derive(Debug, Clone)]
pub(crate) struct Registration {
    pub(crate) id: RegistrationId,
    pub(crate) endpoint: Arc<str>,
    pub(crate) version: Version,
    /// Seconds; 0 is without end.
    pub(crate) lifetime: u32,
    pub(crate) binding: Binding,
    pub(crate) queue_mode: bool,
    pub(crate) links: Arc<ObjectLinks>,
    pub(crate) registered_at: Timestamp,
    /// What its messages go over.
    pub(crate) transport: Transport,
    /// What the session proved that it was made in.
    pub(crate) secured: Option<Arc<Secured>>,
    /// The gateway it is behind, which registered in its stead.
    pub(crate) behind: Option<Arc<Behind>>,
    /// What few registrations have.
    pub(crate) rest: Option<Box<Rest>>,
}

/// How a device behind a gateway is reached. LwM2M Gateway 1.1 §6.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Behind {
    pub(crate) gateway: DeviceNumber,
    /// The gateway's endpoint name.
    pub(crate) endpoint: Arc<str>,
    pub(crate) device_id: Box<str>,
    /// Without slashes.
    pub(crate) prefix: Box<str>,
}

/// The rarer parts of a registration.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Rest {
    pub(crate) sms_number: Option<Box<str>>,
    pub(crate) extra: SortedMap<String, String>,
    pub(crate) lint: Box<[Lint]>,
}

impl Rest {
    fn boxed(self) -> Option<Box<Rest>> {
        (self != Rest::default()).then(|| Box::new(self))
    }
}

/// How a registration came.
#[derive(Debug, Clone, Default)]
pub(crate) struct Way {
    pub(crate) transport: Transport,
    /// What the session proved that it came in.
    pub(crate) secured: Option<Arc<Secured>>,
}

impl Registration {
    pub(crate) fn new(
        id: RegistrationId,
        endpoint: Arc<str>,
        way: Way,
        parameters: Parameters,
        links: Arc<ObjectLinks>,
        lint: Vec<Lint>,
        now: Timestamp,
    ) -> Registration {
        let mut notes = parameters.lint.into_vec();
        notes.extend(lint);
        Registration {
            id,
            endpoint,
            version: parameters.version,
            lifetime: parameters.lifetime,
            binding: parameters.binding,
            queue_mode: parameters.queue_mode,
            links,
            registered_at: now,
            transport: way.transport,
            secured: way.secured,
            behind: None,
            rest: Rest {
                sms_number: parameters.sms_number,
                extra: parameters.extra,
                lint: notes.into_boxed_slice(),
            }
            .boxed(),
        }
    }

    /// The registration of a device behind this gateway, which lasts as long as the gateway's.
    pub(crate) fn of_child(
        &self,
        id: RegistrationId,
        endpoint: Arc<str>,
        behind: Arc<Behind>,
        links: Arc<ObjectLinks>,
        now: Timestamp,
    ) -> Registration {
        Registration {
            id,
            endpoint,
            links,
            behind: Some(behind),
            rest: None,
            registered_at: now,
            ..self.clone()
        }
    }

    /// This registration of a device behind a gateway after its gateway's changed.
    pub(crate) fn following(&self, gateway: &Registration) -> Registration {
        Registration {
            id: self.id,
            endpoint: self.endpoint.clone(),
            links: self.links.clone(),
            behind: self.behind.clone(),
            rest: None,
            registered_at: self.registered_at,
            ..gateway.clone()
        }
    }

    /// The path as the device wants it in requests, `"/lwm2m/3/0"`. The composite operations of a gateway are at its
    /// root, whichever device they are about: the prefix is in the names.
    pub(crate) fn request_path(&self, path: Path) -> String {
        if self.behind.is_some() && path.is_root() {
            return path.to_string();
        }
        self.links.request_path(path)
    }

    /// This registration with the changes of an Update.
    pub(crate) fn changed(
        &self,
        changes: Changes,
        links: Option<Arc<ObjectLinks>>,
        transport: Transport,
    ) -> Registration {
        let mut next = self.clone();
        next.transport = transport;
        next.lifetime = changes.lifetime.unwrap_or(next.lifetime);
        next.binding = changes.binding.unwrap_or(next.binding);
        next.queue_mode = changes.queue_mode.unwrap_or(next.queue_mode);
        next.links = links.unwrap_or(next.links);
        if changes.sms_number.is_some() || !changes.extra.is_empty() {
            let mut rest = next.rest.take().map(|rest| *rest).unwrap_or_default();
            rest.sms_number = changes.sms_number.or(rest.sms_number);
            rest.extra.extend(changes.extra);
            next.rest = rest.boxed();
        }
        next
    }

    /// When the lifetime ends that began at `from`; far away for one without end.
    pub(crate) fn lifetime_ends(&self, from: Timestamp) -> Timestamp {
        match self.lifetime {
            0 => Timestamp(i64::MAX),
            seconds => from.plus_seconds(i64::from(seconds)),
        }
    }

    /// The definitions of this device's objects.
    pub(crate) fn models<'a>(&'a self, models: &'a Models) -> DeviceModels<'a> {
        DeviceModels::new(models, &self.links.versions)
    }

    /// What the codecs have to be told about this device.
    pub(crate) fn context<'a>(&'a self, types: &'a DeviceModels<'a>, now: Timestamp) -> Context<'a> {
        Context {
            types,
            now,
            root: match &self.behind {
                Some(behind) => Some(&behind.prefix),
                // Names carry the alternate path since 1.2.1; older clients do not expect it there.
                None => self
                    .links
                    .root
                    .as_deref()
                    .filter(|_| self.version >= Version::V1_2),
            },
        }
    }

    /// The registration as the API shows it.
    pub(crate) fn view(&self, peer: SocketAddr, updated_at: Timestamp) -> RegistrationView {
        let rest = self.rest.as_deref();
        RegistrationView {
            id: self.id.to_string(),
            version: self.version,
            lifetime: self.lifetime,
            binding: self.binding.to_string(),
            queue_mode: self.queue_mode,
            sms_number: rest.and_then(|rest| rest.sms_number.as_deref()).map(Into::into),
            address: peer.to_string(),
            transport: self.transport,
            security: self.security().into(),
            session: self.secured.as_ref().map(|secured| secured.view()),
            root_path: self.links.root.as_deref().map(Into::into),
            content_formats: self.links.formats.to_vec(),
            objects: self.links.objects.to_vec(),
            object_versions: self.links.versions.clone(),
            extra: rest.map(|rest| rest.extra.clone()).unwrap_or_default(),
            registered_at: self.registered_at,
            updated_at,
            lint: rest
                .map(|rest| rest.lint.to_vec())
                .unwrap_or_default()
                .into_iter()
                .chain(self.links.lint.iter().cloned())
                .collect(),
        }
    }

    /// The security mode: `"none"`, `"psk"`, `"rpk"`, `"x509"`.
    pub(crate) fn security(&self) -> &'static str {
        self.secured
            .as_ref()
            .map_or("none", |secured| secured.mode.name())
    }

    /// What the store keeps of the registration beside its id and its object list.
    pub(crate) fn stored(&self) -> Stored<'_> {
        Stored {
            lifetime: self.lifetime,
            binding: self.binding,
            queue_mode: self.queue_mode,
            registered_at: self.registered_at,
            secured: self.secured.as_deref().map(Cow::Borrowed),
            rest: self.rest.as_deref().map(Cow::Borrowed),
            transport: self.transport,
        }
    }

    /// The registration that the store kept.
    pub(crate) fn restore(
        id: RegistrationId,
        endpoint: Arc<str>,
        stored: &Stored<'_>,
        links: Arc<ObjectLinks>,
    ) -> Registration {
        Registration {
            id,
            endpoint,
            version: links.version,
            lifetime: stored.lifetime,
            binding: stored.binding,
            queue_mode: stored.queue_mode,
            links,
            registered_at: stored.registered_at,
            transport: stored.transport,
            secured: stored
                .secured
                .as_ref()
                .map(|secured| Arc::new(secured.as_ref().clone())),
            behind: None,
            rest: stored.rest.as_ref().map(|rest| Box::new(rest.as_ref().clone())),
        }
    }
}

/// A registration in the store, as postcard. Its id and its object list are kept beside it.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Stored<'a> {
    pub(crate) lifetime: u32,
    pub(crate) binding: Binding,
    pub(crate) queue_mode: bool,
    pub(crate) registered_at: Timestamp,
    pub(crate) secured: Option<Cow<'a, Secured>>,
    pub(crate) rest: Option<Cow<'a, Rest>>,
    pub(crate) transport: Transport,
}
