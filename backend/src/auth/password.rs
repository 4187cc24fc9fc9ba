//! Hashing of passwords: argon2id, off the reactor, a few at a time.
//!
//! One hash takes about 20 MiB and some 20 ms of a core, so that how many run at once, and how many wait, is bounded.

use super::AuthError;
use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use std::sync::Arc;
use tokio::sync::Semaphore;

/// How many hashes are computed at once.
const AT_WORK: usize = 2;
/// How many callers may be waiting or at work.
const ADMITTED: usize = 32;

/// Computes and checks hashes.
#[derive(Debug, Clone)]
pub(super) struct PasswordHashing {
    admitted: Arc<Semaphore>,
    at_work: Arc<Semaphore>,
    argon2: Argon2<'static>,
}

impl PasswordHashing {
    pub(super) fn new() -> PasswordHashing {
        PasswordHashing {
            admitted: Arc::new(Semaphore::new(ADMITTED)),
            at_work: Arc::new(Semaphore::new(AT_WORK)),
            argon2: Argon2::default(),
        }
    }

    /// The hash of a password with a fresh salt, as a PHC string.
    pub(super) async fn hash(&self, password: String) -> Result<String, AuthError> {
        let argon2 = self.argon2.clone();
        self.run(move || {
            argon2
                .hash_password(password.as_bytes())
                .map(|hash| hash.to_string())
                .map_err(|error| AuthError::Hash(error.to_string()))
        })
        .await?
    }

    /// Whether the password has this hash. Without a hash it takes as long and is never so.
    pub(super) async fn verify(&self, password: String, hash: Option<String>) -> Result<bool, AuthError> {
        let argon2 = self.argon2.clone();
        self.run(move || match hash {
            Some(hash) => {
                let parsed = PasswordHash::new(&hash).map_err(|error| AuthError::Hash(error.to_string()))?;
                Ok(argon2.verify_password(password.as_bytes(), &parsed).is_ok())
            }
            None => argon2
                .hash_password(password.as_bytes())
                .map(|_| false)
                .map_err(|error| AuthError::Hash(error.to_string())),
        })
        .await?
    }

    async fn run<T: Send + 'static>(&self, job: impl FnOnce() -> T + Send + 'static) -> Result<T, AuthError> {
        let admitted = self
            .admitted
            .clone()
            .try_acquire_owned()
            .map_err(|_| AuthError::Busy)?;
        let at_work = self
            .at_work
            .clone()
            .acquire_owned()
            .await
            .map_err(|_| AuthError::Busy)?;
        let task = tokio::task::spawn_blocking(move || {
            let _permits = (admitted, at_work);
            job()
        });
        task.await.map_err(|error| AuthError::Hash(error.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_the_right_password_fits_its_hash() {
        let hashing = PasswordHashing::new();
        let hash = hashing.hash("correct horse".into()).await.unwrap();
        assert!(hash.starts_with("$argon2id$"), "{hash}");
        assert!(
            hashing
                .verify("correct horse".into(), Some(hash.clone()))
                .await
                .unwrap()
        );
        assert!(!hashing.verify("correct horsf".into(), Some(hash)).await.unwrap());
        assert!(!hashing.verify("correct horse".into(), None).await.unwrap());
    }
}
