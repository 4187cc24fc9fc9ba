//! All credentials in memory, for handshakes that cannot wait; truth after a restart is the store.

use super::{SecurityMode, Vault, VaultError};
use crate::store::{Store, StoreError};
use dtls::PeerIdentity;
use rusqlite::{Transaction, params};
use shared::Timestamp;
use std::collections::{BTreeMap, HashMap};
use std::ops::Bound;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};
use zeroize::Zeroizing;

/// The longest identity. RFC 4279 §5.3 asks for 128; LwM2M clients derive them from names of up to 255 bytes.
const MAX_IDENTITY: usize = 255;
/// The longest and shortest pre-shared key. RFC 4279 §5.3 asks for 64; below 16 bytes a key can be tried out.
const MAX_KEY: usize = 64;
const MIN_KEY: usize = 4;
const MAX_ENDPOINT: usize = 252;
/// A DER SubjectPublicKeyInfo of a P-256 key, uncompressed: this before the 65 bytes of the point. RFC 5480.
const P256_SPKI: [u8; 26] = [
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86,
    0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
];

/// How a device proves who it is.
#[derive(Clone, PartialEq, Eq)]
pub enum Proof {
    /// It knows this key.
    Psk {
        identity: Vec<u8>,
        key: Zeroizing<Vec<u8>>,
    },
    /// It holds the private key of this DER SubjectPublicKeyInfo.
    Rpk { public_key: Vec<u8> },
    /// It holds a trusted certificate that names it.
    X509,
    /// It need not: it is let in without security.
    None,
}

impl std::fmt::Debug for Proof {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.mode())
    }
}

impl Proof {
    /// The name in the API.
    pub const fn mode(&self) -> &'static str {
        match self {
            Proof::Psk { .. } => "psk",
            Proof::Rpk { .. } => "rpk",
            Proof::X509 => "x509",
            Proof::None => "none",
        }
    }

    /// What a session with this proof is known by in the DTLS endpoint.
    pub(crate) fn peer_identity(&self) -> Option<PeerIdentity> {
        match self {
            Proof::Psk { identity, .. } => Some(PeerIdentity::Psk(identity.clone())),
            Proof::Rpk { public_key } => Some(PeerIdentity::RawPublicKey(public_key.clone())),
            Proof::X509 | Proof::None => None,
        }
    }

    /// By what it is found: the kind and the public part.
    fn key(&self) -> Option<Vec<u8>> {
        let (kind, public) = match self {
            Proof::Psk { identity, .. } => (b'p', identity),
            Proof::Rpk { public_key } => (b'r', public_key),
            Proof::X509 | Proof::None => return None,
        };
        Some([&[kind], public.as_slice()].concat())
    }
}

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
    #[error("the endpoint '{0}' has this identity or public key already")]
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
        for (endpoint, mode, identity, secret, created, expires) in rows {
            let public = identity
                .and_then(|key| key.get(1..).map(<[u8]>::to_vec))
                .unwrap_or_default();
            let proof = match mode.as_str() {
                "psk" => Proof::Psk {
                    identity: public,
                    key: vault.open_sealed(&purpose.purpose(&endpoint), &secret.unwrap_or_default())?,
                },
                "rpk" => Proof::Rpk { public_key: public },
                "x509" => Proof::X509,
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

    /// Up to `limit` credentials by endpoint, from behind `after` on, of endpoints with `text` in their names.
    pub fn list(&self, after: &str, text: &str, limit: usize) -> Vec<Arc<Credential>> {
        let book = self.read();
        let range = (Bound::Excluded(after), Bound::Unbounded);
        book.by_endpoint
            .range::<str, _>(range)
            .filter(|(endpoint, _)| endpoint.contains(text))
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
            let Some(key) = credential.proof.key() else {
                return Ok(());
            };
            let known = book.by_key.get(&key).map(|other| &other.endpoint);
            match claimed.get(&key).or(known) {
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
        match self.proof {
            Proof::Psk { .. } => Some(SecurityMode::Psk),
            Proof::Rpk { .. } => Some(SecurityMode::Rpk),
            Proof::X509 => Some(SecurityMode::X509),
            Proof::None => None,
        }
    }

    fn check(&self) -> Result<(), CredentialError> {
        let unfit = |words| Err(CredentialError::Unfit(words));
        if self.endpoint.is_empty() || self.endpoint.len() > MAX_ENDPOINT {
            return unfit("an endpoint name has 1 to 252 bytes");
        }
        if self.endpoint.chars().any(char::is_control) {
            return unfit("an endpoint name has no control characters");
        }
        match &self.proof {
            Proof::Psk { identity, .. } if identity.is_empty() || identity.len() > MAX_IDENTITY => {
                unfit("a PSK identity has 1 to 255 bytes")
            }
            Proof::Psk { key, .. } if !(MIN_KEY..=MAX_KEY).contains(&key.len()) => {
                unfit("a pre-shared key has 4 to 64 bytes")
            }
            Proof::Rpk { public_key }
                if public_key.len() != P256_SPKI.len() + 65 || !public_key.starts_with(&P256_SPKI) =>
            {
                unfit(
                    "the public key is not the DER SubjectPublicKeyInfo of an uncompressed P-256 key (91 bytes)",
                )
            }
            _ => Ok(()),
        }
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
