//! An authority that certifies devices and servers.

use rcgen::{BasicConstraints, CertificateParams, DistinguishedName, DnType, IsCa, Issuer, KeyPair, SanType};
use std::path::{Path, PathBuf};

pub(crate) struct Authority {
    issuer: Issuer<'static, KeyPair>,
    der: Vec<u8>,
    pem: String,
}

/// A certificate with its private key.
#[derive(Debug)]
pub(crate) struct Certified {
    pub(crate) der: Vec<u8>,
    pub(crate) pem: String,
    pub(crate) key: KeyPair,
}

/// Where the name of a certificate stands, and until when it is valid.
pub(crate) struct Wanted<'a> {
    pub(crate) common_name: &'a str,
    pub(crate) uri: Option<&'a str>,
    pub(crate) until: i32,
}

impl Authority {
    pub(crate) fn new(name: &str) -> Authority {
        let mut parameters = parameters(name, 2090);
        parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let certificate = parameters.self_signed(&key).unwrap();
        Authority {
            issuer: Issuer::new(parameters, key),
            der: certificate.der().to_vec(),
            pem: certificate.pem(),
        }
    }

    /// Its certificate.
    pub(crate) fn der(&self) -> Vec<u8> {
        self.der.clone()
    }

    pub(crate) fn certify(&self, wanted: &Wanted<'_>) -> Certified {
        let mut parameters = parameters(wanted.common_name, wanted.until);
        parameters.subject_alt_names = vec![SanType::IpAddress([127, 0, 0, 1].into())];
        if let Some(uri) = wanted.uri {
            parameters
                .subject_alt_names
                .push(SanType::URI(uri.try_into().unwrap()));
        }
        let key = KeyPair::generate().unwrap();
        let certificate = parameters.signed_by(&key, &self.issuer).unwrap();
        Certified {
            der: certificate.der().to_vec(),
            pem: certificate.pem(),
            key,
        }
    }

    /// For a server that is reached by this name alone.
    pub(crate) fn certify_host(&self, host: &str) -> Certified {
        let mut parameters = parameters(host, 2090);
        parameters.subject_alt_names = vec![SanType::DnsName(host.try_into().unwrap())];
        let key = KeyPair::generate().unwrap();
        let certificate = parameters.signed_by(&key, &self.issuer).unwrap();
        Certified {
            der: certificate.der().to_vec(),
            pem: certificate.pem(),
            key,
        }
    }

    /// For a device or a server of this name.
    pub(crate) fn certify_name(&self, common_name: &str) -> Certified {
        self.certify(&Wanted {
            common_name,
            uri: None,
            until: 2090,
        })
    }

    /// The authority's certificate as a PEM file in this directory.
    pub(crate) fn write(&self, directory: &Path) -> PathBuf {
        written(directory, "authority.pem", &self.pem)
    }
}

impl Certified {
    /// Certificate and key as PEM files in this directory.
    pub(crate) fn write(&self, directory: &Path, name: &str) -> (PathBuf, PathBuf) {
        (
            written(directory, &format!("{name}.pem"), &self.pem),
            written(directory, &format!("{name}.key"), &self.key.serialize_pem()),
        )
    }
}

fn written(directory: &Path, name: &str, text: &str) -> PathBuf {
    let file = directory.join(name);
    std::fs::write(&file, text).unwrap();
    file
}

fn parameters(common_name: &str, until: i32) -> CertificateParams {
    let mut parameters = CertificateParams::default();
    parameters.distinguished_name = DistinguishedName::new();
    parameters
        .distinguished_name
        .push(DnType::CommonName, common_name);
    parameters.not_before = rcgen::date_time_ymd(2020, 1, 1);
    parameters.not_after = rcgen::date_time_ymd(until, 1, 1);
    parameters
}
