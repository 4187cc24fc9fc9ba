//! The command lines of clients, as each of them documents its flags. Pure.

use shared::api::Listener;

/// How a device comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// It registers with what it has.
    Direct,
    /// It is told at its bootstrap where to register.
    Bootstrap,
}

impl Way {
    pub(super) const ALL: [Way; 2] = [Way::Direct, Way::Bootstrap];

    pub(super) const fn slug(self) -> Option<&'static str> {
        match self {
            Way::Direct => None,
            Way::Bootstrap => Some("bootstrap"),
        }
    }

    pub(super) fn from_slug(slug: Option<&str>) -> Way {
        match slug {
            Some("bootstrap") => Way::Bootstrap,
            _ => Way::Direct,
        }
    }

    pub(super) const fn word(self) -> &'static str {
        match self {
            Way::Direct => "Registers directly",
            Way::Bootstrap => "Asks for its bootstrap first",
        }
    }
}

/// What a command is filled in with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Target {
    endpoint: String,
    way: Way,
    host: String,
    port: String,
    /// Of a pre-shared key: its identity, and the key if it was made just now. Nothing without security.
    psk: Option<(String, Option<String>)>,
}

impl Target {
    /// Nothing if the server does not listen for it. A listener on every address is reached at `host`, by which the page
    /// was.
    pub(super) fn of(
        endpoint: &str,
        way: Way,
        secured: bool,
        identity: Option<String>,
        key: Option<String>,
        host: &str,
        listeners: &[Listener],
    ) -> Option<Target> {
        let scheme = match (way, secured) {
            (Way::Direct, false) => "coap",
            (Way::Direct, true) => "coaps",
            (Way::Bootstrap, false) => "bootstrap_coap",
            (Way::Bootstrap, true) => "bootstrap_coaps",
        };
        let listener = listeners.iter().find(|listener| listener.scheme == scheme)?;
        let (address, port) = listener.address.rsplit_once(':')?;
        let host = match address {
            "0.0.0.0" | "[::]" | "" => host,
            address => address,
        };
        let identity = identity.unwrap_or_else(|| endpoint.to_owned());
        Some(Target {
            endpoint: endpoint.to_owned(),
            way,
            host: host.to_owned(),
            port: port.to_owned(),
            psk: secured.then_some((identity, key)),
        })
    }

    /// What stands at a place of a command in braces.
    fn part(&self, name: &str) -> String {
        let (identity, key) = match &self.psk {
            Some((identity, key)) => (&**identity, key.as_deref()),
            None => ("", None),
        };
        let bootstraps = self.way == Way::Bootstrap;
        let flag = |is_set: bool, flag: &str| if is_set { flag.to_owned() } else { String::new() };
        match name {
            "uri" => {
                let scheme = if self.psk.is_some() { "coaps://" } else { "coap://" };
                [scheme, &self.host, ":", &self.port].concat()
            }
            "endpoint" => quoted(&self.endpoint),
            "query" => crate::params::encode(&self.endpoint),
            // Without the brackets of an IPv6 address.
            "host" => self.host.trim_start_matches('[').trim_end_matches(']').to_owned(),
            "port" => self.port.clone(),
            "identity" => quoted(identity),
            "hex" => hex(identity),
            "own" if identity == self.endpoint => String::new(),
            "own" => " --psk-identity ".to_owned() + &quoted(identity),
            // What stands in the place of a key that is not known.
            "key" => key.unwrap_or("KEY_IN_HEX").to_owned(),
            "server" if !bootstraps => "server".to_owned(),
            "server" => "bootstrap".to_owned(),
            "-4" => flag(!self.host.starts_with('['), " -4"),
            "-b" => flag(bootstraps, " -b"),
            _ => flag(bootstraps, " --bootstrap"),
        }
    }

