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

    fn uri(&self) -> String {
        let scheme = if self.psk.is_some() { "coaps" } else { "coap" };
        format!("{scheme}://{}:{}", self.host, self.port)
    }

    /// The address alone, without the brackets of an IPv6 address.
    fn bare_host(&self) -> &str {
        self.host.trim_start_matches('[').trim_end_matches(']')
    }

    fn is_ipv6(&self) -> bool {
        self.host.starts_with('[')
    }
}

/// One client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Tile {
    pub(super) name: &'static str,
    pub(super) about: &'static str,
    /// Its command line, or why there is none.
    pub(super) command: Result<String, &'static str>,
}

/// What stands in the place of a key that is not known.
const KEY: &str = "KEY_IN_HEX";

/// Every client, in the order in which they are shown.
pub(super) fn tiles(target: &Target) -> Vec<Tile> {
    vec![
        Tile {
            name: "Muster's simulator",
            about: "A device with sensors, a firmware to update and a place, in this program.",
            command: Ok(simulator(target)),
        },
        Tile {
            name: "Leshan's demo client",
            about: "Of Eclipse, in Java. The identity is text, the key hexadecimal.",
            command: Ok(leshan_demo(target)),
        },
        Tile {
            name: "Anjay's demo client",
            about: "Of AVSystem, in C. Identity and key are both in hexadecimal.",
            command: Ok(anjay(target)),
        },
        Tile {
            name: "Wakaama's client",
            about: "Of Eclipse, in C, LwM2M 1.0. Built with tinydtls for a pre-shared key.",
            command: Ok(wakaama(target)),
        },
        Tile {
            name: "A client on Leshan's library",
            about: "The small program in e2e/leshan-client of Muster's sources; mvn --quiet package builds it there.",
            command: Ok(leshan(target)),
        },
        Tile {
            name: "libcoap's coap-client",
            about: "A registration by hand. It answers nothing afterwards, so the device is soon late.",
            command: coap_client(target),
        },
    ]
}

fn simulator(target: &Target) -> String {
    let mut words = vec!["muster simulate".to_owned()];
    let flag = match target.way {
        Way::Direct => "--server",
        Way::Bootstrap => "--bootstrap",
    };
    words.push(format!("{flag} {}", target.uri()));
    words.push(format!("--endpoint {}", quoted(&target.endpoint)));
    if let Some((identity, key)) = &target.psk {
        words.push(format!("--psk-key {}", key.as_deref().unwrap_or(KEY)));
        if *identity != target.endpoint {
            words.push(format!("--psk-identity {}", quoted(identity)));
        }
    }
    words.join(" ")
}

/// The flags of `LeshanClientDemoCLI` and its `IdentitySection`.
fn leshan_demo(target: &Target) -> String {
    let mut words = vec![format!(
        "java -jar leshan-demo-client.jar -n {} -u {}",
        quoted(&target.endpoint),
        target.uri()
    )];
    if target.way == Way::Bootstrap {
        words.push("-b".into());
    }
    if let Some((identity, key)) = &target.psk {
        words.push(format!(
            "-i {} -p {}",
            quoted(identity),
            key.as_deref().unwrap_or(KEY)
        ));
    }
    words.join(" ")
}

fn leshan(target: &Target) -> String {
    let mut words = vec![format!(
        "java -jar e2e/leshan-client/target/leshan-client.jar --endpoint {} --server {}",
        quoted(&target.endpoint),
        target.uri()
    )];
    if target.way == Way::Bootstrap {
        words.push("--bootstrap".into());
    }
    if let Some((identity, key)) = &target.psk {
        words.push(format!(
            "--credential psk:{}:{}",
            hex(identity),
            key.as_deref().unwrap_or(KEY)
        ));
    }
    words.join(" ")
}

/// The flags of `demo/demo_args.c`.
fn anjay(target: &Target) -> String {
    let mut words = vec![format!(
        "./demo --endpoint-name {} --server-uri {}",
        quoted(&target.endpoint),
        target.uri()
    )];
    if target.way == Way::Bootstrap {
        words.push("--bootstrap".into());
    }
    words.push(match &target.psk {
        Some((identity, key)) => format!(
            "--security-mode psk --identity {} --key {}",
            hex(identity),
            key.as_deref().unwrap_or(KEY)
        ),
        None => "--security-mode nosec".into(),
    });
    words.join(" ")
}

/// The flags of `examples/client`.
fn wakaama(target: &Target) -> String {
    let mut words = vec!["./lwm2mclient".to_owned()];
    if !target.is_ipv6() {
        words.push("-4".into());
    }
    words.push(format!(
        "-n {} -h {} -p {}",
        quoted(&target.endpoint),
        target.bare_host(),
        target.port
    ));
    if target.way == Way::Bootstrap {
        words.push("-b".into());
    }
    if let Some((identity, key)) = &target.psk {
        words.push(format!(
            "-i {} -s {}",
            quoted(identity),
            key.as_deref().unwrap_or(KEY)
        ));
    }
    words.join(" ")
}

fn coap_client(target: &Target) -> Result<String, &'static str> {
    if target.way == Way::Bootstrap {
        return Err("It is no LwM2M client: nobody would take what the bootstrap server writes.");
    }
    let query = crate::params::encode(&target.endpoint);
    let (program, security) = match &target.psk {
        None => ("coap-client-notls", String::new()),
        // It takes the key as text, and 0x before hexadecimal.
        Some((identity, key)) => (
            "coap-client-openssl",
            format!("-u {} -k 0x{} ", quoted(identity), key.as_deref().unwrap_or(KEY)),
        ),
    };
    Ok(format!(
        "{program} -m post {security}-e '</1/0>,</3/0>' '{}/rd?ep={query}&lt=300&lwm2m=1.1&b=U'",
        target.uri()
    ))
}

/// A word of a shell's command line.
fn quoted(text: &str) -> String {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "-._:/@%+=,".contains(letter);
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
        tiles(&target).into_iter().map(|tile| tile.command).collect()
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
