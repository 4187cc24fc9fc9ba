//! The server's side of the handshake.

mod choice;
mod flights;

use choice::{certificate_types, choose_suite};

use super::{
    Answer, Epoch, Established, HandshakeError, Message, Question, Step, Transcript, Writer, check_finished,
};
use crate::alert::AlertDescription;
use crate::config::Config;
use crate::crypto::keys::KeyPair;
use crate::crypto::p256::{Ephemeral, verify_by_spki};
use crate::crypto::prf::{MasterSecret, psk_premaster};
use crate::crypto::protect::Scheme;
use crate::identity::PeerIdentity;
use crate::message::{
    CertificateMessage, CertificateType, ClientHello, ClientKeyExchange, ECDSA_SHA256, HandshakeType,
    Signature, read_certificate,
};
use crate::record::{ConnectionId, VERSION_1_2};
use crate::resumption::ResumableSession;
use crate::suite::CipherSuite;
use crate::x509::verify_signature_by_certificate;

/// What the endpoint contributes to a new handshake.
pub(crate) struct Accepted {
    /// The ClientHello with a verified cookie.
    pub(crate) hello: ClientHello,
    pub(crate) message: Message,
    pub(crate) server_random: [u8; 32],
    /// The session the client wants to resume, if it is known.
    pub(crate) resumable: Option<ResumableSession>,
    /// The id under which a new session would be kept; empty if it is not.
    pub(crate) session_id: Vec<u8>,
    /// The connection id we give out, if the client asked for the extension.
    pub(crate) local_id: ConnectionId,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    AskedToResume,
    Certificate,
    ClientKeyExchange,
    AskedForPsk,
    CertificateVerify,
    AskedForTrust,
    Finished,
    Done,
}

/// The longest identity of a pre-shared key. LwM2M allows 128 bytes; whatever is accepted is copied into tickets.
const MAX_IDENTITY: usize = 1024;

/// A handshake with one client.
#[derive(Debug)]
pub(crate) struct ServerHandshake {
    state: State,
    hello: ClientHello,
    server_random: [u8; 32],
    suite: CipherSuite,
    transcript: Transcript,
    writer: Writer,
    ephemeral: Option<Ephemeral>,
    resumable: Option<ResumableSession>,
    session_id: Vec<u8>,
    client_certificate: CertificateType,
    server_certificate: CertificateType,
    identity: PeerIdentity,
    master: Option<MasterSecret>,
    resumed: bool,
    connection_ids: Option<(ConnectionId, ConnectionId)>,
}

impl ServerHandshake {
    /// Chooses the suite and answers the ClientHello, or asks whether the session may be resumed.
    pub(crate) fn start(
        config: &Config,
        accepted: Accepted,
    ) -> Result<(ServerHandshake, Step), HandshakeError> {
        let Accepted {
            hello,
            message,
            server_random,
            resumable,
            session_id,
            local_id,
        } = accepted;
        if hello.version > VERSION_1_2 {
            let reason = "the client does not speak DTLS 1.2";
            return Err(HandshakeError::new(AlertDescription::ProtocolVersion, reason));
        }
        if !hello.compression.contains(&0) {
            let reason = "the client does not offer to leave data uncompressed";
            return Err(HandshakeError::new(AlertDescription::IllegalParameter, reason));
        }
        if hello
            .extensions
            .renegotiation_info
            .as_ref()
            .is_some_and(|info| !info.is_empty())
        {
            let reason = "the client tries to renegotiate in a first handshake";
            return Err(HandshakeError::new(AlertDescription::HandshakeFailure, reason));
        }
        if config.require_extended_master_secret && !hello.extensions.extended_master_secret {
            let reason = "the client does not offer the extended master secret, which is required here";
            return Err(HandshakeError::new(
                AlertDescription::InsufficientSecurity,
                reason,
            ));
        }
        let types = certificate_types(config, &hello);
        let suite = choose_suite(config, &hello, types)?;
        let mut transcript = Transcript::default();
        transcript.add(&message);
        let connection_ids = match (config.connection_id_length, hello.extensions.connection_id) {
            (Some(_), Some(remote)) => Some((local_id, remote)),
            _ => None,
        };
        let (server_certificate, client_certificate) =
            types.unwrap_or((CertificateType::X509, CertificateType::X509));
        let mut handshake = ServerHandshake {
            state: State::AskedToResume,
            server_random,
            suite,
            transcript,
            // Our messages are numbered on from the HelloVerifyRequest, which had the number before the ClientHello's.
            writer: Writer {
                next_seq: message.message_seq,
            },
            ephemeral: None,
            resumable: None,
            session_id,
            client_certificate,
            server_certificate,
            identity: PeerIdentity::Anonymous,
            master: None,
            resumed: false,
            connection_ids,
            hello,
        };
        // RFC 7627 §5.3: a session goes on with the extension exactly if it began with it.
        let fitting = resumable.filter(|session| {
            handshake.hello.suites.contains(&session.suite.number())
                && config.suites.contains(&session.suite)
                && session.extended_master_secret == handshake.hello.extensions.extended_master_secret
        });
        let step = match fitting {
            Some(session) => {
                let identity = session.identity.clone();
                handshake.resumable = Some(session);
                Step::Ask(Question::Resume { identity })
            }
            None => handshake.full(config)?,
        };
        Ok((handshake, step))
    }

