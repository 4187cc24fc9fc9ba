//! The cryptography of the suites, on primitives that others wrote and verified: hashes, HMAC, P-256 and GCM of
//! aws-lc-rs; AES and CCM of RustCrypto, which aws-lc-rs does not offer.

pub(crate) mod cbc;
pub(crate) mod keys;
pub(crate) mod p256;
pub(crate) mod prf;
pub(crate) mod protect;
