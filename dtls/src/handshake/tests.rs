//! Both state machines without records or time: every message in every state.

use super::*;
use crate::config::{Config, KeyCredential, PskCredential};
use crate::crypto::p256::SigningKey;
use crate::message::ClientHello;
use crate::resumption::{ResumableSession, Resumption};
use std::collections::VecDeque;
use std::sync::Arc;

const KEY: &[u8] = b"the key";

fn psk() -> (Config, Config) {
    let psk = PskCredential {
        identity: b"device".to_vec(),
        key: KEY.to_vec().into(),
    };
    (
        Config {
            psk: Some(psk),
            ..Config::default()
        },
        Config::default(),
    )
}

fn raw_public_keys() -> (Config, Config) {
    let config = || {
        let key = Arc::new(SigningKey::from_pkcs8(&SigningKey::generate_pkcs8().unwrap()).unwrap());
        Config {
            key: Some(KeyCredential {
                key,
                chain: Vec::new(),
                raw_public_key: true,
            }),
            ..Config::default()
        }
    };
    (config(), config())
}

/// Two state machines and the messages between them.
struct Pair {
    client_config: Config,
    server_config: Config,
    client: ClientHandshake,
    server: Option<ServerHandshake>,
    resumable: Option<ResumableSession>,
    /// Messages on their way, and whether each goes to the server.
    queue: VecDeque<(bool, Message)>,
    established: Vec<(bool, Established)>,
}

impl Pair {
    fn new(
        (client_config, server_config): (Config, Config),
        resume: Option<(Resumption, ResumableSession)>,
    ) -> Pair {
        let (resumption, resumable) = resume.unzip();
        let started = ClientHandshake::start(&client_config, [1; 32], ConnectionId::default(), resumption);
        let (client, step) = started.unwrap();
        let (queue, established) = (VecDeque::new(), Vec::new());
        let mut pair = Pair {
            client_config,
            server_config,
            client,
            server: None,
            resumable,
            queue,
            established,
        };
        pair.step(false, step);
        pair
    }

    /// Does what the client or server wants.
    fn step(&mut self, is_server: bool, step: Step) {
        match step {
            Step::Wait => {}
            Step::Send(flight) => self.send(is_server, flight),
            Step::Finish(flight, established) => {
                self.send(is_server, flight);
                self.established.push((is_server, *established));
            }
            Step::Ask(question) => {
                let answer = match question {
                    Question::Psk { .. } => Answer::Psk(KEY.to_vec().into()),
                    Question::Trust { .. } | Question::Resume { .. } => Answer::Accept,
                };
                let step = match (&mut self.server, is_server) {
                    (Some(server), true) => {
                        assert!(server.is_asking());
                        server.answer(&self.server_config, answer, &mut |_| b"ticket".to_vec())
                    }
                    _ => self.client.answer(&self.client_config, &answer),
                };
                self.step(is_server, step.unwrap());
            }
        }
    }

    fn send(&mut self, is_server: bool, flight: Vec<Part>) {
        for part in flight {
            if let Part::Message { message, protected } = part {
                assert_eq!(protected, message.kind == HandshakeType::Finished);
                self.queue.push_back((!is_server, message));
            }
        }
    }

    fn take(&mut self, to_server: bool, message: Message) -> Result<Step, HandshakeError> {
        match (&mut self.server, to_server) {
            (Some(server), true) => server.handle(&self.server_config, &message, &mut |_| b"ticket".to_vec()),
            (None, true) => {
                let accepted = Accepted {
                    hello: ClientHello::decode(&message.body)?,
                    message,
                    server_random: [2; 32],
                    resumable: self.resumable.take(),
                    session_id: vec![3; 32],
                    local_id: ConnectionId::default(),
                };
                let (server, step) = ServerHandshake::start(&self.server_config, accepted)?;
                self.server = Some(server);
                Ok(step)
            }
            (_, false) => self.client.handle(&self.client_config, &message),
        }
    }

    /// Delivers the next message; which it was, and to whom.
    fn deliver(&mut self) -> Option<(bool, Message)> {
        let (to_server, message) = self.queue.pop_front()?;
        let step = self.take(to_server, message.clone()).unwrap();
        self.step(to_server, step);
        Some((to_server, message))
    }
}

