//! Whether a server keeps to what it was asked.

use super::ClientHandshake;
use crate::alert::AlertDescription;
use crate::config::Config;
use crate::handshake::HandshakeError;
use crate::message::{CertificateType, ServerHello};

impl ClientHandshake {
    /// The server may grant only what was asked for. RFC 5246 §7.4.1.4.
    pub(super) fn check_granted(&self, config: &Config, server: &ServerHello) -> Result<(), HandshakeError> {
        let (asked, granted) = (&self.hello.extensions, &server.extensions);
        let too_much = (granted.server_name && asked.server_name.is_none())
            || (granted.encrypt_then_mac && !asked.encrypt_then_mac)
            || (granted.extended_master_secret && !asked.extended_master_secret)
            || (granted.session_ticket && asked.session_ticket.is_none())
            || (granted.connection_id.is_some() && asked.connection_id.is_none())
            || granted
                .client_certificate_type
                .is_some_and(|kind| !offers(asked.client_certificate_types.as_ref(), kind))
            || granted
                .server_certificate_type
                .is_some_and(|kind| !offers(asked.server_certificate_types.as_ref(), kind));
        if too_much {
            let reason = "the server granted an extension that was not asked for";
            return Err(HandshakeError::new(
                AlertDescription::UnsupportedExtension,
                reason,
            ));
        }
        if granted
            .renegotiation_info
            .as_ref()
            .is_some_and(|info| !info.is_empty())
        {
            let reason = "the server answers a renegotiation that was not begun";
            return Err(HandshakeError::new(AlertDescription::HandshakeFailure, reason));
        }
        if config.require_extended_master_secret && !granted.extended_master_secret {
            let reason = "the server does not use the extended master secret, which is required here";
            return Err(HandshakeError::new(
                AlertDescription::InsufficientSecurity,
                reason,
            ));
        }
        if server.compression != 0 {
            let reason = "the server chose compression";
            return Err(HandshakeError::new(AlertDescription::IllegalParameter, reason));
        }
        Ok(())
    }
}

fn offers(types: Option<&Vec<u8>>, kind: CertificateType) -> bool {
    types.is_some_and(|types| types.contains(&(kind as u8)))
}
