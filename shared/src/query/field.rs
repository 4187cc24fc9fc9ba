//! The fields of a query by name.

/// A field that holds a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TextField {
    Endpoint,
    Label,
    Manufacturer,
    Model,
    Serial,
    Firmware,
    /// The LwM2M version, `1.1`.
    Version,
    /// `none`, `psk`, `rpk`, `x509`.
    Security,
    Address,
    /// The endpoint of the gateway the device is behind.
    Parent,
}

/// A field that holds a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NumberField {
    /// Seconds.
    Lifetime,
    /// Operations that wait for the device.
    Pending,
}

/// A field that holds a point in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimeField {
    Seen,
    Registered,
}

/// A field that holds yes or no.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FlagField {
    QueueMode,
}

/// What a name before an operator stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Field {
    State,
    Tag,
    Text(TextField),
    Number(NumberField),
    Time(TimeField),
    Flag(FlagField),
}

/// Name, what it stands for, and what a person is told of it.
pub(super) const FIELDS: [(&str, Field, &str); 18] = [
    ("state", Field::State, "the state, as in state:late,offline"),
    ("model", Field::Text(TextField::Model), "the model number"),
    (
        "firmware",
        Field::Text(TextField::Firmware),
        "the firmware version, as in firmware<2.1",
    ),
    ("fw", Field::Text(TextField::Firmware), "short for firmware"),
    ("tag", Field::Tag, "a tag, as in tag:site or tag:site=berlin"),
    (
        "seen",
        Field::Time(TimeField::Seen),
        "how long ago the last message came, as in seen>1d",
    ),
    ("label", Field::Text(TextField::Label), "the label"),
    (
        "endpoint",
        Field::Text(TextField::Endpoint),
        "the endpoint client name",
    ),
    (
        "manufacturer",
        Field::Text(TextField::Manufacturer),
        "the manufacturer",
    ),
    ("serial", Field::Text(TextField::Serial), "the serial number"),
    (
        "pending",
        Field::Number(NumberField::Pending),
        "how many operations wait, as in pending>0",
    ),
    (
        "lifetime",
        Field::Number(NumberField::Lifetime),
        "the lifetime in seconds, as in lifetime>=3600",
    ),
    (
        "queue",
        Field::Flag(FlagField::QueueMode),
        "queue mode: queue:yes or queue:no",
    ),
    (
        "security",
        Field::Text(TextField::Security),
        "none, psk, rpk or x509",
    ),
    (
        "version",
        Field::Text(TextField::Version),
        "the LwM2M version, as in version:1.2",
    ),
    (
        "address",
        Field::Text(TextField::Address),
        "the IP address and port",
    ),
    (
        "registered",
        Field::Time(TimeField::Registered),
        "how long ago it registered, as in registered<1h",
    ),
    (
        "parent",
        Field::Text(TextField::Parent),
        "the gateway it is behind",
    ),
];

/// The field of this name.
pub(super) fn find(name: &str) -> Option<Field> {
    FIELDS
        .iter()
        .find(|(known, ..)| known.eq_ignore_ascii_case(name))
        .map(|(_, field, _)| *field)
}

/// The field that somebody who wrote this name may have meant: one letter added, left out, replaced, or two swapped.
pub(super) fn meant(name: &str) -> Option<&'static str> {
    if name.len() < 3 || name.len() > 16 {
        return None;
    }
    let name = name.to_ascii_lowercase();
    FIELDS
        .iter()
        .map(|(known, ..)| *known)
        .filter(|known| known.len() > 2)
        .find(|known| is_slip(known.as_bytes(), name.as_bytes()))
}

fn is_slip(known: &[u8], written: &[u8]) -> bool {
    let same = known.iter().zip(written).take_while(|(a, b)| a == b).count();
    let (known, written) = (&known[same..], &written[same..]);
    match (known, written) {
        ([], []) => false,
        ([_, known @ ..], [_, written @ ..]) if known == written => true,
        ([_, known @ ..], written) if known == written => true,
        (known, [_, written @ ..]) if known == written => true,
        ([a, b, known @ ..], [c, d, written @ ..]) => a == d && b == c && known == written,
        _ => false,
    }
}
