//! Why somebody is not let in, or an account is not changed.

use crate::store::StoreError;

#[derive(Debug, thiserror::Error)]
pub enum AuthError {
    #[error("the user name or the password is wrong")]
    WrongPassword,
    #[error("too many wrong passwords; try again in {seconds} s")]
    Throttled { seconds: u64 },
    #[error("too many people log in at this moment; try again")]
    Busy,
    #[error("there is a user '{0}' already")]
    UserExists(String),
    #[error("there is no user '{0}'")]
    UnknownUser(String),
    #[error("there is no token {0}")]
    UnknownToken(i64),
    #[error("a name has 1 to 64 characters and no control characters")]
    BadName,
    #[error("a password has 8 to 1024 bytes")]
    BadPassword,
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("the password cannot be hashed: {0}")]
    Hash(String),
    #[error("the system gives no randomness: {0}")]
    Randomness(String),
}
