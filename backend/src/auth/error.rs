//! Why somebody is not let in, or an account is not changed.

use crate::store::StoreError;
use shared::Timestamp;

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
    #[error("there is no link {0}")]
    UnknownLink(i64),
    #[error("you have no session '{0}'")]
    UnknownSession(String),
    #[error(
        "this link is not valid: it was revoked, or its address is not complete. Ask the one who sent it for a new one"
    )]
    NoSuchLink,
    #[error("this link expired at {0}. Ask the one who sent it for a new one")]
    LinkExpired(Timestamp),
    #[error("the old password is wrong")]
    WrongOldPassword,
    #[error("this is the last administrator; make somebody else one first")]
    LastAdmin,
    #[error("there are as many {0} as there may be; remove one first")]
    Full(&'static str),
    #[error("a note has at most 200 characters and no control characters")]
    BadNote,
    #[error("the time of expiry is over already")]
    Past,
    #[error("a link holds for 1 to 168 hours")]
    BadLifetime,
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
