//! The keys of one direction of a session, cut from the key block. RFC 5246 §6.3.

use crate::crypto::prf::MasterSecret;
use crate::suite::{CipherSuite, Protection};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

/// What protects the records of one direction. Expanded key schedules are not kept: with AES instructions the
/// expansion costs less than the memory of a hundred thousand sessions.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub(crate) struct DirectionKeys {
    pub(crate) cipher: [u8; 16],
    /// The implicit part of the nonce; unused with CBC.
    pub(crate) salt: [u8; 4],
    /// The HMAC key of a CBC suite. Boxed, because only old devices need it.
    #[zeroize(skip)]
    pub(crate) mac: Option<Box<Zeroizing<[u8; 32]>>>,
}

impl std::fmt::Debug for DirectionKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("DirectionKeys(…)")
    }
}

/// The keys of both directions.
#[derive(Debug, Clone)]
pub(crate) struct KeyPair {
    pub(crate) client: DirectionKeys,
    pub(crate) server: DirectionKeys,
}

impl KeyPair {
    pub(crate) fn derive(
        suite: CipherSuite,
        master: &MasterSecret,
        client_random: &[u8; 32],
        server_random: &[u8; 32],
    ) -> KeyPair {
        // Client MAC, server MAC, client key, server key, client salt, server salt.
        let mut block = [0; 2 * (32 + 16 + 4)];
        let with_mac = suite.protection() == Protection::CbcSha256;
        let mac = if with_mac { 32 } else { 0 };
        let used = 2 * (mac + 16 + if with_mac { 0 } else { 4 });
        master.key_block(client_random, server_random, &mut block[..used]);
        let cut = |side: usize| {
            let mut keys = DirectionKeys {
                cipher: [0; 16],
                salt: [0; 4],
                mac: None,
            };
            keys.cipher.copy_from_slice(&block[2 * mac + side * 16..][..16]);
            if with_mac {
                let mut key = Box::new(Zeroizing::new([0; 32]));
                key.copy_from_slice(&block[side * 32..][..32]);
                keys.mac = Some(key);
            } else {
                keys.salt.copy_from_slice(&block[2 * mac + 32 + side * 4..][..4]);
            }
            keys
        };
        let pair = KeyPair {
            client: cut(0),
            server: cut(1),
        };
        block.zeroize();
        pair
    }
}
