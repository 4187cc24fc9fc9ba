//! All credentials in memory, for handshakes that cannot wait; truth after a restart is the store.

use super::certificate::CertificateName;
use super::{Proof, SecurityMode, Vault, VaultError};
use crate::store::{Store, StoreError};
use dtls::PeerIdentity;
use rusqlite::{Transaction, params};
use shared::Timestamp;
use std::collections::{BTreeMap, HashMap};
use std::ops::Bound;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};
use zeroize::Zeroizing;

const MAX_ENDPOINT: usize = 252;

/// What a book of credentials is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Use {
    /// To register, and for bootstrap where there is none for that alone.
    Server,
    /// For bootstrap alone.
    Bootstrap,
}

impl Use {
    const fn table(self) -> &'static str {
        match self {
            Use::Server => "credential",
            Use::Bootstrap => "bootstrap_credential",
        }
    }

    /// What a sealed key is bound to.
    fn purpose(self, endpoint: &str) -> Vec<u8> {
        let table: &[u8] = match self {
            Use::Server => b"credential ",
            Use::Bootstrap => b"bootstrap credential ",
        };
        [table, endpoint.as_bytes()].concat()
    }
}

/// The credential of one endpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credential {
    pub endpoint: Arc<str>,
    pub proof: Proof,
    pub created: Timestamp,
    /// From then on it is refused.
    pub expires: Option<Timestamp>,
}

