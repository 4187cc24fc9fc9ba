//! One bootstrap, step by step. LwM2M Core 1.2 §6.1.
//!
//! Discover, so that the bootstrap account is known and survives; Read, Delete and Write as the configuration says;
//! Finish. Every command may be sent again without harm. The session is asked for the next request and told its
//! answer; whoever drives it has the sockets and the clock.

use coap::{Code, FailureReason, Request, Response};
use shared::bootstrap::{
    Arrangement, Awaited, Discovered, Draft, Finding, StepKind, StepView, Write, formats_after, has_refusal,
    payload,
};
use shared::model::{DeviceModels, Registry, default_version};
use shared::sorted::SortedMap;
use shared::{ContentFormat, Path, Timestamp, Version};
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// The device is given up after so long without a word: EXCHANGE_LIFETIME. LwM2M Core 1.2 §6.1.7.5.
pub(crate) const SILENCE: Duration = Duration::from_secs(247);
/// The whole may take this long, however slowly the device answers.
const LONGEST: Duration = Duration::from_secs(3600);
/// How often a command is sent anew after its retransmissions ran out; silence ends it before.
const ATTEMPTS: u32 = 8;
/// The most steps that are kept of a session; a configuration of hundreds of instances has fewer.
const MOST_STEPS: usize = 4096;
/// The most of one payload that is kept to be looked at, and of all payloads of a session, in bytes.
const MOST_SHOWN: usize = 4096;
const MOST_SHOWN_IN_ALL: usize = 64 * 1024;
/// The objects whose version follows from the enabler's.
const CORE_OBJECTS: std::ops::RangeInclusive<u16> = 0..=27;

/// What a session is begun with.
#[derive(Debug, Clone)]
pub(crate) struct Job {
    /// The format the device asked for.
    pub(crate) format: Option<ContentFormat>,
    /// The configuration for this device; made anew once the device's version is known.
    pub(crate) recipe: Recipe,
    pub(crate) models: Arc<Registry>,
    /// Nothing is written: the accounts with these short server ids are deleted, and that is all.
    pub(crate) retire: Vec<u16>,
}

/// Makes the draft of a configuration with the types of the device's version.
#[derive(Clone)]
pub(crate) struct Recipe(Arc<Fill>);

type Fill = dyn Fn(&DeviceModels<'_>) -> (Draft, Vec<Finding>) + Send + Sync;

impl Recipe {
    pub(crate) fn new(
        fill: impl Fn(&DeviceModels<'_>) -> (Draft, Vec<Finding>) + Send + Sync + 'static,
    ) -> Recipe {
        Recipe(Arc::new(fill))
    }
}

impl std::fmt::Debug for Recipe {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Recipe")
    }
}

/// What to do next.
#[derive(Debug)]
pub(crate) enum Todo {
    /// Send this, with this deadline, and tell [`Session::answered`].
    Send(Box<Request>, Duration),
    /// Nothing; it has ended.
    End(Ended),
}

/// How it ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Ended {
    Finished,
    Failed(String),
}

/// What a request of the session got.
#[derive(Debug)]
pub(crate) enum Answer {
    Response(Response),
    Failed(FailureReason),
}

/// What is under way.
#[derive(Debug, Clone, PartialEq)]
enum Step {
    Discover(Path),
    Read(Path),
    Delete(Path),
    Write(Write),
    Finish,
}

/// A command on its way.
#[derive(Debug)]
struct Sent {
    now: Instant,
    at: Timestamp,
}

/// What came back to a command, as a step shows it.
#[derive(Debug, Clone, Copy, Default)]
struct Told<'a> {
    response: Option<&'a Response>,
    took: Option<Duration>,
}

