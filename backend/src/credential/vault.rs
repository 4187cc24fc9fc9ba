//! Encryption at rest: AES-256-GCM with a key that lies in a file of its own.

use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

const KEY: usize = 32;

/// Why there is no key, or something cannot be opened with it.
#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    #[error("the key file {path} cannot be used: {source}")]
    File { path: PathBuf, source: std::io::Error },
    #[error("the key file {0} holds no key of 32 bytes")]
    NoKey(PathBuf),
    #[error("the system gives no randomness")]
    Randomness,
    /// Another key, another place, or changed bytes.
    #[error("it was encrypted with another key, or for another purpose")]
    Sealed,
}

/// Seals and opens what the store must not hold in clear.
pub struct Vault {
    key: RandomizedNonceKey,
}

impl std::fmt::Debug for Vault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Vault(…)")
    }
}

impl Vault {
    /// The file's name in the data directory, unless the configuration names another.
    pub(crate) const FILE: &str = "secret.key";

    /// The vault of the key in this file, which is made with mode 0600 if it does not exist.
    ///
    /// # Errors
    /// [`VaultError`].
    pub fn open(file: &Path) -> Result<Vault, VaultError> {
        let failed = |source| VaultError::File {
            path: file.to_owned(),
            source,
        };
        let mut key = Zeroizing::new(Vec::with_capacity(KEY + 1));
        match File::open(file) {
            Ok(found) => {
                found.take(KEY as u64 + 1).read_to_end(&mut key).map_err(failed)?;
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                key.resize(KEY, 0);
                getrandom::fill(&mut key).map_err(|_| VaultError::Randomness)?;
                // `create_new`: two servers that start at once do not get two keys.
                let mut made = OpenOptions::new()
                    .write(true)
                    .create_new(true)
                    .mode(0o600)
                    .open(file)
                    .map_err(failed)?;
                made.write_all(&key)
                    .and_then(|()| made.sync_all())
                    .map_err(failed)?;
            }
            Err(error) => return Err(failed(error)),
        }
        Vault::of(&key).ok_or_else(|| VaultError::NoKey(file.to_owned()))
    }

    fn of(key: &[u8]) -> Option<Vault> {
        (key.len() == KEY)
            .then(|| RandomizedNonceKey::new(&AES_256_GCM, key).ok())
            .flatten()
            .map(|key| Vault { key })
    }

    /// Encrypts. What it is for (the table and whose it is) is bound to it, so that it opens nowhere else.
    ///
    /// # Errors
    /// [`VaultError::Randomness`].
    pub fn seal(&self, purpose: &[u8], secret: &[u8]) -> Result<Vec<u8>, VaultError> {
        let mut text = secret.to_vec();
        let nonce = self
            .key
            .seal_in_place_append_tag(Aad::from(purpose), &mut text)
            .map_err(|_| VaultError::Randomness)?;
        let mut sealed = nonce.as_ref().to_vec();
        sealed.append(&mut text);
        Ok(sealed)
    }

    /// Decrypts what [`Vault::seal`] made for the same purpose.
    ///
    /// # Errors
    /// [`VaultError::Sealed`].
    pub fn open_sealed(&self, purpose: &[u8], sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, VaultError> {
        let (nonce, text) = sealed.split_at_checked(NONCE_LEN).ok_or(VaultError::Sealed)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| VaultError::Sealed)?;
        let mut text = Zeroizing::new(text.to_vec());
        let length = self
            .key
            .open_in_place(nonce, Aad::from(purpose), &mut text)
            .map_err(|_| VaultError::Sealed)?
            .len();
        text.truncate(length);
        Ok(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn what_is_sealed_opens_with_the_same_key_for_the_same_purpose_only() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join(Vault::FILE);
        let vault = Vault::open(&file).unwrap();
        let sealed = vault.seal(b"psk of a", b"key").unwrap();
        assert!(!sealed.windows(3).any(|window| window == b"key"));
        let again = Vault::open(&file).unwrap();
        assert_eq!(&*again.open_sealed(b"psk of a", &sealed).unwrap(), b"key");
        for (purpose, change) in [
            (&b"psk of b"[..], None),
            (b"psk of a", Some(0)),
            (b"psk of a", Some(20)),
        ] {
            let mut sealed = sealed.clone();
            if let Some(index) = change {
                sealed[index] ^= 1;
            }
            assert!(matches!(
                again.open_sealed(purpose, &sealed),
                Err(VaultError::Sealed)
            ));
        }
        assert!(vault.open_sealed(b"psk of a", b"short").is_err());
        let other = Vault::open(&directory.path().join("other")).unwrap();
        assert!(other.open_sealed(b"psk of a", &sealed).is_err());
    }

    #[test]
    fn the_key_file_is_for_its_owner_alone_and_has_to_be_one() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join(Vault::FILE);
        Vault::open(&file).unwrap();
        assert_eq!(
            std::fs::metadata(&file).unwrap().permissions().mode() & 0o777,
            0o600
        );
        std::fs::write(&file, b"too short").unwrap();
        assert!(matches!(Vault::open(&file), Err(VaultError::NoKey(_))));
    }
}
