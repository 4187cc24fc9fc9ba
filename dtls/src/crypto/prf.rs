//! The pseudo-random function of TLS 1.2 with SHA-256, and what is derived by it. RFC 5246 §5, §6.3, §8.1.

use aws_lc_rs::hmac;
use zeroize::Zeroizing;

/// A master secret: what both sides know after a handshake. Erased when dropped, never shown.
#[derive(Clone)]
pub(crate) struct MasterSecret(pub(crate) Zeroizing<[u8; 48]>);

impl std::fmt::Debug for MasterSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("MasterSecret(…)")
    }
}

/// Fills `out` with PRF(secret, label, seed), the seed given in pieces. RFC 5246 §5.
pub(crate) fn prf(secret: &[u8], label: &[u8], seed: &[&[u8]], out: &mut [u8]) {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret);
    let with_seed = |first: &[u8]| {
        let mut context = hmac::Context::with_key(&key);
        context.update(first);
        context.update(label);
        seed.iter().for_each(|piece| context.update(piece));
        context.sign()
    };
    let mut a = with_seed(&[]);
    let mut chunks = out.chunks_mut(32).peekable();
    while let Some(chunk) = chunks.next() {
        let block = with_seed(a.as_ref());
        chunk.copy_from_slice(&block.as_ref()[..chunk.len()]);
        if chunks.peek().is_some() {
            a = hmac::sign(&key, a.as_ref());
        }
    }
}

impl MasterSecret {
    /// From the premaster secret and both randoms. RFC 5246 §8.1.
    pub(crate) fn derive(
        premaster: &[u8],
        client_random: &[u8; 32],
        server_random: &[u8; 32],
    ) -> MasterSecret {
        let mut secret = Zeroizing::new([0; 48]);
        prf(
            premaster,
            b"master secret",
            &[client_random, server_random],
            secret.as_mut(),
        );
        MasterSecret(secret)
    }

    /// From the premaster secret and the hash of the handshake so far. RFC 7627 §4.
    pub(crate) fn derive_extended(premaster: &[u8], session_hash: &[u8; 32]) -> MasterSecret {
        let mut secret = Zeroizing::new([0; 48]);
        prf(
            premaster,
            b"extended master secret",
            &[session_hash],
            secret.as_mut(),
        );
        MasterSecret(secret)
    }

    /// The bytes from which keys are cut. RFC 5246 §6.3.
    pub(crate) fn key_block(&self, client_random: &[u8; 32], server_random: &[u8; 32], out: &mut [u8]) {
        prf(
            self.0.as_ref(),
            b"key expansion",
            &[server_random, client_random],
            out,
        );
    }

    /// The verify_data of a Finished message. RFC 5246 §7.4.9.
    pub(crate) fn verify_data(&self, from_client: bool, handshake_hash: &[u8; 32]) -> [u8; 12] {
        let label: &[u8] = if from_client {
            b"client finished"
        } else {
            b"server finished"
        };
        let mut out = [0; 12];
        prf(self.0.as_ref(), label, &[handshake_hash], &mut out);
        out
    }
}

/// The premaster secret of a pre-shared key: as many zeros as the key is long, then the key, each with its length.
/// RFC 4279 §2.
pub(crate) fn psk_premaster(key: &[u8]) -> Zeroizing<Vec<u8>> {
    let length = (key.len() as u16).to_be_bytes();
    let mut premaster = Zeroizing::new(Vec::with_capacity(4 + 2 * key.len()));
    premaster.extend_from_slice(&length);
    premaster.resize(2 + key.len(), 0);
    premaster.extend_from_slice(&length);
    premaster.extend_from_slice(key);
    premaster
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(hex: &str) -> Vec<u8> {
        (0..hex.len() / 2)
            .map(|i| u8::from_str_radix(&hex[2 * i..2 * i + 2], 16).unwrap())
            .collect()
    }

    /// The vector that implementers of TLS 1.2 exchange for P_SHA256.
    #[test]
    fn the_known_vector() {
        let secret = bytes("9bbe436ba940f017b17652849a71db35");
        let seed = bytes("a0ba9f936cda311827a6f796ffd5198c");
        let expected = bytes(concat!(
            "e3f229ba727be17b8d122620557cd453c2aab21d07c3d495329b52d4e61edb5a",
            "6b301791e90d35c9c9a46b4e14baf9af0fa022f7077def17abfd3797c0564bab",
            "4fbc91666e9def9b97fce34f796789baa48082d122ee42c5a72e5a5110fff701",
            "87347b66"
        ));
        let mut out = vec![0; 100];
        prf(&secret, b"test label", &[&seed], &mut out);
        assert_eq!(out, expected);
    }

    #[test]
    fn a_premaster_holds_the_key_behind_as_many_zeros() {
        assert_eq!(*psk_premaster(&[7, 8, 9]), [0, 3, 0, 0, 0, 0, 3, 7, 8, 9]);
        assert_eq!(*psk_premaster(&[]), [0, 0, 0, 0]);
    }
}
