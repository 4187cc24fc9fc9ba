//! Sessions against devices that answer as they are told here. Each test says in its name what the specification, or a
//! real device, makes of it.

use super::*;
use coap::{Code, FailureReason, Request, Response};
use shared::bootstrap::{BootstrapConfiguration, Draft, StepKind, StepView, Variables, check};
use shared::model::Registry;
use shared::{ContentFormat, Timestamp};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

const CONFIGURATION: &str = r#"{"read":["/1"],"servers":[{"short_server_id":101,"uri":"coap://192.0.2.1"}],
    "objects":[{"path":"/3303/0","values":{"5750":"cellar"},"optional":true}]}"#;

pub(super) fn models() -> Arc<Registry> {
    static MODELS: OnceLock<Arc<Registry>> = OnceLock::new();
    MODELS.get_or_init(|| Arc::new(Registry::builtin())).clone()
}

pub(super) fn recipe(json: &str) -> Recipe {
    let configuration: BootstrapConfiguration = serde_json::from_str(json).unwrap();
    Recipe::new(move |models| {
        let (draft, mut findings) = Draft::fill(&configuration, &Variables::new(), models);
        findings.extend(check(&draft, models));
        (draft, findings)
    })
}

/// A session with the device that answers so, and what came of it.
struct Run {
    session: Session,
    now: Instant,
    sent: Vec<(String, Request)>,
}

impl Run {
    fn new(json: &str, format: Option<ContentFormat>) -> Run {
        let job = Job {
            format,
            recipe: recipe(json),
            models: models(),
            retire: Vec::new(),
        };
        let now = Instant::now();
        Run {
            session: Session::new(
                job,
                now,
                StepView::note(Timestamp(0), StepKind::Request, "begins"),
            ),
            now,
            sent: Vec::new(),
        }
    }

    fn drive(&mut self, mut answer: impl FnMut(usize, &Request) -> Answer) -> Ended {
        for number in 0..1000 {
            match self.session.next(self.now, Timestamp(0)) {
                Todo::End(ended) => return ended,
                Todo::Send(request, deadline) => {
                    assert!(deadline <= Duration::from_secs(247));
                    let line = format!("{} {}", request.code.name().unwrap(), request.path());
                    let answer = answer(number, &request);
                    // As the endpoint does: so long are retransmissions waited for.
                    let took = match &answer {
                        Answer::Failed(FailureReason::Timeout) => Duration::from_secs(93).min(deadline),
                        Answer::Failed(FailureReason::DeadlineExceeded) => deadline,
                        _ => Duration::from_millis(100),
                    };
                    self.now += took;
                    self.sent.push((line, *request));
                    self.session.answered(self.now, Timestamp(0), answer);
                }
            }
        }
        panic!("it never ends: {:?}", self.lines());
    }

    fn lines(&self) -> Vec<&str> {
        self.sent.iter().map(|(line, _)| line.as_str()).collect()
    }

    fn formats(&self) -> Vec<u16> {
        let writes = self.sent.iter().filter(|(line, _)| line.starts_with("PUT"));
        writes
            .filter_map(|(_, request)| request.content_format())
            .collect()
    }
}

fn respond(code: Code) -> Answer {
    Answer::Response(Response::new(code))
}

const LINKS: &str = "</>;lwm2m=1.1,</0/0>;uri=\"coap://bs\",</0/1>;ssid=5,</1/0>;ssid=5,</3/0>";

/// A device that does what it is told.
fn obedient(request: &Request) -> Answer {
    match request.code {
        Code::GET if request.accept() == Some(40) => {
            Answer::Response(Response::new(Code::CONTENT).with_payload(40, LINKS))
        }
        Code::GET => Answer::Response(
            Response::new(Code::CONTENT).with_payload(11542, [0x08, 0x00, 0x03, 0xc1, 0x00, 0x05]),
        ),
        Code::DELETE => respond(Code::DELETED),
        _ => respond(Code::CHANGED),
    }
}