/// A bootstrap of one device.
#[derive(Debug)]
pub(crate) struct Session {
    job: Job,
    /// Object → version, as the device's enabler has them.
    versions: SortedMap<u16, String>,
    format: ContentFormat,
    /// Formats that the device refused.
    refused_formats: Vec<ContentFormat>,
    current: Step,
    coming: VecDeque<Step>,
    attempt: u32,
    /// Whether what the device found inconsistent was mended already.
    mended: bool,
    begun: Instant,
    heard: Instant,
    /// What was sent last and is not answered.
    sent: Option<Sent>,
    /// How many bytes of payloads may still be kept.
    room: usize,
    steps: Vec<StepView>,
    /// Steps that nobody was told of yet.
    told: usize,
    ended: Option<Ended>,
}

impl Session {
    /// A session that begins with this step.
    pub(crate) fn new(job: Job, now: Instant, first: StepView) -> Session {
        let format = job.format.unwrap_or(ContentFormat::TLV);
        let mut session = Session {
            job,
            versions: versions(Version::V1_0),
            format,
            refused_formats: Vec::new(),
            current: Step::Discover(Path::ROOT),
            coming: VecDeque::new(),
            attempt: 0,
            mended: false,
            begun: now,
            heard: now,
            sent: None,
            room: MOST_SHOWN_IN_ALL,
            steps: Vec::new(),
            told: 0,
            ended: None,
        };
        session.push(first);
        session
    }

    /// What the device was sent last and has not answered.
    pub(crate) fn awaits(&self) -> Option<Awaited> {
        self.sent.as_ref().map(|sent| Awaited {
            message: self.command().1,
            at: sent.at,
        })
    }

    /// The steps that were added since this was last asked.
    pub(crate) fn news(&mut self) -> Vec<StepView> {
        let news = self.steps.get(self.told..).unwrap_or_default().to_vec();
        self.told = self.steps.len();
        news
    }

    /// What is to be done now. To be asked after [`Session::new`] and after every [`Session::answered`].
    pub(crate) fn next(&mut self, now: Instant, at: Timestamp) -> Todo {
        if let Some(ended) = &self.ended {
            return Todo::End(ended.clone());
        }
        let quiet = now.saturating_duration_since(self.heard);
        let total = now.saturating_duration_since(self.begun);
        if quiet >= SILENCE {
            return self.fail(at, format!("The device was silent for {} s.", SILENCE.as_secs()));
        }
        if total >= LONGEST {
            return self.fail(at, format!("It was not over after {} s.", LONGEST.as_secs()));
        }
        let deadline = (SILENCE - quiet).min(LONGEST - total);
        match self.request() {
            Ok(request) => {
                self.sent = Some(Sent { now, at });
                Todo::Send(Box::new(request), deadline)
            }
            Err(reason) => self.fail(at, reason),
        }
    }

    /// Takes what came of the last request.
    pub(crate) fn answered(&mut self, now: Instant, at: Timestamp, answer: Answer) {
        match answer {
            Answer::Response(response) => {
                self.heard = now;
                self.attempt = 0;
                let took = self
                    .sent
                    .take()
                    .map(|sent| now.saturating_duration_since(sent.now));
                self.response(at, &response, took);
            }
            Answer::Failed(reason) => {
                self.sent = None;
                self.unanswered(at, reason);
            }
        }
    }

    /// Ends it from outside.
    pub(crate) fn stop(&mut self, at: Timestamp, words: impl Into<String>) {
        if self.ended.is_none() {
            self.fail(at, words.into());
        }
    }

    fn request(&self) -> Result<Request, String> {
        Ok(match &self.current {
            Step::Discover(path) => Request::get(&path.to_string()).with_accept(ContentFormat::LINK.0),
            Step::Read(path) => Request::get(&path.to_string()).with_accept(self.format.0),
            Step::Delete(path) => Request::delete(&path.to_string()),
            Step::Write(write) => {
                Request::put(&write.node.base.to_string()).with_payload(self.format.0, self.payload(write)?)
            }
            Step::Finish => Request::post("/bs"),
        })
    }

    fn payload(&self, write: &Write) -> Result<Vec<u8>, String> {
        let models = DeviceModels::new(&self.job.models, &self.versions);
        payload(&write.node, self.format, &models, Timestamp(0)).map_err(|error| {
            format!(
                "{} cannot be written as {}: {error}",
                write.node.base, self.format
            )
        })
    }

