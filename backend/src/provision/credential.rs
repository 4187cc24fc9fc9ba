//! The credential that a request or a row asks for.

use crate::auth::hex;
use crate::credential::{Authority, CertificateName, Credential, EndpointName, Proof};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rcgen::{KeyPair, PublicKeyData};
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
    pub(crate) certificate_name: Option<&'a str>,
    pub(crate) generate: bool,
}

/// What certificates are made with.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Maker<'a> {
    pub(crate) authority: &'a Authority,
    /// Where a certificate names the endpoint.
    pub(crate) place: EndpointName,
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
        /// Absent: a pair is generated.
        public_key: Option<Vec<u8>>,
    },
    /// A certificate of the device's own, and by what it is known if it does not name the endpoint.
    X509 { name: Option<CertificateName> },
    /// Key pair and certificate are generated.
    MadeX509,
}

/// Without keys.
impl std::fmt::Debug for Wanted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Wanted::Unchanged => "unchanged",
            Wanted::None => "none",
            Wanted::Psk { .. } => "psk",
            Wanted::Rpk { .. } => "rpk",
            Wanted::X509 { .. } | Wanted::MadeX509 => "x509",
        })
    }
}

impl Wanted {
    /// The credential that is wanted, with the key that was generated for it; none if it stays as it is.
    ///
    /// # Errors
    /// In words, if the system gives no randomness, or the endpoint name does not fit a certificate.
    pub(crate) fn credential(
        &self,
        endpoint: &str,
        at: Timestamp,
        maker: Maker<'_>,
    ) -> Result<(Option<Credential>, Option<GeneratedKey>), String> {
        let mut generated = None;
        let proof = match self {
            Wanted::Unchanged => return Ok((None, None)),
            Wanted::None => Proof::None,
            Wanted::X509 { name } => Proof::X509 {
                certificate_name: name.clone(),
            },
            Wanted::MadeX509 => {
                let pair = KeyPair::generate().map_err(|error| error.to_string())?;
                let signed = maker.authority.sign(endpoint, maker.place, &pair);
                let certificate = signed.map_err(|error| error.to_string())?;
                generated = Some(GeneratedKey {
                    certificate: hex(&certificate),
                    pem: format!("{}{}", pair.serialize_pem(), pem("CERTIFICATE", &certificate)),
                    ..pair_key("x509", &pair)
                });
                Proof::CERTIFICATE
            }
            Wanted::Rpk {
                public_key: Some(public_key),
            } => Proof::Rpk {
                public_key: public_key.clone(),
            },
            Wanted::Rpk { public_key: None } => {
                let pair = KeyPair::generate().map_err(|error| error.to_string())?;
                let public_key = pair.subject_public_key_info();
                generated = Some(GeneratedKey {
                    pem: format!("{}{}", pair.serialize_pem(), pem("PUBLIC KEY", &public_key)),
                    ..pair_key("rpk", &pair)
                });
                Proof::Rpk { public_key }
            }
            Wanted::Psk { identity, key } => {
                let key = match key {
                    Some(key) => Zeroizing::new(key.clone()),
                    None => {
                        let mut key = Zeroizing::new(vec![0; GENERATED]);
                        getrandom::fill(&mut key).map_err(|error| error.to_string())?;
                        generated = Some(GeneratedKey {
                            identity: identity.clone(),
                            key: hex(&key),
                            ..nothing("psk")
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
            None if given.certificate_name.is_some() => "x509".into(),
            None if given.generate => {
                return Err("what is to be generated has a mode: psk, rpk or x509".into());
            }
            None => return Ok(Wanted::Unchanged),
        };
        let has_psk = given.identity.is_some() || given.key.is_some();
        match mode.as_str() {
            "psk" | "rpk" | "none" if given.certificate_name.is_some() => Err(format!(
                "the mode {mode} has no certificate, and no certificate_name"
            )),
            "x509" if given.generate && given.certificate_name.is_some() => {
                Err("a certificate that is generated names the endpoint: it has no certificate_name".into())
            }
            "none" if given.generate => Err("the mode none has nothing that could be generated".into()),
            "psk" | "rpk" if given.generate && (given.key.is_some() || given.public_key.is_some()) => {
                Err("a key is either given or generated".into())
            }
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
            "rpk" => Ok(Wanted::Rpk {
                public_key: given.public_key.map(hexadecimal).transpose()?,
            }),
            "x509" | "none" if has_psk => Err(format!("the mode {mode} has no identity and no key")),
            "x509" if given.generate => Ok(Wanted::MadeX509),
            "x509" => Ok(Wanted::X509 {
                name: given.certificate_name.map(CertificateName::parse).transpose()?,
            }),
            "none" => Ok(Wanted::None),
            _ => Err(format!(
                "{} is no mode; there are psk, rpk, x509 and none",
                crate::lwm2m::quote(&mode)
            )),
        }
    }
}

fn nothing(mode: &str) -> GeneratedKey {
    GeneratedKey {
        mode: mode.to_owned(),
        identity: String::new(),
        key: String::new(),
        public_key: String::new(),
        private_key: String::new(),
        certificate: String::new(),
        pem: String::new(),
    }
}

fn pair_key(mode: &str, pair: &KeyPair) -> GeneratedKey {
    GeneratedKey {
        public_key: hex(&pair.subject_public_key_info()),
        private_key: hex(pair.serialized_der()),
        ..nothing(mode)
    }
}

/// DER as PEM. RFC 7468 §2.
fn pem(label: &str, der: &[u8]) -> String {
    let text = STANDARD.encode(der);
    let mut pem = format!("-----BEGIN {label}-----\n");
    let mut rest = text.as_str();
    while !rest.is_empty() {
        let (line, after) = rest.split_at(rest.len().min(64));
        pem.push_str(line);
        pem.push('\n');
        rest = after;
    }
    pem.push_str(&format!("-----END {label}-----\n"));
    pem
}

fn hexadecimal(text: &str) -> Result<Vec<u8>, String> {
    shared::bootstrap::parse_bytes(&format!("hex:{text}"))
        .map_err(|_| "a key is written in hexadecimal".into())
}
