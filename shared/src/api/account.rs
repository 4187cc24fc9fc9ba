//! Accounts: users, their sessions, API tokens, and links that show one device.

use super::Role;
use crate::Timestamp;
use crate::compact::Compact;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Somebody who may log in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Compact)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UserView {
    pub name: String,
    pub role: Role,
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub created: Timestamp,
    /// The last log-in; absent for one who never did.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub logged_in: Option<Timestamp>,
    /// How many sessions hold.
    pub sessions: u32,
}

/// `GET /users`: all of them, by name.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, Compact)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UserList {
    pub items: Vec<UserView>,
}

/// `POST /users`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct NewUser {
    /// 1 to 64 characters.
    pub name: String,
    pub role: Role,
    /// 8 to 1024 bytes; one is made up if absent.
    #[serde(default)]
    pub password: Option<String>,
}

/// `PATCH /users/{name}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct UserPatch {
    pub role: Role,
}

/// `POST /users/{name}/password`.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ResetPassword {
    /// 8 to 1024 bytes; one is made up if absent.
    #[serde(default)]
    pub password: Option<String>,
}

/// The password that a user has from now on.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Compact)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PasswordSet {
    pub name: String,
    /// The password if it was made up. It is told only this once.
    pub generated: Option<String>,
}

/// `POST /session/password`: another password for one's own account.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ChangePassword {
    pub old: String,
    /// 8 to 1024 bytes.
    pub new: String,
}

/// One of one's own sessions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Compact)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AccountSession {
    /// Names it to end it; is not the secret of its cookie.
    pub id: String,
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub created: Timestamp,
    /// Its last use, to the minute.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub seen: Timestamp,
    /// Where it was begun from.
    pub address: Option<String>,
    /// `"Firefox on Windows"`.
    pub agent: Option<String>,
    /// Whether it is the one that asks.
    pub current: bool,
}

/// `GET /sessions`: those that hold, the one used last first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, Compact)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AccountSessionList {
    pub items: Vec<AccountSession>,
}

/// `POST /tokens`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct NewToken {
    /// What the audit log calls it, `token:NAME`: 1 to 64 characters.
    pub name: String,
    pub role: Role,
    /// What it is for, at most 200 characters.
    #[serde(default)]
    pub note: Option<String>,
    /// From when on it is refused; never if absent.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub expires: Option<Timestamp>,
}

/// An API token: everything but its secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Compact)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TokenView {
    pub id: i64,
    pub name: String,
    pub role: Role,
    pub note: Option<String>,
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub created: Timestamp,
    /// Who made it; absent for those made before it was noted.
    pub created_by: Option<String>,
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub expires: Option<Timestamp>,
    /// To the minute.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub last_used: Option<Timestamp>,
}

/// `GET /tokens`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, Compact)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TokenList {
    pub items: Vec<TokenView>,
}

/// The answer to `POST /tokens`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Compact)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TokenCreated {
    pub token: TokenView,
    /// What goes behind `Authorization: Bearer`. It is told only this once.
    pub secret: String,
}

/// `POST /devices/{endpoint}/links`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct NewLink {
    /// For how long it opens the device: 1 to 168 hours.
    pub hours: u32,
    /// For whom or what it is, at most 200 characters.
    #[serde(default)]
    pub note: Option<String>,
}

/// A link that shows one device to whoever has it: everything but its secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Compact)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LinkView {
    pub id: i64,
    pub endpoint: String,
    pub note: Option<String>,
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub created: Timestamp,
    pub created_by: String,
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub expires: Timestamp,
    /// When it was opened last.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub opened: Option<Timestamp>,
}

/// `GET /links` and `GET /devices/{endpoint}/links`, the newest first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, Compact)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LinkList {
    pub items: Vec<LinkView>,
}

/// The answer to `POST /devices/{endpoint}/links`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Compact)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LinkCreated {
    pub link: LinkView,
    /// What follows `/link#` in the address. It is told only this once.
    pub secret: String,
}

/// `POST /session/link`: a session for the secret of a link.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct OpenLink {
    pub secret: String,
}

/// Shows a type with everything but its secrets.
macro_rules! without_secrets {
    ($($name:ident { $($shown:ident),* })*) => {$(
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct(stringify!($name))
                    $(.field(stringify!($shown), &self.$shown))*
                    .finish_non_exhaustive()
            }
        }
    )*};
}

without_secrets! {
    NewUser { name, role }
    ResetPassword {}
    PasswordSet { name }
    ChangePassword {}
    TokenCreated { token }
    LinkCreated { link }
    OpenLink {}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_password_is_shown_by_debug() {
        let user = NewUser {
            name: "ann".into(),
            role: Role::Viewer,
            password: Some("correct horse".into()),
        };
        let change = ChangePassword {
            old: "correct horse".into(),
            new: "correct horse".into(),
        };
        let shown = format!("{user:?} {change:?}");
        assert!(shown.contains("ann") && !shown.contains("horse"), "{shown}");
    }
}
