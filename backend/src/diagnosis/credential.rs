//! Whether the server knows how the device proves who it is.

use super::{Facts, More, found};
use shared::DeviceState;
use shared::api::{Check, CheckKind, CheckVerdict, CredentialMode, Remedy};

const LOOKED_AT: &str = "the credentials, and whether devices without security may register";
/// How long before its end a credential is a weakness, in milliseconds.
const SOON: i64 = 14 * 86_400_000;

pub(super) fn check(facts: &Facts) -> Check {
    let say = |verdict, finding: String| found(CheckKind::Credential, verdict, finding, LOOKED_AT);
    let Some(credential) = &facts.credential else {
        return without(facts);
    };
    let kept = facts.ago(credential.created);
    let known = match credential.mode {
        CredentialMode::Psk => format!("A pre-shared key is kept for it, stored {kept}."),
        CredentialMode::Rpk => format!("Its raw public key is kept, stored {kept}."),
        CredentialMode::X509 => match &credential.certificate_name {
            None => format!("A certificate that names it is accepted; that was entered {kept}."),
            Some(name) => format!(
                "The certificate {} is accepted as its own; that was entered {kept}.",
                crate::lwm2m::quote(name)
            ),
        },
        CredentialMode::None => "It may register without proving who it is.".into(),
    };
    let check = match credential.expires {
        Some(expires) if expires <= facts.now => say(
            CheckVerdict::Fail,
            format!(
                "Its credential expired {}, so its handshakes are refused.",
                facts.ago(expires)
            ),
        ),
        Some(expires) if expires.since(facts.now) < SOON => say(
            CheckVerdict::Warning,
            format!("{known} It expires {}.", facts.when(expires)),
        ),
        _ if credential.mode == CredentialMode::None => say(
            CheckVerdict::Warning,
            format!("{known} Anybody who reaches the server could speak in its name."),
        ),
        _ => say(CheckVerdict::Pass, known),
    };
    check.at(Some(credential.created)).remedy(Remedy::Credential)
}

fn without(facts: &Facts) -> Check {
    let (verdict, finding) = match (facts.insecure_allowed, facts.state) {
        (false, _) => (
            CheckVerdict::Fail,
            "No credential is kept for it, and devices without security are not let in: it cannot register.",
        ),
        (true, None | Some(DeviceState::NeverSeen)) => (
            CheckVerdict::Unknown,
            "No credential is kept for it. It can register without security; a handshake would be refused.",
        ),
        (true, Some(_)) => (
            CheckVerdict::Warning,
            "No credential is kept for it: what it says of itself is believed, and anybody who reaches the server could \
             speak in its name.",
        ),
    };
    found(CheckKind::Credential, verdict, finding, LOOKED_AT).remedy(Remedy::Credential)
}
