//! What a bootstrap server tells a device, as data. LwM2M Core 1.2 §6.1.
//!
//! - [`BootstrapConfiguration`]: what a person writes, a template with variables.
//! - [`Draft`]: the same for one device, with its variables filled in and every value typed.
//! - [`check`]: what is wrong with it, in words, before anything is sent.
//! - [`Arrangement`]: the draft laid around what the device has, as the list of [`Command`]s it is sent.
//! - [`SessionView`], [`StepView`], [`SessionStep`]: what happened, for the page and the journal.
//!
//! Nothing here sends anything; the session that does lies in the server.

mod account;
mod arrange;
mod check;
mod configuration;
mod discovered;
mod draft;
mod encode;
mod finding;
mod session;
mod template;
#[cfg(test)]
mod tests;
mod uri;

pub use account::{AccountSecurity, ServerAccount};
pub use arrange::{Arrangement, Command, Write};
pub use check::check;
pub use configuration::{AccessEntry, BootstrapConfiguration, ObjectInstance, STORED};
pub use discovered::{Discovered, SecurityInstance};
pub use draft::{Draft, Instance, Slot};
pub use encode::{FORMATS, Message, formats_after, is_bootstrap_format, messages, pack, payload};
pub use finding::{Finding, Severity, has_refusal, locks_out};
pub use session::{Awaited, SessionState, SessionStep, SessionView, StepKind, StepView};
pub use template::{TemplateError, Variable, Variables, parse_bytes};
pub use uri::{ServerUri, UriError};
