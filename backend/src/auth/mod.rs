//! Who may do what: accounts with a role, sessions of the page, tokens of scripts, and the log of what was changed.
//!
//! Passwords are kept as argon2id hashes, session and token secrets as SHA-256 of 256 random bits. Nothing here knows
//! of HTTP except [`guard`], which is the only way a request gets an [`Identity`].

mod accounts;
pub mod audit;
mod error;
pub mod guard;
pub mod origin;
mod password;
mod schema;
mod secret;
mod sessions;
mod throttle;
mod tokens;

pub use accounts::{Accounts, FirstAdmin};
pub use error::AuthError;
pub use schema::ACCOUNTS;
pub use secret::Secret;
pub(crate) use secret::{from_hex, hex};
pub use sessions::{NewSession, SessionKey};
pub use tokens::TokenView;

use shared::api::Role;

/// Who a request comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// The user's name; `token:NAME` for an API token.
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
}

/// The role of this name, as the API and the database write it.
pub fn role_from_name(name: &str) -> Option<Role> {
    ROLES
        .iter()
        .find(|(_, known)| *known == name)
        .map(|(role, _)| *role)
}

/// The name of this role.
pub fn role_name(role: Role) -> &'static str {
    ROLES
        .iter()
        .find(|(known, _)| *known == role)
        .map_or("", |(_, name)| name)
}

const ROLES: [(Role, &str); 4] = [
    (Role::Viewer, "viewer"),
    (Role::Support, "support"),
    (Role::Operator, "operator"),
    (Role::Admin, "admin"),
];
