//! The cipher suites: what each is made of.

/// How the two sides come to a shared secret, and who proves what by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum KeyExchange {
    /// Both know a secret beforehand. RFC 4279 §2.
    Psk,
    /// An ephemeral P-256 exchange, signed with ECDSA. RFC 8422 §2.2.
    EcdheEcdsa,
}

/// How records are protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Protection {
    /// AES-128 in counter mode with CBC-MAC, with a tag of 8 bytes. RFC 6655 §6.
    Ccm8,
    /// The same with a tag of 16 bytes. RFC 6655 §3.
    Ccm,
    /// AES-128 in Galois/counter mode. RFC 5288 §3.
    Gcm,
    /// AES-128 in CBC mode with HMAC-SHA-256. RFC 5246 §6.2.3.2.
    CbcSha256,
}

/// A cipher suite this crate speaks. All use SHA-256 for the key derivation and the Finished messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u16)]
pub enum CipherSuite {
    /// `TLS_PSK_WITH_AES_128_CCM_8`, RFC 6655: what LwM2M requires of every device with a pre-shared key.
    PskAes128Ccm8 = 0xc0a8,
    /// `TLS_PSK_WITH_AES_128_CCM`, RFC 6655
    PskAes128Ccm = 0xc0a4,
    /// `TLS_PSK_WITH_AES_128_GCM_SHA256`, RFC 5487
    PskAes128GcmSha256 = 0x00a8,
    /// `TLS_PSK_WITH_AES_128_CBC_SHA256`, RFC 5487
    PskAes128CbcSha256 = 0x00ae,
    /// `TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8`, RFC 7251: what LwM2M requires with raw public keys and certificates.
    EcdheEcdsaAes128Ccm8 = 0xc0ae,
    /// `TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256`, RFC 5289
    EcdheEcdsaAes128GcmSha256 = 0xc02b,
    /// `TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256`, RFC 5289
    EcdheEcdsaAes128CbcSha256 = 0xc023,
}

impl CipherSuite {
    /// Every suite, in the order in which a server prefers them: small tags first, CBC last.
    pub const ALL: [CipherSuite; 7] = [
        CipherSuite::EcdheEcdsaAes128Ccm8,
        CipherSuite::EcdheEcdsaAes128GcmSha256,
        CipherSuite::PskAes128Ccm8,
        CipherSuite::PskAes128Ccm,
        CipherSuite::PskAes128GcmSha256,
        CipherSuite::EcdheEcdsaAes128CbcSha256,
        CipherSuite::PskAes128CbcSha256,
    ];

    /// The number in the IANA registry.
    pub const fn number(self) -> u16 {
        self as u16
    }

    /// The suite with this number, if this crate speaks it.
    pub fn from_number(number: u16) -> Option<CipherSuite> {
        CipherSuite::ALL
            .into_iter()
            .find(|suite| suite.number() == number)
    }

    /// The name in the IANA registry.
    pub const fn name(self) -> &'static str {
        match self {
            CipherSuite::PskAes128Ccm8 => "TLS_PSK_WITH_AES_128_CCM_8",
            CipherSuite::PskAes128Ccm => "TLS_PSK_WITH_AES_128_CCM",
            CipherSuite::PskAes128GcmSha256 => "TLS_PSK_WITH_AES_128_GCM_SHA256",
            CipherSuite::PskAes128CbcSha256 => "TLS_PSK_WITH_AES_128_CBC_SHA256",
            CipherSuite::EcdheEcdsaAes128Ccm8 => "TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8",
            CipherSuite::EcdheEcdsaAes128GcmSha256 => "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
            CipherSuite::EcdheEcdsaAes128CbcSha256 => "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256",
        }
    }

    /// How the suite exchanges keys.
    pub const fn key_exchange(self) -> KeyExchange {
        match self {
            CipherSuite::PskAes128Ccm8
            | CipherSuite::PskAes128Ccm
            | CipherSuite::PskAes128GcmSha256
            | CipherSuite::PskAes128CbcSha256 => KeyExchange::Psk,
            CipherSuite::EcdheEcdsaAes128Ccm8
            | CipherSuite::EcdheEcdsaAes128GcmSha256
            | CipherSuite::EcdheEcdsaAes128CbcSha256 => KeyExchange::EcdheEcdsa,
        }
    }

    pub(crate) const fn protection(self) -> Protection {
        match self {
            CipherSuite::PskAes128Ccm8 | CipherSuite::EcdheEcdsaAes128Ccm8 => Protection::Ccm8,
            CipherSuite::PskAes128Ccm => Protection::Ccm,
            CipherSuite::PskAes128GcmSha256 | CipherSuite::EcdheEcdsaAes128GcmSha256 => Protection::Gcm,
            CipherSuite::PskAes128CbcSha256 | CipherSuite::EcdheEcdsaAes128CbcSha256 => Protection::CbcSha256,
        }
    }
}