fn resumption() -> (Resumption, ResumableSession) {
    let mut pair = Pair::new(psk(), None);
    while pair.deliver().is_some() {}
    let of = |server: bool| {
        &pair
            .established
            .iter()
            .find(|(is_server, _)| *is_server == server)
            .unwrap()
            .1
    };
    let established = of(true);
    let resumable = ResumableSession {
        suite: established.suite,
        identity: established.identity.clone(),
        master: established.master.clone(),
        extended_master_secret: established.extended_master_secret,
        expires: u64::MAX,
    };
    (Resumption::of(of(false)).unwrap(), resumable)
}

/// Runs a handshake up to each message in turn and there delivers every other kind instead: with the body that such a
/// message has elsewhere in the handshake, and empty. Nothing but the right message may lead on.
fn check(configs: &(Config, Config), resume: Option<&(Resumption, ResumableSession)>) {
    let mut pair = Pair::new(configs.clone(), resume.cloned());
    let expected: Vec<(bool, Message)> = std::iter::from_fn(|| pair.deliver()).collect();
    assert_eq!(pair.established.len(), 2);
    for position in 1..expected.len() {
        let (to_server, right) = &expected[position];
        for kind in HandshakeType::ALL.into_iter().filter(|kind| *kind != right.kind) {
            let elsewhere = expected.iter().find(|(_, message)| message.kind == kind);
            let bodies = [
                Vec::new(),
                elsewhere
                    .map(|(_, message)| message.body.clone())
                    .unwrap_or_default(),
            ];
            for body in bodies {
                let mut pair = Pair::new(configs.clone(), resume.cloned());
                (0..position).for_each(|_| assert!(pair.deliver().is_some()));
                let done = pair.established.len();
                let wrong = Message {
                    kind,
                    message_seq: right.message_seq,
                    body,
                };
                let result = pair.take(*to_server, wrong);
                // A HelloRequest is ignored, and before its hello a server may ask for a cookie.
                let harmless = !to_server
                    && (kind == HandshakeType::HelloRequest
                        || (kind == HandshakeType::HelloVerifyRequest
                            && right.kind == HandshakeType::ServerHello));
                // A server need not ask for a certificate.
                let shorter =
                    kind == HandshakeType::ServerHelloDone && right.kind == HandshakeType::CertificateRequest;
                match result {
                    Ok(Step::Wait) => assert!(harmless, "{kind:?} for {:?}", right.kind),
                    Ok(Step::Ask(_)) => assert!(shorter, "{kind:?} for {:?}", right.kind),
                    Ok(step) => panic!("{kind:?} for {:?}: {step:?}", right.kind),
                    // Where the client takes one of two messages, the other one's body is looked at.
                    Err(error) => assert!(
                        error.alert == AlertDescription::UnexpectedMessage
                            || (error.alert == AlertDescription::DecodeError && !*to_server),
                        "{kind:?} for {:?}: {error}",
                        right.kind
                    ),
                }
                assert_eq!(pair.established.len(), done);
            }
        }
    }
}

#[test]
fn no_message_out_of_turn_leads_on() {
    check(&psk(), None);
    check(&raw_public_keys(), None);
    check(&psk(), Some(&resumption()));
}

#[test]
fn both_sides_have_the_same_keys_and_the_finished_messages_depend_on_everything() {
    let mut pair = Pair::new(psk(), None);
    while pair.deliver().is_some() {}
    let [(_, one), (_, other)] = &pair.established[..] else {
        panic!("one side did not finish")
    };
    assert_eq!(one.master.0, other.master.0);

    let mut pair = Pair::new(psk(), None);
    loop {
        let (_, message) = pair.queue.front_mut().unwrap();
        if message.kind == HandshakeType::Finished {
            message.body[11] ^= 1;
            let (to_server, message) = pair.queue.pop_front().unwrap();
            let error = pair.take(to_server, message).unwrap_err();
            assert_eq!(error.alert, AlertDescription::DecryptError);
            return;
        }
        pair.deliver();
    }
}