    fn response(&mut self, at: Timestamp, response: &Response, took: Option<Duration>) {
        let told = Told {
            response: Some(response),
            took,
        };
        let words = response.diagnostic_text().unwrap_or_default().to_owned();
        let ok = response.code.is_success();
        match self.current.clone() {
            Step::Discover(path) => {
                self.add(at, told, if ok { "" } else { &words });
                self.discovered(at, path, response);
            }
            Step::Read(path) => {
                let words = if ok { self.found(path, response) } else { words };
                self.add(at, told, &words);
                self.advance();
            }
            Step::Delete(_) => {
                // A device that has nothing to delete may say so; what stays is seen at the Finish.
                self.add(at, told, &words);
                self.advance();
            }
            Step::Write(write) => {
                self.add(at, told, &words);
                self.wrote(at, &write, response.code, &words);
            }
            Step::Finish => {
                self.add(at, told, &words);
                self.finished(at, response.code, &words);
            }
        }
    }

    fn discovered(&mut self, at: Timestamp, path: Path, response: &Response) {
        let parsed = response
            .code
            .is_success()
            .then(|| String::from_utf8_lossy(&response.payload))
            .map(|text| Discovered::parse(&text));
        match parsed {
            Some(Ok(discovered)) => {
                let version = discovered.version.unwrap_or(if path.is_root() {
                    Version::V1_1
                } else {
                    Version::V1_0
                });
                self.note(at, StepKind::Note, described(&discovered, version));
                self.arrange(at, version, Some(&discovered));
            }
            Some(Err(error)) => {
                self.fail(
                    at,
                    format!("What the device answers to Discover cannot be read: {error}"),
                );
            }
            // Discover of the root came with LwM2M 1.1, that of an object is older.
            None if path.is_root() => self.current = Step::Discover(Path::object(0)),
            None => {
                let told = response.diagnostic_text().unwrap_or_default();
                let words = format!(
                    "The device has no Bootstrap-Discover{}. Its bootstrap account is taken to be /0/0.",
                    after_colon(told)
                );
                self.note(at, StepKind::Note, words);
                self.arrange(at, Version::V1_0, None);
            }
        }
    }

    /// Lays the configuration around what the device has.
    fn arrange(&mut self, at: Timestamp, version: Version, discovered: Option<&Discovered>) {
        self.versions = versions(version);
        if !self.job.retire.is_empty() {
            return self.retire(at, discovered);
        }
        let models = DeviceModels::new(&self.job.models, &self.versions);
        let (draft, findings) = (self.job.recipe.0)(&models);
        if has_refusal(&findings) {
            let words: Vec<&str> = findings.iter().map(|it| it.message.as_str()).collect();
            self.fail(
                at,
                format!("The configuration is not fit to be sent: {}", words.join(" ")),
            );
            return;
        }
        if self.job.format.is_none()
            && let Some(format) = draft.format
        {
            self.format = format;
        }
        let mut arrangement = Arrangement::of(&draft, discovered);
        if !arrangement.conflicts.is_empty() {
            let words = arrangement.conflicts.join("; ");
            self.fail(
                at,
                format!("The configuration would take away the bootstrap account: {words}."),
            );
            return;
        }
        if self.mended {
            // What the device called inconsistent may be what stood there before.
            for object in [0, 1, 2] {
                let all = Path::object(object);
                let written = arrangement.writes.iter().any(|it| all.contains(&it.node.base));
                if written && !arrangement.deletes.iter().any(|path| path.contains(&all)) {
                    arrangement.deletes.push(all);
                }
            }
        }
        let reads = arrangement.reads.into_iter().map(Step::Read);
        let deletes = arrangement.deletes.into_iter().map(Step::Delete);
        let writes = arrangement.writes.into_iter().map(Step::Write);
        self.coming = reads
            .filter(|_| !self.mended)
            .chain(deletes)
            .chain(writes)
            .chain(std::iter::once(Step::Finish))
            .collect();
        self.advance();
    }

