//! The credential that a request or a row asks for.

use crate::auth::hex;
use crate::credential::{Credential, Proof};
use shared::Timestamp;
use shared::api::GeneratedKey;
use zeroize::Zeroizing;

/// The bytes of keys that are made here: 128 bits, the strength of the suites.
const GENERATED: usize = 16;

/// What is given, as texts.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Given<'a> {
    pub(crate) mode: Option<&'a str>,
    pub(crate) identity: Option<&'a str>,
    pub(crate) key: Option<&'a str>,
    pub(crate) public_key: Option<&'a str>,
}

/// The shortest key that cannot be guessed, and the longest that devices take, in bytes.
const SHORTEST: usize = 16;
const LONGEST: usize = 64;

/// What is wanted.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// The credential stays as it is.
    Unchanged,
    /// It needs none.
    None,
    Psk {
        identity: String,
        /// Absent: one is generated.
        key: Option<Vec<u8>>,
    },
    Rpk {
        public_key: Vec<u8>,
    },
    X509,
}

/// Without keys.
impl std::fmt::Debug for Wanted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Wanted::Unchanged => "unchanged",
            Wanted::None => "none",
            Wanted::Psk { .. } => "psk",
            Wanted::Rpk { .. } => "rpk",
            Wanted::X509 => "x509",
        })
    }
}

impl Wanted {
    /// The credential that is wanted, with the key that was generated for it; none if it stays as it is.
    ///
    /// # Errors
    /// In words, if the system gives no randomness.
    pub(crate) fn credential(
        &self,
        endpoint: &str,
        at: Timestamp,
    ) -> Result<(Option<Credential>, Option<GeneratedKey>), String> {
        let mut generated = None;
        let proof = match self {
            Wanted::Unchanged => return Ok((None, None)),
            Wanted::None => Proof::None,
            Wanted::X509 => Proof::X509,
            Wanted::Rpk { public_key } => Proof::Rpk {
                public_key: public_key.clone(),
            },
            Wanted::Psk { identity, key } => {
                let key = match key {
                    Some(key) => Zeroizing::new(key.clone()),
                    None => {
                        let mut key = Zeroizing::new(vec![0; GENERATED]);
                        getrandom::fill(&mut key).map_err(|error| error.to_string())?;
                        generated = Some(GeneratedKey {
                            identity: identity.clone(),
                            key: hex(&key),
                        });
                        key
                    }
                };
                Proof::Psk {
                    identity: identity.as_bytes().to_vec(),
                    key,
                }
            }
        };
        let credential = Credential {
            endpoint: endpoint.into(),
            proof,
            created: at,
            expires: None,
        };
        Ok((Some(credential), generated))
    }

    /// # Errors
    /// In words, if what is given does not go together.
    pub(crate) fn of(endpoint: &str, given: Given<'_>) -> Result<Wanted, String> {
        let mode = match given.mode {
            Some(mode) => mode.to_ascii_lowercase(),
            None if given.identity.is_some() || given.key.is_some() => "psk".into(),
            None if given.public_key.is_some() => "rpk".into(),
            None => return Ok(Wanted::Unchanged),
        };
        let has_psk = given.identity.is_some() || given.key.is_some();
        match mode.as_str() {
            "psk" => {
                let identity = given.identity.unwrap_or(endpoint);
                if identity.len() > 128 {
                    return Err("an identity has at most 128 bytes".into());
                }
                let key = given.key.map(hexadecimal).transpose()?;
                if let Some(key) = &key
                    && !(SHORTEST..=LONGEST).contains(&key.len())
                {
                    return Err(format!(
                        "a key has {SHORTEST} bytes or more, so that it cannot be guessed, and at most {LONGEST}; this one has {}",
                        key.len()
                    ));
                }
                Ok(Wanted::Psk {
                    identity: identity.to_owned(),
                    key,
                })
            }
            "rpk" if has_psk => Err("a raw public key has no identity and no key, but a public_key".into()),
            "rpk" => {
                let key = given.public_key.ok_or("a raw public key needs its public_key")?;
                Ok(Wanted::Rpk {
                    public_key: hexadecimal(key)?,
                })
            }
            "x509" | "none" if has_psk => Err(format!("the mode {mode} has no identity and no key")),
            "x509" => Ok(Wanted::X509),
            "none" => Ok(Wanted::None),
            _ => Err(format!(
                "{} is no mode; there are psk, rpk, x509 and none",
                crate::lwm2m::quote(&mode)
            )),
        }
    }
}

fn hexadecimal(text: &str) -> Result<Vec<u8>, String> {
    shared::bootstrap::parse_bytes(&format!("hex:{text}"))
        .map_err(|_| "a key is written in hexadecimal".into())
}
