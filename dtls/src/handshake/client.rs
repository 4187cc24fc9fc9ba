//! The client's side of the handshake.

mod flights;
mod granted;

use super::{Answer, Epoch, HandshakeError, Message, Part, Question, Step, Transcript, Writer};
use crate::alert::AlertDescription;
use crate::config::Config;
use crate::crypto::keys::KeyPair;
use crate::crypto::p256::verify_by_spki;
use crate::crypto::prf::MasterSecret;
use crate::crypto::protect::Scheme;
use crate::identity::PeerIdentity;
use crate::message::{
    CertificateMessage, CertificateRequest, CertificateType, ClientExtensions, ClientHello, ECDSA_SHA256,
    EcdheServerKeyExchange, HandshakeType, HelloVerifyRequest, NewSessionTicket, SECP256R1, ServerHello,
    read_certificate, read_psk_hint,
};
use crate::record::{ConnectionId, VERSION_1_2};
use crate::resumption::Resumption;
use crate::suite::{CipherSuite, KeyExchange, Protection};
use crate::x509::verify_signature_by_certificate;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    ServerHello,
    Certificate,
    ServerKeyExchange,
    /// A request for a certificate, or the end of the server's flight.
    ServerHelloDone,
    AskedForTrust,
    NewSessionTicket,
    Finished,
    Done,
}

/// A cookie may grow old on the way, so a server may ask again; not for ever.
const MAX_VERIFIED: u8 = 3;

/// A handshake with the server.
#[derive(Debug)]
pub(crate) struct ClientHandshake {
    state: State,
    hello: ClientHello,
    /// HelloVerifyRequests answered.
    verified: u8,
    server: Option<ServerHello>,
    suite: CipherSuite,
    transcript: Transcript,
    writer: Writer,
    resumption: Option<Resumption>,
    resumed: bool,
    certificate_requested: bool,
    server_public: Vec<u8>,
    identity: PeerIdentity,
    master: Option<MasterSecret>,
    ticket: Vec<u8>,
    local_id: ConnectionId,
}

impl ClientHandshake {
    /// Begins with a ClientHello; `None` if the credentials fit no suite.
    pub(crate) fn start(
        config: &Config,
        random: [u8; 32],
        local_id: ConnectionId,
        resumption: Option<Resumption>,
    ) -> Option<(ClientHandshake, Step)> {
        let resumption = resumption.filter(|session| config.suites.contains(&session.suite));
        let possible = |suite: &&CipherSuite| match suite.key_exchange() {
            KeyExchange::Psk => config.psk.is_some(),
            KeyExchange::EcdheEcdsa => config.psk.is_none() || config.key.is_some(),
        };
        let suites: Vec<CipherSuite> = config.suites.iter().filter(possible).copied().collect();
        let with_ecdhe = suites
            .iter()
            .any(|suite| suite.key_exchange() == KeyExchange::EcdheEcdsa);
        let hello = ClientHello {
            version: VERSION_1_2,
            random,
            session_id: resumption
                .as_ref()
                .map(|session| session.session_id.clone())
                .unwrap_or_default(),
            cookie: Vec::new(),
            suites: suites.iter().map(|suite| suite.number()).collect(),
            compression: vec![0],
            extensions: ClientExtensions {
                server_name: config.server_name.clone(),
                groups: with_ecdhe.then(|| vec![SECP256R1]),
                signature_algorithms: with_ecdhe.then(|| vec![ECDSA_SHA256]),
                client_certificate_types: with_ecdhe.then(|| own_types(config)).flatten(),
                server_certificate_types: with_ecdhe.then(|| own_types(config)).flatten(),
                encrypt_then_mac: suites
                    .iter()
                    .any(|suite| suite.protection() == Protection::CbcSha256),
                extended_master_secret: config.offer_extended_master_secret,
                session_ticket: (config.resumption.is_some() && config.offer_tickets).then(|| {
                    resumption
                        .as_ref()
                        .map(|session| session.ticket.clone())
                        .unwrap_or_default()
                }),
                connection_id: config.connection_id_length.map(|_| local_id),
                renegotiation_info: Some(Vec::new()),
            },
        };
        let mut handshake = ClientHandshake {
            state: State::ServerHello,
            suite: *suites.first()?,
            hello,
            verified: 0,
            server: None,
            transcript: Transcript::default(),
            writer: Writer { next_seq: 0 },
            resumption,
            resumed: false,
            certificate_requested: false,
            server_public: Vec::new(),
            identity: PeerIdentity::Anonymous,
            master: None,
            ticket: Vec::new(),
            local_id,
        };
        let part = handshake.client_hello();
        Some((handshake, Step::Send(vec![part])))
    }

    fn client_hello(&mut self) -> Part {
        let hello = &self.hello;
        self.writer
            .message(&mut self.transcript, HandshakeType::ClientHello, false, |out| {
                hello.encode(out);
            })
    }