    /// A command with its places filled in.
    fn fill(&self, command: &str) -> String {
        let mut text = String::new();
        for piece in command.split('}') {
            let (before, name) = piece.split_once('{').unwrap_or((piece, ""));
            text.push_str(before);
            if !name.is_empty() {
                text.push_str(&self.part(name));
            }
        }
        text
    }
}

/// One client, with its command lines: what stands in braces is filled in ([`Target::part`]).
#[derive(Debug)]
pub(super) struct Tile {
    pub(super) name: &'static str,
    pub(super) about: &'static str,
    /// Without security, and with a pre-shared key.
    open: &'static str,
    secured: &'static str,
    /// Why there is none with a bootstrap, if there is none.
    no_bootstrap: &'static str,
}

impl Tile {
    /// Its command line, or why there is none.
    pub(super) fn command(&self, target: &Target) -> Result<String, &'static str> {
        if target.way == Way::Bootstrap && !self.no_bootstrap.is_empty() {
            return Err(self.no_bootstrap);
        }
        Ok(target.fill(match target.psk {
            None => self.open,
            Some(_) => self.secured,
        }))
    }
}

/// Every client, in the order in which they are shown.
pub(super) static TILES: [Tile; 6] = [
    Tile {
        name: "Muster's simulator",
        about: "A device with sensors, a firmware to update and a place, in this program.",
        open: "muster simulate --{server} {uri} --endpoint {endpoint}",
        secured: "muster simulate --{server} {uri} --endpoint {endpoint} --psk-key {key}{own}",
        no_bootstrap: "",
    },
    // The flags of `LeshanClientDemoCLI` and its `IdentitySection`.
    Tile {
        name: "Leshan's demo client",
        about: "Of Eclipse, in Java. The identity is text, the key hexadecimal.",
        open: "java -jar leshan-demo-client.jar -n {endpoint} -u {uri}{-b}",
        secured: "java -jar leshan-demo-client.jar -n {endpoint} -u {uri}{-b} -i {identity} -p {key}",
        no_bootstrap: "",
    },
    // The flags of `demo/demo_args.c`.
    Tile {
        name: "Anjay's demo client",
        about: "Of AVSystem, in C. Identity and key are both in hexadecimal.",
        open: "./demo --endpoint-name {endpoint} --server-uri {uri}{--bootstrap} --security-mode nosec",
        secured: "./demo --endpoint-name {endpoint} --server-uri {uri}{--bootstrap} --security-mode psk --identity {hex} --key {key}",
        no_bootstrap: "",
    },
    // The flags of `examples/client`.
    Tile {
        name: "Wakaama's client",
        about: "Of Eclipse, in C, LwM2M 1.0. Built with tinydtls for a pre-shared key.",
        open: "./lwm2mclient{-4} -n {endpoint} -h {host} -p {port}{-b}",
        secured: "./lwm2mclient{-4} -n {endpoint} -h {host} -p {port}{-b} -i {identity} -s {key}",
        no_bootstrap: "",
    },
    Tile {
        name: "A client on Leshan's library",
        about: "The small program in e2e/leshan-client of Muster's sources; mvn --quiet package builds it there.",
        open: "java -jar e2e/leshan-client/target/leshan-client.jar --endpoint {endpoint} --server {uri}{--bootstrap}",
        secured: "java -jar e2e/leshan-client/target/leshan-client.jar --endpoint {endpoint} --server {uri}{--bootstrap} --credential psk:{hex}:{key}",
        no_bootstrap: "",
    },
    // It takes the key as text, and 0x before hexadecimal.
    Tile {
        name: "libcoap's coap-client",
        about: "A registration by hand. It answers nothing afterwards, so the device is soon late.",
        open: "coap-client-notls -m post -e '</1/0>,</3/0>' '{uri}/rd?ep={query}&lt=300&lwm2m=1.1&b=U'",
        secured: "coap-client-openssl -m post -u {identity} -k 0x{key} -e '</1/0>,</3/0>' '{uri}/rd?ep={query}&lt=300&lwm2m=1.1&b=U'",
        no_bootstrap: "It is no LwM2M client: nobody would take what the bootstrap server writes.",
    },
];

