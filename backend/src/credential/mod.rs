//! The devices' credentials: how each proves who it is, kept encrypted, looked up by endpoint and by identity.
//!
//! LwM2M Core 1.2 §5.2.8 and Transport 1.2 §5.2. Nothing here knows of sockets or of HTTP. Keys go in and are never told again,
//! but to the handshake that needs them.

mod authority;
mod book;
mod certificate;
mod keys;
mod owner;
mod proof;
mod schema;
mod secured;
mod vault;

pub use authority::Authority;
pub use book::{Credential, CredentialError, Credentials, Use};
pub use certificate::{CertificateName, EndpointName, Trust};
pub use keys::{KeyError, ServerKey, authorities};
pub(crate) use owner::{claimed, keys_may_differ, owner, shown};
pub use proof::Proof;
pub use schema::{BOOTSTRAP_CREDENTIALS, CREDENTIALS};
pub(crate) use secured::{Secured, SecurityMode};
pub use vault::{Vault, VaultError};
