//! The commented configuration file, written from the live defaults so that it cannot go stale.

use super::load::{ConfigError, defaults};
use std::fmt::Write;
use toml::Value;

/// What each key is for. A test holds this list against the keys there are.
const COMMENTS: &[(&str, &str)] = &[
    (
        "data_dir",
        "Where the database and everything else that lasts is kept.",
    ),
    (
        "listen",
        "An address such as \"0.0.0.0:5683\" or \"[::]:5683\", or \"off\".",
    ),
    (
        "listen.http",
        "The page, the REST interface and the live feed. Plain HTTP: put a TLS proxy before it to serve others than this machine.",
    ),
    ("listen.coap", "LwM2M over CoAP, UDP."),
    ("listen.coaps", "LwM2M over CoAP, UDP and DTLS."),
    ("listen.coap_tcp", "LwM2M over CoAP, TCP."),
    (
        "listen.coaps_tcp",
        "LwM2M over CoAP, TCP and TLS, with the key and certificates of [dtls].",
    ),
    ("listen.bootstrap_coap", "Bootstrap over CoAP, UDP."),
    ("listen.bootstrap_coaps", "Bootstrap over CoAP, UDP and DTLS."),
    (
        "listen.bootstrap_coap_tcp",
        "Bootstrap over CoAP, TCP; the usual port is 5783.",
    ),
    (
        "listen.bootstrap_coaps_tcp",
        "Bootstrap over CoAP, TCP and TLS, with the key and certificates of [dtls]; the usual port is 5784.",
    ),
    ("http", "The web side."),
    (
        "http.allowed_origins",
        "Origins besides the server's own that pages may call from, as a proxy with another name has: [\"https://muster.example\"].",
    ),
    (
        "http.trusted_proxies",
        "Addresses of proxies before this server, whose X-Forwarded-For is believed: [\"127.0.0.1\"].",
    ),
    (
        "http.public_metrics",
        "Whether /metrics is answered without a token. It tells counts, never names of devices.",
    ),
    ("auth", "Accounts and sessions."),
    (
        "auth.session_idle_minutes",
        "A session that asked for nothing for so long ends.",
    ),
    ("auth.session_absolute_hours", "Every session ends after so long."),
    (
        "auth.login_failures",
        "So many wrong passwords for one account from one address…",
    ),
    (
        "auth.login_window_seconds",
        "…within so long, and further attempts are refused until it is over.",
    ),
    ("lwm2m", "How devices are served."),
    (
        "lwm2m.shards",
        "UDP sockets, each with its thread. 0: one for every processor.",
    ),
    (
        "lwm2m.awake_window_seconds",
        "How long after its last message a device in queue mode is taken to listen (MAX_TRANSMIT_WAIT, RFC 7252).",
    ),
    (
        "lwm2m.operation_timeout_seconds",
        "How long a device may take to answer an operation that does not say another time.",
    ),
    (
        "dtls",
        "How devices and the server prove who they are. An empty path means the usual file in the data directory.",
    ),
    (
        "dtls.allow_unsecured",
        "Whether devices that have no credential here are let in over plain CoAP.",
    ),
    (
        "dtls.secret_key_file",
        "The key that encrypts secrets in the database, 32 bytes; made at the first start as secret.key. Keep it apart from backups.",
    ),
    (
        "dtls.key_file",
        "The server's private key, PEM, PKCS #8, ECDSA on P-256; made at the first start as server-key.pem.",
    ),
    (
        "dtls.certificate_file",
        "Its certificate chain, PEM; made at the first start as server-certificate.pem.",
    ),
    (
        "dtls.authority_key_file",
        "The private key of the authority that signs the certificates which bootstrap gives to devices, PEM; made at the first start as device-authority-key.pem.",
    ),
    (
        "dtls.authority_certificate_file",
        "Its certificate, PEM; made at the first start as device-authority.pem. Devices with certificates of it are trusted.",
    ),
    (
        "dtls.trusted_certificates",
        "PEM files of the authorities that devices' certificates may come from: [\"/etc/muster/ca.pem\"].",
    ),
    (
        "dtls.endpoint_name",
        "Where a certificate holds the endpoint name: \"common_name\", \"san_uri\" or \"san_dns\".",
    ),
    (
        "dtls.connection_id_length",
        "The bytes of connection ids (RFC 9146), by which a session outlives a change of address. 0: none.",
    ),
    (
        "dtls.require_extended_master_secret",
        "Whether devices without the extended master secret (RFC 7627) are refused. Older ones lack it.",
    ),
    (
        "dtls.max_handshakes",
        "So many handshakes may be under way on each shard.",
    ),
    ("streams", "Devices over TCP and TLS."),
    (
        "streams.connections",
        "So many connections may stand. Each is a file descriptor: raise the limit of the service as well.",
    ),
    (
        "streams.connections_per_address",
        "So many of them may come from one address, as of a gateway or a NAT.",
    ),
    (
        "streams.idle_minutes",
        "A connection on which the device said nothing for so long is closed.",
    ),
    (
        "streams.keep_alive_seconds",
        "After so long a silence the device is sent a Ping (RFC 8323), and the connection is closed if no Pong comes. 0: never, because a battery pays for it.",
    ),
    ("bootstrap", "How devices get their configuration."),
    (
        "bootstrap.unknown_devices",
        "What is done about a device that asks and is not known: \"refuse\", \"wait\" (it waits in a list for approval) or \"accept\" (anybody gets in who can reach the port).",
    ),
    (
        "bootstrap.coap_uri",
        "What devices are told of listen.coap, as in coap://muster.example:5683. Empty: the address by which they see this machine.",
    ),
    ("bootstrap.coaps_uri", "The same of listen.coaps."),
    ("ui", "The page."),
    (
        "ui.dir",
        "Serve the page from this directory instead of the one built in. Empty: the one built in.",
    ),
    ("log", "What is logged, on standard error."),
    (
        "log.level",
        "error, warn, info, debug or trace, also for a part: \"info,backend::auth=debug\".",
    ),
    ("log.format", "\"text\" or \"json\"."),
    ("limits", "How much is taken at a time, and how much is kept."),
    (
        "limits.body_bytes",
        "The largest body of a request to the REST interface.",
    ),
    (
        "limits.http_connections",
        "HTTP connections at a time, live feeds among them.",
    ),
    ("limits.live_connections", "Live feeds at a time."),
    ("limits.live_subscriptions", "Subscriptions of one live feed."),
    ("limits.devices", "So many devices may be known."),
    (
        "limits.registrations_per_second",
        "So many devices may register in a second; the others are told by 5.03 when to try again. 0: as many as come.",
    ),
    (
        "limits.queued_operations",
        "So many operations may wait for one device.",
    ),
    ("limits.journal_events", "So many events are kept."),
    ("limits.journal_days", "Events are kept so long."),
    ("limits.audit_rows", "So many entries of the audit log are kept."),
];

