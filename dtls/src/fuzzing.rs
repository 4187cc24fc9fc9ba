//! The parsers behind the endpoint, for fuzzing and for the tests that replay what it found. No part of the interface: it may
//! change at any time.

use crate::handshake::Fragment;
use crate::message::{
    CertificateRequest, CertificateType, ClientExtensions, ClientHello, ClientKeyExchange,
    EcdheServerKeyExchange, HelloVerifyRequest, NewSessionTicket, Reader, ServerExtensions, ServerHello,
    Signature, read_certificate, read_psk_hint,
};
use crate::record::next_record;
use crate::suite::KeyExchange;
use crate::{CertificateNames, Config, Endpoint, PeerIdentity, Usage, verify_chain, verify_name};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;

/// Reads the rest of `data` as the kind of thing that its first byte chooses.
///
/// # Panics
/// When something that was read is written and not read as the same.
pub fn parse(data: &[u8]) {
    let [which, bytes @ ..] = data else { return };
    match which % 16 {
        0 => {
            if let Ok(hello) = ClientHello::decode(bytes) {
                let mut written = Vec::new();
                hello.encode(&mut written);
                assert_eq!(ClientHello::decode(&written), Ok(hello));
            }
        }
        1 => drop(ServerHello::decode(bytes)),
        2 => drop(HelloVerifyRequest::decode(bytes)),
        3 => drop(NewSessionTicket::decode(bytes)),
        4 => drop(CertificateRequest::decode(bytes)),
        5 => drop(EcdheServerKeyExchange::decode(bytes)),
        6 => drop(read_psk_hint(bytes)),
        7 => drop(Signature::decode(bytes)),
        8 => drop(read_certificate(CertificateType::X509, bytes)),
        9 => drop(read_certificate(CertificateType::RawPublicKey, bytes)),
        10 => {
            for kind in [KeyExchange::Psk, KeyExchange::EcdheEcdsa] {
                let _ = ClientKeyExchange::decode(kind, bytes);
            }
        }
        11 => {
            let _ = ClientExtensions::read(&mut Reader::new(bytes));
            let _ = ServerExtensions::read(&mut Reader::new(bytes));
        }
        12 => {
            let _ = PeerIdentity::decode(&mut Reader::new(bytes));
            certificate(bytes);
        }
        13 => saved_session(bytes),
        14 => records(bytes),
        _ => fragments(bytes),
    }
}

fn certificate(bytes: &[u8]) {
    let one = [bytes.to_vec()];
    let _ = verify_chain(&one, &one, 1_700_000_000, Usage::Client);
    let _ = CertificateNames::of(bytes);
    let _ = verify_name(bytes, "device.example");
}

fn saved_session(bytes: &[u8]) {
    let now = Instant::now();
    let Ok(mut endpoint) = Endpoint::<SocketAddr>::new(now, Arc::new(Config::default())) else {
        return;
    };
    if let Ok(session) = endpoint.import(now, bytes) {
        let saved = endpoint.export(session).unwrap_or_default();
        assert!(!saved.is_empty(), "a session that was taken can be saved");
        let _ = endpoint.send(session, b"data");
        while let Some(mut sent) = endpoint.poll_transmit() {
            let peer = sent.peer;
            endpoint.handle_datagram(now, &peer, &mut sent.bytes);
        }
    }
}

fn records(bytes: &[u8]) {
    let Some((cid_length, datagram)) = bytes.split_first() else {
        return;
    };
    let mut datagram = datagram.to_vec();
    let length = datagram.len();
    let mut rest = datagram.as_mut_slice();
    let mut seen = 0;
    while let Ok((header, content, behind)) = next_record(rest, usize::from(cid_length % 21)) {
        seen += header.encoded_len() + content.len();
        assert_eq!(
            seen + behind.len(),
            length,
            "every byte is of a record or behind it"
        );
        rest = behind;
    }
}

fn fragments(mut bytes: &[u8]) {
    while let Ok((_, rest)) = Fragment::read(bytes) {
        assert!(rest.len() < bytes.len(), "a fragment takes bytes");
        bytes = rest;
    }
}
