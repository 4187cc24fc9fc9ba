//! What the client sends after the server's flight, and how the handshake ends.

use super::{ClientHandshake, State};
use crate::alert::AlertDescription;
use crate::config::Config;
use crate::crypto::p256::Ephemeral;
use crate::crypto::prf::{MasterSecret, psk_premaster};
use crate::handshake::{Established, HandshakeError, Message, Part, Step, check_finished};
use crate::identity::PeerIdentity;
use crate::message::{
    CertificateMessage, CertificateType, ClientKeyExchange, ECDSA_SHA256, HandshakeType, Signature,
    write_certificate,
};
use crate::suite::KeyExchange;

impl ClientHandshake {
    /// Certificate, ClientKeyExchange, CertificateVerify, ChangeCipherSpec, Finished.
    pub(super) fn own_flight(&mut self, config: &Config) -> Result<Step, HandshakeError> {
        let mut flight = Vec::with_capacity(5);
        let mut signer = None;
        if self.certificate_requested {
            let granted = self
                .server
                .as_ref()
                .and_then(|server| server.extensions.client_certificate_type);
            let kind = granted.unwrap_or(CertificateType::X509);
            let shown = match (&config.key, kind) {
                (Some(own), CertificateType::RawPublicKey) => {
                    signer = Some(own.key.clone());
                    CertificateMessage::RawPublicKey(own.key.public_key())
                }
                (Some(own), CertificateType::X509) if !own.chain.is_empty() => {
                    signer = Some(own.key.clone());
                    CertificateMessage::Chain(own.chain.iter().map(Vec::as_slice).collect())
                }
                (_, CertificateType::RawPublicKey) => CertificateMessage::RawPublicKey(&[]),
                (_, CertificateType::X509) => CertificateMessage::Chain(Vec::new()),
            };
            flight.push(self.writer.message(
                &mut self.transcript,
                HandshakeType::Certificate,
                false,
                |out| {
                    write_certificate(&shown, out);
                },
            ));
        }
        let (exchange, premaster) = match self.suite.key_exchange() {
            KeyExchange::Psk => {
                let psk = config.psk.as_ref().ok_or_else(|| {
                    HandshakeError::new(
                        AlertDescription::InternalError,
                        "a PSK suite was offered without a key",
                    )
                })?;
                self.identity = PeerIdentity::Psk(psk.identity.clone());
                (psk.identity.clone(), psk_premaster(&psk.key))
            }
            KeyExchange::EcdheEcdsa => {
                let ephemeral = Ephemeral::generate()?;
                let public = ephemeral.public.clone();
                let premaster = ephemeral.agree(&self.server_public).map_err(|_| {
                    HandshakeError::new(
                        AlertDescription::IllegalParameter,
                        "the server's public key is no point of P-256",
                    )
                })?;
                (public, premaster)
            }
        };
        let message = match self.suite.key_exchange() {
            KeyExchange::Psk => ClientKeyExchange::Psk(&exchange),
            KeyExchange::EcdheEcdsa => ClientKeyExchange::Ecdhe(&exchange),
        };
        flight.push(self.writer.message(
            &mut self.transcript,
            HandshakeType::ClientKeyExchange,
            false,
            |out| {
                message.encode(out);
            },
        ));
        let master = self.derive_master(&premaster);
        if let Some(key) = signer {
            let bytes = key.sign(self.transcript.bytes())?;
            let signature = Signature {
                algorithm: ECDSA_SHA256,
                bytes: &bytes,
            };
            flight.push(self.writer.message(
                &mut self.transcript,
                HandshakeType::CertificateVerify,
                false,
                |out| {
                    signature.encode(out);
                },
            ));
        }
        flight.extend(self.last_parts(&master));
        self.master = Some(master);
        let ticket = self
            .server
            .as_ref()
            .is_some_and(|server| server.extensions.session_ticket);
        self.state = if ticket {
            State::NewSessionTicket
        } else {
            State::Finished
        };
        Ok(Step::Send(flight))
    }

    fn derive_master(&self, premaster: &[u8]) -> MasterSecret {
        match &self.server {
            Some(server) if !server.extensions.extended_master_secret => {
                MasterSecret::derive(premaster, &self.hello.random, &server.random)
            }
            _ => MasterSecret::derive_extended(premaster, &self.transcript.hash()),
        }
    }

    fn last_parts(&mut self, master: &MasterSecret) -> [Part; 2] {
        let data = master.verify_data(true, &self.transcript.hash());
        let finished = self
            .writer
            .message(&mut self.transcript, HandshakeType::Finished, true, |out| {
                out.extend_from_slice(&data);
            });
        [Part::ChangeCipherSpec, finished]
    }

    pub(super) fn finished(&mut self, message: &Message) -> Result<Step, HandshakeError> {
        let master = self.master.clone().ok_or_else(|| {
            HandshakeError::new(AlertDescription::InternalError, "there is no master secret yet")
        })?;
        check_finished(master.verify_data(false, &self.transcript.hash()), &message.body)?;
        self.transcript.add(message);
        self.state = State::Done;
        let flight = if self.resumed {
            self.last_parts(&master).to_vec()
        } else {
            Vec::new()
        };
        let server = self.server.as_ref();
        let established = Established {
            suite: self.suite,
            identity: self.identity.clone(),
            master,
            extended_master_secret: server.is_some_and(|server| server.extensions.extended_master_secret),
            resumed: self.resumed,
            session_id: server.map(|server| server.session_id.clone()).unwrap_or_default(),
            ticket: std::mem::take(&mut self.ticket),
            server_name: self.hello.extensions.server_name.clone(),
        };
        Ok(Step::Finish(flight, Box::new(established)))
    }
}
