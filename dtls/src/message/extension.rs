//! The extensions of both hellos. RFC 5246 §7.4.1.4.

use super::signature::ECDSA_SHA256;
use super::wire::{DecodeError, Reader, numbers, put_u16, put_vec8, put_vec16};
use crate::record::ConnectionId;

const SERVER_NAME: u16 = 0;
const SUPPORTED_GROUPS: u16 = 10;
const POINT_FORMATS: u16 = 11;
const SIGNATURE_ALGORITHMS: u16 = 13;
const CLIENT_CERTIFICATE_TYPE: u16 = 19;
const SERVER_CERTIFICATE_TYPE: u16 = 20;
const ENCRYPT_THEN_MAC: u16 = 22;
const EXTENDED_MASTER_SECRET: u16 = 23;
const SESSION_TICKET: u16 = 35;
const CONNECTION_ID: u16 = 54;
const RENEGOTIATION_INFO: u16 = 0xff01;

/// The group this crate speaks, `secp256r1`. RFC 8422 §5.1.1.
pub(crate) const SECP256R1: u16 = 23;

/// How a side's key is presented. RFC 7250 §3.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub(crate) enum CertificateType {
    X509 = 0,
    RawPublicKey = 2,
}

impl CertificateType {
    pub(crate) const fn from_byte(byte: u8) -> Option<CertificateType> {
        match byte {
            0 => Some(CertificateType::X509),
            2 => Some(CertificateType::RawPublicKey),
            _ => None,
        }
    }
}

/// What a ClientHello asks for beside suites.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct ClientExtensions {
    /// RFC 6066 §3
    pub(crate) server_name: Option<String>,
    /// `None` if the client names no groups: then any may be used.
    pub(crate) groups: Option<Vec<u16>>,
    /// `None` if absent: then SHA-1 is meant, which nobody here accepts.
    pub(crate) signature_algorithms: Option<Vec<u16>>,
    /// In the client's order; `None` if absent: X.509.
    pub(crate) client_certificate_types: Option<Vec<u8>>,
    pub(crate) server_certificate_types: Option<Vec<u8>>,
    /// RFC 7366
    pub(crate) encrypt_then_mac: bool,
    /// RFC 7627
    pub(crate) extended_master_secret: bool,
    /// Empty: the client can take a ticket. RFC 5077 §3.2.
    pub(crate) session_ticket: Option<Vec<u8>>,
    /// The id the client wants in records to it, possibly empty. RFC 9146 §3.
    pub(crate) connection_id: Option<ConnectionId>,
    /// The renegotiated_connection field; empty in a first handshake. RFC 5746 §3.2.
    pub(crate) renegotiation_info: Option<Vec<u8>>,
}

/// What a ServerHello grants.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct ServerExtensions {
    pub(crate) server_name: bool,
    pub(crate) point_formats: bool,
    pub(crate) client_certificate_type: Option<CertificateType>,
    pub(crate) server_certificate_type: Option<CertificateType>,
    pub(crate) encrypt_then_mac: bool,
    pub(crate) extended_master_secret: bool,
    /// A NewSessionTicket will follow.
    pub(crate) session_ticket: bool,
    pub(crate) connection_id: Option<ConnectionId>,
    pub(crate) renegotiation_info: Option<Vec<u8>>,
}

/// Calls `each` with the type and content of every extension; refuses one that occurs twice.
fn each_extension<'a>(
    reader: &mut Reader<'a>,
    mut each: impl FnMut(u16, Reader<'a>) -> Result<(), DecodeError>,
) -> Result<(), DecodeError> {
    if reader.is_empty() {
        return Ok(());
    }
    let mut list = Reader::new(reader.vec16()?);
    let mut seen = Vec::new();
    while !list.is_empty() {
        let number = list.u16()?;
        if seen.contains(&number) {
            return Err(DecodeError("an extension occurs twice"));
        }
        // Nobody sends as many; a list to search must stay short.
        if seen.len() == 64 {
            return Err(DecodeError("there are more than 64 extensions"));
        }
        seen.push(number);
        each(number, Reader::new(list.vec16()?))?;
    }
    Ok(())
}

fn connection_id(reader: &mut Reader<'_>) -> Result<ConnectionId, DecodeError> {
    ConnectionId::new(reader.vec8()?).ok_or(DecodeError("a connection id is longer than 20 bytes"))
}

/// The first host name of the list; other kinds of names do not exist.
fn host_name(reader: &mut Reader<'_>) -> Result<Option<String>, DecodeError> {
    let mut list = Reader::new(reader.vec16()?);
    let kind = list.u8()?;
    let name = list.vec16()?;
    Ok((kind == 0)
        .then(|| std::str::from_utf8(name).ok().map(str::to_owned))
        .flatten())
}

