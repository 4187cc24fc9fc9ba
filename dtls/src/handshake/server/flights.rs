//! What the server sends: its flights, message by message.

use super::{ServerHandshake, State};
use crate::alert::AlertDescription;
use crate::config::Config;
use crate::crypto::p256::Ephemeral;
use crate::crypto::prf::MasterSecret;
use crate::handshake::{Established, HandshakeError, Part, Step};
use crate::message::{
    CertificateMessage, CertificateRequest, CertificateType, ECDSA_SHA256, EcdheServerKeyExchange,
    HandshakeType, NewSessionTicket, ServerExtensions, ServerHello, Signature, write_certificate,
};
use crate::record::VERSION_1_2;
use crate::suite::{KeyExchange, Protection};

impl ServerHandshake {
    fn extensions(&self, ticket: bool) -> ServerExtensions {
        let asked = &self.hello.extensions;
        let with_certificates = self.suite.key_exchange() == KeyExchange::EcdheEcdsa && !self.resumed;
        ServerExtensions {
            server_name: false,
            point_formats: with_certificates && asked.groups.is_some(),
            client_certificate_type: (with_certificates && asked.client_certificate_types.is_some())
                .then_some(self.client_certificate),
            server_certificate_type: (with_certificates && asked.server_certificate_types.is_some())
                .then_some(self.server_certificate),
            // RFC 7366 §3: only meaningful, and only granted, with CBC.
            encrypt_then_mac: asked.encrypt_then_mac && self.suite.protection() == Protection::CbcSha256,
            extended_master_secret: asked.extended_master_secret,
            session_ticket: ticket,
            connection_id: self.connection_ids.map(|(local, _)| local),
            renegotiation_info: self.hello.knows_secure_renegotiation().then(Vec::new),
        }
    }

    fn server_hello(&mut self, session_id: Vec<u8>, ticket: bool) -> Part {
        let hello = ServerHello {
            version: VERSION_1_2,
            random: self.server_random,
            session_id,
            suite: self.suite.number(),
            compression: 0,
            extensions: self.extensions(ticket),
        };
        self.writer
            .message(&mut self.transcript, HandshakeType::ServerHello, false, |out| {
                hello.encode(out);
            })
    }

    pub(super) fn wants_ticket(&self, config: &Config) -> bool {
        config.resumption.is_some() && self.hello.extensions.session_ticket.is_some()
    }

    pub(super) fn full(&mut self, config: &Config) -> Result<Step, HandshakeError> {
        let ticket = self.wants_ticket(config);
        let mut flight = vec![self.server_hello(self.session_id.clone(), ticket)];
        self.state = State::ClientKeyExchange;
        if self.suite.key_exchange() == KeyExchange::EcdheEcdsa {
            flight.extend(self.certificate_messages(config)?);
            self.state = State::Certificate;
        }
        flight.push(self.writer.message(
            &mut self.transcript,
            HandshakeType::ServerHelloDone,
            false,
            |_| (),
        ));
        Ok(Step::Send(flight))
    }

    fn certificate_messages(&mut self, config: &Config) -> Result<[Part; 3], HandshakeError> {
        let credential = config.key.as_ref().ok_or_else(|| {
            HandshakeError::new(
                AlertDescription::InternalError,
                "an ECDHE suite was chosen without a key",
            )
        })?;
        let shown = match self.server_certificate {
            CertificateType::RawPublicKey => CertificateMessage::RawPublicKey(credential.key.public_key()),
            CertificateType::X509 => {
                CertificateMessage::Chain(credential.chain.iter().map(Vec::as_slice).collect())
            }
        };
        let certificate =
            self.writer
                .message(&mut self.transcript, HandshakeType::Certificate, false, |out| {
                    write_certificate(&shown, out);
                });
        let ephemeral = Ephemeral::generate()?;
        let parameters = EcdheServerKeyExchange::parameters(&ephemeral.public);
        let signed = [&self.hello.random[..], &self.server_random, &parameters].concat();
        let bytes = credential.key.sign(&signed)?;
        let signature = Signature {
            algorithm: ECDSA_SHA256,
            bytes: &bytes,
        };
        let key_exchange = self.writer.message(
            &mut self.transcript,
            HandshakeType::ServerKeyExchange,
            false,
            |out| {
                EcdheServerKeyExchange::encode(&parameters, signature, out);
            },
        );
        self.ephemeral = Some(ephemeral);
        let request = CertificateRequest::ecdsa(Vec::new());
        let request = self.writer.message(
            &mut self.transcript,
            HandshakeType::CertificateRequest,
            false,
            |out| {
                request.encode(out);
            },
        );
        Ok([certificate, key_exchange, request])
    }

    pub(super) fn resume(
        &mut self,
        config: &Config,
        seal_ticket: &mut dyn FnMut(&Established) -> Vec<u8>,
    ) -> Result<Step, HandshakeError> {
        let Some(session) = self.resumable.take() else {
            return self.full(config);
        };
        self.suite = session.suite;
        self.identity = session.identity;
        self.master = Some(session.master);
        self.resumed = true;
        let ticket = self.wants_ticket(config);
        let echoed = self.hello.session_id.clone();
        let mut flight = vec![self.server_hello(echoed, ticket)];
        flight.extend(self.last_parts(ticket, seal_ticket)?);
        self.state = State::Finished;
        Ok(Step::Send(flight))
    }

    /// What both kinds of handshake end with at the server: a ticket, ChangeCipherSpec, Finished.
    pub(super) fn last_parts(
        &mut self,
        ticket: bool,
        seal_ticket: &mut dyn FnMut(&Established) -> Vec<u8>,
    ) -> Result<Vec<Part>, HandshakeError> {
        let mut parts = Vec::with_capacity(3);
        if ticket {
            let sealed = seal_ticket(&self.established()?);
            let message = NewSessionTicket {
                lifetime: 0,
                ticket: &sealed,
            };
            parts.push(self.writer.message(
                &mut self.transcript,
                HandshakeType::NewSessionTicket,
                false,
                |out| {
                    message.encode(out);
                },
            ));
        }
        parts.push(Part::ChangeCipherSpec);
        let data = self.master()?.verify_data(false, &self.transcript.hash());
        parts.push(
            self.writer
                .message(&mut self.transcript, HandshakeType::Finished, true, |out| {
                    out.extend_from_slice(&data);
                }),
        );
        Ok(parts)
    }

    pub(super) fn master(&self) -> Result<&MasterSecret, HandshakeError> {
        self.master.as_ref().ok_or_else(|| {
            HandshakeError::new(AlertDescription::InternalError, "there is no master secret yet")
        })
    }

    pub(super) fn established(&self) -> Result<Established, HandshakeError> {
        Ok(Established {
            suite: self.suite,
            identity: self.identity.clone(),
            master: self.master()?.clone(),
            extended_master_secret: self.hello.extensions.extended_master_secret,
            resumed: self.resumed,
            session_id: if self.resumed {
                Vec::new()
            } else {
                self.session_id.clone()
            },
            ticket: Vec::new(),
            server_name: self.hello.extensions.server_name.clone(),
        })
    }
}