    /// What the server claims to be, as far as it said.
    pub(crate) const fn claimed(&self) -> &PeerIdentity {
        &self.identity
    }

    /// Whether the next thing wanted is the application's answer.
    pub(crate) const fn is_asking(&self) -> bool {
        matches!(self.state, State::AskedForTrust)
    }

    /// The keys of epoch 1, once they can be computed.
    pub(crate) fn epoch(&self) -> Option<Epoch> {
        let (master, server) = (self.master.as_ref()?, self.server.as_ref()?);
        let ids = server
            .extensions
            .connection_id
            .map(|remote| (self.local_id, remote))
            .unwrap_or_default();
        Some(Epoch {
            scheme: Scheme {
                protection: self.suite.protection(),
                encrypt_then_mac: server.extensions.encrypt_then_mac,
            },
            keys: KeyPair::derive(self.suite, master, &self.hello.random, &server.random),
            local_id: ids.0,
            remote_id: ids.1,
        })
    }

    /// Takes the next message of the server.
    pub(crate) fn handle(&mut self, config: &Config, message: &Message) -> Result<Step, HandshakeError> {
        match (self.state, message.kind) {
            // A server may ask to renegotiate at any time; one that does so now is ignored. RFC 5246 §7.4.1.1.
            (_, HandshakeType::HelloRequest) => Ok(Step::Wait),
            (State::ServerHello, HandshakeType::HelloVerifyRequest) if self.verified < MAX_VERIFIED => {
                self.verify(message)
            }
            (State::ServerHello, HandshakeType::ServerHello) => self.server_hello(config, message),
            (State::Certificate, HandshakeType::Certificate) => self.certificate(message),
            (State::ServerKeyExchange, HandshakeType::ServerKeyExchange) => self.server_key_exchange(message),
            (State::ServerHelloDone, HandshakeType::CertificateRequest)
                if self.suite.key_exchange() == KeyExchange::EcdheEcdsa && !self.certificate_requested =>
            {
                if !CertificateRequest::decode(&message.body)?.accepts_ecdsa() {
                    let reason = "the server wants a kind of certificate that is not supported";
                    return Err(HandshakeError::new(AlertDescription::HandshakeFailure, reason));
                }
                self.certificate_requested = true;
                self.transcript.add(message);
                Ok(Step::Wait)
            }
            // With PSK the ServerKeyExchange may be missing. RFC 4279 §2.
            (State::ServerKeyExchange, HandshakeType::ServerHelloDone)
                if self.suite.key_exchange() == KeyExchange::Psk =>
            {
                self.server_hello_done(config, message)
            }
            (State::ServerHelloDone, HandshakeType::ServerHelloDone) => {
                self.server_hello_done(config, message)
            }
            (State::NewSessionTicket, HandshakeType::NewSessionTicket) => {
                self.ticket = NewSessionTicket::decode(&message.body)?.ticket.to_vec();
                self.transcript.add(message);
                self.state = State::Finished;
                Ok(Step::Wait)
            }
            (State::Finished, HandshakeType::Finished) => self.finished(message),
            (state, kind) => Err(HandshakeError::unexpected(kind, state.wanted())),
        }
    }

    fn verify(&mut self, message: &Message) -> Result<Step, HandshakeError> {
        self.hello.cookie = HelloVerifyRequest::decode(&message.body)?.cookie.to_vec();
        self.verified += 1;
        // Neither the first ClientHello nor the HelloVerifyRequest counts. RFC 6347 §4.2.6.
        self.transcript = Transcript::default();
        Ok(Step::Send(vec![self.client_hello()]))
    }

    fn server_hello(&mut self, config: &Config, message: &Message) -> Result<Step, HandshakeError> {
        let illegal = |reason: &str| HandshakeError::new(AlertDescription::IllegalParameter, reason);
        let server = ServerHello::decode(&message.body)?;
        if server.version != VERSION_1_2 {
            let reason = format!("the server chose protocol version {:04x}", server.version);
            return Err(HandshakeError::new(AlertDescription::ProtocolVersion, reason));
        }
        self.suite = CipherSuite::from_number(server.suite)
            .filter(|suite| self.hello.suites.contains(&suite.number()))
            .ok_or_else(|| illegal("the server chose a cipher suite that was not offered"))?;
        self.check_granted(config, &server)?;
        self.transcript.add(message);
        let expects_ticket = server.extensions.session_ticket;
        self.server = Some(server);
        let session_id = self
            .server
            .as_ref()
            .map(|server| server.session_id.clone())
            .unwrap_or_default();
        // The server echoes the session id exactly when it resumes. RFC 5246 §7.4.1.3, RFC 5077 §3.4.
        let resumed = self
            .resumption
            .take_if(|session| !session_id.is_empty() && session.session_id == session_id);
        if let Some(session) = resumed {
            let extended = self
                .server
                .as_ref()
                .is_some_and(|server| server.extensions.extended_master_secret);
            if session.suite != self.suite || session.extended_master_secret != extended {
                return Err(illegal(
                    "the server resumes a session with other settings than it had",
                ));
            }
            self.identity = session.identity;
            self.master = Some(session.master);
            self.ticket = session.ticket;
            self.resumed = true;
            self.state = if expects_ticket {
                State::NewSessionTicket
            } else {
                State::Finished
            };
            return Ok(Step::Wait);
        }
        self.state = match self.suite.key_exchange() {
            KeyExchange::Psk => State::ServerKeyExchange,
            KeyExchange::EcdheEcdsa => State::Certificate,
        };
        Ok(Step::Wait)
    }

