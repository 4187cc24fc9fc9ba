//! Which identity may say what: the proven one is held against the endpoint name before anything else happens.
//! LwM2M Core 1.2 §6.2.1, Transport 1.2 §5.2.

use super::{Refusal, quote};
use crate::credential::Secured;
use coap::Code;
use shared::api::CredentialMode;

/// What a message without security is held against.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Demand {
    /// The mode of the endpoint's credential.
    pub(crate) mode: Option<CredentialMode>,
    /// Whether devices without a credential are let in without security.
    pub(crate) allow_unsecured: bool,
}

/// Whether the sender may register, update or end the registration of this endpoint.
///
/// # Errors
/// 4.00 if it proved to be another; 4.03 if it proved nothing and has to.
pub(crate) fn check(endpoint: &str, proven: Option<&Secured>, demand: Demand) -> Result<(), Refusal> {
    match proven {
        Some(secured) if &*secured.endpoint == endpoint => Ok(()),
        Some(secured) => Err(Refusal::bad_request(format!(
            "the endpoint name {} is not that of the session, whose {} belongs to {}",
            quote(endpoint),
            credential(secured.mode),
            quote(&secured.endpoint)
        ))),
        None => unsecured(endpoint, demand),
    }
}

/// Whether the sender may speak for a registration that was made in a secured session.
///
/// # Errors
/// 4.00.
pub(crate) fn same(endpoint: &str, registered: &Secured, proven: Option<&Secured>) -> Result<(), Refusal> {
    match proven {
        Some(secured) if secured.endpoint == registered.endpoint => Ok(()),
        Some(secured) => Err(Refusal::bad_request(format!(
            "this registration is that of {}, and the session is that of {}",
            quote(endpoint),
            quote(&secured.endpoint)
        ))),
        None => Err(Refusal::bad_request(format!(
            "the registration of {} was made over DTLS ({}), and this message came without security",
            quote(endpoint),
            credential(registered.mode)
        ))),
    }
}

fn unsecured(endpoint: &str, demand: Demand) -> Result<(), Refusal> {
    match demand.mode {
        Some(CredentialMode::None) => Ok(()),
        Some(mode) => Err(Refusal::new(
            Code::FORBIDDEN,
            format!(
                "the credential of {} is a {}, and this message came without security: use coaps",
                quote(endpoint),
                credential(mode)
            ),
        )),
        None if demand.allow_unsecured => Ok(()),
        None => Err(Refusal::new(
            Code::FORBIDDEN,
            format!(
                "{} has no credential, and devices without one are not let in without security (dtls.allow_unsecured)",
                quote(endpoint)
            ),
        )),
    }
}

const fn credential(mode: CredentialMode) -> &'static str {
    match mode {
        CredentialMode::Psk => "pre-shared key",
        CredentialMode::Rpk => "raw public key",
        CredentialMode::X509 => "certificate",
        CredentialMode::None => "permission to go without security",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::Timestamp;

    fn secured(endpoint: &str) -> Secured {
        Secured {
            mode: CredentialMode::Psk,
            endpoint: endpoint.into(),
            identity: "one".into(),
            suite: "TLS_PSK_WITH_AES_128_CCM_8".into(),
            since: Timestamp(0),
            connection_id: true,
            resumed: false,
        }
    }

    #[test]
    fn who_may_register_as_what() {
        use CredentialMode::{None as Open, Psk, Rpk, X509};
        for (proven, mode, allow_unsecured, expect) in [
            (Some("a"), Some(Psk), false, Ok(())),
            (Some("b"), Some(Psk), true, Err(Code::BAD_REQUEST)),
            (None, Some(Psk), true, Err(Code::FORBIDDEN)),
            (None, Some(Rpk), true, Err(Code::FORBIDDEN)),
            (None, Some(X509), true, Err(Code::FORBIDDEN)),
            (None, Some(Open), false, Ok(())),
            (None, None, true, Ok(())),
            (None, None, false, Err(Code::FORBIDDEN)),
        ] {
            let proven = proven.map(secured);
            let demand = Demand {
                mode,
                allow_unsecured,
            };
            let found = check("a", proven.as_ref(), demand).map_err(|refusal| refusal.code);
            assert_eq!(found, expect, "{proven:?} {demand:?}");
        }
    }

    #[test]
    fn a_secured_registration_belongs_to_its_identity() {
        let registered = secured("a");
        assert!(same("a", &registered, Some(&secured("a"))).is_ok());
        for proven in [None, Some(secured("b"))] {
            let refusal = same("a", &registered, proven.as_ref()).unwrap_err();
            assert_eq!(refusal.code, Code::BAD_REQUEST);
        }
    }
}
