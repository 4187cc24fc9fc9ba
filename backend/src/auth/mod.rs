//! Who may do what: accounts with a role, sessions of the page, tokens of scripts, and the log of what was changed.
//!
//! Passwords are kept as argon2id hashes, session and token secrets as SHA-256 of 256 random bits. Nothing here knows
//! of HTTP except [`guard`], which is the only way a request gets an [`Identity`].

mod accounts;
pub mod agent;
pub mod audit;
mod error;
pub mod guard;
mod links;
pub mod origin;
mod password;
mod schema;
mod scope;
mod secret;
mod sessions;
mod throttle;
mod tokens;
mod users;

pub use accounts::{Accounts, Ended, FirstAdmin, Visitor};
pub use error::AuthError;
pub use schema::{ACCOUNTS, LINKS};
pub use secret::Secret;
pub(crate) use secret::{from_hex, hex};
pub use sessions::{NewSession, SessionKey};

use shared::Timestamp;
use shared::api::Role;

/// Who a request comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// The user's name; `token:NAME` for an API token, `link:ID` for a link to one device.
    pub name: String,
    pub role: Role,
    pub proof: Proof,
}

/// What the request proved it with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Proof {
    /// A session cookie. Requests that change something also have to show this token.
    Session { key: SessionKey, csrf_token: String },
    /// A bearer token, which a browser never sends by itself.
    Token { id: i64 },
    /// The cookie of a session that a link began; it shows this device until then.
    Link {
        id: i64,
        key: SessionKey,
        csrf_token: String,
        device: String,
        expires: Timestamp,
    },
}

impl Proof {
    /// What a request that changes something also has to show; nothing for a token.
    pub fn csrf_token(&self) -> Option<&str> {
        match self {
            Proof::Session { csrf_token, .. } | Proof::Link { csrf_token, .. } => Some(csrf_token),
            Proof::Token { .. } => None,
        }
    }

    /// Whether it holds no more after this.
    pub fn is_ended_by(&self, ended: Ended) -> bool {
        match (self, ended) {
            (Proof::Session { key, .. } | Proof::Link { key, .. }, Ended::Session(ended)) => *key == ended,
            (Proof::Token { id }, Ended::Token(ended)) | (Proof::Link { id, .. }, Ended::Link(ended)) => {
                *id == ended
            }
            _ => false,
        }
    }
}
