//! From a task to the request that carries it out. LwM2M Core 1.2 §6.3, Transport 1.2 §6.4.

use super::{Operation, Task, attributes, negotiate};
use crate::lwm2m::observation::Subject;
use crate::lwm2m::registration::Registration;
use crate::lwm2m::transmission::Manner;
use coap::{Code, Request};
use shared::api::{Quirk, Transport};
use shared::codec::{self, CHOSEN_BY_CLIENT};
use shared::model::Registry as Models;
use shared::{ContentFormat, DataType, Entry, Node, Path, Timestamp, Value};

/// How far the search has come for a request that the device takes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Attempt {
    /// How many formats were tried or skipped.
    pub(crate) skip: usize,
    /// Without the attributes that only newer versions know.
    pub(crate) plain: bool,
}

/// A request, and where to go on if the device does not like it.
#[derive(Debug)]
pub(crate) struct Encoded {
    pub(crate) request: Request,
    /// As it was asked for, with `skip` counting the format of this request too.
    pub(crate) attempt: Attempt,
}

/// The request for an operation, in the first of its formats from `attempt` on that can carry it; `None` when there is
/// none left.
///
/// # Errors
/// A sentence if no format can carry the value.
pub(crate) fn operation(
    operation: &Operation,
    registration: &Registration,
    manner: &Manner,
    models: &Models,
    attempt: Attempt,
) -> Result<Option<Encoded>, String> {
    task(
        &operation.task,
        operation.format,
        registration,
        manner,
        models,
        attempt,
    )
}

/// As [`operation`], for a task of the server's own.
pub(crate) fn task(
    task: &Task,
    format: Option<ContentFormat>,
    registration: &Registration,
    manner: &Manner,
    models: &Models,
    attempt: Attempt,
) -> Result<Option<Encoded>, String> {
    let encoder = Encoder {
        registration,
        manner,
        models,
        format,
        attempt,
    };
    let encoded = encoder.encode(task)?;
    encoded.map(|encoded| encoder.fits(encoded)).transpose()
}

/// Of these formats the ones that can carry the node: SenML has no form for an empty instance or multiple resource,
/// and would leave it out with its id.
fn that_can_say(node: &Node, mut formats: Vec<ContentFormat>) -> Vec<ContentFormat> {
    if node.entries.iter().any(|entry| entry.value == Value::None) {
        formats.retain(|format| matches!(*format, ContentFormat::TLV | ContentFormat::LWM2M_CBOR));
        if formats.is_empty() {
            formats.push(ContentFormat::TLV);
        }
    }
    formats
}

struct Encoder<'a> {
    registration: &'a Registration,
    manner: &'a Manner,
    models: &'a Models,
    format: Option<ContentFormat>,
    attempt: Attempt,
}

