//! Datagrams as a capture file that Wireshark opens. draft-ietf-opsawg-pcapng.
//!
//! The server sees CoAP messages, not packets: each is put into an IP packet of its own, with the device's address and
//! the port by which Wireshark knows CoAP. What came under DTLS or TLS is there as it was inside, and its comment says so.

use super::{Passed, Raw};
use shared::api::{Direction, Transport};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Packets that begin with an IP header. LINKTYPE_RAW.
const RAW_IP: u16 = 101;
/// CoAP's port, RFC 7252 §12.6; also over TCP, RFC 8323 §11.
const COAP: u16 = 5683;
const SECTION: u32 = 0x0a0d_0d0a;
const INTERFACE: u32 = 1;
const PACKET: u32 = 6;
const COMMENT: u16 = 1;
const APPLICATION: u16 = 4;
const UDP: u8 = 17;
const TCP: u8 = 6;

/// The file. Steps of the security layer are no packets and are left out.
pub(crate) fn write(records: &[Raw]) -> Vec<u8> {
    let mut file = Vec::new();
    let mut section = Vec::new();
    section.extend(0x1a2b_3c4du32.to_le_bytes());
    section.extend([1, 0, 0, 0]);
    section.extend((-1i64).to_le_bytes());
    option(&mut section, APPLICATION, b"Muster");
    section.extend([0; 4]);
    block(&mut file, SECTION, &section);
    let mut interface = Vec::new();
    interface.extend(RAW_IP.to_le_bytes());
    interface.extend([0; 2]);
    interface.extend(0u32.to_le_bytes());
    block(&mut file, INTERFACE, &interface);
    let mut streams = Streams::default();
    for raw in records.iter().filter(|raw| raw.passed == Passed::Message) {
        block(&mut file, PACKET, &packet_block(raw, &mut streams));
    }
    file
}

fn packet_block(raw: &Raw, streams: &mut Streams) -> Vec<u8> {
    let packet = packet(raw, streams);
    let mut body = Vec::with_capacity(packet.len() + 64);
    body.extend(0u32.to_le_bytes());
    // Microseconds, the unit if the interface names none, in two halves.
    let micros = u64::try_from(raw.at.0).unwrap_or_default().saturating_mul(1000);
    body.extend(((micros >> 32) as u32).to_le_bytes());
    body.extend((micros as u32).to_le_bytes());
    let length = packet.len() as u32;
    body.extend(length.to_le_bytes());
    body.extend(length.to_le_bytes());
    body.extend(&packet);
    pad(&mut body);
    let comment = match raw.transport {
        Transport::Dtls => Some("came inside DTLS, from which the server took it"),
        Transport::Tls => Some("came inside TLS, from which the server took it"),
        Transport::Udp | Transport::Tcp => None,
    };
    if let Some(comment) = comment {
        option(&mut body, COMMENT, comment.as_bytes());
        body.extend([0; 4]);
    }
    body
}

fn block(file: &mut Vec<u8>, kind: u32, body: &[u8]) {
    let length = (body.len() + 12) as u32;
    file.extend(kind.to_le_bytes());
    file.extend(length.to_le_bytes());
    file.extend(body);
    file.extend(length.to_le_bytes());
}

fn option(body: &mut Vec<u8>, code: u16, value: &[u8]) {
    body.extend(code.to_le_bytes());
    body.extend((value.len() as u16).to_le_bytes());
    body.extend(value);
    pad(body);
}

fn pad(body: &mut Vec<u8>) {
    body.resize(body.len().next_multiple_of(4), 0);
}

/// Up to where each direction of each stream has come.
#[derive(Default)]
struct Streams(std::collections::HashMap<(std::net::SocketAddr, bool), u32>);