    /// Deletes the accounts of this server on a device that left, and nothing of others.
    fn retire(&mut self, at: Timestamp, discovered: Option<&Discovered>) {
        let Some(discovered) = discovered else {
            let words =
                "Without Discover it cannot be told which account is this server's; nothing is deleted.";
            self.fail(at, words.into());
            return;
        };
        let ours = |id: &Option<u16>| id.is_some_and(|id| self.job.retire.contains(&id));
        let security = discovered.security.iter().filter(|it| ours(&it.short_server_id));
        let servers = discovered.servers.iter().filter(|(_, id)| ours(id));
        let deletes: Vec<Step> = security
            .map(|it| Path::instance(0, it.instance))
            .chain(servers.map(|(instance, _)| Path::instance(1, *instance)))
            .map(Step::Delete)
            .collect();
        self.coming = deletes.into_iter().chain(std::iter::once(Step::Finish)).collect();
        self.advance();
    }

    /// How many values a Read brought, in words.
    fn found(&self, path: Path, response: &Response) -> String {
        let models = DeviceModels::new(&self.job.models, &self.versions);
        let context = shared::codec::Context::new(&models, Timestamp(0));
        let format = response
            .content_format()
            .map_or(ContentFormat::TLV, ContentFormat);
        match shared::codec::decode(format, path, &response.payload, &context) {
            Ok(node) => {
                let values = node.entries.iter().filter(|entry| entry.path.depth() > 2);
                let values: Vec<String> = values
                    .take(64)
                    .map(|entry| format!("{}={}", entry.path, entry.value))
                    .collect();
                values.join(" ")
            }
            Err(error) => format!("The answer cannot be read: {error}"),
        }
    }

    fn wrote(&mut self, at: Timestamp, write: &Write, code: Code, words: &str) {
        if code.is_success() {
            return self.advance();
        }
        if code == Code::UNSUPPORTED_CONTENT_FORMAT {
            self.refused_formats.push(self.format);
            if let Some(next) = formats_after(&self.refused_formats) {
                let words = format!("The device does not take {}; {next} is tried.", self.format);
                self.note(at, StepKind::Note, words);
                self.format = next;
                return;
            }
        }
        if write.optional {
            let words = format!("{} is not needed, so it goes on without.", write.node.base);
            self.note(at, StepKind::Note, words);
            return self.advance();
        }
        self.fail(
            at,
            format!(
                "The device refused {} ({}) with {code}{}. It keeps what it had before.",
                write.node.base,
                write.place,
                after_colon(words)
            ),
        );
    }

    fn finished(&mut self, at: Timestamp, code: Code, words: &str) {
        match code {
            // A device without any server is inconsistent, which is what was wanted here.
            code if code.is_success() || !self.job.retire.is_empty() => {
                let words = match self.job.retire.is_empty() {
                    true => "The device has its configuration.",
                    false => "The device has no account of this server any more.",
                };
                self.note(at, StepKind::End, words);
                self.ended = Some(Ended::Finished);
            }
            Code::NOT_ACCEPTABLE if !self.mended => {
                self.mended = true;
                let words = format!(
                    "The device finds its configuration inconsistent{}. It is looked at anew, and all is deleted and written again.",
                    after_colon(words)
                );
                self.note(at, StepKind::Note, words);
                self.current = Step::Discover(Path::ROOT);
                self.coming.clear();
            }
            Code::NOT_ACCEPTABLE => {
                let words = format!(
                    "The device finds the configuration inconsistent, also when written anew{}.",
                    after_colon(words)
                );
                self.fail(at, words);
            }
            code => {
                self.fail(
                    at,
                    format!("The device refused to finish with {code}{}.", after_colon(words)),
                );
            }
        }
    }