impl Encoder<'_> {
    fn encode(&self, task: &Task) -> Result<Option<Encoded>, String> {
        let (version, listed) = (self.registration.version, &self.registration.links.formats);
        match task {
            Task::Read { path } => Ok(self.accepting(self.request(Code::GET, *path))),
            Task::Observe { subject, attributes } => {
                let sent = if self.attempt.plain { &[][..] } else { attributes };
                self.observe(subject, sent)
            }
            Task::Discover { path, depth } => {
                let request = self.request(Code::GET, *path).with_accept(ContentFormat::LINK.0);
                Ok(self.once(match depth {
                    Some(depth) => request.with_query(&format!("depth={depth}")),
                    None => request,
                }))
            }
            Task::Write { node, replace } => {
                let code = if *replace { Code::PUT } else { Code::POST };
                self.with_body(code, node.base, node, self.formats_for(node))
            }
            Task::Create { node } => self.create(node),
            Task::Execute { path, arguments } => {
                let request = self.request(Code::POST, *path);
                Ok(self.once(if arguments.is_empty() {
                    request
                } else {
                    request.with_payload(ContentFormat::TEXT.0, arguments.as_bytes())
                }))
            }
            Task::Delete { path } => Ok(self.once(self.request(Code::DELETE, *path))),
            Task::WriteAttributes { path, queries } => {
                let sent = queries
                    .iter()
                    .filter(|query| !self.attempt.plain || !attributes::is_newer(query));
                Ok(
                    self.once(sent.fold(self.request(Code::PUT, *path), |request, query| {
                        request.with_query(query)
                    })),
                )
            }
            Task::ReadComposite { paths } => self.fetch(paths, |request| request),
            Task::WriteComposite { node } => {
                self.no_composite()?;
                let takes_away = node.entries.iter().any(|entry| entry.value == Value::None);
                let formats = negotiate::to_write_composite(version, listed, takes_away);
                let formats = self
                    .manner
                    .ordered(formats, |format| negotiate::composite_of(*format).1);
                self.first_body(Code::IPATCH, Path::ROOT, node, formats)
            }
            // Carried out by the endpoint, which knows the token and options of the observation.
            Task::CancelObserve { .. } => Ok(None),
        }
    }

    /// Refuses what goes out in blocks to a device that does not put them together.
    fn fits(&self, encoded: Encoded) -> Result<Encoded, String> {
        let (bytes, most) = (
            encoded.request.payload.len(),
            self.manner.parameters.max_block_size.bytes(),
        );
        let by_datagram = matches!(self.registration.transport, Transport::Udp | Transport::Dtls);
        if by_datagram && bytes > most && self.manner.has(Quirk::NoBlockWise) {
            return Err(format!(
                "This takes {bytes} bytes, and one message carries {most}. The device is set to take no block-wise transfers."
            ));
        }
        Ok(encoded)
    }

    fn no_composite(&self) -> Result<(), String> {
        if self.manner.has(Quirk::NoComposite) {
            return Err("The device is set to have no composite operations.".into());
        }
        Ok(())
    }

    fn request(&self, code: Code, path: Path) -> Request {
        Request::new(code, &self.registration.request_path(path))
    }

    /// A request in the format with this index, counted from 0.
    fn encoded(&self, request: Request, index: usize) -> Encoded {
        Encoded {
            request,
            attempt: Attempt {
                skip: index + 1,
                ..self.attempt
            },
        }
    }

    /// A request that has no other form.
    fn once(&self, request: Request) -> Option<Encoded> {
        (self.attempt.skip == 0).then(|| self.encoded(request, 0))
    }

    fn accepting(&self, request: Request) -> Option<Encoded> {
        let formats = match self.format {
            Some(format) => vec![Some(format)],
            None if self.manner.has(Quirk::NoAccept) => vec![None],
            None => self.to_read(),
        };
        let accept = *formats.get(self.attempt.skip)?;
        let request = match accept {
            Some(format) => request.with_accept(format.0),
            None => request,
        };
        Some(self.encoded(request, self.attempt.skip))
    }

    fn to_read(&self) -> Vec<Option<ContentFormat>> {
        let usual = negotiate::to_read(self.registration.version, &self.registration.links.formats);
        let formats = self.manner.formats(usual.into_iter().flatten().collect());
        formats.into_iter().map(Some).chain([None]).collect()
    }

    fn observe(&self, subject: &Subject, attributes: &[String]) -> Result<Option<Encoded>, String> {
        let observing = |request: Request| {
            let queries = attributes.iter();
            queries
                .fold(request, |request, query| request.with_query(query))
                .observing()
        };
        match subject {
            Subject::One(path) => Ok(self.accepting(observing(self.request(Code::GET, *path)))),
            Subject::Several(paths) => self.fetch(paths, observing),
        }
    }

    fn formats_for(&self, node: &Node) -> Vec<ContentFormat> {
        let (version, listed) = (self.registration.version, &self.registration.links.formats);
        self.manner.formats(match node.entries.as_slice() {
            [only] if only.path == node.base && only.value != Value::None => {
                negotiate::to_write_single(version, listed, only.value.data_type())
            }
            _ => negotiate::to_write_many(version, listed),
        })
    }

    fn with_body(
        &self,
        code: Code,
        target: Path,
        node: &Node,
        formats: Vec<ContentFormat>,
    ) -> Result<Option<Encoded>, String> {
        self.first_body(code, target, node, that_can_say(node, formats))
    }

    fn first_body(
        &self,
        code: Code,
        target: Path,
        node: &Node,
        formats: Vec<ContentFormat>,
    ) -> Result<Option<Encoded>, String> {
        let types = self.registration.models(self.models);
        let context = self.registration.context(&types, Timestamp::default());
        let formats = self.format.map_or(formats, |format| vec![format]);
        self.first_that(formats, |format| {
            let payload = codec::encode(format, node, &context)?;
            Ok(self.request(code, target).with_payload(format.0, payload))
        })
    }

    /// Create. Where the format cannot leave the identifier to the device, the server takes one that is free.
    fn create(&self, node: &Node) -> Result<Option<Encoded>, String> {
        let (version, listed) = (self.registration.version, &self.registration.links.formats);
        let object = node.base.truncated(1);
        if node.base.instance_id() != Some(CHOSEN_BY_CLIENT) {
            return self.with_body(
                Code::POST,
                object,
                node,
                self.manner.formats(negotiate::to_write_many(version, listed)),
            );
        }
        let types = self.registration.models(self.models);
        let context = self.registration.context(&types, Timestamp::default());
        let usual = self.manner.formats(negotiate::to_create_unnamed(version, listed));
        let formats = that_can_say(node, usual);
        let formats = self.format.map_or(formats, |format| vec![format]);
        let named = named(node, self.registration.links.free_instance(object));
        self.first_that(formats, |format| {
            let node = if negotiate::leaves_instance_open(format) {
                node
            } else {
                &named
            };
            let payload = codec::encode(format, node, &context)?;
            Ok(self.request(Code::POST, object).with_payload(format.0, payload))
        })
    }

    /// FETCH with a list of paths.
    fn fetch(&self, paths: &[Path], finish: impl Fn(Request) -> Request) -> Result<Option<Encoded>, String> {
        self.no_composite()?;
        let types = self.registration.models(self.models);
        let context = self.registration.context(&types, Timestamp::default());
        let (version, listed) = (self.registration.version, &self.registration.links.formats);
        let formats = match self.format {
            Some(format) => vec![negotiate::composite_of(format)],
            None => {
                let usual = negotiate::to_read_composite(version, listed);
                self.manner.ordered(usual, |(_, accept)| *accept)
            }
        };
        self.first_that(formats, |(body, accept)| {
            let payload = codec::encode_paths(body, paths, &context)?;
            let request = self
                .request(Code::FETCH, Path::ROOT)
                .with_payload(body.0, payload);
            Ok(finish(match self.manner.has(Quirk::NoAccept) {
                true => request,
                false => request.with_accept(accept.0),
            }))
        })
    }

    /// The request in the first format, from `attempt` on, that can carry it. An error if not one of all can.
    fn first_that<F>(
        &self,
        formats: Vec<F>,
        write: impl Fn(F) -> Result<Request, codec::EncodeError>,
    ) -> Result<Option<Encoded>, String> {
        let mut failure = None;
        for (index, format) in formats.into_iter().enumerate().skip(self.attempt.skip) {
            match write(format) {
                Ok(request) => return Ok(Some(self.encoded(request, index))),
                Err(error) => failure = Some(error.to_string()),
            }
        }
        match failure {
            Some(error) if self.attempt.skip == 0 => Err(error),
            _ => Ok(None),
        }
    }
}

/// The node of a Create under an identifier that the server chose.
fn named(node: &Node, instance: Path) -> Node {
    let entries = node.entries.iter().filter_map(|entry| {
        let below = entry.path.ids().get(2..)?;
        let path = below.iter().try_fold(instance, |path, id| path.child(*id))?;
        Some(Entry {
            path,
            ..entry.clone()
        })
    });
    Node {
        base: instance,
        entries: entries.collect(),
    }
}

/// The format a payload without Content-Format most likely has: what the device of this path is known to send.
pub(crate) fn assumed_format(path: Path, data_type: Option<DataType>) -> ContentFormat {
    match data_type {
        Some(DataType::Opaque) if path.depth() >= 3 => ContentFormat::OPAQUE,
        _ if path.depth() >= 3 => ContentFormat::TEXT,
        _ => ContentFormat::TLV,
    }
}