    /// The keys of epoch 1, once they can be computed.
    pub(crate) fn epoch(&self) -> Option<Epoch> {
        let master = self.master.as_ref()?;
        let (local_id, remote_id) = self.connection_ids.unwrap_or_default();
        Some(Epoch {
            scheme: Scheme {
                protection: self.suite.protection(),
                encrypt_then_mac: self.hello.extensions.encrypt_then_mac,
            },
            keys: KeyPair::derive(self.suite, master, &self.hello.random, &self.server_random),
            local_id,
            remote_id,
        })
    }

    /// What the client claims to be, as far as it said.
    pub(crate) const fn claimed(&self) -> &PeerIdentity {
        &self.identity
    }

    /// Whether the next thing wanted is the application's answer.
    pub(crate) const fn is_asking(&self) -> bool {
        matches!(
            self.state,
            State::AskedToResume | State::AskedForPsk | State::AskedForTrust
        )
    }

    /// Takes the next message of the client.
    pub(crate) fn handle(
        &mut self,
        config: &Config,
        message: &Message,
        seal_ticket: &mut dyn FnMut(&Established) -> Vec<u8>,
    ) -> Result<Step, HandshakeError> {
        match (self.state, message.kind) {
            (State::Certificate, HandshakeType::Certificate) => self.certificate(config, message),
            (State::ClientKeyExchange, HandshakeType::ClientKeyExchange) => self.client_key_exchange(message),
            (State::CertificateVerify, HandshakeType::CertificateVerify) => self.certificate_verify(message),
            (State::Finished, HandshakeType::Finished) => self.finished(config, message, seal_ticket),
            (state, kind) => Err(HandshakeError::unexpected(kind, state.wanted())),
        }
    }

    fn certificate(&mut self, config: &Config, message: &Message) -> Result<Step, HandshakeError> {
        self.identity = match read_certificate(self.client_certificate, &message.body)? {
            CertificateMessage::Chain(chain) if chain.is_empty() => PeerIdentity::Anonymous,
            CertificateMessage::RawPublicKey([]) => PeerIdentity::Anonymous,
            CertificateMessage::Chain(chain) => {
                PeerIdentity::Certificate(chain.into_iter().map(<[u8]>::to_vec).collect())
            }
            CertificateMessage::RawPublicKey(key) => PeerIdentity::RawPublicKey(key.to_vec()),
        };
        if self.identity == PeerIdentity::Anonymous && config.require_client_certificate {
            let reason = "the client showed neither a certificate nor a raw public key";
            return Err(HandshakeError::new(AlertDescription::HandshakeFailure, reason));
        }
        self.transcript.add(message);
        self.state = State::ClientKeyExchange;
        Ok(Step::Wait)
    }

