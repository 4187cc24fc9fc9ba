//! What a device asks a bootstrap server: Bootstrap-Request and Bootstrap-Pack-Request. LwM2M Core 1.2 §6.1.7.

use crate::lwm2m::{Refusal, quote};
use coap::{Code, Request, number};
use shared::ContentFormat;
use shared::bootstrap::{Discovered, is_bootstrap_format};

/// The longest endpoint name, in bytes: what one Uri-Query option holds beside `ep=`.
const MAX_ENDPOINT: usize = 252;

/// A request that can be dealt with.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Asked {
    /// POST `/bs`.
    Bootstrap {
        endpoint: Option<String>,
        /// The format the device prefers.
        format: Option<ContentFormat>,
    },
    /// GET `/bspack`.
    Pack {
        endpoint: Option<String>,
        format: ContentFormat,
        /// The accounts that the device has, if it says so.
        accounts: Option<Discovered>,
    },
}

/// Reads a request.
///
/// # Errors
/// 4.00 for what is said wrongly, 4.15 for a format in `pct` that is none of bootstrap, 4.06 for such an Accept, 4.04
/// and 4.05 for what is not for bootstrap.
pub(crate) fn parse(request: &Request) -> Result<Asked, Refusal> {
    let mut segments = request.path_segments();
    match (segments.next(), segments.next(), request.code) {
        (Some("bs"), None, Code::POST) => bootstrap(request),
        (Some("bspack"), None, Code::GET) => pack(request),
        (Some("bs" | "bspack"), None, code) => Err(Refusal::new(
            Code::METHOD_NOT_ALLOWED,
            format!(
                "{} is not for this resource",
                code.name().unwrap_or("this method")
            ),
        )),
        (Some("rd"), ..) => Err(Refusal::not_found(
            "this is the bootstrap server; devices register with the server that it tells them",
        )),
        _ => Err(Refusal::not_found(format!(
            "there is no resource {}",
            quote(&request.path())
        ))),
    }
}

#[derive(Default)]
struct Queries<'a> {
    ep: Option<&'a str>,
    pct: Option<&'a str>,
    acc: Option<&'a str>,
}

impl<'a> Queries<'a> {
    /// Queries are a set; unknown ones are passed over, for newer versions may have more.
    fn read(request: &'a Request) -> Result<Queries<'a>, Refusal> {
        let mut queries = Queries::default();
        for raw in request.options.all(number::URI_QUERY) {
            let text = std::str::from_utf8(raw)
                .map_err(|_| Refusal::bad_request("a query parameter is not UTF-8 text"))?;
            let (name, value) = text.split_once('=').unwrap_or((text, ""));
            let slot = match name {
                "ep" => &mut queries.ep,
                "pct" => &mut queries.pct,
                "acc" => &mut queries.acc,
                _ => continue,
            };
            if slot.replace(value).is_some() {
                let words = format!("the parameter {} is given twice", quote(name));
                return Err(Refusal::bad_request(words));
            }
        }
        Ok(queries)
    }

    fn endpoint(&self) -> Result<Option<String>, Refusal> {
        let Some(name) = self.ep else { return Ok(None) };
        if name.is_empty() {
            return Err(Refusal::bad_request(
                "the endpoint name (parameter 'ep') is empty",
            ));
        }
        if name.len() > MAX_ENDPOINT || name.chars().any(char::is_control) {
            return Err(Refusal::bad_request(format!(
                "the endpoint name has more than {MAX_ENDPOINT} bytes or control characters"
            )));
        }
        Ok(Some(name.to_owned()))
    }
}

fn bootstrap(request: &Request) -> Result<Asked, Refusal> {
    let queries = Queries::read(request)?;
    let format = queries.pct.map(|text| {
        text.parse::<u16>()
            .ok()
            .map(ContentFormat)
            .filter(|format| is_bootstrap_format(*format))
            .ok_or_else(|| {
                Refusal::new(
                    Code::UNSUPPORTED_CONTENT_FORMAT,
                    format!("pct={} is none of 11542, 110, 112 and 11544", quote(text)),
                )
            })
    });
    Ok(Asked::Bootstrap {
        endpoint: queries.endpoint()?,
        format: format.transpose()?,
    })
}

fn pack(request: &Request) -> Result<Asked, Refusal> {
    let queries = Queries::read(request)?;
    let format = match request.accept().map(ContentFormat) {
        // TLV and text carry one object at most.
        Some(format) if format != ContentFormat::TLV && is_bootstrap_format(format) => format,
        None => ContentFormat::SENML_CBOR,
        Some(other) => {
            return Err(Refusal::new(
                Code::NOT_ACCEPTABLE,
                format!("a Bootstrap-Pack comes as 110, 112 or 11544, not as {other}"),
            ));
        }
    };
    let accounts = queries
        .acc
        .map(Discovered::parse)
        .transpose()
        .map_err(|error| Refusal::bad_request(format!("the parameter 'acc': {error}")))?;
    Ok(Asked::Pack {
        endpoint: queries.endpoint()?,
        format,
        accounts: accounts.filter(|accounts| !accounts.security.is_empty()),
    })
}