    fn unanswered(&mut self, at: Timestamp, reason: FailureReason) {
        self.attempt += 1;
        self.add(at, Told::default(), &format!("No answer: {reason}."));
        match reason {
            FailureReason::DeadlineExceeded => {
                self.fail(at, format!("The device was silent for {} s.", SILENCE.as_secs()));
            }
            // A device that is not in bootstrap rejects what it does not expect: it has restarted, and will ask again.
            FailureReason::Reset if self.attempt > 1 => {
                self.fail(
                    at,
                    "The device rejects the messages (RST): it is not in bootstrap any more.".into(),
                );
            }
            FailureReason::Timeout | FailureReason::Reset | FailureReason::BodyChanged
                if self.attempt < ATTEMPTS =>
            {
                self.note(at, StepKind::Note, "It is sent again.");
            }
            reason => {
                self.fail(at, format!("The device does not answer: {reason}."));
            }
        }
    }

    fn advance(&mut self) {
        self.current = self.coming.pop_front().unwrap_or(Step::Finish);
    }

    fn fail(&mut self, at: Timestamp, reason: String) -> Todo {
        self.note(at, StepKind::End, reason.clone());
        let ended = Ended::Failed(reason);
        self.ended = Some(ended.clone());
        Todo::End(ended)
    }

    /// The current command, as a kind and as a message.
    fn command(&self) -> (StepKind, String) {
        match &self.current {
            Step::Discover(path) => (StepKind::Discover, format!("GET {path}")),
            Step::Read(path) => (StepKind::Read, format!("GET {path}")),
            Step::Delete(path) => (StepKind::Delete, format!("DELETE {path}")),
            Step::Write(write) => (StepKind::Write, format!("PUT {}", write.node.base)),
            Step::Finish => (StepKind::Finish, "POST /bs".to_owned()),
        }
    }

    /// A step with the message of the current command.
    fn add(&mut self, at: Timestamp, told: Told<'_>, words: &str) {
        let (kind, message) = self.command();
        let mut step = StepView::note(at, kind, words.chars().take(2000).collect::<String>());
        step.message = message;
        if let Step::Write(write) = &self.current {
            // As long as what was sent: a secret has as many zeros.
            let shown = self.payload(&write.without_secrets()).unwrap_or_default();
            step.format = Some(self.format);
            step.size = length(&shown);
            step.payload = self.shown(&shown);
        }
        if let Some(response) = told.response {
            step.code = Some(response.code.to_string());
            step.answer_size = length(&response.payload);
            // The text of an error is in the words already.
            if response.code.is_success() {
                step.answer_format = response.content_format().map(ContentFormat);
                step.answer = self.shown(&response.payload);
            }
        }
        let millis = told.took.map(|took| took.as_millis());
        step.took = millis.map(|millis| u32::try_from(millis).unwrap_or(u32::MAX));
        self.push(step);
    }

    /// The beginning of a payload in hexadecimal, while there is room.
    fn shown(&mut self, payload: &[u8]) -> String {
        let most = payload.len().min(MOST_SHOWN).min(self.room);
        self.room -= most;
        crate::auth::hex(&payload[..most])
    }

    fn note(&mut self, at: Timestamp, kind: StepKind, words: impl Into<String>) {
        self.push(StepView::note(at, kind, words));
    }

    fn push(&mut self, step: StepView) {
        // The last one says how it ended, so it is always there.
        if self.steps.len() < MOST_STEPS || step.kind == StepKind::End {
            self.steps.push(step);
        }
    }
}

fn length(payload: &[u8]) -> u32 {
    u32::try_from(payload.len()).unwrap_or(u32::MAX)
}

/// The object versions that a device of this enabler has without saying so.
fn versions(version: Version) -> SortedMap<u16, String> {
    CORE_OBJECTS
        .map(|object| (object, default_version(version, object).to_owned()))
        .collect()
}

fn described(discovered: &Discovered, version: Version) -> String {
    let accounts: Vec<String> = discovered
        .security
        .iter()
        .map(|security| match security.short_server_id {
            Some(id) => format!("/0/{} is the account of server {id}", security.instance),
            None => format!(
                "/0/{} is a bootstrap account and is left alone",
                security.instance
            ),
        })
        .collect();
    format!("LwM2M {version}. {}.", accounts.join(", "))
}

fn after_colon(words: &str) -> String {
    if words.is_empty() {
        String::new()
    } else {
        format!(": {}", words.chars().take(200).collect::<String>())
    }
}