/// The file that says what the defaults are.
pub fn template() -> Result<String, ConfigError> {
    let defaults = defaults()?;
    let mut text = String::from(
        "# The configuration of Muster with its defaults. Each key can also be set by the environment:\n\
         # listen.coap by MUSTER__LISTEN__COAP.\n",
    );
    for (key, value) in defaults.iter().filter(|(_, value)| !value.is_table()) {
        entry(&mut text, key, key, value);
    }
    for (section, value) in &defaults {
        let Value::Table(table) = value else { continue };
        text.push('\n');
        comment(&mut text, section);
        push(&mut text, format_args!("[{section}]"));
        for (key, value) in table {
            entry(&mut text, &format!("{section}.{key}"), key, value);
        }
    }
    Ok(text)
}

fn entry(text: &mut String, full: &str, key: &str, value: &Value) {
    comment(text, full);
    push(text, format_args!("{key} = {value}"));
}

fn comment(text: &mut String, key: &str) {
    if let Some((_, comment)) = COMMENTS.iter().find(|(known, _)| *known == key) {
        push(text, format_args!("# {comment}"));
    }
}

fn push(text: &mut String, line: std::fmt::Arguments<'_>) {
    // Writing into a String cannot fail.
    let _ = writeln!(text, "{line}");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use std::collections::BTreeSet;

    #[test]
    fn the_template_reads_back_as_the_defaults() {
        let config: Config = toml::from_str(&template().unwrap()).unwrap();
        assert_eq!(config, Config::default());
    }

    #[test]
    fn every_key_has_its_comment_and_every_comment_its_key() {
        let mut keys = BTreeSet::new();
        for (key, value) in defaults().unwrap() {
            if let Value::Table(table) = &value {
                keys.extend(table.keys().map(|name| format!("{key}.{name}")));
            }
            keys.insert(key);
        }
        let commented: BTreeSet<String> = COMMENTS.iter().map(|(key, _)| (*key).to_owned()).collect();
        assert_eq!(keys, commented);
    }
}