/// A word of a shell's command line.
fn quoted(text: &str) -> String {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || shared::text::has("-._:/@%+=,", letter);
    if !text.is_empty() && text.chars().all(plain) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', "'\\''"))
    }
}

fn hex(text: &str) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |nibble: u8| char::from(DIGITS[usize::from(nibble)]);
    text.bytes()
        .flat_map(|byte| [digit(byte >> 4), digit(byte & 15)])
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listeners() -> Vec<Listener> {
        [
            ("coap", "0.0.0.0:15683"),
            ("coaps", "[::]:15684"),
            ("bootstrap_coaps", "192.0.2.7:15784"),
        ]
        .map(|(scheme, address)| Listener {
            scheme: scheme.into(),
            address: address.into(),
        })
        .to_vec()
    }

    fn commands(
        endpoint: &str,
        way: Way,
        secured: bool,
        key: Option<&str>,
    ) -> Vec<Result<String, &'static str>> {
        let identity = secured.then(|| "id".to_owned());
        let key = key.map(str::to_owned);
        let target = Target::of(
            endpoint,
            way,
            secured,
            identity,
            key,
            "muster.example",
            &listeners(),
        );
        let target = target.expect("the server listens for it");
        TILES.iter().map(|tile| tile.command(&target)).collect()
    }

    #[test]
    fn without_security() {
        let wanted = [
            "muster simulate --server coap://muster.example:15683 --endpoint 'pump 1'",
            "java -jar leshan-demo-client.jar -n 'pump 1' -u coap://muster.example:15683",
            "./demo --endpoint-name 'pump 1' --server-uri coap://muster.example:15683 --security-mode nosec",
            "./lwm2mclient -4 -n 'pump 1' -h muster.example -p 15683",
            "java -jar e2e/leshan-client/target/leshan-client.jar --endpoint 'pump 1' --server coap://muster.example:15683",
            "coap-client-notls -m post -e '</1/0>,</3/0>' 'coap://muster.example:15683/rd?ep=pump%201&lt=300&lwm2m=1.1&b=U'",
        ];
        assert_eq!(
            commands("pump 1", Way::Direct, false, None),
            wanted.map(|text| Ok(text.to_owned()))
        );
    }

    #[test]
    fn with_a_key_that_is_known_and_one_that_is_not() {
        let known = commands("pump-1", Way::Direct, true, Some("00ff"));
        assert_eq!(
            known[0].as_deref(),
            Ok(
                "muster simulate --server coaps://muster.example:15684 --endpoint pump-1 --psk-key 00ff --psk-identity id"
            )
        );
        assert_eq!(
            known[2].as_deref(),
            Ok(
                "./demo --endpoint-name pump-1 --server-uri coaps://muster.example:15684 --security-mode psk --identity 6964 --key 00ff"
            )
        );
        let unknown = commands("pump-1", Way::Bootstrap, true, None);
        assert_eq!(
            unknown[1].as_deref(),
            Ok(
                "java -jar leshan-demo-client.jar -n pump-1 -u coaps://192.0.2.7:15784 -b -i id -p KEY_IN_HEX"
            )
        );
        assert_eq!(
            unknown[4].as_deref(),
            Ok(
                "java -jar e2e/leshan-client/target/leshan-client.jar --endpoint pump-1 --server coaps://192.0.2.7:15784 --bootstrap --credential psk:6964:KEY_IN_HEX"
            )
        );
        assert_eq!(
            unknown[3].as_deref(),
            Ok("./lwm2mclient -4 -n pump-1 -h 192.0.2.7 -p 15784 -b -i id -s KEY_IN_HEX")
        );
        assert!(unknown[5].is_err());
    }

    #[test]
    fn a_listener_that_is_off_has_no_commands() {
        assert_eq!(
            Target::of("a", Way::Bootstrap, false, None, None, "host", &listeners()),
            None
        );
    }
}