/// An IP packet with the message in it.
fn packet(raw: &Raw, streams: &mut Streams) -> Vec<u8> {
    let device = (raw.peer.ip().to_canonical(), raw.peer.port());
    let here = match device.0 {
        IpAddr::V4(_) => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(_) => IpAddr::V6(Ipv6Addr::LOCALHOST),
    };
    let down = raw.direction == Direction::Down;
    let (from, to) = if down {
        ((here, COAP), device)
    } else {
        (device, (here, COAP))
    };
    let (protocol, mut segment) = match raw.transport {
        Transport::Udp | Transport::Dtls => (UDP, udp(from.1, to.1, &raw.bytes)),
        Transport::Tcp | Transport::Tls => {
            let mut at = |down| *streams.0.entry((raw.peer, down)).or_insert(1);
            let (sequence, acknowledged) = (at(down), at(!down));
            streams
                .0
                .insert((raw.peer, down), sequence.wrapping_add(raw.bytes.len() as u32));
            (TCP, tcp(from.1, to.1, sequence, acknowledged, &raw.bytes))
        }
    };
    let sum = checksum(&[&pseudo_header(from.0, to.0, protocol, segment.len()), &segment]);
    let place = if protocol == UDP { 6 } else { 16 };
    // A sum of zero stands for none in UDP. RFC 768.
    let sum = if sum == 0 { 0xffff } else { sum };
    segment[place..place + 2].copy_from_slice(&sum.to_be_bytes());
    let mut packet = header(from.0, to.0, protocol, segment.len());
    packet.extend(segment);
    packet
}

/// RFC 768.
fn udp(from: u16, to: u16, payload: &[u8]) -> Vec<u8> {
    let mut segment = Vec::with_capacity(8 + payload.len());
    segment.extend(from.to_be_bytes());
    segment.extend(to.to_be_bytes());
    segment.extend(((8 + payload.len()) as u16).to_be_bytes());
    segment.extend([0; 2]);
    segment.extend(payload);
    segment
}

/// RFC 9293 §3.1, with PSH and ACK.
fn tcp(from: u16, to: u16, sequence: u32, acknowledged: u32, payload: &[u8]) -> Vec<u8> {
    let mut segment = Vec::with_capacity(20 + payload.len());
    segment.extend(from.to_be_bytes());
    segment.extend(to.to_be_bytes());
    segment.extend(sequence.to_be_bytes());
    segment.extend(acknowledged.to_be_bytes());
    segment.extend([0x50, 0x18, 0xff, 0xff, 0, 0, 0, 0]);
    segment.extend(payload);
    segment
}

/// RFC 791 §3.1 and RFC 8200 §3.
fn header(from: IpAddr, to: IpAddr, protocol: u8, length: usize) -> Vec<u8> {
    match (from, to) {
        (IpAddr::V4(from), IpAddr::V4(to)) => {
            let mut header = vec![0x45, 0];
            header.extend(((20 + length) as u16).to_be_bytes());
            header.extend([0, 0, 0x40, 0, 64, protocol, 0, 0]);
            header.extend(from.octets());
            header.extend(to.octets());
            let sum = checksum(&[&header]);
            header[10..12].copy_from_slice(&sum.to_be_bytes());
            header
        }
        (from, to) => {
            let mut header = vec![0x60, 0, 0, 0];
            header.extend((length as u16).to_be_bytes());
            header.extend([protocol, 64]);
            header.extend(in_ipv6(from));
            header.extend(in_ipv6(to));
            header
        }
    }
}

fn pseudo_header(from: IpAddr, to: IpAddr, protocol: u8, length: usize) -> Vec<u8> {
    let mut header = Vec::new();
    match (from, to) {
        (IpAddr::V4(from), IpAddr::V4(to)) => {
            header.extend(from.octets());
            header.extend(to.octets());
            header.extend([0, protocol]);
            header.extend((length as u16).to_be_bytes());
        }
        (from, to) => {
            header.extend(in_ipv6(from));
            header.extend(in_ipv6(to));
            header.extend((length as u32).to_be_bytes());
            header.extend([0, 0, 0, protocol]);
        }
    }
    header
}

fn in_ipv6(ip: IpAddr) -> [u8; 16] {
    match ip {
        IpAddr::V4(ip) => ip.to_ipv6_mapped().octets(),
        IpAddr::V6(ip) => ip.octets(),
    }
}

