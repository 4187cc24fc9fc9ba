//! From a task to the request that carries it out. LwM2M Core 1.2 §6.3, Transport 1.2 §6.4.

use super::{Operation, Task, negotiate};
use crate::lwm2m::registration::Registration;
use coap::{Code, Request};
use shared::codec;
use shared::model::Registry as Models;
use shared::{ContentFormat, DataType, Node, Path, Timestamp, Value};

/// A request, and the formats to try if the device does not like its format.
#[derive(Debug)]
pub(crate) struct Encoded {
    pub(crate) request: Request,
    /// How many formats were tried or skipped, this one included.
    pub(crate) tried: usize,
}

/// The request for an operation, in the first of its formats from `skip` on that can carry it; `None` when there is
/// none left.
///
/// # Errors
/// A sentence if no format can carry the value.
pub(crate) fn operation(
    operation: &Operation,
    registration: &Registration,
    models: &Models,
    skip: usize,
) -> Result<Option<Encoded>, String> {
    task(&operation.task, operation.format, registration, models, skip)
}

/// As [`operation`], for a task of the server's own.
pub(crate) fn task(
    task: &Task,
    format: Option<ContentFormat>,
    registration: &Registration,
    models: &Models,
    skip: usize,
) -> Result<Option<Encoded>, String> {
    let encoder = Encoder {
        registration,
        models,
        format,
        skip,
    };
    match task {
        Task::Read { path } => Ok(encoder.accepting(encoder.request(Code::GET, *path))),
        Task::Observe { path } => Ok(encoder.accepting(encoder.request(Code::GET, *path).observing())),
        Task::Discover { path } => Ok(once(
            skip,
            encoder
                .request(Code::GET, *path)
                .with_accept(ContentFormat::LINK.0),
        )),
        Task::Write { node, replace } => {
            let code = if *replace { Code::PUT } else { Code::POST };
            encoder.with_body(code, node.base, node, encoder.formats_for(node))
        }
        Task::Create { node } => encoder.with_body(
            Code::POST,
            node.base.truncated(1),
            node,
            negotiate::to_write_many(registration.version, &registration.links.formats),
        ),
        Task::Execute { path, arguments } => {
            let request = encoder.request(Code::POST, *path);
            Ok(once(
                skip,
                if arguments.is_empty() {
                    request
                } else {
                    request.with_payload(ContentFormat::TEXT.0, arguments.as_bytes())
                },
            ))
        }
        Task::Delete { path } => Ok(once(skip, encoder.request(Code::DELETE, *path))),
        Task::WriteAttributes { path, queries } => Ok(once(
            skip,
            queries
                .iter()
                .fold(encoder.request(Code::PUT, *path), |request, query| {
                    request.with_query(query)
                }),
        )),
        Task::ReadComposite { paths } => encoder.read_composite(paths),
        Task::WriteComposite { node } => encoder.with_body(
            Code::IPATCH,
            Path::ROOT,
            node,
            negotiate::composite(&registration.links.formats),
        ),
        // Carried out by the endpoint, which knows the token and options of the observation.
        Task::CancelObserve { .. } => Ok(None),
    }
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

fn once(skip: usize, request: Request) -> Option<Encoded> {
    (skip == 0).then_some(Encoded { request, tried: 1 })
}

struct Encoder<'a> {
    registration: &'a Registration,
    models: &'a Models,
    format: Option<ContentFormat>,
    skip: usize,
}

impl Encoder<'_> {
    fn request(&self, code: Code, path: Path) -> Request {
        Request::new(code, &self.registration.links.request_path(path))
    }

    fn accepting(&self, request: Request) -> Option<Encoded> {
        let formats = match self.format {
            Some(format) => vec![Some(format)],
            None => negotiate::to_read(self.registration.version, &self.registration.links.formats),
        };
        let accept = *formats.get(self.skip)?;
        Some(Encoded {
            request: match accept {
                Some(format) => request.with_accept(format.0),
                None => request,
            },
            tried: self.skip + 1,
        })
    }

    fn formats_for(&self, node: &Node) -> Vec<ContentFormat> {
        let (version, listed) = (self.registration.version, &self.registration.links.formats);
        match node.entries.as_slice() {
            [only] if only.path == node.base && only.value != Value::None => {
                negotiate::to_write_single(version, listed, only.value.data_type())
            }
            _ => negotiate::to_write_many(version, listed),
        }
    }

    fn with_body(
        &self,
        code: Code,
        target: Path,
        node: &Node,
        formats: Vec<ContentFormat>,
    ) -> Result<Option<Encoded>, String> {
        let types = self.registration.models(self.models);
        let context = self.registration.context(&types, Timestamp::default());
        self.first_that(that_can_say(node, formats), |format| {
            let payload = codec::encode(format, node, &context)?;
            Ok(self.request(code, target).with_payload(format.0, payload))
        })
    }

    fn read_composite(&self, paths: &[Path]) -> Result<Option<Encoded>, String> {
        let types = self.registration.models(self.models);
        let context = self.registration.context(&types, Timestamp::default());
        self.first_that(negotiate::composite(&self.registration.links.formats), |format| {
            let payload = codec::encode_paths(format, paths, &context)?;
            Ok(self
                .request(Code::FETCH, Path::ROOT)
                .with_payload(format.0, payload)
                .with_accept(format.0))
        })
    }

    /// The request in the first format, from `skip` on, that can carry it. An error if not one of all can.
    fn first_that(
        &self,
        formats: Vec<ContentFormat>,
        write: impl Fn(ContentFormat) -> Result<Request, codec::EncodeError>,
    ) -> Result<Option<Encoded>, String> {
        let formats = self.format.map_or(formats, |format| vec![format]);
        let mut failure = None;
        for (index, format) in formats.into_iter().enumerate().skip(self.skip) {
            match write(format) {
                Ok(request) => {
                    return Ok(Some(Encoded {
                        request,
                        tried: index + 1,
                    }));
                }
                Err(error) => failure = Some(error.to_string()),
            }
        }
        match failure {
            Some(error) if self.skip == 0 => Err(error),
            _ => Ok(None),
        }
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