impl ClientExtensions {
    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<ClientExtensions, DecodeError> {
        let mut found = ClientExtensions::default();
        each_extension(reader, |number, mut content| {
            match number {
                SERVER_NAME => found.server_name = host_name(&mut content)?,
                SUPPORTED_GROUPS => found.groups = Some(numbers(content.vec16()?)?),
                SIGNATURE_ALGORITHMS => found.signature_algorithms = Some(numbers(content.vec16()?)?),
                CLIENT_CERTIFICATE_TYPE => found.client_certificate_types = Some(content.vec8()?.to_vec()),
                SERVER_CERTIFICATE_TYPE => found.server_certificate_types = Some(content.vec8()?.to_vec()),
                ENCRYPT_THEN_MAC => found.encrypt_then_mac = true,
                EXTENDED_MASTER_SECRET => found.extended_master_secret = true,
                SESSION_TICKET => found.session_ticket = Some(content.rest().to_vec()),
                CONNECTION_ID => found.connection_id = Some(connection_id(&mut content)?),
                RENEGOTIATION_INFO => found.renegotiation_info = Some(content.vec8()?.to_vec()),
                _ => {
                    content.rest();
                }
            }
            content.end()
        })?;
        Ok(found)
    }

    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        put_vec16(out, |out| {
            if let Some(name) = &self.server_name {
                put(out, SERVER_NAME, |out| {
                    put_vec16(out, |out| {
                        out.push(0);
                        put_vec16(out, |out| out.extend_from_slice(name.as_bytes()));
                    });
                });
            }
            if let Some(groups) = &self.groups {
                put(out, SUPPORTED_GROUPS, |out| put_numbers(out, groups));
                put(out, POINT_FORMATS, |out| put_vec8(out, |out| out.push(0)));
            }
            if let Some(algorithms) = &self.signature_algorithms {
                put(out, SIGNATURE_ALGORITHMS, |out| put_numbers(out, algorithms));
            }
            for (number, types) in [
                (CLIENT_CERTIFICATE_TYPE, &self.client_certificate_types),
                (SERVER_CERTIFICATE_TYPE, &self.server_certificate_types),
            ] {
                if let Some(types) = types {
                    put(out, number, |out| {
                        put_vec8(out, |out| out.extend_from_slice(types));
                    });
                }
            }
            if self.encrypt_then_mac {
                put(out, ENCRYPT_THEN_MAC, |_| ());
            }
            if self.extended_master_secret {
                put(out, EXTENDED_MASTER_SECRET, |_| ());
            }
            if let Some(ticket) = &self.session_ticket {
                put(out, SESSION_TICKET, |out| out.extend_from_slice(ticket));
            }
            if let Some(id) = &self.connection_id {
                put(out, CONNECTION_ID, |out| {
                    put_vec8(out, |out| out.extend_from_slice(id.as_bytes()));
                });
            }
            if let Some(info) = &self.renegotiation_info {
                put(out, RENEGOTIATION_INFO, |out| {
                    put_vec8(out, |out| out.extend_from_slice(info));
                });
            }
        });
    }

    /// Whether the client can verify what an ECDSA key on P-256 signs.
    pub(crate) fn can_verify_p256(&self) -> bool {
        let group = self
            .groups
            .as_ref()
            .is_none_or(|groups| groups.contains(&SECP256R1));
        group
            && self
                .signature_algorithms
                .as_ref()
                .is_some_and(|known| known.contains(&ECDSA_SHA256))
    }
}

impl ServerExtensions {
    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<ServerExtensions, DecodeError> {
        let mut found = ServerExtensions::default();
        let certificate_type = |content: &mut Reader<'_>| {
            CertificateType::from_byte(content.u8()?)
                .ok_or(DecodeError("an unknown certificate type was chosen"))
        };
        each_extension(reader, |number, mut content| {
            match number {
                SERVER_NAME => found.server_name = true,
                POINT_FORMATS => {
                    content.vec8()?;
                    found.point_formats = true;
                }
                CLIENT_CERTIFICATE_TYPE => {
                    found.client_certificate_type = Some(certificate_type(&mut content)?);
                }
                SERVER_CERTIFICATE_TYPE => {
                    found.server_certificate_type = Some(certificate_type(&mut content)?);
                }
                ENCRYPT_THEN_MAC => found.encrypt_then_mac = true,
                EXTENDED_MASTER_SECRET => found.extended_master_secret = true,
                SESSION_TICKET => found.session_ticket = true,
                CONNECTION_ID => found.connection_id = Some(connection_id(&mut content)?),
                RENEGOTIATION_INFO => found.renegotiation_info = Some(content.vec8()?.to_vec()),
                _ => {
                    return Err(DecodeError(
                        "the server granted an extension that was not asked for",
                    ));
                }
            }
            content.end()
        })?;
        Ok(found)
    }

    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        if *self == ServerExtensions::default() {
            return;
        }
        put_vec16(out, |out| {
            if self.server_name {
                put(out, SERVER_NAME, |_| ());
            }
            if self.point_formats {
                put(out, POINT_FORMATS, |out| put_vec8(out, |out| out.push(0)));
            }
            for (number, chosen) in [
                (CLIENT_CERTIFICATE_TYPE, self.client_certificate_type),
                (SERVER_CERTIFICATE_TYPE, self.server_certificate_type),
            ] {
                if let Some(chosen) = chosen {
                    put(out, number, |out| out.push(chosen as u8));
                }
            }
            for (number, granted) in [
                (ENCRYPT_THEN_MAC, self.encrypt_then_mac),
                (EXTENDED_MASTER_SECRET, self.extended_master_secret),
                (SESSION_TICKET, self.session_ticket),
            ] {
                if granted {
                    put(out, number, |_| ());
                }
            }
            if let Some(id) = &self.connection_id {
                put(out, CONNECTION_ID, |out| {
                    put_vec8(out, |out| out.extend_from_slice(id.as_bytes()));
                });
            }
            if let Some(info) = &self.renegotiation_info {
                put(out, RENEGOTIATION_INFO, |out| {
                    put_vec8(out, |out| out.extend_from_slice(info));
                });
            }
        });
    }
}

fn put(out: &mut Vec<u8>, number: u16, content: impl FnOnce(&mut Vec<u8>)) {
    put_u16(out, number);
    put_vec16(out, content);
}

fn put_numbers(out: &mut Vec<u8>, numbers: &[u16]) {
    put_vec16(out, |out| numbers.iter().for_each(|number| put_u16(out, *number)));
}
