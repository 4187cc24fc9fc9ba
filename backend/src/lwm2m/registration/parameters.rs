//! The queries of Register and Update. LwM2M Core 1.2 §6.2.1.2, §6.2.2.
//!
//! Queries are a set: their order says nothing, and one that comes twice is refused.

use super::Binding;
use super::lint::{Notes, Rule};
use crate::lwm2m::{Refusal, quote};
use coap::{Code, Options, number};
use shared::Version;
use shared::api::Lint;
use shared::sorted::SortedMap;

/// The lifetime of a Register without `lt`, in seconds. LwM2M Core 1.2 §6.2.1.2.
const DEFAULT_LIFETIME: u32 = 86_400;
/// A lifetime below this leaves no time for the retransmissions of one Update (MAX_TRANSMIT_SPAN, 45 s) before it ends.
const SHORT_LIFETIME: u32 = 60;
/// The longest endpoint name, in bytes: what one Uri-Query option holds beside `ep=`.
const MAX_ENDPOINT: usize = 252;
/// How many unknown parameters are kept.
const MAX_EXTRA: usize = 16;

/// What a Register says beside its object list.
#[derive(Debug)]
pub(crate) struct Parameters {
    pub(crate) endpoint: String,
    pub(crate) version: Version,
    pub(crate) lifetime: u32,
    pub(crate) binding: Binding,
    pub(crate) queue_mode: bool,
    pub(crate) sms_number: Option<Box<str>>,
    pub(crate) extra: SortedMap<String, String>,
    pub(crate) lint: Box<[Lint]>,
    /// The Profile IDs that stand for an object list, as they came.
    pub(crate) profile: Option<String>,
}

/// What an Update changes beside its object list.
#[derive(Debug, Default)]
pub(crate) struct Changes {
    pub(crate) lifetime: Option<u32>,
    pub(crate) binding: Option<Binding>,
    pub(crate) queue_mode: Option<bool>,
    pub(crate) sms_number: Option<Box<str>>,
    pub(crate) extra: SortedMap<String, String>,
    /// Profile IDs that stand for a new object list.
    pub(crate) profile: Option<String>,
}

impl Changes {
    pub(crate) fn is_empty(&self) -> bool {
        self.lifetime.is_none()
            && self.binding.is_none()
            && self.queue_mode.is_none()
            && self.sms_number.is_none()
            && self.extra.is_empty()
    }
}

/// The queries as they came, each name once.
#[derive(Default)]
struct Queries<'a> {
    ep: Option<&'a str>,
    lt: Option<&'a str>,
    lwm2m: Option<&'a str>,
    b: Option<&'a str>,
    q: Option<&'a str>,
    sms: Option<&'a str>,
    pid: Option<&'a str>,
    extra: SortedMap<String, String>,
}