    fn certificate(&mut self, message: &Message) -> Result<Step, HandshakeError> {
        let granted = self
            .server
            .as_ref()
            .and_then(|server| server.extensions.server_certificate_type);
        self.identity = match read_certificate(granted.unwrap_or(CertificateType::X509), &message.body)? {
            CertificateMessage::Chain(chain) if !chain.is_empty() => {
                PeerIdentity::Certificate(chain.into_iter().map(<[u8]>::to_vec).collect())
            }
            CertificateMessage::RawPublicKey(key) if !key.is_empty() => {
                PeerIdentity::RawPublicKey(key.to_vec())
            }
            CertificateMessage::Chain(_) | CertificateMessage::RawPublicKey(_) => {
                let reason = "the server showed no certificate";
                return Err(HandshakeError::new(AlertDescription::BadCertificate, reason));
            }
        };
        self.transcript.add(message);
        self.state = State::ServerKeyExchange;
        Ok(Step::Wait)
    }

    fn server_key_exchange(&mut self, message: &Message) -> Result<Step, HandshakeError> {
        if self.suite.key_exchange() == KeyExchange::Psk {
            read_psk_hint(&message.body)?;
        } else {
            let exchange = EcdheServerKeyExchange::decode(&message.body)?;
            let server_random = self
                .server
                .as_ref()
                .map(|server| server.random)
                .unwrap_or_default();
            let signed = [&self.hello.random[..], &server_random, exchange.parameters].concat();
            let verified = exchange.signature.algorithm == ECDSA_SHA256
                && match &self.identity {
                    PeerIdentity::RawPublicKey(key) => {
                        verify_by_spki(key, &signed, exchange.signature.bytes).is_ok()
                    }
                    PeerIdentity::Certificate(chain) => chain.first().is_some_and(|leaf| {
                        verify_signature_by_certificate(leaf, &signed, exchange.signature.bytes).is_ok()
                    }),
                    PeerIdentity::Psk(_) | PeerIdentity::Anonymous => false,
                };
            if !verified {
                let reason = "the server's signature does not verify: it does not hold the private key";
                return Err(HandshakeError::new(AlertDescription::DecryptError, reason));
            }
            self.server_public = exchange.public_key.to_vec();
        }
        self.transcript.add(message);
        self.state = State::ServerHelloDone;
        Ok(Step::Wait)
    }

    fn server_hello_done(&mut self, config: &Config, message: &Message) -> Result<Step, HandshakeError> {
        if !message.body.is_empty() {
            return Err(HandshakeError::new(
                AlertDescription::DecodeError,
                "ServerHelloDone is not empty",
            ));
        }
        self.transcript.add(message);
        if self.suite.key_exchange() == KeyExchange::Psk {
            return self.own_flight(config);
        }
        self.state = State::AskedForTrust;
        Ok(Step::Ask(Question::Trust {
            identity: self.identity.clone(),
        }))
    }

    /// Takes the application's answer.
    pub(crate) fn answer(&mut self, config: &Config, answer: &Answer) -> Result<Step, HandshakeError> {
        match (self.state, answer) {
            (State::AskedForTrust, Answer::Accept) => self.own_flight(config),
            (_, Answer::Reject(alert)) => Err(HandshakeError::new(*alert, alert.words())),
            (_, Answer::Accept | Answer::Psk(_)) => Err(HandshakeError::new(
                AlertDescription::InternalError,
                "the answer does not fit the question",
            )),
        }
    }
}

impl State {
    const fn wanted(self) -> &'static str {
        match self {
            State::ServerHello => "ServerHello",
            State::Certificate => "Certificate",
            State::ServerKeyExchange => "ServerKeyExchange",
            State::ServerHelloDone => "ServerHelloDone",
            State::AskedForTrust | State::Done => "nothing",
            State::NewSessionTicket => "NewSessionTicket",
            State::Finished => "Finished",
        }
    }
}

/// The certificate types to offer; `None` where X.509 alone goes without saying.
fn own_types(config: &Config) -> Option<Vec<u8>> {
    let own = config.key.as_ref()?;
    let mut types = Vec::new();
    if own.raw_public_key {
        types.push(CertificateType::RawPublicKey as u8);
    }
    if !own.chain.is_empty() {
        types.push(CertificateType::X509 as u8);
    }
    (types != [CertificateType::X509 as u8]).then_some(types)
}
