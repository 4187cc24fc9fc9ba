//! The accounts of this server, as one handle: log in, recognise, log out, manage.

use super::password::PasswordHashing;
use super::secret::Secret;
use super::sessions::{self, Lifetimes, NewSession, SessionKey};
use super::throttle::Throttle;
use super::tokens::TokenView;
use super::{AuthError, Identity, Proof, role_from_name, role_name, tokens};
use crate::clock;
use crate::config;
use crate::store::Store;
use rusqlite::{OptionalExtension, params};
use shared::api::{LogIn, Role};
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::broadcast;

/// Clones are handles to the same accounts.
#[derive(Clone, Debug)]
pub struct Accounts {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    store: Store,
    lifetimes: Lifetimes,
    hashing: PasswordHashing,
    throttle: Mutex<Throttle>,
    ended: broadcast::Sender<SessionKey>,
}

/// The account that the first start made.
#[derive(Debug)]
pub struct FirstAdmin {
    pub name: &'static str,
    /// The password, if it was made up here and has to be told.
    pub generated: Option<String>,
}

impl Accounts {
    pub fn new(store: Store, config: &config::Auth) -> Accounts {
        let window = Duration::from_secs(config.login_window_seconds.into());
        Accounts {
            inner: Arc::new(Inner {
                store,
                lifetimes: Lifetimes::new(config),
                hashing: PasswordHashing::new(),
                throttle: Mutex::new(Throttle::new(config.login_failures, window)),
                ended: broadcast::channel(256).0,
            }),
        }
    }

    /// Makes the account `admin` if there is no user at all, with this password or one made up.
    ///
    /// # Errors
    /// [`AuthError`] if it cannot be kept.
    pub async fn ensure_admin(&self, password: Option<String>) -> Result<Option<FirstAdmin>, AuthError> {
        let users: i64 = self
            .inner
            .store
            .read(|connection| Ok(connection.query_row("SELECT count(*) FROM user", [], |row| row.get(0))?))
            .await?;
        if users > 0 {
            return Ok(None);
        }
        let given = password.filter(|password| !password.is_empty());
        let generated = match given {
            Some(_) => None,
            None => Some(Secret::readable_password()?),
        };
        let password = given.or_else(|| generated.clone()).unwrap_or_default();
        self.insert_user("admin", Role::Admin, password).await?;
        Ok(Some(FirstAdmin {
            name: "admin",
            generated,
        }))
    }

    /// Adds a user.
    ///
    /// # Errors
    /// [`AuthError::UserExists`], or the name or password does not do.
    pub async fn add_user(&self, name: &str, role: Role, password: String) -> Result<(), AuthError> {
        check_name(name)?;
        check_password(&password)?;
        self.insert_user(name, role, password).await
    }

    async fn insert_user(&self, name: &str, role: Role, password: String) -> Result<(), AuthError> {
        let hash = self.inner.hashing.hash(password).await?;
        let (owned, now) = (name.to_owned(), clock::now());
        let added = self
            .inner
            .store
            .write(move |transaction| {
                Ok(transaction.execute(
                    "INSERT OR IGNORE INTO user (name, role, password, created) VALUES (?1, ?2, ?3, ?4)",
                    params![owned, role_name(role), hash, now.0],
                )?)
            })
            .await?;
        if added == 0 {
            Err(AuthError::UserExists(name.into()))
        } else {
            Ok(())
        }
    }

    /// Gives a user another password and ends the user's sessions.
    ///
    /// # Errors
    /// [`AuthError::UnknownUser`], or the password does not do.
    pub async fn set_password(&self, name: &str, password: String) -> Result<(), AuthError> {
        check_password(&password)?;
        let hash = self.inner.hashing.hash(password).await?;
        let owned = name.to_owned();
        let changed = self
            .inner
            .store
            .write(move |transaction| {
                transaction.execute(
                    "DELETE FROM session WHERE user = (SELECT id FROM user WHERE name = ?1)",
                    params![owned],
                )?;
                let update = "UPDATE user SET password = ?2 WHERE name = ?1";
                Ok(transaction.execute(update, params![owned, hash])?)
            })
            .await?;
        if changed == 0 {
            Err(AuthError::UnknownUser(name.into()))
        } else {
            Ok(())
        }
    }

    /// Makes an API token and gives its text, which is told only this once.
    ///
    /// # Errors
    /// [`AuthError::BadName`], or it cannot be kept.
    pub async fn create_token(&self, name: &str, role: Role) -> Result<String, AuthError> {
        check_name(name)?;
        let secret = Secret::random()?;
        let (kept, name) = (secret.clone(), name.to_owned());
        self.inner
            .store
            .write(move |transaction| tokens::insert(transaction, &name, role, &kept, clock::now()))
            .await?;
        Ok(tokens::text(&secret))
    }

    /// All API tokens.
    ///
    /// # Errors
    /// [`AuthError::Store`]
    pub async fn tokens(&self) -> Result<Vec<TokenView>, AuthError> {
        Ok(self.inner.store.read(tokens::list).await?)
    }

