//! Sessions as bytes, so that they survive a restart of the program.

use super::event::SessionId;
use super::secured::Secured;
use super::sessions::Session;
use super::{Endpoint, PeerAddress};
use crate::crypto::keys::DirectionKeys;
use crate::crypto::protect::Scheme;
use crate::message::{DecodeError, Reader};
use crate::record::{ConnectionId, ReplayWindow};
use crate::suite::Protection;
use std::time::Instant;
use zeroize::Zeroizing;

/// The form of the bytes, raised whenever it changes.
const FORM: u8 = 1;

/// By how much the numbers of sent records are advanced at an import. A saved session may have gone on after it was
/// saved, and no number, which is the nonce, may be used twice: so save again before so many records are sent.
const MARGIN: u64 = 1 << 24;

/// Why saved bytes became no session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ImportError {
    /// They are cut off, were changed, or are of a later version.
    #[error(transparent)]
    Malformed(#[from] DecodeError),
    /// [`Config::max_sessions`](crate::Config::max_sessions) is reached.
    #[error("there are too many sessions")]
    Full,
    /// Its peer's records could not be told from those of others.
    #[error("its connection id is in use already, or not of the length used here")]
    ConnectionId,
}

impl<P: PeerAddress> Endpoint<P> {
    /// A session as bytes, or `None` if it ended. They hold its keys: encrypt them before they are stored.
    ///
    /// The session goes on. Records that were received after the export can be replayed to whoever imports it, so
    /// export at shutdown too.
    pub fn export(&self, session: SessionId) -> Option<Zeroizing<Vec<u8>>> {
        let session = self.sessions.get(session)?;
        let secured = &session.secured;
        let mut out = Zeroizing::new(Vec::with_capacity(256));
        let protection = match secured.scheme.protection {
            Protection::Ccm8 => 0,
            Protection::Ccm => 1,
            Protection::Gcm => 2,
            Protection::CbcSha256 => 3,
        };
        out.extend_from_slice(&[FORM, protection, u8::from(secured.scheme.encrypt_then_mac)]);
        for keys in [&secured.own, &secured.peer] {
            out.extend_from_slice(&keys.cipher);
            out.extend_from_slice(&keys.salt);
            out.extend_from_slice(keys.mac.as_ref().map_or(&[0; 32][..], |mac| mac.as_slice()));
        }
        let (next, seen) = secured.window.parts();
        [secured.sequence, next, seen]
            .iter()
            .for_each(|number| out.extend_from_slice(&number.to_be_bytes()));
        out.extend_from_slice(&session.forgeries.to_be_bytes());
        out.extend_from_slice(&session.fingerprint);
        let mut address = Vec::new();
        session.peer.write_bytes(&mut address);
        for bytes in [
            secured.local_id.as_bytes(),
            secured.remote_id.as_bytes(),
            &address,
        ] {
            out.push(bytes.len() as u8);
            out.extend_from_slice(bytes);
        }
        Some(out)
    }

    /// Takes a session that was exported, here or in an earlier run. Import each export at most once.
    ///
    /// # Errors
    /// See [`ImportError`].
    pub fn import(&mut self, now: Instant, bytes: &[u8]) -> Result<SessionId, ImportError> {
        if self.sessions.len() >= self.config.max_sessions {
            return Err(ImportError::Full);
        }
        let mut session = decode(bytes)?;
        session.heard = (self.millis(now) / 1000) as u32;
        let id = session.secured.local_id;
        let fits = id.is_empty() || id.as_bytes().len() == self.id_length;
        if !fits || self.sessions.by_connection_id(id).is_some() {
            return Err(ImportError::ConnectionId);
        }
        Ok(self.sessions.insert(session))
    }
}

fn decode<P: PeerAddress>(bytes: &[u8]) -> Result<Session<P>, DecodeError> {
    let mut reader = Reader::new(bytes);
    if reader.u8()? != FORM {
        return Err(DecodeError("the session was saved in another form"));
    }
    let protection = match reader.u8()? {
        0 => Protection::Ccm8,
        1 => Protection::Ccm,
        2 => Protection::Gcm,
        3 => Protection::CbcSha256,
        _ => return Err(DecodeError("the protection is not known")),
    };
    let scheme = Scheme {
        protection,
        encrypt_then_mac: reader.u8()? != 0,
    };
    let (own, peer) = (keys(protection, &mut reader)?, keys(protection, &mut reader)?);
    let mut number = || reader.array().map(u64::from_be_bytes);
    let sequence = number()?
        .checked_add(MARGIN)
        .ok_or(DecodeError("the number is too large"))?;
    let window = ReplayWindow::from_parts(number()?, number()?);
    let forgeries = reader.u32()?;
    let fingerprint = reader.array()?;
    let mut id = || ConnectionId::new(reader.vec8()?).ok_or(DecodeError("a connection id is too long"));
    let (local_id, remote_id) = (id()?, id()?);
    let address = P::read_bytes(reader.vec8()?).ok_or(DecodeError("the address is none"))?;
    reader.end()?;
    let secured = Secured {
        own,
        peer,
        sequence,
        window,
        scheme,
        local_id,
        remote_id,
    };
    Ok(Session {
        peer: address,
        secured,
        fingerprint,
        forgeries,
        heard: 0,
    })
}

fn keys(protection: Protection, reader: &mut Reader<'_>) -> Result<DirectionKeys, DecodeError> {
    let (cipher, salt) = (reader.array()?, reader.array()?);
    let mac = Zeroizing::new(reader.array::<32>()?);
    Ok(DirectionKeys {
        cipher,
        salt,
        mac: (protection == Protection::CbcSha256).then(|| Box::new(mac)),
    })
}
