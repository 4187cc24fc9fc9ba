//! What was made for a device and is told this once.

use crate::dom::prelude::*;
use crate::pages::provisioning::connect_href;
use crate::routing::device_href;
use crate::ui::{Button, Copy, Icon, save_text};
use shared::api::{GeneratedKey, Provisioned};

#[component]
pub(super) fn Made(made: &Provisioned, done: Callback<()>) -> impl IntoView {
    let endpoint = &*made.endpoint;
    let keys = [
        ("to register", "server", &made.generated),
        ("for bootstrap", "bootstrap", &made.generated_bootstrap),
    ];
    let mut told: Vec<(&str, &str, &GeneratedKey)> = Vec::new();
    for (word, purpose, key) in keys {
        if let Some(key) = key {
            told.push((word, purpose, key));
        }
    }
    let word = if made.created {
        "is known now."
    } else {
        "is described anew."
    };
    let secret = (!told.is_empty()).then(|| {
        let file = file(endpoint, &told);
        let name = plain(endpoint) + "-keys.csv";
        let save = Callback::new(move |()| save_text(&name, "text/csv", &file));
        view! {
            <p class="notice tone-warning">
                <Icon name="warning" />
                "Copy or save what is secret now: nobody can see it again."
            </p>
            {told.iter().map(|(word, _, key)| lines(word, key, endpoint)).collect_view()}
            <p class="bar"><Button icon="download" on_press=save>"Save as a file"</Button></p>
        }
    });
    view! {
        <div class="panel pv-made" role="status">
            <h2><a class="mono link" href=device_href(endpoint)>{Text::from(endpoint)}</a>" "{word}</h2>
            {secret}
            <p class="bar">
                <a class="btn" href=connect_href(endpoint)><Icon name="play" />"How to connect it"</a>
                <span class="end"><Button kind="primary" on_press=done>"Done"</Button></span>
            </p>
        </div>
    }
}

/// What was made for one use, with a file for the device where there is one.
fn lines(word: &str, key: &GeneratedKey, endpoint: &str) -> View {
    let line = |(name, text): (&'static str, &String)| {
        if text.is_empty() {
            return View::Empty;
        }
        let copy = format!("Copy: {name} {word}");
        view! {
            <div class="key-line">
                <span class="label">{name}</span>
                <code tabindex="0">{Text::from(&**text)}</code>
                <Copy text=text.clone() label=copy />
            </div>
        }
    };
    let file = (!key.pem.is_empty()).then(|| {
        let name = plain(endpoint) + ".pem";
        let pem = key.pem.clone();
        let save = Callback::new(move |()| save_text(&name, "application/x-pem-file", &pem));
        view! { <p class="bar"><Button small=true icon="download" on_press=save>"Save as PEM, for the device"</Button></p> }
    });
    let told = [
        ("Identity", &key.identity),
        ("Key", &key.key),
        ("Public key", &key.public_key),
        ("Private key", &key.private_key),
        ("Certificate", &key.certificate),
    ];
    view! {
        <h3>"Made "{Text::from(word)}</h3>
        <div class="stack">{told.into_iter().map(line).collect_view()}</div>
        {file}
    }
}

/// The keys in the form that those of an import have.
fn file(endpoint: &str, told: &[(&str, &str, &GeneratedKey)]) -> String {
    let mut text = String::from("endpoint,use,mode,identity,key,public_key,private_key,certificate\r\n");
    for (_, purpose, key) in told {
        let fields = [
            &field(endpoint),
            *purpose,
            &key.mode,
            &field(&key.identity),
            &key.key,
            &key.public_key,
            &key.private_key,
            &key.certificate,
        ];
        text.push_str(&fields.join(","));
        text.push_str("\r\n");
    }
    text
}

/// A field of CSV. RFC 4180.
fn field(text: &str) -> String {
    if text.contains(['"', ',', '\n', '\r']) || text.trim() != text {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}

/// A name for a file.
fn plain(endpoint: &str) -> String {
    let kept = |letter: char| {
        if letter.is_ascii_alphanumeric() || matches!(letter, '-' | '.' | '_') {
            letter
        } else {
            '-'
        }
    };
    endpoint.chars().map(kept).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_has_a_row_for_each_key() {
        let key = GeneratedKey {
            mode: "psk".into(),
            identity: "a,\"b\"".into(),
            key: "00ff".into(),
            public_key: String::new(),
            private_key: String::new(),
            certificate: String::new(),
            pem: String::new(),
        };
        let text = file("urn:a", &[("to register", "server", &key)]);
        assert_eq!(
            text,
            "endpoint,use,mode,identity,key,public_key,private_key,certificate\r\nurn:a,server,psk,\"a,\"\"b\"\"\",00ff,,,\r\n"
        );
        assert_eq!(plain("urn:imei:1/2"), "urn-imei-1-2");
    }
}
