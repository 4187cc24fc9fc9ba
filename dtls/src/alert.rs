//! Alerts: how a side tells the other why it stops. RFC 5246 §7.2, RFC 4279 §2.

/// What an alert says. [`AlertDescription::words`] says it to people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum AlertDescription {
    CloseNotify = 0,
    UnexpectedMessage = 10,
    BadRecordMac = 20,
    RecordOverflow = 22,
    HandshakeFailure = 40,
    BadCertificate = 42,
    UnsupportedCertificate = 43,
    CertificateRevoked = 44,
    CertificateExpired = 45,
    CertificateUnknown = 46,
    IllegalParameter = 47,
    UnknownCa = 48,
    AccessDenied = 49,
    DecodeError = 50,
    DecryptError = 51,
    ProtocolVersion = 70,
    InsufficientSecurity = 71,
    InternalError = 80,
    UserCanceled = 90,
    NoRenegotiation = 100,
    UnsupportedExtension = 110,
    UnrecognizedName = 112,
    UnknownPskIdentity = 115,
}

impl AlertDescription {
    const ALL: [AlertDescription; 23] = [
        AlertDescription::CloseNotify,
        AlertDescription::UnexpectedMessage,
        AlertDescription::BadRecordMac,
        AlertDescription::RecordOverflow,
        AlertDescription::HandshakeFailure,
        AlertDescription::BadCertificate,
        AlertDescription::UnsupportedCertificate,
        AlertDescription::CertificateRevoked,
        AlertDescription::CertificateExpired,
        AlertDescription::CertificateUnknown,
        AlertDescription::IllegalParameter,
        AlertDescription::UnknownCa,
        AlertDescription::AccessDenied,
        AlertDescription::DecodeError,
        AlertDescription::DecryptError,
        AlertDescription::ProtocolVersion,
        AlertDescription::InsufficientSecurity,
        AlertDescription::InternalError,
        AlertDescription::UserCanceled,
        AlertDescription::NoRenegotiation,
        AlertDescription::UnsupportedExtension,
        AlertDescription::UnrecognizedName,
        AlertDescription::UnknownPskIdentity,
    ];

    /// The description with this number, if it is known.
    pub fn from_byte(byte: u8) -> Option<AlertDescription> {
        AlertDescription::ALL
            .into_iter()
            .find(|known| *known as u8 == byte)
    }

    /// What a person should know who reads that a handshake ended so.
    pub const fn words(self) -> &'static str {
        match self {
            AlertDescription::CloseNotify => "the session was closed",
            AlertDescription::UnexpectedMessage => "a message came that does not belong there",
            AlertDescription::BadRecordMac => "a record was not authentic",
            AlertDescription::RecordOverflow => "a record was too long",
            AlertDescription::HandshakeFailure => "no security settings suit both sides",
            AlertDescription::BadCertificate => "the certificate is broken or its signature is wrong",
            AlertDescription::UnsupportedCertificate => "the certificate is of a kind that is not supported",
            AlertDescription::CertificateRevoked => "the certificate was revoked",
            AlertDescription::CertificateExpired => "the certificate has expired or is not valid yet",
            AlertDescription::CertificateUnknown => "the certificate or key is not one that is accepted",
            AlertDescription::IllegalParameter => "a field had a value that is not allowed",
            AlertDescription::UnknownCa => "the certificate's authority is not trusted",
            AlertDescription::AccessDenied => "the identity is valid but not let in",
            AlertDescription::DecodeError => "a message could not be decoded",
            AlertDescription::DecryptError => {
                "a signature or the Finished message did not verify: the keys differ"
            }
            AlertDescription::ProtocolVersion => "the protocol version is not supported",
            AlertDescription::InsufficientSecurity => "stronger settings are required",
            AlertDescription::InternalError => "the other side had an error of its own",
            AlertDescription::UserCanceled => "the handshake was cancelled",
            AlertDescription::NoRenegotiation => "renegotiation is refused",
            AlertDescription::UnsupportedExtension => "an extension was granted that was not asked for",
            AlertDescription::UnrecognizedName => "the server does not go by the name asked for",
            AlertDescription::UnknownPskIdentity => "the identity of the pre-shared key is not known",
        }
    }
}