    /// Makes an API token useless.
    ///
    /// # Errors
    /// [`AuthError::UnknownToken`]
    pub async fn revoke_token(&self, id: i64) -> Result<(), AuthError> {
        self.inner
            .store
            .write(move |transaction| tokens::revoke(transaction, id))
            .await?
    }

    /// Begins a session.
    ///
    /// # Errors
    /// [`AuthError::WrongPassword`], also for a user that does not exist; [`AuthError::Throttled`].
    pub async fn log_in(&self, log_in: LogIn, address: IpAddr) -> Result<NewSession, AuthError> {
        let LogIn { username, password } = log_in;
        let wait = self.throttle().wait(&username, address, Instant::now());
        if let Some(wait) = wait {
            return Err(AuthError::Throttled {
                seconds: wait.as_secs() + 1,
            });
        }
        if password.len() > MAX_PASSWORD {
            return Err(AuthError::WrongPassword);
        }
        let wanted = username.clone();
        let user = self
            .inner
            .store
            .read(move |connection| {
                Ok(connection
                    .prepare_cached("SELECT id, role, password FROM user WHERE name = ?1")?
                    .query_row(params![wanted], |row| {
                        Ok((
                            row.get::<_, i64>(0)?,
                            row.get::<_, String>(1)?,
                            row.get::<_, String>(2)?,
                        ))
                    })
                    .optional()?)
            })
            .await?;
        let hash = user.as_ref().map(|(.., hash)| hash.clone());
        let fits = self.inner.hashing.verify(password, hash).await?;
        let known = user.and_then(|(id, role, _)| Some((id, role_from_name(&role)?)));
        let Some((id, role)) = known.filter(|_| fits) else {
            self.throttle().failed(&username, address, Instant::now());
            return Err(AuthError::WrongPassword);
        };
        self.throttle().succeeded(&username, address);
        let secret = Secret::random()?;
        let (kept, lifetimes) = (secret.clone(), self.inner.lifetimes);
        self.inner
            .store
            .write(move |transaction| sessions::begin(transaction, id, &kept, lifetimes, clock::now()))
            .await?;
        let identity = sessions::identity(username, role, &secret);
        Ok(NewSession { secret, identity })
    }

    /// Whose session cookie this is; `None` if nobody's, or not any more.
    ///
    /// # Errors
    /// [`AuthError::Store`]
    pub async fn by_cookie(&self, text: &str) -> Result<Option<Identity>, AuthError> {
        let Some(secret) = Secret::from_text(text) else {
            return Ok(None);
        };
        let (key, lifetimes, now) = (SessionKey(secret.hash()), self.inner.lifetimes, clock::now());
        let found = self
            .inner
            .store
            .read(move |connection| sessions::find(connection, &secret, lifetimes, now))
            .await?;
        if found.as_ref().is_some_and(|found| found.touch) {
            self.inner
                .store
                .write(move |transaction| sessions::touch(transaction, key, now))
                .await?;
        }
        Ok(found.map(|found| found.identity))
    }

    /// Whose bearer token this is.
    ///
    /// # Errors
    /// [`AuthError::Store`]
    pub async fn by_token(&self, text: &str) -> Result<Option<Identity>, AuthError> {
        let Some(secret) = tokens::secret(text) else {
            return Ok(None);
        };
        Ok(self
            .inner
            .store
            .read(move |connection| tokens::find(connection, &secret))
            .await?)
    }

    /// Whether what the identity was proved with still holds.
    ///
    /// # Errors
    /// [`AuthError::Store`]
    pub async fn still_holds(&self, proof: &Proof) -> Result<bool, AuthError> {
        let lifetimes = self.inner.lifetimes;
        Ok(match proof {
            Proof::Session { key, .. } => {
                let key = *key;
                let find = move |connection: &_| sessions::holds(connection, key, lifetimes, clock::now());
                self.inner.store.read(find).await?
            }
            Proof::Token { id } => {
                let id = *id;
                self.inner
                    .store
                    .read(move |connection| tokens::holds(connection, id))
                    .await?
            }
        })
    }

    /// Ends a session, and with it its live feeds.
    ///
    /// # Errors
    /// [`AuthError::Store`]
    pub async fn log_out(&self, key: SessionKey) -> Result<(), AuthError> {
        self.inner
            .store
            .write(move |transaction| sessions::end(transaction, key))
            .await?;
        // Without a live feed nobody listens.
        let _ = self.inner.ended.send(key);
        Ok(())
    }

    /// The sessions that are ended from now on.
    pub fn ended(&self) -> broadcast::Receiver<SessionKey> {
        self.inner.ended.subscribe()
    }

