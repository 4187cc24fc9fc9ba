//! By what a device proves who it is: the choice, what goes with it, and both as the server takes them.

use crate::dom::prelude::*;
use crate::ui::{Field, Icon, Select, owned};

/// What was chosen for one use: to register, or for bootstrap alone.
#[derive(Debug, Clone, Copy)]
pub(super) struct Choice {
    kind: RwSignal<String>,
    identity: RwSignal<String>,
    key: RwSignal<String>,
    public_key: RwSignal<String>,
}

/// A choice as the server takes it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Told {
    pub(super) mode: Option<String>,
    pub(super) identity: Option<String>,
    pub(super) key: Option<String>,
    pub(super) public_key: Option<String>,
    /// A key pair is made, and a certificate where the mode wants one.
    pub(super) generate: bool,
}

impl Choice {
    pub(super) fn new(kind: &str) -> Choice {
        Choice {
            kind: RwSignal::new(kind.to_owned()),
            identity: RwSignal::new(String::new()),
            key: RwSignal::new(String::new()),
            public_key: RwSignal::new(String::new()),
        }
    }

    /// Forgets what belongs to one device alone; the kind stays for the next.
    pub(super) fn clear(self) {
        for text in [self.identity, self.key, self.public_key] {
            text.set(String::new());
        }
    }

    pub(super) fn told(self) -> Told {
        told(
            &self.kind.get_untracked(),
            &self.identity.get_untracked(),
            &self.key.get_untracked(),
            &self.public_key.get_untracked(),
        )
    }
}

fn told(kind: &str, identity: &str, key: &str, public_key: &str) -> Told {
    let mode = match kind {
        "made" | "given" => "psk",
        "rpk" | "pair" => "rpk",
        "certified" | "x509" => "x509",
        "none" => "none",
        _ => return Told::default(),
    };
    let trimmed = |is_told: bool, text: &str| is_told.then(|| text.trim().to_owned());
    Told {
        mode: Some(mode.to_owned()),
        identity: trimmed(mode == "psk", identity).filter(|text| !text.is_empty()),
        // An empty key would have one made.
        key: trimmed(kind == "given", key),
        public_key: trimmed(kind == "rpk", public_key),
        generate: matches!(kind, "pair" | "certified"),
    }
}

/// Kind and word.
static KINDS: [(&str, &str); 7] = [
    ("made", "A pre-shared key that is made now"),
    ("pair", "A raw public key, its pair made now"),
    ("certified", "A certificate that is made now"),
    ("given", "A pre-shared key that it has"),
    ("rpk", "A raw public key that it has"),
    ("x509", "A certificate that it has"),
    ("none", "Nothing: no security"),
];

#[component]
pub(super) fn CredentialChoice(
    /// Begins the ids of the fields.
    id: &'static str,
    label: &'static str,
    /// The word for no choice.
    nothing: &'static str,
    choice: Choice,
) -> impl IntoView {
    let mut options = owned(&KINDS);
    options.insert(0, (String::new(), nothing.to_owned()));
    let kind = choice.kind;
    let identity = move || {
        view! {
            <Field id=Text::around(id, "-identity", "") label="Identity" value=choice.identity code=true hint="The endpoint name if left empty." />
        }
    };
    let more = move || match kind.get().as_str() {
        "made" => identity(),
        "given" => view! {
            {identity()}
            <Field id=Text::around(id, "-key", "") label="Key, in hexadecimal" value=choice.key code=true hint="16 to 64 bytes. It is kept encrypted and not shown again." />
        },
        "pair" | "certified" => view! {
            <p class="notice">
                <Icon name="info" />
                "The private key is made here and told once, in a file for the device. A certificate is of this server's own authority."
            </p>
        },
        "rpk" => view! {
            <Field id=Text::around(id, "-public", "") label="Public key, in hexadecimal" value=choice.public_key code=true hint="The DER SubjectPublicKeyInfo." />
        },
        "x509" => view! {
            <p class="notice">
                <Icon name="info" />
                "The certificate comes from an authority that the configuration trusts and carries the endpoint name."
            </p>
        },
        "none" => view! {
            <p class="notice tone-warning">
                <Icon name="warning" />
                "Anybody who knows the endpoint name can be this device."
            </p>
        },
        _ => View::Empty,
    };
    view! {
        <Select id=Text::around(id, "-kind", "") label=label value=kind options=options />
        {more}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_choice_tells_what_goes_with_it_and_nothing_else() {
        let check = |kind, wanted: [Option<&str>; 4], generate| {
            let [mode, identity, key, public_key] = wanted.map(|text| text.map(str::to_owned));
            let wanted = Told {
                mode,
                identity,
                key,
                public_key,
                generate,
            };
            assert_eq!(told(kind, " id ", " 00 ", " 30 "), wanted, "{kind}");
        };
        check("", [None; 4], false);
        check("made", [Some("psk"), Some("id"), None, None], false);
        check("given", [Some("psk"), Some("id"), Some("00"), None], false);
        check("rpk", [Some("rpk"), None, None, Some("30")], false);
        check("pair", [Some("rpk"), None, None, None], true);
        check("certified", [Some("x509"), None, None, None], true);
        check("x509", [Some("x509"), None, None, None], false);
        check("none", [Some("none"), None, None, None], false);
        assert_eq!(told("given", "", " ", "").key.as_deref(), Some(""));
    }
}
