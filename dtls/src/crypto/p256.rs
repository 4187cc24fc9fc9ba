//! Keys on P-256: the ephemeral exchange, signatures, and public keys in their two forms.

use crate::message::DecodeError;
use aws_lc_rs::agreement::{self, ECDH_P256, EphemeralPrivateKey, UnparsedPublicKey};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    self, ECDSA_P256_SHA256_ASN1, ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair,
};
use zeroize::Zeroizing;

/// What stands before the point in the SubjectPublicKeyInfo of a P-256 key. RFC 5480 §2.
const SPKI_PREFIX: [u8; 26] = [
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86,
    0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
];

/// Nothing more can be said of why a primitive failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the cryptographic operation failed")]
pub(crate) struct CryptoError;

/// An ephemeral key of one handshake.
pub(crate) struct Ephemeral {
    private: EphemeralPrivateKey,
    pub(crate) public: Vec<u8>,
}

impl std::fmt::Debug for Ephemeral {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Ephemeral(…)")
    }
}

impl Ephemeral {
    pub(crate) fn generate() -> Result<Ephemeral, CryptoError> {
        let private =
            EphemeralPrivateKey::generate(&ECDH_P256, &SystemRandom::new()).map_err(|_| CryptoError)?;
        let public = private
            .compute_public_key()
            .map_err(|_| CryptoError)?
            .as_ref()
            .to_vec();
        Ok(Ephemeral { private, public })
    }

    /// The premaster secret: the x coordinate of the shared point. RFC 8422 §5.10.
    pub(crate) fn agree(self, peer: &[u8]) -> Result<Zeroizing<Vec<u8>>, CryptoError> {
        let peer = UnparsedPublicKey::new(&ECDH_P256, peer);
        agreement::agree_ephemeral(self.private, peer, CryptoError, |secret| {
            Ok(Zeroizing::new(secret.to_vec()))
        })
    }
}

/// A signing key with its public key.
pub struct SigningKey {
    pair: EcdsaKeyPair,
    spki: Vec<u8>,
}

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SigningKey(…)")
    }
}

/// The bytes are no private key of P-256 in PKCS #8.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a private key on P-256 in PKCS #8 form")]
pub struct NotASigningKey;

impl SigningKey {
    /// The key in these bytes of PKCS #8 (RFC 5958).
    ///
    /// # Errors
    /// If the bytes are something else.
    pub fn from_pkcs8(der: &[u8]) -> Result<SigningKey, NotASigningKey> {
        let pair =
            EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, der).map_err(|_| NotASigningKey)?;
        let spki = [&SPKI_PREFIX, pair.public_key().as_ref()].concat();
        Ok(SigningKey { pair, spki })
    }

    /// A new key, as PKCS #8.
    ///
    /// # Errors
    /// If the system has no randomness.
    pub fn generate_pkcs8() -> Result<Zeroizing<Vec<u8>>, NotASigningKey> {
        let document = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &SystemRandom::new());
        document
            .map(|document| Zeroizing::new(document.as_ref().to_vec()))
            .map_err(|_| NotASigningKey)
    }

    /// The DER SubjectPublicKeyInfo: the raw public key of RFC 7250.
    pub fn public_key(&self) -> &[u8] {
        &self.spki
    }

    pub(crate) fn sign(&self, message: &[u8]) -> Result<Vec<u8>, CryptoError> {
        let signature = self
            .pair
            .sign(&SystemRandom::new(), message)
            .map_err(|_| CryptoError)?;
        Ok(signature.as_ref().to_vec())
    }
}

/// The point in a SubjectPublicKeyInfo of P-256.
pub(crate) fn point_of_spki(spki: &[u8]) -> Result<&[u8], DecodeError> {
    match spki.strip_prefix(&SPKI_PREFIX) {
        Some(point) if point.len() == 65 && point[0] == 4 => Ok(point),
        _ => Err(DecodeError("the raw public key is not one on P-256")),
    }
}

/// Whether `signature` is one of `message` by the key of this SubjectPublicKeyInfo.
pub(crate) fn verify_by_spki(spki: &[u8], message: &[u8], signature: &[u8]) -> Result<(), CryptoError> {
    let point = point_of_spki(spki).map_err(|_| CryptoError)?;
    let key = signature::UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, point);
    key.verify(message, signature).map_err(|_| CryptoError)
}
