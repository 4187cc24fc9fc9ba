//! The cryptography of the suites, on primitives that others wrote and verified: hashes, HMAC, P-256 and GCM of
//! aws-lc-rs, AES of RustCrypto. Two modes of AES are put together here, which aws-lc-rs does not offer.

pub(crate) mod cbc;
mod ccm;
pub(crate) mod keys;
pub(crate) mod p256;
pub(crate) mod prf;
pub(crate) mod protect;