impl<'a> Queries<'a> {
    fn read(options: &'a Options) -> Result<Queries<'a>, Refusal> {
        let mut queries = Queries::default();
        for raw in options.all(number::URI_QUERY) {
            let text = std::str::from_utf8(raw)
                .map_err(|_| Refusal::bad_request("a query parameter is not UTF-8 text"))?;
            let (name, value) = text.split_once('=').unwrap_or((text, ""));
            let slot = match name {
                "ep" => &mut queries.ep,
                "lt" => &mut queries.lt,
                "lwm2m" => &mut queries.lwm2m,
                "b" => &mut queries.b,
                "Q" => &mut queries.q,
                "sms" => &mut queries.sms,
                "pid" => &mut queries.pid,
                "" => continue,
                _ => {
                    let twice = queries.extra.contains_key(name);
                    if twice {
                        return Err(twice_given(name));
                    }
                    if queries.extra.len() < MAX_EXTRA {
                        queries.extra.insert(name.to_owned(), value.to_owned());
                    }
                    continue;
                }
            };
            if slot.replace(value).is_some() {
                return Err(twice_given(name));
            }
        }
        Ok(queries)
    }

    fn lifetime(&self) -> Result<Option<u32>, Refusal> {
        let Some(text) = self.lt else { return Ok(None) };
        let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        match digits.then(|| text.parse()) {
            Some(Ok(lifetime)) => Ok(Some(lifetime)),
            _ => Err(Refusal::bad_request(format!(
                "the lifetime lt={} is not a number of seconds from 0 to {}",
                quote(text),
                u32::MAX
            ))),
        }
    }
}

fn twice_given(name: &str) -> Refusal {
    Refusal::bad_request(format!("the parameter {} is given twice", quote(name)))
}

/// Reads the queries of a Register. `proven` is the endpoint name that the security layer gives, which may be left out
/// then (LwM2M Core 1.2 §6.2.1).
///
/// # Errors
/// 4.00 without a usable `ep`, with a bad `lt` or with a parameter twice; 4.12 for a version that is not served.
pub(crate) fn register(options: &Options, proven: Option<&str>) -> Result<Parameters, Refusal> {
    let queries = Queries::read(options)?;
    let endpoint = endpoint_name(queries.ep.or(proven))?;
    let mut notes = Notes::default();
    let version = match queries.lwm2m {
        Some(text) => text
            .parse::<Version>()
            .map_err(|error| Refusal::new(Code::PRECONDITION_FAILED, error.to_string()))?,
        None => {
            notes.add(
                Rule::NoVersion,
                "There is no parameter 'lwm2m'; version 1.0 is assumed.",
            );
            Version::V1_0
        }
    };
    let lifetime = queries.lifetime()?;
    if lifetime.is_none() && version >= Version::V1_1 {
        // Only 1.0 has a default.
        return Err(Refusal::bad_request("the lifetime (parameter 'lt') is missing"));
    }
    check_lifetime(lifetime, version, &mut notes);
    let (binding, queue_mode) = check_binding(&queries, version, &mut notes);
    for name in queries.extra.keys() {
        notes.add(
            Rule::UnknownParameter,
            format!(
                "The parameter {} is not one that the specification names.",
                quote(name)
            ),
        );
    }
    let sms_number = queries.sms.map(|number| sms_number(number, Some(&mut notes)));
    let mut extra = queries.extra;
    extra.extend(queries.pid.map(|profile| ("pid".to_owned(), profile.to_owned())));
    Ok(Parameters {
        endpoint,
        version,
        lifetime: lifetime.unwrap_or(DEFAULT_LIFETIME),
        binding,
        queue_mode,
        sms_number,
        extra,
        lint: notes.into_boxed(),
        profile: queries.pid.map(String::from),
    })
}

impl Parameters {
    /// The same for a registration over TCP or TLS, where the binding has to have a T in place of the U and nothing is
    /// sent again.
    pub(crate) fn over_stream(mut self) -> Parameters {
        let of_udp = |rule: Rule| move |note: &Lint| note.rule == rule.name();
        let without_u = self.lint.iter().any(of_udp(Rule::NoUdp));
        let no_binding = self.lint.iter().any(of_udp(Rule::NoBinding));
        let mut lint = self.lint.into_vec();
        lint.retain(|note| !of_udp(Rule::NoUdp)(note) && !of_udp(Rule::ShortLifetime)(note));
        let binding = self.binding.to_string();
        if !binding.contains('T') && (without_u || !no_binding) {
            lint.push(Rule::NoTcp.broken(format!(
                "The device registered over TCP, but its binding b={} has no T.",
                quote(&binding)
            )));
        }
        self.lint = lint.into_boxed_slice();
        self
    }
}

/// Reads the queries of an Update.
///
/// # Errors
/// 4.00 with a bad `lt` or with a parameter twice.
pub(crate) fn update(options: &Options) -> Result<Changes, Refusal> {
    if !options.contains(number::URI_QUERY) {
        return Ok(Changes::default());
    }
    let queries = Queries::read(options)?;
    let lifetime = queries.lifetime()?;
    let binding = queries.b.map(Binding::parse);
    // With `b`, the absence of Q says that queue mode is off (LwM2M Core 1.2 §6.2.2); alone it says nothing.
    let queue_mode = match (&binding, queries.q) {
        (_, Some(_)) => Some(true),
        (Some((_, queue_mode, _)), None) => Some(*queue_mode),
        (None, None) => None,
    };
    Ok(Changes {
        lifetime,
        binding: binding.map(|(binding, ..)| binding),
        queue_mode,
        sms_number: queries.sms.map(|number| sms_number(number, None)),
        extra: queries
            .extra
            .into_iter()
            .chain(queries.pid.map(|profile| ("pid".to_owned(), profile.to_owned())))
            .collect(),
        profile: queries.pid.map(String::from),
    })
}

/// The number for SMS as it is kept: international, without the plus. LwM2M Core 1.2 §6.2.1.2.
fn sms_number(text: &str, notes: Option<&mut Notes>) -> Box<str> {
    let number = text.strip_prefix('+').unwrap_or(text);
    let is_number = (1..=15).contains(&number.len()) && number.bytes().all(|byte| byte.is_ascii_digit());
    if let Some(notes) = notes.filter(|_| !is_number || number.len() < text.len()) {
        notes.add(
            Rule::OddNumber,
            format!(
                "The number sms={} should be an MSISDN: up to 15 digits without a plus.",
                quote(text)
            ),
        );
    }
    number.chars().take(60).collect::<String>().into()
}

fn endpoint_name(ep: Option<&str>) -> Result<String, Refusal> {
    let name = ep.ok_or_else(|| Refusal::bad_request("the endpoint name (parameter 'ep') is missing"))?;
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
    Ok(name.to_owned())
}

fn check_lifetime(lifetime: Option<u32>, version: Version, notes: &mut Notes) {
    match lifetime {
        None => notes.add(
            Rule::NoLifetime,
            format!("There is no parameter 'lt'; {DEFAULT_LIFETIME} s are assumed."),
        ),
        Some(0) if version < Version::V1_2 => notes.add(
            Rule::EndlessLifetime,
            format!("lt=0 means 'without end' since LwM2M 1.2; the device speaks {version}. It is taken as that."),
        ),
        Some(lifetime) if (1..SHORT_LIFETIME).contains(&lifetime) => notes.add(
            Rule::ShortLifetime,
            format!(
                "A lifetime of {lifetime} s is shorter than the time the retransmissions of one Update over UDP may take (45 s) and a little more: one lost datagram can end the registration."
            ),
        ),
        Some(_) => {}
    }
}

fn check_binding(queries: &Queries<'_>, version: Version, notes: &mut Notes) -> (Binding, bool) {
    let (binding, in_binding) = match queries.b {
        None => {
            notes.add(Rule::NoBinding, "There is no parameter 'b'; UDP is assumed.");
            (Binding::UDP, false)
        }
        Some(text) => {
            let (binding, queue_mode, unknown) = Binding::parse(text);
            if !unknown.is_empty() || text.is_empty() {
                notes.add(
                    Rule::UnknownBinding,
                    format!("The binding b={} has letters that are no transport.", quote(text)),
                );
            }
            if queue_mode && version >= Version::V1_1 {
                notes.add(
                    Rule::QueueModeInBinding,
                    format!("The binding b={} has a Q, which is the parameter 'Q' of its own since LwM2M 1.1. Queue mode is on.", quote(text)),
                );
            }
            if !binding.to_string().contains('U') {
                notes.add(
                    Rule::NoUdp,
                    format!(
                        "The device registered over UDP, but its binding b={} has no U.",
                        quote(text)
                    ),
                );
            }
            (binding, queue_mode)
        }
    };
    if queries.q.is_some() && version == Version::V1_0 {
        notes.add(
            Rule::QueueModeParameter,
            "The parameter 'Q' exists since LwM2M 1.1; in 1.0 the Q is a letter of 'b'. Queue mode is on.",
        );
    }
    (binding, in_binding || queries.q.is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(queries: &[&str]) -> Options {
        let mut options = Options::new();
        for query in queries {
            options.add_query(query);
        }
        options
    }

    #[test]
    fn what_cannot_be_served_gets_its_code() {
        for (queries, code) in [
            (&["lt=60"][..], "4.00"),
            (&["ep="], "4.00"),
            (&["ep=a\u{1}"], "4.00"),
            (&["ep=a", "ep=b"], "4.00"),
            (&["ep=a", "x=1", "x=2"], "4.00"),
            (&["ep=a", "lt=-1"], "4.00"),
            (&["ep=a", "lt="], "4.00"),
            (&["ep=a", "lt=4294967296"], "4.00"),
            (&["ep=a", "lt=1e3"], "4.00"),
            (&["ep=a", "lwm2m=1.1", "b=U"], "4.00"),
            (&["ep=a", "lwm2m=2.0"], "4.12"),
            (&["ep=a", "lwm2m=1.3"], "4.12"),
        ] {
            let refusal = register(&options(queries), None).unwrap_err();
            assert_eq!(refusal.code.to_string(), code, "{queries:?}");
            assert!(!refusal.reason.is_empty());
        }
        let mut bytes = Options::new();
        bytes.add(number::URI_QUERY, &[b'e', b'p', b'=', 0xff]);
        assert_eq!(register(&bytes, None).unwrap_err().code, Code::BAD_REQUEST);
    }

    #[test]
    fn what_is_slightly_wrong_is_served_and_told() {
        for (queries, rules) in [
            (&["ep=a", "lt=300", "lwm2m=1.1", "b=U"][..], &[][..]),
            (&["ep=a", "lt=300", "lwm2m=1.0", "b=UQ"], &[]),
            (&["ep=a", "lt=0", "lwm2m=1.2", "b=U", "Q"], &[]),
            (&["ep=a"], &["no_version", "no_lifetime", "no_binding"]),
            (&["ep=a", "lt=300", "lwm2m=1.1", "b=U", "sms=491701234567"], &[]),
            (
                &["ep=a", "lt=300", "lwm2m=1.1", "b=U", "sms=+491701234567"],
                &["odd_sms_number"],
            ),
            (&["ep=a", "lt=30", "lwm2m=1.1", "b=U"], &["short_lifetime"]),
            (&["ep=a", "lt=0", "lwm2m=1.1", "b=U"], &["endless_lifetime"]),
            (
                &["ep=a", "lt=300", "lwm2m=1.1", "b=UQ"],
                &["queue_mode_in_binding"],
            ),
            (
                &["ep=a", "lt=300", "lwm2m=1.0", "b=U", "Q="],
                &["queue_mode_parameter"],
            ),
            (&["ep=a", "lt=300", "lwm2m=1.1", "b=X"], &["unknown_binding"]),
            (
                &["ep=a", "lt=300", "lwm2m=1.1", "b=U", "color=red"],
                &["unknown_parameter"],
            ),
        ] {
            let parameters = register(&options(queries), None).unwrap();
            let found: Vec<&str> = parameters.lint.iter().map(|lint| lint.rule.as_str()).collect();
            assert_eq!(found, rules, "{queries:?}");
        }
    }

    #[test]
    fn an_update_changes_only_what_it_says() {
        assert!(update(&options(&[])).unwrap().is_empty());
        let changes = update(&options(&["lt=20", "b=UQ"])).unwrap();
        assert_eq!((changes.lifetime, changes.queue_mode), (Some(20), Some(true)));
        assert_eq!(update(&options(&["b=U"])).unwrap().queue_mode, Some(false));
        assert_eq!(update(&options(&["lt=abc"])).unwrap_err().code, Code::BAD_REQUEST);
    }
}
