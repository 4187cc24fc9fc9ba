//! The accounts of this server, as one handle: log in, recognise, log out. [`super::users`], [`super::tokens`] and
//! [`super::links`] add how they are managed.

use super::password::PasswordHashing;
use super::secret::Secret;
use super::sessions::{self, Found, Lifetimes, NewSession, SessionKey};
use super::throttle::Throttle;
use super::users::MAX_PASSWORD;
use super::{AuthError, Identity, Proof, links, tokens};
use crate::clock;
use crate::config;
use crate::store::Store;
use shared::api::{AccountSession, LogIn, Role};
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
    ended: broadcast::Sender<Ended>,
}

/// Where somebody logs in from.
#[derive(Debug, Clone)]
pub struct Visitor {
    pub address: IpAddr,
    /// The browser, in words.
    pub agent: Option<String>,
}

/// What holds no more, for the live feeds that were opened with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    Session(SessionKey),
    /// An API token.
    Token(i64),
    /// A link to a device, with all its sessions.
    Link(i64),
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

    /// Begins a session.
    ///
    /// # Errors
    /// [`AuthError::WrongPassword`], also for a user that does not exist; [`AuthError::Throttled`].
    pub async fn log_in(&self, log_in: LogIn, visitor: Visitor) -> Result<NewSession, AuthError> {
        let LogIn { username, password } = log_in;
        self.check_throttle(&username, visitor.address)?;
        if password.len() > MAX_PASSWORD {
            return Err(AuthError::WrongPassword);
        }
        let known = self.known(&username).await?;
        let hash = known.as_ref().map(|known| known.hash.clone());
        let fits = self.inner.hashing.verify(password, hash).await?;
        self.note_attempt(&username, visitor.address, fits);
        let known = known.filter(|_| fits).ok_or(AuthError::WrongPassword)?;
        let secret = Secret::random()?;
        let (kept, lifetimes) = (secret.clone(), self.inner.lifetimes);
        self.inner
            .store
            .write(move |transaction| {
                sessions::begin(transaction, known.id, &kept, &visitor, lifetimes, clock::now())
            })
            .await?;
        let identity = sessions::identity(username, known.role, &secret);
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
            .read(
                move |connection| match sessions::find(connection, &secret, lifetimes, now)? {
                    Some(found) => Ok(Some(found)),
                    None => Ok(links::find(connection, &secret, now)?.map(|identity| Found {
                        identity,
                        touch: false,
                    })),
                },
            )
            .await?;
        if found.as_ref().is_some_and(|found| found.touch) {
            self.inner
                .store
                .write(move |transaction| sessions::touch(transaction, key, now))
                .await?;
        }
        Ok(found.map(|found| found.identity))
    }

    /// Whether what the identity was proved with still holds.
    ///
    /// # Errors
    /// [`AuthError::Store`]
    pub async fn still_holds(&self, proof: &Proof) -> Result<bool, AuthError> {
        let (lifetimes, now, store) = (self.inner.lifetimes, clock::now(), &self.inner.store);
        Ok(match *proof {
            Proof::Session { key, .. } => {
                store
                    .read(move |connection| sessions::holds(connection, key, lifetimes, now))
                    .await?
            }
            Proof::Token { id } => {
                store
                    .read(move |connection| tokens::holds(connection, id, now))
                    .await?
            }
            Proof::Link { key, .. } => {
                store
                    .read(move |connection| links::holds(connection, key, now))
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
            .write(move |transaction| {
                links::end(transaction, key)?;
                sessions::end(transaction, key)
            })
            .await?;
        self.tell(Ended::Session(key));
        Ok(())
    }

    /// The sessions of a user; `own` is the one that asks.
    ///
    /// # Errors
    /// [`AuthError::Store`]
    pub async fn sessions(&self, user: &str, own: SessionKey) -> Result<Vec<AccountSession>, AuthError> {
        let found = self.sessions_of(user, own).await?;
        Ok(found.into_iter().map(|(_, session)| session).collect())
    }

    /// Ends one of a user's sessions.
    ///
    /// # Errors
    /// [`AuthError::UnknownSession`]
    pub async fn end_session(&self, user: &str, own: SessionKey, id: &str) -> Result<(), AuthError> {
        let found = self.sessions_of(user, own).await?;
        let found = found.into_iter().find(|(_, session)| session.id == id);
        let unknown = || AuthError::UnknownSession(id.chars().take(32).collect());
        self.log_out(found.ok_or_else(unknown)?.0).await
    }

    async fn sessions_of(
        &self,
        user: &str,
        own: SessionKey,
    ) -> Result<Vec<(SessionKey, AccountSession)>, AuthError> {
        let (user, lifetimes) = (user.to_owned(), self.inner.lifetimes);
        Ok(self
            .inner
            .store
            .read(move |connection| sessions::list(connection, &user, own, lifetimes, clock::now()))
            .await?)
    }

    /// What is ended from now on.
    pub fn ended(&self) -> broadcast::Receiver<Ended> {
        self.inner.ended.subscribe()
    }

    /// Tells the live feeds.
    pub(super) fn tell(&self, ended: Ended) {
        // Without a live feed nobody listens.
        let _ = self.inner.ended.send(ended);
    }

    pub(super) fn store(&self) -> &Store {
        &self.inner.store
    }

    pub(super) fn hashing(&self) -> &PasswordHashing {
        &self.inner.hashing
    }

    pub(super) fn lifetimes(&self) -> Lifetimes {
        self.inner.lifetimes
    }

    /// Refuses an attempt after too many that failed.
    pub(super) fn check_throttle(&self, account: &str, address: IpAddr) -> Result<(), AuthError> {
        match self.throttle().wait(account, address, Instant::now()) {
            Some(wait) => Err(AuthError::Throttled {
                seconds: wait.as_secs() + 1,
            }),
            None => Ok(()),
        }
    }

    pub(super) fn note_attempt(&self, account: &str, address: IpAddr, succeeded: bool) {
        let mut throttle = self.throttle();
        if succeeded {
            throttle.succeeded(account, address);
        } else {
            throttle.failed(account, address, Instant::now());
        }
    }

    fn throttle(&self) -> std::sync::MutexGuard<'_, Throttle> {
        self.inner.throttle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::Timestamp;
    use shared::api::{ChangePassword, NewLink, NewToken, NewUser, PasswordSet};
    use std::net::Ipv4Addr;

    fn here() -> Visitor {
        Visitor {
            address: IpAddr::V4(Ipv4Addr::LOCALHOST),
            agent: None,
        }
    }

    async fn add(
        accounts: &Accounts,
        name: &str,
        role: Role,
        password: &str,
    ) -> Result<PasswordSet, AuthError> {
        let (name, password) = (name.to_owned(), Some(password.to_owned()));
        accounts.add_user(NewUser { name, role, password }).await
    }

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
        let session = accounts.log_in(log_in("admin", &password), here()).await.unwrap();
        assert_eq!(session.identity.role, Role::Admin);
        let error = accounts
            .log_in(log_in("admin", "wrong"), here())
            .await
            .unwrap_err();
        assert!(matches!(error, AuthError::WrongPassword));
    }

    #[tokio::test]
    async fn a_session_holds_until_it_is_ended_or_the_password_is_changed() {
        let directory = tempfile::tempdir().unwrap();
        let accounts = accounts(&directory);
        add(&accounts, "ann", Role::Support, "correct horse")
            .await
            .unwrap();
        let first = accounts
            .log_in(log_in("ann", "correct horse"), here())
            .await
            .unwrap();
        let second = accounts
            .log_in(log_in("ann", "correct horse"), here())
            .await
            .unwrap();
        let found = accounts.by_cookie(&first.secret.text()).await.unwrap();
        assert_eq!(found.as_ref(), Some(&first.identity));

        let mut ended = accounts.ended();
        let Proof::Session { key, .. } = first.identity.proof else {
            panic!("not a session")
        };
        accounts.log_out(key).await.unwrap();
        assert_eq!(ended.recv().await.unwrap(), Ended::Session(key));
        assert!(accounts.by_cookie(&first.secret.text()).await.unwrap().is_none());
        assert!(accounts.still_holds(&second.identity.proof).await.unwrap());

        accounts
            .set_password("ann", Some("battery staple".into()))
            .await
            .unwrap();
        assert!(!accounts.still_holds(&second.identity.proof).await.unwrap());
    }

    #[tokio::test]
    async fn a_token_holds_until_it_is_revoked() {
        let directory = tempfile::tempdir().unwrap();
        let accounts = accounts(&directory);
        let made = accounts.create_token(token("ci", None), "admin").await.unwrap();
        let text = made.secret;
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
        add(&accounts, "ann", Role::Support, "correct horse")
            .await
            .unwrap();
        for _ in 0..2 {
            let error = accounts.log_in(log_in("ann", "wrong"), here()).await.unwrap_err();
            assert!(matches!(error, AuthError::WrongPassword));
        }
        let error = accounts
            .log_in(log_in("ann", "correct horse"), here())
            .await
            .unwrap_err();
        assert!(matches!(error, AuthError::Throttled { .. }));
    }

    #[tokio::test]
    async fn names_and_passwords_are_checked() {
        let directory = tempfile::tempdir().unwrap();
        let accounts = accounts(&directory);
        for name in ["", " ann", "a\nb", &"x".repeat(65)] {
            let error = add(&accounts, name, Role::Viewer, "correct horse")
                .await
                .unwrap_err();
            assert!(matches!(error, AuthError::BadName), "{name:?}");
        }
        let error = add(&accounts, "ann", Role::Viewer, "short").await.unwrap_err();
        assert!(matches!(error, AuthError::BadPassword));
    }

    fn token(name: &str, expires: Option<Timestamp>) -> NewToken {
        NewToken {
            name: name.into(),
            role: Role::Viewer,
            note: Some(" nightly ".into()),
            expires,
        }
    }

    #[tokio::test]
    async fn a_token_ends_at_its_time_and_tells_its_last_use() {
        let directory = tempfile::tempdir().unwrap();
        let accounts = accounts(&directory);
        let soon = Timestamp(clock::now().0 + 30);
        let made = accounts
            .create_token(token("ci", Some(soon)), "ann")
            .await
            .unwrap();
        assert_eq!(made.token.note.as_deref(), Some("nightly"));
        assert_eq!(made.token.last_used, None);
        let lasting = accounts.create_token(token("ci", None), "ann").await.unwrap();
        accounts.by_token(&lasting.secret).await.unwrap().unwrap();
        let used: Vec<bool> = accounts
            .tokens()
            .await
            .unwrap()
            .iter()
            .map(|token| token.last_used.is_some())
            .collect();
        assert_eq!(used, [false, true]);
        while clock::now() <= soon {
            tokio::task::yield_now().await;
        }
        assert!(accounts.by_token(&made.secret).await.unwrap().is_none());
        let error = accounts
            .create_token(token("ci", Some(soon)), "ann")
            .await
            .unwrap_err();
        assert!(matches!(error, AuthError::Past));
    }

    #[tokio::test]
    async fn the_last_administrator_stays_one() {
        let directory = tempfile::tempdir().unwrap();
        let accounts = accounts(&directory);
        add(&accounts, "ann", Role::Admin, "correct horse").await.unwrap();
        let error = accounts.set_role("ann", Role::Viewer).await.unwrap_err();
        assert!(matches!(error, AuthError::LastAdmin));
        let error = accounts.remove_user("ann").await.unwrap_err();
        assert!(matches!(error, AuthError::LastAdmin));
        add(&accounts, "bob", Role::Admin, "correct horse").await.unwrap();
        let session = accounts
            .log_in(log_in("ann", "correct horse"), here())
            .await
            .unwrap();
        accounts.set_role("ann", Role::Viewer).await.unwrap();
        assert!(!accounts.still_holds(&session.identity.proof).await.unwrap());
        accounts.remove_user("ann").await.unwrap();
        assert!(matches!(
            accounts.remove_user("ann").await,
            Err(AuthError::UnknownUser(_))
        ));
        let names: Vec<String> = accounts
            .users()
            .await
            .unwrap()
            .into_iter()
            .map(|user| user.name)
            .collect();
        assert_eq!(names, ["bob"]);
    }

    #[tokio::test]
    async fn a_changed_password_ends_all_other_sessions_and_guesses_are_counted() {
        let directory = tempfile::tempdir().unwrap();
        let config = config::Auth {
            login_failures: 1,
            ..config::Auth::default()
        };
        let accounts = Accounts::new(Store::open(directory.path()).unwrap(), &config);
        add(&accounts, "ann", Role::Viewer, "correct horse")
            .await
            .unwrap();
        let own = accounts
            .log_in(log_in("ann", "correct horse"), here())
            .await
            .unwrap();
        let other = accounts
            .log_in(log_in("ann", "correct horse"), here())
            .await
            .unwrap();
        let Proof::Session { key, .. } = own.identity.proof else {
            panic!("not a session")
        };
        let listed = accounts.sessions("ann", key).await.unwrap();
        assert_eq!(listed.iter().filter(|session| session.current).count(), 1);
        assert_eq!(listed.len(), 2);
        let change = |old: &str| ChangePassword {
            old: old.into(),
            new: "battery staple".into(),
        };
        let address = here().address;
        accounts
            .change_password("ann", change("correct horse"), key, address)
            .await
            .unwrap();
        assert!(accounts.still_holds(&own.identity.proof).await.unwrap());
        assert!(!accounts.still_holds(&other.identity.proof).await.unwrap());
        let error = accounts
            .change_password("ann", change("correct horse"), key, address)
            .await
            .unwrap_err();
        assert!(matches!(error, AuthError::WrongOldPassword));
        let error = accounts
            .log_in(log_in("ann", "battery staple"), here())
            .await
            .unwrap_err();
        assert!(matches!(error, AuthError::Throttled { .. }));
    }

    #[tokio::test]
    async fn a_link_opens_its_device_until_it_is_revoked_or_its_maker_is_removed() {
        let directory = tempfile::tempdir().unwrap();
        let accounts = accounts(&directory);
        add(&accounts, "ann", Role::Operator, "correct horse")
            .await
            .unwrap();
        let link = || NewLink { hours: 1, note: None };
        let first = accounts.create_link("pump", link(), "ann").await.unwrap();
        let session = accounts.open_link(&first.secret).await.unwrap();
        assert_eq!(session.identity.only_device(), Some("pump"));
        let found = accounts.by_cookie(&session.secret.text()).await.unwrap();
        assert_eq!(found.as_ref(), Some(&session.identity));
        assert!(accounts.links(None).await.unwrap()[0].opened.is_some());
        accounts.revoke_link(first.link.id).await.unwrap();
        assert!(!accounts.still_holds(&session.identity.proof).await.unwrap());
        assert!(matches!(
            accounts.open_link(&first.secret).await,
            Err(AuthError::NoSuchLink)
        ));

        let second = accounts.create_link("pump", link(), "ann").await.unwrap();
        let third = accounts.create_link("valve", link(), "admin").await.unwrap();
        accounts.remove_user("ann").await.unwrap();
        assert!(matches!(
            accounts.open_link(&second.secret).await,
            Err(AuthError::NoSuchLink)
        ));
        accounts.forget_links("valve").await.unwrap();
        assert!(matches!(
            accounts.open_link(&third.secret).await,
            Err(AuthError::NoSuchLink)
        ));
        for hours in [0, 169] {
            let error = accounts
                .create_link("pump", NewLink { hours, note: None }, "ann")
                .await
                .unwrap_err();
            assert!(matches!(error, AuthError::BadLifetime));
        }
    }
}