    fn client_key_exchange(&mut self, message: &Message) -> Result<Step, HandshakeError> {
        let exchange = ClientKeyExchange::decode(self.suite.key_exchange(), &message.body)?;
        let step = match exchange {
            ClientKeyExchange::Psk(identity) => {
                if identity.len() > MAX_IDENTITY {
                    let reason = "the identity of the pre-shared key is too long";
                    return Err(HandshakeError::new(AlertDescription::UnknownPskIdentity, reason));
                }
                let identity = identity.to_vec();
                self.identity = PeerIdentity::Psk(identity.clone());
                self.state = State::AskedForPsk;
                Some(Step::Ask(Question::Psk { identity }))
            }
            ClientKeyExchange::Ecdhe(public) => {
                let ephemeral = self.ephemeral.take().ok_or_else(|| {
                    HandshakeError::new(
                        AlertDescription::InternalError,
                        "the ephemeral key was used already",
                    )
                })?;
                let premaster = ephemeral.agree(public).map_err(|_| {
                    HandshakeError::new(
                        AlertDescription::IllegalParameter,
                        "the client's public key is no point of P-256",
                    )
                })?;
                self.transcript.add(message);
                self.derive_master(&premaster);
                None
            }
        };
        if let Some(step) = step {
            self.transcript.add(message);
            return Ok(step);
        }
        self.state = if self.identity == PeerIdentity::Anonymous {
            State::Finished
        } else {
            State::CertificateVerify
        };
        Ok(Step::Wait)
    }

    fn derive_master(&mut self, premaster: &[u8]) {
        self.master = Some(if self.hello.extensions.extended_master_secret {
            MasterSecret::derive_extended(premaster, &self.transcript.hash())
        } else {
            MasterSecret::derive(premaster, &self.hello.random, &self.server_random)
        });
    }

    fn certificate_verify(&mut self, message: &Message) -> Result<Step, HandshakeError> {
        let signature = Signature::decode(&message.body)?;
        if signature.algorithm != ECDSA_SHA256 {
            let reason = "the client signed with an algorithm that was not offered";
            return Err(HandshakeError::new(AlertDescription::IllegalParameter, reason));
        }
        let signed = self.transcript.bytes();
        let verified = match &self.identity {
            PeerIdentity::RawPublicKey(key) => verify_by_spki(key, signed, signature.bytes).is_ok(),
            PeerIdentity::Certificate(chain) => chain
                .first()
                .is_some_and(|leaf| verify_signature_by_certificate(leaf, signed, signature.bytes).is_ok()),
            PeerIdentity::Psk(_) | PeerIdentity::Anonymous => false,
        };
        if !verified {
            let reason = "the client's signature does not verify: it does not hold the private key";
            return Err(HandshakeError::new(AlertDescription::DecryptError, reason));
        }
        self.transcript.add(message);
        self.state = State::AskedForTrust;
        Ok(Step::Ask(Question::Trust {
            identity: self.identity.clone(),
        }))
    }

    /// Takes the application's answer.
    pub(crate) fn answer(
        &mut self,
        config: &Config,
        answer: Answer,
        seal_ticket: &mut dyn FnMut(&Established) -> Vec<u8>,
    ) -> Result<Step, HandshakeError> {
        match (self.state, answer) {
            (State::AskedToResume, Answer::Accept) => self.resume(config, seal_ticket),
            (State::AskedToResume, _) => self.full(config),
            (State::AskedForPsk, Answer::Psk(key)) => {
                self.derive_master(&psk_premaster(&key));
                self.state = State::Finished;
                Ok(Step::Wait)
            }
            (State::AskedForTrust, Answer::Accept) => {
                self.state = State::Finished;
                Ok(Step::Wait)
            }
            (_, Answer::Reject(alert)) => Err(HandshakeError::new(alert, alert.words())),
            (_, Answer::Accept | Answer::Psk(_)) => Err(HandshakeError::new(
                AlertDescription::InternalError,
                "the answer does not fit the question",
            )),
        }
    }

    fn finished(
        &mut self,
        config: &Config,
        message: &Message,
        seal_ticket: &mut dyn FnMut(&Established) -> Vec<u8>,
    ) -> Result<Step, HandshakeError> {
        check_finished(
            self.master()?.verify_data(true, &self.transcript.hash()),
            &message.body,
        )?;
        self.transcript.add(message);
        self.state = State::Done;
        let flight = if self.resumed {
            Vec::new()
        } else {
            self.last_parts(self.wants_ticket(config), seal_ticket)?
        };
        Ok(Step::Finish(flight, Box::new(self.established()?)))
    }
}

impl State {
    const fn wanted(self) -> &'static str {
        match self {
            State::AskedToResume | State::AskedForPsk | State::AskedForTrust | State::Done => "nothing",
            State::Certificate => "Certificate",
            State::ClientKeyExchange => "ClientKeyExchange",
            State::CertificateVerify => "CertificateVerify",
            State::Finished => "Finished",
        }
    }
}
