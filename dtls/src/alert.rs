//! Alerts: how a side tells the other why it stops. RFC 5246 §7.2, RFC 4279 §2.

/// What an alert says, RFC 5246 §7.2.2 unless another source is named. [`AlertDescription::words`] says it to people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum AlertDescription {
    /// Nothing more will be sent. RFC 5246 §7.2.1.
    CloseNotify = 0,
    /// A message came out of turn.
    UnexpectedMessage = 10,
    /// A record is not authentic. Never sent: such records are dropped (RFC 6347 §4.1.2.7).
    BadRecordMac = 20,
    /// A record is longer than 16384 bytes of content.
    RecordOverflow = 22,
    /// Nothing that is offered is acceptable.
    HandshakeFailure = 40,
    /// A certificate is corrupt, or its signature does not verify.
    BadCertificate = 42,
    /// A certificate is of an unsupported kind, or not made for this use.
    UnsupportedCertificate = 43,
    /// The signer revoked the certificate.
    CertificateRevoked = 44,
    /// The certificate has expired, or is not valid yet.
    CertificateExpired = 45,
    /// The certificate or raw public key is not accepted for another reason.
    CertificateUnknown = 46,
    /// A field contradicts others or is out of range.
    IllegalParameter = 47,
    /// No trusted authority issued the chain.
    UnknownCa = 48,
    /// The credential is valid, and still its holder is not let in.
    AccessDenied = 49,
    /// A message cannot be decoded.
    DecodeError = 50,
    /// A signature or a Finished message does not verify.
    DecryptError = 51,
    /// The version offered is not supported.
    ProtocolVersion = 70,
    /// Something more secure is required than what is offered.
    InsufficientSecurity = 71,
    /// An error that has nothing to do with the peer.
    InternalError = 80,
    /// The handshake is given up for a reason outside of the protocol.
    UserCanceled = 90,
    /// A renegotiation is refused. RFC 5246 §7.4.1.1.
    NoRenegotiation = 100,
    /// A ServerHello has an extension that was not asked for.
    UnsupportedExtension = 110,
    /// The server has another name. RFC 6066 §3.
    UnrecognizedName = 112,
    /// The server does not know the identity of the pre-shared key. RFC 4279 §2.
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
