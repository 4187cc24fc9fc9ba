//! What is wrong with a registration without being a reason to refuse it, rule by rule.

use shared::api::Lint;

/// The most notes kept of one registration; a device that breaks every rule is understood from fewer.
pub(crate) const MAX: usize = 40;

/// The rules, each with its stable name and the section that states it.
macro_rules! rules {
    ($($variant:ident = $name:literal, $section:literal;)*) => {
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum Rule { $($variant,)* }

        impl Rule {
            pub(crate) const fn name(self) -> &'static str {
                match self { $(Rule::$variant => $name,)* }
            }

            pub(crate) const fn section(self) -> &'static str {
                match self { $(Rule::$variant => $section,)* }
            }
        }
    };
}

rules! {
    NoVersion = "no_version", "LwM2M Core 1.2 §6.2.1.2";
    NoLifetime = "no_lifetime", "LwM2M Core 1.2 §6.2.1.2";
    ShortLifetime = "short_lifetime", "RFC 7252 §4.8.2";
    EndlessLifetime = "endless_lifetime", "LwM2M Core 1.2 §6.2.1.2";
    NoBinding = "no_binding", "LwM2M Core 1.2 §6.2.1.2";
    UnknownBinding = "unknown_binding", "LwM2M Core 1.2 §6.2.1.2";
    QueueModeInBinding = "queue_mode_in_binding", "LwM2M Core 1.1 §6.2.1.2";
    QueueModeParameter = "queue_mode_parameter", "LwM2M Core 1.0 §5.3.1";
    NoUdp = "no_udp", "LwM2M Core 1.2 §6.2.1.2";
    NoTcp = "no_tcp", "LwM2M Core 1.2 §6.2.1.2";
    UnknownParameter = "unknown_parameter", "LwM2M Core 1.2 §6.2.1.2";
    OddNumber = "odd_sms_number", "LwM2M Core 1.2 §6.2.1.2";
    NoContentFormat = "no_content_format", "LwM2M Core 1.2 §7.4";
    NoObjects = "no_objects", "LwM2M Core 1.2 §6.2.1.2";
    VersionOnInstance = "ver_on_instance", "LwM2M Core 1.2 §6.2.1.2";
    BadObjectVersion = "bad_object_version", "LwM2M Core 1.2 §7.2.2";
    DuplicateLink = "duplicate_link", "LwM2M Core 1.2 §6.2.1.2";
    NoServerObject = "no_server_object", "LwM2M Core 1.2 §6.2.1.2";
    NoDeviceObject = "no_device_object", "LwM2M Core 1.2 Appendix E";
    HiddenObject = "hidden_object", "LwM2M Core 1.2 §6.2.1.2";
    NotAnObject = "not_an_object", "LwM2M Core 1.2 §6.2.1.2";
    TooDeep = "link_too_deep", "LwM2M Core 1.2 §6.2.1.2";
    OddResourceType = "odd_resource_type", "LwM2M Core 1.2 §6.4.1";
    NumericRoot = "numeric_alternate_path", "LwM2M Core 1.2 §6.4.1";
    OutsideRoot = "outside_alternate_path", "LwM2M Core 1.2 §6.4.1";
    OddContentType = "odd_content_type", "RFC 7252 §7.2.1";
}

impl Rule {
    /// The note that this rule is broken in the way the sentence says.
    pub(crate) fn broken(self, message: impl Into<String>) -> Lint {
        Lint {
            rule: self.name().into(),
            message: message.into(),
            section: self.section().into(),
        }
    }
}

/// Notes in the order in which they were made, at most [`MAX`].
#[derive(Debug, Default)]
pub(crate) struct Notes(Vec<Lint>);

impl Notes {
    pub(crate) fn add(&mut self, rule: Rule, message: impl Into<String>) {
        if self.0.len() < MAX {
            self.0.push(rule.broken(message));
        }
    }

    pub(crate) fn into_boxed(self) -> Box<[Lint]> {
        self.0.into_boxed_slice()
    }
}