/// The Internet checksum. RFC 1071. Every part but the last has an even length.
fn checksum(parts: &[&[u8]]) -> u16 {
    let words = parts.iter().flat_map(|part| part.chunks(2)).map(|pair| {
        let high = pair.first().copied().unwrap_or(0);
        let low = pair.get(1).copied().unwrap_or(0);
        u32::from(u16::from_be_bytes([high, low]))
    });
    let mut sum = words.fold(0u32, u32::wrapping_add);
    while sum > 0xffff {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    !(sum as u16)
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::Timestamp;

    fn raw(transport: Transport, direction: Direction, peer: &str) -> Raw {
        Raw {
            id: 1,
            at: Timestamp(1_700_000_000_123),
            peer: peer.parse().unwrap(),
            transport,
            direction,
            passed: Passed::Message,
            bytes: Box::from(&b"\x40\x01\x00\x07\xb2rd"[..]),
        }
    }

    /// The blocks of a file: kind and body.
    fn blocks(mut file: &[u8]) -> Vec<(u32, Vec<u8>)> {
        let mut found = Vec::new();
        while let Some((head, _)) = file.split_first_chunk::<8>() {
            let word = |at: usize| u32::from_le_bytes(head[at..at + 4].try_into().unwrap());
            let length = word(4) as usize;
            assert_eq!(length % 4, 0);
            assert_eq!(
                file[length - 4..length],
                head[4..8],
                "the length stands at both ends"
            );
            found.push((word(0), file[8..length - 4].to_vec()));
            file = &file[length..];
        }
        found
    }

    /// The packet in a packet block.
    fn packet_of(body: &[u8]) -> &[u8] {
        let length = u32::from_le_bytes(body[12..16].try_into().unwrap()) as usize;
        &body[20..20 + length]
    }

    #[test]
    fn a_datagram_is_a_packet_whose_checksums_hold() {
        let file = write(&[raw(Transport::Udp, Direction::Up, "192.0.2.7:49152")]);
        let blocks = blocks(&file);
        assert_eq!(
            blocks.iter().map(|(kind, _)| *kind).collect::<Vec<_>>(),
            [SECTION, INTERFACE, PACKET]
        );
        let packet = packet_of(&blocks[2].1);
        assert_eq!(packet.len(), 20 + 8 + 7);
        assert_eq!(
            checksum(&[&packet[..20]]),
            0,
            "the header's own sum makes it zero"
        );
        assert_eq!(
            (&packet[12..16], &packet[20..24]),
            (&[192, 0, 2, 7][..], &[0xc0, 0x00, 0x16, 0x33][..])
        );
        let pseudo = pseudo_header(
            "192.0.2.7".parse().unwrap(),
            "127.0.0.1".parse().unwrap(),
            UDP,
            15,
        );
        assert_eq!(checksum(&[&pseudo, &packet[20..]]), 0);
        assert_eq!(&packet[28..], b"\x40\x01\x00\x07\xb2rd");
        let micros = (u64::from(u32::from_le_bytes(blocks[2].1[4..8].try_into().unwrap())) << 32)
            | u64::from(u32::from_le_bytes(blocks[2].1[8..12].try_into().unwrap()));
        assert_eq!(micros, 1_700_000_000_123_000);
    }

    #[test]
    fn what_came_inside_dtls_says_so() {
        let file = write(&[raw(Transport::Dtls, Direction::Down, "[2001:db8::1]:5684")]);
        let blocks = blocks(&file);
        let packet = packet_of(&blocks[2].1);
        assert_eq!((packet[0], packet.len()), (0x60, 40 + 8 + 7));
        let comment = String::from_utf8_lossy(&blocks[2].1).contains("came inside DTLS");
        assert!(comment);
    }

    #[test]
    fn a_stream_goes_on_where_it_was() {
        let up = raw(Transport::Tcp, Direction::Up, "192.0.2.7:49152");
        let file = write(&[up.clone(), up]);
        let sequences: Vec<u32> = blocks(&file)[2..]
            .iter()
            .map(|(_, body)| u32::from_be_bytes(packet_of(body)[24..28].try_into().unwrap()))
            .collect();
        assert_eq!(sequences, [1, 8]);
    }

    #[test]
    fn steps_are_left_out() {
        let step = Raw {
            passed: Passed::Step,
            ..raw(Transport::Dtls, Direction::Up, "192.0.2.7:1")
        };
        assert_eq!(blocks(&write(&[step])).len(), 2);
    }
}