    fn throttle(&self) -> std::sync::MutexGuard<'_, Throttle> {
        self.inner.throttle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A longer password is refused before it is hashed.
const MAX_PASSWORD: usize = 1024;

fn check_name(name: &str) -> Result<(), AuthError> {
    let fits = (1..=64).contains(&name.chars().count())
        && name.trim() == name
        && !name.chars().any(char::is_control);
    if fits { Ok(()) } else { Err(AuthError::BadName) }
}

fn check_password(password: &str) -> Result<(), AuthError> {
    let fits = (8..=MAX_PASSWORD).contains(&password.len());
    if fits { Ok(()) } else { Err(AuthError::BadPassword) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::Ipv4Addr;

    const HERE: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

    fn log_in(username: &str, password: &str) -> LogIn {
        LogIn {
            username: username.into(),
            password: password.into(),
        }
    }

    fn accounts(directory: &tempfile::TempDir) -> Accounts {
        Accounts::new(Store::open(directory.path()).unwrap(), &config::Auth::default())
    }

    #[tokio::test]
    async fn the_first_start_makes_one_admin() {
        let directory = tempfile::tempdir().unwrap();
        let accounts = accounts(&directory);
        let first = accounts.ensure_admin(None).await.unwrap().unwrap();
        let password = first.generated.unwrap();
        assert!(accounts.ensure_admin(None).await.unwrap().is_none());
        let session = accounts.log_in(log_in("admin", &password), HERE).await.unwrap();
        assert_eq!(session.identity.role, Role::Admin);
        let error = accounts.log_in(log_in("admin", "wrong"), HERE).await.unwrap_err();
        assert!(matches!(error, AuthError::WrongPassword));
    }

    #[tokio::test]
    async fn a_session_holds_until_it_is_ended_or_the_password_is_changed() {
        let directory = tempfile::tempdir().unwrap();
        let accounts = accounts(&directory);
        accounts
            .add_user("ann", Role::Support, "correct horse".into())
            .await
            .unwrap();
        let first = accounts
            .log_in(log_in("ann", "correct horse"), HERE)
            .await
            .unwrap();
        let second = accounts
            .log_in(log_in("ann", "correct horse"), HERE)
            .await
            .unwrap();
        let found = accounts.by_cookie(&first.secret.text()).await.unwrap();
        assert_eq!(found.as_ref(), Some(&first.identity));

        let mut ended = accounts.ended();
        let Proof::Session { key, .. } = first.identity.proof else {
            panic!("not a session")
        };
        accounts.log_out(key).await.unwrap();
        assert_eq!(ended.recv().await.unwrap(), key);
        assert!(accounts.by_cookie(&first.secret.text()).await.unwrap().is_none());
        assert!(accounts.still_holds(&second.identity.proof).await.unwrap());

        accounts
            .set_password("ann", "battery staple".into())
            .await
            .unwrap();
        assert!(!accounts.still_holds(&second.identity.proof).await.unwrap());
    }

    #[tokio::test]
    async fn a_token_holds_until_it_is_revoked() {
        let directory = tempfile::tempdir().unwrap();
        let accounts = accounts(&directory);
        let text = accounts.create_token("ci", Role::Viewer).await.unwrap();
        let identity = accounts.by_token(&text).await.unwrap().unwrap();
        assert_eq!(
            (identity.name.as_str(), identity.role),
            ("token:ci", Role::Viewer)
        );
        let Proof::Token { id } = identity.proof else {
            panic!("not a token")
        };
        accounts.revoke_token(id).await.unwrap();
        assert!(accounts.by_token(&text).await.unwrap().is_none());
        assert!(matches!(
            accounts.revoke_token(id).await,
            Err(AuthError::UnknownToken(_))
        ));
    }

    #[tokio::test]
    async fn guessing_is_slowed_down() {
        let directory = tempfile::tempdir().unwrap();
        let config = config::Auth {
            login_failures: 2,
            ..config::Auth::default()
        };
        let accounts = Accounts::new(Store::open(directory.path()).unwrap(), &config);
        accounts
            .add_user("ann", Role::Support, "correct horse".into())
            .await
            .unwrap();
        for _ in 0..2 {
            let error = accounts.log_in(log_in("ann", "wrong"), HERE).await.unwrap_err();
            assert!(matches!(error, AuthError::WrongPassword));
        }
        let error = accounts
            .log_in(log_in("ann", "correct horse"), HERE)
            .await
            .unwrap_err();
        assert!(matches!(error, AuthError::Throttled { .. }));
    }

    #[tokio::test]
    async fn names_and_passwords_are_checked() {
        let directory = tempfile::tempdir().unwrap();
        let accounts = accounts(&directory);
        for name in ["", " ann", "a\nb", &"x".repeat(65)] {
            let error = accounts
                .add_user(name, Role::Viewer, "correct horse".into())
                .await
                .unwrap_err();
            assert!(matches!(error, AuthError::BadName), "{name:?}");
        }
        let error = accounts
            .add_user("ann", Role::Viewer, "short".into())
            .await
            .unwrap_err();
        assert!(matches!(error, AuthError::BadPassword));
    }
}