const ORDER: [&str; 8] = [
    "GET /",
    "GET /1",
    "DELETE /0",
    "DELETE /1",
    "PUT /0/1",
    "PUT /1/0",
    "PUT /3303/0",
    "POST /bs",
];

#[test]
fn the_commands_come_in_order_and_finish_last() {
    let mut run = Run::new(CONFIGURATION, None);
    assert_eq!(run.drive(|_, request| obedient(request)), Ended::Finished);
    assert_eq!(run.lines(), ORDER);
    assert_eq!(run.formats(), [11542; 3]);
    let steps = run.session.news();
    assert_eq!(steps.first().map(|step| step.kind), Some(StepKind::Request));
    assert_eq!(steps.last().map(|step| step.kind), Some(StepKind::End));
    let read = steps.iter().find(|step| step.kind == StepKind::Read).unwrap();
    assert_eq!(
        (read.code.as_deref(), read.words.as_str()),
        (Some("2.05"), "/1/0/0=5")
    );
    assert!(run.session.news().is_empty());
}

#[test]
fn the_device_chooses_the_format() {
    for format in [110, 112, 11544, 11542] {
        let mut run = Run::new(CONFIGURATION, Some(ContentFormat(format)));
        assert_eq!(run.drive(|_, request| obedient(request)), Ended::Finished);
        assert_eq!(run.formats(), [format; 3]);
    }
    let json = CONFIGURATION.replacen('{', r#"{"format":"senml_json","#, 1);
    let mut run = Run::new(&json, None);
    run.drive(|_, request| obedient(request));
    assert_eq!(run.formats(), [110; 3]);
}

#[test]
fn a_format_that_is_refused_is_followed_by_the_next() {
    let mut run = Run::new(CONFIGURATION, None);
    let ended = run.drive(|_, request| match request.content_format() {
        Some(112) | None => obedient(request),
        Some(_) => respond(Code::UNSUPPORTED_CONTENT_FORMAT),
    });
    assert_eq!(ended, Ended::Finished);
    assert_eq!(run.formats(), [11542, 112, 112, 112]);
    let mut run = Run::new(CONFIGURATION, None);
    let ended = run.drive(|_, request| match request.content_format() {
        None => obedient(request),
        Some(_) => respond(Code::UNSUPPORTED_CONTENT_FORMAT),
    });
    assert!(matches!(ended, Ended::Failed(reason) if reason.contains("4.15")));
    assert_eq!(run.formats(), [11542, 112, 110, 11544]);
}

#[test]
fn an_inconsistent_configuration_is_mended_once() {
    let mut refused = 0;
    let mut run = Run::new(CONFIGURATION, None);
    let ended = run.drive(|_, request| {
        if request.path() == "/bs" && refused == 0 {
            refused += 1;
            return Answer::Response(Response::diagnostic(Code::NOT_ACCEPTABLE, "no server"));
        }
        obedient(request)
    });
    assert_eq!(ended, Ended::Finished);
    let again: Vec<&str> = ORDER.into_iter().filter(|line| *line != "GET /1").collect();
    assert_eq!(run.lines()[8..], again);
    let mut run = Run::new(CONFIGURATION, None);
    let ended = run.drive(|_, request| match request.path().as_str() {
        "/bs" => Answer::Response(Response::diagnostic(Code::NOT_ACCEPTABLE, "no server")),
        _ => obedient(request),
    });
    assert!(
        matches!(ended, Ended::Failed(reason) if reason.contains("inconsistent") && reason.contains("no server"))
    );
    assert_eq!(run.lines().iter().filter(|line| **line == "POST /bs").count(), 2);
}

#[test]
fn a_device_without_discover_is_asked_for_its_security_object_and_then_believed_to_be_old() {
    let mut run = Run::new(CONFIGURATION, None);
    let ended = run.drive(|_, request| match (request.code, request.accept()) {
        (Code::GET, Some(40)) => respond(Code::NOT_FOUND),
        _ => obedient(request),
    });
    assert_eq!(ended, Ended::Finished);
    assert_eq!(run.lines()[..3], ["GET /", "GET /0", "GET /1"]);
    // Instance 0 is left to the bootstrap account.
    assert!(run.lines().contains(&"PUT /0/1"));
}

#[test]
fn what_is_refused_ends_it_unless_it_is_optional() {
    for (path, fails) in [("/0/1", true), ("/1/0", true), ("/3303/0", false)] {
        let mut run = Run::new(CONFIGURATION, None);
        let ended = run.drive(|_, request| {
            if request.path() == path {
                return Answer::Response(Response::diagnostic(Code::BAD_REQUEST, "no room"));
            }
            obedient(request)
        });
        match ended {
            Ended::Failed(reason) => assert!(fails && reason.contains(path) && reason.contains("no room")),
            Ended::Finished => assert!(!fails),
        }
        // Without a Finish the device keeps what it had.
        assert_eq!(run.lines().contains(&"POST /bs"), !fails);
    }
}

/// Some call the text of an error text/plain, which it is.
#[test]
fn the_devices_own_words_stand_in_the_reason() {
    for (path, code) in [("/0/1", Code::BAD_REQUEST), ("/bs", Code::INTERNAL_SERVER_ERROR)] {
        let mut run = Run::new(CONFIGURATION, None);
        let ended = run.drive(|_, request| {
            if request.path() == path {
                return Answer::Response(Response::new(code).with_payload(0, "the flash is full"));
            }
            obedient(request)
        });
        let Ended::Failed(reason) = ended else {
            panic!("{ended:?}");
        };
        assert!(reason.contains(": the flash is full"), "{reason}");
    }
    let mut run = Run::new(CONFIGURATION, None);
    let ended = run.drive(|_, request| match (request.code, request.accept()) {
        (Code::GET, Some(40)) => {
            Answer::Response(Response::new(Code::UNAUTHORIZED).with_payload(0, "not for you"))
        }
        _ => obedient(request),
    });
    assert_eq!(ended, Ended::Finished);
    let words: Vec<String> = run.session.news().into_iter().map(|step| step.words).collect();
    let told = |words: &String| words.contains("no Bootstrap-Discover: not for you");
    assert!(words.iter().any(told), "{words:?}");
}

#[test]
fn reads_and_deletes_that_are_refused_do_not_stop_it() {
    let mut run = Run::new(CONFIGURATION, None);
    let ended = run.drive(|_, request| match (request.code, request.accept()) {
        (Code::GET, Some(40)) | (Code::PUT | Code::POST, _) => obedient(request),
        _ => respond(Code::METHOD_NOT_ALLOWED),
    });
    assert_eq!(ended, Ended::Finished);
    assert_eq!(run.lines(), ORDER);
}

#[test]
fn each_message_may_be_lost_and_is_sent_again() {
    for lost in 0..ORDER.len() {
        let mut run = Run::new(CONFIGURATION, None);
        let ended = run.drive(|number, request| {
            if number == lost {
                return Answer::Failed(FailureReason::Timeout);
            }
            obedient(request)
        });
        assert_eq!(ended, Ended::Finished, "lost {lost}");
        assert_eq!(run.lines()[lost], run.lines()[lost + 1]);
        assert_eq!(run.lines().len(), ORDER.len() + 1);
    }
}

#[test]
fn silence_ends_it_with_a_reason() {
    for silent_from in 0..ORDER.len() {
        let mut run = Run::new(CONFIGURATION, None);
        let begun = run.now;
        let ended = run.drive(|number, request| {
            if number >= silent_from {
                return Answer::Failed(FailureReason::Timeout);
            }
            obedient(request)
        });
        assert!(matches!(ended, Ended::Failed(reason) if reason.contains("silent for 247 s")));
        let quiet = run.now - begun;
        assert!(quiet < Duration::from_secs(249), "{quiet:?}");
    }
    let mut run = Run::new(CONFIGURATION, None);
    let ended = run.drive(|_, _| Answer::Failed(FailureReason::DeadlineExceeded));
    assert!(matches!(ended, Ended::Failed(reason) if reason.contains("silent")));
}

#[test]
fn a_device_that_rejects_is_let_go() {
    let mut run = Run::new(CONFIGURATION, None);
    let ended = run.drive(|_, _| Answer::Failed(FailureReason::Reset));
    assert!(matches!(ended, Ended::Failed(reason) if reason.contains("RST")));
    assert_eq!(run.lines().len(), 2);
}

#[test]
fn the_bootstrap_account_is_protected_from_the_configuration() {
    let json = r#"{"servers":[{"short_server_id":101,"uri":"coap://192.0.2.1","security_instance":0}]}"#;
    let mut run = Run::new(json, None);
    let ended = run.drive(|_, request| obedient(request));
    assert!(matches!(ended, Ended::Failed(reason) if reason.contains("bootstrap account")));
    assert_eq!(run.lines(), ["GET /"]);
}

#[test]
fn a_configuration_that_locks_out_is_not_sent() {
    let mut run = Run::new(r#"{"servers":[]}"#, None);
    let ended = run.drive(|_, request| obedient(request));
    assert!(matches!(ended, Ended::Failed(reason) if reason.contains("no server to register")));
    assert_eq!(run.lines(), ["GET /"]);
}

#[test]
fn nonsense_in_the_answers_ends_it_with_a_reason() {
    let mut run = Run::new(CONFIGURATION, None);
    let ended = run.drive(|_, _| Answer::Response(Response::new(Code::CONTENT).with_payload(40, "nonsense")));
    assert!(matches!(ended, Ended::Failed(reason) if reason.contains("cannot be read")));
}

#[test]
fn requests_are_read_or_refused_with_their_code() {
    let asked = |code, path: &str, queries: &[&str], accept: Option<u16>| {
        let mut request = Request::new(code, path);
        for query in queries {
            request = request.with_query(query);
        }
        request.options.set_accept(accept);
        parse(&request)
    };
    for (queries, format) in [
        (&["ep=a"][..], None),
        (&["ep=a", "pct=112"], Some(112)),
        (&["pct=11542", "ep=a"], Some(11542)),
        (&["ep=a", "new=1"], None),
    ] {
        assert_eq!(
            asked(Code::POST, "/bs", queries, None),
            Ok(Asked::Bootstrap {
                endpoint: Some("a".into()),
                format: format.map(ContentFormat),
            })
        );
    }
    for (code, path, queries, accept, refusal) in [
        (Code::POST, "/bs", &["ep="][..], None, "4.00"),
        (Code::POST, "/bs", &["ep=a", "ep=b"], None, "4.00"),
        (Code::POST, "/bs", &["ep=a\u{7}"], None, "4.00"),
        (Code::POST, "/bs", &["ep=a", "pct=0"], None, "4.15"),
        (Code::POST, "/bs", &["ep=a", "pct=x"], None, "4.15"),
        (Code::GET, "/bs", &["ep=a"], None, "4.05"),
        (Code::POST, "/bspack", &["ep=a"], None, "4.05"),
        (Code::GET, "/bspack", &["ep=a"], Some(11542), "4.06"),
        (Code::GET, "/bspack", &["ep=a", "acc=x"], Some(112), "4.00"),
        (Code::POST, "/rd", &["ep=a"], None, "4.04"),
        (Code::GET, "/", &[], None, "4.04"),
    ] {
        let refused = asked(code, path, queries, accept).unwrap_err();
        assert_eq!(refused.code.to_string(), refusal, "{path} {queries:?}");
    }
    let Ok(Asked::Pack {
        accounts: Some(accounts),
        ..
    }) = asked(Code::GET, "/bspack", &["ep=a", "acc=</0/2>"], Some(110))
    else {
        panic!()
    };
    assert_eq!(accounts.bootstrap_accounts().collect::<Vec<_>>(), [2]);
}