/// Why a credential is not taken.
#[derive(Debug, thiserror::Error)]
pub enum CredentialError {
    #[error("{0}")]
    Unfit(&'static str),
    #[error("the endpoint '{0}' has this identity, public key or certificate already")]
    Taken(Arc<str>),
    #[error(transparent)]
    Vault(#[from] VaultError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The credentials of all devices; clones are handles to the same ones.
#[derive(Debug, Clone)]
pub struct Credentials {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    purpose: Use,
    store: Store,
    vault: Arc<Vault>,
    book: RwLock<Book>,
}

#[derive(Debug, Default)]
struct Book {
    by_endpoint: BTreeMap<Arc<str>, Arc<Credential>>,
    by_key: HashMap<Vec<u8>, Arc<Credential>>,
}

impl Credentials {
    /// Reads all of them. One that does not open with this vault is an error: it would be lost in silence else.
    ///
    /// # Errors
    /// [`CredentialError`].
    pub fn load(store: Store, vault: Arc<Vault>, purpose: Use) -> Result<Credentials, CredentialError> {
        let rows = store.read_now(|connection| {
            let mut statement = connection.prepare(&format!(
                "SELECT endpoint, mode, identity, secret, created, expires FROM {}",
                purpose.table()
            ))?;
            let rows = statement.query_map([], |row| {
                Ok((
                    row.get::<_, String>(0)?,
                    row.get::<_, String>(1)?,
                    row.get::<_, Option<Vec<u8>>>(2)?,
                    row.get::<_, Option<Vec<u8>>>(3)?,
                    row.get::<_, i64>(4)?,
                    row.get::<_, Option<i64>>(5)?,
                ))
            })?;
            Ok(rows.collect::<Result<Vec<_>, _>>()?)
        })?;
        let mut book = Book::default();
        for (endpoint, mode, key, secret, created, expires) in rows {
            let public = key.as_deref().and_then(|key| key.get(1..)).unwrap_or_default();
            let public = public.to_vec();
            let proof = match mode.as_str() {
                "psk" => Proof::Psk {
                    identity: public,
                    key: vault.open_sealed(&purpose.purpose(&endpoint), &secret.unwrap_or_default())?,
                },
                "rpk" => Proof::Rpk { public_key: public },
                "x509" => Proof::X509 {
                    certificate_name: key.as_deref().and_then(CertificateName::of_key),
                },
                _ => Proof::None,
            };
            book.insert(Arc::new(Credential {
                endpoint: endpoint.into(),
                proof,
                created: Timestamp(created),
                expires: expires.map(Timestamp),
            }));
        }
        Ok(Credentials {
            inner: Arc::new(Inner {
                purpose,
                store,
                vault,
                book: RwLock::new(book),
            }),
        })
    }

    /// The vault the keys are sealed with.
    pub fn vault(&self) -> &Arc<Vault> {
        &self.inner.vault
    }

    /// The credential of an endpoint.
    pub fn get(&self, endpoint: &str) -> Option<Arc<Credential>> {
        self.read().by_endpoint.get(endpoint).cloned()
    }

    /// Up to `limit` credentials by endpoint, from behind `after` on, with `text` in the name of the endpoint or in what its
    /// certificate is known by.
    pub fn list(&self, after: &str, text: &str, limit: usize) -> Vec<Arc<Credential>> {
        let book = self.read();
        let range = (Bound::Excluded(after), Bound::Unbounded);
        book.by_endpoint
            .range::<str, _>(range)
            .filter(|(endpoint, credential)| endpoint.contains(text) || credential.is_known_by(text))
            .take(limit)
            .map(|(_, credential)| credential.clone())
            .collect()
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.read().by_endpoint.len()
    }

    /// The key of a PSK identity, for a handshake. Found in a hash map; what is compared there is no secret.
    pub(crate) fn psk(&self, identity: &[u8], now: Timestamp) -> Option<Zeroizing<Vec<u8>>> {
        let credential = self.by_key(&[b"p", identity].concat())?;
        match &credential.proof {
            Proof::Psk { key, .. } if credential.is_valid(now) => Some(key.clone()),
            _ => None,
        }
    }

    /// Whose certificate this is by the table of names: the endpoint that is entered for one of its names or for its
    /// fingerprint, expired or not. Whether it is trusted is another question.
    pub(crate) fn of_certificate(&self, chain: &[Vec<u8>]) -> Option<Arc<Credential>> {
        let names = CertificateName::all_of(chain);
        let book = self.read();
        names
            .iter()
            .find_map(|name| book.by_key.get(&name.key()).cloned())
    }

    /// What the certificate of an endpoint is known by: the endpoint name unless something else is entered.
    pub(crate) fn certificate_of(&self, endpoint: &str) -> String {
        let credential = self.get(endpoint);
        let name = credential
            .as_ref()
            .and_then(|credential| credential.proof.certificate_name());
        name.map_or_else(|| endpoint.to_owned(), ToString::to_string)
    }

    /// The endpoint whose certificate is known by this name.
    pub(crate) fn of_certificate_name(&self, name: &str) -> Option<Arc<Credential>> {
        self.by_key(&CertificateName::Name(name.into()).key())
    }

    /// Whose proven identity this is, for all but certificates.
    pub(crate) fn owner(&self, identity: &PeerIdentity, now: Timestamp) -> Option<Arc<Credential>> {
        let key = match identity {
            PeerIdentity::Psk(identity) => [b"p", identity.as_slice()].concat(),
            PeerIdentity::RawPublicKey(key) => [b"r", key.as_slice()].concat(),
            PeerIdentity::Certificate(_) | PeerIdentity::Anonymous => return None,
        };
        self.by_key(&key).filter(|credential| credential.is_valid(now))
    }

    /// The security that a Register without any has to be held against.
    pub(crate) fn demands(&self, endpoint: &str) -> Option<&'static str> {
        self.read()
            .by_endpoint
            .get(endpoint)
            .map(|credential| credential.proof.mode())
    }

    /// Keeps these credentials, all or none; each takes the place of the endpoint's one before, which is returned.
    ///
    /// # Errors
    /// [`CredentialError`] about the first that is not taken.
    pub async fn put(&self, credentials: Vec<Credential>) -> Result<Vec<Arc<Credential>>, CredentialError> {
        self.fit(&credentials).into_iter().collect::<Result<(), _>>()?;
        self.keep(credentials).await
    }

    /// Whether each of these could be kept, if those before it are.
    pub fn fit(&self, credentials: &[Credential]) -> Vec<Result<(), CredentialError>> {
        let book = self.read();
        let mut claimed: HashMap<Vec<u8>, Arc<str>> = HashMap::new();
        let mut fit = |credential: &Credential| {
            credential.check()?;
            let Some(key) = credential.claims() else {
                return Ok(());
            };
            match claimed.get(&key).or(book.claimant(&key)) {
                Some(other) if *other != credential.endpoint => Err(CredentialError::Taken(other.clone())),
                _ => {
                    claimed.insert(key, credential.endpoint.clone());
                    Ok(())
                }
            }
        };
        credentials.iter().map(&mut fit).collect()
    }

    async fn keep(&self, credentials: Vec<Credential>) -> Result<Vec<Arc<Credential>>, CredentialError> {
        let purpose = self.inner.purpose;
        let mut rows = Vec::with_capacity(credentials.len());
        for credential in &credentials {
            let secret = match &credential.proof {
                Proof::Psk { key, .. } => {
                    let bound = purpose.purpose(&credential.endpoint);
                    Some(self.inner.vault.seal(&bound, key)?)
                }
                _ => None,
            };
            rows.push((credential.clone(), secret));
        }
        self.inner
            .store
            .write(move |transaction| {
                rows.iter()
                    .try_for_each(|(row, secret)| insert(transaction, purpose, row, secret))
            })
            .await?;
        let mut book = self.inner.book.write().unwrap_or_else(PoisonError::into_inner);
        let replaced = credentials
            .into_iter()
            .filter_map(|credential| book.insert(Arc::new(credential)))
            .collect();
        Ok(replaced)
    }

    /// Forgets the credential of an endpoint and returns it.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn remove(&self, endpoint: &str) -> Result<Option<Arc<Credential>>, StoreError> {
        let name = endpoint.to_owned();
        let table = self.inner.purpose.table();
        self.inner
            .store
            .write(move |transaction| {
                transaction.execute(&format!("DELETE FROM {table} WHERE endpoint = ?1"), [name])?;
                Ok(())
            })
            .await?;
        let mut book = self.inner.book.write().unwrap_or_else(PoisonError::into_inner);
        Ok(book.remove(endpoint))
    }

    fn by_key(&self, key: &[u8]) -> Option<Arc<Credential>> {
        self.read().by_key.get(key).cloned()
    }

    fn read(&self) -> RwLockReadGuard<'_, Book> {
        self.inner.book.read().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Book {
    /// The endpoint that has this already. A certificate that is expected to carry the endpoint name has that name.
    fn claimant(&self, key: &[u8]) -> Option<&Arc<str>> {
        if let Some(known) = self.by_key.get(key) {
            return Some(&known.endpoint);
        }
        let Some(CertificateName::Name(name)) = CertificateName::of_key(key) else {
            return None;
        };
        let named = self.by_endpoint.get(&*name)?;
        (named.proof == Proof::CERTIFICATE).then_some(&named.endpoint)
    }

    fn insert(&mut self, credential: Arc<Credential>) -> Option<Arc<Credential>> {
        let replaced = self.remove(&credential.endpoint);
        if let Some(key) = credential.proof.key() {
            self.by_key.insert(key, credential.clone());
        }
        self.by_endpoint.insert(credential.endpoint.clone(), credential);
        replaced
    }

    fn remove(&mut self, endpoint: &str) -> Option<Arc<Credential>> {
        let removed = self.by_endpoint.remove(endpoint)?;
        if let Some(key) = removed.proof.key() {
            self.by_key.remove(&key);
        }
        Some(removed)
    }
}

impl Credential {
    pub(crate) fn is_valid(&self, now: Timestamp) -> bool {
        self.expires.is_none_or(|expires| expires > now)
    }

    /// The security mode of a session with this credential.
    pub(crate) const fn security(&self) -> Option<SecurityMode> {
        self.proof.security()
    }

    fn is_known_by(&self, text: &str) -> bool {
        let name = self.proof.certificate_name();
        name.is_some_and(|name| name.to_string().contains(text))
    }

    /// Whether a trusted certificate is the one that it expects.
    ///
    /// # Errors
    /// Why it is not, in words.
    pub(crate) fn expects(&self, chain: &[Vec<u8>]) -> Result<(), String> {
        match &self.proof {
            Proof::X509 {
                certificate_name: Some(expected),
            } if !CertificateName::all_of(chain).contains(expected) => Err(format!(
                "'{}' is known by the certificate {}, and this is another",
                self.endpoint,
                crate::lwm2m::quote(&expected.to_string())
            )),
            Proof::X509 { .. } => Ok(()),
            other => Err(format!(
                "'{}' has to prove itself by {}, not by a certificate",
                self.endpoint,
                other.mode()
            )),
        }
    }

    /// What no other endpoint may have.
    fn claims(&self) -> Option<Vec<u8>> {
        let own_name = || CertificateName::Name((&*self.endpoint).into()).key();
        let named_after_itself = self.proof == Proof::CERTIFICATE;
        self.proof.key().or_else(|| named_after_itself.then(own_name))
    }

    fn check(&self) -> Result<(), CredentialError> {
        let unfit = |words| Err(CredentialError::Unfit(words));
        if self.endpoint.is_empty() || self.endpoint.len() > MAX_ENDPOINT {
            return unfit("an endpoint name has 1 to 252 bytes");
        }
        if self.endpoint.chars().any(char::is_control) {
            return unfit("an endpoint name has no control characters");
        }
        self.proof.check()
    }
}

fn insert(
    transaction: &Transaction<'_>,
    purpose: Use,
    credential: &Credential,
    secret: &Option<Vec<u8>>,
) -> Result<(), StoreError> {
    transaction
        .prepare_cached(&format!(
            "INSERT OR REPLACE INTO {} (endpoint, mode, identity, secret, created, expires)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            purpose.table()
        ))?
        .execute(params![
            &*credential.endpoint,
            credential.proof.mode(),
            credential.proof.key(),
            secret,
            credential.created.0,
            credential.expires.map(|at| at.0)
        ])?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn psk(endpoint: &str, identity: &str) -> Credential {
        Credential {
            endpoint: endpoint.into(),
            proof: Proof::Psk {
                identity: identity.into(),
                key: b"0123456789abcdef".to_vec().into(),
            },
            created: Timestamp(1),
            expires: None,
        }
    }

    fn open(directory: &std::path::Path) -> Credentials {
        let store = Store::open(directory).unwrap();
        let vault = Vault::open(&directory.join("secret.key")).unwrap();
        Credentials::load(store, Arc::new(vault), Use::Server).unwrap()
    }

    #[tokio::test]
    async fn credentials_are_kept_found_and_replaced() {
        let directory = tempfile::tempdir().unwrap();
        let book = open(directory.path());
        book.put(vec![psk("a", "one"), psk("b", "two")]).await.unwrap();
        assert!(matches!(
            book.put(vec![psk("c", "two")]).await,
            Err(CredentialError::Taken(by)) if &*by == "b"
        ));
        let replaced = book.put(vec![psk("a", "three")]).await.unwrap();
        assert_eq!(replaced[0].proof, psk("a", "one").proof);
        assert!(book.psk(b"one", Timestamp(5)).is_none());

        let again = open(directory.path());
        assert_eq!(
            again.psk(b"three", Timestamp(5)).unwrap().as_slice(),
            b"0123456789abcdef"
        );
        assert_eq!(again.demands("b"), Some("psk"));
        assert_eq!(again.list("a", "", 10).len(), 1);
        assert!(again.remove("b").await.unwrap().is_some());
        assert!(again.psk(b"two", Timestamp(5)).is_none());
        assert_eq!(again.count(), 1);
    }

    #[tokio::test]
    async fn an_expired_credential_proves_nothing() {
        let directory = tempfile::tempdir().unwrap();
        let book = open(directory.path());
        let credential = Credential {
            expires: Some(Timestamp(10)),
            ..psk("a", "one")
        };
        book.put(vec![credential]).await.unwrap();
        assert!(book.psk(b"one", Timestamp(9)).is_some());
        assert!(book.psk(b"one", Timestamp(10)).is_none());
    }

    #[tokio::test]
    async fn keys_do_not_stand_in_the_database() {
        let directory = tempfile::tempdir().unwrap();
        let book = open(directory.path());
        book.put(vec![psk("a", "one")]).await.unwrap();
        book.inner.store.close().await.unwrap();
        for file in std::fs::read_dir(directory.path()).unwrap() {
            let bytes = std::fs::read(file.unwrap().path()).unwrap();
            assert!(!bytes.windows(16).any(|window| window == b"0123456789abcdef"));
        }
        assert!(!format!("{:?}", psk("a", "one")).contains("0123"));
    }

    #[tokio::test]
    async fn what_is_no_credential_is_refused() {
        let directory = tempfile::tempdir().unwrap();
        let book = open(directory.path());
        let with = |proof: Proof| Credential {
            proof,
            ..psk("a", "one")
        };
        for wrong in [
            psk("", "one"),
            psk("a\n", "one"),
            psk("a", ""),
            with(Proof::Psk {
                identity: b"one".to_vec(),
                key: b"abc".to_vec().into(),
            }),
            with(Proof::Rpk {
                public_key: vec![0x30; 91],
            }),
        ] {
            assert!(matches!(
                book.put(vec![wrong]).await,
                Err(CredentialError::Unfit(_))
            ));
        }
    }
}
